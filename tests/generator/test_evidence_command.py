"""`python -m generator evidence` prints counts for each service, and fails if a row or statement has a problem."""

from __future__ import annotations

from typing import Any

import pytest

from generator.cli import main
from generator.documents import Service
from generator.evidence import trace
from tests.generator.directory_snapshots import SERVICES, copy_tree, use_checkout

Services = dict[str, Service]


def test_evidence_command_prints_counts_of_each_service(capsys: pytest.CaptureFixture[str], services: Services) -> None:
    assert main(["evidence"]) == 0
    printed = capsys.readouterr()
    rows, confidences = printed.out.split("\n\n")
    heading, *lines = rows.splitlines()
    assert heading.split() == [
        "service",
        "rows",
        "represented",
        "rejected",
        "only",
        "in",
        "recordings",
        "contradictions",
        "problems",
    ]
    results = [trace(service) for service in services.values()]
    assert [line.split() for line in lines] == [
        [r.service, *map(str, (r.rows, r.documented, r.rejected, r.observed, r.contradictions, 0))] for r in results
    ]
    assert [line.split()[:2] for line in confidences.splitlines()[1:]] == [
        [r.service, str(len(r.support))] for r in results
    ]
    assert printed.err == ""


def test_evidence_command_services_option_selects(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "--services", SERVICES[-1]]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if line] == [
        "service",
        SERVICES[-1],
        "service",
        SERVICES[-1],
    ]


def test_evidence_command_untraced_elements_exit_1(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = copy_tree(tmp_path, "openapi")
    path = tree / "openapi" / "ges.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("        canStop:\n", "        mayStop:\n"), encoding="utf-8")
    use_checkout(monkeypatch, tree)
    assert main(["evidence", "--services", "ges"]) == 1
    printed = capsys.readouterr()
    # The row that lost its carrier, and the new property with its type.
    assert printed.out.splitlines()[1].split()[-1] == "3"
    problems = printed.err.splitlines()
    assert len(problems) == 4
    assert "ges.job.canStop: the document must have /components/schemas/Job/properties/canStop" in problems[0]
    assert "openapi/ges.yaml" in problems[1]
    assert "/components/schemas/Job/properties/mayStop must have evidence, got none for this part" in problems[1]
