"""A child process that is forked from the tests, and its result."""

from __future__ import annotations

import os
import pickle
import select
import signal
import warnings
from collections.abc import Callable
from typing import Any

PATIENCE = 20.0
"""Seconds after which a child process is taken to wait for ever."""


class Child:
    """A forked process that does some work."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._reads, writes = os.pipe()
        with warnings.catch_warnings():
            # Since Python 3.12 it warns of threads, such as those of the server.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            try:
                try:
                    done = work()
                except BaseException as error:
                    done = repr(error)
                os.write(writes, pickle.dumps(done))
            finally:
                os._exit(0)
        os.close(writes)

    def result(self) -> Any:
        """Return the result of the work, or the text of its exception."""
        try:
            if not select.select([self._reads], [], [], PATIENCE)[0]:
                os.kill(self._pid, signal.SIGKILL)
                return "the child hangs"
            return pickle.loads(os.read(self._reads, 2**16))
        finally:
            os.close(self._reads)
            os.waitpid(self._pid, 0)
