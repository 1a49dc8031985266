"""Brings all pages together: the generated ones, and the hand-written ones with their placeholders filled."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from generator.docs.changes import changelog_page
from generator.docs.command_line import command_line_page
from generator.docs.compared import compared_page
from generator.docs.contradictions import contradictions_page
from generator.docs.copies import plain
from generator.docs.material import Material
from generator.docs.page import Page, read_head
from generator.docs.placeholders import fill
from generator.docs.reference import reference_pages
from generator.docs.services.page import service_page
from generator.errors import Problem, Refused

PROSE = Path(__file__).parent / "pages"


def assemble(material: Material, workshop: ArgumentParser, prose: Path = PROSE) -> list[Page]:
    """All pages. Raises `Refused` with the problems of all of them.

    Args:
        workshop: The command line of this workshop, for its page.
    """
    material = material.guarded
    made, problems = _made([*_generated(material, workshop), *written(material, prose)])
    pages: dict[str, Page] = {}
    for page in [*made, *reference_pages(material)]:
        if page.name in pages:
            problems.append(Problem(f"the page {page.name}", "is made twice", "Give the hand-written one another name"))
        pages[page.name] = page
    if problems:
        raise Refused(problems)
    return list(pages.values())


def written(material: Material, prose: Path = PROSE) -> Iterator[Callable[[], Page]]:
    """What makes each hand-written page. Each raises `Refused`."""
    for path in sorted(prose.rglob("*.md")):
        yield partial(_written, material, path, path.relative_to(prose).with_suffix("").as_posix())


def _made(makers: Iterable[Callable[[], Page]]) -> tuple[list[Page], list[Problem]]:
    pages: list[Page] = []
    problems: list[Problem] = []
    for make in makers:
        try:
            pages.append(make())
        except Refused as refused:
            problems += refused.problems
    return pages, problems


def _generated(material: Material, workshop: ArgumentParser) -> Iterator[Callable[[], Page]]:
    for each in material.services:
        yield partial(service_page, material, each)
    yield partial(compared_page, material)
    yield partial(contradictions_page, material)
    yield partial(command_line_page, material, workshop)
    yield partial(changelog_page, material)


def _written(material: Material, path: Path, name: str) -> Page:
    text = path.read_text(encoding="utf-8")
    head, body = read_head(text, str(path))
    shown, copied, problems = fill(body, material, str(path), text[: len(text) - len(body)].count("\n") + 1)
    if problems:
        raise Refused(problems)
    return Page(name, head["description"], shown, plain(copied), head["layout"], path)
