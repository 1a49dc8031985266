"""Runs a user's program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run(arguments: list[str]) -> str:
    """What a program prints that has the client on its path and nothing of the workshop."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generated_client" / "src"), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
