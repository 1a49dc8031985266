"""A page of a vendor: its tables, and the text between them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs


@attrs.frozen
class Block:
    """A paragraph, a heading, an item of a list, or an example."""

    section: str
    """The nearest heading before it, or its line."""
    text: str
    """Each line break is one on the page as it is shown."""


@attrs.frozen
class Table:
    """A table: headings, and rows of as many cells."""

    place: str
    """Its number among the tables of the page, or the line on which it begins."""
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    """The text before it, cut to a line."""


Part = Block | Table


def with_captions(parts: Sequence[Part]) -> list[Part]:
    """The parts, with the caption of each table."""
    found: list[Part] = []
    before = ""
    for part in parts:
        if isinstance(part, Table):
            found.append(attrs.evolve(part, caption=before))
        else:
            before = " ".join(part.text.split())[:_LONGEST_CAPTION]
            found.append(part)
    return found


_LONGEST_CAPTION = 200

MOST_COLUMNS = 20
"""Columns of the widest table that is compared."""

_CODE_MARKS = re.compile(r"``?|’’|‘‘")


def cleaned(text: str) -> str:
    """Text without needless spaces; literals have one kind of quotes."""
    lines = (" ".join(line.split()) for line in _CODE_MARKS.sub('"', text).replace("\xa0", " ").splitlines())
    return re.sub(r"^([-*•·–])\n", r"\1 ", "\n".join(line for line in lines if line), flags=re.MULTILINE)
