# Generated from generator/client/runtime/testing/_schemas.py. Do not edit: change that, and run `make generate`.
"""Validators and minimal instances of flattened schemas."""

from __future__ import annotations

import math
from typing import Any

import jsonschema_rs

from .._validation import FlatSchema


def validator(schema: FlatSchema) -> jsonschema_rs.Draft202012Validator:
    """Make a validator of a schema. It ignores `format`, and its messages do not contain the value."""
    # The schema refers to the document's components from its own root.
    components = schema.schemas.document.get("components", {})
    rooted = {"allOf": [True, *schema.parts], "components": components}
    return jsonschema_rs.Draft202012Validator(rooted, mask="the value", validate_formats=False)


def minimal_instance(schema: FlatSchema | None) -> Any:
    """Return the smallest value that keeps to a schema, patterns excepted."""
    if schema is None:
        return {}
    if schema.allowed:
        return schema.allowed[0]
    match next(iter(schema.types), "object"):
        case "object":
            return {name: minimal_instance(schema.properties.get(name)) for name in schema.required}
        case "array":
            return [minimal_instance(schema.items) for _ in range(max(_values(schema, "minItems"), default=0))]
        case "string":
            return "x" * max(_values(schema, "minLength"), default=0)
        case "integer" | "number":
            # Zero, or the bound that is nearest to it.
            return min(max([0, *_values(schema, "minimum")]), *_values(schema, "maximum"), math.inf)
        case "boolean":
            return False
    return None


def _values(schema: FlatSchema, keyword: str) -> list[Any]:
    return [part[keyword] for part in schema.parts if keyword in part]
