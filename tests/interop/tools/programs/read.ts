// Reads jobs with the clients that calls.ts calls, and prints a JSON object for each. calls.ts is a copy of
// openapi_fetch.ts or hey_api.ts.
// A line of the standard input is a service, the address of its server, and the arguments of its operation.
import { createInterface } from "node:readline";

import * as calls from "./calls.js";

/** The values of a response, or the status and text of an error. */
async function values<T>(
  call: Promise<{ data?: T; response?: Response }>,
  read: (job: T) => object,
): Promise<object> {
  const { data, response } = await call;
  if (!response) throw new Error("no response");
  if (response.ok) return read(data as T);
  return { status: response.status, error: bodies.get(response) };
}

const bodies = new WeakMap<Response, string>();

/** Keeps the text of each response, which the clients parse. */
async function fetched(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await globalThis.fetch(input, init);
  bodies.set(response, await response.clone().text());
  return response;
}

type Reader = (baseUrl: string, words: string[]) => Promise<object>;

const readers: Record<string, Reader> = {
  cce: (baseUrl, [project_id = "", job_id = ""]) =>
    values(
      calls.cce({ baseUrl, fetch: fetched, path: { project_id, job_id } }),
      (job) => ({
        id: job.metadata.uid,
        state: job.status?.phase,
        reason: job.status?.reason,
        type: job.spec?.type ?? null,
        created: job.metadata.creationTimestamp,
        children: (job.spec?.subJobs ?? []).map((child) => child.status?.phase ?? null),
      }),
    ),
  ges: (baseUrl, [project_id = "", graph_name = ""]) =>
    values(
      calls.ges({ baseUrl, fetch: fetched, path: { project_id, graph_name } }),
      ({ jobs = [], jobCount = null }) => ({
        count: jobCount,
        states: jobs.map((job) => job.status),
        types: jobs.map((job) => job.taskType),
        progress: jobs.map((job) => job.progress),
        started: jobs.map((job) => job.startTime),
        reason: jobs[0]?.failReason,
        file: jobs[2]?.files?.[0]?.edgeFiles?.[0]?.startTime,
      }),
    ),
  ief: (baseUrl, [project_id = "", job_id = ""]) =>
    values(
      calls.ief({ baseUrl, fetch: fetched, path: { project_id, job_id } }),
      (job) => ({
        id: job.job_id,
        state: job.status,
        type: job.job_type,
        created: job.created_at,
        updated: job.status_last_updated_at,
        total: job.task_total_count,
        tasks: (job.tasks ?? []).map((task) => task.status),
      }),
    ),
  yuanrong: (baseUrl, [submissionId = ""]) =>
    values(
      calls.yuanrong({ baseUrl, fetch: fetched, path: { submissionId } }),
      (job) => ({
        id: job.submission_id,
        state: job.status,
        type: job.type,
        start: job.start_time,
        end: job.end_time,
        exit: job.driver_exit_code,
        pid: job.driver_info?.pid,
        ttl: job.metadata?.ttl ?? null,
      }),
    ),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [service = "", url = "", ...words] = line.split(" ");
  console.log(JSON.stringify(await readers[service]!(url, words)));
}
