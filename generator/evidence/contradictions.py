"""Runs the checks of every contradiction: each is true as long as the contradiction stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from generator.documents import Service
from generator.documents.json_pointer import find
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
