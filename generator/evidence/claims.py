"""What a document claims: each thing it declares and each constraint it puts on one, by pointer."""

from __future__ import annotations

from typing import Any

from generator.documents.json_pointer import child, find
from generator.documents.schema_view import Place, walk_schemas

PRESENT = "present"
"""The value of a claim that a thing is there."""

_ALIKE = ({"const", "enum", "x-enum-open"}, {"type", "$ref"})

_KEYWORDS = (
    *("$ref", "type", "const", "enum", "default", "format", "minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("contentMediaType", "minItems", "maxItems", "required", "x-enum-open"),
)
_SCHEME_MEMBERS = ("type", "in", "name", "scheme")


def claims(document: dict[str, Any]) -> dict[str, Any]:
    """Pointer and value of every claim, in the order of the document."""
    found: dict[str, Any] = {}
    for pointer, operation in find(document, "/paths/*/*"):
        found[pointer] = PRESENT
        found[child(pointer, "security")] = operation.get("security", [])
        for name, value in operation.get("x-request-headers", {}).items():
            found[child(child(pointer, "x-request-headers"), name)] = value
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        found[pointer] = PRESENT
        found[child(pointer, "content")] = list(response.get("content", {}))
    for pointer, parameter in find(document, "/components/parameters/*"):
        found[pointer] = PRESENT
        found[child(pointer, "in")] = parameter["in"]
        if parameter.get("required"):
            found[child(pointer, "required")] = True
    for pointer, scheme in find(document, "/components/securitySchemes/*"):
        found[pointer] = PRESENT
        found |= {child(pointer, key): scheme[key] for key in _SCHEME_MEMBERS if key in scheme}
        limits = child(pointer, "x-auth")
        found |= {child(limits, key): value for key, value in scheme.get("x-auth", {}).items()}
    for pointer, error in find(document, "/components/schemas/*/x-error"):
        found |= {child(pointer, part): entries for part, entries in error.items()}
    for place in walk_schemas(document):
        found |= _of_schema(place)
    return found


def _of_schema(place: Place) -> dict[str, Any]:
    schema, pointer = place.schema, place.pointer
    found: dict[str, Any] = {}
    if place.role == "property" and "/allOf/" not in pointer:
        found[pointer] = PRESENT
    for keyword in _KEYWORDS:
        if keyword in schema:
            found[child(pointer, keyword)] = schema[keyword]
    if isinstance(schema.get("additionalProperties"), bool):
        found[child(pointer, "additionalProperties")] = schema["additionalProperties"]
    return found


def alike(keyword: str) -> set[str]:
    """The keywords that can stand in a keyword's place, itself among them: a decision on one overrules the others."""
    return next((group for group in _ALIKE if keyword in group), {keyword})


def same(one: Any, other: Any) -> bool:
    """Whether two claimed values say the same: lists of plain values are sets."""
    if (
        isinstance(one, list)
        and isinstance(other, list)
        and not any(isinstance(item, dict | list) for item in one + other)
    ):
        return sorted(map(repr, one)) == sorted(map(repr, other))
    return type(one) is type(other) and bool(one == other)
