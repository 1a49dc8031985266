"""Compares how long a part of an API is promised: `deprecated`, `x-sunset` and `x-stability-level`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .changes import Changes, Direction

_STABILITY = ("draft", "alpha", "beta", "stable")
"""Values of `x-stability-level`, the least first."""

UNSTABLE = ("draft", "alpha")
"""Levels that promise nothing."""


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
        word = "deprecated now" if now else "not deprecated any more"
        changes.compatible(direction, f"{what} is {word}", "it works as before", **where)
    one, other = (each.get("x-sunset") for each in (old, new))
    if one != other:
        days = day_of(one), day_of(other)
        if other is not None and days[1] is None:
            why = "callers cannot plan with a text that is not a date"
            changes.breaking(direction, f"{what}: x-sunset is {other} now", why, **where)
        elif before and now and days[0] and (days[1] is None or days[1] < days[0]):
            why = "a caller counts on the announced day"
            changes.breaking(direction, f"{what}: x-sunset {one} becomes {other}", why, **where)
    levels = [each.get("x-stability-level") for each in (old, new)]
    if levels[0] != levels[1] and levels[1] is not None:
        text = f"{what}: x-stability-level {levels[0]} becomes {levels[1]}"
        ranks = [_STABILITY.index(level) if level in _STABILITY else -1 for level in levels]
        if ranks[1] < ranks[0] or ranks[1] < 0:
            changes.breaking(direction, text, "a caller counts on the announced level", **where)
    elif levels[0] != levels[1] and levels[0] in _STABILITY:
        text = f"{what}: x-stability-level {levels[0]} is gone"
        changes.breaking(direction, text, "a caller counts on the announced level", **where)


def day_of(text: Any) -> date | None:
    """The day of a date or date-time; None of another value."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
