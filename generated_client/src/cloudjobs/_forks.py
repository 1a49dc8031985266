# Generated from generator/client/runtime/_forks.py. Do not edit: change that, and run `make generate`.
"""Gives a child process that was forked its own connections, locks and renewals.

A child inherits the sockets of its parent, and both would read each other's responses. It inherits locks as they were
at the fork, but not the threads that held them and would release them.
"""

from __future__ import annotations

import os
from typing import Any, Protocol
from weakref import WeakSet


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

    Closing them, or their finalizers, would take their sockets out of the parent's event loop, whose epoll set the
    child shares.
    """
    _kept.append(connections)


def _after_fork() -> None:
    for inherited in list(_inherited):
        inherited.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_after_fork)
