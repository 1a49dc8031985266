"""Fixtures of tests without a network: an isolated environment, and the same cases in each run."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def serves() -> None:
    """Allow a test to connect to servers on this machine, and nowhere else."""


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every use of the network fail, except loopback addresses in a test with the fixture `serves`."""
    allowed = LOOPBACK if "serves" in request.fixturenames else ()

    def check(host: object) -> None:
        if host not in allowed:
            raise AssertionError(f"a test of the contracts must connect to this machine alone, got {host}")

    def of_method(name: str) -> Callable[..., Any]:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: Any) -> Any:
            # Unix sockets do not use the network.
            if self.family in (socket.AF_INET, socket.AF_INET6):
                check(arguments[-1][0])
            return original(self, *arguments)

        return call

    def of_function(name: str) -> Callable[..., Any]:
        original = getattr(socket, name)

        def call(where: Any, *arguments: Any, **keywords: Any) -> Any:
            check(where[0] if isinstance(where, tuple) else where)
            return original(where, *arguments, **keywords)

        return call

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, of_method(name))
    for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        monkeypatch.setattr(socket, name, of_function(name))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove addresses of services and proxies from the environment."""
    proxies = ("http_proxy", "https_proxy", "all_proxy")
    for name in list(os.environ):
        if name.startswith(("CLOUDJOBS_", "SCHEMATHESIS_")) or name.lower() in proxies:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _deterministic_cases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep hypothesis from trying constants of the modules that happen to be imported, derandomized or not."""
    monkeypatch.setattr(providers, "_get_local_constants", Constants)
    providers.CONSTANTS_CACHE.cache.clear()
    yield
    providers.CONSTANTS_CACHE.cache.clear()
