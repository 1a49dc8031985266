// Waits for the jobs of scenario.toml at a replay server, and prints a JSON object for each.
// Arguments: the address of the server, and the jobs.
import { cce, Jobs, WaitError } from "./wait/index.js";

const [baseUrl = "", ...ids] = process.argv.slice(2);
const jobs = new Jobs(cce, { baseUrl, parameters: { project_id: "p1" }, headers: { "X-Auth-Token": "a-token" } });

for (const id of ids) {
  const states: string[] = [];
  const onProgress = ({ state }: { state: string }) => states.push(state);
  const result = await jobs.wait(id, { timeout: id === "slow" ? 4 : 120, pollInterval: id === "slow" ? 1 : 0.2, onProgress }).then(
    ({ state }) => ({ state }),
    (error) => {
      if (!(error instanceof WaitError)) throw error;
      return error.kind === "job-failed" ? { error: error.kind, reason: error.reason } : { error: error.kind };
    },
  );
  console.log(JSON.stringify({ id, states, result }));
}
