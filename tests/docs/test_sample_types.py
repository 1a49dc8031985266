"""The samples of README and guides have no type error: mypy, strict, reads each page as a module."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.strict_mypy import SOURCE, strict_mypy

from .samples.sources import PAGES, write

pytestmark = pytest.mark.xdist_group("types")


def test_samples_have_no_error_of_mypy_strict(tmp_path: Path) -> None:
    written = write(tmp_path)
    assert len(written) > len(PAGES) // 2
    reports = []
    for folder in sorted({path.parent for path in written}):
        # Pages have files of the same name, so each is a separate program.
        names = [path.name for path in written if path.parent == folder]
        found = strict_mypy(*names, folder=folder, path=(SOURCE, folder))[1]
        reports += [f"{folder.name}/{line}" for line in found]
    assert reports == []
