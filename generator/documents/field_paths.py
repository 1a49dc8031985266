"""Paths of fields in the extensions: dotted wire names, `[0]` for an item, `[type=Ready]` for an item by its value.

A name with a dot or a bracket is in double quotes: `"@odata.nextLink"`. `$` is the whole value. The client and the
replay have their own code, since they read models and write bodies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import attrs

from .json_pointer import child

WHOLE = "$"
"""The path of a value itself."""

_NAME = r'"([^"]+)"|([^.\s\[\]"]+)'

_STEP = re.compile(rf'(?:^|\.)(?:{_NAME})|\[([0-9]+)\]|\[(?:"([^"]+)"|([^.\s\[\]"=]+))=([^\]]+)\]')


@attrs.frozen
class KeyedItem:
    """The first item of a list with that text in its field."""

    name: str
    text: str


Step = str | int | KeyedItem
"""A name; an index; or the item that a value selects."""


@cache
def steps(path: str) -> tuple[Step, ...]:
    """Split a valid path into its steps."""
    return () if path == WHOLE else tuple(map(_step, _STEP.finditer(path)))


def _step(match: re.Match[str]) -> Step:
    quoted, name, index, quoted_key, key, text = match.groups()
    if index is not None:
        return int(index)
    return KeyedItem(quoted_key or key, text) if text is not None else quoted or name


def as_text(value: Any) -> str | None:
    """Return a scalar as the text that a path or a request has for it; None for null, objects and arrays."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def locate(value: Any, path: str) -> tuple[str, Any] | None:
    """Pointer and value of a field in a JSON value; None where it is missing."""
    pointer = ""
    for step in steps(path):
        key = _key(value, step)
        if key is None:
            return None
        pointer, value = child(pointer, key), value[key]
    return pointer, value


def _key(value: Any, step: Step) -> Any:
    """The key of a step in an object or list; None where that lacks it."""
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
    """The keys of a path in a JSON Pointer; the first item in place of an item that a value selects."""
    for step in steps(path):
        yield "0" if isinstance(step, KeyedItem) else str(step)
