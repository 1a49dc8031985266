"""Packages that wait for jobs in other languages: hand-written code, with the extensions of the documents as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..documents import OperationRef, Service
from ..documents.json_pointer import KeyedItem, child, resolve, steps
from ..documents.mappings import (
    FINAL_STATES,
    STATES,
    ErrorMapping,
    FieldTest,
    Header,
    JobMapping,
    PaginationSpec,
    PollSpec,
    TimestampMapping,
    with_lists,
)
from ..documents.schema_view import FlatSchema, flatten
from ..documents.workspace import is_json
from ..errors import Problem, ValidationError

RECIPES = Path(__file__).parent
"""A folder for each language: settings of its generators, and in `wait/` the hand-written code."""

_MARK = "Written by the generator from the OpenAPI documents; changes are lost."

Files = dict[str, str]


def wait_package(language: str, services: Iterable[Service]) -> Files:
    """Return the files of a wait package by their relative paths.

    Raises:
        ValidationError: A service has no operation with `x-poll`.
    """
    found = {service.name: (service, service_data(service)) for service in services}
    problems = [_missing(service) for service, data in found.values() if data is None]
    if problems:
        raise ValidationError(problems)
    folder = RECIPES / language / "wait"
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    return {**files, **LANGUAGES[language]({name: data for name, (_, data) in found.items() if data is not None})}


def _missing(service: Service) -> Problem:
    remedy = "Add x-poll to the operation that returns a job, or choose other services with --services"
    return service.document.problem("/paths", "must have an operation with x-poll, got none", remedy)


def _typescript(services: Mapping[str, Any]) -> Files:
    states = " | ".join(f'"{state}"' for state in (*STATES, "unknown"))
    lines = [f"// {_MARK}", "", 'import type { Service } from "./wait.js";', ""]
    lines += ["/** State of a job. `unknown` is a value that the document does not list; it is never final. */"]
    lines += [f"export type JobState = {states};", ""]
    lines += [f"export const FINAL_STATES: readonly JobState[] = {json.dumps(FINAL_STATES)};", ""]
    for name, data in services.items():
        text = json.dumps(data, indent=2, ensure_ascii=False)
        lines += [f"/** {data['operation']} of {name}. */", f"export const {_camel(name)}: Service = {text};", ""]
    return {"services.ts": "\n".join(lines)}


def _java(services: Mapping[str, Any]) -> Files:
    lines = [f"// {_MARK}", "package cloudjobs.wait;", "", "/** The services. */", "public final class Services {"]
    lines += ["    private Services() {}", ""]
    for name, data in services.items():
        text = json.dumps(data, indent=1, ensure_ascii=True).replace("\\", "\\\\").replace('"""', '\\"""')
        lines += [f"    /** {data['operation']} of {name}. */"]
        lines += [f'    public static final Service {name.upper()} = Service.parse("""']
        lines += [*(f"        {line}" for line in text.splitlines()), '        """);', ""]
    states = ", ".join(state.upper() for state in (*STATES, "unknown"))
    final = " || ".join(f"this == {state.upper()}" for state in FINAL_STATES)
    state = f"""// {_MARK}
package cloudjobs.wait;

/** State of a job, the same for all services. UNKNOWN is a value that the document does not list; it is never final. */
public enum JobState {{
    {states};

    public boolean isFinal() {{
        return {final};
    }}
}}
"""
    return {"Services.java": "\n".join([*lines[:-1], "}", ""]), "JobState.java": state}


LANGUAGES: dict[str, Callable[[Mapping[str, Any]], Files]] = {"typescript": _typescript, "java": _java}
"""The languages with a wait package, each with the function that writes the data of its services."""


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


# The data of a service


def service_data(service: Service) -> dict[str, Any] | None:
    """Return the data of a service: its request for a job, its jobs and its errors. None if no job can be awaited."""
    document = service.document.data
    found = [(each, poll) for each in service.operations if (poll := PollSpec.from_operation(each.definition))]
    # A wait requests one job if an operation allows that, otherwise a listing.
    found.sort(key=lambda each: each[1].is_listing)
    if not found:
        return None
    operation, poll = found[0]
    jobs: dict[str, Any] = {}
    views = (view.at(poll.place) for view in _responses(document, operation))
    job = next((_job(view, jobs) for view in views if view.first("x-job")), None)
    pages = PaginationSpec.from_operation(operation.definition)
    errors = ErrorMapping.of_document(document) or ErrorMapping()
    return {
        "service": service.name,
        "operation": operation.id,
        "method": operation.method.upper(),
        "path": operation.path,
        "parameters": [
            {"name": each["name"], "in": each["in"], "required": bool(each.get("required"))}
            for each in _parameters(document, operation)
            if each["in"] != "cookie"
        ],
        "headers": operation.definition.get("x-request-headers", {}),
        "poll": {
            "argument": poll.argument,
            "body": poll.body,
            "bodyIsList": bool(poll.body) and _is_list(document, operation, poll.body),
            "url": poll.url,
            "job": _path(poll.job) if poll.job else [],
            "items": _path(poll.items) if poll.items else None,
            "match": _path(poll.match) if poll.match else [],
            "interval": poll.interval,
            "statuses": dict(poll.statuses),
        },
        "pages": _pages(pages) if pages else None,
        "job": job,
        "jobs": jobs,
        "errors": {
            "code": list(map(_place, errors.code)),
            "message": list(map(_place, errors.message)),
            "requestId": list(map(_place, errors.request_id)),
        },
    }


def _responses(document: dict[str, Any], operation: OperationRef) -> Iterator[FlatSchema]:
    for status, response in operation.definition["responses"].items():
        for media_type in response.get("content", ()) if status.startswith("2") else ():
            if is_json(media_type):
                pointer = child(operation.pointer, "responses", status, "content", media_type, "schema")
                yield flatten(document, pointer)


def _parameters(document: dict[str, Any], operation: OperationRef) -> Iterable[dict[str, Any]]:
    levels = (document["paths"][operation.path], operation.definition)
    stated = [each for level in levels for each in level.get("parameters", ())]
    found = [resolve(document, each["$ref"][1:]) if "$ref" in each else each for each in stated]
    return {(each["in"], each["name"]): each for each in found}.values()


def _is_list(document: dict[str, Any], operation: OperationRef, field: str) -> bool:
    content = operation.definition["requestBody"]["content"]
    media_type = next(filter(is_json, content))
    pointer = child(operation.pointer, "requestBody", "content", media_type, "schema")
    return "array" in flatten(document, pointer).at(field).types


# Jobs


def _job(schema: FlatSchema, jobs: dict[str, Any]) -> str:
    """Add the mapping of a job and its children, and return its name."""
    name = schema.component or schema.pointer or ""
    if name in jobs:
        return name
    jobs[name] = {}
    mapping = with_lists(JobMapping.from_extension(schema.first("x-job")), schema)
    jobs[name] = {
        "id": _paths(mapping.id),
        "states": [{"is": each.state, "when": list(map(_test, each.tests))} for each in mapping.rules],
        "otherwise": mapping.otherwise or "unknown",
        "reason": _paths(mapping.reason),
        "code": _paths(mapping.code),
        "children": [child for path in mapping.children if (child := _children(schema, path, jobs))],
        "started": _timestamp(mapping.started),
        "ended": _timestamp(mapping.ended),
        "progress": {
            "ofChildren": mapping.progress_of_children,
            "fields": _paths(mapping.progress),
            "full": mapping.progress_full or 100,
            "format": mapping.progress_format or "number",
            "done": _paths(mapping.done),
            "total": _path(mapping.total) if mapping.total else None,
        },
    }
    return name


def _children(schema: FlatSchema, path: str, jobs: dict[str, Any]) -> dict[str, Any] | None:
    view = schema.at(path)
    kinds = {"list": view.items, "one": view, "map": view.others}
    for kind, inner in kinds.items():
        if inner.roots and inner.first("x-job"):
            return {"path": _path(path), "kind": kind, "job": _job(inner, jobs)}
    return None


def _test(test: FieldTest) -> dict[str, Any]:
    return {
        "fields": _paths(test.fields),
        "values": list(test.values),
        "ofItems": test.of_items,
        "present": test.present,
        "minimum": test.minimum,
        "maximum": test.maximum,
    }


def _timestamp(mapping: TimestampMapping | None) -> dict[str, Any] | None:
    if mapping is None:
        return None
    return {
        "fields": _paths(mapping.fields),
        "formats": list(mapping.formats),
        "zone": mapping.zone,
        "whenTerminal": mapping.when_terminal,
    }


def _pages(pages: PaginationSpec) -> dict[str, Any]:
    return {
        "offset": pages.offset,
        "page": pages.page,
        "first": pages.first,
        "token": pages.token,
        "next": _place(pages.next) if pages.next else None,
        "total": _path(pages.total) if pages.total else None,
        "more": _path(pages.more) if pages.more else None,
    }


# Paths


def _paths(paths: Iterable[str]) -> list[list[Any]]:
    return [_path(path) for path in paths]


def _path(path: str) -> list[Any]:
    """Return a path as steps: a name, an index, or the key and text of an item."""
    return [{"key": step.name, "text": step.text} if isinstance(step, KeyedItem) else step for step in steps(path)]


def _place(place: str | Header) -> dict[str, Any]:
    return {"header": place.name} if isinstance(place, Header) else {"path": _path(place)}
