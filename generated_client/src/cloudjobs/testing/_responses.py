# Generated from generator/client/runtime/testing/_responses.py. Do not edit: change that, and run `make generate`.
"""Responses of a replay: recorded ones, errors in the form of the document, slow or broken delivery.

What it writes is valid by the document, or it is plain text. It is no recorded reply, and its code says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ._faults import Fault
from ._schemas import merge_all_of, minimal_instance, resolved, validator

_CHUNKS = 10
"""In how many pieces a slow body comes."""

_NEW_FIELD = "replayUndocumented"

_NEW_VALUE = "ReplayNewValue"


@attrs.frozen
class CannedResponse:
    """A reply."""

    status: int
    content_type: str
    body: bytes = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """Further headers."""
    delay: float = 0
    """Seconds before it."""
    slow_body: float = 0
    """Seconds that its body takes."""
    truncate: bool = False
    """Its connection is closed halfway through the body."""
    reset: bool = False
    """Its connection is reset in place of it."""

    @property
    def head(self) -> list[tuple[str, str]]:
        """All its headers."""
        return [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            *self.headers.items(),
        ]

    def course(self) -> Iterator[float | bytes]:
        """The body as it comes: bytes, and pauses in seconds."""
        body = self.body[: len(self.body) // 2] if self.truncate else self.body
        if not self.slow_body:
            yield body
            return
        size = -(-len(body) // _CHUNKS) or 1
        for number in range(_CHUNKS):
            yield self.slow_body / _CHUNKS
            yield body[number * size : (number + 1) * size]

    def sent_with(self, fault: Fault) -> CannedResponse:
        """The same reply, with what a fault does to its sending and its headers."""
        headers = dict(self.headers)
        if fault.retry_after is not None:
            after = fault.retry_after
            headers["retry-after"] = f"{after:g}" if isinstance(after, int | float) else after
        return attrs.evolve(
            self,
            body=self.body[: len(self.body) // 2] if fault.invalid_json else self.body,
            headers=headers,
            delay=fault.delay,
            slow_body=fault.slow_body,
            truncate=fault.truncate,
            reset=fault.reset,
        )


def plain(status: int, text: str, **headers: str) -> CannedResponse:
    """A reply in words."""
    return CannedResponse(status, "text/plain; charset=utf-8", text.encode("utf-8", "backslashreplace"), headers)


def deviating(text: str, fault: Fault, items: str | None, state: tuple[str, ...]) -> str:
    """A body that deviates from its document as a fault says; one that is no object stays as it is.

    Args:
        text: The body.
        fault: What is to be wrong.
        items: Of a listing, the name of its list.
        state: Where the state of a job stands, in the body or in each row.
    """
    body = json.loads(text)
    if not isinstance(body, dict):
        return text
    if fault.undocumented_field:
        body[_NEW_FIELD] = True
    if fault.new_value and state:
        for job in body[items] if items is not None else [body]:
            _set_value(job, state, _NEW_VALUE)
    return json.dumps(body, ensure_ascii=False)


def _set_value(body: Any, path: tuple[str, ...], value: str) -> None:
    *outer, last = path
    for name in outer:
        body = body.get(name) if isinstance(body, dict) else None
    if isinstance(body, dict):
        body[last] = value


class ErrorResponses:
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

    def reply(self, status: int, message: str) -> CannedResponse:
        """A failure of that status with that message."""
        keys = (str(status), f"{status // 100}XX", "default")
        for media_type, shape in next((self._shapes[key] for key in keys if key in self._shapes), ()):
            body = shape.body(status, message)
            if shape.takes(body):
                text = json.dumps(body, ensure_ascii=False)
                return CannedResponse(status, media_type, text.encode("utf-8", "backslashreplace"))
        return plain(status, message)


class _Shape:
    """The schema of an error's body."""

    def __init__(self, document: dict[str, Any], schema: dict[str, Any]) -> None:
        self.takes = validator(document, schema).is_valid
        self._places: dict[str, list[Any]] = merge_all_of(document, schema).get("x-error", {})
        self._smallest = minimal_instance(document, schema)

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
                    said = _with_value(body, field, value)
                    if self.takes(said):
                        return said
        return body


def is_json(media_type: str) -> bool:
    """Whether a media type is one of JSON."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def _with_value(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """A copy of the body with the value at the dotted field."""
    name, _, rest = field.partition(".")
    inner = body.get(name)
    return {**body, name: _with_value(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
