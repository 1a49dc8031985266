"""Goes through a listing: chooses rows, counts them, and writes each as a line or as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import attrs
from rich.text import Text

from .._models import Model
from .._snapshots import JobSnapshot
from ._fields import Condition, names_of, text_of, value_at
from ._screen import Screen
from ._texts import as_json, moment, percent, plain, took
from ._tree import STYLES

_FIRST = 200
"""Rows whose values say how wide a column is; those that come later are cut to it."""
_WIDEST = 48
_OTHER_COLUMNS = 6
_OF_JOBS = ("id", "state", "done", "started", "took", "reason")


@attrs.frozen
class Chosen:
    """Which rows to show, and how."""

    conditions: Sequence[Condition] = ()
    limit: int | None = None
    count_by: str | None = None
    show: Sequence[str] = ()

    def of(self, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows that are wanted; no further page is asked for than they need."""
        wanted = (row for row in rows if all(condition.holds(row) for condition in self.conditions))
        return wanted if self.limit is None else islice(wanted, self.limit)


def show_rows(screen: Screen, output: str, chosen: Chosen, rows: Iterable[Any]) -> None:
    """Write the rows, or how many there are of each value."""
    if chosen.count_by is not None:
        _show_counts(screen, output, Counter(text_of(value_at(row, chosen.count_by)) for row in chosen.of(rows)))
    elif output == "jsonl":
        for row in chosen.of(rows):
            screen.raw(as_json(_as_data(row)))
    elif output == "json":
        screen.raw(as_json([_as_data(row) for row in chosen.of(rows)], indent=2))
    else:
        _show_table(screen, chosen.show, chosen.of(rows))


def _as_data(row: Any) -> Any:
    return row.to_dict() if isinstance(row, Model) else row


def _show_counts(screen: Screen, output: str, counts: Counter[str]) -> None:
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    if output == "json":
        screen.raw(as_json(dict(ordered), indent=2))
    elif output == "jsonl":
        for value, count in ordered:
            screen.raw(as_json({"value": value, "count": count}))
    else:
        widest = max((len(str(count)) for _, count in ordered), default=0)
        for value, count in ordered:
            screen.line(Text(f"{count:>{widest}}  {plain(value) or '(none)'}"))


def _show_table(screen: Screen, show: Sequence[str], rows: Iterator[Any]) -> None:
    first = list(islice(rows, _FIRST))
    if not first:
        return
    table = _Table.of(next((row for row in first if isinstance(row, Model)), None), show)
    if not screen.is_live:
        # Tabs, for the programs that read it, and no heading, which they would take for a row.
        for row in chain(first, rows):
            screen.raw("\t".join(cell for cell, _ in table.cells(row)))
        return
    widths = table.widths(first)
    heading = [(name, "bold") for name in table.names]
    screen.line(_aligned(heading, widths, screen.console.width))
    for row in chain(first, rows):
        screen.line(_aligned(table.cells(row), widths, screen.console.width))


@attrs.frozen
class _Table:
    """The columns of rows: of jobs what all jobs have, of anything else the first fields."""

    names: tuple[str, ...]
    _fields: tuple[str, ...]
    _jobs: bool

    @classmethod
    def of(cls, row: Model | None, show: Sequence[str]) -> _Table:
        fields = tuple(show)
        if hasattr(type(row), "__job__"):
            return cls((*_OF_JOBS[:-1], *fields, _OF_JOBS[-1]), fields, True)
        if row is not None and not fields:
            fields = tuple(names_of([type(row)])[:_OTHER_COLUMNS])
        return cls(fields, fields, False)

    def cells(self, row: Any) -> list[tuple[str, str]]:
        """What a row has in the columns, each with its style."""
        if not isinstance(row, Model):
            return [(plain(text_of(row)), "")]
        shown = [(plain(text_of(value_at(row, field))), "") for field in self._fields]
        if not self._jobs:
            return shown
        job = JobSnapshot.of(row)
        return [
            (plain(job.id or ""), "bold"),
            (str(job.state), STYLES[job.state]),
            (percent(job.progress), ""),
            (moment(job.started_at), ""),
            (took(job.started_at, job.ended_at), ""),
            *shown,
            (plain(job.reason or ""), ""),
        ]

    def widths(self, rows: Iterable[Any]) -> list[int]:
        """How wide each column is to be."""
        widths = [len(name) for name in self.names]
        for row in rows:
            widths = [
                max(width, min(Text(cell).cell_len, _WIDEST))
                for width, (cell, _) in zip(widths, self.cells(row), strict=False)
            ]
        return widths


def _aligned(cells: Sequence[tuple[str, str]], widths: Sequence[int], width: int) -> Text:
    line = Text()
    for place, ((cell, style), wide) in enumerate(zip(cells, widths, strict=False)):
        text = Text(cell, style)
        if place < len(cells) - 1:
            text.truncate(wide, overflow="ellipsis", pad=True)
            text.append("  ")
        line.append_text(text)
    line.rstrip()
    line.truncate(width, overflow="ellipsis")
    return line
