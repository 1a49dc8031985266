"""Schemas of a document: walking them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.documents.json_pointer import child
from generator.documents.workspace import operations


@attrs.frozen
class SchemaLocation:
    """A schema and where it stands."""

    pointer: str
    schema: dict[str, Any]
    role: str
    """`component`, `property`, `parameter`, `reply`, or `part` of another schema (items, values, alternatives)."""


def walk_schemas(document: dict[str, Any]) -> Iterator[SchemaLocation]:
    """Every schema: of the components, the parameters and the responses, outer ones first."""
    components = document.get("components", {})
    for name, schema in components.get("schemas", {}).items():
        yield from _walk(SchemaLocation(child("/components/schemas", name), schema, "component"))
    for name, parameter in components.get("parameters", {}).items():
        pointer = child(child("/components/parameters", name), "schema")
        yield from _walk(SchemaLocation(pointer, parameter.get("schema", {}), "parameter"))
    for operation in operations(document):
        for status, response in operation.definition["responses"].items():
            here = child(child(child(operation.pointer, "responses"), status), "content")
            for media_type, media in response.get("content", {}).items():
                pointer = child(child(here, media_type), "schema")
                yield from _walk(SchemaLocation(pointer, media.get("schema", {}), "reply"))


def _walk(place: SchemaLocation) -> Iterator[SchemaLocation]:
    yield place
    schema, pointer = place.schema, place.pointer
    for name, member in schema.get("properties", {}).items():
        yield from _walk(SchemaLocation(child(child(pointer, "properties"), name), member, "property"))
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _walk(SchemaLocation(child(pointer, keyword), schema[keyword], "part"))
    for index, member in enumerate(schema.get("allOf", [])):
        yield from _walk(SchemaLocation(child(child(pointer, "allOf"), index), member, "part"))
