"""`check` compares x-job, x-poll and x-pagination with the interpretations of the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.quality.suite import interpretation_problems
from tests.generator.directory_snapshots import use_checkout
from tests.generator.edits import Edit, all_of, drop, put, with_document, with_evidence
from tests.quality.services import each_service, made_up_root, services

_JOB = "/components/schemas/Job/x-job"


@each_service
def test_interpretations_of_committed_documents_agree(name: str) -> None:
    assert list(interpretation_problems(services()[name])) == []


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        ("ges", put(f"{_JOB}/state/succeeded", ["FAIL"]), "state of /jobs/0 with /status = 'success'"),
        ("ges", put(f"{_JOB}/state/failed", ["failed", "FAIL"]), "must extract that state is unknown"),
        ("ges", put(f"{_JOB}/state/field", "taskType"), "got state 'unknown'"),
        ("ges", put(f"{_JOB}/resumable", ["failed"]), "resumable is False"),
        ("ges", put(f"{_JOB}/id", "taskType"), "id is another-id"),
        ("ges", put(f"{_JOB}/started/zone", "+00:00"), "started is 2024-05-23 01:33:21+00:00"),
        ("ges", drop(f"{_JOB}/ended/when"), "ended is None"),
        ("ges", put(f"{_JOB}/progress/of", 1), "progress is 0.4"),
        ("ges", drop(f"{_JOB}/reason"), "reason is because"),
        ("cce", drop(f"{_JOB}/children"), "children is 2"),
        ("cce", put("/components/schemas/SubJob/x-job/started/formats", ["epoch-s"]), "started is"),
        ("ief", put("/components/schemas/BatchJob/x-job/reason", "job_name"), "reason is None"),
        ("yuanrong", put(f"{_JOB}/progress", {"field": "driver_exit_code", "of": 100}), "progress is None"),
    ],
)
def test_interpretations_changed_job_mapping_disagrees(name: str, edit: Edit, message: str) -> None:
    found = list(interpretation_problems(with_document(services()[name], edit)))
    assert any(message in problem.message for problem in found), [problem.message for problem in found]
    assert all(problem.pointer.endswith("/x-job") for problem in found)


def test_interpretations_changed_pagination_disagrees() -> None:
    service = services()["ges"]
    here = f"{service.operations[0].pointer}/x-pagination"
    swapped = {"offset": "limit", "limit": "offset", "items": "jobs", "count": "jobCount"}
    found = list(interpretation_problems(with_document(service, put(here, swapped))))
    assert found
    assert {problem.pointer for problem in found} == {here}


@pytest.mark.parametrize(
    ("evidence", "pointer"),
    [
        (drop("/interpretations/1"), "/components/schemas/Step/x-job"),
        (all_of(drop("/interpretations/1"), drop("/interpretations/0")), "/components/schemas/Task/x-job"),
    ],
)
def test_interpretations_extension_without_one_is_a_problem(evidence: Edit, pointer: str) -> None:
    found = list(interpretation_problems(with_evidence(services()["acme"], evidence)))
    assert pointer in {problem.pointer for problem in found}
    assert {problem.message for problem in found} == {"must have an interpretation in the evidence, got none"}


@pytest.mark.parametrize("command", [["check"], ["client"], ["evidence"]])
def test_commands_disagreeing_state_exit_1(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = made_up_root(tmp_path / "root")
    document = root / "openapi" / "acme.yaml"
    text: Any = document.read_text()
    document.write_text(text.replace("succeeded: [done]", "succeeded: [FAIL]"))
    use_checkout(monkeypatch, root)
    assert main(command) == 1
    shown = capsys.readouterr().err
    assert f"{document}:" in shown.replace("openapi/acme.yaml:", f"{document}:")
    assert "/components/schemas/Task/x-job must agree with the interpretation acme.interpretation.task" in shown
