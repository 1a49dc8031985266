"""Recordings: as blocks to read, and as the source of example values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ...documents import Recording
from ...documents.json_pointer import child, find
from ...documents.schema_view import FlatSchema, flatten
from ...errors import Problem
from ..context import BundledService
from ..escaping import fenced
from ..strict_mapping import SourceFile, StrictMapping
from .schema_text import code, of_recording

_LONGEST = 90


def example_responses(bundled: BundledService, operation_id: str, problems: list[Problem]) -> Iterator[str]:
    """Yield the recordings of an operation, 2xx first. Content of a recording that is not shown becomes a problem."""
    chosen = [recording for recording in bundled.service.recordings.values() if recording.operation == operation_id]
    for recording in sorted(chosen, key=lambda recording: (recording.status, recording.id)):
        file = SourceFile(recording.source.data, recording.source, problems)
        with file.reading("") as whole, file.reading("/provenance") as provenance, file.reading("/request") as request:
            yield _response(recording, whole, provenance, request)


def _response(recording: Recording, whole: StrictMapping, provenance: StrictMapping, request: StrictMapping) -> str:
    for shown in ("operation", "status", "content_type", "body", "request", "provenance"):
        whole.get(shown)
    body = json.dumps(recording.body, indent=2, ensure_ascii=False) if recording.is_json else recording.text
    values = {**request.get("path", {}), **request.get("query", {}), **request.get("headers", {})}
    arguments = ", ".join(f"`{name}` {code(value)}" for name, value in values.items())
    if "invented" in request:
        arguments += f"; made up: {', '.join(f'`{name}`' for name in request.get('invented'))}"
    notes = [" ".join(provenance.get(key, "").split()) for key in ("note", "repaired")]
    parts = [
        f"#### `{recording.id}` {{ #{of_recording(recording.id)} }}",
        f"{whole.get('summary')}. Status {phrase(str(recording.status))}, {code(recording.content_type)}.",
        fenced(body, "json" if recording.is_json else "text"),
        f"Asked with {arguments}. From the {provenance.get('source')}: {provenance.get('location')}. {' '.join(notes)}",
    ]
    if "raw" in whole:
        raw = fenced(whole.get("raw"))
        parts.append(f"<details markdown>\n<summary>As the source has it</summary>\n\n{raw}\n\n</details>")
    return "\n\n".join(parts)


def phrase(status: str) -> str:
    """Return a status with its name."""
    if status == "default":
        return "Any other error"
    return f"{status} {HTTPStatus(int(status)).phrase}" if status.isdecimal() else status


def examples(document: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the distinct values in recordings, by the pointer of their property."""
    found: dict[str, list[Any]] = {}

    def walk(schema: FlatSchema, value: Any) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                known = schema.member(name)
                for pointer in known.roots if not isinstance(member, dict | list) else ():
                    if member not in found.setdefault(pointer, []):
                        found[pointer].append(member)
                walk(known, member)
        if isinstance(value, list):
            for item in value:
                walk(schema.items, item)

    for pointer, media in find(document, "/paths/*/*/responses/*/content/*"):
        for example in media.get("examples", {}).values():
            walk(flatten(document, child(pointer, "schema")), example["value"])
    return found


def example_value(value: Any) -> str:
    """Return an example value on one line, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
