"""Drift of a page: differences between its rows and the rows of the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import attrs

from ...documents import Service
from ...errors import Problem, ValidationError
from . import parameter_rows
from .html import html_tables
from .markdown import pipe_tables
from .one_cell_per_line import cells_on_lines
from .parameter_rows import Group, ParameterRow, groups
from .rst import restructured_tables
from .table import Table
from .vocabulary import flag, plain_type


def tables(text: str) -> list[Table]:
    """The tables of a page, in its order. Raises `ValidationError` for a broken one."""
    found, rest = html_tables(text)
    lines = rest.splitlines()
    for reader in (pipe_tables, restructured_tables):
        found += reader(lines)
    # Cells without any mark between them are looked for only where nothing else is a table.
    found = found or cells_on_lines(lines)
    return sorted(found, key=lambda table: table.line)


_IN_TABLES = ("path", "query", "header", "authentication", "field", "status")

_LEAST_IN_COMMON = 2
"""A page with less than half of the rows is another page: pages of one vendor have some rows in common."""

Row = dict[str, Any]


@attrs.frozen
class Drift:
    """One difference between a page and the evidence."""

    kind: str
    """`added`, `removed`, `type`, `mandatory`, `values`, `default`, `bounds` or `text`."""
    name: str
    """The row's name on the wire."""
    row: str | None
    """The row's id in the evidence; None where it is new."""
    section: str
    """The table of the evidence; for a table that the evidence lacks, its line on the page."""
    what: str


def compare_page(service: Service, text: str, name: str = "PAGE") -> list[Drift]:
    """Every difference between a page's text and the rows of the evidence, in the order of the evidence.

    Raises:
        ValidationError: The page has no tables, a broken one, or is the page of something else.
    """
    try:
        found = list(groups(tables(text)))
    except ValidationError as refused:
        raise ValidationError([attrs.evolve(problem, file=name) for problem in refused.problems]) from None
    if not found:
        raise ValidationError(Problem(name, "holds no table of parameters", "Give the page's text, with its tables"))
    evidence = service.evidence.data
    sections = [
        (section, list(rows)) for section, rows in groupby(_rows(evidence), key=lambda row: str(row["section"]))
    ]
    pairs = _pairs(sections, found)
    common = sum(
        row["name"] in {other.name for other in found[number].rows}
        for index, number in pairs.items()
        for row in sections[index][1]
    )
    if common * _LEAST_IN_COMMON < len(_rows(evidence)):
        title = evidence["page"]["title"]
        message = f"holds {common} of the {len(_rows(evidence))} rows that the evidence of {service.name} has in tables"
        raise ValidationError(Problem(name, message, f"Give a copy of the page {title!r}, or name another service"))
    return [*_prose(evidence, text), *_differences(sections, found, pairs)]


def _rows(evidence: dict[str, Any]) -> list[Row]:
    return [row for row in evidence["rows"] if row["kind"] in _IN_TABLES]


def _pairs(sections: Sequence[tuple[str, list[Row]]], page: Sequence[Group]) -> dict[int, int]:
    """Sections of the evidence and tables of the page with most names in common, by their indices."""
    scores = []
    for index, (_, rows) in enumerate(sections):
        for number, group in enumerate(page):
            one, other = {row["name"] for row in rows}, {row.name for row in group.rows}
            if common := one & other:
                scores.append((len(common) / len(one | other), -abs(index - number), index, number))
    found: dict[int, int] = {}
    for _, _, index, number in sorted(scores, reverse=True):
        if index not in found and number not in found.values():
            found[index] = number
    return found


def _differences(
    sections: Sequence[tuple[str, list[Row]]], page: Sequence[Group], pairs: dict[int, int]
) -> Iterator[Drift]:
    removed: list[tuple[str, Row]] = []
    added: list[tuple[str, ParameterRow]] = []
    matched: list[tuple[str, Row, ParameterRow]] = []
    for index, (section, rows) in enumerate(sections):
        group = page[pairs[index]].rows if index in pairs else ()
        by_name = {row.name: row for row in group}
        matched += [(section, row, by_name[row["name"]]) for row in rows if row["name"] in by_name]
        removed += [(section, row) for row in rows if row["name"] not in by_name]
        names = {row["name"] for row in rows}
        added += [(section, row) for row in group if row.name not in names]
    for number, other in enumerate(page):
        if number not in pairs.values():
            added += [(f"table at line {other.line}", row) for row in other.rows]
    # A row that went from one table into another is no other row, where its name says which it is.
    for section, row in list(removed):
        same = [each for each in added if each[1].name == row["name"]]
        if len(same) == 1 == sum(other["name"] == row["name"] for _, other in removed):
            removed.remove((section, row))
            added.remove(same[0])
            matched.append((section, row, same[0][1]))
    for section, row, other_row in matched:
        yield from _changed(section, row, other_row)
    for section, row in removed:
        yield Drift("removed", row["name"], row["id"], section, "is not on the page any more")
    for section, new in added:
        kinds = [text for text in (new.type, new.flag and f"mandatory: {new.flag}") if text]
        yield Drift("added", new.name, None, section, f"is new ({', '.join(kinds)})" if kinds else "is new")


def _changed(section: str, row: Row, page: ParameterRow) -> Iterator[Drift]:
    compared = {"type": _type, "mandatory": _flag, "values": _values, "default": _default, "bounds": _bounds}
    for kind, compare in compared.items():
        for what in compare(row, page):
            yield Drift(kind, row["name"], row["id"], section, what)


def _type(row: Row, page: ParameterRow) -> Iterator[str]:
    known, now = row.get("type"), page.type
    if now is None:
        if known is not None:
            yield f"type {known} is not stated any more"
    elif known is None:
        yield f"type {now} is stated now"
    elif (plain_type(known) or known.casefold()) != (plain_type(now) or now.casefold()):
        yield f"type {known} becomes {now}"


def _flag(row: Row, page: ParameterRow) -> Iterator[str]:
    words = {True: "mandatory", False: "optional"}
    if page.flag is None:
        if "mandatory" in row:
            yield f"{words[row['mandatory']]} is not stated any more"
        return
    now = flag(page.flag)
    word = words[now] if now is not None else page.flag or "nothing"
    if "mandatory" not in row:
        yield f"{word} is stated now"
    elif now is not row["mandatory"]:
        yield f"{words[row['mandatory']]} becomes {word}"


def _values(row: Row, page: ParameterRow) -> Iterator[str]:
    known = [str(value) for value in row.get("values", [])]
    now = parameter_rows.enum_values(page.text, known)
    removed = [value for value in known if value not in now]
    added = [value for value in now if value not in known]
    if added and not known:
        yield f"the values {', '.join(added)} are named now"
    elif added or removed:
        changes = [f"{verb} {', '.join(values)}" for verb, values in (("gain", added), ("lose", removed)) if values]
        yield f"the values {' and '.join(changes)}"


def _default(row: Row, page: ParameterRow) -> Iterator[str]:
    now = parameter_rows.default(page.text)
    if "default" not in row:
        if now is not None:
            yield f"default {now} is stated now"
        return
    known = str(row["default"])
    if now is None and not parameter_rows.names(page.text, known):
        yield f"default {known} is not stated any more"
    elif now is not None and now != known:
        yield f"default {known} becomes {now}"


def _bounds(row: Row, page: ParameterRow) -> Iterator[str]:
    now = parameter_rows.bounds(page.text)
    for key in ("minimum", "maximum"):
        one, other = row.get(key), now.get(key)
        if one is None and other is not None:
            yield f"{key} {other:g} is stated now"
        elif one is not None and other is None:
            if not parameter_rows.names(page.text, str(one)):
                yield f"{key} {one} is not stated any more"
        elif one is not None and other is not None and float(one) != other:
            yield f"{key} {one} becomes {other:g}"


def _prose(evidence: dict[str, Any], text: str) -> Iterator[Drift]:
    """Rows of the evidence from outside the tables: the operation, and its server."""
    plain = re.sub(r"[\\`*\s]+", "", text)
    for row in evidence["rows"]:
        if row["kind"] not in _IN_TABLES and re.sub(r"[\\`*\s]+", "", row["name"]) not in plain:
            yield Drift("text", row["name"], row["id"], row["section"], "is not on the page any more")
