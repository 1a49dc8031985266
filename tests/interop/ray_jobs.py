"""openYuanrong's client reads a real Ray head, which has nearly the same API, and waits for its jobs."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

from cloudjobs import AsyncYuanrongClient, JobSnapshot, YuanrongClient, errors

from .ray_head import Head
from .rows import Row

_SECONDS = 180
SCENES: dict[str, tuple[str, dict[str, Any]]] = {
    "PENDING": ("true", {"entrypoint_num_cpus": 64}),
    "RUNNING": ("sleep 600", {}),
    "SUCCEEDED": ("true", {"metadata": {"owner": "a"}, "runtime_env": {"env_vars": {"A": "1"}}}),
    "FAILED": ("exit 3", {}),
    "STOPPED": ("sleep 600", {}),
}
"""The program that brings a job into each state of Ray."""

_ALWAYS = {"/job_id": "undocumented", "/message": "undocumented", "/start_time": "type", "/driver_info": "type"}
_WITHOUT_ENVIRONMENT = {"/runtime_env": "type"}
_UNENDED = {"/end_time": "type", "/error_type": "type", "/driver_exit_code": "type"}
_UNSTARTED = {"/driver_agent_http_address": "type", "/driver_node_id": "type"}
DEVIATIONS: dict[str, dict[str, str]] = {
    "PENDING": _ALWAYS | _WITHOUT_ENVIRONMENT | _UNENDED | _UNSTARTED,
    "RUNNING": _ALWAYS | _WITHOUT_ENVIRONMENT | _UNENDED,
    "SUCCEEDED": _ALWAYS | {"/end_time": "type", "/error_type": "type"},
    "FAILED": _ALWAYS | _WITHOUT_ENVIRONMENT | {"/end_time": "type"},
    "STOPPED": _ALWAYS | _WITHOUT_ENVIRONMENT | _UNENDED,
}
"""The only deviations that the client reports in a response, for each state."""


def job_in(status: str) -> str:
    """Return ID of the job that is, or will be, in a state."""
    return f"a-job-{status.lower()}"


def set_scene(head: Head) -> None:
    """Make a job in every state."""
    for status, (entrypoint, more) in SCENES.items():
        head.submit(job_in(status), entrypoint, **more)
    head.until(job_in("STOPPED"), "RUNNING")
    head.stop(job_in("STOPPED"))
    for status in SCENES:
        head.until(job_in(status), status)


def rows(head: Head, name: str) -> Iterator[Row]:
    """Yield the results."""
    with YuanrongClient(head.url) as client:
        for status in SCENES:
            yield _read(client, name, status)
        yield _strict(client, name)
        yield _not_there(client, name)
        yield from _waited(client, head, name)
    yield asyncio.run(_waited_for_many(head, name))


def _read(client: YuanrongClient, name: str, status: str) -> Row:
    raw = client.with_raw_response.get_job(job_in(status))
    job = raw.parse()
    seen = JobSnapshot.from_job(job)
    came = {
        "status": job.status,
        "state": seen.state.value,
        "differences": {each.pointer: each.kind.value for each in raw.deviations},
        "nothing lost": job.to_dict() == json.loads(raw.content),
        "has a start": seen.started_at is not None and seen.started_at.year >= 2026,
        "has an end": seen.ended_at is not None,
    }
    ended = status in ("SUCCEEDED", "FAILED", "STOPPED")
    expected = {
        "status": status,
        "state": status.lower(),
        "differences": DEVIATIONS[status],
        "nothing lost": True,
        "has a start": True,
        "has an end": ended,
    }
    return Row(name, f"get_job reads a job that is {status}", expected, came)


def _strict(client: YuanrongClient, name: str) -> Row:
    try:
        client.with_options(strict=True).get_job(job_in("FAILED"))
        came = {}
    except errors.ContractViolationError as error:
        came = {each.pointer: each.kind.value for each in error.violations}
    return Row(name, "a strict get_job lists the same differences", DEVIATIONS["FAILED"], came)


def _not_there(client: YuanrongClient, name: str) -> Row:
    try:
        client.get_job("an-unknown-job")
        came = []
    except errors.APIStatusError as error:
        came = [type(error).__name__, error.message]
    expected = ["NotFoundError", "Job an-unknown-job does not exist"]
    return Row(name, "get_job tells a job that is not there", expected, came)


def _waited(client: YuanrongClient, head: Head, name: str) -> Iterator[Row]:
    head.submit("w-succeeds", "sleep 1")
    done = client.wait_for_job("w-succeeds", timeout=_SECONDS, poll_interval=0.2)
    came = [done.state.value, done.job.driver_exit_code, done.progress]
    yield Row(name, "wait_for_job sees a job succeed", ["succeeded", 0, 1.0], came)
    head.submit("w-fails", "sleep 1; exit 7")
    yield Row(
        name, "wait_for_job sees a job fail", ["failed", "JOB_ENTRYPOINT_COMMAND_ERROR"], _failed(client, "w-fails")
    )
    head.submit("w-stopped", "sleep 600")

    def stop() -> None:
        # Ray stops no job that has not begun.
        head.until("w-stopped", "RUNNING")
        head.stop("w-stopped")

    stopping = threading.Thread(target=stop)
    stopping.start()
    yield Row(name, "wait_for_job sees a job stopped", ["stopped", None], _failed(client, "w-stopped"))
    stopping.join()
    head.submit("w-watched", "sleep 3")
    seen = [each.state.value for each in client.watch_job("w-watched", timeout=_SECONDS, poll_interval=0.2)]
    # The job may have started before its first poll.
    came = [state for state in seen if state != "pending"]
    yield Row(name, "watch_job sees it run", ["running", "succeeded"], came)


def _failed(client: YuanrongClient, job: str) -> list[Any]:
    try:
        client.wait_for_job(job, timeout=_SECONDS, poll_interval=0.2)
    except errors.JobFailedError as error:
        return [error.snapshot.state.value, error.snapshot.reason]
    return []


async def _waited_for_many(head: Head, name: str) -> Row:
    jobs = {f"m-{number}": "exit 1" if number % 2 else "true" for number in range(4)}
    for job, entrypoint in jobs.items():
        head.submit(job, entrypoint)
    async with AsyncYuanrongClient(head.url) as client:
        done = await client.wait_for_jobs(jobs, timeout=_SECONDS, poll_interval=0.2)
    expected = {job: "failed" if entrypoint == "exit 1" else "succeeded" for job, entrypoint in jobs.items()}
    came = {job: done[job].state.value for job in jobs}
    return Row(name, "wait_for_jobs sees four end, asynchronously", expected, came)
