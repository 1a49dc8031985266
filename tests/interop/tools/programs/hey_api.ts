// The calls of read.ts with the clients of @hey-api/openapi-ts.
import * as cceClient from "./hey-api/cce/index.js";
import * as gesClient from "./hey-api/ges/index.js";
import * as iefClient from "./hey-api/ief/index.js";
import * as yuanrongClient from "./hey-api/yuanrong/index.js";

type Call<P> = { baseUrl: string; fetch: typeof globalThis.fetch; path: P };
type Job = { project_id: string; job_id: string };

const headers = { "X-Auth-Token": "x" };

export const cce = (options: Call<Job>) => cceClient.getJob({ ...options, headers });

export const ges = (options: Call<{ project_id: string; graph_name: string }>) =>
  gesClient.listJobs({ ...options, headers });

export const ief = (options: Call<Job>) => iefClient.getBatchJob({ ...options, headers });

export const yuanrong = (options: Call<{ submissionId: string }>) => yuanrongClient.getJob(options);
