"""JSON Pointers (RFC 6901), and patterns of them in which a segment `*` matches any one segment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_MOST_DIGITS = 10
"""Digits of an index: Python refuses to read thousands of them."""


class PointerNotFound(LookupError):
    """No value at that pointer."""


def escape(segment: str) -> str:
    """A key as a segment of a pointer."""
    return segment.replace("~", "~0").replace("/", "~1")


def child(pointer: str, *keys: str | int) -> str:
    """The pointer of a member or item, or with several keys of one inside it."""
    for key in keys:
        pointer = f"{pointer}/{escape(str(key))}"
    return pointer


def segments(pointer: str) -> list[str]:
    """The keys that a pointer walks along."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def resolve(data: Any, pointer: str) -> Any:
    """The value at a pointer. Raises `PointerNotFound`."""
    for key in segments(pointer):
        data = _step(data, key)
    return data


def assign(data: Any, pointer: str, value: Any) -> None:
    """Set a member of an object, or replace an item of an array. Raises `PointerNotFound`."""
    outer, key = container(data, pointer)
    outer[int(key) if isinstance(outer, list) else key] = value


def container(data: Any, pointer: str) -> tuple[Any, str]:
    """The object or array that has the value at a pointer, and its key there. Raises `PointerNotFound`."""
    return resolve(data, pointer.rpartition("/")[0]), segments(pointer)[-1]


def find(data: Any, pattern: str) -> Iterator[tuple[str, Any]]:
    """Each place that a pattern matches, with its value, in the order of the data."""

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
    """Whether a pattern matches this pointer."""
    if "*" not in pattern:
        return pattern == pointer
    wanted, given = pattern.split("/"), pointer.split("/")
    return len(wanted) == len(given) and all(want in ("*", got) for want, got in zip(wanted, given, strict=True))


def _step(value: Any, key: str) -> Any:
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and key.isdecimal() and len(key) < _MOST_DIGITS and int(key) < len(value):
        return value[int(key)]
    raise PointerNotFound(key)
