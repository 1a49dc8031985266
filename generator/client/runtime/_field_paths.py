"""Paths of fields: dotted wire names, `[0]` for an item, `[type=Ready]` for the first item with that value.

They are read in models and in plain JSON. A name with a dot or a bracket is in double quotes, and `$` is the value
itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ._deviations import escape
from ._models import Model, wire_names
from ._rows import LazyList

_NAME = r'"([^"]+)"|([^.\s\[\]"]+)'

_STEP = rf'(?:^|\.)(?:{_NAME})|\[([0-9]+)\]|\[(?:"([^"]+)"|([^.\s\[\]"=]+))=([^\]]+)\]'

Step = str | int | tuple[str, str]
"""A name; an index; or a name and the text that the item has there."""


@cache
def steps(path: str) -> tuple[Step, ...]:
    """Split a valid path into its steps."""
    if not any(character in path for character in '"[$'):
        return tuple(path.split("."))
    return () if path == "$" else tuple(map(_step, re.finditer(_STEP, path)))


def _step(match: re.Match[str]) -> Step:
    quoted, name, index, quoted_key, key, text = match.groups()
    if index is not None:
        return int(index)
    return (quoted_key or key, text) if text is not None else quoted or name


def value_at(value: object, path: str) -> object:
    """The value of a field in a model or in JSON; None where it is missing."""
    for step in steps(path):
        value = _member(value, step) if isinstance(step, str) else _item(value, step)
    return value


def _member(value: object, name: str) -> object:
    if isinstance(value, Model):
        attribute = wire_names[type(value)].get(name)
        return value.additional_properties.get(name) if attribute is None else getattr(value, attribute)
    return value.get(name) if isinstance(value, dict) else None


def _item(value: object, step: int | tuple[str, str]) -> object:
    if not isinstance(value, list | LazyList):
        return None
    if isinstance(step, int):
        return value[step] if step < len(value) else None
    name, text = step
    return next((item for item in value if as_text(_member(item, name)) == text), None)


def as_text(value: object) -> str | None:
    """A scalar as the text that a path or a request has for it; None for any other value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def pointer(path: str) -> str:
    """A path as a JSON Pointer. An item that a value selects is `*`: which one it is depends on the response."""
    return "".join(f"/{escape(key)}" for key in _keys(path))


def _keys(path: str) -> Iterator[str]:
    for step in steps(path):
        yield "*" if isinstance(step, tuple) else str(step)
