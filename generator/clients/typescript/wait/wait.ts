/** Waits for jobs: polls with a schedule, and continues after transient failures. */

import { isFinal, isObject, scalarText, snapshotOf, textAt, valueAt } from "./snapshot.js";
import type { JobState } from "./services.js";
import type { JobMappings, JobSnapshot, Path } from "./snapshot.js";

type Place = { path: Path } | { header: string };

/** The request for a job of one service, and the fields of its responses. */
export interface Service {
  service: string;
  operation: string;
  method: string;
  path: string;
  parameters: readonly { name: string; in: string; required: boolean }[];
  headers: Readonly<Record<string, string>>;
  poll: Poll;
  pages: Pages | null;
  job: string | null;
  jobs: JobMappings;
  errors: { code: readonly Place[]; message: readonly Place[]; requestId: readonly Place[] };
}

interface Poll {
  argument: string; body: string; bodyIsList: boolean; url: boolean; interval: number | null;
  job: Path; items: Path | null; match: Path; statuses: Readonly<Record<string, JobState>>;
}

interface Pages {
  offset: string; page: string; first: number; token: string;
  next: Place | null; total: Path | null; more: Path | null;
}

type Headers_ = Record<string, string>;

export interface JobsOptions {
  /** Address of the service, such as `https://host/path`. */
  baseUrl: string;
  /** Parameters of the operation, such as `{ project_id: "p1" }`. */
  parameters?: Record<string, string | number>;
  /** Further headers of each request, such as a token. A function is called before each request and after a 401. */
  headers?: Headers_ | (() => Headers_ | Promise<Headers_>);
  fetch?: typeof globalThis.fetch;
  /** Retries of one request; 2 by default. */
  maxRetries?: number;
  /** Seconds for one request; 60 by default. */
  requestTimeout?: number;
  /** Replaced in tests. */
  clock?: Clock;
}

export interface WaitOptions {
  /** Seconds for the whole wait; without it, it lasts until the job ends. */
  timeout?: number;
  /** Seconds between polls; by default they grow from 1 to 30. */
  pollInterval?: number;
  /** Seconds during which a job that does not exist yet is awaited; 0 by default. */
  notFoundGrace?: number;
  /** Called with each changed snapshot. */
  onProgress?: (snapshot: JobSnapshot) => unknown;
  /** Ends the wait; the job continues. */
  signal?: AbortSignal;
}

export interface Clock {
  /** Seconds. */
  now(): number;
  random(): number;
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * `job-failed`: the job ended without success, see `snapshot`, `reason` and `failedChild`. `timeout`: the timeout of the wait
 * expired, `snapshot` is the last one seen. `not-found`: the job does not exist. `status`: another status that is not 2xx,
 * see `status`, `code` and `requestId`. `connection`: no response. `invalid-response`: a 2xx response that cannot be used.
 * `cancelled`: the signal was aborted; the job continues.
 */
export type WaitErrorKind =
  "job-failed" | "timeout" | "not-found" | "status" | "connection" | "invalid-response" | "cancelled";

export class WaitError extends Error {
  readonly snapshot: JobSnapshot | null = null;
  readonly failedChild: JobSnapshot | null = null;
  readonly reason: string | null = null;
  readonly status: number | null = null;
  readonly code: string | null = null;
  readonly serviceMessage: string | null = null;
  readonly requestId: string | null = null;
  readonly retryAfter: number | null = null;

  constructor(readonly kind: WaitErrorKind, message: string, details: Partial<WaitError> = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = "WaitError";
    const { cause: _, ...others } = details;
    Object.assign(this, others);
  }
}

const RETRYABLE = [408, 429, 500, 502, 503, 504];
const SHORTEST_PAUSE = 0.2;
const LONGEST_RETRY_AFTER = 60;
const MOST_FAILURES = 10;
const MOST_MISSES = 3;

type Reply = { status: number; headers: Headers; body: unknown; retryAfter: number | null };

/** The jobs of one service. */
export class Jobs {
  constructor(readonly service: Service, readonly options: JobsOptions) {
    new URL(options.baseUrl);
    const given = { ...options.parameters };
    const needed = service.parameters.filter(({ name, required }) => required && name !== service.poll.argument);
    const missing = needed.find(({ name }) => !(name in given));
    if (missing) throw new TypeError(`parameters must have ${missing.name}, got ${Object.keys(given).join(", ") || "none"}`);
  }

  /** Return the snapshot of a job that a client has read. */
  snapshot<T>(job: T): JobSnapshot<T> {
    if (this.service.job === null) throw new TypeError(`${this.service.service} must have jobs in bodies, got status codes alone: use wait`);
    return snapshotOf(job, this.service.job, this.service.jobs);
  }

  /** Return the snapshot of a job that succeeded. Throws a `WaitError` for any other result. */
  async wait<T = unknown>(id: string | number, options: WaitOptions = {}): Promise<JobSnapshot<T>> {
    if (id === "") throw new TypeError("id must be a number or a string with a character, got ''");
    for (const name of ["timeout", "pollInterval", "notFoundGrace"] as const) {
      const value = options[name] ?? 0;
      if (!(value >= 0 && value <= 1e9)) throw new RangeError(`${name} must be from 0 to 1e9 seconds, got ${value}`);
    }
    return (await new Wait(this, id, options).run()) as JobSnapshot<T>;
  }
}

const realClock: Clock = {
  now: () => performance.now() / 1000,
  random: Math.random,
  sleep: (seconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(seconds * 1000, 2 ** 31 - 1));
      signal?.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
    }),
};

/** One wait for one job. */
class Wait {
  private readonly clock: Clock;
  private readonly service: Service;
  private readonly settings: JobsOptions;
  private readonly id: string;
  private readonly ends: number | null;
  private readonly graceEnds: number;
  private snapshot: JobSnapshot | null = null;
  private isOver = false;
  private lastError: WaitError | null = null;
  private failures = 0;
  private misses = 0;
  private interval = 1;
  private retryAfter = 0;
  /** Whether the service has ever responded. Before that, the address may be wrong. */
  private isConfirmed = false;
  private isLimited = false;

  constructor({ service, options: settings }: Jobs, private readonly rawId: string | number, readonly options: WaitOptions) {
    [this.service, this.settings, this.id] = [service, settings, String(rawId)];
    this.clock = settings.clock ?? realClock;
    const now = this.clock.now();
    this.ends = options.timeout === undefined ? null : now + options.timeout;
    this.graceEnds = now + (options.notFoundGrace ?? 0);
  }

  async run(): Promise<JobSnapshot> {
    for (;;) {
      this.throwIfCancelled();
      await this.poll();
      if (this.isOver) break;
      const pause = this.pause();
      await this.clock.sleep(pause ?? this.left() ?? 0, this.options.signal);
      this.throwIfCancelled();
      if (pause === null) {
        const seen = this.snapshot ? `is ${this.snapshot.state}` : "was never seen";
        const text = `job '${this.id}' ${seen} after ${this.options.timeout} s`;
        throw this.error("timeout", text, this.lastError ? { cause: this.lastError } : {});
      }
    }
    if (this.snapshot === null || !isFinal(this.snapshot)) throw this.lastError!;
    if (this.snapshot.state !== "succeeded") throw this.failure(this.snapshot);
    return this.snapshot;
  }

  private throwIfCancelled(): void {
    const text = `the wait for job '${this.id}' was cancelled; the job continues`;
    if (this.options.signal?.aborted) throw this.error("cancelled", text);
  }

  private async poll(): Promise<void> {
    const { poll, pages } = this.service;
    let page: Page | null = pages && { rows: 0, number: pages.first, next: null };
    const listed = new Set<string>();
    for (;;) {
      let reply: Reply, found: unknown;
      try {
        reply = await this.call(page);
        found = this.find(reply);
      } catch (error) {
        if (!(error instanceof WaitError)) throw error;
        return this.onError(error);
      }
      this.isConfirmed = true;
      this.failures = 0;
      this.lastError = null;
      this.retryAfter = Math.min(reply.retryAfter ?? 0, LONGEST_RETRY_AFTER);
      if (found !== undefined) return this.onJob(found, poll.statuses[reply.status]);
      if (page === null || poll.items === null || poll.argument || poll.body || poll.url) break;
      const ids = rowsOf(reply.body, poll.items).map((row) => scalarText(valueAt(row, poll.match)));
      page = this.nextPage(page, reply, ids.length);
      // A page without a new row is the last one, or the service ignores the parameters of a page.
      const known = listed.size;
      ids.forEach((each) => each !== null && listed.add(each));
      if (page === null || listed.size === known) break;
    }
    this.onMissing(this.error("not-found", `the response has no job '${this.id}'`, { status: 200 }));
  }

  /** Return the job in a response; undefined if it has none. */
  private find(reply: Reply): unknown {
    const { poll, job, jobs } = this.service;
    if (poll.statuses[reply.status] !== undefined) return reply.body ?? null;
    if (poll.items !== null) {
      const isJob = (row: unknown): boolean => isObject(row) && scalarText(valueAt(row, poll.match)) === this.id;
      return rowsOf(reply.body, poll.items).find(isJob);
    }
    const found = valueAt(reply.body, poll.job);
    if (!isObject(found)) return undefined;
    const other = job === null || poll.url ? null : textAt(found, jobs[job]!.id);
    if (other === null || normal(other) === normal(this.id)) return found;
    throw this.error("invalid-response", `the response must be of job '${this.id}', got job '${other}'`);
  }

  private nextPage(page: Page, reply: Reply, count: number): Page | null {
    const pages = this.service.pages!;
    const total = pages.total && valueAt(reply.body, pages.total);
    const rows = page.rows + count;
    if (pages.more && valueAt(reply.body, pages.more) === false) return null;
    if (typeof total === "number" && rows >= total) return null;
    if (pages.next === null) return count > 0 ? { rows, number: page.number + 1, next: null } : null;
    let next = placeOf(pages.next, reply.body, reply.headers);
    if (next !== null && "header" in pages.next && pages.next.header.toLowerCase() === "link") {
      next = /<([^<>]*)>(?:\s*;\s*[^\s;,=]+=(?:"[^"]*"|[^\s;,]*))*?\s*;\s*rel="?next\b/i.exec(next)?.[1] ?? null;
    }
    if (next !== null && !pages.token) {
      const url = new URL(next, this.url(page));
      // Never send credentials to another host.
      next = url.origin === new URL(this.settings.baseUrl).origin ? url.href : null;
    }
    return next === null || next === page.next ? null : { rows, number: page.number + 1, next };
  }

  private onJob(job: unknown, state: JobState | undefined): void {
    const { job: name, jobs, poll } = this.service;
    const before = this.snapshot;
    let now: JobSnapshot =
      name !== null && isObject(job)
        ? snapshotOf<unknown>(job, name, jobs)
        : { ...NOTHING, id: poll.url ? null : this.id, job };
    if (state !== undefined) now = { ...now, state, progress: state === "succeeded" ? 1 : now.progress };
    if (before !== null) now = withMonotonicProgress(before, now);
    this.snapshot = now;
    this.misses = 0;
    this.isOver = isFinal(now);
    if (before === null || compared(before) !== compared(now)) this.options.onProgress?.(now);
  }

  private onError(error: WaitError): void {
    this.lastError = error;
    this.retryAfter = 0;
    if (error.kind === "not-found") return this.onMissing(error);
    this.failures += 1;
    const isTransient = error.kind !== "status" || RETRYABLE.includes(error.status!);
    if (!isTransient || this.failures > this.mostFailures(error)) this.isOver = true;
    else this.retryAfter = Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER);
  }

  private mostFailures(error: WaitError): number {
    if (this.isConfirmed || error.kind !== "connection") return MOST_FAILURES;
    return this.isLimited && error.cause === undefined ? MOST_FAILURES : 0;
  }

  private onMissing(error: WaitError): void {
    this.lastError = error;
    this.misses += 1;
    // A job that was seen may be missing for some polls: a replica can be behind.
    const isGone = this.snapshot === null || this.misses > MOST_MISSES;
    if (isGone && this.clock.now() >= this.graceEnds) this.isOver = true;
  }

  /** Return the seconds until the next poll; null if there is no time for one. */
  private pause(): number | null {
    const { pollInterval } = this.options;
    const chance = this.clock.random();
    const given = pollInterval ?? this.service.poll.interval;
    let pause = given ?? this.interval * (1 - 0.25 * chance);
    if (this.failures > 0 && !this.isConfirmed) pause = backoff(this.failures - 1, chance);
    else if (pollInterval === undefined && this.retryAfter >= SHORTEST_PAUSE && this.failures === 0) {
      pause = this.retryAfter;
    }
    this.interval = Math.min(this.interval * 1.5, 30);
    pause = Math.max(pause, this.retryAfter, SHORTEST_PAUSE);
    const left = this.left();
    if (left === null || pause < left) return pause;
    // Rather than sleep until the timeout, poll once more shortly before it.
    return left - 1 >= Math.max(SHORTEST_PAUSE, this.retryAfter) ? left - 1 : null;
  }

  private left = () => (this.ends === null ? null : Math.max(0, this.ends - this.clock.now()));

  // Requests

  private async call(page: Page | null): Promise<Reply> {
    const left = this.left();
    // A wait with a timeout of 0 polls once.
    const deadline = left ? this.clock.now() + left : null;
    if (deadline !== null) this.isLimited = true;
    let renewed = false;
    for (let attempt = 0; ; attempt++) {
      let reply: Reply | null = null, failure: WaitError;
      try {
        const { headers: given } = this.settings;
        const headers = typeof given === "function" ? await given() : (given ?? {});
        reply = await this.send(page, headers, deadline);
        if (reply.status === 401 && !renewed && typeof given === "function") {
          renewed = true;
          const again = await given();
          if (JSON.stringify(again) !== JSON.stringify(headers)) reply = await this.send(page, again, deadline);
        }
        if (reply.status >= 200 && reply.status < 300) return this.decoded(reply);
        failure = this.statusError(reply);
      } catch (error) {
        if (!(error instanceof WaitError) || error.kind !== "connection") throw error;
        failure = error;
      }
      const isRetryable = reply === null || RETRYABLE.includes(reply.status);
      if (!isRetryable || attempt >= (this.settings.maxRetries ?? 2)) throw failure;
      const pause = Math.max(Math.min(reply?.retryAfter ?? 0, LONGEST_RETRY_AFTER), backoff(attempt, this.clock.random()));
      const isLate = deadline !== null && this.clock.now() + pause >= deadline;
      if (isLate) throw this.error("connection", "no response before the end of the wait");
      await this.clock.sleep(pause, this.options.signal);
      this.throwIfCancelled();
    }
  }

  private url(page: Page | null): string {
    const { path, parameters, poll, pages } = this.service;
    if (poll.url) return new URL(this.id, this.settings.baseUrl).href;
    if (page?.next && !pages?.token) return page.next;
    const given: Record<string, unknown> = { ...this.settings.parameters };
    if (poll.argument) given[poll.argument] = this.id;
    if (page?.next) given[pages!.token] = page.next;
    else if (page && page.rows > 0) given[pages!.offset || pages!.page] = pages!.offset ? page.rows : page.number;
    const filled = path.replace(/\{([^{}]+)\}/g, (_, name) => encodeURIComponent(String(given[name])));
    const url = new URL(this.settings.baseUrl.replace(/\/+$/, "") + filled);
    for (const { name, in: where } of parameters) {
      if (where === "query" && name in given) url.searchParams.set(name, String(given[name]));
    }
    return url.href;
  }

  private async send(page: Page | null, headers: Headers_, deadline: number | null): Promise<Reply> {
    const { method, poll, parameters } = this.service;
    const sent: Headers_ = { Accept: "application/json", ...this.service.headers, ...headers };
    const given: Record<string, unknown> = { ...this.settings.parameters };
    for (const each of parameters) if (each.in === "header" && each.name in given) sent[each.name] = String(given[each.name]);
    const seconds = Math.min(this.settings.requestTimeout ?? 60, deadline === null ? Infinity : deadline - this.clock.now());
    const signals = [AbortSignal.timeout(Math.min(Math.max(1, Math.ceil(seconds * 1000)), 2 ** 31 - 1))];
    if (this.options.signal) signals.push(this.options.signal);
    const request: RequestInit = { method, headers: sent, redirect: "manual", signal: AbortSignal.any(signals) };
    if (poll.body) {
      request.body = JSON.stringify({ [poll.body]: poll.bodyIsList ? [this.rawId] : this.rawId });
      sent["Content-Type"] = "application/json";
    }
    try {
      const response = await (this.settings.fetch ?? globalThis.fetch)(this.url(page), request);
      this.isConfirmed = true;
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text, retryAfter: retryAfterOf(response.headers) };
    } catch (error) {
      this.throwIfCancelled();
      throw this.error("connection", `no response: ${(error as Error).message}`, { cause: error });
    }
  }

  private decoded(reply: Reply): Reply {
    const isStatusAlone = this.service.poll.statuses[reply.status] !== undefined;
    const body = parsed(reply.body as string);
    if (!isStatusAlone && (body === undefined || body === null || typeof body !== "object")) {
      throw this.error("invalid-response", `the body of status ${reply.status} must be a JSON object`, { status: reply.status });
    }
    return { ...reply, body };
  }

  private statusError(reply: Reply): WaitError {
    const body = parsed(reply.body as string);
    const field = (places: readonly Place[]): string | null =>
      places.map((place) => placeOf(place, body, reply.headers)).find((text) => text !== null) ?? null;
    const { code, message, requestId } = this.service.errors;
    const serviceMessage = typeof body === "string" ? body : field(message);
    const { status, retryAfter } = reply;
    const details = { status, retryAfter, serviceMessage, code: field(code), requestId: field(requestId) };
    const said = [details.code, details.serviceMessage].filter(Boolean).join(" ") || "no explanation";
    return this.error(reply.status === 404 ? "not-found" : "status", `status ${reply.status}: ${said}`, details);
  }

  // Errors

  private error(kind: WaitErrorKind, text: string, details: Partial<WaitError> = {}): WaitError {
    const whole = `${this.service.service}.${this.service.operation}: ${text}`;
    return new WaitError(kind, whole, { snapshot: this.snapshot, ...details });
  }

  private failure(snapshot: JobSnapshot): WaitError {
    const failedChild = failedChildOf(snapshot);
    const reason = snapshot.reason ?? failedChild?.reason ?? null;
    const code = snapshot.code === null ? "" : ` (${snapshot.code})`;
    const text = `job '${snapshot.id ?? this.id}' ended as ${snapshot.state}: ${reason ?? "no reason given"}${code}`;
    return this.error("job-failed", text, { failedChild, reason, code: snapshot.code });
  }
}

/** The position of a page in a listing; `next` is its token or URL. */
type Page = { rows: number; number: number; next: string | null };

const NOTHING: Omit<JobSnapshot, "id" | "job"> = {
  state: "unknown", progress: null, startedAt: null, endedAt: null, reason: null, code: null, children: [],
};

const rowsOf = (body: unknown, items: Path): unknown[] => [valueAt(body, items)].filter(Array.isArray).flat();

/** An ID; a UUID in lower case, since services write it in either (RFC 9562). */
const normal = (id: string): string => (/^[0-9A-Fa-f-]+$/.test(id) ? id.toLowerCase() : id);

const placeOf = (place: Place, body: unknown, headers: Headers): string | null =>
  ("header" in place ? headers.get(place.header) : scalarText(valueAt(body, place.path))) || null;

/** Parse JSON; undefined for other text. Integers that a number cannot hold become strings, so that no digit is lost. */
export function parsed(text: string): unknown {
  const exact = text.replace(/("(?:[^"\\]|\\.)*")|(-?\d{16,})(?![\d.eE])/g, (whole, quoted, digits) =>
    quoted === undefined && !Number.isSafeInteger(Number(digits)) ? `"${digits}"` : whole,
  );
  try {
    return JSON.parse(exact);
  } catch {
    return undefined;
  }
}

const backoff = (retry: number, chance: number): number => Math.min(8, 0.5 * 2 ** Math.min(retry, 10)) * chance;

function retryAfterOf(headers: Headers): number | null {
  const text = headers.get("Retry-After")?.trim() ?? "";
  if (/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text)) return Number(text);
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) return null;
  const sent = Date.parse(headers.get("Date") ?? "");
  return Math.max(0, (moment - (Number.isNaN(sent) ? Date.now() : sent)) / 1000);
}

function withMonotonicProgress(before: JobSnapshot, now: JobSnapshot): JobSnapshot {
  const key = (child: JobSnapshot, index: number): string => child.id ?? `#${index}`;
  const known = new Map(before.children.map((child, index) => [key(child, index), child]));
  const children = now.children.map((child, index) => {
    const earlier = known.get(key(child, index));
    return earlier ? withMonotonicProgress(earlier, child) : child;
  });
  let progress = now.progress === null ? before.progress : Math.max(before.progress ?? 0, now.progress);
  if (isFinal(now) && now.progress !== null) progress = now.progress;
  // Only a job that succeeded has progress 1. A resumed job has the progress of its new run.
  if (progress === 1 && now.state !== "succeeded") progress = now.progress;
  return { ...now, progress, children };
}

function compared(snapshot: JobSnapshot): string {
  const children = snapshot.children.map(compared).sort();
  return JSON.stringify([snapshot.id, snapshot.state, snapshot.progress, snapshot.reason, snapshot.code, children]);
}

function failedChildOf(snapshot: JobSnapshot): JobSnapshot | null {
  for (const child of snapshot.children) {
    if (isFinal(child) && child.state !== "succeeded") {
      const found = failedChildOf(child) ?? (child.reason ? child : null);
      if (found) return found;
    }
  }
  return null;
}
