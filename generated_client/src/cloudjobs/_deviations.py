# Generated from generator/client/runtime/_deviations.py. Do not edit: change that, and run `make generate`.
"""How a reply deviates from its document: what a deviation is, and who gets to know of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from enum import StrEnum

import attrs

from ._forks import reset_in_child

__all__ = ["Deviation", "DeviationKind", "Severity"]

logger = logging.getLogger(__package__)

_LONGEST_POINTER = 200


class DeviationKind(StrEnum):
    """In what way a value deviates."""

    TYPE = "type"
    """A value of another type."""
    MISSING = "missing"
    """A field that the document requires is not there."""
    UNDOCUMENTED = "undocumented"
    """A field that the document does not have."""
    ENUM = "enum"
    """A value that is not in its list."""
    RANGE = "range"
    """A number, a length or a count beyond its bounds."""
    PATTERN = "pattern"
    """A text that does not match its pattern."""
    NUMBER = "number"
    """A number that no float can hold; it is kept as text."""
    TIME = "time"
    """A moment in none of the forms the document knows."""
    IDENTITY = "identity"
    """The ID of another job than the requested one."""


class Severity(StrEnum):
    """Whether a deviation breaks the contract."""

    VIOLATION = "violation"
    """The reply breaks the document."""
    NOTICE = "notice"
    """An unlisted value of a list that is open, or a time that cannot be read: worth knowing, and allowed."""


@attrs.frozen
class Deviation:
    """One deviation of a reply from its document. Its repr shows no value: that may be a secret."""

    pointer: str
    """JSON Pointer into the reply."""
    expected: str
    """What the document says, in a few words."""
    actual: object = attrs.field(repr=False)
    """The value as it came; None where it is missing."""
    kind: DeviationKind
    severity: Severity = Severity.VIOLATION
    shape: str = attrs.field(default="", repr=False, eq=False)
    """The pointer with `*` for an index, or a name that is not the document's: the same for all that deviate alike."""

    def __str__(self) -> str:
        # A field of any name can come from the wire.
        pointer = ascii(self.pointer)[1:-1]
        shown = pointer if len(pointer) <= _LONGEST_POINTER else f"{pointer[:_LONGEST_POINTER]}…"
        return f"{shown or 'the whole reply'}: {self.kind}, expected {self.expected}"

    def below(self, pointer: str, shape: str) -> Deviation:
        """The same deviation, seen from a value that has this one at that place."""
        return attrs.evolve(self, pointer=pointer + self.pointer, shape=shape + (self.shape or self.pointer))

    def __getstate__(self) -> tuple[object, ...]:
        # The value may be a secret, and pickles go elsewhere.
        return self.pointer, self.expected, None, self.kind, self.severity, self.shape

    def __setstate__(self, state: tuple[object, ...]) -> None:
        for name, value in zip(attrs.fields_dict(type(self)), state, strict=True):
            object.__setattr__(self, name, value)


class Reporter:
    """Passes the deviations of one reply on: to a list, to the caller's function, and once each to the log."""

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
        """Take in deviations that were found."""
        for deviation in deviations:
            self.deviations.append(deviation)
            self._log(deviation)
            if self._on_deviation is not None:
                self._on_deviation(deviation)

    def _log(self, deviation: Deviation) -> None:
        # Names that come from the wire can be anything, and rows of a list deviate alike: neither is told apart.
        place = deviation.shape or deviation.pointer
        with self._lock:
            if (self.service, place, deviation.kind) in self._logged:
                return
            self._logged.add((self.service, place, deviation.kind))
        level = logging.WARNING if deviation.severity is Severity.VIOLATION else logging.INFO
        logger.log(
            level, "%s: reply deviates at %s: %s, expected %s", self.service, place, deviation.kind, deviation.expected
        )


reset_in_child(Reporter)
