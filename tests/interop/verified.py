"""`contract verify` compares the Ray head with openYuanrong's document, and reports the differences."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from .ray_head import Head
from .rows import Row

HERE = Path(__file__).parent
_SECONDS = 300


def row(head: Head, name: str, jobs: list[str]) -> Row:
    """Return the results."""
    given = [part for job in jobs for part in ("--job", job)]
    settings = ["--service", "yuanrong", "--format", "json", "--rate", "50", "--polls", "3", "--interval", "0.5"]
    done = subprocess.run(
        [sys.executable, "-m", "generator", "contract", "verify", head.url, *settings, *given],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    report = json.loads(done.stdout) if done.stdout else {}
    print(f"contract verify: {done.stderr.strip()}", flush=True)
    came = {
        "exit code": done.returncode,
        "differences": sorted(map(_difference, report.get("findings", [])), key=json.dumps),
        "known, or notices": report.get("known", 0) + report.get("notices", 0),
    }
    differences = sorted(json.loads((HERE / "ray_dialect.json").read_text()), key=json.dumps)
    expected = {"exit code": 1, "differences": differences, "known, or notices": 0}
    return Row(name, "contract verify lists the differences of dialect", expected, came)


def _difference(finding: dict[str, Any]) -> dict[str, Any]:
    came = finding["actual"]
    if re.fullmatch(r"[0-9]+", came):
        came = "a number"
    elif came.startswith("'"):
        came = "a text"
    return {"rule": finding["rule"], "place": finding["document_pointer"], "pointer": finding["pointer"], "came": came}
