"""Recorded replies: as blocks to read, and as the place where fields get their examples from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from generator.docs.context import BundledService
from generator.docs.escaping import fenced
from generator.docs.service_page.schema_text import code, of_recording
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.documents import Recording
from generator.documents.json_pointer import child, find
from generator.documents.schema_view import FlatSchema, flatten
from generator.errors import Problem

_LONGEST = 90


def example_responses(each: BundledService, operation_id: str, problems: list[Problem]) -> Iterator[str]:
    """The recorded replies of an operation, the success first. What of a recording is not shown becomes a problem."""
    chosen = [recording for recording in each.service.recordings.values() if recording.operation == operation_id]
    for recording in sorted(chosen, key=lambda recording: (recording.status, recording.id)):
        file = SourceFile(recording.source.data, recording.source, problems)
        with file.reading("") as reply, file.reading("/provenance") as provenance, file.reading("/request") as request:
            yield _reply(recording, reply, provenance, request)


def phrase(status: str) -> str:
    """A status with its name."""
    return f"{status} {HTTPStatus(int(status)).phrase}" if status.isdecimal() else status


def _reply(recording: Recording, reply: StrictMapping, provenance: StrictMapping, request: StrictMapping) -> str:
    for shown in ("operation", "status", "content_type", "body", "request", "provenance"):
        reply.get(shown)
    body = json.dumps(recording.body, indent=2, ensure_ascii=False) if recording.is_json else recording.text
    given = {**request.get("path", {}), **request.get("query", {}), **request.get("headers", {})}
    asked = ", ".join(f"`{name}` {code(value)}" for name, value in given.items())
    if "invented" in request:
        asked += f"; made up: {', '.join(f'`{name}`' for name in request.get('invented'))}"
    notes = [" ".join(provenance.get(key, "").split()) for key in ("note", "repaired")]
    parts = [
        f"#### `{recording.id}` {{ #{of_recording(recording.id)} }}",
        f"{reply.get('summary')}. Status {phrase(str(recording.status))}, {code(recording.content_type)}.",
        fenced(body, "json" if recording.is_json else "text"),
        f"Asked with {asked}. From the {provenance.get('source')}: {provenance.get('location')}. {' '.join(notes)}",
    ]
    if "raw" in reply:
        raw = fenced(reply.get("raw"))
        parts.append(f"<details markdown>\n<summary>As the source has it</summary>\n\n{raw}\n\n</details>")
    return "\n\n".join(parts)


def examples(document: dict[str, Any]) -> dict[str, list[Any]]:
    """Values that recorded replies have, by the pointer of the property that they are values of; no value twice."""
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
    """An example value on one line, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
