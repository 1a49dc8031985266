"""The `x-` extensions: where each may stand, and that what it says fits the document around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import attrs

from generator.documents.json_pointer import child, find, matches, segments
from generator.documents.mappings import ErrorMapping, JobMapping, PaginationSpec, PollSpec
from generator.documents.schema_view import FlatSchema, flatten
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


def _job_fits(source: Source, here: str, declared: dict[str, Any], _: dict[str, Any]) -> Iterator[Problem]:
    job = JobMapping.from_extension(declared)
    fields = {
        "id": job.id,
        "reason": job.reason,
        "children": (job.children,),
        "state/field": job.state,
        "started/field": job.started.fields if job.started else (),
        "ended/field": job.ended.fields if job.ended else (),
        "progress/field": job.progress,
        "progress/done": job.done,
        "progress/total": (job.total,),
    }
    schema = flatten(source.data, here.rpartition("/")[0])
    for key, names in fields.items():
        yield from _lacking(
            source, f"{here}/{key}", schema, names, "the schema lacks", "Name a property, dotted from the schema"
        )
    values = [value for values in job.values.values() for value in values]
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield source.problem(f"{here}/state", f"gives {value} two states", "Give it one")
    if job.progress_of_children and job.children is None:
        yield source.problem(f"{here}/progress", "counts children, and none are declared", "Add children")


def _error_fits(source: Source, here: str, declared: dict[str, Any], _: dict[str, Any]) -> Iterator[Problem]:
    schema = flatten(source.data, here.rpartition("/")[0])
    for part, entries in attrs.asdict(ErrorMapping.from_extension(declared), recurse=False).items():
        fields = [entry for entry in entries if isinstance(entry, str)]
        yield from _lacking(source, f"{here}/{part}", schema, fields, "the schema lacks", "Name a property")


def _poll_fits(source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    poll, reply = PollSpec(**declared), _reply(source, here)
    if poll.argument:
        yield from _is_parameter(source, here, poll.argument, operation)
    elif missing := list(
        _lacking(source, here, reply, [poll.items], "the reply lacks", "Name a property of the reply")
    ):
        yield from missing
    else:
        items = reply.at(f"{poll.items}.*")
        yield from _lacking(source, here, items, [poll.match], "the items lack", "Name a property of the items")


def _pagination_fits(
    source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]
) -> Iterator[Problem]:
    pages = PaginationSpec(**declared)
    for name in (pages.offset, pages.limit):
        yield from _is_parameter(source, here, name, operation)
    fields = (pages.items, pages.count)
    yield from _lacking(source, here, _reply(source, here), fields, "the reply lacks", "Name a property of the reply")


def _is_parameter(source: Source, here: str, name: str, operation: dict[str, Any]) -> Iterator[Problem]:
    if not any(parameter.get("$ref", "").endswith(f"/{name}") for parameter in operation.get("parameters", [])):
        yield source.problem(here, f"names {name}, which is no parameter of the operation", "Name a parameter")


def _lacking(
    source: Source, here: str, schema: FlatSchema, fields: Iterable[str | None], lack: str, remedy: str
) -> Iterator[Problem]:
    for field in fields:
        if field and not schema.at(field).roots:
            yield source.problem(here, f"names the field {field}, which {lack}", remedy)


_FITS = {"x-job": _job_fits, "x-poll": _poll_fits, "x-pagination": _pagination_fits, "x-error": _error_fits}


def _reply(source: Source, here: str) -> FlatSchema:
    """The body of a 200 of the operation with this extension."""
    bodies = find(source.data, f"{here.rpartition('/')[0]}/responses/200/content/*/schema")
    return flatten(source.data, *(pointer for pointer, _ in islice(bodies, 1)))
