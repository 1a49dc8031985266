"""Swaps a finished distribution into its place, or says how the one there differs. Nothing is ever half-written."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.client.build import ABOUT, MANIFEST
from generator.problems import Problem, Refused

_NOT_OURS = {"__pycache__"}
"""What running the client leaves behind."""


def publish(make: Callable[[Path], None], output: Path) -> None:
    """Make a distribution in a temporary folder beside `output`, and swap it in once all of it is there.

    Raises:
        Refused: `make` refused, or `output` cannot be replaced. What was there is there still.
    """
    _must_be_replaceable(output)
    try:
        work = Path(tempfile.mkdtemp(prefix=".generating-", dir=output.parent))
    except OSError as error:
        raise _cannot_write(output, error) from None
    try:
        made = work / "new"
        made.mkdir()
        make(made)
        _swap(made, output, work / "old")
    except OSError as error:
        raise _cannot_write(output, error) from None
    finally:
        if output.exists() or not (work / "old").exists():
            shutil.rmtree(work, ignore_errors=True)
        else:
            print(f"{output} could not be put back: it is at {work / 'old'}", file=sys.stderr)


def differences(make: Callable[[Path], None], output: Path) -> list[Problem]:
    """How the distribution at `output` differs from one made now. Changes nothing."""
    with tempfile.TemporaryDirectory(prefix="generating-") as folder:
        made = Path(folder) / "new"
        made.mkdir()
        make(made)
        wanted, there = _files(made), _files(output)
        changed = _changed_inputs(made, output)
    why = f"{', '.join(changed)} changed since it was made" if changed else "it is not what the generator makes"
    problems = []
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            what = "is missing"
        elif name not in wanted:
            what = "is not generated"
        elif wanted[name] != there[name]:
            what = "is stale"
        else:
            continue
        problems.append(Problem(output / name, f"{what}: {why}", "Run `make generate`"))
    return problems


def _swap(made: Path, output: Path, aside: Path) -> None:
    if not output.exists():
        made.rename(output)
        return
    output.rename(aside)
    try:
        made.rename(output)
    except BaseException:
        aside.rename(output)
        raise


def _must_be_replaceable(output: Path) -> None:
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise Refused(Problem(output, "is no folder", "Name a folder for --output"))
    if output.is_dir() and any(output.iterdir()) and not _is_ours(output):
        raise Refused(
            Problem(
                output,
                f"holds files and no {MANIFEST}, so it is not ours to replace",
                "Empty it, or name another --output",
            )
        )
    if not output.parent.is_dir():
        raise Refused(Problem(output, "lies in a folder that is not there", "Make the folder first"))
    if output.is_dir() and not os.access(output, os.W_OK):
        raise Refused(Problem(output, "is read-only", "Make it writable, or name another --output"))


def _is_ours(output: Path) -> bool:
    return str(_manifest(output).get("about", "")).startswith(ABOUT)


def _cannot_write(output: Path, error: OSError) -> Refused:
    return Refused(
        Problem(
            output,
            f"cannot be written ({error.strerror})",
            "Make the folder around it writable, or name another --output",
        )
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _NOT_OURS & set(path.parts)
    }


def _changed_inputs(made: Path, output: Path) -> list[str]:
    before, now = _manifest(output).get("inputs"), _manifest(made)["inputs"]
    if not isinstance(before, dict):
        return []
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
