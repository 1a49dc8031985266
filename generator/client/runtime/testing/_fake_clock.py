"""A clock that nobody waits for: a sleep is over at once, and the time has passed."""

from __future__ import annotations

import heapq
import threading
from itertools import count
from random import Random

from .._clock import Clock
from .._forks import reset_in_child

_BEGIN = 1_767_225_600.0
"""2026-01-01, in seconds since 1970: the same in every run."""
_LONGEST = 7 * 24 * 3600.0
"""Seconds of its own after which somebody is taken to wait for what never comes."""
_TURNS = 20
"""How often other tasks may go on before a sleeper takes it that they all sleep too."""


class FakeClock(Clock):
    """A clock of its own, which ends after a week. Its chance follows from a seed.

    Threads that sleep at the same time, and tasks that do, sleep side by side: two that sleep for a second take a
    second.
    """

    def __init__(self, seed: int = 0) -> None:
        self._passed = 0.0
        self._chance = Random(seed)
        self._lock = threading.Lock()
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = count()
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self._passed

    def now(self) -> float:
        return _BEGIN + self._passed

    def random(self) -> float:
        return self._chance.random()

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        if until is None or not until.is_set():
            self._reach(self._passed + seconds)

    async def sleep_async(self, seconds: float) -> None:
        import asyncio  # as in Clock

        mine = (self._passed + max(seconds, 0.0), next(self._numbers))
        heapq.heappush(self._sleepers, mine)
        try:
            while True:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                # Time goes on only when nobody has to wake up before.
                if self._sleepers[0] == mine:
                    self._reach(mine[0])
                    return
        finally:
            self._sleepers.remove(mine)
            heapq.heapify(self._sleepers)

    def _reach(self, moment: float) -> None:
        if moment > _LONGEST:
            # It would go on for ever, and at full speed.
            raise AssertionError("a week has passed on the replay's clock: whatever is awaited does not come")
        with self._lock:
            self._passed = max(self._passed, moment)
