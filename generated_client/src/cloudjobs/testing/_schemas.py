# Generated from generator/client/runtime/testing/_schemas.py. Do not edit: change that, and run `make generate`.
"""Reads the schemas of a document: references, validators, and the smallest value that a schema takes.

Knows the keywords that the documents keep to, and no others: of alternatives only `allOf`.
"""

from __future__ import annotations

import math
from typing import Any

import jsonschema_rs

THE_VALUE = "the value"
"""What a validator's messages call the value, which can be long."""


def resolved(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the document refers to; anything else is itself."""
    while "$ref" in thing:
        target: Any = document
        for part in thing["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        thing = target
    return thing


def validator(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator of one schema of the document. `format` asserts nothing."""
    # The schema refers to the document's components from its own root.
    rooted = {**schema, "components": document.get("components", {})}
    return jsonschema_rs.Draft202012Validator(rooted, mask=THE_VALUE, validate_formats=False)


def merge_all_of(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference and its `allOf` merged in, down to its properties; the outer keyword wins."""
    merged = {keyword: value for keyword, value in schema.items() if keyword not in ("$ref", "allOf")}
    parts = list(schema.get("allOf", ()))
    if "$ref" in schema:
        parts.append(resolved(document, schema))
    for part in parts:
        inner = merge_all_of(document, part)
        properties = dict(merged.get("properties", {}))
        for name, value in inner.get("properties", {}).items():
            properties[name] = {"allOf": [properties[name], value]} if name in properties else value
        required = [*merged.get("required", ()), *inner.get("required", ())]
        merged = {**inner, **merged, "properties": properties, "required": required}
    return merged


def minimal_instance(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A value with nothing in it that the schema does not ask for. It may break a pattern, which nobody can guess."""
    schema = merge_all_of(document, schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    types = schema.get("type", "object")
    match types if isinstance(types, str) else types[0]:
        case "object":
            properties = schema.get("properties", {})
            return {name: minimal_instance(document, properties.get(name, {})) for name in schema.get("required", ())}
        case "array":
            return [minimal_instance(document, schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
        case "string":
            return "x" * schema.get("minLength", 0)
        case "integer" | "number":
            # Zero, or the bound that is nearest to it.
            return min(max(0, schema.get("minimum", 0)), schema.get("maximum", math.inf))
        case "boolean":
            return False
    return None
