"""Remembers which credentials IAM refused: it locks a user after some failed logins, 5 within 15 minutes by default."""

from __future__ import annotations

import hashlib
import json
import os
import threading

from .._clock import Clock
from .._forks import reset_in_child
from ..errors import is_retryable
from ._renewal import Failure

REMEMBERED = 30 * 60.0
"""Seconds. An account can be set to lock a user after 3 failures within an hour: a program makes 2 at most."""
_MOST = 64
"""Credentials that are remembered at once."""
_PROXY_AUTHENTICATION_REQUIRED = 407


class Refusals:
    """Refusals by credentials, of which it keeps a keyed hash alone."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._salt = os.urandom(32)
        self._lock = threading.Lock()
        self._refused: dict[bytes, tuple[float, Failure]] = {}
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def key(self, *credentials: object) -> bytes:
        """The hash by which credentials are remembered."""
        return hashlib.blake2b(json.dumps(credentials).encode(), key=self._salt).digest()

    def find(self, key: bytes) -> Failure | None:
        """The refusal of credentials, or None if they may be sent."""
        with self._lock:
            ends, failure = self._refused.get(key, (0.0, None))
            if failure is not None and self.clock.monotonic() >= ends:
                del self._refused[key]
                failure = None
        return failure

    def add(self, key: bytes, failure: Failure) -> None:
        """Remember a refusal; of too many, forget the oldest."""
        with self._lock:
            self._refused.pop(key, None)
            while len(self._refused) >= _MOST:
                del self._refused[next(iter(self._refused))]
            self._refused[key] = self.clock.monotonic() + REMEMBERED, failure

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._refused.clear()


def is_definite(status_code: int) -> bool:
    """Whether the same login would be refused again: not where IAM is overloaded or down, nor for a proxy's refusal."""
    return 400 <= status_code <= 499 and not is_retryable(status_code) and status_code != _PROXY_AUTHENTICATION_REQUIRED


REFUSALS = Refusals()
"""Those of this process, since a program may make its credentials anew for each client."""
