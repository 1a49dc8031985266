"""Serialisation of arguments: values of parameters by their style, and request bodies by their media type.

The styles are those of OpenAPI's parameters, the default of each location being its own default there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import httpx

from ._models import Model, to_json
from ._operations import RequestBody, Style, scalar
from ._rows import LazyList

_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

_FORM = "application/x-www-form-urlencoded"

_MULTIPART = "multipart/form-data"


def is_composite(value: object) -> bool:
    """Whether a value consists of several: a list or an object."""
    return isinstance(value, (list, tuple, set, frozenset, LazyList, Mapping, Model))


def query_pairs(argument: str, name: str, value: object, style: Style, explode: bool) -> Iterator[tuple[str, str]]:
    """The pairs of a query that a list or an object becomes. Raises `ValueError` if it holds what no query can."""
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
