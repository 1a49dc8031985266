"""Commands, paths, links and public names in the README and its like exist; `test_samples` runs samples."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import resolve_name

import pytest

from .programs import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "ADR.md", "CHANGELOG.md", "SECURITY.md", "STABILITY.md", "openapi/STYLE.md")


def test_readme_named_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"))
    }
    named |= set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_readme_relative_links_lead_to_files(page: str) -> None:
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
    for dotted in re.findall(r"`(?!cloudjobs\.toml)(cloudjobs(?:\.\w+)+)", text):
        module, _, name = dotted.rpartition(".")
        try:
            import_module(dotted)
        except ModuleNotFoundError:
            assert hasattr(import_module(module), name), dotted


IMPORTS = {
    "documents": {"evidence", "errors"},
    "evidence": {"documents", "errors"},
    "client": {"documents", "errors", "files"},
    "contract": {"documents", "evidence", "errors", "files"},
    "quality": {"documents", "evidence", "contract", "errors", "files"},
    "docs": {"documents", "errors", "files"},
    "scaffold": {"documents", "evidence", "contract", "errors"},
    "release": {"contract", "errors", "files"},
}
"""The packages of the generator that each of them may import, as the table in CONTRIBUTING says."""


def imported(node: ast.AST, package: str) -> Iterator[str]:
    """Yield the absolute names that a statement in a module of a package imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
        yield from (f"{base}.{alias.name}" for alias in node.names)


def test_generator_imports_itself_by_relative_names() -> None:
    """It is installed as `cloudjobs_generator`, and run in the checkout as `generator`."""
    absolute = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "generator").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if not getattr(node, "level", 0) and any(name.partition(".")[0] == "generator" for name in imported(node, ""))
    }
    assert absolute == set()


@pytest.mark.parametrize("package", IMPORTS)
def test_package_imports_allowed_packages_only(package: str) -> None:
    for path in (ROOT / "generator" / package).rglob("*.py"):
        if "runtime" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = list(imported(node, path.relative_to(ROOT).parent.as_posix().replace("/", ".")))
            used = {name.split(".")[1] for name in names if name.startswith("generator.")}
            assert used <= IMPORTS[package] | {package}, path
            assert not [name for name in names if name.startswith("cloudjobs") and "._" in name], path
