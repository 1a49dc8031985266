"""Calls that read jobs: how an operation is polled and paged, with the names of a client's arguments and models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ..documents.field_paths import WHOLE, pointer_of
from ..documents.json_pointer import child, find, resolve, segments
from ..documents.mappings import Header, JobMapping, PaginationSpec, PollSpec, StartSpec
from ..documents.schema_view import FlatSchema, flatten
from ..documents.workspace import OperationRef, operations

_MOST_IDS = 100
"""IDs in one request, where the document has no limit."""


@attrs.frozen
class PollCall:
    """The runtime's `PollSpec`."""

    argument: str = ""
    body: str = ""
    url: bool = False
    is_integer: bool = False
    batch: int = 0
    job: str = ""
    items: str = ""
    match: str = ""
    interval: float | None = None
    statuses: Mapping[int, str] | None = None

    @property
    def is_listing(self) -> bool:
        """Whether a request has no ID: the response lists all jobs."""
        return not (self.argument or self.body or self.url)


@attrs.frozen
class PageCall:
    """The runtime's `PaginationSpec`."""

    items: str
    offset: str = ""
    page: str = ""
    first: int = 1
    token: str = ""
    next: str | Header = ""
    limit: str = ""
    most: int = 0
    identity: tuple[str, ...] = ()
    total: str = ""
    more: str = ""


def polled_operation(document: dict[str, Any]) -> OperationRef | None:
    """The operation that a client waits with: one that takes the ID of a job, or else one that lists jobs."""
    found = [(PollSpec.from_operation(each.definition), each) for each in operations(document)]
    polled = [(poll, each) for poll, each in found if poll is not None]
    return next((each for _, each in sorted(polled, key=lambda pair: pair[0].is_listing)), None)


def response_body(document: dict[str, Any], operation: OperationRef) -> FlatSchema:
    """The body of the first 2xx response that has one."""
    bodies = (pointer for pointer, _ in find(document, f"{operation.pointer}/responses/*/content/*/schema"))
    depth = len(segments(operation.pointer)) + 1
    return flatten(document, *[pointer for pointer in bodies if segments(pointer)[depth].startswith("2")][:1])


def poll_call(document: dict[str, Any], operation: OperationRef, arguments: Mapping[str, str]) -> PollCall | None:
    """Return the poll of an operation. None without one, or if another operation is polled.

    Args:
        document: The document.
        operation: The operation.
        arguments: The names of its arguments, by those of the parameters.
    """
    poll, polled = PollSpec.from_operation(operation.definition), polled_operation(document)
    if poll is None or polled is None or polled.pointer != operation.pointer:
        return None
    taken = _id_schema(document, operation, poll)
    one = taken.items if taken.items.roots else taken
    return PollCall(
        argument=arguments[poll.argument] if poll.argument else "",
        body=poll.body,
        url=poll.url,
        is_integer=one.types == ["integer"],
        batch=(taken.bound("maxItems") or _MOST_IDS) if taken.items.roots else 0,
        job=poll.job,
        items=poll.items,
        match=poll.match,
        interval=poll.interval,
        statuses={int(status): state for status, state in poll.statuses.items()} or None,
    )


def _id_schema(document: dict[str, Any], operation: OperationRef, poll: PollSpec) -> FlatSchema:
    """The schema of the parameter or field that takes the ID of a job, or several."""
    if poll.body:
        bodies = [pointer for pointer, _ in find(document, f"{operation.pointer}/requestBody/content/*/schema")]
        return flatten(document, *bodies[:1]).at(poll.body)
    return _parameter(document, operation, poll.argument)


def _parameter(document: dict[str, Any], operation: OperationRef, name: str) -> FlatSchema:
    """The schema of a parameter; without roots for another name."""
    for index, parameter in enumerate(operation.definition.get("parameters", ())):
        pointer = parameter.get("$ref", f"#{child(operation.pointer, 'parameters', index)}")[1:]
        if resolve(document, pointer)["name"] == name:
            return flatten(document, child(pointer, "schema"))
    return flatten(document)


@attrs.frozen
class StartCall:
    """The runtime's `StartSpec`."""

    place: str | Header
    is_url: bool = False


def start_call(operation: OperationRef) -> StartCall | None:
    """Return the place of the started job in the response of an operation, or None."""
    start = StartSpec.from_operation(operation.definition)
    return StartCall(start.place, is_url=bool(start.url)) if start else None


def page_call(document: dict[str, Any], operation: OperationRef, arguments: Mapping[str, str]) -> PageCall | None:
    """Return the pagination of an operation, or None."""
    pages = PaginationSpec.from_operation(operation.definition)
    if pages is None:
        return None
    poll = PollSpec.from_operation(operation.definition)
    job = row_schema(document, operation, pages.items).first("x-job")
    identity = JobMapping.from_extension(job).id if job else ()
    return PageCall(
        items=pages.items,
        **{key: arguments.get(getattr(pages, key), "") for key in ("offset", "page", "token", "limit")},
        most=_parameter(document, operation, pages.limit).bound("maximum") or 0,
        first=pages.first,
        next=pages.next,
        identity=(poll.match,) if poll and poll.match else identity,
        total=pages.total,
        more=pages.more,
    )


def row_schema(document: dict[str, Any], operation: OperationRef, items: str) -> FlatSchema:
    """The schema of an item of a list in the response."""
    return response_body(document, operation).at("*" if items == WHOLE else f"{items}.*")


def job_schema(document: dict[str, Any], operation: OperationRef) -> FlatSchema | None:
    """The schema of an awaited job; None where the status codes alone say its state."""
    poll = PollSpec.from_operation(operation.definition)
    body = response_body(document, operation)
    found = body.at(poll.place) if poll and body.roots else None
    return found if found and found.first("x-job") else None


def long_lists(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Model and field of each list that comes in pages, and so may be long."""
    for operation in operations(document):
        pages = PaginationSpec.from_operation(operation.definition)
        if pages and pages.items != WHOLE:
            *outer, name = pointer_of(pages.items)
            owner = response_body(document, operation)
            for key in outer:
                owner = owner.at(f'"{key}"')
            yield owner.model, name


def collection_name(operation: OperationRef, items: str) -> str:
    """The name of a listing: that of the field, or of the operation without its verb."""
    if items == WHOLE:
        words = operation.id.lstrip("abcdefghijklmnopqrstuvwxyz")
        return words or operation.id
    return list(pointer_of(items))[-1]
