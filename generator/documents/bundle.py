"""Bundle a document for other tools, the client and the site.

A bundle is the hand-written document with its recordings as examples, and with the ids of evidence at each place that
the evidence supports, so that it can be used without this repository. The request of a recording becomes examples of
the parameters, with the same name as the example of the response: several tools send the values of a name, and expect
the response of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from ..evidence import TraceabilityReport
from . import OperationRef, Recording, Service
from .json_pointer import find, matches, resolve
from .workspace import operations

_OWNERS = (
    "/components/schemas/*/properties/*",
    "/components/schemas/*",
    "/components/parameters/*",
    "/components/securitySchemes/*",
    "/components/headers/*",
    "/paths/*/*/responses/*",
    "/paths/*/*",
    "/servers/*",
)
_WITH_CONFIDENCE = _OWNERS[:1] + _OWNERS[2:6]


def bundle(service: Service, account: TraceabilityReport) -> dict[str, Any]:
    """Return the bundled document of a service with valid evidence."""
    document: dict[str, Any] = deepcopy(service.document.data)
    for _, response in find(document, "/paths/*/*/responses/*"):
        for name in response.get("x-recordings", []):
            recording = service.recordings[name]
            media = response["content"][recording.content_type]
            media.setdefault("examples", {})[name] = {
                "summary": recording.source.data["summary"],
                "value": recording.body,
            }
    for operation in operations(document):
        for recording in service.recordings.values():
            if recording.operation == operation.id:
                _add_parameter_examples(document, operation, recording)
    for pointer, confidence in _confidences(document, account):
        resolve(document, pointer)["x-confidence"] = confidence
    for key, references in (
        ("x-evidence", _evidence(account)),
        ("x-contradictions", _contradictions(service, account)),
    ):
        for pointer, names in references.items():
            resolve(document, pointer)[key] = names
    _allow_unevaluated_properties(document)
    return document


def _allow_unevaluated_properties(document: dict[str, Any]) -> None:
    """Write out the default of `unevaluatedProperties`. Without it, Redocly's linter rejects examples of conditions."""
    for _, schema in find(document, "/components/schemas/*"):
        for each in (schema, *schema["dependentSchemas"].values()) if "dependentSchemas" in schema else ():
            each["unevaluatedProperties"] = True


def _add_parameter_examples(document: dict[str, Any], operation: OperationRef, recording: Recording) -> None:
    request = recording.source.data["request"]
    for reference in operation.definition.get("parameters", []):
        parameter = resolve(document, reference["$ref"][1:])
        values = request.get("headers" if parameter["in"] == "header" else parameter["in"], {})
        named = {name.lower() if parameter["in"] == "header" else name: value for name, value in values.items()}
        name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
        if name in named:
            example = {"summary": recording.source.data["summary"], "value": _typed(parameter, named[name])}
            parameter.setdefault("examples", {})[recording.id] = example


def _typed(parameter: dict[str, Any], value: Any) -> Any:
    """Return a value of a request in the type of its schema. Recordings have the values of a path as strings."""
    is_number = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if is_number and parameter["schema"].get("type") == "integer" else value


def _confidences(document: dict[str, Any], account: TraceabilityReport) -> Iterator[tuple[str, str]]:
    for pattern in _WITH_CONFIDENCE:
        for pointer, _ in find(document, pattern):
            if known := account.confidence(pointer):
                yield pointer, known


def _evidence(account: TraceabilityReport) -> dict[str, list[str]]:
    references: dict[str, list[str]] = {}
    for pointer, support in account.support.items():
        owner = _owner(pointer)
        if owner:
            references[owner] = list(dict.fromkeys([*references.get(owner, []), *(name for name, _ in support)]))
    return references


def _contradictions(service: Service, account: TraceabilityReport) -> dict[str, list[str]]:
    """Return the contradictions of each pointer: those that support it, and those of rows that support it."""
    evidence = service.evidence.data
    names = {entry["id"] for entry in evidence["contradictions"]}
    references: dict[str, list[str]] = {}
    for owner, supporters in _evidence(account).items():
        about = [entry["id"] for entry in evidence["contradictions"] if set(entry["rows"]) & set(supporters)]
        about += [name for name in supporters if name in names and name not in about]
        if about:
            references[owner] = about
    return references


def _owner(pointer: str) -> str | None:
    # The owner of a condition is its field.
    parts = pointer.replace("/dependentSchemas/", "/properties/").split("/")
    for pattern in _OWNERS:
        owner = "/".join(parts[: pattern.count("/") + 1])
        if matches(pattern, owner):
            return owner
    return None
