"""Fixtures of all tests of the client: the event loop of asynchronous ones, and an isolated environment."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove addresses, credentials and proxies from the environment."""
    proxies = ("http_proxy", "https_proxy", "all_proxy")
    for name in list(os.environ):
        if name.startswith(("CLOUDJOBS_", "HUAWEICLOUD_", "HW_")) or name.lower() in proxies:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _forget_refused_logins() -> None:
    """Forget the logins that IAM refused in another test, which has the same credentials."""
    from cloudjobs.auth._fetched import REFUSALS

    REFUSALS.clear()


@pytest.fixture(autouse=True)
def _no_retry_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the pause before a retry from clients with the real clock."""
    from cloudjobs._clock import Clock

    real, real_async = Clock.sleep, Clock.sleep_async

    async def sleep_async(self: Clock, seconds: float) -> None:
        await real_async(self, 0)

    monkeypatch.setattr(Clock, "sleep", lambda self, seconds, until=None: real(self, seconds if until else 0, until))
    monkeypatch.setattr(Clock, "sleep_async", sleep_async)
