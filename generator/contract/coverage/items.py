"""What there is to exercise in a document: keywords, properties, values, statuses, parameters.

Left out is what nothing can exercise: a text that is no text, and an empty segment of a path, which makes another path.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.documents import walk_schemas
from generator.documents.json_pointer import child, find

KEYWORDS = frozenset(
    {
        *("type", "const", "enum", "x-enum-open", "minimum", "maximum", "minLength", "maxLength", "pattern"),
        *("minItems", "maxItems", "required"),
    }
)
"""Keywords that rule something out, and the open list."""
LISTS = ("const", "enum", "x-enum-open")
KINDS = ("keywords satisfied", "keywords violated", "properties", "values", "statuses", "parameters")


@attrs.frozen
class Item:
    """One thing to exercise, in one way."""

    kind: str
    """One of `KINDS`."""
    pointer: str
    aspect: str = ""
    """The value of a list, or what a property or parameter is: there, absent, refused."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.pointer}{f' {self.aspect}' if self.aspect else ''}"


def items(document: dict[str, Any]) -> Iterator[Item]:
    """All items of a document, in its order."""
    parameters = {
        child(pointer, "schema"): parameter for pointer, parameter in find(document, "/components/parameters/*")
    }
    for place in walk_schemas(document):
        parameter = next((each for where, each in parameters.items() if place.pointer.startswith(where)), None)
        for keyword in filter(KEYWORDS.__contains__, place.schema):
            pointer = child(place.pointer, keyword)
            yield Item("keywords satisfied", pointer)
            if parameter is None or not _cannot_fail(parameter, keyword):
                yield Item("keywords violated", pointer)
        for keyword in LISTS:
            if keyword in place.schema:
                for value in values(place.schema[keyword]):
                    yield Item("values", child(place.pointer, keyword), repr(value))
        if "/allOf/" not in place.pointer:
            for name in place.schema.get("properties", {}):
                for aspect in ("there", "absent"):
                    yield Item("properties", child(child(place.pointer, "properties"), name), aspect)
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        yield Item("statuses", pointer)
        for media_type in response.get("content", {}):
            yield Item("statuses", child(child(pointer, "content"), media_type))
    for pointer, parameter in find(document, "/components/parameters/*"):
        yield Item("parameters", pointer, "there")
        if not parameter.get("required"):
            yield Item("parameters", pointer, "absent")
        if any(not _cannot_fail(parameter, keyword) for keyword in parameter.get("schema", {}).keys() & KEYWORDS):
            yield Item("parameters", pointer, "refused")


def values(listed: Any) -> list[Any]:
    """The values of a list, or of a `const`."""
    return listed if isinstance(listed, list) else [listed]


def _cannot_fail(parameter: dict[str, Any], keyword: str) -> bool:
    schema = parameter.get("schema", {})
    if keyword == "type":
        return "string" in values(schema["type"])
    return keyword == "minLength" and parameter["in"] == "path" and schema["minLength"] <= 1
