"""Everything that a document states is exercised, both ways; what nothing exercises is named."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from generator.cli import main
from generator.quality.coverage import KINDS, Coverage, Item, coverage
from tests.generator.edits import put, with_document
from tests.quality.services import each_service, services


@cache
def measure(name: str) -> Coverage:
    return coverage(services()[name])


@each_service
def test_coverage_all_cases_exercise_every_item(name: str) -> None:
    measured = measure(name)
    assert all(measured.counts(kind)[2] for kind in KINDS)
    assert [str(item) for item in measured.missing] == []


@each_service
def test_coverage_recordings_alone_violate_no_keyword(name: str) -> None:
    measured = measure(name)
    assert measured.counts("keywords violated")[0] == 0
    assert 0 < len(measured.by_recordings & set(measured.items)) < len(measured.items)


def test_coverage_keyword_without_evidence_is_missing() -> None:
    name = "/components/schemas/DriverInfo/properties/pid"
    longest = put(f"{name}/maxLength", 10**6)
    missing = coverage(with_document(services()["yuanrong"], longest)).missing
    assert missing == [Item("keywords violated", f"{name}/maxLength")]


def test_coverage_command_writes_counts_and_missing_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "coverage.json"
    assert main(["contract", "coverage", "--services", "yuanrong", "--all", "--output", str(output)]) == 0
    data = json.loads(output.read_text())
    [counts] = data["services"]
    assert counts.pop("service") == "yuanrong"
    assert list(counts) == [kind.replace(" ", "_") for kind in KINDS]
    assert all(each["recordings"] <= each["all"] <= each["total"] for each in counts.values())
    assert data["missing"] == []
    assert "yuanrong" in capsys.readouterr().out
