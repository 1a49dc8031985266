"""The command line of the services of every kind, against a replay in the same process."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType

import pytest

from .test_jobs import RECORDED, arguments
from .test_pages import LISTED

Import = Callable[[str], ModuleType]


@pytest.mark.parametrize("service", sorted({service for service, _ in RECORDED} | {"loom", "anvil", "stall"}))
def test_cli_wait_and_get_show_the_job(kinds: Import, service: str, capsys: pytest.CaptureFixture[str]) -> None:
    replay, main = kinds("testing").Replay(service), kinds("cli").main
    job = replay.add_job(service, "71", states=["running", "succeeded"])
    *others, _ = map(str, arguments(kinds, service, job.id).values())
    with replay.patch():
        assert main(["wait", service, *others, job.id, "--output", "json"]) == 0
        done = json.loads(capsys.readouterr().out)
        assert (done["id"], done["state"], done["progress"]) == ("71", "succeeded", 1)
        failed = replay.add_job(service, "72", states=["failed"], reason="it rained")
        assert main(["watch", service, *others, failed.id]) == 1
        shown = capsys.readouterr().out
        assert "failed" in shown
        if service not in ("sieve", "mill", "press", "quarry", "anvil"):
            assert "it rained" in shown


@pytest.mark.parametrize("service", LISTED)
def test_cli_list_goes_through_all_pages(kinds: Import, service: str, capsys: pytest.CaptureFixture[str]) -> None:
    replay = kinds("testing").Replay(service)
    replay.add_rows(service, 250, most=40)
    *_, others = LISTED[service]
    with replay.patch():
        assert kinds("cli").main(["list", service, *others.values(), "--output", "jsonl"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 250
