"""Deviations of responses from their document, and how they reach the log and the caller."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import attrs

from ._forks import reset_in_child
from ._json import NumberText

__all__ = ["Deviation", "DeviationKind", "Severity"]


logger = logging.getLogger(__package__)

_LONGEST_POINTER = 200


class DeviationKind(StrEnum):
    """Kind of a deviation."""

    TYPE = "type"
    """A value of another type."""
    MISSING = "missing"
    """A field that the document requires is missing."""
    UNDOCUMENTED = "undocumented"
    """A field that the document does not have."""
    ENUM = "enum"
    """A value that is not in its list."""
    RANGE = "range"
    """A number, a length or a count beyond its bounds."""
    PATTERN = "pattern"
    """A string that does not match its pattern."""
    CONDITION = "condition"
    """A field or value that the value of another field rules out."""
    NUMBER = "number"
    """A number that no float can hold; it is kept as a string."""
    TIME = "time"
    """A timestamp in none of the formats of the document."""
    IDENTITY = "identity"
    """The ID of another job than the requested one."""


class Severity(StrEnum):
    """Whether a deviation breaks the contract."""

    VIOLATION = "violation"
    """The response violates the document."""
    NOTICE = "notice"
    """The response is allowed, but has an unlisted value of an open list, or a timestamp that cannot be read."""


@attrs.frozen
class Deviation:
    """A deviation of a response from its document. The repr hides the value, which may be a secret."""

    pointer: str
    """JSON Pointer into the response."""
    expected: str
    """The constraint of the document, in a few words."""
    actual: object = attrs.field(repr=False)
    """The value as it was received; None if it is missing."""
    kind: DeviationKind
    severity: Severity = Severity.VIOLATION
    wildcard: str = attrs.field(default="", repr=False, eq=False)
    """The pointer with `*` for an index, and for a name that the document does not know."""

    def __str__(self) -> str:
        # The name of an unknown field can have any characters and length.
        pointer = ascii(self.pointer)[1:-1]
        shown = pointer if len(pointer) <= _LONGEST_POINTER else f"{pointer[:_LONGEST_POINTER]}…"
        return f"{shown or 'the top level'}: {self.kind}, expected {self.expected}"

    def below(self, pointer: str, wildcard: str) -> Deviation:
        """Return the deviation with its pointer relative to an outer value, which has this one at the given pointer."""
        return attrs.evolve(self, pointer=pointer + self.pointer, wildcard=wildcard + (self.wildcard or self.pointer))

    def __getstate__(self) -> tuple[object, ...]:
        # The value may be a secret, and pickles leave the process.
        return self.pointer, self.expected, None, self.kind, self.severity, self.wildcard

    def __setstate__(self, state: tuple[object, ...]) -> None:
        for name, value in zip(attrs.fields_dict(type(self)), state, strict=True):
            object.__setattr__(self, name, value)


class DeviationReporter:
    """Passes the deviations of one response to a list, to the caller's function, and once each to the log."""

    _logged: set[tuple[str, str, DeviationKind]] = set()  # noqa: RUF012 - shared by all clients of the process
    _lock = threading.Lock()

    @classmethod
    def after_fork(cls) -> None:
        cls._lock = threading.Lock()

    def __init__(self, service: str, operation: str, on_deviation: Callable[[Deviation], object] | None) -> None:
        self.service = service
        self.operation = operation
        self.deviations: list[Deviation] = []
        self._on_deviation = on_deviation

    def report(self, deviations: Iterable[Deviation]) -> None:
        """Pass on the deviations that were found."""
        for deviation in deviations:
            self.deviations.append(deviation)
            self._log(deviation)
            if self._on_deviation is not None:
                self._on_deviation(deviation)

    def _log(self, deviation: Deviation) -> None:
        # One log record for all rows of a list and for all unknown names.
        pointer = deviation.wildcard or deviation.pointer
        with self._lock:
            if (self.service, pointer, deviation.kind) in self._logged:
                return
            self._logged.add((self.service, pointer, deviation.kind))
        level = logging.WARNING if deviation.severity is Severity.VIOLATION else logging.INFO
        logger.log(
            level,
            "%s: response deviates at %s: %s",
            f"{self.service}.{self.operation}" if self.operation else self.service,
            pointer or "the top level",
            f"expected {deviation.expected}, got {json_type(deviation.actual)}"
            if deviation.kind is DeviationKind.TYPE
            else f"{deviation.kind}, expected {deviation.expected}",
        )


reset_in_child(DeviationReporter)

JSON_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str) and not isinstance(value, NumberText),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    # JSON Schema counts 1.0 among the integers.
    "integer": lambda value: JSON_TYPES["number"](value) and (isinstance(value, int) or value.is_integer()),
}


def json_type(value: object) -> str:
    """Return the JSON type of a value."""
    return next((name for name in ("integer", *JSON_TYPES) if JSON_TYPES[name](value)), "number")


def escape(name: str) -> str:
    """Return a field's name as a token of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")
