"""Writes the application's own refusals in the shape that the document gives the operation's errors.

What it writes is valid by the document, or it is plain text. It is no recorded reply, and its code says so.
"""

from __future__ import annotations

import json
from typing import Any

from ._answers import Answer, plain
from ._schemas import flat, resolved, smallest, validator


class Failures:
    """The failures that one operation declares."""

    def __init__(self, document: dict[str, Any], responses: dict[str, Any]) -> None:
        self._shapes = {
            status: [
                (media_type, _Shape(document, media.get("schema", {})))
                for media_type, media in resolved(document, response).get("content", {}).items()
                if is_json(media_type)
            ]
            for status, response in responses.items()
        }

    def reply(self, status: int, message: str) -> Answer:
        """A failure of that status with that message."""
        keys = (str(status), f"{status // 100}XX", "default")
        for media_type, shape in next((self._shapes[key] for key in keys if key in self._shapes), ()):
            body = shape.body(status, message)
            if shape.takes(body):
                text = json.dumps(body, ensure_ascii=False)
                return Answer(status, media_type, text.encode("utf-8", "backslashreplace"))
        return plain(status, message)


class _Shape:
    """The schema of an error's body."""

    def __init__(self, document: dict[str, Any], schema: dict[str, Any]) -> None:
        self.takes = validator(document, schema).is_valid
        self._places: dict[str, list[Any]] = flat(document, schema).get("x-error", {})
        self._smallest = smallest(document, schema)

    def body(self, status: int, message: str) -> Any:
        """The smallest body that says the message, as far as the schema has a place for it."""
        if not self._places and self.takes(message):
            return message
        body = self._saying(self._smallest, "code", f"Replay.{status}", status)
        return self._saying(body, "message", message)

    def _saying(self, body: Any, part: str, *values: Any) -> Any:
        """The body with one of the values in the first field for the part that takes it; a closed list does not."""
        for field in self._places.get(part, ()):
            # Another place of a part is a response header.
            if isinstance(field, str) and isinstance(body, dict):
                for value in values:
                    said = _put(body, field, value)
                    if self.takes(said):
                        return said
        return body


def is_json(media_type: str) -> bool:
    """Whether a media type is one of JSON."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def _put(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """A copy of the body with the value at the dotted field."""
    name, _, rest = field.partition(".")
    inner = body.get(name)
    return {**body, name: _put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
