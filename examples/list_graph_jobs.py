"""Lists the jobs of a graph: counts them by state, finds the failed ones, goes through pages, and reads a hundred
thousand rows.

Run it where the package is installed: `python examples/list_graph_jobs.py`. It needs no network: the service is made up
of recorded rows.
"""

from __future__ import annotations

import json

import httpx

import cloudjobs
from cloudjobs import GesClient, JobSnapshot

ROWS = 100_000


def graph(rows: int) -> httpx.MockTransport:
    """Return a service with that many jobs: copies of the recorded ones, each with its own ID."""
    recorded = json.loads(cloudjobs.recordings("ges")["list-jobs-page"]["body"])["jobs"]
    jobs = [{**recorded[number % len(recorded)], "jobId": f"job-{number}"} for number in range(rows)]

    def answer(request: httpx.Request) -> httpx.Response:
        offset, limit = (
            int(request.url.params.get(name, default)) for name, default in (("offset", 0), ("limit", ROWS))
        )
        page = jobs[offset : offset + limit]
        return httpx.Response(200, json={"jobs": page, "jobCount": len(page)})

    return httpx.MockTransport(answer)


def main() -> None:
    with GesClient("https://ges.example.com", project_id="p1", transport=graph(ROWS)) as ges:
        # Rows are decoded when you access them. Counting reads one field of each row; only failed rows become models.
        jobs = ges.list_jobs("movie", limit=ROWS).jobs
        assert jobs is not None
        print(f"{len(jobs):,} jobs:", dict(sorted(jobs.count_by("status").items())))
        failed = jobs.filter(status="failed")
        print(f"{len(failed):,} failed, the first is {failed[0].job_id}: {failed[0].fail_reason}")
        print("its request:", failed[0].raw_request_json)

        # Decode a slice of the rows in one step.
        imports = [job for job in jobs[:9000].to_list() if job.task_type == "ImportGraph"]
        first = JobSnapshot.from_job(imports[0])
        print(f"{len(imports):,} imports among the first 9,000; the first at {first.started_at}")

    with GesClient("https://ges.example.com", project_id="p1", transport=graph(250)) as ges:
        # Pages are requested one by one, when their rows are needed.
        print(sum(1 for _ in ges.iter_jobs("movie", page_size=100)), "jobs on three pages")


if __name__ == "__main__":
    main()
