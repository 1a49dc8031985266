"""All pages of the site: the generated ones, the hand-written ones, and their order."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from generator.docs.comparison import comparison_page
from generator.docs.context import Page, SiteContext, read_head
from generator.docs.contradictions import contradictions_page
from generator.docs.macros import fill
from generator.docs.plain_markdown import plain
from generator.docs.reference import command_line_page, reference_pages
from generator.docs.service_page.page import service_page
from generator.documents import Source, load
from generator.errors import Problem, ValidationError

PLACE = Path(__file__).parent / "navigation.yaml"


@attrs.frozen
class Section:
    """A heading of the navigation with its pages; the home page has no heading."""

    title: str | None
    pages: list[str]


def read_navigation(names: Iterable[str], place: Path = PLACE) -> list[Section]:
    """The sections with the names of their pages. Raises `Refused` where the file and the pages that are do not fit."""
    source = load(place)
    left = dict.fromkeys(sorted(names))
    problems: list[Problem] = []
    named = {name for _, name in _entries(source)}
    sections: list[Section] = []
    for index, entry in enumerate(source.data):
        section = Section(entry.get("section"), [])
        for pointer, name in _entries_of(entry, f"/{index}"):
            folder = name.removesuffix("*")
            found = [each for each in left if each.startswith(folder) and each not in named] if "*" in name else [name]
            if not found or (found == [name] and name not in left):
                problems.append(
                    source.problem(
                        pointer, f"names {name}, and there is no such page", "Write it, or take the name out"
                    )
                )
                continue
            for each in found:
                del left[each]
            section.pages.extend(found)
        if section.pages:
            sections.append(section)
    for name in left:
        problems.append(Problem(place, f"does not name the page {name}", "Say where it stands"))
    if problems:
        raise ValidationError(problems)
    return sections


def _entries(source: Source) -> Iterable[tuple[str, str]]:
    for index, entry in enumerate(source.data):
        yield from _entries_of(entry, f"/{index}")


def _entries_of(entry: dict[str, Any], pointer: str) -> Iterable[tuple[str, str]]:
    # The home page stands alone, without a heading.
    if "page" in entry:
        yield f"{pointer}/page", entry["page"]
    for index, name in enumerate(entry.get("pages", [])):
        yield f"{pointer}/pages/{index}", name


_TO_FILE = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)[^)#]+\)")


def changelog_page(material: SiteContext) -> Page:
    """The changelog."""
    text = _TO_FILE.sub(r"`\1`", (material.root / "CHANGELOG.md").read_text(encoding="utf-8"))
    return Page("changelog", "What changed in each version, for whoever uses it.", text, plain(text))


PROSE = Path(__file__).parent / "content"


def assemble(material: SiteContext, workshop: ArgumentParser, prose: Path = PROSE) -> list[Page]:
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
        raise ValidationError(problems)
    return list(pages.values())


def written(material: SiteContext, prose: Path = PROSE) -> Iterator[Callable[[], Page]]:
    """What makes each hand-written page. Each raises `Refused`."""
    for path in sorted(prose.rglob("*.md")):
        yield partial(_written, material, path, path.relative_to(prose).with_suffix("").as_posix())


def _made(makers: Iterable[Callable[[], Page]]) -> tuple[list[Page], list[Problem]]:
    pages: list[Page] = []
    problems: list[Problem] = []
    for make in makers:
        try:
            pages.append(make())
        except ValidationError as refused:
            problems += refused.problems
    return pages, problems


def _generated(material: SiteContext, workshop: ArgumentParser) -> Iterator[Callable[[], Page]]:
    for each in material.services:
        yield partial(service_page, material, each)
    yield partial(comparison_page, material)
    yield partial(contradictions_page, material)
    yield partial(command_line_page, material, workshop)
    yield partial(changelog_page, material)


def _written(material: SiteContext, path: Path, name: str) -> Page:
    text = path.read_text(encoding="utf-8")
    head, body = read_head(text, str(path))
    shown, copied, problems = fill(body, material, str(path), text[: len(text) - len(body)].count("\n") + 1)
    if problems:
        raise ValidationError(problems)
    return Page(name, head["description"], shown, plain(copied), head["layout"], path)
