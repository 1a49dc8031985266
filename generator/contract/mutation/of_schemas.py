"""Changes of schemas: types, required fields, null, lists, bounds, patterns, alternatives, properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.contract.mutation.mutants import Document, Mutant, both, drop, put, rename
from generator.documents import Place, walk_schemas
from generator.documents.json_pointer import child

_NEIGHBOUR = {
    "string": "integer",
    "integer": "string",
    "number": "string",
    "boolean": "string",
    "array": "object",
    "object": "array",
}
"""The type that a row is most likely to be mistaken for."""
_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_NEW = "Cancelled"


def mutants(document: Document) -> Iterator[Mutant]:
    """All changes of a document's schemas."""
    components = list(document.get("components", {}).get("schemas", {}))
    for place in walk_schemas(document):
        yield from _types(place)
        yield from _required(place)
        yield from _null(place)
        yield from _lists(place)
        yield from _bounds(place)
        yield from _patterns(place)
        yield from _alternatives(place, components)
        yield from _properties(place)
        yield from _annotations(place)


def _types(place: Place) -> Iterator[Mutant]:
    types, pointer = place.schema.get("type"), child(place.pointer, "type")
    if types is None:
        return
    yield Mutant("type", pointer, "drop", drop(pointer))
    if isinstance(types, str):
        other = _NEIGHBOUR[types]
        yield Mutant("type", pointer, f"{types} -> {other}", put(pointer, other))
        yield Mutant("type", pointer, f"{types} -> {types} or {other}", put(pointer, [types, other]))
        if types == "integer":
            yield Mutant("type", pointer, "integer -> number", put(pointer, "number"))


def _null(place: Place) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    types = schema.get("type")
    here = child(pointer, "type")
    if isinstance(types, list) and "null" in types:
        left = [each for each in types if each != "null"]
        yield Mutant("nullable", here, "remove null", put(here, left[0] if len(left) == 1 else left))
    elif types is not None:
        edits = [put(here, [*([types] if isinstance(types, str) else types), "null"])]
        # A list of values has to have it as well.
        if "enum" in schema:
            edits.append(put(child(pointer, "enum"), [*schema["enum"], None]))
        if "const" in schema:
            edits += [drop(child(pointer, "const")), put(child(pointer, "enum"), [schema["const"], None])]
        yield Mutant("nullable", here, "add null", both(*edits))
    elif "$ref" in schema and place.role == "property":
        either = [{"$ref": schema["$ref"]}, {"type": "null"}]
        yield Mutant(
            "nullable", pointer, "add null", both(drop(child(pointer, "$ref")), put(child(pointer, "anyOf"), either))
        )


def _required(place: Place) -> Iterator[Mutant]:
    schema, pointer = place.schema, child(place.pointer, "required")
    names = schema.get("required", [])
    for name in names:
        left = [each for each in names if each != name]
        yield Mutant("required", pointer, f"remove {name}", put(pointer, left) if left else drop(pointer))
    if len(names) > 1:
        yield Mutant("required", pointer, "drop", drop(pointer))
    for name in schema.get("properties", {}):
        if name not in names and "/allOf/" not in place.pointer:
            yield Mutant("required", pointer, f"add {name}", put(pointer, [*names, name]))


def _lists(place: Place) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    for keyword, other in (("enum", "x-enum-open"), ("x-enum-open", "enum")):
        if keyword in schema:
            here, values = child(pointer, keyword), schema[keyword]
            for value in values:
                left = [each for each in values if each != value]
                yield Mutant("enum", here, f"drop {value!r}", put(here, left) if left else drop(here))
            yield Mutant("enum", here, f"add {_NEW!r}", put(here, [*values, _NEW]))
            yield Mutant("enum", here, "drop", drop(here))
            what = "close" if keyword == "x-enum-open" else "open"
            yield Mutant("enum", here, what, both(drop(here), put(child(pointer, other), values)))
    if "const" in schema:
        here, value = child(pointer, "const"), schema["const"]
        yield Mutant("enum", here, "drop", drop(here))
        yield Mutant("enum", here, f"-> {_NEW!r}", put(here, _NEW))
        yield Mutant("enum", here, f"add {_NEW!r}", both(drop(here), put(child(pointer, "enum"), [value, _NEW])))
        yield Mutant("enum", here, "open", both(drop(here), put(child(pointer, "x-enum-open"), [value])))


def _bounds(place: Place) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    for keyword in _BOUNDS:
        if keyword in schema:
            here = child(pointer, keyword)
            yield Mutant("bounds", here, "drop", drop(here))
            for step in (-1, 1):
                if not (keyword in _BOUNDS[2:] and schema[keyword] + step < 0):
                    yield Mutant("bounds", here, f"{step:+}", put(here, schema[keyword] + step))
            if keyword in _EXCLUSIVE:
                other = child(pointer, _EXCLUSIVE[keyword])
                yield Mutant("bounds", here, "exclusive", both(drop(here), put(other, schema[keyword])))
    if {"enum", "const", "pattern"} & schema.keys():
        return
    added = {
        "integer": {"minimum": 0, "maximum": 2**31 - 1},
        "string": {"minLength": 1, "maxLength": 255},
        "array": {"minItems": 1, "maxItems": 10},
    }
    types = schema.get("type")
    for keyword, value in added.get(types if isinstance(types, str) else "", {}).items():
        if keyword not in schema:
            here = child(pointer, keyword)
            yield Mutant("bounds", here, f"add {value}", put(here, value))
    if types == "array":
        here = child(pointer, "uniqueItems")
        yield Mutant("bounds", here, "add True", put(here, True))


def _patterns(place: Place) -> Iterator[Mutant]:
    pattern, pointer = place.schema.get("pattern"), child(place.pointer, "pattern")
    if pattern is None:
        if place.schema.get("type") == "string" and not {"enum", "const"} & place.schema.keys():
            for added in (_UUID, "^[A-Za-z0-9_-]+$"):
                yield Mutant("pattern", pointer, f"add {added}", put(pointer, added))
        return
    yield Mutant("pattern", pointer, "drop", drop(pointer))
    for other in dict.fromkeys([*_looser(pattern), *_stricter(pattern)]):
        if other != pattern:
            yield Mutant("pattern", pointer, f"-> {other}", put(pointer, other))


def _looser(pattern: str) -> Iterator[str]:
    yield pattern.removeprefix("^")
    yield pattern.removesuffix("$")
    # Each count becomes any count, each class any character, each full stop that is meant any character.
    for looser, written in (("+", r"\{[0-9,]+\}"), (".", r"\[[^]]+\]"), (".", r"\\[.+]"), ("*", r"(?<=\])\*|\+(?!0)")):
        for match in re.finditer(written, pattern):
            yield pattern[: match.start()] + looser + pattern[match.end() :]


def _stricter(pattern: str) -> Iterator[str]:
    for stricter, written in (("+", r"(?<=[\])])\*"), ("", r"(?<=[\])])\?"), (r"{\1}", r"\{[0-9]+,([0-9]+)\}")):
        for match in re.finditer(written, pattern):
            yield pattern[: match.start()] + match.expand(stricter) + pattern[match.end() :]


def _alternatives(place: Place, components: list[str]) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    for keyword in ("allOf", "oneOf", "anyOf"):
        members = schema.get(keyword, [])
        for index in range(len(members)):
            here = child(child(pointer, keyword), index)
            yield Mutant("alternatives", here, "drop", drop(here))
    types = schema.get("type")
    if isinstance(types, list):
        here = child(pointer, "type")
        for kind in types:
            left = [each for each in types if each != kind]
            if kind != "null":
                yield Mutant("alternatives", here, f"drop {kind}", put(here, left[0] if len(left) == 1 else left))
    if "$ref" in schema:
        here = child(pointer, "$ref")
        target = schema["$ref"].rpartition("/")[2]
        others = [name for name in components if name != target]
        yield Mutant("alternatives", here, "drop", drop(here))
        for other in others[:1] + others[-1:]:
            yield Mutant("alternatives", here, f"-> {other}", put(here, f"#/components/schemas/{other}"))
    if "items" in schema:
        here = child(pointer, "items")
        yield Mutant("alternatives", here, "drop", drop(here))
    if "additionalProperties" in schema:
        here = child(pointer, "additionalProperties")
        yield Mutant("alternatives", here, "drop", drop(here))
        for value in (True, False, {"type": "string"}, {"type": "integer"}):
            if value != schema["additionalProperties"]:
                yield Mutant("alternatives", here, f"-> {value}", put(here, value))


def _properties(place: Place) -> Iterator[Mutant]:
    schema, pointer = place.schema, child(place.pointer, "properties")
    if "properties" not in schema or "/allOf/" in place.pointer:
        return
    for name in schema["properties"]:
        here = child(pointer, name)
        yield Mutant("properties", here, "drop", drop(here))
        yield Mutant("properties", here, f"rename to {_misspelt(name)}", rename(here, _misspelt(name)))
    added: dict[str, Any] = {"type": "string", "description": "Added."}
    yield Mutant("properties", pointer, "add displayName", put(child(pointer, "displayName"), added))
    here = child(place.pointer, "additionalProperties")
    if "additionalProperties" not in schema:
        yield Mutant("properties", here, "add True", put(here, True))
        yield Mutant("properties", here, "add False", put(here, False))


def _misspelt(name: str) -> str:
    """The name in another convention of writing."""
    if "_" in name:
        first, *rest = name.split("_")
        return first + "".join(part.title() for part in rest)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return snake if snake != name else f"{name}s"


def _annotations(place: Place) -> Iterator[Mutant]:
    for keyword in ("default", "format", "contentMediaType"):
        if keyword in place.schema:
            here = child(place.pointer, keyword)
            yield Mutant("annotations", here, "drop", drop(here))
            value = place.schema[keyword]
            other = value + 1 if isinstance(value, int) else f"{value}-other"
            yield Mutant("annotations", here, f"-> {other!r}", put(here, other))
