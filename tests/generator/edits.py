"""Edits of loaded services in memory. Places are JSON Pointers, in which `*` matches any segment."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import attrs

from generator.documents import Recording, Service, Source
from generator.documents.json_pointer import find, segments

Edit = Callable[[Any], None]


def put(pattern: str, value: Any) -> Edit:
    """Set a member or item; the segment `-` appends to a list."""

    def edit(data: Any) -> None:
        for place, key in _places(data, pattern):
            if isinstance(place, dict):
                place[key] = deepcopy(value)
            elif key == "-":
                place.append(deepcopy(value))
            else:
                place[int(key)] = deepcopy(value)

    return edit


def drop(pattern: str) -> Edit:
    """Remove a member or item."""

    def edit(data: Any) -> None:
        for place, key in _places(data, pattern):
            del place[key if isinstance(place, dict) else int(key)]

    return edit


def last(pattern: str) -> Edit:
    """Move a member to the end."""

    def edit(data: Any) -> None:
        for place, key in _places(data, pattern):
            place[key] = place.pop(key)

    return edit


def all_of(*edits: Edit) -> Edit:
    """Return an edit that applies several edits in turn."""

    def edit(data: Any) -> None:
        for each in edits:
            each(data)

    return edit


def nothing(data: Any) -> None:
    """Leave the data as they are."""


def edited(source: Source, edit: Edit) -> Source:
    """Return a file with its data edited; its lines are those of the original."""
    data = deepcopy(source.data)
    edit(data)
    return attrs.evolve(source, data=data)


def with_document(service: Service, edit: Edit) -> Service:
    return attrs.evolve(service, document=edited(service.document, edit))


def with_evidence(service: Service, edit: Edit) -> Service:
    return attrs.evolve(service, evidence=edited(service.evidence, edit))


def with_recording(service: Service, name: str, edit: Edit) -> Service:
    """Return a service with one recording edited; the edit gets the parsed body if it is JSON."""
    recording = service.recordings[name]

    def with_parsed_body(data: dict[str, Any]) -> None:
        if recording.is_json:
            data["body"] = recording.body
        edit(data)
        if recording.is_json:
            data["body"] = json.dumps(data["body"])

    changed = Recording(name, edited(recording.source, with_parsed_body))
    return attrs.evolve(service, recordings={**service.recordings, name: changed})


def _places(data: Any, pattern: str) -> list[tuple[Any, str]]:
    parent, _, _ = pattern.rpartition("/")
    places = [(place, segments(pattern)[-1]) for _, place in find(data, parent)]
    assert places, f"there is nothing at {parent}"
    return places
