"""The responses that are decoded: pages, trees and lists, made larger from recorded ones."""

from __future__ import annotations

import json
from typing import Any

ROWS = 100_000
SUB_JOBS = 2_000
TASKS = 10_000


def listing(recorded: dict[str, Any], rows: int = ROWS, departing: int = 0) -> bytes:
    """Return a page of rows: the recorded rows in turn. `departing` of them are changed to deviate."""
    known = recorded["jobs"]
    page = [
        {**known[number % len(known)], "jobId": f"{known[number % len(known)]['jobId']}{number}"}
        for number in range(rows)
    ]
    if departing:
        ways = ({"progress": "101"}, {"notKnown": 1}, {"startTime": 17}, {"status": None})
        for number, place in enumerate(range(0, rows, departing)):
            page[place] |= ways[number % len(ways)]
    return json.dumps({"jobs": page, "jobCount": rows}).encode()


def tree(recorded: dict[str, Any], sub_jobs: int = SUB_JOBS, levels: int = 4) -> bytes:
    """Return a job with that many sub-jobs on so many levels; each level has a tenth of those of the next."""
    leaf = recorded["spec"]["subJobs"][0]
    made = 0

    def grow(level: int, below: int) -> list[dict[str, Any]]:
        nonlocal made
        children = []
        while made < sub_jobs and len(children) < below:
            made += 1
            child = json.loads(json.dumps(leaf))
            child["metadata"]["uid"] = f"sub-job-{made}"
            if level > 1:
                child["spec"]["subJobs"] = grow(level - 1, 10)
            children.append(child)
        return children

    job = json.loads(json.dumps(recorded))
    job["spec"]["subJobs"] = grow(levels, sub_jobs)
    return json.dumps(job).encode()


def tasks(recorded: dict[str, Any], count: int = TASKS) -> bytes:
    """Return a batch job with that many tasks."""
    known = recorded["tasks"]
    grown = [{**known[number % len(known)], "task_id": f"task-{number}"} for number in range(count)]
    return json.dumps({**recorded, "tasks": grown, "task_total_count": count}).encode()
