"""Tables that were copied as text with one cell per line, without marks between rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .table import Table, cleaned
from .vocabulary import (
    FLAG_HEADINGS,
    NAME_HEADINGS,
    STATUS_HEADINGS,
    TEXT_HEADINGS,
    TYPE_HEADINGS,
    flag,
    is_status,
    plain_type,
)

_NAME = re.compile(r"[A-Za-z_$][\w.$\[\]-]*")
_CAPTION = re.compile(r"(?:table|tabelle|tableau|tabla|tabella|tabela|таблица|表|표)\s*[0-9]+", re.IGNORECASE)
_HEADINGS = NAME_HEADINGS | FLAG_HEADINGS | TYPE_HEADINGS | TEXT_HEADINGS | STATUS_HEADINGS
_COLUMNS = ("Parameter", "Mandatory", "Type", "Description")


def cells_on_lines(lines: Sequence[str]) -> list[Table]:
    """Tables found by the content of their cells: a name, then a flag or a type or both, then a description.

    A row ends where the next begins, a table at a caption, at headings, or at an example.
    """
    numbered = [(number, text) for number, line in enumerate(lines, 1) if (text := cleaned(line))]
    found: list[Table] = []
    rows: list[list[str]] = []
    texts: list[list[str]] = []
    begun, open_row = 0, False

    def close() -> None:
        nonlocal rows, texts, open_row
        if rows:
            for row, lines_of_row in zip(rows, texts, strict=True):
                row[3] = "\n".join(lines_of_row)
            used = [index for index in range(4) if index in (0, 3) or any(row[index] for row in rows)]
            headings = tuple(_COLUMNS[index] for index in used)
            found.append(Table(begun, headings, tuple(tuple(row[index] for index in used) for row in rows)))
        rows, texts, open_row = [], [], False

    index = 0
    while index < len(numbered):
        number, text = numbered[index]
        after = [later for _, later in numbered[index + 1 : index + 3]]
        row, taken = _row(text, after)
        if _CAPTION.match(text) or _are_headings(text, after) or text[0] in "{[":
            close()
        elif row:
            begun = begun if rows else number
            rows.append(row)
            texts.append([])
            open_row = True
            index += taken - 1
        elif open_row:
            texts[-1].append(text)
        index += 1
    close()
    return found


def _row(text: str, after: Sequence[str]) -> tuple[list[str] | None, int]:
    """The first cells of a row, if the line begins one, and their number of lines."""
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
    """Whether headings begin here: two known ones, written unlike the names of fields."""
    words = [text, *after[:1]]
    return len(words) == 2 and all(
        word.casefold() in _HEADINGS and (not word.isascii() or word[0].isupper()) for word in words
    )
