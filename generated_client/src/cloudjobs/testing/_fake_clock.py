# Generated from generator/client/runtime/testing/_fake_clock.py. Do not edit: change that, and run `make generate`.
"""A clock on which a sleep ends at once, and its time has passed."""

from __future__ import annotations

import heapq
import threading
from itertools import count
from random import Random

from .._clock import Clock, is_duration
from .._forks import reset_in_child

_START = 1_767_225_600.0
"""2026-01-01, in seconds since 1970: the same in every run."""
_LIMIT = 7 * 24 * 3600.0
"""Seconds after which a wait is taken to be endless."""
_TURNS = 20
"""Turns of the event loop after which all other tasks are taken to sleep too."""


class FakeClock(Clock):
    """A clock that begins on 2026-01-01 and ends after a week. Its random numbers follow from a seed.

    Threads or tasks that sleep at the same time sleep side by side: two that sleep for a second take a second.
    """

    def __init__(self, seed: int = 0) -> None:
        self._elapsed = 0.0
        self._random = Random(seed)
        self._lock = threading.Lock()
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = count()
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self._elapsed

    def now(self) -> float:
        return _START + self._elapsed

    def random(self) -> float:
        return self._random.random()

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        if until is None or not until.is_set():
            self._advance_to(self._elapsed + seconds)

    async def sleep_async(self, seconds: float) -> None:
        import asyncio  # as in Clock

        entry = (self._elapsed + max(seconds, 0.0), next(self._numbers))
        heapq.heappush(self._sleepers, entry)
        try:
            while True:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                # Time advances only to the earliest end of a sleep.
                if self._sleepers[0] == entry:
                    self._advance_to(entry[0])
                    return
        finally:
            self._sleepers.remove(entry)
            heapq.heapify(self._sleepers)

    def advance(self, seconds: float) -> None:
        """Let time pass. Jobs with `seconds` go on, and sleeps that end meanwhile are over.

        Raises:
            ValueError: `seconds` is not a number, 0 or more.
        """
        if isinstance(seconds, bool) or not is_duration(seconds):
            raise ValueError(f"seconds must be a number, 0 or more, got {seconds!r}")
        self._advance_to(self._elapsed + seconds)

    def _advance_to(self, timestamp: float) -> None:
        if timestamp > _LIMIT:
            raise AssertionError("a week has passed on the replay's clock: the awaited event does not happen")
        with self._lock:
            self._elapsed = max(self._elapsed, timestamp)
