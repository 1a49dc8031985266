"""Places in JSON values: JSON Pointers, and the paths of fields in the extensions.

In a pattern of JSON Pointers (RFC 6901) the segment `*` matches any one segment. A path of a field consists of wire
names with dots between, `[0]` for an item by its index, and `[type=Ready]` for the first item with that value of
`type`. A name with a dot or a bracket is in double quotes: `"@odata.nextLink"`. `$` is the whole value. The client and
the replay have their own code for paths, because they read models and write bodies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import attrs

_MOST_DIGITS = 10
"""Most digits of an index. Python refuses to parse an integer of thousands of digits."""


class PointerNotFound(LookupError):
    """A pointer leads to no value."""


def escape(segment: str) -> str:
    """Return a key as a segment of a pointer."""
    return segment.replace("~", "~0").replace("/", "~1")


def child(pointer: str, *keys: str | int) -> str:
    """Return the pointer of a member or item. Each further key leads one level deeper."""
    for key in keys:
        pointer = f"{pointer}/{escape(str(key))}"
    return pointer


def segments(pointer: str) -> list[str]:
    """Return the keys of a pointer, unescaped."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def resolve(data: Any, pointer: str) -> Any:
    """Return the value at a pointer. Raises `PointerNotFound`."""
    for key in segments(pointer):
        data = _step(data, key)
    return data


def assign(data: Any, pointer: str, value: Any) -> None:
    """Set a member of an object, or replace an item of an array. Raises `PointerNotFound`."""
    outer, key = container(data, pointer)
    outer[int(key) if isinstance(outer, list) else key] = value


def container(data: Any, pointer: str) -> tuple[Any, str]:
    """Return the object or array around the value at a pointer, and the value's key in it. Raises `PointerNotFound`."""
    return resolve(data, pointer.rpartition("/")[0]), segments(pointer)[-1]


def find(data: Any, pattern: str) -> Iterator[tuple[str, Any]]:
    """Yield the pointer and value of each place that a pattern matches, in the order of the data."""

    def walk(value: Any, rest: list[str], here: str) -> Iterator[tuple[str, Any]]:
        if not rest:
            yield here, value
            return
        key, *rest = rest
        if key != "*":
            try:
                found = _step(value, key)
            except PointerNotFound:
                return
            yield from walk(found, rest, child(here, key))
        elif isinstance(value, dict):
            for name, member in value.items():
                yield from walk(member, rest, child(here, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, rest, child(here, index))

    return walk(data, segments(pattern), "")


def matches(pattern: str, pointer: str) -> bool:
    """Return whether a pattern matches this pointer."""
    if "*" not in pattern:
        return pattern == pointer
    if pattern.count("/") != pointer.count("/"):
        return False
    return all(want in ("*", got) for want, got in zip(pattern.split("/"), pointer.split("/"), strict=True))


def leads_to_description(pointer: str) -> bool:
    """Return whether a pointer or pattern leads to a description, and not to a property of that name."""
    return pointer.endswith("/description") and not pointer.endswith("/properties/description")


def _step(value: Any, key: str) -> Any:
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and key.isdecimal() and len(key) < _MOST_DIGITS and int(key) < len(value):
        return value[int(key)]
    raise PointerNotFound(key)


WHOLE = "$"
"""The path of the whole value."""

_NAME = r'"([^"]+)"|([^.\s\[\]"]+)'

_STEP = re.compile(rf'(?:^|\.)(?:{_NAME})|\[([0-9]+)\]|\[(?:"([^"]+)"|([^.\s\[\]"=]+))=([^\]]+)\]')


@attrs.frozen
class KeyedItem:
    """A step to the first item of a list with this text in the field `name`."""

    name: str
    text: str


Step = str | int | KeyedItem
"""A name, an index, or an item selected by the value of a field."""


@cache
def steps(path: str) -> tuple[Step, ...]:
    """Split a valid path into its steps."""
    return () if path == WHOLE else tuple(map(_field_step, _STEP.finditer(path)))


def _field_step(match: re.Match[str]) -> Step:
    quoted, name, index, quoted_key, key, text = match.groups()
    if index is not None:
        return int(index)
    return KeyedItem(quoted_key or key, text) if text is not None else quoted or name


def as_text(value: Any) -> str | None:
    """Return a scalar as text, in the form of paths and requests. Returns None for null, objects and arrays."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def locate(value: Any, path: str) -> tuple[str, Any] | None:
    """Return pointer and value of a field in a JSON value; None if the field is missing."""
    pointer = ""
    for step in steps(path):
        key = _key(value, step)
        if key is None:
            return None
        pointer, value = child(pointer, key), value[key]
    return pointer, value


def _key(value: Any, step: Step) -> Any:
    """Return the key or index of a step in an object or list; None if it is missing."""
    if isinstance(step, str):
        return step if isinstance(value, dict) and step in value else None
    if not isinstance(value, list):
        return None
    if isinstance(step, int):
        return step if step < len(value) else None
    return next((index for index, item in enumerate(value) if as_text(_member(item, step.name)) == step.text), None)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def pointer_of(path: str) -> Iterator[str]:
    """Yield the keys of a path as a JSON Pointer has them. An item that a value selects becomes the first item."""
    for step in steps(path):
        yield "0" if isinstance(step, KeyedItem) else str(step)
