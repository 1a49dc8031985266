"""`contract verify` over a real connection: badly written providers are caught, a sound one is not, bad input is a line."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from generator.cli import main
from generator.contract.live import Provider

from .bad_provider import FAULTS, JOB, BadProvider, offered
from .contracts import contracts, operations
from .ports import listening

pytestmark = pytest.mark.usefixtures("serves")

SECRET = "kanarie-Z9x4Q7v2L8"
QUICK = ("--rate", "10000", "--interval", "0", "--cases", "8", "--polls", "8", "--stuck-after", "5")

BY = {
    "value-out-of-range": "schema",
    "undocumented-field": "undocumented-field",
    "missing-required": "schema",
    "new-value-in-a-closed-list": "schema",
    "no-authentication": "security",
    "negative-limit-accepted": "parameter",
    "valid-limit-refused": "refused",
    "plain-text-errors": "media-type",
    "limit-ignored": "limit-ignored",
    "job-stuck": "job-stuck",
    "progress-falling": "progress-fell",
    "terminal-state-left": "terminal-state-left",
}
"""The rule that each fault breaks, among others."""


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", SECRET)


@pytest.fixture
def asked() -> list[str]:
    """Methods of the requests that came."""
    return []


def noting(app: ASGIApp, asked: list[str]) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["method"])
        await app(scope, receive, send)

    return noted


def verify(url: str, service: str, *more: str) -> int:
    jobs = ["--job", JOB] if any("argument" in each.node["x-poll"] for each in of(service)) else []
    return main(["contract", "verify", url, "--service", service, *QUICK, *jobs, *more])


def of(service: str) -> list[Any]:
    return [each for each in operations() if each.service == service]


def faults() -> Iterator[tuple[str, str]]:
    """Each fault once, with a service whose document has room for it."""
    whole = max(contracts(), key=lambda service: len(offered(service)))
    return ((whole, fault) for fault in FAULTS)


@pytest.mark.parametrize(("service", "fault"), list(faults()))
def test_a_faulty_provider_is_caught(
    service: str, fault: str, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(noting(BadProvider(service, fault), asked)) as url:
        assert verify(url, service, "--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    new = [each for each in report["findings"] if each["severity"] == "violation" and not each["known"]]
    assert BY[fault] in {each["rule"] for each in new}
    assert set(asked) == {"GET"}


@pytest.mark.parametrize("service", contracts())
def test_a_sound_provider_is_not(service: str, asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with listening(noting(BadProvider(service), asked)) as url:
        assert verify(url, service) == 0
    said = capsys.readouterr()
    assert re.search(r"^[0-9]+ exchange\(s\) checked: 0 violation\(s\), 0 known, 0 notice\(s\)$", said.out, re.M)
    assert set(asked) == {"GET"}
    # The polls, the first look, and what is not there.
    assert len(asked) >= 8 + 1 + 2
