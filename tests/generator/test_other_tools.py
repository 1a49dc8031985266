"""The table of `make tools`: its data, its static checks, and its verdicts. The tools run in `make tools` alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from generator.documents import Workspace
from tests.interop.tools import __main__ as command
from tests.interop.tools import typed
from tests.interop.tools.documents import ROOT
from tests.interop.tools.running import PROGRAMS, Outcome, Runner
from tests.interop.tools.stock import variants
from tests.interop.tools.table import HERE, Environment, Tool, tools

pytestmark = pytest.mark.sampled(2)

TOOLS = tools()


def test_tools_each_package_is_pinned_exactly() -> None:
    for environment in {tool.environment.name: tool.environment for tool in TOOLS}.values():
        separator = "==" if environment.registry == "pip" else "@"
        for package in environment.packages:
            assert re.fullmatch(rf"@?[^@=]+{separator}[0-9][0-9a-z.-]*", package), package


def test_tools_names_are_unique_and_at_least_forty() -> None:
    names = [tool.name for tool in TOOLS]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_tool_programs_exist_and_version_is_known(tool: Tool) -> None:
    assert tool.version
    words = " ".join(part for step in tool.run for part in step)
    named = [*tool.copies, *re.findall(r"\{programs\}/([\w.]+)", words)]
    assert [name for name in named if not (PROGRAMS / name).exists()] == []


def test_before_has_results_of_every_tool_and_no_folder_of_a_machine() -> None:
    text = (HERE / "before.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == [tool.name for tool in TOOLS]
    assert re.search(r"/(tmp|home|work|root)/", text) is None


def test_variants_are_of_all_recordings_and_twenty_two_more() -> None:
    found = variants()
    recorded = sum(len(service.recordings) for service in Workspace(ROOT).select(None))
    assert sum(each.is_recording for each in found) == recorded
    assert len(found) - recorded == 22
    assert len({each.name for each in found}) == len(found)


def test_variant_change_of_a_recording_is_in_its_body() -> None:
    (variant,) = (each for each in variants() if each.name == "cce-sub-job-without-status")
    first = json.loads(variant.body)["spec"]["subJobs"][0]
    assert first["spec"] == {}
    assert "status" not in first


@pytest.mark.parametrize(
    ("language", "file", "wide", "narrow"),
    [
        ("java", "ImportedFile.java", "public Long getStartTime() {", "public Integer getStartTime() {"),
        ("go", "model_file.go", "\tStartTime *int64 `json:x`", "\tStartTime *int32 `json:x`"),
        ("rust", "file.rs", "    pub start_time: Option<i64>,", "    pub start_time: Option<i32>,"),
        ("kotlin", "File.kt", "    val startTime: kotlin.Long? = null,", "    val startTime: kotlin.Int? = null,"),
        ("csharp", "File.cs", "  public long? StartTime {", "  public int? StartTime {"),
    ],
)
def test_typed_time_in_32_bits_is_reported(tmp_path: Path, language: str, file: str, wide: str, narrow: str) -> None:
    (tmp_path / file).write_text(wide)
    assert typed.main(language, "ges", str(tmp_path)) == 0
    (tmp_path / file).write_text(narrow)
    assert typed.main(language, "ges", str(tmp_path)) == 1


def test_typed_untyped_member_and_missing_declaration_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed.main("java", "cce", str(tmp_path)) == 1
    assert "no declaration of metadata or status in java" in capsys.readouterr().out
    (tmp_path / "Job.java").write_text("public JobMetadata getMetadata() {\npublic Object getStatus() {")
    assert typed.main("java", "cce", str(tmp_path)) == 1
    assert capsys.readouterr().out == "error: status of Job.java is Object\n"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with an installed, empty environment."""
    (tmp_path / "environments" / "any").mkdir(parents=True)
    (tmp_path / "environments" / "any" / ".ready").write_text("any==1")
    (tmp_path / "documents").mkdir()
    for service in ("cce", "ges"):
        (tmp_path / "documents" / f"{service}.json").write_text(json.dumps({"openapi": "3.1.0", "of": service}))
    return Runner(tmp_path / "documents", tmp_path / "recordings.json", tmp_path)


def any_tool(*run: tuple[str, ...], **given: Any) -> Tool:
    environment = Environment("any", "pip", ("any==1",))
    return Tool("any", "group", environment, "any", "checks", run, services=("cce", "ges"), **given)


def test_run_failure_names_document_and_first_error(runner: Runner) -> None:
    outcome = runner.run(any_tool(("grep", "cce", "{document}"), ("sh", "-c", "echo {document} is seen")))
    assert (outcome.passed, outcome.failed) == (("cce",), {"ges": "grep: exit code 1"})
    outcome = runner.run(any_tool(("sh", "-c", "echo noise; echo error in {document} >&2; exit 3")))
    assert outcome.failed == {"cce": "sh: error in cce.json", "ges": "sh: error in ges.json"}


def test_run_output_that_does_not_match_fails(runner: Runner) -> None:
    run = (("sh", "-c", "echo 3 passed"),)
    assert runner.run(any_tool(*run, output="[1-9] passed")).is_green
    assert not runner.run(any_tool(*run, output="4 passed")).is_green


def test_run_missing_form_fails_and_missing_program_skips(runner: Runner) -> None:
    assert runner.run(any_tool(("true",), reads="joined")).failed["cce"] == "no document in the form joined"
    tool = any_tool(("true",))
    tool = attrs.evolve(tool, environment=attrs.evolve(tool.environment, needs=("no-such-program",)))
    assert runner.run(tool).skipped == "needs no-such-program"


@pytest.mark.parametrize(
    ("outcome", "excused", "wrong"),
    [
        (Outcome(("cce",)), None, False),
        (Outcome((), {"cce": "error"}), None, True),
        (Outcome((), {"cce": "error"}), "it cannot", False),
        (Outcome(("cce",)), "it cannot", True),
        (Outcome(skipped="needs node"), None, False),
    ],
)
def test_verdict_excuse_is_needed_and_must_be_true(outcome: Outcome, excused: str | None, wrong: bool) -> None:
    assert command._is_wrong(any_tool(excused=excused), outcome) is wrong
