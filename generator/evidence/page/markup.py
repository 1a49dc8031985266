"""Tables of HTML: of a saved page, and of Markdown that has them in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from generator.evidence.page.table import Table, cleaned

_BREAKS = ("br", "p", "div", "li", "ul", "ol", "tr")


def html_tables(text: str) -> tuple[list[Table], str]:
    """The tables, and the text with as many empty lines in their place."""
    if "<table" not in text.lower():
        return [], text
    reader = _Reader()
    reader.feed(text)
    reader.close()
    rest = re.sub(
        r"<table\b.*?</table\s*>",
        lambda match: "\n" * match[0].count("\n"),
        text,
        flags=re.IGNORECASE | re.DOTALL,
    )
    return reader.found, rest


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Table] = []
        self._depth = 0
        self._line = 0
        self._rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._line, self._rows = self.getpos()[0], []
        elif self._depth == 1 and tag == "tr":
            self._rows.append([])
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            self._cell = []
        elif self._cell is not None and tag in _BREAKS:
            self._cell.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                self._end_cell()
                rows = [tuple(row) for row in self._rows if row]
                if len(rows) > 1:
                    self.found.append(Table(self._line, rows[0], tuple(rows[1:])))
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append(cleaned("".join(self._cell).replace("<", "&lt;").replace(">", "&gt;")))
            self._cell = None
