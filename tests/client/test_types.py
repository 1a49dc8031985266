"""The types that users see: a user's file and the package pass `mypy --strict`, and mistakes are found.

mypy runs as in a project of the user's: strict, and with no setting of this repository.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cloudjobs
from cloudjobs import cce
from tests.strict_mypy import strict_mypy

pytestmark = pytest.mark.xdist_group("types")

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "generated_client" / "src"
FILES = ROOT / "tests" / "typing"
REPORT = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<kind>error|note): .*?(?:  \[(?P<code>[a-z-]+)\])?$")


def test_mypy_user_file_and_package_have_no_error() -> None:
    # `make airflow` checks the one module that imports Airflow. Silent, since the package imports that module.
    without_airflow = ("--exclude", r"/airflow/_sensor\.py$", "--follow-imports=silent")
    code, reports = strict_mypy(*without_airflow, FILES / "api.py", FILES / "httpx2_program.py", SOURCE / "cloudjobs")
    assert (code, reports) == (0, [])


def test_mypy_reports_each_marked_mistake() -> None:
    path = FILES / "wrong.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = {
        (number, code)
        for number, line in enumerate(lines, 1)
        for code in line.partition("  # E: ")[2].split(", ")
        if code
    }
    exit_code, reports = strict_mypy(path)
    found = [match for match in map(REPORT.fullmatch, reports) if match and match["kind"] == "error"]
    assert {(int(match["line"]), match["code"]) for match in found} == marked
    assert {Path(match["path"]).name for match in found} == {path.name}
    assert exit_code == 1
    assert len(marked) > 30


def test_mypy_accepts_additional_properties() -> None:
    assert cce.Job(additional_properties={"unknown": 1}).to_dict() == {"unknown": 1}
    statement = "from cloudjobs import cce; cce.Job(additional_properties={'unknown': 1})"
    assert strict_mypy("-c", statement) == (0, [])


def test_mypy_reports_unknown_import() -> None:
    code, reports = strict_mypy("-c", "from cloudjobs import CecClient")
    assert code == 1
    assert "CecClient" in reports[0]


def test_user_file_uses_every_exported_name() -> None:
    text = (FILES / "api.py").read_text(encoding="utf-8")
    assert not [name for name in cloudjobs.__all__ if not re.search(rf"\b{name}\b", text)]
