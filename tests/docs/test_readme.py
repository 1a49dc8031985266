"""The README's example prints what it says it prints, its commands exist, and its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "ADR.md", "CHANGELOG.md", "STABILITY.md", "openapi/STYLE.md")


def test_the_example_prints_what_the_readme_shows() -> None:
    blocks = re.findall(r"```python\n(.*?)```\s*```text\n(.*?)```", README, re.DOTALL)
    assert blocks
    for program, shown in blocks:
        assert run(["-c", program]) == shown


def test_each_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"))
    }
    named |= set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_example_program_reads_every_recording() -> None:
    printed = run([str(ROOT / "examples" / "read_recordings.py")])
    recordings = [
        path.relative_to(ROOT / "openapi/recordings") for path in (ROOT / "openapi/recordings").rglob("*.yaml")
    ]
    assert recordings
    for path in recordings:
        assert path.with_suffix("").as_posix() in printed


def run(arguments: list[str]) -> str:
    """What a program prints that has the client on its path and nothing of the workshop."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generated_client" / "src"), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
