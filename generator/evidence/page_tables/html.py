"""Tables of HTML: of a saved page, and inside Markdown."""

from __future__ import annotations

import re

from .table import Table, cleaned, unescaped

_BREAKS = ("br", "p", "div", "li", "ul", "ol", "tr")
_OPEN = re.compile(r"<table\b", re.IGNORECASE)
_CLOSE = re.compile(r"</table\s*>", re.IGNORECASE)
_TAG = re.compile(
    r"(?P<comment><!--)|<[!?][^<>]*>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)\b(?:(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*|[^<>]*)>"
)


def html_tables(text: str) -> tuple[list[Table], str]:
    """The tables, and the text with as many empty lines in their place."""
    if "<table" not in text.lower():
        return [], text
    reader = _Reader()
    rest, at = [], 0
    for close in _CLOSE.finditer(text):
        if begin := _OPEN.search(text, at, close.start()):
            rest += [text[at : begin.start()], "\n" * text.count("\n", begin.start(), close.end())]
        else:
            rest.append(text[at : close.end()])
        at = close.end()
    reader.read(text)
    return reader.found, "".join([*rest, text[at:]])


class _Reader:
    """Reads tags without `html.parser`, whose time is quadratic in the number of tags that do not end."""

    def __init__(self) -> None:
        self.found: list[Table] = []
        self._depth = 0
        self._line = 0
        self._rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def read(self, text: str) -> None:
        """Read a whole page."""
        at, line, counted = 0, 1, 0
        unclosed: set[str] = set()
        while match := _TAG.search(text, at):
            self._add(unescaped(text[at : match.start()]))
            at, name = match.end(), (match["name"] or "").lower()
            if match["end"]:
                self._end(name)
            elif name:
                line, counted = line + text.count("\n", counted, match.start()), match.start()
                self._begin(name, line)
            # A comment, a script or a style is skipped if it ends.
            skipped = "-->" if match["comment"] else f"</{name}" if name in ("script", "style") else ""
            if skipped and skipped not in unclosed:
                if end := re.compile(re.escape(skipped), re.IGNORECASE).search(text, at):
                    at = end.end() if match["comment"] else end.start()
                else:
                    unclosed.add(skipped)
        self._add(unescaped(text[at:]))

    def _begin(self, tag: str, line: int) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._line, self._rows = line, []
        elif self._depth == 1 and tag == "tr":
            self._rows.append([])
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            self._cell = []
        elif self._cell is not None and tag in _BREAKS:
            self._cell.append("\n- " if tag == "li" else "\n")

    def _end(self, tag: str) -> None:
        if tag == "table" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                self._end_cell()
                rows = [tuple(row) for row in self._rows if row]
                if len(rows) > 1:
                    self.found.append(Table(self._line, rows[0], tuple(rows[1:])))
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def _add(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append(cleaned("".join(self._cell).replace("<", "&lt;").replace(">", "&gt;")))
            self._cell = None
