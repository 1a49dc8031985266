"""Checks of the evidence: those of every contradiction, and its interpretations of recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jsonschema_rs

from generator.documents import Service
from generator.documents.json_pointer import PointerNotFound, child, find, resolve
from generator.errors import Problem


def broken_checks(service: Service) -> Iterator[Problem]:
    """The checks that no longer hold."""
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for number, check in enumerate(entry["checks"]):
            failure = _failure(service, check)
            if failure:
                yield service.evidence.problem(
                    f"/contradictions/{index}/checks/{number}",
                    f"{entry['id']}: no longer true, {failure}",
                    "Look at the page and the recording again, and decide anew",
                )


def _failure(service: Service, check: dict[str, Any]) -> str | None:
    data: Any = service.document.data
    where = f"the document at {check.get('document')}"
    if "recording" in check:
        recording = service.recordings.get(check["recording"])
        if recording is None:
            return f"there is no recording {check['recording']}"
        if "raw" in check:
            return (
                None
                if _is_not_json(recording.source.data.get("raw"))
                else f"the raw text of {recording.id} is JSON or missing"
            )
        data = recording.as_data
        where = f"{recording.id} at {check['pointer']}"
    found = [value for _, value in find(data, check.get("document") or check["pointer"])]
    try:
        valid = sum(jsonschema_rs.is_valid(check["schema"], value) for value in found)
    except ValueError as error:
        return f"its schema is none ({str(error).partition(chr(10))[0]})"
    if "count" in check:
        return (
            None
            if valid == check["count"]
            else f"{valid} of {len(found)} values satisfy it, not {check['count']}, in {where}"
        )
    if not found:
        return f"there is nothing in {where}"
    return None if valid == len(found) else f"{len(found) - valid} of {len(found)} values do not satisfy it, in {where}"


def _is_not_json(raw: str | None) -> bool:
    if raw is None:
        return False
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return True
    return False


_THERE = ("id", "children")
"""What a reading tells that the recorded job must have."""

_MEND = "Mend the reading, or name another recording"


def broken_interpretations(service: Service) -> Iterator[Problem]:
    """The readings of which no examples can be made."""
    for index, reading in enumerate(service.evidence.data.get("interpretations", [])):
        for place, message in _problems(service, reading):
            yield service.evidence.problem(f"/interpretations/{index}{place}", f"{reading['id']}: {message}", _MEND)


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
    asked = reading.get("id_parameter")
    if asked is not None and asked not in recording.source.data["request"]["path"]:
        yield "/id_parameter", f"the request of {recording.id} has no {asked} in its path"
    for which in ("started", "ended"):
        for number, example in enumerate(reading["expect"].get(which, {}).get("examples", [])):
            if example["equals"] is not None and not _is_moment(example["equals"]):
                yield (
                    f"/expect/{which}/examples/{number}/equals",
                    f"{example['equals']!r} is no moment with its zone, by ISO 8601",
                )


def _pointers(reading: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Place of each pointer in the reading, the pointer from the body, and whether something must be there."""
    job = reading["job"]
    for key, told in reading["expect"].items():
        if isinstance(told, dict) and "pointer" in told:
            yield f"/expect/{key}/pointer", job + told["pointer"], key in _THERE
    for number, example in enumerate(reading["expect"].get("progress", [])):
        for pointer in example["set"]:
            yield child(f"/expect/progress/{number}/set", pointer), job + pointer, False
    for key in ("items", "count"):
        if key in reading.get("pagination", {}):
            yield f"/pagination/{key}", reading["pagination"][key], True


def _value(data: Any, pointer: str) -> Any:
    try:
        return resolve(data, pointer)
    except PointerNotFound:
        return None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
