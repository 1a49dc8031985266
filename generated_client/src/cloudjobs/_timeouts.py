# Generated from generator/client/runtime/_timeouts.py. Do not edit: change that, and run `make generate`.
"""Timeouts that end with the call they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self


class Left(float):
    """A timeout that becomes shorter while a call goes on. As a number it is as long as it was when it was made."""

    _longest: float
    _left: Callable[[], float]

    def __new__(cls, longest: float | None, left: Callable[[], float]) -> Self:
        """A timeout that is never longer than the seconds that a function says are left."""
        longest = float("inf") if longest is None else longest
        # Zero would be no timeout at all to a socket, but a connection that does not block.
        made = super().__new__(cls, max(min(longest, left()), 0.001))
        made._longest, made._left = longest, left
        return made

    def now(self) -> float:
        """Seconds that it is now; 0 or less once the call's time is over."""
        return min(self._longest, self._left())


class Timeouts(dict[str, float | None]):
    """The timeouts of a request, which all end with its call: each is as long as it is when `get` asks for it."""

    def __init__(self, timeouts: Mapping[str, float | None], left: Callable[[], float]) -> None:
        now = left()
        super().__init__({name: now if timeout is None else min(timeout, now) for name, timeout in timeouts.items()})
        self._longest = timeouts
        self._left = left

    def get(self, name: str, default: Any = None, /) -> Any:
        return Left(self._longest[name], self._left) if name in self._longest else default
