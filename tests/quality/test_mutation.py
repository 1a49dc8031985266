"""The strength of the contract is measured honestly: nothing is left out, nothing is called equivalent that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.documents import Service
from generator.errors import Problem
from generator.quality.mutant import meaning
from generator.quality.mutation import Explanations, MutationRunner, Outcome, survivors
from generator.quality.operators import OPERATORS, mutants
from generator.quality.suite import CaseSuite, DocumentUnderTest
from tests.contract.contracts import ROOT
from tests.generator.directory_snapshots import use_checkout
from tests.generator.edits import drop, put, with_document, with_evidence
from tests.quality.services import each_service, made_up_root, services

MEASURED = "yuanrong"
"""The service that is measured wholly here; `make mutate` measures all."""


def test_mutate_command_service_reaches_the_target_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "mutation.json"
    assert main(["contract", "mutate", "--services", MEASURED, "--min", "98", "--output", str(output)]) == 0
    data = json.loads(output.read_text())
    [score] = data["services"]
    assert score["service"] == MEASURED
    assert score["mutants"] == sum(operator["mutants"] for operator in data["operators"]) > 300
    assert score["score"] == round(score["noticed"] / score["mutants"], 4) >= 0.98
    assert len(data["survivors"]) == score["mutants"] - score["noticed"]
    assert 0 < score["noticed_by_recordings_alone"] < score["noticed"]
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown[1:3]] == [MEASURED, "all"]


@each_service
def test_mutants_repeated_run_gives_same_unique_names(name: str) -> None:
    document = services()[name].document.data
    names = [mutant.name for mutant in mutants(document)]
    assert names == [mutant.name for mutant in mutants(document)]
    assert len(set(names)) == len(names)


@each_service
def test_mutant_document_leaves_the_original_unchanged(name: str) -> None:
    document = services()[name].document.data
    before = json.dumps(document)
    for mutant in mutants(document):
        assert mutant.document(document) != document, mutant.name
    assert json.dumps(document) == before


def test_mutants_use_every_operator() -> None:
    made = {mutant.operator for service in services().values() for mutant in mutants(service.document.data)}
    assert made == set(OPERATORS)


@pytest.mark.parametrize("name", ["acme", "yuanrong"])
def test_meaning_equivalent_mutant_is_killed_by_no_case(name: str) -> None:
    document, noticed, tried = services()[name].document.data, [], 0
    demands, original = CaseSuite.from_service(services()[name]), meaning(document)
    for mutant in mutants(document):
        changed = mutant.document(document)
        if meaning(changed) == original:
            tried += 1
            judge = DocumentUnderTest(changed)
            noticed += [mutant.name for case in demands.all_cases(changed) if not judge.holds(case)]
    assert tried
    assert noticed == []


def test_outcomes_weaker_evidence_survivor_names_its_entry() -> None:
    left = survivors(outcomes_without_phases())
    assert {outcome.mutant.operator for outcome in left} == {"enum"}
    assert any("drop 'Initializing'" in outcome.mutant.change for outcome in left)
    assert all("cce.status.phase" in outcome.about for outcome in left)


def test_explanations_unexplained_survivor_is_a_problem(tmp_path: Path) -> None:
    found = outcomes_without_phases()
    left = survivors(found)
    assert left
    problems = explanations(tmp_path).problems(found, left)
    assert [problem.message for problem in problems] == [
        f"must explain each survivor, got no entry for {name}" for name in sorted(outcome.id for outcome in left)
    ]
    assert explanations(tmp_path, *(outcome.id for outcome in left)).problems(found, left) == []


def test_explanations_killed_or_missing_mutant_is_a_problem(tmp_path: Path) -> None:
    found = outcomes(services()["cce"], lambda mutant: mutant.operator == "x-poll")
    listed = explanations(tmp_path, found[0].id, "cce x-poll /nowhere: drop", "another x-poll /nowhere: drop")
    assert [problem.message for problem in listed.problems(found, [])] == [
        f"id must be that of a survivor, got {found[0].id}, which is killed now",
        "id must be that of a survivor, got cce x-poll /nowhere: drop, which is no longer a mutant",
    ]


def test_mutate_command_score_below_minimum_exits_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = made_up_root(tmp_path / "root")
    evidence = root / "openapi" / "evidence" / "acme.yaml"
    text = evidence.read_text()
    evidence.write_text("".join(line for line in text.splitlines(keepends=True) if "equals: null" not in line))
    use_checkout(monkeypatch, root)
    output = tmp_path / "mutation.json"
    demanded = ["contract", "mutate", "--min", "99", "--output", str(output)]
    assert main([*demanded, "--survivors", str(written(tmp_path))]) == 1
    shown = capsys.readouterr()
    assert "--min: 99 % of the mutants must be detected, got " in shown.err
    left = json.loads(output.read_text())["survivors"]
    assert "x-job" in {each["operator"] for each in left}
    assert all(each["why"] == "not explained" and each["pointer"] in each["case"] for each in left)
    assert all(f"must explain each survivor, got no entry for {each['id']}" in shown.err for each in left)


@pytest.mark.parametrize("percent", ["101", "-1", "all", "nan"])
def test_mutate_command_invalid_percentage_exits_2(percent: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["contract", "mutate", f"--min={percent}"])
    assert ended.value.code == 2
    assert "must be a number from 0 to 100, got" in capsys.readouterr().err


def test_mutate_command_invalid_survivors_file_is_one_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "survivors.yaml"
    file.write_text("survivors:\n  - id: cce x\n    why: ''\n    case: none\n")
    output = tmp_path / "mutation.json"
    assert main(["contract", "mutate", "--survivors", str(file), "--output", str(output)]) == 1
    assert f"{file}:3: at /survivors/0/why" in capsys.readouterr().err
    assert not output.exists()


def test_explanations_committed_list_names_current_mutants() -> None:
    listed = Explanations.read(ROOT / "tests" / "contract" / "survivors.yaml")
    made = {
        f"{name} {mutant.name}" for name, service in services().items() for mutant in mutants(service.document.data)
    }
    assert set(listed.known) <= made


@pytest.mark.parametrize(
    ("edit", "same"),
    [
        (put("/components/schemas/Job/properties/kind/enum", ["Job"]), True),
        (drop("/components/schemas/Job/properties/kind/type"), True),
        (put("/components/schemas/Job/properties/kind/description", "Another."), True),
        (drop("/components/schemas/Job/properties/kind/default"), True),
        (drop("/components/schemas/Job/properties/kind/const"), False),
        (drop("/components/schemas/JobMetadata/properties/uid/type"), False),
        (put("/components/schemas/JobMetadata/properties/uid/minLength", 0), True),
        (put("/components/schemas/JobMetadata/properties/uid/minLength", 1), False),
        (put("/components/parameters/job_id/schema/type", ["string", "null"]), True),
        (put("/components/parameters/job_id/schema/type", "integer"), False),
        (put("/components/parameters/job_id/schema/minLength", 2), False),
    ],
)
def test_meaning_equal_only_for_equivalent_documents(edit: Any, same: bool) -> None:
    service = services()["cce"]
    changed = with_document(service, edit).document.data
    assert (meaning(changed) == meaning(service.document.data)) is same


@cache
def outcomes_without_phases() -> list[Outcome]:
    """Return results for mutants of the list of phases if the row of the phases names none."""
    service = services()["cce"]
    rows = service.evidence.data["rows"]
    index = next(index for index, row in enumerate(rows) if row["id"] == "cce.status.phase")
    silent = with_evidence(service, drop(f"/rows/{index}/values"))
    phase = "/components/schemas/JobStatus/properties/phase/enum"
    return outcomes(silent, lambda mutant: mutant.pointer == phase)


def outcomes(service: Service, chosen: Callable[[Any], bool]) -> list[Outcome]:
    witnesses = MutationRunner(service)
    return [witnesses.outcome(mutant) for mutant in mutants(service.document.data) if chosen(mutant)]


def written(folder: Path, *names: str) -> Path:
    file = folder / "survivors.yaml"
    file.write_text(json.dumps({"survivors": [{"id": name, "why": "Because.", "case": "None."} for name in names]}))
    return file


def explanations(folder: Path, *names: str) -> Explanations:
    """Return a list with these mutants."""
    return Explanations.read(written(folder, *names))


def test_explanations_problem_has_line_and_fix(tmp_path: Path) -> None:
    [problem] = explanations(tmp_path, "cce gone").problems(
        outcomes(services()["cce"], lambda mutant: mutant.operator == "x-poll"), []
    )
    assert isinstance(problem, Problem)
    assert (problem.line, problem.remedy) == (1, "Remove the entry")
