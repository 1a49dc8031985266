"""Runs a user's program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRINTED = Path(__file__).parent / "printed"
NEEDS = {
    "fastapi_service": ["fastapi"],
    "jobs_in_pandas_and_duckdb": ["pandas", "duckdb"],
    "opentelemetry_spans": ["opentelemetry.sdk"],
}
"""Packages of example programs that only the environment of `make interop` has."""


def run(arguments: list[str], python: str = sys.executable) -> str:
    """Return the output of a program with only the client on its path, without the generator."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generated_client" / "src"), "PYTHONWARNINGS": "error"}
    done = subprocess.run([python, *arguments], cwd="/", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
