"""Tables with pipes: in Markdown a line is a row; in copies of web pages a cell ends its line with a pipe."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from ...errors import Problem, ValidationError
from .table import Table, cleaned

_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?\|?")
_PIPE = re.compile(r"(?<!\\)\|")


def pipe_tables(lines: Sequence[str]) -> list[Table]:
    """Every table below a rule of dashes and pipes."""
    rules = [index for index, line in enumerate(lines) if _RULE.fullmatch(line.strip())]
    filled = [index for index, line in enumerate(lines) if line.strip()]
    starts = []
    for rule in rules:
        columns = len(re.findall(r"-{2,}", lines[rule]))
        above = rule - 1
        if above >= 0 and len(_cells(lines[above])) == columns and columns > 1:
            starts.append((above, rule, columns, True))
            continue
        # One cell per line: blank lines between cells do not count.
        end = bisect_left(filled, rule)
        before = filled[max(0, end - columns) : end]
        if len(before) == columns and all(lines[index].rstrip().endswith("|") for index in before):
            starts.append((before[0], rule, columns, False))
    found = []
    for number, (start, rule, columns, whole_rows) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(lines)
        if whole_rows:
            headings = _cells(lines[start])
            rows = list(_rows(lines, rule + 1, end, columns))
        else:
            cells = filled[bisect_left(filled, start) : bisect_left(filled, rule)]
            headings = [cleaned(lines[index].rstrip().rstrip("|")) for index in cells]
            rows = list(_single_cells(lines, rule + 1, end, columns))
        found.append(Table(start + 1, tuple(headings), tuple(rows)))
    return found


def _cells(line: str) -> list[str]:
    text = line.strip()
    text = text[1:] if text.startswith("|") else text
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return [cleaned(cell.replace("\\|", "|")) for cell in _PIPE.split(text)]


def _rows(lines: Sequence[str], start: int, end: int, columns: int) -> Iterator[tuple[str, ...]]:
    for index in range(start, end):
        if not lines[index].strip() or not _PIPE.search(lines[index]):
            return
        cells = _cells(lines[index])
        if len(cells) != columns:
            raise _broken(index, len(cells), columns)
        yield tuple(cells)


def _single_cells(lines: Sequence[str], start: int, end: int, columns: int) -> Iterator[tuple[str, ...]]:
    row: list[str] = []
    text: list[str] = []
    begun = start
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
            yield tuple(row)
            row = []
    if row:
        raise _broken(begun, len(row), columns)


def _broken(index: int, cells: int, columns: int) -> ValidationError:
    message = f"the row that begins here has {cells} cells, and the table {columns} columns"
    return ValidationError(Problem("PAGE", message, "Mend the page's text, or copy it anew", index + 1))
