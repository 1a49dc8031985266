"""Awaits jobs, without sending or sleeping: what a reply or a failure means to those who wait, and when to ask again.

A round is one request that is made again and again. It awaits one job; of an operation that lists jobs, all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from ._clock import Clock
from ._conformance import escape
from ._deviations import Deviation
from ._models import Model, wire_names
from ._operations import Operation, PollShape
from ._options import Options
from ._retries import LONGEST_RETRY_AFTER
from ._rows import Rows
from ._sightings import Sighting, WaitOptions, job_failed
from ._snapshots import JobSnapshot
from .errors import (
    ApiError,
    CloudJobsError,
    ConnectionFailed,
    InvalidResponse,
    NotFound,
    RequestTimeout,
    WaitCancelled,
    WaitTimeout,
)

M = TypeVar("M", bound=Model)
logger = logging.getLogger(__package__)

SHORTEST_PAUSE = 0.2
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_GROWTH = 1.5
_JITTER = 0.25
"""Share of a pause that chance may take away, so that waits that began together do not stay together."""
_MOST_FAULTS = 10
_LAST_LOOK = 1.0
"""Seconds before the end of a wait at which a job is asked for once more, where it would not be asked for otherwise."""


class Round(Generic[M]):
    """One request that awaits jobs.

    Args:
        operation: What is called; it has a `poll`.
        arguments: Its arguments, but for a job's id.
        ids: The jobs; several of a listing alone.
        options: What the caller chose.
        clock: The time. A wait begins now, or when `begin` is called.
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
        self.jobs = {job_id: Sighting(f"{operation.service}.{operation.id}") for job_id in map(_checked, ids)}
        """All jobs, whether they have ended or not."""
        self._shape = operation.poll or PollShape()
        self._arguments = arguments
        self._open = set(self.jobs)
        self._options = options
        self._clock = clock
        self.begin()
        self._interval = _FIRST_PAUSE
        self._faults = 0
        self._asked_pause = 0.0
        self.last_error: CloudJobsError | None = None
        """The failure of the last call, if it failed."""

    def begin(self) -> None:
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

    def took(self, reply: M, on_deviation: Callable[[Deviation], object] | None = None) -> list[JobSnapshot]:
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
            snapshot, differs = self.jobs[job_id].saw(job)
            if differs:
                changed.append(snapshot)
            if on_deviation is not None:
                for deviation in snapshot.deviations:
                    on_deviation(deviation if place is None else self._in_listing(deviation, reply, place))
        missing = self._open - found.keys()
        self._open = {job_id for job_id in self._open if not self.jobs[job_id].is_over}
        self._faults, self._asked_pause, self.last_error = 0, 0.0, None
        if missing:
            self.failed(self._not_listed(missing))
        return changed

    def failed(self, error: CloudJobsError) -> None:
        """Take a failure in. Raises it, unless it may pass."""
        self.last_error, self._asked_pause = error, 0.0
        if isinstance(error, NotFound) and self._clock.monotonic() < self._grace_ends:
            return
        self._faults += 1
        if not _may_pass(error) or self._faults > _MOST_FAULTS:
            if self._shape.argument:
                # Where many are awaited, the error alone does not tell which of them it was.
                error.add_note(f"awaited: {next(iter(self.jobs))!r}")
            raise error
        if isinstance(error, ApiError) and error.retry_after is not None:
            self._asked_pause = min(error.retry_after, LONGEST_RETRY_AFTER)
        what = f"status {error.status_code}" if isinstance(error, ApiError) else type(error).__name__
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
        """The one awaited job, which has ended. Raises `JobFailed` unless it succeeded."""
        (snapshot,) = snapshots([self]).values()
        if not snapshot.is_success:
            raise job_failed(self.operation, snapshot)
        return snapshot

    def left(self) -> float | None:
        """Seconds that the wait has left, if they are limited."""
        return None if self._ends is None else max(0.0, self._ends - self._clock.monotonic())

    def _found(self, reply: M) -> dict[str, tuple[int | None, Model]]:
        """The awaited jobs that a reply has; in a listing, with their places."""
        if self._shape.argument:
            return dict.fromkeys(self.jobs, (None, reply))
        rows = getattr(reply, self._shape.items, None)
        if not isinstance(rows, Rows):
            return {}
        match = self._shape.match
        if len(self._open) == 1:
            (job_id,) = self._open
            matching = rows.where(**{match: job_id}).undecoded()
            places = dict(zip([job_id], (place for place, _ in matching), strict=False))
        else:
            places = rows.places(match)
        found = {job_id: (places[job_id], rows[places[job_id]]) for job_id in self._open if job_id in places}
        return {job_id: (place, row) for job_id, (place, row) in found.items() if isinstance(row, Model)}

    def _in_listing(self, deviation: Deviation, reply: M, place: int) -> Deviation:
        """A deviation of a row, as one of the listing."""
        items = next(wire for wire, name in wire_names(type(reply)).items() if name == self._shape.items)
        return deviation.below(f"/{escape(items)}/{place}", f"/{escape(items)}/*")

    def _not_listed(self, missing: set[str]) -> NotFound:
        operation = self.operation
        first = min(missing)
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        text = f"the listing has no such job: {first!r}{more}"
        return NotFound(
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
    if isinstance(error, ApiError):
        return error.retryable
    return isinstance(error, ConnectionFailed | RequestTimeout | InvalidResponse)


def snapshots(rounds: Iterable[Round[Any]]) -> dict[str, JobSnapshot]:
    """What is known of the awaited jobs, by id."""
    return {
        job_id: sighting.snapshot
        for each in rounds
        for job_id, sighting in each.jobs.items()
        if sighting.snapshot is not None
    }


def timed_out(rounds: list[Round[Any]], timeout: float | None) -> WaitTimeout:
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
    error = WaitTimeout(
        f"{operation.service}.{operation.id}: {what} after {timeout or 0:g} s",
        service=operation.service,
        operation=operation.id,
        snapshot=only,
        snapshots=known,
        timeout=timeout,
    )
    error.__cause__ = next((each.last_error for each in rounds if each.last_error), None)
    return error


def cancelled(rounds: list[Round[Any]]) -> WaitCancelled:
    """The error of a wait that its caller ended."""
    known, total = snapshots(rounds), sum(len(each.jobs) for each in rounds)
    operation = rounds[0].operation
    return WaitCancelled(
        f"{operation.service}.{operation.id}: the wait was cancelled; the job itself goes on",
        service=operation.service,
        operation=operation.id,
        snapshot=next(iter(known.values()), None) if total == 1 else None,
        snapshots=known,
    )
