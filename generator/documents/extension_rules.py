"""The `x-` extensions: where each may stand, and that what it says fits the document around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.documents.json_pointer import child, matches, resolve, segments
from generator.documents.strict_yaml import Source
from generator.documents.workspace import Service, Workspace, violations
from generator.errors import Problem

_OPERATION = ("/paths/*/*",)
_PLACES: dict[str, tuple[str, ...]] = {
    "x-job": ("/components/schemas/*",),
    "x-error": ("/components/schemas/*",),
    "x-poll": _OPERATION,
    "x-pagination": _OPERATION,
    "x-request-headers": _OPERATION,
    "x-client-parameter": ("/components/parameters/*",),
    "x-auth": ("/components/securitySchemes/*",),
    "x-recordings": ("/paths/*/*/responses/*",),
    "x-confidence": ("/paths/*/*/responses/*",),
    "x-enum-open": (),  # on any schema of type string
}


def lint(workspace: Workspace, service: Service) -> Iterator[Problem]:
    """Problems of every extension in the document."""
    source = service.document
    for pointer, key, value, around in _extensions(source.data, ""):
        here = child(pointer, key)
        if key not in _PLACES:
            yield source.problem(
                here,
                f"{key} is no extension of ours",
                "Mend the name, or describe it in openapi/STYLE.md and openapi/schemas/",
            )
            continue
        places = _PLACES[key]
        if not any(matches(place, pointer) for place in places) and not (
            key == "x-enum-open" and around.get("type") == "string"
        ):
            yield source.problem(here, f"{key} does not belong here", "See openapi/STYLE.md")
            continue
        invalid = violations(workspace.schemas[key], value)
        for inner, message in invalid:
            yield source.problem(here + inner, message, f"See openapi/schemas/{key}.json")
        if not invalid and key in _FITS:
            yield from _FITS[key](source, here, value, around)


def _extensions(value: Any, pointer: str) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    if isinstance(value, dict):
        # Names of properties and headers are the vendor's, and may begin with x-.
        names_are_wire = segments(pointer)[-1:] in (["properties"], ["x-request-headers"], ["parameters"], ["headers"])
        for key, member in value.items():
            if key.startswith("x-") and not names_are_wire:
                yield pointer, key, member, value
            elif key not in ("default", "const", "enum", "example", "examples") or names_are_wire:
                yield from _extensions(member, child(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _extensions(item, child(pointer, index))


def _job_fits(source: Source, here: str, job: dict[str, Any], schema: dict[str, Any]) -> Iterator[Problem]:
    named: list[tuple[str, Any]] = [(key, job[key]) for key in ("id", "reason", "children") if key in job]
    named += [(f"{key}/field", job[key]["field"]) for key in ("state", "started", "ended") if key in job]
    progress = job.get("progress", {})
    named += [(f"progress/{key}", progress[key]) for key in ("field", "done", "total") if key in progress]
    for key, fields in named:
        for field in [fields] if isinstance(fields, str) else fields:
            if not _has_field(source.data, schema, field):
                yield source.problem(
                    f"{here}/{key}",
                    f"names the field {field}, which the schema lacks",
                    "Name a property, dotted from the schema",
                )
    values = [value for key, group in job["state"].items() if key != "field" for value in group]
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield source.problem(f"{here}/state", f"gives {value} two states", "Give it one")
    if progress.get("from") == "children" and "children" not in job:
        yield source.problem(f"{here}/progress", "counts children, and none are declared", "Add children")


def _poll_fits(source: Source, here: str, poll: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    if "argument" in poll:
        yield from _is_parameter(source, here, poll["argument"], operation)
    else:
        schema = _reply(source.data, operation)
        if not _has_field(source.data, schema, poll["items"]):
            yield source.problem(
                here, f"names the field {poll['items']}, which the reply lacks", "Name a property of the reply"
            )
        elif not _has_field(source.data, schema, f"{poll['items']}.{poll['match']}"):
            yield source.problem(
                here, f"names the field {poll['match']}, which the items lack", "Name a property of the items"
            )


def _pagination_fits(source: Source, here: str, pages: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    for key in ("offset", "limit"):
        yield from _is_parameter(source, here, pages[key], operation)
    for key in ("items", "count"):
        if key in pages and not _has_field(source.data, _reply(source.data, operation), pages[key]):
            yield source.problem(
                here, f"names the field {pages[key]}, which the reply lacks", "Name a property of the reply"
            )


def _is_parameter(source: Source, here: str, name: str, operation: dict[str, Any]) -> Iterator[Problem]:
    if not any(parameter.get("$ref", "").endswith(f"/{name}") for parameter in operation.get("parameters", [])):
        yield source.problem(here, f"names {name}, which is no parameter of the operation", "Name a parameter")


def _error_fits(source: Source, here: str, error: dict[str, Any], schema: dict[str, Any]) -> Iterator[Problem]:
    for key, fields in error.items():
        for field in fields:
            if isinstance(field, str) and not _has_field(source.data, schema, field):
                yield source.problem(
                    f"{here}/{key}", f"names the field {field}, which the schema lacks", "Name a property"
                )


_FITS = {"x-job": _job_fits, "x-poll": _poll_fits, "x-pagination": _pagination_fits, "x-error": _error_fits}


def _reply(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["responses"].get("200", {}).get("content", {})
    return next((dict(media.get("schema", {})) for media in content.values()), {})


def _has_field(document: dict[str, Any], schema: dict[str, Any], dotted: str) -> bool:
    for name in dotted.split("."):
        schema = _target(document, schema)
        schema = _target(document, schema.get("items", schema))
        if name not in schema.get("properties", {}):
            return False
        schema = schema["properties"][name]
    return True


def _target(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while True:
        if "allOf" in schema:
            schema = schema["allOf"][0]
        elif "$ref" in schema:
            schema = resolve(document, schema["$ref"][1:])
        else:
            return schema
