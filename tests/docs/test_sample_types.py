"""The samples of README and guides have no type error: mypy, strict, reads each page as a module."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .samples.sources import PAGES, ROOT, write

pytestmark = pytest.mark.xdist_group("types")


def test_samples_have_no_error_of_mypy_strict(tmp_path: Path) -> None:
    written = write(tmp_path)
    assert len(written) > len(PAGES) // 2
    reports = []
    for folder in sorted({path.parent for path in written}):
        # Pages have files of the same name, so each is a program of its own.
        names = [path.name for path in written if path.parent == folder]
        options = (
            "--strict",
            "--config-file=",
            "--no-error-summary",
            "--no-pretty",
            f"--cache-dir={tmp_path / 'cache'}",
        )
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", *options, *names],
            cwd=folder,
            env=os.environ | {"MYPYPATH": os.pathsep.join([str(ROOT / "generated_client" / "src"), str(folder)])},
            capture_output=True,
            text=True,
            check=False,
        )
        reports += [f"{folder.name}/{line}" for line in (ran.stdout + ran.stderr).splitlines()]
    assert reports == []
