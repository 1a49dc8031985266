// The calls of read.ts with openapi-fetch and the types of openapi-typescript.
import createClient from "openapi-fetch";

import type { paths as Cce } from "./cce.js";
import type { paths as Ges } from "./ges.js";
import type { paths as Ief } from "./ief.js";
import type { paths as Yuanrong } from "./yuanrong.js";

type Call<P> = { baseUrl: string; fetch: typeof globalThis.fetch; path: P };
type Job = { project_id: string; job_id: string };

const headers = { "X-Auth-Token": "x" };

export const cce = ({ path, ...options }: Call<Job>) =>
  createClient<Cce>({ ...options, headers }).GET("/api/v3/projects/{project_id}/jobs/{job_id}", { params: { path } });

export const ges = ({ path, ...options }: Call<{ project_id: string; graph_name: string }>) =>
  createClient<Ges>({ ...options, headers }).GET("/ges/v1.0/{project_id}/graphs/{graph_name}/jobs/status", {
    params: { path },
  });

export const ief = ({ path, ...options }: Call<Job>) =>
  createClient<Ief>({ ...options, headers }).GET("/v2/{project_id}/productmgr/jobs/{job_id}", { params: { path } });

export const yuanrong = ({ path, ...options }: Call<{ submissionId: string }>) =>
  createClient<Yuanrong>(options).GET("/api/jobs/{submissionId}", { params: { path } });
