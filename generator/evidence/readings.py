"""Holds the readings of the evidence against the recordings that their examples are made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from generator.documents import Service
from generator.documents.json_pointer import NotThere, child, resolve
from generator.errors import Problem

_THERE = ("id", "children")
"""What a reading tells that the recorded job must have."""
_MEND = "Mend the reading, or name another recording"


def broken_readings(service: Service) -> Iterator[Problem]:
    """The readings of which no examples can be made."""
    for index, reading in enumerate(service.evidence.data.get("readings", [])):
        for place, message in _problems(service, reading):
            yield service.evidence.problem(f"/readings/{index}{place}", f"{reading['id']}: {message}", _MEND)


def _problems(service: Service, reading: dict[str, Any]) -> Iterator[tuple[str, str]]:
    recording = service.recordings.get(reading["recording"])
    if recording is None:
        yield "/recording", f"there is no recording {reading['recording']}"
        return
    if not isinstance(_value(recording.body, reading["job"]), dict):
        yield "/job", f"{recording.id} has no object at {reading['job'] or 'the top'}"
        return
    for place, pointer, must_be_there in _pointers(reading):
        outer = _value(recording.body, pointer.rpartition("/")[0])
        if not isinstance(outer, dict | list) or (must_be_there and _value(recording.body, pointer) is None):
            yield place, f"{recording.id} has nothing at {pointer}"
    asked = reading.get("asked")
    if asked is not None and asked not in recording.source.data["request"]["path"]:
        yield "/asked", f"the request of {recording.id} has no {asked} in its path"
    for which in ("started", "ended"):
        for number, example in enumerate(reading["tells"].get(which, {}).get("examples", [])):
            if example["is"] is not None and not _is_moment(example["is"]):
                yield (
                    f"/tells/{which}/examples/{number}/is",
                    f"{example['is']!r} is no moment with its zone, by ISO 8601",
                )


def _pointers(reading: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Place of each pointer in the reading, the pointer from the body, and whether something must be there."""
    job = reading["job"]
    for key, told in reading["tells"].items():
        if isinstance(told, dict) and "at" in told:
            yield f"/tells/{key}/at", job + told["at"], key in _THERE
    for number, example in enumerate(reading["tells"].get("progress", [])):
        for pointer in example["set"]:
            yield child(f"/tells/progress/{number}/set", pointer), job + pointer, False
    for key in ("items", "count"):
        if key in reading.get("pages", {}):
            yield f"/pages/{key}", reading["pages"][key], True


def _value(data: Any, pointer: str) -> Any:
    try:
        return resolve(data, pointer)
    except NotThere:
        return None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
