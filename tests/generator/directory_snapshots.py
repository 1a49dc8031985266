"""Copies of this checkout, to break them and to run the generator in them, and snapshots of folders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.documents import Workspace

ROOT = Path(__file__).resolve().parents[2]
SERVICES = Workspace(ROOT).service_names
INPUTS = ("generator", "openapi", "LICENSE", "pyproject.toml", "cloudjobs.toml")
OUTPUT = "generated_client"
Contents = dict[str, bytes | None]


def copy_tree(folder: Path, *parts: str) -> Path:
    """Copy parts of the checkout into a folder."""
    for part in parts:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / part, target)
    return folder


def use_checkout(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the commands of this process use a folder as the project."""
    monkeypatch.chdir(folder)


def make_earlier_output(built: Path, folder: Path) -> Path:
    """Make a folder that looks like an earlier distribution, with one file that is no longer generated."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "old.py").write_text("made earlier\n", encoding="utf-8")
    manifest = json.loads((built / "SOURCE.json").read_text(encoding="utf-8"))
    manifest["files"] = ["SOURCE.json", "src/old.py"]
    (folder / "SOURCE.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def python(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a folder, with only that folder on its path."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def workshop(tree: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m generator …` in a tree, with the generator of that tree."""
    return python(tree, "-m", "generator", *arguments, **environment)


def contents(folder: Path) -> Contents:
    """Return every file below a folder with its bytes, and every folder, without compiled Python."""
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*"))}
    return {
        name.as_posix(): path.read_bytes() if path.is_file() else None
        for name, path in found.items()
        if "__pycache__" not in name.parts
    }


def first_difference(one: Contents, other: Contents) -> str | None:
    """Return the first name that only one of two folders has, or with different bytes."""
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            return f"{name} is on one side only"
        if one[name] != other[name]:
            return f"{name} differs"
    return None
