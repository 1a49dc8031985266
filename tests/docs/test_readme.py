"""Commands, paths, links and public names in the README and its like exist; `test_samples` runs samples."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from .programs import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "ADR.md", "CHANGELOG.md", "SECURITY.md", "STABILITY.md", "openapi/STYLE.md")


def test_each_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"))
    }
    named |= set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_page_paths_in_backticks_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:generator|tests|benchmarks|examples|openapi)/[\w./-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_contributing_module_names_exist_beside_each_other() -> None:
    """A table names the first module of a package with its path, and others of the same package by their file name."""
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        folder = None
        for path in re.findall(r"`([\w/]+\.py)`", line):
            folder = (ROOT / path).parent if "/" in path else folder
            assert folder is not None, line
            assert (folder / path.rpartition("/")[2]).is_file(), path


@pytest.mark.parametrize("page", PAGES)
def test_page_public_names_in_backticks_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for dotted in re.findall(r"`(cloudjobs(?:\.\w+)+)", text):
        module, _, name = dotted.rpartition(".")
        try:
            import_module(dotted)
        except ModuleNotFoundError:
            assert hasattr(import_module(module), name), dotted
