"""Install the packages of a tool below build/, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .table import Environment

_SECONDS = 1200
_SILENT = {
    "CI": "true",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "SCARF_ANALYTICS": "false",
    "SPECMATIC_TELEMETRY": "false",
    "npm_config_update_notifier": "false",
    "PYTHONWARNINGS": "ignore",
}
_MANAGERS = {"pip": (), "npm": ("node", "npm")}


class NotInstalledError(Exception):
    """The tool cannot be installed here; the message is the reason."""


def installed(environment: Environment, folder: Path) -> Path:
    """Return the folder of the environment's programs. Raises `NotInstalledError`."""
    missing = [name for name in (*_MANAGERS[environment.registry], *environment.needs) if shutil.which(name) is None]
    if missing:
        raise NotInstalledError(f"needs {' and '.join(missing)}")
    stamp, wanted = folder / ".ready", "\n".join(environment.packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"== {environment.name}: {', '.join(environment.packages)}", file=sys.stderr, flush=True)
        for command in _install(environment, folder):
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
            if done.returncode:
                raise NotInstalledError(_reason(done.stderr or done.stdout))
        stamp.write_text(wanted)
    return folder / ("bin" if environment.registry == "pip" else "node_modules/.bin")


def variables(programs: Path) -> dict[str, str]:
    """Return the variables for a tool, which disable its reports and put its own programs first."""
    return {**os.environ, **_SILENT, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _install(environment: Environment, folder: Path) -> list[list[str]]:
    if environment.registry == "pip":
        python = str(folder / "bin" / "python")
        return [
            [sys.executable, "-m", "venv", str(folder)],
            [python, "-m", "pip", "install", "--disable-pip-version-check", "-qq", *environment.packages],
        ]
    # Install scripts are off unless a tool needs one, because most of them download files or send reports.
    scripts = [] if environment.scripts else ["--ignore-scripts"]
    options = ["--no-audit", "--no-fund", "--no-save", *scripts, "--prefix", str(folder)]
    return [["npm", "install", *options, *environment.packages]]


def _reason(output: str) -> str:
    """Return the cause of a failure from the output of an installer."""
    if "getaddrinfo" in output:
        return "its install script downloads a program, and its host cannot be reached"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return (telling or lines or ["the installer gave no reason"])[0][:200]
