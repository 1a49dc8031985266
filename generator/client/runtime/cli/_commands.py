"""The commands `get`, `wait`, `watch` and `list`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import attrs
import click
from rich.text import Text

from .. import _pagination, _waiters
from .._client import Client
from .._jobs import JobSnapshot
from .._models import Model
from .._operations import Operation
from .._poller import WaitOptions
from .._rows import LazyList
from ..errors import CloudJobsError
from ._client_factory import job_models
from ._console import ExitCode, Screen, as_json, duration_text, moment, of_job, percent, plain
from ._options import (
    COUNT,
    SECONDS,
    Condition,
    Positional,
    names_of,
    of_fields,
    shared,
    text_of,
    validate_field,
    value_at,
)
from ._output import STYLES, report_of

_FIRST = 200
"""Rows whose values say how wide a column is; those that come later are cut to it."""

_WIDEST = 48

_OTHER_COLUMNS = 6

_OF_JOBS = ("id", "state", "done", "started", "took", "reason")


@attrs.frozen
class ListOptions:
    """Which rows to show, and how."""

    conditions: Sequence[Condition] = ()
    limit: int | None = None
    count_by: str | None = None
    show: Sequence[str] = ()

    def of(self, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows that are wanted; no further page is asked for than they need."""
        wanted = (row for row in rows if all(condition.holds(row) for condition in self.conditions))
        return wanted if self.limit is None else islice(wanted, self.limit)


def show_rows(screen: Screen, output: str, chosen: ListOptions, rows: Iterable[Any]) -> None:
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
    table = _Table.from_row(next((row for row in first if isinstance(row, Model)), None), show)
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
    def from_row(cls, row: Model | None, show: Sequence[str]) -> _Table:
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
        job = JobSnapshot.from_job(row)
        return [
            (plain(job.id or ""), "bold"),
            (str(job.state), STYLES[job.state]),
            (percent(job.progress), ""),
            (moment(job.started_at), ""),
            (duration_text(job.started_at, job.ended_at), ""),
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


_PAGE = 1000
"""Rows that are asked for at a time."""

JOB = "job_id"


@attrs.frozen
class Call:
    """One call of a command."""

    client: Client
    operation: Operation[Any]
    arguments: Mapping[str, object]
    """Of the operation."""
    given: Mapping[str, Any]
    """The command's own options."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are to be shown. Raises `ValueError` where there is none of that name."""
        return tuple(validate_field(job_models(self.operation.service), field) for field in self.given["show"])


@attrs.frozen
class Command:
    """A verb of the command line."""

    name: str
    summary: str
    needs: str
    """The extension that an operation must have; empty for none."""
    output: str
    """How it shows things by default."""
    run: Callable[[Call], ExitCode]
    options: Callable[[str], Iterator[click.Parameter]]
    """The verb's own, for a service."""

    def own(self, service: str) -> list[click.Parameter]:
        """All parameters of the verb that are not the operation's."""
        return [*self.options(service), *shared(service, self.output)]

    def without(self, operation: Operation[Any]) -> set[str]:
        """The operation's arguments that the verb sees to itself."""
        if self.needs == "x-poll" and operation.poll is not None:
            return {operation.poll.argument} - {""}
        if self.needs == "x-pagination" and operation.pages is not None:
            return {operation.pages.offset, operation.pages.limit}
        return set()


def _show(service: str) -> Any:
    explanation = "Show a field of the service's, beside the id. Dotted where one lies within another; can be repeated."
    return of_fields(service, "--show", "show", explanation)


# get
def _get(call: Call) -> ExitCode:
    screen, output = Screen(), call.given["output"]
    fields = call.fields
    reply = call.client._send(call.operation, **call.arguments).parse()
    rows = _rows_of(call.operation, reply)
    if output == "json":
        screen.raw(as_json(reply.to_dict(), indent=2))
    elif rows is not None:
        show_rows(screen, output, ListOptions(show=fields), rows)
    elif output == "table" and hasattr(type(reply), "__job__"):
        report_of(screen, call.client._clock, output, fields, changes=False).show(JobSnapshot.from_job(reply))
    else:
        screen.raw(as_json(reply.to_dict()))
    return ExitCode.DONE


def _rows_of(operation: Operation[Any], reply: Model) -> LazyList[Any] | None:
    names = [shape.items for shape in (operation.pages, operation.poll) if shape is not None]
    held = [getattr(reply, name, None) for name in names if name]
    return next((rows for rows in held if isinstance(rows, LazyList)), None)


def _of_get(service: str) -> Iterator[click.Parameter]:
    yield _show(service)


# wait, watch
def _follow(call: Call, *, changes: bool) -> ExitCode:
    given, screen = call.given, Screen()
    options = WaitOptions(
        timeout=given["timeout"], poll_interval=given["poll_interval"], not_found_grace=given["not_found_grace"]
    )
    report = report_of(screen, call.client._clock, given["output"], call.fields, changes=changes)
    last: JobSnapshot | None = None
    with report:
        try:
            for last in _waiters.watch_job(call.client, call.operation, call.arguments, given[JOB], options, None):
                if changes:
                    report.show(last)
        except CloudJobsError:
            # What is known is worth showing, though the wait did not come to its end.
            if last is not None and not changes:
                report.show(last)
            raise
        if last is not None and not changes:
            report.show(last)
    return of_job(last)


def _wait(call: Call) -> ExitCode:
    return _follow(call, changes=False)


def _watch(call: Call) -> ExitCode:
    return _follow(call, changes=call.given["output"] != "json")


def _of_wait(service: str) -> Iterator[click.Parameter]:
    yield Positional(JOB, "ID of the job.")
    yield click.Option(["--timeout"], type=SECONDS, metavar="SECONDS", help="Wait no longer; without it, to the end.")
    yield click.Option(
        ["--poll-interval"],
        type=SECONDS,
        metavar="SECONDS",
        help="Time between two looks, 0.2 or more; without it, it grows from 1 to 30.",
    )
    yield click.Option(
        ["--not-found-grace"],
        type=SECONDS,
        metavar="SECONDS",
        default=0,
        show_default=True,
        help="How long a job that is not there yet is awaited.",
    )
    yield _show(service)


# list
def _list(call: Call) -> ExitCode:
    given, known = call.given, job_models(call.operation.service)
    chosen = ListOptions(
        conditions=[Condition.parse(text, known) for text in given["where"]],
        limit=given["limit"],
        count_by=None if given["count_by"] is None else validate_field(known, given["count_by"]),
        show=call.fields,
    )
    # Rows that are left out do not count, so that only without conditions a limit says how many are needed.
    size = min(_PAGE, given["limit"]) if given["limit"] and not chosen.conditions else _PAGE
    show_rows(
        Screen(),
        given["output"],
        chosen,
        _pagination.iterate(call.client, call.operation, call.arguments, size),
    )
    return ExitCode.DONE


def _of_list(service: str) -> Iterator[click.Parameter]:
    yield of_fields(
        service, "--where", "where", "Only rows whose field has this value; can be repeated, all must hold.", suffix="="
    )
    yield of_fields(
        service, "--count-by", "count_by", "Count the rows by the values of a field instead.", multiple=False
    )
    yield click.Option(["--limit"], type=COUNT, metavar="ROWS", help="Stop after so many rows.")
    yield _show(service)


COMMANDS = (
    Command("get", "Show a job or a listing as the service gives it.", "", "json", _get, _of_get),
    Command("wait", "Wait until a job has ended; the exit code says how.", "x-poll", "table", _wait, _of_wait),
    Command(
        "watch", "Show each change of a job and its parts until it has ended.", "x-poll", "table", _watch, _of_wait
    ),
    Command("list", "Go through a listing, page by page.", "x-pagination", "table", _list, _of_list),
)
