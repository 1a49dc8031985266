"""Validators, minimal instances and conditions of flattened schemas."""

from __future__ import annotations

import math
from typing import Any

import jsonschema_rs

from .._validation import FlatSchema, Location


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
            body = {name: minimal_instance(schema.properties.get(name)) for name in schema.required}
            keep_conditions(schema, body)
            return body
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


def keep_conditions(schema: FlatSchema, body: dict[str, Any]) -> None:
    """Drop each field that the values of others rule out, and write the values that a condition demands."""
    for condition in schema.conditions:
        if condition.field is None:
            if condition.applies(body):
                _write_allowed(condition.then, body)
        elif any(condition.deviations(body, Location())):
            del body[condition.field]


def _write_allowed(schema: FlatSchema, value: Any) -> None:
    if isinstance(value, list) and schema.items is not None:
        for item in value:
            _write_allowed(schema.items, item)
    if not isinstance(value, dict):
        return
    for name, member in schema.properties.items():
        if name not in value:
            continue
        if member.allowed is not None and value[name] not in member.allowed:
            value[name] = member.allowed[0]
        _write_allowed(member, value[name])


def _values(schema: FlatSchema, keyword: str) -> list[Any]:
    return [part[keyword] for part in schema.parts if keyword in part]
