# Generated from generator/client/runtime/cli/_verbs.py. Do not edit: change that, and run `make generate`.
"""What the verbs do: each calls one operation, and shows what comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import click

from .. import _iterating, _waiting
from .._client import Client
from .._models import Model
from .._operations import Operation
from .._rows import Rows
from .._sightings import WaitOptions
from .._snapshots import JobSnapshot
from ..errors import CloudJobsError
from ._fields import Condition, checked
from ._listing import Chosen, show_rows
from ._outcomes import Exit, of_job
from ._parameters import COUNT, SECONDS, Positional, of_fields, shared
from ._reports import report_of
from ._screen import Screen
from ._services import job_models
from ._texts import as_json

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
        return tuple(checked(job_models(self.operation.service), field) for field in self.given["show"])


@attrs.frozen
class Verb:
    """A verb of the command line."""

    name: str
    summary: str
    needs: str
    """The extension that an operation must have; empty for none."""
    output: str
    """How it shows things by default."""
    run: Callable[[Call], Exit]
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


def _get(call: Call) -> Exit:
    screen, output = Screen(), call.given["output"]
    fields = call.fields
    reply = call.client._send(call.operation, **call.arguments).parse()
    rows = _rows_of(call.operation, reply)
    if output == "json":
        screen.raw(as_json(reply.to_dict(), indent=2))
    elif rows is not None:
        show_rows(screen, output, Chosen(show=fields), rows)
    elif output == "table" and hasattr(type(reply), "__job__"):
        report_of(screen, call.client._clock, output, fields, changes=False).show(JobSnapshot.of(reply))
    else:
        screen.raw(as_json(reply.to_dict()))
    return Exit.DONE


def _rows_of(operation: Operation[Any], reply: Model) -> Rows[Any] | None:
    names = [shape.items for shape in (operation.pages, operation.poll) if shape is not None]
    held = [getattr(reply, name, None) for name in names if name]
    return next((rows for rows in held if isinstance(rows, Rows)), None)


def _of_get(service: str) -> Iterator[click.Parameter]:
    yield _show(service)


# wait, watch


def _follow(call: Call, *, changes: bool) -> Exit:
    given, screen = call.given, Screen()
    options = WaitOptions(
        timeout=given["timeout"], poll_interval=given["poll_interval"], not_found_grace=given["not_found_grace"]
    )
    report = report_of(screen, call.client._clock, given["output"], call.fields, changes=changes)
    last: JobSnapshot | None = None
    with report:
        try:
            for last in _waiting.watch_job(call.client, call.operation, call.arguments, given[JOB], options, None):
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


def _wait(call: Call) -> Exit:
    return _follow(call, changes=False)


def _watch(call: Call) -> Exit:
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


def _list(call: Call) -> Exit:
    given, known = call.given, job_models(call.operation.service)
    chosen = Chosen(
        conditions=[Condition.of(text, known) for text in given["where"]],
        limit=given["limit"],
        count_by=None if given["count_by"] is None else checked(known, given["count_by"]),
        show=call.fields,
    )
    # Rows that are left out do not count, so that only without conditions a limit says how many are needed.
    size = min(_PAGE, given["limit"]) if given["limit"] and not chosen.conditions else _PAGE
    show_rows(
        Screen(),
        given["output"],
        chosen,
        _iterating.iterate(call.client, call.operation, call.arguments, size),
    )
    return Exit.DONE


def _of_list(service: str) -> Iterator[click.Parameter]:
    yield of_fields(
        service, "--where", "where", "Only rows whose field has this value; can be repeated, all must hold.", suffix="="
    )
    yield of_fields(
        service, "--count-by", "count_by", "Count the rows by the values of a field instead.", multiple=False
    )
    yield click.Option(["--limit"], type=COUNT, metavar="ROWS", help="Stop after so many rows.")
    yield _show(service)


VERBS = (
    Verb("get", "Show a job or a listing as the service gives it.", "", "json", _get, _of_get),
    Verb("wait", "Wait until a job has ended; the exit code says how.", "x-poll", "table", _wait, _of_wait),
    Verb("watch", "Show each change of a job and its parts until it has ended.", "x-poll", "table", _watch, _of_wait),
    Verb("list", "Go through a listing, page by page.", "x-pagination", "table", _list, _of_list),
)
