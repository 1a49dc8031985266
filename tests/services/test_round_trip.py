"""All made-up services beside those of this repository: generated, checked and published. `make services` runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generator.directory_snapshots import INPUTS, copy_tree, workshop

from .project import KINDS, add_service


@pytest.mark.exhaustive
def test_all_services_are_generated_checked_and_published(tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "checkout", *INPUTS, "CHANGELOG.md", "STABILITY.md")
    for name in KINDS:
        add_service(tree, name)
    for command in (["client"], ["check"], ["evidence"], ["docs", "--output", tmp_path / "site"]):
        done = workshop(tree, *command)
        assert (done.returncode, done.stderr) == (0, ""), command
    mypy = [sys.executable, "-m", "mypy", "--config-file", tree / "pyproject.toml", "generated_client/src"]
    done = subprocess.run(mypy, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    for name in KINDS:
        page = (tmp_path / "site" / "services" / name / "index.html").read_text("utf-8")
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), name
        assert "Polling and job states" in page
