"""Compare the distribution in its place with one made now."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from generator.errors import Problem
from generator.files import read_manifest

_NOT_OURS = {"__pycache__"}
"""What running the client leaves behind."""


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


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _NOT_OURS & set(path.parts)
    }


def _changed_inputs(made: Path, output: Path) -> list[str]:
    before, now = read_manifest(output).get("inputs"), read_manifest(made)["inputs"]
    if not isinstance(before, dict):
        return []
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
