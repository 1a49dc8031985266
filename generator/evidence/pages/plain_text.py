"""Pages copied from a browser as text: one cell per line, with or without a pipe at its end, or tabs between cells."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby

import attrs

from ...errors import Problem, ValidationError
from .page import (
    FLAG_HEADINGS,
    NAME_HEADINGS,
    STATUS_HEADINGS,
    TEXT_HEADINGS,
    TYPE_HEADINGS,
    Block,
    Part,
    Table,
    cleaned,
    flag,
    is_status,
    plain_type,
)

_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?\|?")

_NAME = re.compile(r"[A-Za-z_$][\w.$\[\]-]*")

_CAPTION = re.compile(r"(?:table|tabelle|tableau|tabla|tabella|tabela|таблица|表|표)\s*[0-9]+", re.IGNORECASE)

_HEADINGS = NAME_HEADINGS | FLAG_HEADINGS | TYPE_HEADINGS | TEXT_HEADINGS | STATUS_HEADINGS

_COLUMNS = ("Parameter", "Mandatory", "Type", "Description")

_MOST_LINES_OF_EXAMPLE = 5_000

_MOST_UNCLOSED = 20
"""Number of JSON values without an end after which no others are searched for."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@attrs.frozen
class _Found:
    """A table, and the lines that it consists of."""

    table: Table
    begin: int
    lines: frozenset[int]


def read_plain_text(text: str) -> list[Part]:
    """Return the tables and the other lines, in the order of the text. Raises `ValidationError` for a broken table."""
    lines = text.splitlines()
    # Cells without marks between them are searched for only if the page has no other table.
    found = [*_with_pipes(lines), *_with_tabs(lines)] or _without_marks(lines)
    begins = {each.begin: each.table for each in found}
    used = frozenset[int]().union(*(each.lines for each in found))
    return list(_parts(lines, begins, used))


def _parts(lines: Sequence[str], begins: dict[int, Table], used: frozenset[int]) -> Iterator[Part]:
    index = unclosed = 0
    while index < len(lines):
        if index in begins:
            yield begins[index]
        if index in used or not lines[index].strip():
            index += 1
            continue
        end = _end_of_example(lines, index) if unclosed < _MOST_UNCLOSED else index + 1
        unclosed += end == index
        end = max(end, index + 1)
        text = "\n".join(lines[index:end])
        yield Block(f"line {index + 1}", text if end > index + 1 else cleaned(text))
        index = end


def _end_of_example(lines: Sequence[str], start: int) -> int:
    """Return the index after a JSON value or after a line without one; the same index for a value without an end."""
    depth = 0
    for index in range(start, min(len(lines), start + _MOST_LINES_OF_EXAMPLE)):
        line = _STRING.sub("", lines[index])
        depth += line.count("{") + line.count("[") - line.count("}") - line.count("]")
        if depth <= 0:
            return index + 1
    return start


def _with_pipes(lines: Sequence[str]) -> list[_Found]:
    """Return tables below a rule of dashes and pipes, each cell of which ends its line with a pipe."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    starts = []
    for rule, line in enumerate(lines):
        if not _RULE.fullmatch(line.strip()):
            continue
        columns = len(re.findall(r"-{2,}", line))
        # Blank lines between cells do not count.
        end = bisect_left(filled, rule)
        before = filled[max(0, end - columns) : end]
        if len(before) == columns and all(lines[index].rstrip().endswith("|") for index in before):
            starts.append((before, rule, columns))
    found = []
    for number, (before, rule, columns) in enumerate(starts):
        end = starts[number + 1][0][0] if number + 1 < len(starts) else len(lines)
        headings = tuple(cleaned(lines[index].rstrip().rstrip("|")) for index in before)
        rows, last = _rows(lines, rule + 1, end, columns)
        table = Table(f"line {before[0] + 1}", headings, tuple(rows))
        found.append(_Found(table, before[0], frozenset(range(before[0], last))))
    return found


def _rows(lines: Sequence[str], start: int, end: int, columns: int) -> tuple[list[tuple[str, ...]], int]:
    """Return the rows, and the index of the line after the last one."""
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    text: list[str] = []
    begun = last = start
    for index in range(start, end):
        line = lines[index].rstrip()
        if not line.endswith("|"):
            text.append(line)
            continue
        if not row:
            begun = index
        row.append(cleaned("\n".join([*text, line[:-1]])))
        text = []
        if len(row) == columns:
            rows.append(tuple(row))
            row, last = [], index + 1
    if row:
        message = f"the row that begins here must have {columns} cells as the table has columns, got {len(row)}"
        raise ValidationError(Problem("PAGE", message, "Correct the text, or copy the page again", begun + 1))
    return rows, last


def _with_tabs(lines: Sequence[str]) -> list[_Found]:
    """Return tables of lines with equal numbers of tabs."""
    found = []
    for tabs, group in groupby(enumerate(lines), key=lambda each: each[1].count("\t")):
        numbered = list(group)
        if tabs and len(numbered) > 1:
            rows = [tuple(cleaned(cell) for cell in line.split("\t")) for _, line in numbered]
            begin = numbered[0][0]
            table = Table(f"line {begin + 1}", rows[0], tuple(rows[1:]))
            found.append(_Found(table, begin, frozenset(index for index, _ in numbered)))
    return found


def _without_marks(lines: Sequence[str]) -> list[_Found]:
    """Return tables found by the content of their cells: a name, then a flag or a type or both, then a description.

    A row ends where the next begins, a table at a caption, at headings, or at an example.
    """
    numbered = [(number, text) for number, line in enumerate(lines) if (text := cleaned(line))]
    found: list[_Found] = []
    rows: list[list[str]] = []
    texts: list[list[str]] = []
    used: list[int] = []
    open_row = False

    def close() -> None:
        nonlocal rows, texts, used, open_row
        if rows:
            for row, lines_of_row in zip(rows, texts, strict=True):
                row[3] = "\n".join(lines_of_row)
            columns = [index for index in range(4) if index in (0, 3) or any(row[index] for row in rows)]
            headings = tuple(_COLUMNS[index] for index in columns)
            table = Table(
                f"line {used[0] + 1}", headings, tuple(tuple(row[index] for index in columns) for row in rows)
            )
            found.append(_Found(table, used[0], frozenset(used)))
        rows, texts, used, open_row = [], [], [], False

    index = 0
    while index < len(numbered):
        number, text = numbered[index]
        after = [later for _, later in numbered[index + 1 : index + 3]]
        row, taken = _row(text, after)
        if _CAPTION.match(text) or _are_headings(text, after) or text[0] in "{[":
            close()
        elif row:
            rows.append(row)
            texts.append([])
            used += [line for line, _ in numbered[index : index + taken]]
            open_row = True
            index += taken - 1
        elif open_row:
            texts[-1].append(text)
            used.append(number)
        index += 1
    close()
    return found


def _row(text: str, after: Sequence[str]) -> tuple[list[str] | None, int]:
    """Return the first cells of a row, if the line begins one, and their number of lines."""
    if is_status(text):
        return [text, "", "", ""], 1
    if not _NAME.fullmatch(text) or not after:
        return None, 0
    if flag(after[0]) is not None:
        typed = len(after) > 1 and plain_type(after[1]) is not None
        return [text, after[0], after[1] if typed else "", ""], 3 if typed else 2
    if plain_type(after[0]) is not None:
        return [text, "", after[0], ""], 2
    return None, 0


def _are_headings(text: str, after: Sequence[str]) -> bool:
    """Return whether headings begin here: two known ones, written unlike the names of fields."""
    words = [text, *after[:1]]
    return len(words) == 2 and all(
        word.casefold() in _HEADINGS and (not word.isascii() or word[0].isupper()) for word in words
    )
