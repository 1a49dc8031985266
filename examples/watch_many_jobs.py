"""Waits for a thousand jobs at once, and for all awaited jobs of a listing with one request a poll.

Run it where the package is installed: `python examples/watch_many_jobs.py`. It needs no network: recorded jobs are made
to end after a few polls.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import httpx

import cloudjobs
from cloudjobs import AsyncGesClient, AsyncYuanrongClient

polls: Counter[str] = Counter()


def one_job(request: httpx.Request) -> httpx.Response:
    """Return a job that runs for two polls; every tenth one fails then."""
    job_id = request.url.path.rpartition("/")[2]
    polls[job_id] += 1
    recorded = json.loads(cloudjobs.recordings("yuanrong")["get-job-succeeded"]["body"])
    ended = "FAILED" if job_id.endswith("0") else "SUCCEEDED"
    recorded.update(submission_id=job_id, status="RUNNING" if polls[job_id] <= 2 else ended)
    return httpx.Response(200, json=recorded)


def listing(request: httpx.Request) -> httpx.Response:
    """Return the recorded listing on one page; its jobs are running at the first poll."""
    polls["listing"] += 1
    recorded = json.loads(cloudjobs.recordings("ges")["list-jobs-page"]["body"])
    if request.url.params.get("offset", "0") != "0":
        recorded["jobs"] = []
    for job in recorded["jobs"]:
        job["status"] = "running" if polls["listing"] == 1 else job["status"]
    return httpx.Response(200, json=recorded)


async def main() -> None:
    url, transport = "https://yuanrong.example.com", httpx.MockTransport(one_job)
    async with AsyncYuanrongClient(url, transport=transport) as yuanrong:
        ended = await yuanrong.wait_for_jobs(
            [f"job-{number}" for number in range(1000)], timeout=120, poll_interval=0.5, max_polls_per_second=5000
        )
        print(f"{len(ended)} jobs, {polls.total()} polls:", dict(Counter(str(job.state) for job in ended.values())))

    transport = httpx.MockTransport(listing)
    async with AsyncGesClient("https://ges.example.com", project_id="p1", transport=transport) as ges:
        ids = [str(job.job_id) async for job in ges.iter_jobs("movie", page_size=100)]
        polls.clear()
        done = await ges.wait_for_jobs("movie", ids, poll_interval=0.5)
        print(f"{len(done)} jobs of a graph, {polls['listing']} polls")
        for job in done.values():
            print(f"  {job.id} {job.state}{f': {job.reason}' if job.reason else ''}")


if __name__ == "__main__":
    asyncio.run(main())
