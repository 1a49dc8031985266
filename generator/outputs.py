"""How verbs hand over what they made: files that are written whole or not at all, and tables."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from errno import EISDIR
from pathlib import Path
from typing import Any

from generator.problems import Problem, Refused


def write_files(files: dict[Path, Any]) -> None:
    """Write files, all of them whole or none at all: text and bytes as they are, anything else as JSON.

    Raises `Refused` where a place cannot be written.
    """
    path = next(iter(files))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
            for path, data in files.items():
                (Path(folder) / path.name).write_bytes(_bytes(data))
                if path.is_dir():
                    raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            for path in files:
                (Path(folder) / path.name).replace(path)
    except OSError as error:
        problem = Problem(path, f"cannot be written ({error.strerror})", "Name a place that can be written")
        raise Refused(problem) from None


def _bytes(data: Any) -> bytes:
    if isinstance(data, bytes):
        return data
    return (data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, right: bool = True) -> None:
    """Print columns, the first aligned to the left, the others to the right where they hold numbers."""
    lines = [columns, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        cells = [
            cell.rjust(width) if index and right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
