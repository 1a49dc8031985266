/** One view over the jobs of all services, computed from the extensions of their documents. */

import { FINAL_STATES, type JobState } from "./services.js";

/** A job at one point in time, in the same form for every service. */
export interface JobSnapshot<T = unknown> {
  readonly id: string | null;
  /** `unknown` for a value that the document does not list; never final. */
  readonly state: JobState;
  /** Share of the work done, from 0 to 1; 1 only if the job succeeded. */
  readonly progress: number | null;
  /** ISO 8601 in UTC, with microseconds where the service sends them. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** The reason of the state, as the service states it. */
  readonly reason: string | null;
  readonly code: string | null;
  readonly children: readonly JobSnapshot[];
  /** The job as the service sent it. */
  readonly job: T;
}

/** A name, an index, or the key and text of an item. */
export type Step = string | number | { key: string; text: string };
export type Path = readonly Step[];

export interface FieldTest {
  fields: readonly Path[]; values: readonly unknown[];
  ofItems: boolean; present: boolean; minimum: number | null; maximum: number | null;
}

type TimestampMapping = { fields: readonly Path[]; formats: readonly string[]; zone: string | null; whenTerminal: boolean };

/** The `x-job` of a schema. */
export interface JobMapping {
  id: readonly Path[];
  states: readonly { is: JobState; when: readonly FieldTest[] }[];
  otherwise: JobState;
  reason: readonly Path[];
  code: readonly Path[];
  children: readonly { path: Path; kind: "list" | "map" | "one"; job: string }[];
  started: TimestampMapping | null;
  ended: TimestampMapping | null;
  progress: {
    ofChildren: boolean; fields: readonly Path[]; full: number; format: string; done: readonly Path[]; total: Path | null;
  };
}

export type JobMappings = Readonly<Record<string, JobMapping>>;

export const isFinal = (snapshot: JobSnapshot): boolean => FINAL_STATES.includes(snapshot.state);

/** Return the snapshot of a job whose schema has the mapping of that name. */
export function snapshotOf<T>(job: T, name: string, mappings: JobMappings): JobSnapshot<T> {
  const mapping = mappings[name]!;
  const state = mapping.states.find((each) => each.when.every((test) => passes(test, job)))?.is ?? mapping.otherwise;
  const children = mapping.children.flatMap(({ path, kind, job: inner }) =>
    members(valueAt(job, path), kind).map(([key, child]) => {
      const found = snapshotOf(child, inner, mappings);
      return key !== null && found.id === null ? { ...found, id: key } : found;
    }),
  );
  return {
    id: textAt(job, mapping.id),
    state,
    progress: progressOf(job, mapping, state, children),
    startedAt: timestampAt(job, mapping.started, state),
    endedAt: timestampAt(job, mapping.ended, state),
    reason: textAt(job, mapping.reason),
    code: textAt(job, mapping.code),
    children,
    job,
  };
}

export function valueAt(value: unknown, path: Path): unknown {
  let found: any = value;
  for (const step of path) {
    if (typeof step === "string") {
      found = isObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
    } else if (!Array.isArray(found)) {
      return undefined;
    } else if (typeof step === "number") {
      found = found[step];
    } else {
      found = found.find((item) => scalarText(valueAt(item, [step.key])) === step.text);
    }
  }
  return found;
}

/** Return a scalar as text, or null for any other value. */
export function scalarText(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** Return the first value that is neither missing nor null nor empty. */
function first(job: unknown, fields: readonly Path[]): unknown {
  for (const path of fields) {
    const value = valueAt(job, path);
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return null;
}

export function textAt(job: unknown, fields: readonly Path[]): string | null {
  const value = first(job, fields);
  return typeof value === "string" || Number.isInteger(value) ? String(value) : null;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function members(value: unknown, kind: string): [string | null, unknown][] {
  if (kind === "one") return isObject(value) ? [[null, value]] : [];
  const list = (Array.isArray(value) ? value : []).map((child): [null, unknown] => [null, child]);
  const found: [string | null, unknown][] = kind === "list" ? list : Object.entries(isObject(value) ? value : {});
  return found.filter(([, child]) => isObject(child));
}

function passes(test: FieldTest, job: unknown): boolean {
  const value = first(job, test.fields);
  if (test.present) return value !== null;
  if (test.values.length > 0) {
    const found = test.ofItems && Array.isArray(value) ? value : [value];
    return found.some((each) => test.values.includes(each));
  }
  const number = numberOf(value);
  return (
    number !== null &&
    (test.minimum === null || number >= test.minimum) &&
    (test.maximum === null || number <= test.maximum)
  );
}

function numberOf(value: unknown): number | null {
  if (typeof value === "string" && /^-?[0-9]{1,18}(\.[0-9]{1,18})?$/.test(value)) return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function progressOf(
  job: unknown,
  { progress }: JobMapping,
  state: JobState,
  children: readonly JobSnapshot[],
): number | null {
  if (state === "succeeded") return 1;
  // The progress of a job that ended without success is the share that succeeded.
  const hasEnded = FINAL_STATES.includes(state);
  let share: number | null = null;
  if (progress.ofChildren && children.length > 0) {
    const shares = children.map((child) => (isFinal(child) && !hasEnded ? 1 : (child.progress ?? 0)));
    share = shares.reduce((sum, each) => sum + each, 0) / children.length;
  } else if (progress.fields.length > 0) {
    share = shareOf(first(job, progress.fields), progress.format, progress.full);
    if (hasEnded && share !== null && share >= 1) share = null;
  } else if (progress.total !== null) {
    const total = numberOf(valueAt(job, progress.total));
    const done = progress.done.map((path) => numberOf(valueAt(job, path)));
    if (hasEnded) {
      const succeeded = children.filter((child) => child.state === "succeeded").length;
      share = children.length > 0 ? succeeded / Math.max(total ?? 0, children.length) : null;
    } else if (total && done.some((each) => each !== null)) {
      share = done.reduce((sum: number, each) => sum + (each ?? 0), 0) / total;
    }
  }
  return share === null ? null : Math.min(Math.max(share, 0), 0.99);
}

function shareOf(value: unknown, format: string, full: number): number | null {
  if (format === "fraction") {
    const [done = "", ...rest] = typeof value === "string" ? value.split("/") : [];
    const [one, other] = [numberOf(done.trim()), numberOf(rest.join("/").trim())];
    return one !== null && other ? one / other : null;
  }
  const number = numberOf(typeof value === "string" && format === "percent" ? value.replace(/%$/, "").trim() : value);
  return number === null ? null : number / (format === "percent" ? 100 : full);
}

// Timestamps, in microseconds since 1970.

function timestampAt(job: unknown, mapping: TimestampMapping | null, state: JobState): string | null {
  if (mapping === null || (mapping.whenTerminal && !FINAL_STATES.includes(state))) return null;
  const value = first(job, mapping.fields);
  for (const format of mapping.formats) {
    const microseconds = FORMATS[format]!(value, mapping.zone);
    const text = microseconds === null ? null : isoText(microseconds);
    if (text !== null) return text;
  }
  return null;
}

/** Return a timestamp as ISO 8601, or null outside the years 2000 to 2100. */
function isoText(microseconds: number): string | null {
  const seconds = Math.floor(microseconds / 1e6);
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 2000 || date.getUTCFullYear() > 2100) return null;
  const fraction = microseconds - seconds * 1e6;
  const digits = fraction > 0 ? `.${String(fraction).padStart(6, "0")}` : "";
  return `${date.toISOString().slice(0, 19)}${digits}+00:00`;
}

function parts(match: RegExpMatchArray, offsetMinutes: number): number | null {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((each) => Number(each ?? 0));
  const date = new Date(Date.UTC(year!, month! - 1, day!, hour!, minute!, second!));
  // Date.UTC carries a 31st of February over into March.
  if (date.getUTCDate() !== day || hour! > 23 || minute! > 59 || second! > 59) return null;
  const fraction = Number((match[7] ?? "").padEnd(6, "0").slice(0, 6));
  return (date.getTime() - offsetMinutes * 60_000) * 1000 + fraction;
}

function minutes(offset: string): number | null {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(offset);
  if (offset === "Z") return 0;
  return match ? (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) : null;
}

const GO_TIME =
  /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([+-]\d{4})(?: [A-Z][A-Za-z]*| [+-]\d+)?(?: m=\S+)?$/;

const DATETIME = /^(\d{4})-?(\d\d)-?(\d\d)(?:.(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

const epoch = (perSecond: number) => (value: unknown) => {
  const text = typeof value === "string" && /^-?[0-9]{1,20}(\.[0-9]+)?$/.test(value) ? Number(value) : value;
  return typeof text === "number" && Number.isFinite(text) ? Math.round((text * 1e6) / perSecond) : null;
};

const FORMATS: Record<string, (value: unknown, zone: string | null) => number | null> = {
  "epoch-s": epoch(1),
  "epoch-ms": epoch(1e3),
  "epoch-us": epoch(1e6),
  "go-time": (value) => {
    const match = typeof value === "string" ? GO_TIME.exec(value) : null;
    return match && parts(match, minutes(match[8]!)!);
  },
  datetime: (value, zone) => {
    // A string of digits alone is a time only in the epoch formats.
    const match = typeof value === "string" && !/^[0-9]+$/.test(value) ? DATETIME.exec(value) : null;
    const offset = minutes(match?.[8] ?? zone ?? "");
    return match && offset !== null ? parts(match, offset) : null;
  },
};
