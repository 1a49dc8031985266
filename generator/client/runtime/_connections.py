"""Connections of our own clients: one set per process, and timeouts that end with the budget of their call.

`_network_backend` applies these timeouts to each read and write of a synchronous connection. It is apart, because it
imports httpcore, which takes a while.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar

import httpx

from ._forks import keep_open, reset_in_child

H = TypeVar("H", httpx.Client, httpx.AsyncClient)


class PerProcess(Generic[H]):
    """The httpx client of a client and of its copies. A child process does not send over that of its parent.

    Args:
        client: The one of this process.
        again: Makes that of a child, when it is first needed, or raises.
    """

    def __init__(self, client: H, again: Callable[[], H]) -> None:
        self._client: H | None = client
        self._again: Callable[[], H] = again
        self._lock = threading.Lock()
        self.is_used = False
        """Whether something is or was sent, so that there may be connections."""
        reset_in_child(self)

    def get(self) -> H:
        """The httpx client of this process."""
        found = self._client
        if found is None:
            with self._lock:
                found = self._client = self._client or self._again()
        return found

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        if not self.is_used or self._client is None or self._client.is_closed:
            # It has no connections.
            return
        if isinstance(self._client, httpx.AsyncClient):
            keep_open(self._client)
        # Not closed, which would need locks of its own. Without references the child's copies of its sockets are
        # released, and no TLS or TCP message is sent: the connections stay the parent's.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self._client = None
        self.is_used = False


def refused_in_child(argument: str) -> Callable[[], Any]:
    """For what the caller gave, which cannot be made again here."""

    def refuse() -> Any:
        raise RuntimeError(
            f"{argument} must be made in the process that uses it, got one that was used before a fork. "
            "Make it, and the client, in the child process"
        )

    return refuse


class RemainingTime(float):
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
        return RemainingTime(self._longest[name], self._left) if name in self._longest else default
