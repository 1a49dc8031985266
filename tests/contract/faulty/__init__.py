"""Recordings with one known fault each, made from our own by the edits of `recordings.yaml`."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import attrs

from generator.contract import export_har
from generator.documents import Service, load
from generator.documents.json_pointer import resolve, segments

FILE = Path(__file__).parent / "recordings.yaml"


@attrs.frozen
class FaultyRecording:
    """A recording with a fault."""

    id: str
    service: str
    rule: str
    """The expected findings."""
    pointer: str | None
    """Pointer of the fault in the body."""
    har: dict[str, Any] = attrs.field(repr=False)
    """A HAR file with only this entry."""


def faulty(services: list[Service]) -> list[FaultyRecording]:
    """Return all faulty recordings."""
    return [_faulty(services, edit) for edit in load(FILE).data]


def _faulty(services: list[Service], edit: dict[str, Any]) -> FaultyRecording:
    name, _, recording = edit["recording"].partition("/")
    (service,) = (each for each in services if each.name == name)
    har = deepcopy(export_har([attrs.evolve(service, recordings={recording: service.recordings[recording]})]))
    (entry,) = har["log"]["entries"]
    _edit_request(entry["request"], edit)
    _edit_response(entry["response"], edit)
    entry["comment"] = f"{edit['id']}: {edit['summary']}"
    return FaultyRecording(edit["id"], name, edit["rule"], edit.get("pointer"), har)


def _edit_request(request: dict[str, Any], edit: dict[str, Any]) -> None:
    request["method"] = edit.get("method", request["method"])
    for old, new in edit.get("replace", {}).items():
        assert old in request["url"]
        request["url"] = request["url"].replace(old, new)
    if "query" in edit:
        request["url"] = urlunsplit(urlsplit(request["url"])._replace(query=urlencode(edit["query"])))
        request["queryString"] = [{"name": name, "value": value} for name, value in edit["query"].items()]


def _edit_response(response: dict[str, Any], edit: dict[str, Any]) -> None:
    content = response["content"]
    response["status"] = edit.get("status", response["status"])
    text = edit.get("body", content["text"])
    if edit.keys() & {"put", "remove"}:
        body = json.loads(text)
        for pointer, value in edit.get("put", {}).items():
            _owner(body, pointer)[segments(pointer)[-1]] = value
        for pointer in edit.get("remove", ()):
            del _owner(body, pointer)[segments(pointer)[-1]]
        text = json.dumps(body)
    if "media_type" in edit:
        response["headers"] = [{"name": "Content-Type", "value": edit["media_type"]}]
        content["mimeType"] = edit["media_type"]
    size = len(text.encode())
    content |= {"text": text, "size": size}
    response["bodySize"] = size


def _owner(body: Any, pointer: str) -> Any:
    return resolve(body, pointer.rpartition("/")[0])
