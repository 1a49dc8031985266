"""Sans-I/O polling logic: interprets responses and errors, and computes the next delay.

A round is one request that is made again and again. It awaits one job; of an operation that lists jobs, all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

import attrs

from ._clock import Clock, is_duration
from ._jobs import JobSnapshot, JobState
from ._models import Model, wire_names
from ._operations import Operation, PollSpec
from ._options import Options
from ._response import one_line
from ._retries import LONGEST_RETRY_AFTER
from ._rows import LazyList
from ._validation import Deviation, escape
from .errors import (
    APIConnectionError,
    APIStatusError,
    CloudJobsError,
    InvalidResponseError,
    JobFailedError,
    NotFoundError,
    WaitCancelledError,
    WaitTimeoutError,
)

logger = logging.getLogger(__package__)


def _seconds(instance: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not is_duration(value):
        raise ValueError(f"{attribute.name} is {value!r}: give seconds, 0 or more")


@attrs.frozen(kw_only=True)
class WaitOptions:
    """What a caller can choose for a wait."""

    timeout: float | None = attrs.field(default=None, validator=_seconds)
    poll_interval: float | None = attrs.field(default=None, validator=_seconds)
    not_found_grace: float = attrs.field(default=0, validator=_seconds)
    on_progress: Callable[[JobSnapshot], object] | None = None

    def tell(self, changed: list[JobSnapshot]) -> None:
        """Call the caller's function with what changed."""
        if self.on_progress is not None:
            for snapshot in changed:
                self.on_progress(snapshot)


class JobTracker:
    """What is known of one awaited job."""

    __slots__ = ("_call", "_told_unknown", "snapshot")

    def __init__(self, call: str) -> None:
        self.snapshot: JobSnapshot | None = None
        self._call = call
        self._told_unknown = False

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.snapshot is not None and self.snapshot.is_terminal

    def update(self, job: Model) -> tuple[JobSnapshot, bool]:
        """Take in the job as it is now. Gives its snapshot, and whether that differs from the last one."""
        before, now = self.snapshot, JobSnapshot.from_job(job)
        if before is not None:
            now = _not_falling(before, now)
        if now.state is JobState.UNKNOWN and not self._told_unknown:
            self._told_unknown = True
            logger.warning("%s: a job is in a state that the document does not know; waiting on", self._call)
        self.snapshot = now
        return now, before is None or _view(before) != _view(now)


def job_failed_error(operation: Operation[Any], snapshot: JobSnapshot) -> JobFailedError:
    """The error for a job that ended without success."""
    child = _failed_child(snapshot)
    of_part = child.reason if child is not None else None
    reason = snapshot.reason or of_part
    said = one_line(reason) if reason else "no reason given"
    if child is not None and of_part and of_part != reason:
        said += f"; its child {child.id!r}: {one_line(of_part)}"
    return JobFailedError(
        f"{operation.service}.{operation.id}: job {snapshot.id!r} ended as {snapshot.state}: {said}",
        service=operation.service,
        operation=operation.id,
        snapshot=snapshot,
        failed_child=child,
        reason=reason,
    )


def _failed_child(snapshot: JobSnapshot) -> JobSnapshot | None:
    """The first part, at any depth, that failed and says why; of those within each other the innermost."""
    for child in snapshot.children:
        if child.is_terminal and not child.is_success:
            found = _failed_child(child) or (child if child.reason else None)
            if found is not None:
                return found
    return None


def _not_falling(before: JobSnapshot, now: JobSnapshot) -> JobSnapshot:
    """The newer snapshot, with no progress, of the job or a part, less than it was."""
    known = {_key(child, place): child for place, child in enumerate(before.children)}
    children = tuple(
        _not_falling(earlier, child) if (earlier := known.get(_key(child, place))) else child
        for place, child in enumerate(now.children)
    )
    progress = max((each for each in (before.progress, now.progress) if each is not None), default=None)
    if progress == 1.0 and not now.is_success:
        # Only a success is whole; a job that was one and runs again is told as it is now.
        progress = now.progress
    if progress == now.progress and all(a is b for a, b in zip(children, now.children, strict=True)):
        return now
    return attrs.evolve(now, progress=progress, children=children)


def _key(child: JobSnapshot, place: int) -> str | int:
    return child.id if child.id is not None else place


def _view(snapshot: JobSnapshot) -> tuple[Any, ...]:
    """What makes a change, parts included, in whatever order those come."""
    parts = sorted((_view(child) for child in snapshot.children), key=lambda part: part[0] or "")
    return (snapshot.id or "", snapshot.state, snapshot.progress, snapshot.reason, tuple(parts))


M = TypeVar("M", bound=Model)

SHORTEST_PAUSE = 0.2

_FIRST_PAUSE = 1.0

_LONGEST_PAUSE = 30.0

_GROWTH = 1.5

_JITTER = 0.25
"""Share of a pause that chance may take away, so that waits that began together do not stay together."""

_MOST_FAULTS = 10

_LAST_LOOK = 1.0
"""Seconds before the end of a wait at which a job is asked for once more, where it would not be asked for otherwise."""


class Poller(Generic[M]):
    """One request that awaits jobs.

    Args:
        operation: What is called; it has a `poll`.
        arguments: Its arguments, but for a job's id.
        ids: The jobs; several of a listing alone.
        options: What the caller chose.
        clock: The time. A wait starts now, or when `start` is called.
    """

    def __init__(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[str],
        options: WaitOptions,
        clock: Clock,
    ) -> None:
        self.operation = operation
        self.jobs = {job_id: JobTracker(f"{operation.service}.{operation.id}") for job_id in map(_checked, ids)}
        """All jobs, whether they have ended or not."""
        self._shape = operation.poll or PollSpec()
        self._arguments = arguments
        self._open = set(self.jobs)
        self._options = options
        self._clock = clock
        self.start()
        self._interval = _FIRST_PAUSE
        self._faults = 0
        self._asked_pause = 0.0
        self.last_error: CloudJobsError | None = None
        """The failure of the last call, if it failed."""

    def start(self) -> None:
        """Let the time of the wait run from now on."""
        now, timeout = self._clock.monotonic(), self._options.timeout
        self._ends = None if timeout is None else now + timeout
        self._grace_ends = now + self._options.not_found_grace

    @property
    def is_over(self) -> bool:
        """Whether all jobs have ended."""
        return not self._open

    @property
    def arguments(self) -> Mapping[str, object]:
        """The arguments of the call."""
        if not self._shape.argument:
            return self._arguments
        (job_id,) = self.jobs
        return {**self._arguments, self._shape.argument: job_id}

    def call_options(self, options: Options) -> Options:
        """The options of the next call, which must not outlast the wait."""
        left = self.left()
        # A wait of no time still asks once.
        if left is None or left <= 0 or (options.deadline is not None and options.deadline <= left):
            return options
        return options.changed({"deadline": left})

    def on_response(self, reply: M, on_deviation: Callable[[Deviation], object] | None = None) -> list[JobSnapshot]:
        """Take a reply in. Gives a snapshot of each job that changed.

        Args:
            reply: The model of the reply, whose own deviations have been reported.
            on_deviation: Called with each time in it that cannot be read.

        Raises:
            NotFound: A listing has not one of the jobs, and there is no time of grace left.
        """
        found = self._found(reply)
        changed = []
        for job_id, (place, job) in found.items():
            if job_id not in self._open:
                continue
            snapshot, differs = self.jobs[job_id].update(job)
            if differs:
                changed.append(snapshot)
            if on_deviation is not None:
                for deviation in snapshot.deviations:
                    on_deviation(deviation if place is None else self._in_listing(deviation, reply, place))
        missing = self._open - found.keys()
        self._open = {job_id for job_id in self._open if not self.jobs[job_id].is_over}
        self._faults, self._asked_pause, self.last_error = 0, 0.0, None
        if missing:
            self.on_error(self._not_listed(missing))
        return changed

    def on_error(self, error: CloudJobsError) -> None:
        """Take a failure in. Raises it, unless it may pass."""
        self.last_error, self._asked_pause = error, 0.0
        if isinstance(error, NotFoundError) and self._clock.monotonic() < self._grace_ends:
            return
        self._faults += 1
        if not _may_pass(error) or self._faults > _MOST_FAULTS:
            if self._shape.argument:
                # Where many are awaited, the error alone does not tell which of them it was.
                error.add_note(f"awaited: {next(iter(self.jobs))!r}")
            raise error
        if isinstance(error, APIStatusError) and error.retry_after is not None:
            self._asked_pause = min(error.retry_after, LONGEST_RETRY_AFTER)
        what = f"status {error.status_code}" if isinstance(error, APIStatusError) else type(error).__name__
        logger.info(
            "%s.%s: %s while waiting, %d in a row", self.operation.service, self.operation.id, what, self._faults
        )

    def pause(self) -> float | None:
        """Seconds until the next call; None if there is no time for one."""
        given = self._options.poll_interval
        pause = self._interval * (1 - _JITTER * self._clock.random()) if given is None else given
        self._interval = min(self._interval * _GROWTH, _LONGEST_PAUSE)
        pause = max(pause, self._asked_pause, SHORTEST_PAUSE)
        left = self.left()
        if left is None or pause < left:
            return pause
        # Rather than sleep through to the end, look once more shortly before it.
        last = left - _LAST_LOOK
        return last if last >= max(SHORTEST_PAUSE, self._asked_pause) else None

    def result(self) -> JobSnapshot:
        """The one awaited job, which has ended. Raises `JobFailedError` unless it succeeded."""
        (snapshot,) = snapshots([self]).values()
        if not snapshot.is_success:
            raise job_failed_error(self.operation, snapshot)
        return snapshot

    def left(self) -> float | None:
        """Seconds that the wait has left, if they are limited."""
        return None if self._ends is None else max(0.0, self._ends - self._clock.monotonic())

    def _found(self, reply: M) -> dict[str, tuple[int | None, Model]]:
        """The awaited jobs that a reply has; in a listing, with their places."""
        if self._shape.argument:
            return dict.fromkeys(self.jobs, (None, reply))
        rows = getattr(reply, self._shape.items, None)
        if not isinstance(rows, LazyList):
            return {}
        match = self._shape.match
        if len(self._open) == 1:
            (job_id,) = self._open
            matching = rows.filter(**{match: job_id})._undecoded()
            places = dict(zip([job_id], (place for place, _ in matching), strict=False))
        else:
            places = rows._positions(match)
        found = {job_id: (places[job_id], rows[places[job_id]]) for job_id in self._open if job_id in places}
        return {job_id: (place, row) for job_id, (place, row) in found.items() if isinstance(row, Model)}

    def _in_listing(self, deviation: Deviation, reply: M, place: int) -> Deviation:
        """A deviation of a row, as one of the listing."""
        items = next(wire for wire, name in wire_names(type(reply)).items() if name == self._shape.items)
        return deviation.below(f"/{escape(items)}/{place}", f"/{escape(items)}/*")

    def _not_listed(self, missing: set[str]) -> NotFoundError:
        operation = self.operation
        first = min(missing)
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        text = f"the listing has no such job: {first!r}{more}"
        return NotFoundError(
            f"{operation.service}.{operation.id}: {text}",
            service=operation.service,
            operation=operation.id,
            status_code=200,
            code=None,
            message=text,
            request_id=None,
            retry_after=None,
            body=b"",
        )


def _checked(job_id: str) -> str:
    if not isinstance(job_id, str) or not job_id:
        raise ValueError(f"a job's id is {job_id!r}: give a text that is not empty")
    return job_id


def _may_pass(error: CloudJobsError) -> bool:
    """Whether asking again may help. A body that cannot be read is often the page of a gateway that is in trouble."""
    if isinstance(error, APIStatusError):
        return error.retryable
    return isinstance(error, APIConnectionError | InvalidResponseError)


def snapshots(rounds: Iterable[Poller[Any]]) -> dict[str, JobSnapshot]:
    """What is known of the awaited jobs, by id."""
    return {
        job_id: sighting.snapshot
        for each in rounds
        for job_id, sighting in each.jobs.items()
        if sighting.snapshot is not None
    }


def wait_timeout_error(rounds: list[Poller[Any]], timeout: float | None) -> WaitTimeoutError:
    """The error of a wait whose time is over."""
    known, total = snapshots(rounds), sum(len(each.jobs) for each in rounds)
    ended = sum(snapshot.is_terminal for snapshot in known.values())
    only = next(iter(known.values()), None) if total == 1 else None
    if total == 1:
        said = f"is {only.state}" if only else "was never seen"
        what = f"job {next(iter(rounds[0].jobs))!r} {said}"
    else:
        what = f"{ended} of {total} jobs have ended"
    operation = rounds[0].operation
    error = WaitTimeoutError(
        f"{operation.service}.{operation.id}: {what} after {timeout or 0:g} s",
        service=operation.service,
        operation=operation.id,
        snapshot=only,
        snapshots=known,
        timeout=timeout,
    )
    error.__cause__ = next((each.last_error for each in rounds if each.last_error), None)
    return error


def wait_cancelled_error(rounds: list[Poller[Any]]) -> WaitCancelledError:
    """The error of a wait that its caller ended."""
    known, total = snapshots(rounds), sum(len(each.jobs) for each in rounds)
    operation = rounds[0].operation
    return WaitCancelledError(
        f"{operation.service}.{operation.id}: the wait was cancelled; the job itself goes on",
        service=operation.service,
        operation=operation.id,
        snapshot=next(iter(known.values()), None) if total == 1 else None,
        snapshots=known,
    )


_CATCH_UP = 0.02
"""Seconds that polls may make up for when a sleep on_response longer than asked for, as sleeps do."""


def pollers_for(
    operation: Operation[M], arguments: Mapping[str, object], ids: Iterable[str], options: WaitOptions, clock: Clock
) -> list[Poller[M]]:
    """The rounds that await jobs: one for all of them if the operation lists jobs, or else one for each."""
    if isinstance(ids, str):
        raise ValueError("ids is one text: give a list of ids, or use wait_for_job")
    # An id that is given twice is one job.
    awaited = list(dict.fromkeys(ids))
    if operation.poll is None or operation.poll.argument:
        return [Poller(operation, arguments, [job_id], options, clock) for job_id in awaited]
    return [Poller(operation, arguments, awaited, options, clock)] if awaited else []


def validate_max_concurrency(max_concurrency: int) -> int:
    """The number, if it is one of requests. Raises `ValueError`."""
    if isinstance(max_concurrency, bool) or not isinstance(max_concurrency, int) or max_concurrency < 1:
        raise ValueError(f"max_concurrency is {max_concurrency!r}: give a number of requests, 1 or more")
    return max_concurrency


class PollScheduler(Generic[M]):
    """Rounds by the time of their next poll. Neither sends nor sleeps."""

    def __init__(
        self, rounds: list[Poller[M]], clock: Clock, max_polls_per_second: float, timeout: float | None
    ) -> None:
        # Held against the pause that it means, too: a rate next to nothing has one that no sleep takes.
        if not (
            isinstance(max_polls_per_second, int | float)
            and max_polls_per_second > 0
            and is_duration(1 / max_polls_per_second)
        ):
            raise ValueError(f"max_polls_per_second is {max_polls_per_second!r}: give a number of polls, more than 0")
        now = clock.monotonic()
        self.rounds = rounds
        self._clock = clock
        self._timeout = timeout
        # A wait of no time looks once at each job, as the wait for one does: no clock ends it.
        self._looks_once = timeout == 0
        self._is_late = False
        self._ends = None if timeout is None or self._looks_once else now + timeout
        self._step = 1 / max_polls_per_second
        self._slot = now
        self._count = 0
        self._queue: list[tuple[float, int, Poller[M]]] = []
        self._under_way = 0
        for each in rounds:
            self._put(each, now)

    @property
    def is_over(self) -> bool:
        """Whether all jobs have ended."""
        return not self._queue and not self._under_way and not self._is_late

    def next_due(self) -> Poller[M] | float | None:
        """The round to poll now; or seconds to sleep before asking again; None when all jobs have ended.

        Raises:
            WaitTimeout: The time is over.
        """
        if self.is_over:
            return None
        now = self._clock.monotonic()
        is_past = self._ends is not None and now >= self._ends
        if is_past or (self._is_late and not self._queue and not self._under_way):
            raise wait_timeout_error(self.rounds, self._timeout)
        sleep = SHORTEST_PAUSE
        if self._queue:
            at = max(self._queue[0][0], self._slot)
            if at <= now:
                self._slot = max(self._slot, now - _CATCH_UP) + self._step
                self._under_way += 1
                return heappop(self._queue)[2]
            # A poll that is under way comes back no sooner than after the shortest pause.
            sleep = min(at - now, SHORTEST_PAUSE) if self._under_way else at - now
        return sleep if self._ends is None else min(sleep, max(self._ends - now, 0.0))

    def finish(self, polled: Poller[M]) -> None:
        """Take a round back whose poll is done."""
        self._under_way -= 1
        if polled.is_over:
            return
        if self._looks_once:
            self._is_late = True
        else:
            pause = polled.pause()
            now = self._clock.monotonic()
            # Without time for another poll the whole wait ends with its time: others may still end before.
            self._put(polled, (self._ends or now) if pause is None else now + pause)

    def _put(self, each: Poller[M], due: float) -> None:
        # The count keeps the order of those that are due at the same time, and rounds from being compared.
        self._count += 1
        heappush(self._queue, (due, self._count, each))
