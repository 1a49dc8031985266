"""Tables of reStructuredText: drawn as a grid, between rules of equals signs, and written as lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .table import MOST_COLUMNS, Table, cleaned

_GRID_RULE = re.compile(r"\s*\+(?:[-=]{2,}\+)+\s*")
_SIMPLE_RULE = re.compile(r"\s*={2,}(?:\s+={2,})+\s*")
_LIST_TABLE = re.compile(r"(\s*)\.\.\s+list-table::")
_ROW = re.compile(r"(\s*)\*(\s+)-(?:\s+|$)(.*)")


def restructured_tables(lines: Sequence[str]) -> list[Table]:
    """Every grid, simple and list table."""
    found: list[Table] = []
    index = 0
    while index < len(lines):
        for pattern, reader in ((_GRID_RULE, _grid), (_SIMPLE_RULE, _simple), (_LIST_TABLE, _list)):
            if pattern.match(lines[index]) and (pattern is _LIST_TABLE or pattern.fullmatch(lines[index])):
                end, rows = reader(lines, index)
                if len(rows) > 1:
                    found.append(Table(index + 1, rows[0], tuple(rows[1:])))
                index = max(end, index + 1)
                break
        else:
            index += 1
    return found


def _grid(lines: Sequence[str], start: int) -> tuple[int, list[tuple[str, ...]]]:
    edges = [match.start() for match in re.finditer(r"\+", lines[start])]
    rows: list[tuple[str, ...]] = []
    cells: list[list[str]] = [[] for _ in edges[1:]]
    index = start + 1
    if len(edges) > MOST_COLUMNS:
        return index, []
    while index < len(lines) and lines[index].lstrip().startswith(("|", "+")):
        line = lines[index]
        if _GRID_RULE.fullmatch(line) and len(line.rstrip()) > edges[-1]:
            rows.append(tuple(cleaned("\n".join(cell)) for cell in cells))
            cells = [[] for _ in edges[1:]]
        else:
            for number, (left, right) in enumerate(pairwise(edges)):
                cells[number].append(line[left + 1 : right])
        index += 1
    return index, rows


def _simple(lines: Sequence[str], start: int) -> tuple[int, list[tuple[str, ...]]]:
    spans = [match.span() for match in re.finditer("=+", lines[start])]
    rows: list[list[list[str]]] = []
    rules = 1
    index = start + 1
    if len(spans) > MOST_COLUMNS:
        return index, []
    while index < len(lines) and rules < 3:
        line = lines[index]
        index += 1
        if _SIMPLE_RULE.fullmatch(line):
            rules += 1
        elif line.strip():
            last = len(spans) - 1
            cells = [line[left : None if number == last else right] for number, (left, right) in enumerate(spans)]
            if cells[0].strip() or not rows:
                rows.append([[cell] for cell in cells])
            else:  # a line whose first column is empty goes on with the row above
                for above, cell in zip(rows[-1], cells, strict=True):
                    above.append(cell)
    return index, [tuple(cleaned("\n".join(cell)) for cell in row) for row in rows]


def _list(lines: Sequence[str], start: int) -> tuple[int, list[tuple[str, ...]]]:
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent):
        end += 1
    return end, [tuple(cleaned("\n".join(cell)) for cell in row) for row in _list_rows(lines[start + 1 : end])]


def _list_rows(lines: Sequence[str]) -> Iterator[list[list[str]]]:
    """Yield the rows, each with the lines of its cells."""
    row: list[list[str]] = []
    bullet = None
    for line in lines:
        match = _ROW.match(line)
        if match and (bullet is None or len(match[1]) == bullet):
            if row:
                yield row
            bullet = len(match[1])
            dash = bullet + 1 + len(match[2])
            row = [[match[3]]]
        elif row and bullet is not None:
            if line[:dash].strip() == "" and line[dash : dash + 2] in ("- ", "-"):
                row.append([line[dash + 2 :]])
            else:
                row[-1].append(line.strip())
    if row:
        yield row
