"""Responses of a replay: recorded ones, errors in the form of the document, slow or broken delivery.

An error that is not recorded is valid by the document, or plain text. Its code begins with `Replay`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from .._documents import resolve
from .._field_paths import value_at
from .._validation import FlatSchema, ServiceSchemas
from ._faults import Fault
from ._job_mapping import BodyMapping
from ._schemas import keep_conditions, minimal_instance, validator

_CHUNKS = 10
"""The number of chunks of a slow body."""

_NEW_FIELD = "replayUndocumented"

_NEW_VALUE = "ReplayNewValue"


@attrs.frozen
class CannedResponse:
    """A response, and how it is sent."""

    status: int
    content_type: str
    body: bytes = attrs.field(repr=False)
    extra_headers: Mapping[str, str] = attrs.field(factory=dict)
    delay: float = 0
    """Seconds until its first byte."""
    slow_body: float = 0
    """Seconds that its body takes."""
    truncate: bool = False
    """Whether the connection is closed halfway through the body."""
    reset: bool = False
    """Whether the connection is reset instead."""
    is_head: bool = False
    """Whether it has the headers alone."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All its headers."""
        length = str(len(self.body))
        content = [("content-type", self.content_type), ("content-length", length)] if self.content_type else []
        return [*content, *self.extra_headers.items()]

    @property
    def sent_body(self) -> bytes:
        """The body that is sent."""
        return b"" if self.is_head else self.body

    def stream(self) -> Iterator[float | bytes]:
        """Yield the chunks of the body, and pauses in seconds."""
        if self.is_head:
            return
        body = self.body[: len(self.body) // 2] if self.truncate else self.body
        if not self.slow_body:
            yield body
            return
        size = -(-len(body) // _CHUNKS) or 1
        for number in range(_CHUNKS):
            yield self.slow_body / _CHUNKS
            yield body[number * size : (number + 1) * size]

    def with_fault(self, fault: Fault) -> CannedResponse:
        """Return the same response with the faults that concern its delivery and its headers."""
        headers = dict(self.extra_headers)
        if fault.retry_after is not None:
            after = fault.retry_after
            headers["retry-after"] = f"{after:g}" if isinstance(after, int | float) else after
        return attrs.evolve(
            self,
            body=self.body[: len(self.body) // 2] if fault.invalid_json else self.body,
            extra_headers=headers,
            delay=fault.delay,
            slow_body=fault.slow_body,
            truncate=fault.truncate,
            reset=fault.reset,
        )


def plain_response(status: int, text: str, **headers: str) -> CannedResponse:
    """Make a response of plain text."""
    return CannedResponse(status, "text/plain; charset=utf-8", _encode(text), headers)


def deviating_body(text: str, fault: Fault, place: str, is_list: bool, mapping: BodyMapping | None) -> str:
    """Make a body deviate from its document; one without an object is returned as it is.

    Args:
        text: The body.
        fault: The deviations.
        place: Path of the job, or of the rows of a listing.
        is_list: Whether rows are at that path.
        mapping: The `x-job` of a job, which is at that path or a row; None if the body has no job.
    """
    body = json.loads(text)
    found = value_at(body, place)
    jobs = [job for job in (found if is_list and isinstance(found, list) else [found]) if isinstance(job, dict)]
    if fault.undocumented_field:
        for each in [body] if isinstance(body, dict) else jobs:
            each[_NEW_FIELD] = True
    if fault.new_value and mapping is not None:
        for job in jobs:
            mapping.state.put(job, _NEW_VALUE)
            # The value of the state is to be the one deviation.
            keep_conditions(mapping.schema, job)
    return json.dumps(body, ensure_ascii=False)


class ErrorResponses:
    """The errors that one operation declares."""

    def __init__(self, schemas: ServiceSchemas, responses: dict[str, Any]) -> None:
        self._bodies = {
            status: [
                (media_type, _ErrorBody(schemas.node(media.get("schema", {}))))
                for media_type, media in resolve(schemas.document, response).get("content", {}).items()
                if is_json(media_type)
            ]
            for status, response in responses.items()
        }

    def response(self, status: int, message: str) -> CannedResponse:
        """Make an error response of that status with that message."""
        keys = (str(status), f"{status // 100}XX", *(["default"] if status >= 400 else []))
        for media_type, error in next((self._bodies[key] for key in keys if key in self._bodies), ()):
            body = error.body(status, message)
            if error.is_valid(body):
                return CannedResponse(status, media_type, _encode(json.dumps(body, ensure_ascii=False)))
        return plain_response(status, message)


class _ErrorBody:
    """The body of an error by its schema."""

    def __init__(self, schema: FlatSchema) -> None:
        self.is_valid = validator(schema).is_valid
        self._fields: dict[str, list[Any]] = schema.annotation("x-error") or {}
        self._minimal = minimal_instance(schema)

    def body(self, status: int, message: str) -> Any:
        """Return the smallest body with the message, as far as the schema has a field for it."""
        if not self._fields and self.is_valid(message):
            return message
        body = self._with_first(self._minimal, "code", f"Replay.{status}", status)
        return self._with_first(body, "message", message)

    def _with_first(self, body: Any, name: str, *values: Any) -> Any:
        """Return the body with one of the values in the first field of that name that allows it."""
        for field in self._fields.get(name, ()):
            # Any other entry of `x-error` is a response header.
            if isinstance(field, str) and isinstance(body, dict):
                for value in values:
                    changed = _with_value(body, field, value)
                    if self.is_valid(changed):
                        return changed
        return body


def accepts(lines: Sequence[str], media_type: str) -> bool:
    """Whether the lines of `Accept` allow a media type (RFC 9110): the most specific range counts."""
    kind = media_type.partition(";")[0].strip().lower()
    ranges = {"*/*": 0, f"{kind.partition('/')[0]}/*": 1, kind: 2}
    best, quality = -1, 0.0 if any(line.strip() for line in lines) else 1.0
    for part in ",".join(lines).split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        if ranges.get(name, -1) > best:
            best = ranges[name]
            given = next((each[2:] for each in parameters if each.startswith("q=")), "1")
            quality = 0.0 if re.fullmatch(r"0(\.0*)?", given) else 1.0
    return quality > 0


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _with_value(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """Return a copy of the body with the value at the dotted field."""
    name, _, rest = field.partition(".")
    inner = body.get(name)
    return {**body, name: _with_value(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
