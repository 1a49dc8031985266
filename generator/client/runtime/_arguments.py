"""Serialisation of a call's arguments: parameters by their style, request bodies by their media type.

The styles are those of OpenAPI's parameters, the default of each location being its own default there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from ._models import Model, to_json
from ._operations import Operation, Parameter, RequestBody, Secret, Style, header_value
from ._rows import LazyList

_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

_FORM = "application/x-www-form-urlencoded"

_MULTIPART = "multipart/form-data"


_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]+")

_VARIABLE = re.compile(r"\{([^{}]+)\}")


class RequestTarget(msgspec.Struct, frozen=True):
    """The parts of a request that follow from the arguments."""

    path: str
    """Percent-encoded, relative to the base URL."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: Secret[bytes | None] = Secret(None)


def request_target(
    operation: Operation[Any], arguments: Mapping[str, object], client_arguments: Mapping[str, object]
) -> RequestTarget:
    """The target of a call, from its arguments and those of the client.

    Raises:
        ValueError: A required argument is missing, or a value cannot be sent where it belongs.
    """
    segments: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    headers = dict(operation.headers)
    cookies: list[str] = []
    for parameter in operation.parameters:
        value = arguments.get(parameter.argument)
        if value is None and parameter.is_client_parameter:
            value = client_arguments.get(parameter.argument)
        if value is None:
            if parameter.required:
                where = (
                    f"to the client or to {operation.name}" if parameter.is_client_parameter else f"to {operation.name}"
                )
                raise ValueError(f"{parameter.argument} is missing: give it {where}")
        elif parameter.location == "path":
            segments[parameter.name] = _segment(parameter, value)
        elif parameter.location == "query":
            query += _pairs(parameter, value)
        elif parameter.location == "header":
            headers[parameter.name] = header_value(parameter.argument, _text(parameter, value))
        else:
            cookies.append(f"{parameter.name}={quote(_text(parameter, value), safe='')}")
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    content: bytes | None = None
    if operation.body is not None:
        headers, content = _with_body(operation, operation.body, arguments, headers)
    form, names = _path_format(operation.path)
    return RequestTarget(form % tuple([segments[name] for name in names]), tuple(query), headers, Secret(content))


def _with_body(
    operation: Operation[Any], body: RequestBody, arguments: Mapping[str, object], headers: dict[str, str]
) -> tuple[dict[str, str], bytes | None]:
    """The headers and the content of a request with a body. Raises `ValueError`."""
    value = arguments.get(body.argument)
    if value is None:
        if body.required:
            raise ValueError(f"{body.argument} is missing: give it to {operation.name}")
        return headers, None
    content_type, content = encode_body(body, value)
    return {**headers, "Content-Type": content_type}, content


def _pairs(parameter: Parameter, value: object) -> Iterable[tuple[str, str]]:
    if parameter.style is not None and (is_composite(value) or parameter.style == "json"):
        return query_pairs(parameter.argument, parameter.name, value, parameter.style, parameter.explode)
    return [(parameter.name, _text(parameter, value))]


@cache
def _path_format(template: str) -> tuple[str, list[str]]:
    """A path template as a format for `%`, and the names of its parameters in their order."""
    return _VARIABLE.sub("%s", template.replace("%", "%%")), _VARIABLE.findall(template)


def _segment(parameter: Parameter, value: object) -> str:
    """A path value that stays in its segment: `.` and `..` would walk the path, an empty one names another resource."""
    if parameter.style is not None:
        text = path_text(parameter.argument, parameter.name, value, parameter.style, parameter.explode)
        if text in ("", ".", ".."):
            raise ValueError(f"{parameter.argument} must not be empty, got {value!r}")
        return text
    text = _text(parameter, value)
    if text in ("", ".", ".."):
        raise ValueError(f"{parameter.argument} is {text!r}, which is not allowed in a path")
    if _UNRESERVED.fullmatch(text):
        # Most IDs. It takes a quarter of the time of `quote`.
        return text
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{parameter.argument} has a character that cannot be encoded") from None


def _text(parameter: Parameter, value: object) -> str:
    if parameter.style is not None and (is_composite(value) or parameter.style == "json"):
        return plain_text(parameter.argument, value, parameter.style, parameter.explode)
    return scalar(parameter.argument, value)


def scalar(argument: str, value: object) -> str:
    """Return a single value as text: as JSON has it, a date or a UUID as it is written there.

    Raises:
        ValueError: It is of another type.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise ValueError(f"{argument} is a {type(value).__name__}; give a text or a number")


def is_composite(value: object) -> bool:
    """Whether a value consists of several: a list or an object."""
    return isinstance(value, (list, tuple, set, frozenset, LazyList, Mapping, Model))


def query_pairs(argument: str, name: str, value: object, style: Style, explode: bool) -> Iterator[tuple[str, str]]:
    """The pairs of a query that a list or an object becomes. Raises `ValueError` for a value that a query cannot
    express."""
    if style == "json":
        yield name, _json_text(value)
    elif isinstance(value, (Mapping, Model)):
        members = _members(argument, value)
        if style == "deepObject":
            yield from ((f"{name}[{key}]", text) for key, text in members)
        elif explode:
            yield from members
        else:
            yield name, ",".join(part for pair in members for part in pair)
    else:
        items = _items(argument, value)
        if explode or style == "deepObject":
            yield from ((name, item) for item in items)
        elif items:
            yield name, _DELIMITERS.get(style, ",").join(items)


def plain_text(argument: str, value: object, style: Style, explode: bool) -> str:
    """The text of a header or cookie that a list or an object becomes."""
    if style == "json":
        return _json_text(value)
    if isinstance(value, (Mapping, Model)):
        members = _members(argument, value)
        return (
            ",".join("=".join(pair) for pair in members) if explode else ",".join(x for pair in members for x in pair)
        )
    return ",".join(_items(argument, value))


def path_text(argument: str, name: str, value: object, style: Style, explode: bool) -> str:
    """The percent-encoded text in a path that a list or an object becomes, and any value of style label or matrix."""
    if style == "json":
        return _quoted(_json_text(value))
    is_object = _is_object(value)
    if is_object:
        pairs = [(_quoted(key), _quoted(text)) for key, text in _members(argument, value)]
        items = ["=".join(pair) for pair in pairs] if explode else [part for pair in pairs for part in pair]
    else:
        items = [_quoted(item) for item in _items(argument, value)]
    if style == "label":
        return "." + ("." if explode else ",").join(items)
    if style == "matrix":
        if is_object and explode:
            return "".join(f";{item}" for item in items)
        named = items if explode else [",".join(items)]
        return "".join(f";{name}={item}" for item in named)
    return ",".join(items)


def encode_body(body: RequestBody, value: object) -> tuple[str, bytes]:
    """The Content-Type and the bytes of a body. Raises `ValueError` if the value does not fit the media type."""
    media_type = body.media_type.partition(";")[0].strip().lower()
    if media_type == _MULTIPART:
        return _multipart(body.argument, value)
    if media_type == _FORM:
        pairs = [pair for key, member in _fields(body.argument, value) for pair in _form_pairs(key, member)]
        return body.media_type, urlencode(pairs).encode("ascii")
    if media_type == "application/json" or media_type.endswith("+json"):
        return body.media_type, _json_text(value).encode()
    if isinstance(value, str):
        return body.media_type, value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return body.media_type, bytes(value)
    if callable(read := getattr(value, "read", None)):
        return body.media_type, _read(read)
    raise ValueError(f"{body.argument} must be bytes, a text or a file for {media_type}, got {type(value).__name__}")


def _read(read: Callable[[], Any]) -> bytes:
    content = read()
    return content.encode() if isinstance(content, str) else bytes(content)


def _form_pairs(key: str, member: object) -> Iterator[tuple[str, str]]:
    if isinstance(member, (Mapping, Model)):
        yield key, _json_text(member)
    elif is_composite(member):
        yield from ((key, _part(item)) for item in _sequence(member))
    else:
        yield key, _part(member)


def _multipart(argument: str, value: object) -> tuple[str, bytes]:
    parts: list[tuple[str, Any]] = []
    for key, member in _fields(argument, value):
        for item in [member] if isinstance(member, tuple) else _sequence(member):
            parts.append((key, _file(key, item)))
    import httpx

    # A form without fields has the boundary alone; httpx makes none of it.
    request = httpx.Request("POST", "http://localhost", files=parts or {"": (None, b"")})
    return request.headers["Content-Type"], request.read()


def _file(key: str, item: Any) -> tuple[Any, ...]:
    """A part as httpx takes it: a field without a file name, or a file."""
    if isinstance(item, tuple):
        return item
    if isinstance(item, (bytes, bytearray, memoryview)):
        return key, bytes(item)
    if hasattr(item, "read"):
        return getattr(item, "name", key).rpartition("/")[2] or key, item
    return None, _part(item)


def _part(item: object) -> str:
    if item is None:
        return ""
    return _json_text(item) if is_composite(item) else scalar("body", item)


def _fields(argument: str, value: object) -> list[tuple[str, Any]]:
    if isinstance(value, Model):
        return [(key, member) for key, member in value._members() if member is not None]
    if isinstance(value, Mapping):
        return [(str(key), member) for key, member in value.items() if member is not None]
    raise ValueError(f"{argument} must be a model or a mapping, got {type(value).__name__}")


def _members(argument: str, value: object) -> list[tuple[str, str]]:
    return [
        (key, ",".join(_items(argument, member)) if is_composite(member) else scalar(argument, member))
        for key, member in _fields(argument, value)
    ]


def _items(argument: str, value: object) -> list[str]:
    return [scalar(argument, item) for item in _sequence(value)]


def _sequence(value: object) -> Sequence[Any]:
    return list(value) if is_composite(value) and not _is_object(value) else [value]  # type: ignore[call-overload]


def _is_object(value: object) -> bool:
    return isinstance(value, (Mapping, Model))


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _json_text(value: object) -> str:
    """JSON without spaces. Raises `ValueError` for what JSON does not have."""
    try:
        return json.dumps(
            to_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_of_python
        )
    except TypeError as error:
        raise ValueError(f"the value must be JSON: {error}") from None


def _of_python(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a type of JSON")
