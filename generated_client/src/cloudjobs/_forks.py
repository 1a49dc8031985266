# Generated from generator/client/runtime/_forks.py. Do not edit: change that, and run `make generate`.
"""Gives a child process that was forked its own connections, locks and renewals.

A child inherits the sockets of its parent, and both would read each other's responses. It inherits locks as they were
at the fork, but not the threads that held them and would release them.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakSet

H = TypeVar("H")


class Inherited(Protocol):
    """An object with state that a child process must not share, such as a lock or a connection."""

    def after_fork(self) -> None:
        """Discard the parent's state. Called in the child before other code, while it has one thread."""


_inherited: WeakSet[Inherited] = WeakSet()
_kept: list[Any] = []


def reset_in_child(inherited: Inherited) -> None:
    """Call the object's `after_fork` in each child process, as long as the object lives."""
    _inherited.add(inherited)


def keep_open(connections: object) -> None:
    """Keep the parent's asynchronous connections in the child, unused.

    Closing them, or their finalizers, would remove their sockets from the parent's event loop, because the child shares
    its epoll set.
    """
    _kept.append(connections)


class PerProcess(Generic[H]):
    """The connections of a client and of its copies. A child process does not send over those of its parent.

    Args:
        client: The httpx client, or the transports, of this process.
        again: A function that makes the connections of a child process at their first use, or raises.
    """

    def __init__(self, client: H, again: Callable[[], H]) -> None:
        self.client: H | None = client
        """The connections; None in a child process until `make_again`. An attribute, since every request reads it."""
        self._again: Callable[[], H] = again
        self._lock = threading.Lock()
        self.is_used = False
        """Whether a request was sent, so that there may be connections."""
        self.loop: Any = None
        """The event loop of asynchronous connections."""
        self.loop_end: Any = None
        """The result of `close_with_loop`, which closes the connections at the end of the event loop."""
        reset_in_child(self)

    def make_again(self) -> H:
        """Make the connections of a child process, once. Raises `RuntimeError` if the caller made them."""
        with self._lock:
            self.client = self.client or self._again()
            return self.client

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        if not self.is_used or self.client is None or getattr(self.client, "is_closed", False):
            # There are no connections to release.
            return
        if hasattr(self.client, "aclose"):
            keep_open((self.client, self.loop_end))
        # Not closed, because that would need its locks. Without references the child's copies of its sockets are
        # released, and no TLS or TCP message is sent: the connections stay the parent's.
        self.forget()

    def forget(self) -> None:
        """Release the connections without closing them. `make_again` makes others."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self.client = None
        self.is_used = False
        self.loop = self.loop_end = None


def refused_in_child(argument: str) -> Callable[[], Any]:
    """Return a function that refuses the caller's connections, which cannot be made again in a child process."""

    def refuse() -> Any:
        raise RuntimeError(
            f"{argument} must be made in the process that uses it, got one that was used before a fork: "
            "make it, and the client, in the child process"
        )

    return refuse


def _after_fork() -> None:
    for inherited in list(_inherited):
        inherited.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_after_fork)
