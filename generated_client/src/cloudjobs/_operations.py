# Generated from generator/client/runtime/_operations.py. Do not edit: change that, and run `make generate`.
"""What a document says of an operation, and how a call of it becomes a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec

from ._headers import header_value
from ._models import Model
from ._security import Scheme

M_co = TypeVar("M_co", bound=Model, covariant=True)


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of an operation."""

    name: str
    """As on the wire."""
    argument: str
    """The method's argument, or the client's."""
    location: Literal["path", "query", "header"]
    required: bool = False
    of_client: bool = False
    """May be given once, to the client."""


class Header(msgspec.Struct, frozen=True):
    """A response header, as a place where a part of an error may stand."""

    name: str


class ErrorShape(msgspec.Struct, frozen=True):
    """Where the parts of an error stand: dotted wire names in its body, or headers; the first not empty wins."""

    code: tuple[str | Header, ...] = ()
    message: tuple[str | Header, ...] = ()
    request_id: tuple[str | Header, ...] = ()


class PollShape(msgspec.Struct, frozen=True):
    """How an operation tells of one job: by its id as an argument, or as one of the rows of a listing."""

    argument: str = ""
    """The argument that takes the job's id; empty for a listing."""
    items: str = ""
    """Of a listing: the reply's attribute that holds the rows."""
    match: str = ""
    """Of a listing: the attribute of a row that holds the job's id."""


class PageShape(msgspec.Struct, frozen=True):
    """How a listing comes in pages."""

    offset: str
    """The argument that says how many rows to pass over."""
    limit: str
    """The argument that says how many rows to give at most."""
    items: str
    """The reply's attribute that holds the rows."""
    identity: tuple[str, ...] = ()
    """Dotted wire names of a row's id; the first that is not empty wins. None where rows have no id."""


class Operation(msgspec.Struct, Generic[M_co], frozen=True):
    """One operation of a service."""

    service: str
    id: str
    method: str
    path: str
    """Template, relative to the base URL."""
    reply: type[M_co]
    """Model of a successful reply."""
    parameters: tuple[Parameter, ...] = ()
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Headers that every request carries."""
    errors: ErrorShape = ErrorShape()
    schemes: tuple[Scheme, ...] = ()
    """How it may be authenticated; none where nothing is declared."""
    poll: PollShape | None = None
    pages: PageShape | None = None

    def requested_job(self, arguments: Mapping[str, object]) -> str | None:
        """Return the ID of the job that a call with these arguments reads; None for a listing."""
        job_id = arguments.get(self.poll.argument) if self.poll is not None else None
        return None if job_id is None else str(job_id)


class Target(msgspec.Struct, frozen=True):
    """Where a request goes, and with what."""

    path: str
    """Percent-encoded, relative to the base URL."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]


def target(operation: Operation[Any], arguments: Mapping[str, object], of_client: Mapping[str, object]) -> Target:
    """Work out the request of a call.

    Raises:
        ValueError: A required argument is missing, or a value cannot be sent where it belongs.
    """
    segments: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    headers = dict(operation.headers)
    for parameter in operation.parameters:
        value = arguments.get(parameter.argument)
        if value is None and parameter.of_client:
            value = of_client.get(parameter.argument)
        if value is None:
            if parameter.required:
                where = f"to the client or to {operation.id}" if parameter.of_client else f"to {operation.id}"
                raise ValueError(f"{parameter.argument} is missing: give it {where}")
        elif parameter.location == "path":
            segments[parameter.name] = _segment(parameter, value)
        elif parameter.location == "query":
            query.append((parameter.name, _text(parameter, value)))
        else:
            headers[parameter.name] = header_value(parameter.argument, _text(parameter, value))
    pieces = _pieces(operation.path)
    path = "".join(segments[piece] if number % 2 else piece for number, piece in enumerate(pieces))
    return Target(path, tuple(query), headers)


@cache
def _pieces(template: str) -> list[str]:
    """The template's text and names of parameters, in turn."""
    return re.split(r"\{([^{}]+)\}", template)


def _segment(parameter: Parameter, value: object) -> str:
    """A path value that stays in its segment: `.` and `..` would walk the path, an empty one names another resource."""
    text = _text(parameter, value)
    if text in ("", ".", ".."):
        raise ValueError(f"{parameter.argument} is {text!r}, which cannot stand in a path")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{parameter.argument} has a character that cannot be encoded") from None


def _text(parameter: Parameter, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"{parameter.argument} is a {type(value).__name__}; give a text or a number")
