export * from "./services.js";
export { isFinal, type JobSnapshot } from "./snapshot.js";
export { Jobs, WaitError, type JobsOptions, type Service, type WaitErrorKind, type WaitOptions } from "./wait.js";
