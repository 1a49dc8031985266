"""The senders: each combination of a library and of synchronous or asynchronous calls that sends requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import attrs
import pytest

import cloudjobs

_MODULES = {"aiohttp": "cloudjobs._aiohttp", "httpx2": "httpx2"}
"""Module of each optional sender."""


@attrs.frozen
class Sender:
    """A library that carries requests, called synchronously or asynchronously."""

    library: str
    asynchronous: bool

    @property
    def is_installed(self) -> bool:
        return find_spec(self.library) is not None

    @contextmanager
    def chosen(self) -> Iterator[None]:
        """Make clients that manage their connections use this sender, as if no other library were installed."""
        with pytest.MonkeyPatch.context() as patch:
            for name, module in _MODULES.items():
                if name != self.library:
                    patch.setitem(sys.modules, module, None)
            yield

    def client(self, service: str, url: str, **keywords: Any) -> Any:
        """Return a client of a service with its own connections over this sender; by default without credentials."""
        name = f"{'Async' if self.asynchronous else ''}{service.capitalize()}Client"
        with self.chosen():
            return getattr(cloudjobs, name)(url, **{"auth": None, **keywords})

    def __str__(self) -> str:
        return f"{self.library}-{'async' if self.asynchronous else 'sync'}"


SENDERS = (
    Sender("httpx", False),
    Sender("httpx", True),
    Sender("httpx2", False),
    Sender("httpx2", True),
    Sender("aiohttp", True),
)
