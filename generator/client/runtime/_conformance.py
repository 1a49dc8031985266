"""Holds a value against its schema, and names every deviation. Agrees with a JSON Schema validator.

Over and above JSON Schema it names fields that no schema describes, and, as notices, unlisted values of open lists.
`format` and `contentMediaType` assert nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from ._deviations import Deviation, DeviationKind, Severity
from ._json import NumberText
from ._schemas import Node

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str) and not isinstance(value, NumberText),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    # JSON Schema counts 1.0 among the integers.
    "integer": lambda value: _TYPES["number"](value) and (isinstance(value, int) or value.is_integer()),
}


class Place(NamedTuple):
    """Where a value stands."""

    pointer: str = ""
    shape: str = ""
    """The pointer with `*` for an index or a name that the wire chose."""

    def field(self, name: str) -> Place:
        """The place of a documented field."""
        step = f"/{escape(name)}"
        return Place(self.pointer + step, self.shape + step)

    def member(self, key: str | int) -> Place:
        """The place of an item, or of a field that has no name in the document."""
        return Place(f"{self.pointer}/{escape(str(key))}", f"{self.shape}/*")

    def deviates(
        self, expected: str, actual: object, kind: DeviationKind, severity: Severity = Severity.VIOLATION
    ) -> Deviation:
        """The deviation of the value here."""
        return Deviation(self.pointer, expected, actual, kind, severity, self.shape)


def deviations(node: Node, value: Any, at: Place = Place()) -> Iterator[Deviation]:  # noqa: B008 - immutable
    """Every deviation of a value, and of what it holds, in the order of the value."""
    if isinstance(value, NumberText):
        yield at.deviates("a number that a float can hold", str(value), DeviationKind.NUMBER)
        return
    if not node.parts:
        yield from _numbers(value, at)
        return
    types = node.types
    if types and not any(_TYPES[name](value) for name in types):
        yield at.deviates(" or ".join(types), value, DeviationKind.TYPE)
        return
    yield from _of_value(node, value, at)
    if isinstance(value, str):
        yield from _of_text(node, value, at)
    elif isinstance(value, list):
        yield from _of_count(node, value, at)
        items = node.items
        if items is not None:
            for index, item in enumerate(value):
                if type(item) not in items.plain:
                    yield from deviations(items, item, at.member(index))
    elif isinstance(value, dict):
        yield from _of_object(node, value, at)
    elif _TYPES["number"](value):
        yield from _of_number(node, value, at)


def _of_object(node: Node, value: dict[str, Any], at: Place) -> Iterator[Deviation]:
    for name in node.required:
        if name not in value:
            yield at.field(name).deviates("a field that is there", None, DeviationKind.MISSING)
    properties, values = node.properties, node.values
    for name, member in value.items():
        described = properties.get(name, values)
        if described is not None and type(member) in described.plain:
            # Most fields: nothing is to be said of them, nor where they stand.
            continue
        here = at.field(name) if name in properties else at.member(name)
        if described is not None:
            yield from deviations(described, member, here)
        else:
            yield here.deviates("no such field", member, DeviationKind.UNDOCUMENTED)


def _numbers(value: Any, at: Place) -> Iterator[Deviation]:
    """The numbers that no float can hold, in a value of which nothing is said."""
    if isinstance(value, NumberText):
        yield at.deviates("a number that a float can hold", str(value), DeviationKind.NUMBER)
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _numbers(member, at.member(key))


def _of_value(node: Node, value: Any, at: Place) -> Iterator[Deviation]:
    for part in node.parts:
        for listed in ([part["const"]] if "const" in part else None, part.get("enum")):
            if listed is None or any(_same(value, one) for one in listed):
                continue
            yield at.deviates(f"one of {', '.join(map(repr, listed))}", value, DeviationKind.ENUM)
        known = part.get("x-enum-open")
        if known is not None and value not in known:
            expected = f"one of {', '.join(map(repr, known))}, or another"
            yield at.deviates(expected, value, DeviationKind.ENUM, Severity.NOTICE)


def _of_text(node: Node, value: str, at: Place) -> Iterator[Deviation]:
    for part in node.parts:
        pattern = part.get("pattern")
        if pattern is not None and not compiled(pattern).search(value):
            yield at.deviates(f"a text like {pattern}", value, DeviationKind.PATTERN)
        yield from _bounds(part, "minLength", "maxLength", len(value), "characters", value, at)


def _of_count(node: Node, value: list[Any], at: Place) -> Iterator[Deviation]:
    for part in node.parts:
        yield from _bounds(part, "minItems", "maxItems", len(value), "items", value, at)


def _of_number(node: Node, value: float, at: Place) -> Iterator[Deviation]:
    for part in node.parts:
        yield from _bounds(part, "minimum", "maximum", value, "", value, at)


def _bounds(
    part: dict[str, Any], least: str, most: str, measured: float, unit: str, value: Any, at: Place
) -> Iterator[Deviation]:
    if least in part and measured < part[least]:
        yield at.deviates(f"at least {part[least]} {unit}".rstrip(), value, DeviationKind.RANGE)
    if most in part and measured > part[most]:
        yield at.deviates(f"at most {part[most]} {unit}".rstrip(), value, DeviationKind.RANGE)


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON: a boolean is no number, 1.0 is 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of ECMA 262 for Python, whose `$` would match before a trailing line break."""
    return re.compile(python_pattern(pattern))


def python_pattern(pattern: str) -> str:
    """The pattern's text for Python."""
    inner = re.sub(r"\\.|\[(?:\\.|[^\]\\])*+\]?|\$", lambda match: r"\Z" if match[0] == "$" else match[0], pattern)
    return f"(?a){inner}"


def escape(name: str) -> str:
    """A field's name as a segment of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")
