// Runs test vectors with the wait package, and prints a JSON object for each, as tests/client/vectors.py does.
// Arguments: the file with the vectors of all services.
import { readFileSync } from "node:fs";

import * as wait from "./wait/index.js";
import { parsed } from "./wait/wait.js";

const services = wait as unknown as Record<string, wait.Service>;

function data(snapshot: wait.JobSnapshot): object {
  return {
    id: snapshot.id,
    state: snapshot.state,
    progress: snapshot.progress === null ? null : snapshot.progress.toFixed(6),
    started_at: snapshot.startedAt,
    ended_at: snapshot.endedAt,
    reason: snapshot.reason,
    code: snapshot.code,
    children: snapshot.children.map(data),
  };
}

function at(value: any, pointer: string): unknown {
  return pointer.split("/").slice(1).reduce((found, key) => found?.[key], value);
}

function clock(chance: number) {
  const slept: number[] = [];
  const now = () => slept.reduce((sum, each) => sum + each, 0);
  return { slept, now, random: () => chance, sleep: async (seconds: number) => void slept.push(seconds) };
}

const rounded = (seconds: number) => Math.round(seconds * 100 + 1e-7) / 100;

function jobs(service: wait.Service, given: Record<string, string>, fetch: typeof globalThis.fetch, more: object = {}) {
  const needed = service.parameters.filter((each) => each.required).map(({ name }) => [name, given[name] ?? "1"]);
  const parameters = Object.fromEntries(needed);
  return new wait.Jobs(service, { baseUrl: "https://service.example.com", parameters, fetch, ...more });
}

async function error(service: wait.Service, vector: any): Promise<object> {
  const { status, headers, body } = vector.response;
  const fetch = async () => new Response(body, { status, headers });
  const failure = await jobs(service, {}, fetch, { maxRetries: 0 })
    .wait("1", { timeout: 0 })
    .catch((caught: wait.WaitError) => (caught.cause as wait.WaitError | undefined) ?? caught);
  const found = failure as wait.WaitError;
  return { code: found.code, message: found.serviceMessage, request_id: found.requestId };
}

async function waited(service: wait.Service, vectors: any, vector: any): Promise<object> {
  const time = clock(vector.random);
  const states: string[] = [];
  let requests = 0;
  const fetch = async (url: any) => {
    const further = vectors.further_pages;
    if (further && (new URL(url).searchParams.get(further.parameter) ?? "0") !== "0") {
      return Response.json(vectors.bodies[further.body]);
    }
    const step = vector.responses[Math.min(requests++, vector.responses.length - 1)];
    if (requests > 100) process.exit(1);
    if (step.fails === "body") {
      const cut = new ReadableStream({ start: (controller) => controller.error(new TypeError("terminated")) });
      return new Response(cut, { status: 200 });
    }
    if (step.fails) throw new TypeError("fetch failed");
    const content = "body" in step ? JSON.stringify(vectors.bodies[step.body]) : step.text;
    return new Response(content, { status: step.status, headers: step.headers });
  };
  const { timeout, poll_interval: pollInterval, not_found_grace: notFoundGrace } = vector.options;
  const options = { timeout, pollInterval, notFoundGrace, onProgress: (each: wait.JobSnapshot) => states.push(each.state) };
  const result = await jobs(service, vector.arguments, fetch, { clock: time })
    .wait(vector.job_id, options)
    .then(
      (done) => ({ state: done.state }),
      (caught) => {
        if (!(caught instanceof wait.WaitError)) throw caught;
        const { kind, snapshot } = caught;
        if (kind === "job-failed") return { error: kind, state: snapshot?.state, reason: caught.reason };
        if (kind === "timeout") return { error: kind, state: snapshot?.state ?? null };
        return kind === "status" ? { error: kind, status: caught.status } : { error: kind };
      },
    );
  return { requests, slept: time.slept.map(rounded), states, result };
}

for (const vectors of JSON.parse(readFileSync(process.argv[2]!, "utf-8"))) {
  const service = services[vectors.service]!;
  const reader = jobs(service, {}, fetch);
  for (const vector of vectors.snapshots) {
    const snapshot = reader.snapshot(at(parsed(vector.response.body), vector.job));
    console.log(JSON.stringify({ name: vector.name, ...data("child" in vector ? snapshot.children[vector.child]! : snapshot) }));
  }
  for (const vector of vectors.errors) console.log(JSON.stringify({ name: vector.name, ...(await error(service, vector)) }));
  for (const vector of vectors.waits) {
    console.log(JSON.stringify({ name: vector.name, ...(await waited(service, vectors, vector)) }));
  }
}
