"""The commands `get`, `wait`, `watch` and `list`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import attrs
import click

from .._client import Client
from .._jobs import JobSnapshot
from .._json import as_json
from .._models import Model, to_json
from .._models import value_at as value_at_path
from .._operations import Operation
from .._options import WaitOptions
from .._pagination import rows_of
from .._poller import snapshots
from .._rows import LazyList
from ..errors import CloudJobsError
from ._console import (
    ExitCode,
    complain,
    duration_text,
    error_text,
    exit_code_of_results,
    percent,
    plain,
    timestamp_text,
)
from ._options import (
    COUNT,
    DURATION,
    Positional,
    RowFilter,
    field_option,
    job_models,
    names_of,
    shared_options,
    text_of,
    validate_field,
    value_at,
)

# Imported by the commands that write: help does not wait for rich.
if TYPE_CHECKING:
    from rich.text import Text

    from ._output import Screen

_PAGE_SIZE = 1000
"""Rows of one page."""

_MOST_POLLS = 100.0
"""Requests in a second at most, of a wait for many jobs."""

JOB = "job_id"


@attrs.frozen
class Call:
    """One run of a command."""

    client: Client
    operation: Operation[Any]
    arguments: Mapping[str, object]
    """The arguments of the operation."""
    given: Mapping[str, Any]
    """The command's own options."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields to show. Raises `ValueError` for one that does not exist."""
        return tuple(validate_field(job_models(self.operation.service), field) for field in self.given["show"])


@attrs.frozen
class Command:
    """A command of the command line."""

    name: str
    summary: str
    needs: str
    """The extension that an operation must have; or empty."""
    output: str
    """The default of `--output`."""
    run: Callable[[Call], ExitCode]
    options: Callable[[Operation[Any]], Iterator[click.Parameter]]
    """Its own parameters for an operation."""

    def fits(self, definition: Mapping[str, object]) -> bool:
        """Return whether the document's operation has the extension that the command needs."""
        return self.needs in definition if self.needs else "requestBody" not in definition

    def has(self, operation: Operation[Any]) -> bool:
        """Return whether an operation has the command. Waits use one operation, even if several read jobs."""
        if self.needs == "x-poll":
            return operation.poll is not None
        if self.needs == "x-pagination":
            return operation.pages is not None
        return operation.body is None

    def own(self, operation: Operation[Any]) -> list[click.Parameter]:
        """Return all its parameters that are not the operation's."""
        return [*self.options(operation), *shared_options(operation.service, self.output)]

    def without(self, operation: Operation[Any]) -> set[str]:
        """Return the operation's arguments that the command gives itself."""
        if self.needs == "x-poll" and operation.poll is not None:
            return {operation.poll.argument, "body" if operation.poll.body else ""} - {""}
        if self.needs == "x-pagination" and operation.pages is not None:
            return operation.pages.arguments
        return set()


def _show_option(service: str) -> Any:
    explanation = "Show a field of the service's, beside the id. Dotted where one lies within another; can be repeated."
    return field_option(service, "--show", "show", explanation)


# get
def _get(call: Call) -> ExitCode:
    from ._output import Screen, show_job

    screen, output = Screen(), call.given["output"]
    fields = call.fields
    response: Any
    # An argument of the operation can have the same name.
    job_id = call.given.get(JOB) if _lists_jobs(call.operation) else None
    if job_id:
        response = call.client._snapshot(call.operation, call.arguments, job_id).job
    else:
        response = call.client._send(call.operation, call.arguments).parse()
    rows = None if job_id else _rows_of(call.operation, response)
    if output == "json":
        screen.raw(as_json(to_json(response), indent=2))
    elif rows is not None:
        show_rows(screen, output, ListOptions(show=fields), rows)
    elif output == "table" and hasattr(type(response), "__job__"):
        show_job(screen, call.client._clock, fields, JobSnapshot.from_job(response))
    else:
        screen.raw(as_json(to_json(response)))
    return ExitCode.DONE


def _lists_jobs(operation: Operation[Any]) -> bool:
    """Return whether a job can only be found in a listing."""
    return operation.poll is not None and operation.poll.is_listing


def _rows_of(operation: Operation[Any], response: Any) -> LazyList[Any] | None:
    for spec in (operation.pages, operation.poll):
        if spec is not None and spec.items and isinstance(value_at_path(response, spec.items), list | LazyList):
            return rows_of(response, spec.items)
    return None


def _get_options(operation: Operation[Any]) -> Iterator[click.Parameter]:
    if _lists_jobs(operation):
        yield Positional(JOB, "ID of one job of the listing; without it, the listing.", required=False)
    yield _show_option(operation.service)


# wait, watch
def _run_wait(call: Call, *, changes: bool) -> ExitCode:
    from ._output import Screen, wait_report

    given, client = call.given, call.client
    options = WaitOptions(given["timeout"], given["poll_interval"], given["not_found_grace"])
    report = wait_report(Screen(), client._clock, given["output"], call.fields, changes=changes)
    scheduler, call_options = client._scheduler(call.operation, call.arguments, given[JOB], options, _MOST_POLLS)
    with report:
        while (due := scheduler.next_due()) is not None:
            if isinstance(due, int | float):
                report.sleep(due)
                client._clock.sleep(due)
                continue
            report.contact.begin()
            changed = client._poll(due, call_options)
            report.contact.end(due.last_error)
            ids = {id(tracker.snapshot): str(job_id) for job_id, tracker in due.jobs.items()}
            for snapshot in changed:
                report.show(ids[id(snapshot)], snapshot)
            scheduler.finish(due)
        results = scheduler.results(return_exceptions=True)
        report.finish(results, snapshots(scheduler.pollers))
    for error in dict.fromkeys(each for each in results.values() if isinstance(each, CloudJobsError)):
        complain(error_text(error))
    return exit_code_of_results(results.values())


def _wait(call: Call) -> ExitCode:
    return _run_wait(call, changes=False)


def _watch(call: Call) -> ExitCode:
    return _run_wait(call, changes=call.given["output"] != "json")


def _wait_options(operation: Operation[Any]) -> Iterator[click.Parameter]:
    yield Positional(JOB, "ID of the job; several can be given.", several=True)
    yield click.Option(["--timeout"], type=DURATION, metavar="DURATION", help="Longest wait; by default until the end.")
    yield click.Option(
        ["--poll-interval"],
        type=DURATION,
        metavar="DURATION",
        help="Time between two requests, 0.2 or more; by default it grows from 1 to 30.",
    )
    yield click.Option(
        ["--not-found-grace"],
        type=DURATION,
        metavar="DURATION",
        default=0,
        show_default=True,
        help="Time to wait for a job that does not exist yet.",
    )
    yield _show_option(operation.service)


# list
def _list(call: Call) -> ExitCode:
    from ._output import Screen

    given, known = call.given, job_models(call.operation.service)
    options = ListOptions(
        conditions=[RowFilter.parse(text, known) for text in given["where"]],
        limit=given["limit"],
        count_by=None if given["count_by"] is None else validate_field(known, given["count_by"]),
        show=call.fields,
    )
    # With conditions, the number of rows to request is not known.
    most = min(_PAGE_SIZE, (call.operation.pages and call.operation.pages.most) or _PAGE_SIZE)
    size = min(most, given["limit"]) if given["limit"] and not options.conditions else most
    show_rows(
        Screen(),
        given["output"],
        options,
        call.client._iterate(call.operation, call.arguments, size),
    )
    return ExitCode.DONE


def _list_options(operation: Operation[Any]) -> Iterator[click.Parameter]:
    yield field_option(
        operation.service,
        "--where",
        "where",
        "Only rows with this value of the field; can be repeated, all must hold.",
        suffix="=",
    )
    yield field_option(
        operation.service, "--count-by", "count_by", "Count the rows by the values of a field instead.", multiple=False
    )
    yield click.Option(["--limit"], type=COUNT, metavar="ROWS", help="Most rows to show.")
    yield _show_option(operation.service)


COMMANDS = (
    Command("get", "Show a job or a listing as the service gives it.", "", "json", _get, _get_options),
    Command("wait", "Wait until jobs have ended; the exit code says how.", "x-poll", "table", _wait, _wait_options),
    Command(
        "watch",
        "Show each change of jobs and their children until they have ended.",
        "x-poll",
        "table",
        _watch,
        _wait_options,
    ),
    Command("list", "Go through a listing, page by page.", "x-pagination", "table", _list, _list_options),
)


_SAMPLE = 200
"""Rows that set the width of a column; later ones are cut to it."""

_MAX_WIDTH = 48

_MAX_COLUMNS = 6

_JOB_COLUMNS = ("id", "state", "done", "started", "took", "reason")


@attrs.frozen
class ListOptions:
    """The rows to show, and how."""

    conditions: Sequence[RowFilter] = ()
    limit: int | None = None
    count_by: str | None = None
    show: Sequence[str] = ()

    def select(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield the selected rows; no further page is requested than they need."""
        selected = (row for row in rows if all(condition.holds(row) for condition in self.conditions))
        return selected if self.limit is None else islice(selected, self.limit)


def show_rows(screen: Screen, output: str, options: ListOptions, rows: Iterable[Any]) -> None:
    """Write the rows, or their number for each value of a field."""
    if options.count_by is not None:
        _show_counts(screen, output, Counter(text_of(value_at(row, options.count_by)) for row in options.select(rows)))
    elif output == "jsonl":
        for row in options.select(rows):
            screen.raw(as_json(_as_data(row)))
    elif output == "json":
        screen.raw(as_json([_as_data(row) for row in options.select(rows)], indent=2))
    else:
        _show_table(screen, options.show, options.select(rows))


def _as_data(row: Any) -> Any:
    return row.to_dict() if isinstance(row, Model) else row


def _show_counts(screen: Screen, output: str, counts: Counter[str]) -> None:
    ordered = sorted(counts.items(), key=lambda count: (-count[1], count[0]))
    if output == "json":
        screen.raw(as_json(dict(ordered), indent=2))
    elif output == "jsonl":
        for value, count in ordered:
            screen.raw(as_json({"value": value, "count": count}))
    else:
        from rich.text import Text

        widest = max((len(str(count)) for _, count in ordered), default=0)
        for value, count in ordered:
            screen.line(Text(f"{count:>{widest}}  {plain(value) or '(none)'}"))


def _show_table(screen: Screen, show: Sequence[str], rows: Iterator[Any]) -> None:
    first = list(islice(rows, _SAMPLE))
    if not first:
        return
    table = _Table.from_row(next((row for row in first if isinstance(row, Model)), None), show)
    if not screen.is_live:
        # Tabs and no heading, for programs.
        for row in chain(first, rows):
            screen.raw("\t".join(cell for cell, _ in table.cells(row)))
        return
    widths = table.widths(first)
    heading = [(name, "bold") for name in table.names]
    screen.line(_aligned_line(heading, widths, screen.console.width))
    for row in chain(first, rows):
        screen.line(_aligned_line(table.cells(row), widths, screen.console.width))


@attrs.frozen
class _Table:
    """The columns of rows: for jobs the fields that every job has, for other rows the first fields."""

    names: tuple[str, ...]
    _fields: tuple[str, ...]
    _jobs: bool

    @classmethod
    def from_row(cls, row: Model | None, show: Sequence[str]) -> _Table:
        fields = tuple(show)
        if hasattr(type(row), "__job__"):
            return cls((*_JOB_COLUMNS[:-1], *fields, _JOB_COLUMNS[-1]), fields, True)
        if row is not None and not fields:
            fields = tuple(names_of([type(row)])[:_MAX_COLUMNS])
        return cls(fields, fields, False)

    def cells(self, row: Any) -> list[tuple[str, str]]:
        """Return the cells of a row, each with its style."""
        if not isinstance(row, Model):
            return [(plain(text_of(row)), "")]
        values = [(plain(text_of(value_at(row, field))), "") for field in self._fields]
        if not self._jobs:
            return values
        from ._output import STYLES

        job = JobSnapshot.from_job(row)
        return [
            (plain(job.id or ""), "bold"),
            (str(job.state), STYLES[job.state]),
            (percent(job.progress), ""),
            (timestamp_text(job.started_at), ""),
            (duration_text(job.started_at, job.ended_at), ""),
            *values,
            (plain(job.reason or ""), ""),
        ]

    def widths(self, rows: Iterable[Any]) -> list[int]:
        """Return the width of each column."""
        from rich.text import Text

        widths = [len(name) for name in self.names]
        for row in rows:
            widths = [
                max(width, min(Text(cell).cell_len, _MAX_WIDTH))
                for width, (cell, _) in zip(widths, self.cells(row), strict=False)
            ]
        return widths


def _aligned_line(cells: Sequence[tuple[str, str]], widths: Sequence[int], width: int) -> Text:
    from rich.text import Text

    line = Text()
    for index, ((cell, style), wide) in enumerate(zip(cells, widths, strict=False)):
        text = Text(cell, style)
        if index < len(cells) - 1:
            text.truncate(wide, overflow="ellipsis", pad=True)
            text.append("  ")
        line.append_text(text)
    line.rstrip()
    line.truncate(width, overflow="ellipsis")
    return line
