"""What the rows of a page's tables state: name, type, flag, and what the description says of values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs

from generator.evidence.page.table import MOST_COLUMNS, Table
from generator.evidence.page.words import (
    FLAG_HEADINGS,
    NAME_HEADINGS,
    TEXT_HEADINGS,
    TYPE_HEADINGS,
    flag,
    is_status,
    plain_type,
)


@attrs.frozen
class Stated:
    """One row of a page."""

    name: str
    """As on the wire; of a status, the three digits."""
    type: str | None = None
    """The word of the page; None where the table has no types."""
    flag: str | None = None
    """The word of the page; None where the table does not say what is mandatory."""
    text: str = ""
    """The description, and whatever else stands in the row."""


@attrs.frozen
class Group:
    """The rows of one table."""

    line: int
    rows: tuple[Stated, ...]


def groups(tables: Sequence[Table]) -> Iterator[Group]:
    """The tables that describe parameters, fields or statuses. Others state nothing of the contract."""
    for table in tables:
        if len(table.headings) > MOST_COLUMNS:
            continue
        first = [row[0] for row in table.rows]
        if first and all(is_status(cell) for cell in first):
            statuses = tuple(Stated(is_status(row[0]) or "", text="\n".join(row[1:])) for row in table.rows)
            yield Group(table.line, statuses)
            continue
        roles = _roles(table)
        if roles["type"] is None and roles["flag"] is None:
            continue
        rows = tuple(_stated(row, roles) for row in table.rows)
        yield Group(table.line, tuple(row for row in rows if row.name))


def _roles(table: Table) -> dict[str, int | None]:
    """Which column is which: by its heading, or else by what stands in it."""
    headings = [heading.casefold().strip(" :*?") for heading in table.headings]
    tests: dict[str, tuple[set[str], Callable[[str], bool]]] = {
        "flag": (FLAG_HEADINGS, lambda cell: flag(cell) is not None),
        "type": (TYPE_HEADINGS, lambda cell: plain_type(cell) is not None),
    }
    name = next((index for index, heading in enumerate(headings) if heading in NAME_HEADINGS), 0)
    roles: dict[str, int | None] = {"name": name}
    free = [index for index in range(len(headings)) if index != name and headings[index] not in TEXT_HEADINGS]
    for role, (known, fits) in tests.items():
        named = [index for index in free if headings[index] in known]
        filled = [index for index in free if _mostly(fits, [row[index] for row in table.rows if index < len(row)])]
        roles[role] = next(iter([*named, *filled]), None)
        free = [index for index in free if index != roles[role]]
    return roles


def _mostly(fits: Callable[[str], bool], cells: Sequence[str]) -> bool:
    return bool(cells) and sum(map(fits, cells)) * 2 > len(cells)


def _stated(row: Sequence[str], roles: dict[str, int | None]) -> Stated:
    def cell(role: str) -> str | None:
        index = roles[role]
        return row[index] if index is not None and index < len(row) else None

    others = [text for index, text in enumerate(row) if index not in roles.values()]
    name = (cell("name") or "").strip("\"' ")
    return Stated(name, cell("type"), cell("flag"), "\n".join(others))
