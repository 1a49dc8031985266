"""What all tests of the client share: the event loop of asynchronous ones, and surroundings that do not leak in."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the addresses of services and the proxies that the environment may name."""
    for name in list(os.environ):
        if name.startswith("CLOUDJOBS_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
