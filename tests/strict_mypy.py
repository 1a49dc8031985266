"""mypy as in a user's project: strict, and without the settings of this repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "generated_client" / "src"


def strict_mypy(*what: str | Path, folder: Path = ROOT, path: Sequence[Path] = (SOURCE,)) -> tuple[int, list[str]]:
    """Return exit code and reports of a run.

    Args:
        *what: Arguments of mypy: files, packages or code.
        folder: The folder to run in.
        path: Folders in which mypy looks for imported modules.
    """
    # All runs share a cache, so that the types of the packages below the client are read once.
    options = ("--strict", "--config-file=", "--no-pretty", "--no-error-summary", "--no-color-output")
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *options, f"--cache-dir={ROOT / 'build' / 'strict-mypy'}", *map(str, what)],
        cwd=folder,
        env=os.environ | {"MYPYPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ran.stderr, ran.stderr
    return ran.returncode, ran.stdout.splitlines()
