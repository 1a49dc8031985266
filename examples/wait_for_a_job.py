"""Waits for a job, shows its progress, and prints the reason of a failure.

Run it where the package is installed: `python examples/wait_for_a_job.py`. It needs no network: a recorded job advances
one step with each poll.
"""

from __future__ import annotations

import itertools
import json

import httpx

import cloudjobs
from cloudjobs import CceClient, JobSnapshot
from cloudjobs.auth import Token
from cloudjobs.errors import JobFailedError, WaitTimeoutError


def service(*phases: str) -> httpx.MockTransport:
    """Return a service with one job, which enters the next phase with each request and stays in the last."""
    recorded = json.loads(cloudjobs.recordings("cce")["get-job-running"]["body"])
    coming = itertools.chain(phases, itertools.repeat(phases[-1]))

    def answer(request: httpx.Request) -> httpx.Response:
        phase = next(coming)
        recorded["metadata"]["uid"] = request.url.path.rpartition("/")[2]
        recorded["status"] = {"phase": phase, "reason": "no quota left" if phase == "Failed" else ""}
        return httpx.Response(200, json=recorded)

    return httpx.MockTransport(answer)


def show(snapshot: JobSnapshot) -> None:
    done = "?" if snapshot.progress is None else f"{snapshot.progress:.0%}"
    print(f"  {snapshot.state} ({done}), {len(snapshot.children)} sub-jobs")


def wait(*phases: str) -> None:
    url, auth = "https://cce.example.com", Token("not-a-real-token")
    with CceClient(url, project_id="p1", auth=auth, transport=service(*phases)) as cce:
        try:
            # Without poll_interval the pauses grow from one second to half a minute.
            ended = cce.wait_for_job("7d1c", timeout=60, poll_interval=0.2, on_progress=show)
        except JobFailedError as failure:
            print(f"failed: {failure.reason}")
        except WaitTimeoutError as late:
            print(f"still {late.snapshot.state if late.snapshot else 'unknown'} after {late.timeout} seconds")
        else:
            print(f"succeeded at {ended.ended_at}")


if __name__ == "__main__":
    wait("Initializing", "Running", "Success")
    wait("Running", "Failed")
