"""Every recorded reply and its request against its document, without the responses that are only inferred."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from generator.documents import Recording, Service, violations, without_inferred
from generator.documents.pointers import child, resolve
from generator.problems import Problem

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def check_recordings(service: Service) -> list[Problem]:
    """Every way in which a recording departs from the document."""
    view = without_inferred(service.document.data)
    return [problem for recording in service.recordings.values() for problem in _check(service, view, recording)]


def _check(service: Service, view: dict[str, Any], recording: Recording) -> Iterator[Problem]:
    source = recording.source
    operation = service.operation(recording.operation)
    if operation is None:
        yield source.problem("/operation", f"{recording.operation} is no operation of the document", "Name one")
        return
    yield from _request(service, operation.definition, recording)
    response = resolve(view, operation.pointer)["responses"].get(str(recording.status))
    if response is None:
        yield source.problem(
            "/status", f"{recording.status} is no status that the document lists", "List it, with its evidence"
        )
        return
    if recording.content_type not in response.get("content", {}):
        yield source.problem(
            "/content_type", f"{recording.content_type} is no media type of this response", "List it, with its evidence"
        )
        return
    schema = response["content"][recording.content_type]["schema"]
    # The components come along, so that the schema's references find their targets.
    for pointer, message in violations({**schema, "components": view["components"]}, recording.body):
        yield source.problem(
            "/body",
            f"{pointer or 'the whole'}: {message}",
            "Follow the recording in the document, or mend the recording",
        )
    for pointer in undocumented(view, schema, recording.body):
        yield source.problem(
            "/body", f"{pointer} is a field that the document does not have", "Add it, with its evidence"
        )


def _request(service: Service, definition: dict[str, Any], recording: Recording) -> Iterator[Problem]:
    request = recording.source.data["request"]
    given = {
        (place, name): value for place in ("path", "query", "headers") for name, value in request.get(place, {}).items()
    }
    for reference in definition.get("parameters", []):
        parameter = resolve(service.document.data, reference["$ref"][1:])
        place = "headers" if parameter["in"] == "header" else parameter["in"]
        value = given.pop((place, parameter["name"]), None)
        if value is None:
            if parameter.get("required"):
                yield recording.source.problem("/request", f"lacks the parameter {parameter['name']}", "Give it")
        elif not _is_valid(service, parameter["schema"], value):
            yield recording.source.problem(
                child(f"/request/{place}", parameter["name"]),
                f"{value!r} is no {parameter['name']}",
                "Follow the document",
            )
    for place, name in given:
        if place != "headers":
            yield recording.source.problem(
                child(f"/request/{place}", name), f"{name} is no parameter of the operation", "Take it out"
            )


def _is_valid(service: Service, schema: dict[str, Any], value: Any) -> bool:
    """Whether a parameter's value is one. In a path or a header a number is text."""
    whole = {**schema, "components": service.document.data["components"]}
    readings = [value]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        readings.append(json.loads(value))
    return any(jsonschema_rs.is_valid(whole, reading) for reading in readings)


def undocumented(document: dict[str, Any], schema: dict[str, Any], value: Any, pointer: str = "") -> Iterator[str]:
    """Pointers of the fields that no schema describes."""
    schemas = _parts(document, schema)
    if isinstance(value, list):
        for index, item in enumerate(value):
            for part in schemas:
                if "items" in part:
                    yield from undocumented(document, part["items"], item, child(pointer, index))
    elif isinstance(value, dict):
        for name, member in value.items():
            here = child(pointer, name)
            described = [part["properties"][name] for part in schemas if name in part.get("properties", {})]
            described += [part["additionalProperties"] for part in schemas if part.get("additionalProperties")]
            if not described:
                yield here
            for part in described:
                if isinstance(part, dict):
                    yield from undocumented(document, part, member, here)
                    break


def _parts(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [schema]
    if "$ref" in schema:
        parts += _parts(document, resolve(document, schema["$ref"][1:]))
    for member in schema.get("allOf", []):
        parts += _parts(document, member)
    return parts
