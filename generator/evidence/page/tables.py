"""Finds the tables of a page, whatever form its text has: pipes, Markdown, reStructuredText, HTML, one cell a line."""

from __future__ import annotations

from generator.evidence.page.cells import cells_on_lines
from generator.evidence.page.markup import html_tables
from generator.evidence.page.pipes import pipe_tables
from generator.evidence.page.restructured import restructured_tables
from generator.evidence.page.table import Table


def tables(text: str) -> list[Table]:
    """The tables of a page, in its order. Raises `Refused` where one is broken."""
    found, rest = html_tables(text)
    lines = rest.splitlines()
    for reader in (pipe_tables, restructured_tables):
        found += reader(lines)
    # Cells without any mark between them are looked for only where nothing else is a table.
    found = found or cells_on_lines(lines)
    return sorted(found, key=lambda table: table.line)
