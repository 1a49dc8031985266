"""What cases start from: recorded exchanges, and where none is recorded, the nearest that the evidence allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.contract.cases.case import Draft
from generator.contract.cases.nodes import Node
from generator.contract.cases.stated import Stated, Statement
from generator.contract.cases.values import good
from generator.documents import Operation, Recording, Service
from generator.documents.json_pointer import child

_RANGES = {"4XX": (418, 451, 499), "5XX": (599, 598), "default": (599, 598)}
"""Statuses that stand for a range: none that a service is likely to list."""


@attrs.frozen
class Base:
    """An exchange that must pass."""

    name: str
    operation: Operation
    response: Statement
    """The entry that says that there is such a reply."""
    pointer: str
    """Of the response in the document."""
    content: Statement | None
    """The entry that says of what media type the reply is."""
    node: Node
    draft: Draft

    @property
    def is_inferred(self) -> bool:
        """Whether checks leave this response out."""
        return self.response.confidence == "inferred"


def bases(service: Service, stated: Stated) -> Iterator[Base]:
    """One exchange for each recorded reply, and one for each other reply that the evidence speaks of."""
    for operation in service.operations:
        recordings = [each for each in service.recordings.values() if each.operation == operation.id]
        request = next((each for each in recordings if each.status < 400), next(iter(recordings), None))
        responses = child(operation.pointer, "responses")
        named = stated.names(responses)
        for status in named:
            pointer = child(responses, status)
            response, content = stated.at(pointer), stated.at(child(pointer, "content"))
            if response is None or request is None:
                continue
            for media_type in content.value if content else ():
                node = Node.at(stated, child(child(child(pointer, "content"), media_type), "schema"))
                fitting = [
                    each for each in recordings if str(each.status) == status and each.content_type == media_type
                ]
                chosen: list[Recording | None] = [*fitting] or [None]
                for recording in chosen:
                    of = recording or _alike(stated, recordings, responses, node) or request
                    body = recording.body if recording else _body(stated, recordings, responses, node)
                    yield Base(
                        recording.id if recording else status,
                        operation,
                        response,
                        pointer,
                        content,
                        node,
                        _draft(service, stated, operation, of, _status(status, named), media_type, body),
                    )


def method_and_path(service: Service, operation: Operation) -> tuple[str, str]:
    """Those of an operation, as the row says that is carried by it."""
    for row in service.evidence.data["rows"]:
        if row["kind"] == "operation":
            method, _, path = row["name"].partition(" ")
            if len(service.operations) == 1 or path == operation.path:
                return method, path
    return operation.method.upper(), operation.path


def _draft(
    service: Service,
    stated: Stated,
    operation: Operation,
    recording: Recording,
    status: int,
    media_type: str,
    body: Any,
) -> Draft:
    method, template = method_and_path(service, operation)
    request = recording.source.data["request"]
    headers = child(operation.pointer, "x-request-headers")
    return Draft(
        service=service.name,
        method=method,
        template=template,
        path=request["path"],
        query=request.get("query", {}),
        headers=request.get("headers", {}),
        demanded={name: stated.value(child(headers, name)) for name in stated.names(headers)},
        status=status,
        media_type=media_type,
        body=body,
    )


def _status(status: str, named: tuple[str, ...]) -> int:
    if status.isdecimal():
        return int(status)
    return next(each for each in _RANGES[status] if str(each) not in named)


def _alike(stated: Stated, recordings: list[Recording], responses: str, node: Node) -> Recording | None:
    """A recorded reply of the same form."""
    for each in recordings:
        place = child(child(child(child(responses, each.status), "content"), each.content_type), "schema")
        if Node.at(stated, place).parts[1:] == node.parts[1:]:
            return each
    return None


def _body(stated: Stated, recordings: list[Recording], responses: str, node: Node) -> Any:
    recording = _alike(stated, recordings, responses, node)
    return recording.body if recording else good(node)
