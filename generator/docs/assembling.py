"""Brings all pages together: the generated ones, and the hand-written ones with their placeholders filled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.docs.material import Material
from generator.docs.page import Page, read_head
from generator.docs.placeholders import fill
from generator.docs.services import service_page
from generator.problems import Problem, Refused

PROSE = Path(__file__).parent / "pages"


def assemble(material: Material, prose: Path = PROSE) -> list[Page]:
    """All pages. Raises `Refused` with the problems of all of them."""
    pages: dict[str, Page] = {}
    problems: list[Problem] = []
    for page in _generated(material):
        pages[page.name] = page
    for path in sorted(prose.rglob("*.md")):
        name = path.relative_to(prose).with_suffix("").as_posix()
        try:
            page = _written(material, path, name)
        except Refused as refused:
            problems += refused.problems
            continue
        if name in pages:
            problems.append(Problem(path, "has the name of a generated page", "Give it another name"))
        pages[name] = page
    if problems:
        raise Refused(problems)
    return list(pages.values())


def _generated(material: Material) -> Iterator[Page]:
    for each in material.services:
        yield service_page(material, each)


def _written(material: Material, path: Path, name: str) -> Page:
    text = path.read_text(encoding="utf-8")
    head, body = read_head(text, str(path))
    shown, plain, problems = fill(body, material, str(path), text[: len(text) - len(body)].count("\n") + 1)
    if problems:
        raise Refused(problems)
    return Page(name, head["description"], shown, plain)
