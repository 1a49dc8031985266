"""Faults on demand: what may go wrong with a reply, how that is said, and which request meets which fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

_PREFERENCE = re.compile(
    r'\s*+([!#$%&\'*+.^_`|~0-9A-Za-z-]++)\s*+(?:=\s*+("(?:[^"\\]|\\.)*+"|[^\s,;"]*+)\s*+)?(?:;[^,]*+)?(?:,|$)'
)
_HIDDEN = ("code", "example", "truncate", "reset", "invalid_json")
"""What keeps a client from seeing the state of a job."""


def _seconds(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{_shown(attribute.name)} is {value!r}: give seconds, 0 or more")


def _switch(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{_shown(attribute.name)} is {value!r}: give true or false")


def _status(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 300 <= value <= 599):
        raise ValueError(f"{attribute.name} is {value!r}: give a status from 300 to 599")


def _after(_: object, __: object, value: float | str | None) -> None:
    if isinstance(value, str) and value and value.isprintable() and value.isascii():
        return
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9):
        raise ValueError(f"retry_after is {value!r}: give seconds, or a date as HTTP writes it")


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong with one reply. Several of them can, at once."""

    code: int | None = attrs.field(default=None, validator=_status)
    """Fail with this status, in the service's own shape."""
    retry_after: float | str | None = attrs.field(default=None, validator=_after)
    """The header `Retry-After`: seconds, or a date as it is."""
    example: str | None = None
    """The recorded reply of this id, whatever was asked for."""
    delay: float = attrs.field(default=0, validator=_seconds)
    """Seconds until the first byte."""
    slow_body: float = attrs.field(default=0, validator=_seconds)
    """Seconds that the body takes."""
    truncate: bool = attrs.field(default=False, validator=_switch)
    """Close the connection halfway through the body."""
    reset: bool = attrs.field(default=False, validator=_switch)
    """Reset the connection before anything is sent."""
    invalid_json: bool = attrs.field(default=False, validator=_switch)
    """Send half of the body as if it were all of it."""
    undocumented_field: bool = attrs.field(default=False, validator=_switch)
    """Put a field that no document knows into the body."""
    new_value: bool = attrs.field(default=False, validator=_switch)
    """Put a value that no document lists where the state of each job stands."""

    @classmethod
    def parse(cls, said: Mapping[str, Any]) -> Fault:
        """Read a fault by the names of its parts. Raises `ValueError` with what there is."""
        for name in said:
            if name not in NAMES:
                raise ValueError(f"{name!r} is no fault; there are {', '.join(NAMES)}")
        if said.get("retry_after") is not None and said.get("code") is None:
            raise ValueError("retry_after belongs to a failure: give its code too")
        return cls(**said)

    @property
    def hides(self) -> bool:
        """Whether a client sees nothing of what it asked for."""
        return any(getattr(self, name) for name in _HIDDEN)

    def __str__(self) -> str:
        said = {field.name: getattr(self, field.name) for field in attrs.fields(Fault)}
        parts = [_shown(name) if value is True else f"{_shown(name)}={value}" for name, value in said.items() if value]
        return ", ".join(parts)


NAMES = tuple(field.name for field in attrs.fields(Fault))
_SWITCHES = tuple(field.name for field in attrs.fields(Fault) if field.validator is _switch)
_NUMBERS = ("code", "delay", "slow_body", "retry_after")


def preferred(text: str) -> Fault | None:
    """The fault that a `Prefer` header asks for (RFC 7240): `code=503, delay=2`. None where it asks for none.

    A preference of another name is passed over, as the standard wants it. Raises `ValueError`.
    """
    said: dict[str, Any] = {}
    for name, value in _preferences(text):
        if name not in NAMES or name in said:
            continue  # of one that is given twice the first counts
        if name in _SWITCHES:
            if value not in ("", "true", "false"):
                raise ValueError(f"{_shown(name)} is {value!r}: give it without a value, or true or false")
            said[name] = value != "false"
        else:
            said[name] = _number(value) if name in _NUMBERS else value
    return Fault.parse(said) if said else None


def _preferences(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        match = _PREFERENCE.match(text, place)
        if match is None:
            raise ValueError(f"cannot be read from {text[place:].strip()[:40]!r} on: write code=503, delay=2")
        place = match.end()
        value = match[2] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield match[1].lower().replace("-", "_"), value


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def _shown(name: str) -> str:
    return name.replace("_", "-")


@attrs.define
class QueuedFault:
    """A fault that waits for its requests."""

    fault: Fault
    times: int = 1
    """How many requests meet it."""
    after: int = 0
    """How many pass before."""
    service: str | None = None
    job: str | None = None

    def __attrs_post_init__(self) -> None:
        for name, least in (("times", 1), ("after", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: give a number of requests, {least} or more")

    def concerns(self, service: str, job: str | None) -> bool:
        """Whether a request is one of those that it waits for."""
        return self.service in (None, service) and self.job in (None, job)


class FaultQueue:
    """The faults to come. A request meets the first that waits for it."""

    def __init__(self) -> None:
        self.planned: list[QueuedFault] = []

    def take(self, service: str, job: str | None) -> Fault | None:
        """The fault of a request, if it meets one."""
        for planned in self.planned:
            if planned.concerns(service, job):
                if planned.after:
                    planned.after -= 1
                    continue
                planned.times -= 1
                if not planned.times:
                    self.planned.remove(planned)
                return planned.fault
        return None
