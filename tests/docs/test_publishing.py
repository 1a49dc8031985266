"""Versions of a site side by side: their list for the theme, and a page that needs no script."""

from __future__ import annotations

import json
import re
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from generator.commands.docs import _release
from generator.docs import publish
from generator.docs.publishing import list_versions


def test_list_versions_is_newest_first_and_leads_to_each(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.10.1"):
        publish(lambda folder: (folder / "index.html").write_text("A site", encoding="utf-8"), tmp_path / version)
        list_versions(tmp_path, "Acme & others")
    (tmp_path / "notes").mkdir()
    versions = json.loads((tmp_path / "versions.json").read_text(encoding="utf-8"))
    assert [each["version"] for each in versions] == ["0.10.1", "0.10.0", "0.9.0"]
    assert [each["aliases"] for each in versions] == [["latest"], [], []]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<h1>Acme &amp; others</h1>" in page
    for link in re.findall(r'href="([^"]+)"', page):
        assert (tmp_path / link).is_file()


def test_release_name_is_one_folder() -> None:
    assert _release("1.2.0-rc1") == "1.2.0-rc1"
    for text in ("", "..", "a/b", "/tmp", ".hidden", "a b"):
        with pytest.raises(ArgumentTypeError, match="is not the name of a version"):
            _release(text)
