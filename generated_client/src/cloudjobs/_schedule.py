# Generated from generator/client/runtime/_schedule.py. Do not edit: change that, and run `make generate`.
"""The order of many polls: what is due first is asked first, and no more often than a service is to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import Generic, TypeVar

from ._clock import Clock, is_span
from ._models import Model
from ._operations import Operation
from ._polling import SHORTEST_PAUSE, Round, timed_out
from ._sightings import WaitOptions

M = TypeVar("M", bound=Model)

_CATCH_UP = 0.02
"""Seconds that polls may make up for when a sleep took longer than asked for, as sleeps do."""


def rounds_of(
    operation: Operation[M], arguments: Mapping[str, object], ids: Iterable[str], options: WaitOptions, clock: Clock
) -> list[Round[M]]:
    """The rounds that await jobs: one for all of them if the operation lists jobs, or else one for each."""
    if isinstance(ids, str):
        raise ValueError("ids is one text: give a list of ids, or use wait_for_job")
    # An id that is given twice is one job.
    awaited = list(dict.fromkeys(ids))
    if operation.poll is None or operation.poll.argument:
        return [Round(operation, arguments, [job_id], options, clock) for job_id in awaited]
    return [Round(operation, arguments, awaited, options, clock)] if awaited else []


def checked_at_once(at_once: int) -> int:
    """The number, if it is one of requests. Raises `ValueError`."""
    if isinstance(at_once, bool) or not isinstance(at_once, int) or at_once < 1:
        raise ValueError(f"at_once is {at_once!r}: give a number of requests, 1 or more")
    return at_once


class Schedule(Generic[M]):
    """Rounds by the time of their next poll. Neither sends nor sleeps."""

    def __init__(self, rounds: list[Round[M]], clock: Clock, polls_per_second: float, timeout: float | None) -> None:
        # Held against the pause that it means, too: a rate next to nothing has one that no sleep takes.
        if not (isinstance(polls_per_second, int | float) and polls_per_second > 0 and is_span(1 / polls_per_second)):
            raise ValueError(f"polls_per_second is {polls_per_second!r}: give a number of polls, more than 0")
        now = clock.monotonic()
        self.rounds = rounds
        self._clock = clock
        self._timeout = timeout
        # A wait of no time looks once at each job, as the wait for one does: no clock ends it.
        self._looks_once = timeout == 0
        self._is_late = False
        self._ends = None if timeout is None or self._looks_once else now + timeout
        self._step = 1 / polls_per_second
        self._slot = now
        self._count = 0
        self._queue: list[tuple[float, int, Round[M]]] = []
        self._under_way = 0
        for each in rounds:
            self._put(each, now)

    @property
    def is_over(self) -> bool:
        """Whether all jobs have ended."""
        return not self._queue and not self._under_way and not self._is_late

    def take(self) -> Round[M] | float | None:
        """The round to poll now; or seconds to sleep before asking again; None when all jobs have ended.

        Raises:
            WaitTimeout: The time is over.
        """
        if self.is_over:
            return None
        now = self._clock.monotonic()
        is_past = self._ends is not None and now >= self._ends
        if is_past or (self._is_late and not self._queue and not self._under_way):
            raise timed_out(self.rounds, self._timeout)
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

    def back(self, polled: Round[M]) -> None:
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

    def _put(self, each: Round[M], due: float) -> None:
        # The count keeps the order of those that are due at the same time, and rounds from being compared.
        self._count += 1
        heappush(self._queue, (due, self._count, each))
