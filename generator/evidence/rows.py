"""What a row of a page states, as expectations of the place in the document that carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from generator.documents.json_pointer import NotThere, child, resolve, segments
from generator.evidence.claims import same
from generator.evidence.types import UnknownWord, said


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
            f"a list with {', '.join(map(str, row['values']))}",
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
    try:
        found = list(said(word, component, pointer))
    except UnknownWord:
        found = [(child(pointer, "type"), "object")]
    for where, value in found:
        place = where.rpartition("/")[0]
        if value == "object" and "$ref" in _schema(document, place):
            # Which object it is, the row does not say: that needs other evidence.
            ref = child(place, "$ref")
            yield Expectation(ref, "an object", lambda each: _refers_to_object(document, each), lambda _: False)
        else:
            yield _is(where, value)


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
