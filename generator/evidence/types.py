"""The words that pages name types with, and what each says of a value. A word that is not here is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.documents.json_pointer import child

_SCALARS = {
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "number": "number",
    "int32": "integer",
    "int64": "integer",
}
_BITS = {"int32": 31, "int64": 63}
_MAP = re.compile(r"map(?:<string,(.+)>|\[string\](.+))\Z", re.IGNORECASE)
_ARRAY = re.compile(r"array of (.+?)s?\Z", re.IGNORECASE)
_OBJECT = re.compile(r"(?:\S+ )?objects?\Z", re.IGNORECASE)
_ANYTHING = "interface{}"


class UnknownWord(ValueError):
    """A type word that says nothing to us."""


def said(word: str, component: str | None, pointer: str) -> Iterator[tuple[str, Any]]:
    """What a type word says, as pointers and values from the schema at that pointer. Raises `UnknownWord`.

    Args:
        word: As in the evidence.
        component: The component schema that an object of the row is.
        pointer: Of the schema.
    """
    kind = word.strip()
    scalar = kind.lower()
    if scalar in _SCALARS:
        yield child(pointer, "type"), _SCALARS[scalar]
        if scalar in _BITS:
            # The bounds besides, since `format` asserts nothing.
            yield child(pointer, "format"), scalar
            yield child(pointer, "minimum"), -(2 ** _BITS[scalar])
            yield child(pointer, "maximum"), 2 ** _BITS[scalar] - 1
    elif array := _ARRAY.match(kind):
        yield child(pointer, "type"), "array"
        yield from said(array[1], component, child(pointer, "items"))
    elif values := _MAP.match(kind):
        yield child(pointer, "type"), "object"
        inner = values[1] or values[2]
        if inner.lower() == _ANYTHING:
            yield child(pointer, "additionalProperties"), True
        else:
            yield from said(inner, component, child(pointer, "additionalProperties"))
    elif _OBJECT.match(kind):
        if component is not None:
            yield child(pointer, "$ref"), f"#/components/schemas/{component}"
        else:
            yield child(pointer, "type"), "object"
    else:
        raise UnknownWord(word)
