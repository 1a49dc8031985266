"""Time and chance, as a client meets them: one small class, so that tests can put another in its place."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

LONGEST_DURATION = 1e9
"""Seconds, some thirty years. Of much longer ones the system's own sleeps and timeouts make errors."""


def is_duration(value: Any) -> bool:
    """Whether it is a number of seconds that can be waited for, which no text, no NaN and no infinity is."""
    try:
        return bool(0 <= value <= LONGEST_DURATION)
    except TypeError:
        return False


class Clock:
    """The real ones."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def now(self) -> float:
        """Seconds since 1970, as this machine believes."""
        return time.time()

    def random(self) -> float:
        """A number from 0 up to, but not including, 1."""
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
