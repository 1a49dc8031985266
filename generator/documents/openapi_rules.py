"""Holds a document to OpenAPI 3.1: to the JSON Schema of that specification, and to what the schema cannot say.

The schema is that of openapi-spec-validator. Importing and running the validator itself took a third of making the
client, so that what it says besides is said here; the tests hold one to the other.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jsonschema_rs

from generator.documents.json_pointer import child, resolve
from generator.documents.schema_view import SchemaLocation, walk_schemas
from generator.documents.strict_yaml import Source
from generator.documents.workspace import OperationRef, operations, short
from generator.errors import Problem

_REMEDY = "See the OpenAPI specification"
_SCHEMA = "openapi_spec_validator/resources/schemas/v3.1/schema.json"
_OF_SCHEMAS = {"$ref": "https://json-schema.org/draft/2020-12/schema"}


def departures(source: Source) -> Iterator[Problem]:
    """Every way in which a document is not OpenAPI 3.1. Its references lead somewhere in it."""
    if not str(source.data.get("openapi", "")).startswith("3.1."):
        yield source.problem("/openapi", "is not OpenAPI 3.1", "Write openapi: 3.1.0")
        return
    misformed = list(_against(_validator(), source, "", source.data))
    yield from misformed
    if not misformed:
        yield from _tags(source)
        yield from _operations(source)
        yield from _schemas(source)


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    """The validator of the specification's own schema. It is found without an import of the package it comes with."""
    path = Path(str(distribution("openapi-spec-validator").locate_file(_SCHEMA)))
    return jsonschema_rs.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def _against(validator: Any, source: Source, pointer: str, value: Any) -> Iterator[Problem]:
    for error in validator.iter_errors(value):
        place = pointer
        for key in error.instance_path:
            place = child(place, key)
        yield source.problem(place, f"is not OpenAPI 3.1: {short(error.message)}", _REMEDY)


def _tags(source: Source) -> Iterator[Problem]:
    for name, times in Counter(tag["name"] for tag in source.data.get("tags", [])).items():
        if times > 1:
            yield source.problem("/tags", f"has the tag {name} {times} times", "Describe each tag once")


def _operations(source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for operation in operations(source.data):
        name = operation.definition.get("operationId")
        if name in seen:
            yield source.problem(operation.pointer, f"repeats the operationId {name}", "Give each operation its own")
        seen |= {name} if name else set()
        item = resolve(source.data, operation.pointer.rpartition("/")[0])
        yield from _parameters(
            source, operation, [item.get("parameters", []), operation.definition.get("parameters", [])]
        )


def _parameters(source: Source, operation: OperationRef, lists: list[list[dict[str, Any]]]) -> Iterator[Problem]:
    """What is wrong with the parameters of a path and those of one of its operations."""
    of_path: set[str] = set()
    for parameters in lists:
        found = [_resolved(source, parameter) for parameter in parameters]
        of_path |= {one["name"] for one in found if one["in"] == "path"}
        for (name, where), times in Counter((one["name"], one["in"]) for one in found).items():
            if times > 1:
                yield source.problem(operation.pointer, f"has the {where} parameter {name} {times} times", "Keep one")
    for name in sorted(of_path ^ set(re.findall(r"\{([^{}]*)\}", operation.path))):
        other = "its path" if name in of_path else "its parameters"
        yield source.problem(
            operation.pointer, f"has a path parameter {name} that is not in {other}", "Name it in both"
        )


def _resolved(source: Source, thing: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resolve(source.data, thing["$ref"][1:]) if "$ref" in thing else thing
    return found


def _schemas(source: Source) -> Iterator[Problem]:
    of_schemas = jsonschema_rs.Draft202012Validator(_OF_SCHEMAS, validate_formats=True)
    places = [place for place in walk_schemas(source.data) if isinstance(place.schema, dict | bool)]
    for place in places:
        if place.role in ("component", "parameter", "reply"):
            misformed = list(_against(of_schemas, source, place.pointer, place.schema))
            yield from misformed
            if misformed:
                return
    for place in places:
        yield from _default(source, place)


def _default(source: Source, place: SchemaLocation) -> Iterator[Problem]:
    if not isinstance(place.schema, dict) or "default" not in place.schema:
        return
    # With the components beside it, its references lead to where they do in the document.
    whole = {**place.schema, "components": source.data.get("components", {})}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    yield from _against(validator, source, child(place.pointer, "default"), place.schema["default"])
