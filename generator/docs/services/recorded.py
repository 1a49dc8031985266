"""Recorded replies: as blocks to read, and as the place where fields get their examples from."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from generator.docs.material import Prepared
from generator.docs.services.anchors import of_recording
from generator.documents import Recording
from generator.documents.pointers import child

_LONGEST = 90


def replies(each: Prepared, operation_id: str) -> list[str]:
    """The recorded replies of an operation, the success first."""
    chosen = [recording for recording in each.service.recordings.values() if recording.operation == operation_id]
    return [_reply(recording) for recording in sorted(chosen, key=lambda recording: (recording.status, recording.id))]


def phrase(status: str) -> str:
    """A status with its name."""
    return f"{status} {HTTPStatus(int(status)).phrase}" if status.isdecimal() else status


def _reply(recording: Recording) -> str:
    data = recording.source.data
    body = json.dumps(recording.body, indent=2, ensure_ascii=False) if recording.is_json else recording.text
    provenance = data["provenance"]
    notes = [f"{provenance[key]}" for key in ("note", "repaired") if key in provenance]
    raw = (
        f"""
<details markdown>
<summary>As the source has it</summary>

```text
{data["raw"].rstrip()}
```

</details>
"""
        if "raw" in data
        else ""
    )
    return f"""#### `{recording.id}` {{ #{of_recording(recording.id)} }}

{data["summary"]}. Status {phrase(str(recording.status))}, `{recording.content_type}`.

```{"json" if recording.is_json else "text"}
{body}
```

From the {provenance["source"]}: {provenance["place"]}. {" ".join(" ".join(note.split()) for note in notes)}
{raw}"""


def examples(document: dict[str, Any]) -> dict[str, list[Any]]:
    """Values that recorded replies have, by the pointer of the property that they are values of; no value twice."""
    found: dict[str, list[Any]] = {}

    def walk(pointer: str, schema: dict[str, Any], value: Any) -> None:
        for part in schema.get("allOf", [])[:1]:
            walk(pointer, part, value)
        if "$ref" in schema:
            target = schema["$ref"][1:]
            walk(target, document["components"]["schemas"][target.rpartition("/")[2]], value)
            return
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            for name, member in value.items():
                if name in properties:
                    here = child(child(pointer, "properties"), name)
                    if not isinstance(member, dict | list) and member not in found.setdefault(here, []):
                        found[here].append(member)
                    walk(here, properties[name], member)
        if isinstance(value, list):
            for item in value:
                walk(pointer, schema.get("items", {}), item)

    for path in document["paths"].values():
        for method in path.values():
            for response in method["responses"].values():
                for media in response["content"].values():
                    for example in media.get("examples", {}).values():
                        walk("", media["schema"], example["value"])
    return found


def shown(value: Any) -> str:
    """An example value on one line, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
