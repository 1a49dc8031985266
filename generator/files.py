"""Write files and folders completely or not at all, and compare a folder with the generator's output."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from errno import EISDIR
from pathlib import Path
from typing import Any

from .errors import Problem, ValidationError

MANIFEST = "SOURCE.json"
"""Name of the file that lists, under `files`, the files that the generator wrote into a folder."""
_MOST_NAMED = 10
_NOT_OURS = {"__pycache__"}
"""Folders that Python creates when the client runs."""


def publish(make: Callable[[Path], None], output: Path) -> None:
    """Make a folder beside `output`, and replace `output` by it once it is complete.

    Args:
        make: Writes the files into the folder that it gets.
        output: The folder to replace.

    Raises:
        ValidationError: `make` raised it, or `output` cannot be replaced: for instance, it has a file that its manifest
            does not list. The old folder is kept unchanged.
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
            print(f"{output}: the old folder cannot be restored. Move it back from {work / 'old'}.", file=sys.stderr)


def files_below(folder: Path) -> list[str]:
    """List every file below a folder by its relative path, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder. Returns `{}` for a missing or invalid one."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def write_files(files: dict[Path, Any]) -> None:
    """Write all of these files, or none of them. Other data than text and bytes is written as JSON.

    A file that exists keeps its permissions. Raises `ValidationError` if a path cannot be written, or is not a regular
    file.
    """
    path = next(iter(files))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
            for path, data in files.items():
                made = Path(folder) / path.name
                made.write_bytes(_bytes(data))
                if path.is_dir():
                    raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
                if path.is_symlink() or (path.exists() and not path.is_file()):
                    raise ValidationError(
                        Problem(path, "must be a regular file, got a link or device", "Name another file")
                    )
                if path.exists():
                    shutil.copymode(path, made)
            for path in files:
                (Path(folder) / path.name).replace(path)
    except OSError as error:
        problem = Problem(path, f"cannot be written ({error.strerror})", "Name a file in a folder that can be written")
        raise ValidationError(problem) from None


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, right: bool = True) -> None:
    """Print a table. The first column is aligned to the left, the others to the right if `right` is set."""
    lines = [columns, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        cells = [
            cell.rjust(width) if index and right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _swap(made: Path, output: Path, aside: Path) -> None:
    if not output.exists():
        made.rename(output)
        return
    shutil.copymode(output, made)
    output.rename(aside)
    try:
        # Check again: a file may have been added while the new folder was made.
        _must_hold_ours(output, aside)
        made.rename(output)
    except BaseException:
        aside.rename(output)
        raise


def _must_be_replaceable(output: Path) -> None:
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise ValidationError(Problem(output, "must be a folder, got a file or a link", "Name a folder for --output"))
    if output.is_dir():
        try:
            _must_hold_ours(output, output)
        except OSError as error:
            raise _cannot_write(output, error) from None
    if not output.parent.is_dir():
        raise ValidationError(
            Problem(output, "must be in a folder that exists, got one that is missing", "Create that folder first")
        )
    if output.is_dir() and not os.access(output, os.W_OK):
        raise ValidationError(
            Problem(output, "must be writable, got a read-only folder", "Make it writable, or name another --output")
        )


def _must_hold_ours(output: Path, folder: Path) -> None:
    """Raise `ValidationError` if a folder has an entry that the generator did not write. Messages name it `output`."""
    listed = read_manifest(folder).get("files")
    if isinstance(listed, list):
        found = sorted(_foreign(folder, {name for name in listed if isinstance(name, str)}))
        must = f"must contain only the files that its {MANIFEST} lists"
    else:
        found = sorted(f"{path.name}/" if path.is_dir() else path.name for path in folder.iterdir())
        must = f"must be empty or have a {MANIFEST} that lists its files"
    if found:
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        message = f"{must}, got {', '.join(found[:_MOST_NAMED])}{more}"
        raise ValidationError(Problem(output, message, "Move them to another folder, or name another --output"))


def _foreign(folder: Path, ours: set[str]) -> Iterator[str]:
    """Yield each file that the generator did not write, and each folder that is hidden, empty or a link.

    Python's caches are ignored, because running the client creates them.
    """
    for here, folders, files in os.walk(folder, onerror=_raise):
        inside = Path(here).relative_to(folder)
        for name in list(folders):
            path = Path(here, name)
            if name.startswith(".") or path.is_symlink() or (name != "__pycache__" and not any(path.iterdir())):
                yield f"{(inside / name).as_posix()}/"
                folders.remove(name)
        for name in files:
            path, relative = Path(here, name), (inside / name).as_posix()
            is_cache = inside.name == "__pycache__" and path.suffix == ".pyc"
            if path.is_symlink() or not (path.is_file() and (relative in ours or is_cache)):
                yield relative


def _raise(error: OSError) -> None:
    raise error


def _cannot_write(output: Path, error: OSError) -> ValidationError:
    return ValidationError(
        Problem(
            output,
            f"cannot be written ({error.strerror})",
            "Make the folder around it writable, or name another --output",
        )
    )


def _bytes(data: Any) -> bytes:
    if isinstance(data, bytes):
        return data
    return (data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def differences(make: Callable[[Path], None], output: Path, regenerate: str = "make generate") -> list[Problem]:
    """Return a problem for each file in which `output` differs from a new distribution. Changes nothing.

    Args:
        make: Writes a new distribution into the folder that it gets.
        output: The folder to compare.
        regenerate: The command that corrects the differences.
    """
    with tempfile.TemporaryDirectory(prefix="generating-") as folder:
        made = Path(folder) / "new"
        made.mkdir()
        make(made)
        wanted, there = _contents(made), _contents(output)
        changed = _changed_inputs(made, output)
    why = f": {', '.join(changed)} changed after it was generated" if changed else ""
    problems = []
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            what = "is missing from the output"
        elif name not in wanted:
            what = "must not exist: the generator does not write it"
        elif wanted[name] != there[name]:
            what = f"differs from the generator's output{why}"
        else:
            continue
        problems.append(Problem(output / name, what, f"Run `{regenerate}`"))
    return problems


def _contents(folder: Path) -> dict[str, bytes]:
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
