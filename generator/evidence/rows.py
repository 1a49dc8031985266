"""What a row of a page states, as expectations of the place in the document that carries it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from generator.documents.pointers import NotThere, child, resolve, segments
from generator.evidence.claims import same

_SCALARS = {
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "int32": "integer",
    "int64": "integer",
    "number": "number",
}
_BITS = {"int32": 31, "int64": 63}
"""Words that bound a number, too. The document states the bounds, since `format` asserts nothing."""
_MAP = re.compile(r"map(?:<string,(\S+)>|\[string\](\S+))\Z", re.IGNORECASE)
_ARRAY = re.compile(r"array of (.+?)s?\Z", re.IGNORECASE)


@attrs.frozen
class Expectation:
    """A claim that a row states, and whether the document's own is the same."""

    pointer: str
    wanted: str
    holds: Callable[[Any], bool]
    supports: Callable[[Any], bool] = lambda value: True
    """Whether the row is evidence enough for the document's claim, where it holds."""


def expectations(document: dict[str, Any], row: dict[str, Any], pointer: str) -> Iterator[Expectation]:
    """What the row expects of the place at that pointer, besides being there."""
    kind, name = row["kind"], row["name"]
    if kind == "operation":
        yield Expectation(pointer, name, lambda _: f"{segments(pointer)[-1].upper()} {segments(pointer)[-2]}" == name)
    elif kind in ("path", "query", "header") and pointer.startswith("/components/parameters/"):
        yield _is(child(pointer, "in"), kind)
        if "mandatory" in row:
            yield Expectation(
                child(pointer, "required"), str(row["mandatory"]).lower(), lambda value: bool(value) == row["mandatory"]
            )
        yield from _of_schema(document, row, child(pointer, "schema"))
    elif kind == "header":
        yield _is(pointer, row.get("default"))
    elif kind == "authentication":
        yield _is(child(pointer, "type"), "apiKey")
        yield _is(child(pointer, "in"), "header")
        yield _is(child(pointer, "name"), name)
        if "maximum" in row:
            yield _is(child(child(pointer, "x-auth"), "maxLength"), row["maximum"])
    elif kind == "field":
        yield from _of_schema(document, row, pointer)


def is_named(row: dict[str, Any], pointer: str) -> bool:
    """Whether the place bears the row's name, where places of its kind bear names."""
    return row["kind"] not in ("path", "query", "header", "field", "status") or segments(pointer)[-1] == row["name"]


def _of_schema(document: dict[str, Any], row: dict[str, Any], pointer: str) -> Iterator[Expectation]:
    schema = resolve(document, pointer)
    if "type" in row:
        yield from _of_type(document, row["type"], row.get("component"), pointer)
    if row.get("open"):
        # The row names some of the values; a longer list needs other evidence besides.
        named = set(row["values"])
        yield Expectation(
            child(pointer, "x-enum-open"),
            f"a list with {', '.join(row['values'])}",
            lambda value: isinstance(value, list) and named <= set(value),
            lambda value: named == set(value),
        )
    elif "values" in row:
        keyword = "const" if "const" in schema else "enum"
        yield _is(child(pointer, keyword), row["values"][0] if keyword == "const" else row["values"])
    if "default" in row:
        yield _is(child(pointer, "default"), row["default"])
    for bound in ("minimum", "maximum"):
        if bound in row:
            keyword = f"{bound[:3]}Length" if schema.get("type") == "string" else bound
            yield _is(child(pointer, keyword), row[bound])


def _of_type(document: dict[str, Any], word: str, component: str | None, pointer: str) -> Iterator[Expectation]:
    kind = word.strip().lower()
    if kind in _SCALARS:
        yield _is(child(pointer, "type"), _SCALARS[kind])
        if kind in _BITS:
            yield _is(child(pointer, "format"), kind)
            yield _is(child(pointer, "minimum"), -(2 ** _BITS[kind]))
            yield _is(child(pointer, "maximum"), 2 ** _BITS[kind] - 1)
    elif array := _ARRAY.match(kind):
        yield _is(child(pointer, "type"), "array")
        yield from _of_type(document, array[1], component, child(pointer, "items"))
    elif values := _MAP.match(kind):
        yield _is(child(pointer, "type"), "object")
        inner = child(pointer, "additionalProperties")
        if (values[1] or values[2]).startswith("interface{"):
            yield _is(inner, True)
        else:
            yield from _of_type(document, values[1] or values[2], component, inner)
    elif component is not None:
        yield _is(child(pointer, "$ref"), f"#/components/schemas/{component}")
    elif "$ref" in _schema(document, pointer):
        # Which object it is, the row does not say: that needs other evidence.
        where = child(pointer, "$ref")
        yield Expectation(where, "an object", lambda ref: _refers_to_object(document, ref), lambda ref: False)
    else:
        yield _is(child(pointer, "type"), "object")


def _schema(document: dict[str, Any], pointer: str) -> Any:
    try:
        return resolve(document, pointer)
    except NotThere:
        return {}


def _refers_to_object(document: dict[str, Any], reference: Any) -> bool:
    try:
        return bool(resolve(document, str(reference)[1:]).get("type") == "object")
    except NotThere:
        return False


def _is(pointer: str, wanted: Any) -> Expectation:
    return Expectation(pointer, repr(wanted), lambda value: same(value, wanted))
