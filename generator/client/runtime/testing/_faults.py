"""Faults: kinds of faults of a response, their request by a header or a test, and the queue of requested faults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

_PREFERENCE = re.compile(
    r'\s*+([!#$%&\'*+.^_`|~0-9A-Za-z-]++)\s*+(?:=\s*+("(?:[^"\\]|\\.)*+"|[^\s,;"]*+)\s*+)?(?:;[^,]*+)?(?:,|$)'
)


def _seconds(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{_hyphenated(attribute.name)} is {value!r}: give seconds, 0 or more")


def _switch(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{_hyphenated(attribute.name)} is {value!r}: give true or false")


def _status(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 300 <= value <= 599):
        raise ValueError(f"{attribute.name} is {value!r}: give a status from 300 to 599")


def _retry_after(_: object, __: object, value: float | str | None) -> None:
    if isinstance(value, str) and value and value.isprintable() and value.isascii():
        return
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9):
        raise ValueError(f"retry_after is {value!r}: give seconds, or a date as HTTP writes it")


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
                raise ValueError(f"{name!r} is not a fault; expected one of {', '.join(NAMES)}")
        if fields.get("retry_after") is not None and fields.get("code") is None:
            raise ValueError("retry_after belongs to a failure: give its code too")
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
                raise ValueError(f"{_hyphenated(name)} is {value!r}: give it without a value, or true or false")
            fields[name] = value != "false"
        else:
            fields[name] = _number(value) if name in _NUMBERS else value
    return Fault.from_fields(fields) if fields else None


def _preferences(header: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(header):
        match = _PREFERENCE.match(header, position)
        if match is None:
            raise ValueError(f"cannot be read from {header[position:].strip()[:40]!r} on: write code=503, delay=2")
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
    """The number of requests that meet it."""
    after: int = 0
    """The number of requests that pass before."""
    service: str | None = None
    job: str | None = None

    def __attrs_post_init__(self) -> None:
        for name, least in (("times", 1), ("after", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: give a number of requests, {least} or more")

    def matches(self, service: str, job: str | None) -> bool:
        """Whether a request is one of those that can meet it."""
        return self.service in (None, service) and self.job in (None, job)


class FaultQueue(list[QueuedFault]):
    """The faults to come. A request meets the first one that matches."""

    def take(self, service: str, job: str | None) -> Fault | None:
        """Return the fault of a request, if it meets one."""
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
