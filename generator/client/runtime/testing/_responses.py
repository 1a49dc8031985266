"""Responses of a replay: recorded ones, errors in the form of the document, and faults such as a broken delivery.

An error that is not recorded is valid by the document, or plain text. Its code begins with `Replay`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from .._documents import FlatSchema, ServiceSchemas, resolve
from .._models import value_at
from ._job_mapping import BodyMapping, keep_conditions, minimal_instance, validator

_PREFERENCE = re.compile(
    r'\s*+([!#$%&\'*+.^_`|~0-9A-Za-z-]++)\s*+(?:=\s*+("(?:[^"\\]|\\.)*+"|[^\s,;"]*+)\s*+)?(?:;[^,]*+)?(?:,|$)'
)


def _seconds(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{_hyphenated(attribute.name)} must be a number of seconds >= 0, got {value!r}")


def _switch(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{_hyphenated(attribute.name)} must be true or false, got {value!r}")


def _status(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 300 <= value <= 599):
        raise ValueError(f"{attribute.name} must be a status from 300 to 599, got {value!r}")


def _retry_after(_: object, __: object, value: float | str | None) -> None:
    if isinstance(value, str) and value and value.isprintable() and value.isascii():
        return
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9):
        raise ValueError(f"retry_after must be a number of seconds from 0 to 1e9, or an HTTP date, got {value!r}")


@attrs.frozen(kw_only=True)
class Fault:
    """One or more faults of one response."""

    code: int | None = attrs.field(default=None, validator=_status)
    """Fail with this status, in the service's own error format."""
    retry_after: float | str | None = attrs.field(default=None, validator=_retry_after)
    """The header `Retry-After`: seconds, or a date as it is."""
    example: str | None = None
    """The recorded response of this id, for any request."""
    delay: float = attrs.field(default=0, validator=_seconds)
    """Seconds until the first byte."""
    slow_body: float = attrs.field(default=0, validator=_seconds)
    """Seconds that the body takes."""
    truncate: bool = attrs.field(default=False, validator=_switch)
    """Close the connection halfway through the body."""
    reset: bool = attrs.field(default=False, validator=_switch)
    """Reset the connection before anything is sent."""
    invalid_json: bool = attrs.field(default=False, validator=_switch)
    """Send half of the body as if it were complete."""
    undocumented_field: bool = attrs.field(default=False, validator=_switch)
    """Add a field to the body that the document does not have."""
    new_value: bool = attrs.field(default=False, validator=_switch)
    """Set the state of each job to a value that the document does not list."""

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Fault:
        """Make a fault from its fields. Raises `ValueError` with the known ones."""
        for name in fields:
            if name not in NAMES:
                raise ValueError(f"a fault must be one of {', '.join(NAMES)}, got {name!r}")
        if fields.get("retry_after") is not None and fields.get("code") is None:
            raise ValueError("retry_after must be passed with code, got no code: pass a status such as 503")
        return cls(**fields)

    @property
    def hides_response(self) -> bool:
        """Whether the client cannot see the state of a job."""
        return bool(self.code or self.example is not None or self.truncate or self.reset or self.invalid_json)

    def __str__(self) -> str:
        given = {_hyphenated(name): value for name in NAMES if (value := getattr(self, name))}
        return ", ".join(name if value is True else f"{name}={value}" for name, value in given.items())


NAMES = tuple(field.name for field in attrs.fields(Fault))
_SWITCHES = tuple(field.name for field in attrs.fields(Fault) if field.validator is _switch)
_NUMBERS = ("code", "delay", "slow_body", "retry_after")


def fault_from_header(header: str) -> Fault | None:
    """Read the fault of a `Prefer` header (RFC 7240), such as `code=503, delay=2`; None without one.

    Preferences of other names are ignored, as the standard requires. Raises `ValueError`.
    """
    fields: dict[str, Any] = {}
    for name, value in _preferences(header):
        if name not in NAMES or name in fields:
            continue  # of one that is given twice the first counts
        if name in _SWITCHES:
            if value not in ("", "true", "false"):
                raise ValueError(f"{_hyphenated(name)} must be true, false or without a value, got {value!r}")
            fields[name] = value != "false"
        else:
            fields[name] = _number(value) if name in _NUMBERS else value
    return Fault.from_fields(fields) if fields else None


def _preferences(header: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(header):
        match = _PREFERENCE.match(header, position)
        if match is None:
            raise ValueError(
                f"a fault must be NAME or NAME=VALUE, such as code=503, got {header[position:].strip()[:40]!r}"
            )
        position = match.end()
        value = match[2] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield match[1].lower().replace("-", "_"), value


def _number(string: str) -> float | str:
    try:
        number = float(string)
    except ValueError:
        return string
    return int(number) if number.is_integer() and "." not in string else number


def _hyphenated(name: str) -> str:
    return name.replace("_", "-")


@attrs.define
class QueuedFault:
    """A fault of the next requests that match."""

    fault: Fault
    times: int = 1
    """The number of requests that get the fault."""
    after: int = 0
    """The number of requests before them that get no fault."""
    service: str | None = None
    job: str | None = None

    def __attrs_post_init__(self) -> None:
        for name, least in (("times", 1), ("after", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be an integer >= {least}, got {value!r}")

    def matches(self, service: str, job: str | None) -> bool:
        """Return whether a request can get the fault."""
        return self.service in (None, service) and self.job in (None, job)


class FaultQueue(list[QueuedFault]):
    """The queued faults. A request gets the first one that matches."""

    def take(self, service: str, job: str | None) -> Fault | None:
        """Return the fault for a request, or None."""
        for queued in self:
            if queued.matches(service, job):
                if queued.after:
                    queued.after -= 1
                    continue
                queued.times -= 1
                if not queued.times:
                    self.remove(queued)
                return queued.fault
        return None


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
            # The value of the state must be the only deviation.
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
    """Return whether the lines of `Accept` allow a media type (RFC 9110): the most specific range counts."""
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
    """Return whether a media type is JSON."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _with_value(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """Return a copy of the body with the value at the dotted field."""
    name, _, rest = field.partition(".")
    inner = body.get(name)
    return {**body, name: _with_value(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
