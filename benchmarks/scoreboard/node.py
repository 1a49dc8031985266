"""The tools from npm, installed below build/ at pinned versions if Node is present."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

VERSIONS = {"@redocly/cli": "2.77.0", "@stoplight/prism-cli": "5.14.2"}
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def missing() -> str | None:
    """Return the missing programs of Node."""
    absent = [name for name in ("node", "npm") if shutil.which(name) is None]
    return f"{' and '.join(absent)} not found" if absent else None


def installed(folder: Path) -> Path:
    """Return the folder of the tools' programs, after installing the missing ones."""
    wanted = [f"{name}@{version}" for name, version in VERSIONS.items()]
    stamp = folder / ".ready"
    if not stamp.exists() or stamp.read_text() != "\n".join(wanted):
        folder.mkdir(parents=True, exist_ok=True)
        print(f"== {folder}: {', '.join(wanted)}", flush=True)
        # No install script runs: the tools do not need any, and the script of one package sends a report about the
        # user.
        command = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix", folder)
        done = subprocess.run([*map(str, command), *wanted], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"npm could not install {', '.join(wanted)}: {done.stderr.strip()[-2000:]}")
        stamp.write_text("\n".join(wanted))
    return folder / "node_modules" / ".bin"


def environment() -> dict[str, str]:
    """Return the environment variables for the tools, which disable their reports to the vendors."""
    return {**os.environ, **_QUIET}


def drift(programs: Path, document: Path, har: Path) -> dict[str, Any]:
    """Return the report of Redocly's drift on one HAR file."""
    command = [programs / "redocly", "drift", har, "--api", document, "--format", "json"]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, env=environment(), cwd=har.parent
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    except ValueError:
        raise SystemExit(f"redocly drift {har.name}: {done.stdout[-500:]}{done.stderr[-1500:]}") from None
    return report
