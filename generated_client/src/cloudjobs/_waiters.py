# Generated from generator/client/runtime/_waiters.py. Do not edit: change that, and run `make generate`.
"""Drivers that wait for jobs, synchronous and asynchronous. `Poller` decides what happens next; these do the I/O."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from threading import Event
from typing import Any, TypeVar

from ._client import AsyncClient, Client
from ._jobs import JobSnapshot
from ._models import Model
from ._operations import Operation
from ._options import Options
from ._poller import (
    Poller,
    PollScheduler,
    WaitOptions,
    pollers_for,
    snapshots,
    validate_max_concurrency,
    wait_cancelled_error,
    wait_timeout_error,
)
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
    awaited = Poller(operation, arguments, [job_id], options, client._clock)
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
    return _watch(client, Poller(operation, arguments, [job_id], options, client._clock), options, cancel)


def _watch(client: Client, awaited: Poller[Any], options: WaitOptions, cancel: Event | None) -> Iterator[JobSnapshot]:
    awaited.start()
    while True:
        if cancel is not None and cancel.is_set():
            raise wait_cancelled_error([awaited])
        yield from _poll(client, awaited, client._options)
        if awaited.is_over:
            return
        pause = awaited.pause()
        client._clock.sleep(awaited.left() or 0.0 if pause is None else pause, cancel)
        if pause is None and not (cancel is not None and cancel.is_set()):
            raise wait_timeout_error([awaited], options.timeout)


def wait_for_jobs(
    client: Client,
    operation: Operation[M],
    arguments: Mapping[str, object],
    ids: Iterable[str],
    options: WaitOptions,
    max_polls_per_second: float,
    cancel: Event | None,
) -> dict[str, JobSnapshot]:
    """Wait until all jobs have ended, asking for one after another."""
    rounds = pollers_for(operation, arguments, ids, options, client._clock)
    schedule = PollScheduler(rounds, client._clock, max_polls_per_second, options.timeout)
    # A retry would be one more request, and outside the schedule, which asks again itself.
    of_calls = client._options.changed({"max_retries": 0})
    while (due := schedule.next_due()) is not None:
        if cancel is not None and cancel.is_set():
            raise wait_cancelled_error(rounds)
        if isinstance(due, int | float):
            client._clock.sleep(due, cancel)
            continue
        options.tell(_poll(client, due, of_calls))
        schedule.finish(due)
    return snapshots(rounds)


def _poll(client: Client, awaited: Poller[Any], options: Options) -> list[JobSnapshot]:
    """Ask once. Gives what changed."""
    try:
        reply = client._call(awaited.operation, awaited.arguments, awaited.call_options(options)).parse_awaited()
    except CloudJobsError as error:
        awaited.on_error(error)
        return []
    return awaited.on_response(reply, options.on_deviation)


async def wait_for_job_async(
    client: AsyncClient,
    operation: Operation[M],
    arguments: Mapping[str, object],
    job_id: str,
    options: WaitOptions,
) -> JobSnapshot:
    """Wait until a job has ended."""
    awaited = Poller(operation, arguments, [job_id], options, client._clock)
    async for snapshot in _watch_async(client, awaited, options):
        options.tell([snapshot])
    return awaited.result()


def watch_job_async(
    client: AsyncClient,
    operation: Operation[M],
    arguments: Mapping[str, object],
    job_id: str,
    options: WaitOptions,
) -> AsyncIterator[JobSnapshot]:
    """Give each change of a job."""
    return _watch_async(client, Poller(operation, arguments, [job_id], options, client._clock), options)


async def _watch_async(client: AsyncClient, awaited: Poller[Any], options: WaitOptions) -> AsyncIterator[JobSnapshot]:
    awaited.start()
    while True:
        for snapshot in await _poll_async(client, awaited, client._options):
            yield snapshot
        if awaited.is_over:
            return
        pause = awaited.pause()
        await client._clock.sleep_async(awaited.left() or 0.0 if pause is None else pause)
        if pause is None:
            raise wait_timeout_error([awaited], options.timeout)


async def wait_for_jobs_async(
    client: AsyncClient,
    operation: Operation[M],
    arguments: Mapping[str, object],
    ids: Iterable[str],
    options: WaitOptions,
    max_concurrency: int,
    max_polls_per_second: float,
) -> dict[str, JobSnapshot]:
    """Wait until all jobs have ended."""
    import asyncio  # not at the top: it takes a while, and synchronous programs do without

    rounds = pollers_for(operation, arguments, ids, options, client._clock)
    schedule = PollScheduler(rounds, client._clock, max_polls_per_second, options.timeout)
    # A retry would be one more request, and outside the schedule, which asks again itself.
    of_calls = client._options.changed({"max_retries": 0})
    turn = asyncio.Lock()

    async def next_due() -> Poller[M] | None:
        # One worker at a time waits for what is due next, so that the order is kept and only one timer runs.
        async with turn:
            while isinstance(due := schedule.next_due(), int | float):
                await client._clock.sleep_async(due)
            return due

    async def work() -> None:
        while (due := await next_due()) is not None:
            options.tell(await _poll_async(client, due, of_calls))
            schedule.finish(due)
            if schedule.is_over:
                return

    workers = [asyncio.create_task(work()) for _ in range(min(validate_max_concurrency(max_concurrency), len(rounds)))]
    try:
        # The first to end has ended because all jobs have, or with an error.
        done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED) if workers else (set(), set())
        for worker in done:
            worker.result()
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return snapshots(rounds)


async def _poll_async(client: AsyncClient, awaited: Poller[Any], options: Options) -> list[JobSnapshot]:
    """Ask once. Gives what changed."""
    try:
        raw = await client._call(awaited.operation, awaited.arguments, awaited.call_options(options))
        reply = raw.parse_awaited()
    except CloudJobsError as error:
        awaited.on_error(error)
        return []
    return awaited.on_response(reply, options.on_deviation)
