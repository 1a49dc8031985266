"""Checks of the evidence: those of every contradiction, and its interpretations of recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jsonschema_rs

from ..documents import Service
from ..documents.json_pointer import PointerNotFound, child, find, resolve
from ..errors import Problem


def broken_checks(service: Service) -> Iterator[Problem]:
    """Checks of contradictions that no longer hold."""
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for number, check in enumerate(entry["checks"]):
            if failure := _failure(service, check):
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
            return f"the recording {check['recording']} does not exist"
        if "raw" in check:
            is_invalid = _is_not_json(recording.source.data.get("raw"))
            return None if is_invalid else f"the raw text of {recording.id} is JSON or missing"
        data = recording.as_data
        where = f"{recording.id} at {check['pointer']}"
    found = [value for _, value in find(data, check.get("document") or check["pointer"])]
    try:
        valid = sum(jsonschema_rs.is_valid(check["schema"], value) for value in found)
    except ValueError as error:
        return f"its schema is invalid ({str(error).partition(chr(10))[0]})"
    if "count" in check:
        message = f"{valid} of {len(found)} values satisfy it, not {check['count']}, in {where}"
        return None if valid == check["count"] else message
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


def broken_interpretations(service: Service) -> Iterator[Problem]:
    """Interpretations that do not fit their recording, so that no examples can be made of them."""
    for index, interpretation in enumerate(service.evidence.data.get("interpretations", [])):
        for where, message in _problems(service, interpretation):
            yield service.evidence.problem(
                f"/interpretations/{index}{where}",
                f"{interpretation['id']}: {message}",
                "Correct the interpretation, or name another recording",
            )


def _problems(service: Service, interpretation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    recording, job = service.recordings.get(interpretation["recording"]), interpretation["job"]
    if recording is None:
        yield "/recording", f"the recording {interpretation['recording']} does not exist"
        return
    if not isinstance(value_at(recording.body, job), dict):
        yield "/job", f"{recording.id} has no object at {job or 'the top'}"
        return
    for where, pointer, must_exist in _pointers(interpretation):
        outer = value_at(recording.body, pointer.rpartition("/")[0])
        if not isinstance(outer, dict | list) or (must_exist and value_at(recording.body, pointer) is None):
            yield where, f"{recording.id} has nothing at {pointer}"
    parameter = interpretation.get("id_parameter")
    if parameter is not None and parameter not in recording.source.data["request"]["path"]:
        yield "/id_parameter", f"the request of {recording.id} has no {parameter} in its path"
    for which in ("started", "ended"):
        for number, example in enumerate(interpretation.get("expect", {}).get(which, {}).get("examples", [])):
            timestamp = example["equals"]
            if timestamp is not None and not _is_timestamp(timestamp):
                where = f"/expect/{which}/examples/{number}/equals"
                yield where, f"{timestamp!r} is not a moment with its zone, by ISO 8601"
        for number, example in enumerate(interpretation.get("examples", [])):
            timestamp = example["equals"].get(which)
            if timestamp is not None and not _is_timestamp(timestamp):
                where = f"/examples/{number}/equals/{which}"
                yield where, f"must be a timestamp with its zone, by ISO 8601, got {timestamp!r}"


def _pointers(interpretation: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Location of each pointer in the interpretation, the pointer from the body, and whether it must exist there."""
    job, expect = interpretation["job"], interpretation.get("expect", {})
    for key, value in expect.items():
        if isinstance(value, dict) and "pointer" in value:
            yield f"/expect/{key}/pointer", job + value["pointer"], key in ("id", "children")
    for number, example in enumerate(expect.get("progress", [])):
        for pointer in example["set"]:
            yield child(f"/expect/progress/{number}/set", pointer), job + pointer, False
    for number, example in enumerate(interpretation.get("examples", [])):
        for pointer in example.get("set", {}):
            yield child(f"/examples/{number}/set", pointer), job + pointer, False
    for key, pointer in interpretation.get("pagination", {}).items():
        if key in ("items", "count"):
            yield f"/pagination/{key}", pointer, True


def value_at(data: Any, pointer: str) -> Any:
    """The value at a pointer, or None."""
    try:
        return resolve(data, pointer)
    except PointerNotFound:
        return None


def _is_timestamp(string: str) -> bool:
    try:
        return datetime.fromisoformat(string).tzinfo is not None
    except ValueError:
        return False
