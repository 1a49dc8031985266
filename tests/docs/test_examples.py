"""The example programs, run as a user runs them: over the client alone, and without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import ROOT, run

PRINTED = Path(__file__).parent / "printed"
PROGRAMS = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if not path.stem.startswith("test_"))


def test_examples_each_has_exactly_one_output_file() -> None:
    assert sorted(path.stem for path in PRINTED.glob("*.txt")) == PROGRAMS
    assert len(PROGRAMS) >= 5


@pytest.mark.parametrize("name", PROGRAMS)
def test_example_program_prints_its_expected_output(name: str) -> None:
    printed = run([str(ROOT / "examples" / f"{name}.py")])
    assert printed == (PRINTED / f"{name}.txt").read_text()


def test_read_recordings_example_prints_every_recording() -> None:
    printed = (PRINTED / "read_recordings.txt").read_text()
    recordings = [
        path.relative_to(ROOT / "openapi/recordings") for path in (ROOT / "openapi/recordings").rglob("*.yaml")
    ]
    assert recordings
    for path in recordings:
        assert path.with_suffix("").as_posix() in printed
