"""Waits for jobs with a synchronous client. What to do next, the rounds and their schedule say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from threading import Event
from typing import Any, TypeVar

from ._client import Client
from ._models import Model
from ._operations import Operation
from ._options import Options
from ._polling import Round, cancelled, snapshots, timed_out
from ._schedule import Schedule, rounds_of
from ._sightings import WaitOptions
from ._snapshots import JobSnapshot
from .errors import CloudJobsError

M = TypeVar("M", bound=Model)


def wait_for_job(
    client: Client,
    operation: Operation[M],
    arguments: Mapping[str, object],
    job_id: str,
    options: WaitOptions,
    cancel: Event | None,
) -> JobSnapshot:
    """Wait until a job has ended."""
    awaited = Round(operation, arguments, [job_id], options, client._clock)
    for snapshot in _watch(client, awaited, options, cancel):
        options.tell([snapshot])
    return awaited.result()


def watch_job(
    client: Client,
    operation: Operation[M],
    arguments: Mapping[str, object],
    job_id: str,
    options: WaitOptions,
    cancel: Event | None,
) -> Iterator[JobSnapshot]:
    """Give each change of a job."""
    return _watch(client, Round(operation, arguments, [job_id], options, client._clock), options, cancel)


def _watch(client: Client, awaited: Round[Any], options: WaitOptions, cancel: Event | None) -> Iterator[JobSnapshot]:
    awaited.begin()
    while True:
        if cancel is not None and cancel.is_set():
            raise cancelled([awaited])
        yield from _poll(client, awaited, client._options)
        if awaited.is_over:
            return
        pause = awaited.pause()
        client._clock.sleep(awaited.left() or 0.0 if pause is None else pause, cancel)
        if pause is None and not (cancel is not None and cancel.is_set()):
            raise timed_out([awaited], options.timeout)


def wait_for_jobs(
    client: Client,
    operation: Operation[M],
    arguments: Mapping[str, object],
    ids: Iterable[str],
    options: WaitOptions,
    polls_per_second: float,
    cancel: Event | None,
) -> dict[str, JobSnapshot]:
    """Wait until all jobs have ended, asking for one after another."""
    rounds = rounds_of(operation, arguments, ids, options, client._clock)
    schedule = Schedule(rounds, client._clock, polls_per_second, options.timeout)
    # A retry would be one more request, and outside the schedule, which asks again itself.
    of_calls = client._options.changed({"max_retries": 0})
    while (due := schedule.take()) is not None:
        if cancel is not None and cancel.is_set():
            raise cancelled(rounds)
        if isinstance(due, int | float):
            client._clock.sleep(due, cancel)
            continue
        options.tell(_poll(client, due, of_calls))
        schedule.back(due)
    return snapshots(rounds)


def _poll(client: Client, awaited: Round[Any], options: Options) -> list[JobSnapshot]:
    """Ask once. Gives what changed."""
    try:
        reply = client._call(awaited.operation, awaited.arguments, awaited.call_options(options)).parse_awaited()
    except CloudJobsError as error:
        awaited.failed(error)
        return []
    return awaited.took(reply, options.on_deviation)
