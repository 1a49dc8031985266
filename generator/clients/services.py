"""The extensions of a document as plain data, from which wait packages of all languages read and await jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..documents import OperationRef, Service
from ..documents.field_paths import KeyedItem, steps
from ..documents.json_pointer import child, resolve
from ..documents.mappings import (
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


def service_data(service: Service) -> dict[str, Any] | None:
    """Return the data of a service: its request for a job, its jobs and its errors. None without a job to wait for."""
    document = service.document.data
    found = [(each, poll) for each in service.operations if (poll := PollSpec.from_operation(each.definition))]
    # A wait asks for one job where it can.
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
    """A path as steps: a name, an index, or the key and text of an item."""
    return [{"key": step.name, "text": step.text} if isinstance(step, KeyedItem) else step for step in steps(path)]


def _place(place: str | Header) -> dict[str, Any]:
    return {"header": place.name} if isinstance(place, Header) else {"path": _path(place)}
