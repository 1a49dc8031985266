"""Pauses Python's garbage collector while very many models are made.

None of the new models is garbage, and looking through them again and again while they become more can take longer than
making them. The pause lasts as long as one reply is read, and never while a caller's code runs.
"""

from __future__ import annotations

import gc
import threading

from ._forks import reset_in_child


class _CollectorPaused:
    """Paused while at least one thread is within, and if it was on before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._was_on = False
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        # The threads within are the parent's alone.
        if self._within and self._was_on:
            gc.enable()
        self._within = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._within == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._within += 1

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._within -= 1
            if self._within == 0 and self._was_on:
                gc.enable()


collector_paused = _CollectorPaused()
