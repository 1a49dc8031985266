"""Runs the tools of a release in environments of their own: twine, CycloneDX, and pip for the dependencies."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.release.checks import Finding


def twine(tools: Path, files: Sequence[Path]) -> Finding:
    """Whether an index would take the files: `twine check --strict`."""
    done = _run(tools / "bin" / "twine", "check", "--strict", *files)
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        said = next(
            (line for line in lines if re.search("ERROR|WARNING|FAILED|`", line)), lines[-1] if lines else "failed"
        )
        return Finding("twine check", said, "Mend the README or the metadata of the distribution, and run make dist")
    return Finding("twine check", f"{len(files)} files passed")


def install(requirements: Sequence[str], pins: Path, environment: Path) -> Finding | None:
    """Make an environment with the dependencies alone, at the versions that the workshop's lock has.

    Returns what is wrong, or None.
    """
    constraints = environment.with_name(f"{environment.name}-pins.txt")
    if environment.is_symlink() or (environment.exists() and not constraints.is_file()):
        # An environment that was made here has its pins beside it.
        found = f"{environment} must be missing or an environment of an earlier check, got something else"
        return Finding("sbom", found, "Name another folder with --work")
    shutil.rmtree(environment, ignore_errors=True)
    # Hashes in constraints would be asked of everything.
    pinned = re.findall(
        r"^([A-Za-z0-9][\w.-]*==[^\s;\\]+[^\\\n]*?)\s*\\?$", pins.read_text(encoding="utf-8"), re.MULTILINE
    )
    try:
        environment.parent.mkdir(parents=True, exist_ok=True)
        constraints.write_text("\n".join(pinned) + "\n", encoding="utf-8")
    except OSError as error:
        return Finding("sbom", f"{constraints} cannot be written ({error.strerror})", "Name another folder with --work")
    made = _run(sys.executable, "-m", "venv", "--without-pip", environment)
    if made.returncode == 0:
        pip: list[str | Path] = [
            "-m",
            "pip",
            "--python",
            environment / "bin" / "python",
            "install",
            "--quiet",
            "--no-compile",
        ]
        made = _run(sys.executable, *pip, "--disable-pip-version-check", "--constraint", constraints, *requirements)
    if made.returncode:
        said = (made.stderr.strip().splitlines() or ["failed"])[-1]
        return Finding(
            "sbom", f"the dependencies cannot be installed: {said}", "Look at the network and at requirements/"
        )
    return None


def cyclonedx(tools: Path, environment: Path, pyproject: Path, sbom: Path) -> Finding | None:
    """Write the bill of materials of an environment. Returns what is wrong, or None."""
    sbom.parent.mkdir(parents=True, exist_ok=True)
    done = _run(
        *(tools / "bin" / "cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", "--sv", "1.6"),
        *("--mc-type", "library", "--pyproject", pyproject, "--output-file", sbom, environment / "bin" / "python"),
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["failed"])[-1]
        return Finding("sbom", f"cyclonedx-py: {said}", "Look at what it says")
    return None


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", f"{command[0]}: {error.strerror}")
