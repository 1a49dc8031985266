"""A token that many calls share, and the one renewal of it that is under way, whoever waits: threads and tasks alike.

A renewal is made by the call that first needs it. The others wait for its outcome, and share it where it failed: a
thousand calls are no reason to ask a thousand times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

import attrs
import httpx

from .._clock import Clock
from .._forks import reset_in_child
from .._security import Secret

_EARLY = 300.0
"""Seconds before its end at which a token is renewed; of a short one, after half of its life."""
_AGAIN = 30.0
"""Seconds after a failed renewal in which a token that is still good is not renewed again."""


@attrs.frozen
class Kept:
    """A token, and how long it is good for on the monotonic clock."""

    token: Secret[str]
    renew_at: float
    ends: float

    @classmethod
    def of(cls, token: Secret[str], now: float, life: float | None) -> Kept:
        """A token of so many seconds; None for as many as the service takes it."""
        if life is None:
            return cls(token, float("inf"), float("inf"))
        return cls(token, now + life - min(_EARLY, life / 2), now + life)


Failure = Callable[[], Exception]
"""Makes the error of a failed renewal, for each call one of its own."""


class Renewal:
    """A renewal, as the call has it that makes it. Leaving the block without an outcome is an outcome, too."""

    def __init__(self, tokens: Tokens) -> None:
        self.thread = threading.get_ident()
        self.outcome: Future[Kept | Failure | None] = Future()
        """The token, why there is none, or None where the call was given up, so that another has to make it."""
        self._tokens = tokens

    def settle(self, outcome: Kept | Failure) -> None:
        """Tell the outcome to all who wait."""
        self._tokens.settle(self, outcome)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.outcome.done():
            # httpx ends the flow where its request failed, and does not tell it why.
            self._tokens.settle(self, None if _is_cancelled() else _broken)


class Tokens:
    """The token, and its renewal."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._lock = threading.Lock()
        self._kept: Kept | None = None
        self._renewal: Renewal | None = None
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        # The thread that makes it is the parent's alone.
        self._renewal = None

    def take(self, refused: Secret[str] | None, *, blocking: bool) -> tuple[Kept | Renewal, bool]:
        """A token other than the refused one; or its renewal, and whether the caller has to make it.

        Args:
            refused: A token that the service did not take.
            blocking: Whether the caller's whole thread waits.
        """
        with self._lock:
            now = self.clock.monotonic()
            if self._kept is not None and (self._kept.token == refused or now >= self._kept.ends):
                self._kept = None
            # What is to end soon is renewed by one call, and good enough for the others until then.
            if self._kept is not None and (now < self._kept.renew_at or self._renewal is not None):
                return self._kept, False
            # A thread that waits for a task of its own would wait for ever.
            own = blocking and self._renewal is not None and self._renewal.thread == threading.get_ident()
            if self._renewal is not None and not own:
                return self._renewal, False
            self._renewal = Renewal(self)
            return self._renewal, True

    def after(self, outcome: Kept | Failure | None) -> Kept | None:
        """The token after a renewal; None where it was given up. Raises what it failed with, if no good one is left."""
        if outcome is None or isinstance(outcome, Kept):
            return outcome
        with self._lock:
            if self._kept is not None and self.clock.monotonic() < self._kept.ends:
                return self._kept
        raise outcome()

    def settle(self, renewal: Renewal, outcome: Kept | Failure | None) -> None:
        """End a renewal."""
        with self._lock:
            if isinstance(outcome, Kept):
                self._kept = outcome
            elif outcome is not None and self._kept is not None:
                self._kept = attrs.evolve(self._kept, renew_at=self.clock.monotonic() + _AGAIN)
            if self._renewal is renewal:
                self._renewal = None
        renewal.outcome.set_result(outcome)


def _broken() -> Exception:
    return httpx.ConnectError("the call that was to renew the token for all could not")


def _is_cancelled() -> bool:
    """Whether the task that is running, if one is, has been cancelled."""
    import asyncio  # not at the top: it takes a while, and synchronous programs do without

    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is None or task.cancelling() > 0
