# Generated from generator/client/runtime/_clock.py. Do not edit: change that, and run `make generate`.
"""Clock and random numbers, which tests replace; timeouts that end with the deadline of their call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

LONGEST_DURATION = 1e9
"""Longest duration in seconds, some thirty years. The system's sleeps and timeouts fail for much longer ones."""


def is_duration(value: Any) -> bool:
    """Return whether a value is a number of seconds for a wait. Strings, NaN and infinity are not."""
    try:
        return bool(0 <= value <= LONGEST_DURATION)
    except TypeError:
        return False


class Clock:
    """The real clock and random numbers."""

    def monotonic(self) -> float:
        """Return seconds since a fixed moment. The value never decreases."""
        return time.monotonic()

    def now(self) -> float:
        """Return seconds since 1970 by the clock of this machine."""
        return time.time()

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        import random  # slow to import, and needed after a failure alone

        return random.random()

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        """Sleep, or wait for an event for so long."""
        if until is None:
            time.sleep(seconds)
        else:
            until.wait(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Sleep, and let other tasks run."""
        import asyncio  # slow to import, and synchronous programs do not need it

        await asyncio.sleep(seconds)


class RemainingTime(float):
    """A timeout that becomes shorter while a call runs. As a number, it has its value at the time of its creation."""

    _longest: float
    _left: Callable[[], float]

    def __new__(cls, longest: float | None, left: Callable[[], float]) -> Self:
        """Return a timeout of at most `longest` and of the seconds that the function `left` returns."""
        longest = float("inf") if longest is None else longest
        # For a socket, zero would mean a connection that does not block.
        made = super().__new__(cls, max(min(longest, left()), 0.001))
        made._longest, made._left = longest, left
        return made

    def now(self) -> float:
        """Return the seconds that are left now; 0 or less after the deadline of the call."""
        return min(self._longest, self._left())


class Timeouts(dict[str, float | None]):
    """The timeouts of a request, which all end with its call. `get` returns the present length of each."""

    def __init__(self, timeouts: Mapping[str, float | None], left: Callable[[], float]) -> None:
        now = left()
        super().__init__({name: now if timeout is None else min(timeout, now) for name, timeout in timeouts.items()})
        self._longest = timeouts
        self._left = left

    def get(self, name: str, default: Any = None, /) -> Any:
        return RemainingTime(self._longest[name], self._left) if name in self._longest else default
