"""The lists in the guides are complete: exceptions, keywords, faults, credentials, options."""

from __future__ import annotations

import inspect
import re

import pytest

from cloudjobs import YuanrongClient, auth, errors
from cloudjobs.auth._environment import explained
from cloudjobs.testing import Replay
from cloudjobs.testing._responses import Fault
from generator.cli import main

from .programs import ROOT

PROSE = ROOT / "generator" / "docs" / "content"


def cells(page: str) -> str:
    """Return the first cells of the tables of a guide."""
    text = (PROSE / f"{page}.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^\| (.*?) \|", text, re.MULTILINE))


def test_errors_guide_lists_each_exception() -> None:
    listed = set(re.findall(r"`(\w+)`", cells("errors")))
    assert listed == set(errors.__all__) - {"CloudJobsError"}


@pytest.mark.parametrize("method", ["wait_for_job", "watch_job", "wait_for_jobs"])
def test_waiting_guide_lists_each_keyword(method: str) -> None:
    parameters = inspect.signature(getattr(YuanrongClient, method)).parameters.values()
    keywords = {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
    assert keywords
    assert keywords <= set(re.findall(r"`(\w+)`", cells("waiting")))


def test_testing_guide_lists_each_replay_fault() -> None:
    names = {name for name in vars(Replay) if name.endswith("_next")}
    assert names - {"fault_next"} <= set(re.findall(r"(\w+_next)\(", cells("testing")))
    text = (PROSE / "testing.md").read_text(encoding="utf-8")
    (faults,) = re.findall(r"`Prefer` knows (.*?)\.\n", text, re.DOTALL)
    assert set(re.findall(r"`([\w-]+)`", faults)) == {
        field.replace("_", "-") for field in inspect.signature(Fault).parameters
    }


def test_authentication_guide_lists_each_credential() -> None:
    text = cells("authentication")
    assert {name for name in auth.__all__ if name[0].isupper()} <= set(re.findall(r"`(\w+)`", text))
    for _, variables in explained("ief"):
        for name in re.findall(r"\bHUAWEICLOUD_SDK_[AS]K\b|\bHW_\w+", variables):
            assert f"`{name}`" in text or name in ("HW_PROJECT_ID", "HW_PROJECT_NAME")


def test_own_client_guide_lists_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["client", "--help"])
    options = set(re.findall(r"^  (--\w+)", capsys.readouterr().out, re.MULTILINE))
    assert options
    assert options == set(re.findall(r"`(--\w+)", cells("own-client")))
