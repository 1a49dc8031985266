"""The order of the pages, read from `navigation.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from generator.documents import Source, load
from generator.errors import Problem, Refused

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
        raise Refused(problems)
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
