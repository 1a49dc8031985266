"""The changes of a comparison, and the version step that they require.

This module also compares the lifecycle of parts of an API: `deprecated`, `x-sunset` and `x-stability-level`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

import attrs


class Direction(StrEnum):
    """The users that a change affects."""

    REQUEST = "request"
    """Senders of requests."""
    RESPONSE = "response"
    """Readers of responses."""
    CLIENT = "client"
    """Users of the generated client: its names, and the behaviour that extensions declare."""
    DOCUMENT = "document"
    """Readers of the document. Requests, responses and clients do not depend on the change."""


class Effect(StrEnum):
    """The effect of a change on the users that it affects, worst first."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    NEUTRAL = "neutral"


class Relation(StrEnum):
    """The relation of the values allowed now to those allowed before."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    REPLACED = "replaced"


@attrs.frozen
class Change:
    """One difference between two documents."""

    effect: Effect
    direction: Direction
    what: str
    """What changed, without a full stop."""
    why: str
    """The callers that it breaks, and how; or the reason why it breaks none."""
    old: str | None = None
    """JSON Pointer into the old document; None if only the new one has the part."""
    new: str | None = None
    """JSON Pointer into the new document; None if only the old one has the part."""


class Changes:
    """The changes of a comparison, each once, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: dict[Change, None] = {}

    def __iter__(self) -> Iterator[Change]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def breaking(self, direction: Direction, what: str, why: str, *, old: str | None, new: str | None) -> None:
        """Add a change that breaks callers."""
        self._found.setdefault(Change(Effect.BREAKING, direction, what, why, old, new))

    def compatible(self, direction: Direction, what: str, why: str, *, old: str | None, new: str | None) -> None:
        """Add a change that callers can use, and that breaks none."""
        self._found.setdefault(Change(Effect.COMPATIBLE, direction, what, why, old, new))

    def neutral(self, what: str, *, old: str | None, new: str | None) -> None:
        """Add a change that only readers of the document see."""
        why = "nothing that is sent, received or called depends on it"
        self._found.setdefault(Change(Effect.NEUTRAL, Direction.DOCUMENT, what, why, old, new))

    def related(
        self, direction: Direction, relation: Relation, what: str, why: str, *, old: str | None, new: str | None
    ) -> None:
        """Add a change of the allowed values: breaking unless a request widens or a response narrows.

        `why` names the callers that a breaking change affects. It is not used for a compatible change.
        """
        harmless = Relation.WIDENED if direction is Direction.REQUEST else Relation.NARROWED
        if relation is not harmless:
            self.breaking(direction, what, why, old=old, new=new)
        elif direction is Direction.REQUEST:
            self.compatible(direction, what, "each request that was valid before is still valid", old=old, new=new)
        else:
            self.compatible(direction, what, "each response that is valid now was valid before", old=old, new=new)


_VERSION = re.compile(
    r"(?P<core>(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*))(?:-(?P<before>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


class Step(IntEnum):
    """A step from one version to the next, the smallest first."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


_DEMANDS = {Effect.BREAKING: Step.MAJOR, Effect.COMPATIBLE: Step.MINOR, Effect.NEUTRAL: Step.PATCH}


def demanded(changes: Iterable[Change]) -> Step:
    """Return the step that the changes require. It applies to versions from 1.0 on."""
    return max((_DEMANDS[change.effect] for change in changes), default=Step.NONE)


def is_version(text: str) -> bool:
    """Return whether the text is a semantic version."""
    return _VERSION.fullmatch(text) is not None


def next_version(old: str, step: Step) -> str:
    """Return the lowest version after a step. Before 1.0, a minor step is enough for a breaking change."""
    major, minor, patch = _core(old)
    if _is_before(old):  # a pre-release promises nothing: its release may differ from it in anything
        return f"{major}.{minor}.{patch}" if step else old
    if step is Step.MAJOR and major:
        return f"{major + 1}.0.0"
    if step >= Step.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}" if step else old


def is_enough(old: str, new: str, step: Step) -> bool:
    """Return whether the new version is at least one such step after the old one."""
    if _is_before(old) and _core(old) == _core(new):
        return new != old or step is Step.NONE
    return _core(new) >= _core(next_version(old, step))


def _core(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    return tuple(int(part) for part in match["core"].split(".")) if match else ()


def _is_before(version: str) -> bool:
    match = _VERSION.fullmatch(version)
    return bool(match and match["before"])


_STABILITY = ("draft", "alpha", "beta", "stable")
"""Values of `x-stability-level`, the least stable first."""

UNSTABLE = ("draft", "alpha")
"""Levels without a promise of stability."""


def compare_lifecycle(
    changes: Changes,
    old: dict[str, Any],
    new: dict[str, Any],
    what: str,
    where: Mapping[str, str | None],
    direction: Direction = Direction.REQUEST,
) -> None:
    """Compare `deprecated`, and the extensions `x-sunset` and `x-stability-level`."""
    before, now = (each.get("deprecated") is True for each in (old, new))
    if before != now:
        word = "deprecated now" if now else "no longer deprecated"
        changes.compatible(direction, f"{what} is {word}", "it works as before", **where)
    one, other = (each.get("x-sunset") for each in (old, new))
    if one != other:
        days = day_of(one), day_of(other)
        if other is not None and days[1] is None:
            why = "callers need a date to plan"
            changes.breaking(direction, f"{what}: x-sunset is {other} now", why, **where)
        elif before and now and days[0] and (days[1] is None or days[1] < days[0]):
            why = "callers rely on the announced date"
            changes.breaking(direction, f"{what}: x-sunset {one} becomes {other}", why, **where)
    levels = [each.get("x-stability-level") for each in (old, new)]
    if levels[0] != levels[1] and levels[1] is not None:
        text = f"{what}: x-stability-level {levels[0]} becomes {levels[1]}"
        ranks = [_STABILITY.index(level) if level in _STABILITY else -1 for level in levels]
        if ranks[1] < ranks[0] or ranks[1] < 0:
            changes.breaking(direction, text, "callers rely on the announced level", **where)
    elif levels[0] != levels[1] and levels[0] in _STABILITY:
        text = f"{what}: x-stability-level {levels[0]} is gone"
        changes.breaking(direction, text, "callers rely on the announced level", **where)


def day_of(text: Any) -> date | None:
    """Return the day of a date or date-time; None for another value."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
