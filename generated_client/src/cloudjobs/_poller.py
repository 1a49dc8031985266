# Generated from generator/client/runtime/_poller.py. Do not edit: change that, and run `make generate`.
"""Sans-I/O polling: interprets responses and errors, and computes the next delay. The clients do the I/O.

A poller repeats one request. It awaits one job; if the operation lists jobs, all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from ._clock import Clock, is_duration
from ._deviations import Deviation
from ._jobs import JobMapping, JobSnapshot, JobState
from ._models import Model, as_text, pointer, value_at
from ._operations import JobId, Operation, PollSpec
from ._options import LONGEST_RETRY_AFTER, Options, Reachability, WaitOptions, backoff
from ._pagination import PageCursor, positions, rows_of
from ._response import one_line
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    ClientStateError,
    CloudJobsError,
    InvalidResponseError,
    JobFailedError,
    MissingCredentialsError,
    NotFoundError,
    TokenError,
    WaitCancelledError,
    WaitFailedError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__package__)

M = TypeVar("M")

SHORTEST_PAUSE = 0.2
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_GROWTH = 1.5
_JITTER = 0.25
"""Share of a pause that is subtracted at random, so that waits that started together do not poll in lockstep."""
_MOST_FAILURES = 10
"""Polls in a row that may fail by a transient error."""
_MOST_MISSES = 3
"""Polls in a row that may lack a job that was seen: a replica can be behind."""
_LAST_POLL = 1.0
"""Seconds before the timeout at which a job is polled once more, if no other poll is due by then."""
_CATCH_UP = 0.02
"""Seconds of delayed polls that may be made up for, because sleeps take longer than requested."""


class Poller(Generic[M]):
    """One repeated request that awaits jobs.

    Args:
        operation: The operation to call; it has a `poll`.
        arguments: Its arguments without a job's ID.
        ids: The jobs; more than one only for a listing.
        options: Options of the wait.
        clock: The clock. The wait starts now, and again when `start` is called.
        retries: Polls that are repeated after a failed connection before the service has responded.
        reachability: That of the whole wait, if other pollers belong to it.
    """

    def __init__(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[JobId],
        options: WaitOptions,
        clock: Clock,
        retries: int = 0,
        reachability: Reachability | None = None,
        base_url: str = "",
    ) -> None:
        self.operation = operation
        self.options = options
        self._spec = operation.poll or PollSpec()
        self.jobs = {
            job_id: JobTracker(operation, job_id) for job_id in (_validate_job_id(each, self._spec) for each in ids)
        }
        """All jobs, ended or not."""
        self.errors: dict[JobId, CloudJobsError] = {}
        """By ID, the error of each job that is no longer awaited although it has not ended."""
        self.wait_error: CloudJobsError | None = None
        """The error that ended the wait for all jobs, those of other pollers included."""
        self.last_error: CloudJobsError | None = None
        """Error of the last request, if it failed."""
        self._arguments = arguments
        self._base_url = base_url
        self._pending = set(self.jobs)
        self._unseen = set(self.jobs)
        """The awaited jobs that were on no page of the present poll so far."""
        self._cursor: PageCursor | None = None
        """Of a listing: the next page of the present poll, if it has several."""
        self._listed: set[str] = set()
        """Of a listing: IDs on those pages."""
        self._clock = clock
        self._interval = _interval_after(options.elapsed)
        self._failures = 0
        self._retry_after = 0.0
        self._retries = retries
        self.reachability = reachability or Reachability()
        """Whether the service has responded during the wait."""
        self._is_alone = reachability is None
        self._is_limited = False
        self.start()

    def start(self) -> None:
        """Start the time of the wait."""
        now, timeout = self._clock.monotonic(), self.options.timeout
        self._ends = None if timeout is None else now + timeout
        self._grace_ends = now + self.options.not_found_grace

    @property
    def is_over(self) -> bool:
        """Whether no job is awaited any more."""
        return not self._pending

    @property
    def needs_page(self) -> bool:
        """Whether the present poll goes on with the next page, which may have jobs that are missing so far."""
        return self._cursor is not None

    @property
    def arguments(self) -> Mapping[str, object]:
        """Arguments of the request."""
        if self._spec.is_listing:
            return {**self._arguments, **self._cursor.arguments} if self._cursor else self._arguments
        awaited = [job_id for job_id in self.jobs if job_id in self._pending]
        return {**self._arguments, **self._spec.arguments(awaited or list(self.jobs))}

    def call_options(self, options: Options) -> Options:
        """Return options of the next call, which must not outlast the wait."""
        left = self.left()
        # A wait with a timeout of 0 polls once.
        if left is None or left <= 0 or (options.deadline is not None and options.deadline <= left):
            return options
        self._is_limited = True
        return options.changed({"deadline": left})

    def on_response(
        self,
        response: M,
        on_deviation: Callable[[Deviation], object] | None = None,
        retry_after: float | None = None,
        *,
        status: int = 200,
        headers: httpx.Headers | None = None,
    ) -> list[JobSnapshot[Any]]:
        """Process a response and return a snapshot of each job that changed.

        Args:
            response: The model of the response. Its own deviations have been reported.
            on_deviation: Called with each timestamp in it that cannot be read.
            retry_after: Seconds until the next poll, if the service asked for that.
            status: Status code of the response.
            headers: Headers of the response.
        """
        state = self._spec.statuses.get(status)
        found: dict[JobId, tuple[int | None, Any]]
        found = self._find(response) if state is None else dict.fromkeys(self._pending, (None, response))
        changed = []
        for job_id, (row, job) in found.items():
            if job_id not in self._pending:
                continue
            snapshot, differs = self.jobs[job_id].update(job, state)
            if differs:
                changed.append(snapshot)
            if on_deviation is not None:
                for deviation in snapshot.deviations:
                    on_deviation(self._in_response(deviation, row))
        self._unseen -= found.keys()
        self._pending = {job_id for job_id in self._pending if not self.jobs[job_id].is_over}
        self.reachability.is_confirmed = True
        self._failures, self.last_error = 0, None
        self._retry_after = min(retry_after or 0.0, LONGEST_RETRY_AFTER)
        self._advance(response, headers)
        if self.needs_page:
            return changed
        missing, self._unseen = self._unseen, set(self._pending)
        if missing:
            self.last_error = self._not_listed(missing)
            self._on_missing({job_id: self._not_listed({job_id}) for job_id in missing})
        return changed

    def on_error(self, error: CloudJobsError) -> None:
        """Process an error. Unless it is transient, the jobs are no longer awaited."""
        self.last_error, self._retry_after = error, 0.0
        self._start_poll()
        if isinstance(error, APIStatusError | InvalidResponseError) and not isinstance(error, TokenError):
            self.reachability.is_confirmed = True
        if isinstance(error, NotFoundError):
            self._on_missing(dict.fromkeys(self._pending, error))
            return
        self._failures += 1
        if not _is_transient(error) or self._failures > self._most_failures(error):
            if self._concerns_all(error):
                self.wait_error = error
            self.fail(dict.fromkeys(self._pending, error))
            return
        kind = type(error).__name__
        if isinstance(error, APIStatusError):
            kind = f"status {error.status_code}"
            self._retry_after = min(error.retry_after or 0.0, LONGEST_RETRY_AFTER)
        logger.info("%s: %s: %s while waiting, %d in a row", self.operation, self.job, kind, self._failures)

    def _start_poll(self) -> None:
        self._cursor, self._unseen = None, set(self._pending)
        self._listed.clear()

    def _advance(self, response: object, headers: httpx.Headers | None) -> None:
        """Go to the next page; to none if all awaited jobs were listed, or after the last page.

        Services limit pages: the first one need not have all rows.
        """
        self._unseen &= self._pending
        listed: set[str] = set()
        pages = self.operation.pages
        if self._unseen and pages is not None and self._spec.is_listing:
            rows = rows_of(response, self._spec.items)
            cursor = self._cursor or PageCursor(pages, self._base_url)
            try:
                cursor.advance(response, len(rows), headers)
            except ValueError as error:
                logger.warning("%s: %s", self.operation, error)
                cursor.is_over = True
            if not cursor.is_over:
                self._cursor = cursor
                listed = positions(rows, self._spec.match).keys() - self._listed
        if not listed:
            # Nothing is missing, the page is empty, or the service repeats it because it ignores the place of the page.
            self._cursor = None
            self._listed.clear()
            return
        self._listed |= listed

    def fail(self, errors: Mapping[JobId, CloudJobsError]) -> None:
        """Await no longer the jobs that have an error and have not ended."""
        for job_id in self._pending & errors.keys():
            error = errors[job_id]
            is_its_own = self._is_alone or error is not self.wait_error
            if not self._spec.is_listing and is_its_own and (name := repr(job_id)) not in str(error):
                # The text of a response's error does not name the job.
                error.args = (f"{error} (job {one_line(name)})", *error.args[1:])
            self.errors[job_id] = error
        self._pending -= errors.keys()
        self._unseen -= errors.keys()

    def raise_error(self) -> None:
        """Raise the error of the one awaited job, if it has one."""
        for error in self.errors.values():
            raise error

    def _on_missing(self, errors: Mapping[JobId, NotFoundError]) -> None:
        """Await no longer the missing jobs, unless they may appear, or were seen a few polls ago."""
        in_grace = self._clock.monotonic() < self._grace_ends
        gone = {}
        for job_id, error in errors.items():
            job = self.jobs[job_id]
            job.misses += 1
            if in_grace or (job.snapshot is not None and job.misses <= _MOST_MISSES):
                logger.info(
                    "%s: job %r is missing, %d in a row; last state: %s",
                    *(self.operation, job_id, job.misses, job.snapshot.state if job.snapshot else "never seen"),
                )
            else:
                gone[job_id] = error
        # The 404 of a listing is not about a job, but about the resource that the jobs belong to.
        first = next(iter(gone.values()), None)
        if first is not None and len(gone) == len(self._pending) and self._concerns_all(first):
            self.wait_error = first
        self.fail(gone)

    def _concerns_all(self, error: CloudJobsError) -> bool:
        """Return whether an error applies to all jobs of the wait."""
        if isinstance(error, NotFoundError) and error.status_code == 200:
            # The error of one job, which a listing lacks.
            return False
        is_unreachable = isinstance(error, APIConnectionError) and not self.reachability.is_confirmed
        return (
            is_unreachable
            or self._spec.is_listing
            or isinstance(error, AuthenticationError | TokenError | ClientStateError | MissingCredentialsError)
        )

    def _most_failures(self, error: CloudJobsError) -> int:
        """Return how many transient errors in a row do not end the wait."""
        if self.reachability.is_confirmed or not isinstance(error, APIConnectionError):
            return _MOST_FAILURES
        # The timeout of the wait limits the call too. If it expired, the wait ends by itself.
        return _MOST_FAILURES if self._is_limited and _is_deadline(error) else self._retries

    @property
    def job(self) -> str:
        """The awaited job, or how many are awaited, for a log."""
        return f"job {next(iter(self.jobs))!r}" if len(self.jobs) == 1 else f"{len(self._pending)} jobs"

    def pause(self) -> float | None:
        """Return seconds until the next poll; None if no time is left for one."""
        given, chance = self.options.poll_interval, self._clock.random()
        if self._failures and not self.reachability.is_confirmed:
            pause = backoff(self._failures - 1, chance)
        elif given is None and self._retry_after >= SHORTEST_PAUSE and not self._failures:
            # The service knows better than the schedule when the job will have changed.
            pause = self._retry_after
        elif given is None and self._spec.interval is not None:
            pause = self._spec.interval
        else:
            pause = self._interval * (1 - _JITTER * chance) if given is None else given
        self._interval = min(self._interval * _GROWTH, _LONGEST_PAUSE)
        pause = max(pause, self._retry_after, SHORTEST_PAUSE)
        left = self.left()
        if left is None or pause < left:
            return pause
        # Rather than sleep until the timeout, poll once more shortly before it.
        last = left - _LAST_POLL
        return last if last >= max(SHORTEST_PAUSE, self._retry_after) else None

    def first_pause(self) -> float:
        """Return seconds until the first poll: random within a pause if another process has waited before, or else 0.

        A process that takes over many waits must not poll all of their jobs at once.
        """
        if self.options.elapsed < _FIRST_PAUSE or self.options.timeout == 0:
            return 0.0
        pause = self.options.poll_interval or self._spec.interval or self._interval
        left = self.left()
        return self._clock.random() * (pause if left is None else min(pause, left / 2))

    def left(self) -> float | None:
        """Return seconds left of the wait; None if it has no timeout."""
        return None if self._ends is None else max(0.0, self._ends - self._clock.monotonic())

    def only_look(self) -> JobSnapshot[Any]:
        """Return the one job after a single poll, in any state. Raises the error of the poll."""
        if self.last_error is not None:
            self.fail(dict.fromkeys(self._pending, self.last_error))
        self.raise_error()
        (snapshot,) = snapshots([self]).values()
        return snapshot

    def result(self) -> JobSnapshot[Any]:
        """Return the one awaited job, which has ended. Raises `JobFailedError` unless it succeeded."""
        (snapshot,) = snapshots([self]).values()
        if not snapshot.is_success:
            raise job_failed_error(self.operation, snapshot)
        return snapshot

    def _find(self, response: object) -> dict[JobId, tuple[int | None, Model | None]]:
        """Return the awaited jobs in a response; in a list, each with the index of its item."""
        if not self._spec.items:
            job = value_at(response, self._spec.job) if self._spec.job else response
            # Without an object at its path the job is missing; without a path it is the response.
            return {job_id: (None, job) for job_id in self.jobs if isinstance(job, Model)}
        rows = rows_of(response, self._spec.items)
        indices = positions(rows, self._spec.match)
        found = {
            job_id: (index, rows[index]) for job_id in self._pending if (index := indices.get(str(job_id))) is not None
        }
        return {job_id: (index, row) for job_id, (index, row) in found.items() if isinstance(row, Model)}

    def _in_response(self, deviation: Deviation, index: int | None) -> Deviation:
        """Return a deviation of a job, as one of the response."""
        if index is None:
            at = pointer(self._spec.job or "$")
            return deviation.below(at, at) if at else deviation
        items = pointer(self._spec.items)
        return deviation.below(f"{items}/{index}", f"{items}/*")

    def _not_listed(self, missing: set[JobId]) -> NotFoundError:
        first = min(missing, key=str)
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        what = "listing" if self._spec.is_listing else "response"
        message = f"the {what} does not contain job {first!r}{more}"
        return NotFoundError(
            f"{self.operation}: {message}",
            service=self.operation.service,
            operation=self.operation.id,
            status_code=200,
            code=None,
            message=message,
            request_id=None,
            retry_after=None,
            body=b"",
        )


def _validate_job_id(job_id: JobId, spec: PollSpec) -> JobId:
    if spec.is_integer:
        is_number = isinstance(job_id, int) or (isinstance(job_id, str) and job_id.isascii() and job_id.isdigit())
        if not is_number or isinstance(job_id, bool):
            raise ValueError(f"a job id must be an integer, got {job_id!r}")
    elif not isinstance(job_id, str) or not job_id:
        raise ValueError(f"a job id must be a non-empty str, got {job_id!r}")
    return job_id


def _interval_after(elapsed: float) -> float:
    """Return the pause, without its jitter, that the schedule has after so many seconds."""
    interval = _FIRST_PAUSE
    while elapsed >= interval and interval < _LONGEST_PAUSE:
        elapsed -= interval
        interval = min(interval * _GROWTH, _LONGEST_PAUSE)
    return interval


def _is_transient(error: CloudJobsError) -> bool:
    """Return whether another poll may succeed.

    A body that cannot be read often comes from a gateway that is failing.
    """
    if isinstance(error, APIStatusError):
        return error.retryable
    return isinstance(error, APIConnectionError | InvalidResponseError)


def _is_deadline(error: CloudJobsError) -> bool:
    """Return whether the deadline of a call expired, rather than the timeout of one attempt."""
    cause = error.__cause__
    return isinstance(error, APITimeoutError) and (cause is None or isinstance(cause, CloudJobsError))


class JobTracker:
    """The last known state of one awaited job."""

    __slots__ = ("_job_id", "_operation", "_unknown_logged", "misses", "snapshot")

    def __init__(self, operation: Operation[Any], job_id: JobId) -> None:
        self.snapshot: JobSnapshot[Any] | None = None
        self.misses = 0
        """Polls in a row that lacked the job."""
        self._operation = operation
        self._job_id = job_id
        self._unknown_logged = False

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.snapshot is not None and self.snapshot.is_terminal

    def update(self, job: Model | None, state: str | None = None) -> tuple[JobSnapshot, bool]:
        """Store the job's present state. Returns its snapshot, and whether that differs from the last one.

        Args:
            job: The job; None for a response without one.
            state: Its state, if the status code of the response means one.
        """
        before, now = self.snapshot, self._snapshot(job, state)
        if before is not None:
            now = _with_monotonic_progress(before, now)
        if now.state is JobState.UNKNOWN and job is not None and not self._unknown_logged:
            self._unknown_logged = True
            self._log_unknown(job)
        self.snapshot, self.misses = now, 0
        return now, before is None or _compared(before) != _compared(now)

    def _snapshot(self, job: Model | None, state: str | None) -> JobSnapshot:
        if state is None:
            assert job is not None
            return JobSnapshot.from_job(job)
        known = JobState(state)
        if hasattr(type(job), "__job__"):
            assert job is not None
            now = JobSnapshot.from_job(job)
            progress = 1.0 if known is JobState.SUCCEEDED else now.progress if now.progress != 1 else None
            return attrs.evolve(now, state=known, progress=progress)
        return JobSnapshot(
            id=str(self._job_id),
            state=known,
            progress=1.0 if known is JobState.SUCCEEDED else None,
            started_at=None,
            ended_at=None,
            reason=None,
            children=(),
            job=job,  # type: ignore[arg-type]  # None for a response without a job
        )

    def _log_unknown(self, job: Model) -> None:
        mapping: JobMapping = type(job).__job__  # type: ignore[attr-defined]
        names = mapping.state
        values = [text for name in names if (text := as_text(value_at(job, name))) not in (None, "")]
        state = ", ".join(repr(one_line(value)) for value in (values if mapping.cases else values[:1]))
        logger.warning(
            "%s: job %r has %s at %s; it counts as not ended",
            *(self._operation, self._job_id),
            f"the state {state}, which the document does not list," if state else "no state",
            " or ".join(names),
        )


def _with_monotonic_progress(before: JobSnapshot, now: JobSnapshot) -> JobSnapshot:
    """Return the newer snapshot. Its progress and that of children is not below the earlier one, until they end."""
    known = {_key(child, index): child for index, child in enumerate(before.children)}
    children = tuple(
        _with_monotonic_progress(earlier, child) if (earlier := known.get(_key(child, index))) else child
        for index, child in enumerate(now.children)
    )
    progress = max((each for each in (before.progress, now.progress) if each is not None), default=None)
    if now.is_terminal and now.progress is not None:
        # The share that succeeded can be less than the previous progress.
        progress = now.progress
    if progress == 1.0 and not now.is_success:
        # Only a job that succeeded has progress 1. A resumed job has the progress of its new run.
        progress = now.progress
    if progress == now.progress and all(a is b for a, b in zip(children, now.children, strict=True)):
        return now
    return attrs.evolve(now, progress=progress, children=children)


def _key(child: JobSnapshot, index: int) -> str | int:
    return child.id if child.id is not None else index


def _compared(snapshot: JobSnapshot) -> tuple[Any, ...]:
    """Return the values with reported changes, those of children included, independent of the order of children."""
    children = sorted((_compared(child) for child in snapshot.children), key=lambda child: child[0] or "")
    return (snapshot.id or "", snapshot.state, snapshot.progress, snapshot.reason, snapshot.code, tuple(children))


class PollScheduler(Generic[M]):
    """Pollers by the time of their next poll. Neither sends nor sleeps.

    If a connection fails before the service has responded, only that poll is repeated until there is a response: a
    wrong address costs few requests, however many jobs are awaited.

    Args:
        operation: The operation to call; it has a `poll`.
        arguments: Its arguments without a job's ID.
        ids: The jobs.
        options: Options of the wait.
        clock: The clock. The wait starts now.
        max_polls_per_second: Polls begun in a second at most.
        retries: Polls that are repeated after a failed connection before the service has responded.

    Raises:
        ValueError: `ids` is one string, an ID is invalid, or `max_polls_per_second` is not a positive number.
    """

    def __init__(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[JobId],
        options: WaitOptions,
        clock: Clock,
        max_polls_per_second: float,
        retries: int = 0,
        base_url: str = "",
    ) -> None:
        if isinstance(ids, str):
            raise ValueError("ids must be a list of IDs, got one str: use wait_for_job for one job")
        # An ID that is given twice is one job.
        awaited = list(dict.fromkeys(ids))
        # One poller awaits all jobs of a listing, or as many jobs as one request takes IDs.
        spec = operation.poll or PollSpec()
        size = len(awaited) if spec.is_listing else max(spec.batch, 1)
        groups = [awaited[start : start + size] for start in range(0, len(awaited), size or 1)]
        # A wait with a timeout of 0 polls each job once, as the wait for one job does, even if that takes long.
        self._polls_once = options.timeout == 0
        self.reachability = Reachability()
        self.pollers = [
            Poller(
                *(operation, arguments, group, options, clock, 0 if self._polls_once else retries, self.reachability),
                base_url,
            )
            for group in groups
        ]
        # The pause between polls is checked too: with a rate near 0 it is longer than any sleep.
        if not (
            isinstance(max_polls_per_second, int | float)
            and max_polls_per_second > 0
            and is_duration(1 / max_polls_per_second)
        ):
            raise ValueError(f"max_polls_per_second must be a number above 0, got {max_polls_per_second!r}")
        now = clock.monotonic()
        self._clock = clock
        self._is_late = False
        self._is_ended = False
        self._ends = None if options.timeout is None or self._polls_once else now + options.timeout
        self._step = 1 / max_polls_per_second
        self._slot = now
        self._count = 0
        self._queue: list[tuple[float, int, Poller[M]]] = []
        self._probe: Poller[M] | None = None
        """The first poller with a failed connection before the service had responded."""
        self._held: list[tuple[float, int, Poller[M]]] = []
        """The others, until the service has responded."""
        self._in_flight = 0
        for poller in self.pollers:
            self._put(poller, now + poller.first_pause())

    @property
    def is_over(self) -> bool:
        """Whether no job is awaited any more."""
        return self._is_ended or not (self._queue or self._held or self._in_flight or self._is_late)

    def next_due(self) -> Poller[M] | float | None:
        """Return the poller that is due, or the seconds to sleep until the next one is; None when the wait is over."""
        if self.is_over:
            return None
        now = self._clock.monotonic()
        is_past = self._ends is not None and now >= self._ends
        if is_past or (self._is_late and not self._queue and not self._in_flight):
            self._is_late = self._is_ended = True
            return None
        sleep = SHORTEST_PAUSE
        if self._queue:
            due = max(self._queue[0][0], self._slot)
            if due <= now:
                self._slot = max(self._slot, now - _CATCH_UP) + self._step
                self._in_flight += 1
                return heappop(self._queue)[2]
            # A poll in flight is due again no sooner than after the shortest pause.
            sleep = min(due - now, SHORTEST_PAUSE) if self._in_flight else due - now
        return sleep if self._ends is None else min(sleep, max(self._ends - now, 0.0))

    def finish(self, polled: Poller[M]) -> None:
        """Schedule the next poll of a poller that `next_due` returned."""
        self._in_flight -= 1
        if polled.wait_error is not None:
            self._is_ended = True
            for poller in self.pollers:
                poller.wait_error = polled.wait_error
                poller.fail(dict.fromkeys(poller.jobs, polled.wait_error))
            return
        self._hold(polled)
        if polled.is_over:
            return
        if self._polls_once:
            self._is_late = True
        else:
            pause = polled.pause()
            now = self._clock.monotonic()
            # Without time for another poll the job is left to the timeout: others may still end before it.
            self._put(polled, (self._ends or now) if pause is None else now + pause)

    def results(self, *, return_exceptions: bool) -> dict[Any, Any]:
        """Return the final snapshot of each job by ID, in the given order; with `return_exceptions`, also errors.

        Raises:
            WaitTimeoutError: The timeout expired.
            WaitFailedError: A job could not be awaited to its end.
            CloudJobsError: The error that all jobs have, if none of them ended.
        """
        found = results(self.pollers)
        if return_exceptions:
            late = {job_id: poller for poller in self.pollers for job_id in poller.jobs if job_id not in found}
            found |= {job_id: wait_timeout_error([poller], job_id) for job_id, poller in late.items()}
        elif self._is_late:
            raise wait_timeout_error(self.pollers)
        else:
            raise_wait_error(self.pollers)
        return {job_id: found[job_id] for poller in self.pollers for job_id in poller.jobs}

    def _hold(self, polled: Poller[M]) -> None:
        """Hold the other pollers while it is not known whether the service can be reached."""
        if self.reachability.is_confirmed:
            for entry in self._held:
                heappush(self._queue, entry)
            self._held.clear()
        elif self._probe is None and polled.last_error is not None:
            self._probe = polled
            self._held, self._queue = self._queue, []

    def _put(self, poller: Poller[M], due: float) -> None:
        # The count keeps the order of pollers that are due at the same time, and keeps them from being compared.
        self._count += 1
        is_held = self._probe not in (None, poller) and not self.reachability.is_confirmed
        heappush(self._held if is_held else self._queue, (due, self._count, poller))


def validate_max_concurrency(max_concurrency: int) -> int:
    """Return the number if it is valid. Raises `ValueError`."""
    if isinstance(max_concurrency, bool) or not isinstance(max_concurrency, int) or max_concurrency < 1:
        raise ValueError(f"max_concurrency must be an integer >= 1, got {max_concurrency!r}")
    return max_concurrency


def snapshots(pollers: Iterable[Poller[Any]]) -> dict[Any, JobSnapshot[Any]]:
    """Return the last snapshots of the awaited jobs that were seen, by ID."""
    return {
        job_id: tracker.snapshot
        for poller in pollers
        for job_id, tracker in poller.jobs.items()
        if tracker.snapshot is not None
    }


def results(pollers: Iterable[Poller[Any]]) -> dict[Any, JobSnapshot[Any] | CloudJobsError]:
    """Return the final snapshots of the jobs that ended, and the errors of those that are no longer awaited, by ID."""
    found: dict[Any, JobSnapshot[Any] | CloudJobsError] = {}
    for poller in pollers:
        for job_id, job in poller.jobs.items():
            if job.snapshot is not None and job.is_over:
                found[job_id] = job.snapshot
            elif job_id in poller.errors:
                found[job_id] = poller.errors[job_id]
    return found


def job_failed_error(operation: Operation[Any], snapshot: JobSnapshot) -> JobFailedError:
    """Return the error for a job that ended without success."""
    child = _failed_child(snapshot)
    child_reason = child.reason if child is not None else None
    reason = snapshot.reason or child_reason
    text = one_line(reason) if reason else "no reason given"
    if snapshot.code:
        text += f" ({one_line(snapshot.code)})"
    if child is not None and child_reason and child_reason != reason:
        text += f"; its child {child.id!r}: {one_line(child_reason)}"
    return JobFailedError(
        f"{operation}: job {snapshot.id!r} ended as {snapshot.state}: {text}",
        service=operation.service,
        operation=operation.id,
        snapshot=snapshot,
        failed_child=child,
        reason=reason,
    )


def _failed_child(snapshot: JobSnapshot) -> JobSnapshot[Any] | None:
    """Return the first child, at any depth, that failed with a reason; of nested ones the innermost."""
    for child in snapshot.children:
        if child.is_terminal and not child.is_success:
            found = _failed_child(child) or (child if child.reason else None)
            if found is not None:
                return found
    return None


def raise_wait_error(pollers: list[Poller[Any]]) -> None:
    """Raise the error of a wait for several jobs, if one of them could not be awaited to its end."""
    if not any(poller.errors for poller in pollers):
        return
    found = results(pollers)
    errors = {job_id: result for job_id, result in found.items() if isinstance(result, CloudJobsError)}
    job_id, first = next(iter(errors.items()))
    wait_error = pollers[0].wait_error
    if wait_error is not None and all(each is wait_error for each in found.values()):
        # All jobs have the same error and there are no other results, so that error is raised.
        raise wait_error
    operation = pollers[0].operation
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    raise WaitFailedError(
        f"{operation}: the wait failed for {len(errors)} of {len(found)} jobs: job {job_id!r}{more}: "
        f"{type(first).__name__}: {first}",
        service=operation.service,
        operation=operation.id,
        results=found,
        snapshots=snapshots(pollers),
    ) from first


def wait_timeout_error(pollers: list[Poller[Any]], job_id: JobId | None = None) -> WaitTimeoutError:
    """Return the error of a wait after its timeout; with an ID, that of one of its jobs."""
    ids = [each for poller in pollers for each in poller.jobs] if job_id is None else [job_id]
    if job_id is None:
        known, ended = snapshots(pollers), results(pollers)
    else:
        snapshot = pollers[0].jobs[job_id].snapshot
        known, ended = {job_id: snapshot} if snapshot else {}, {}
    only = known.get(ids[0]) if len(ids) == 1 else None
    if len(ids) == 1:
        text = f"job {ids[0]!r} {f'is {only.state}' if only else 'was never seen'}"
    else:
        text = f"{sum(snapshot.is_terminal for snapshot in known.values())} of {len(ids)} jobs have ended"
    operation, timeout = pollers[0].operation, pollers[0].options.timeout
    error = WaitTimeoutError(
        f"{operation}: the timeout of {timeout or 0:g} s expired: {text}",
        service=operation.service,
        operation=operation.id,
        snapshot=only,
        snapshots=known,
        results=ended,
        timeout=timeout,
    )
    error.__cause__ = next((poller.last_error for poller in pollers if poller.last_error), None)
    return error


def wait_cancelled_error(pollers: list[Poller[Any]]) -> WaitCancelledError:
    """Return the error of a wait that its caller ended."""
    ids = [job_id for poller in pollers for job_id in poller.jobs]
    known = snapshots(pollers)
    operation = pollers[0].operation
    whose = f" for job {ids[0]!r}" if len(ids) == 1 else ""
    return WaitCancelledError(
        f"{operation}: the wait{whose} was cancelled; the {'job continues' if whose else 'jobs continue'}",
        service=operation.service,
        operation=operation.id,
        snapshot=known.get(ids[0]) if len(ids) == 1 else None,
        snapshots=known,
        results=results(pollers),
    )
