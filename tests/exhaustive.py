"""Number of cases to run: a sample in `make test`, all of them in `make exhaustive` and `make conformance`.

A case that takes seconds and rarely fails has the mark `exhaustive`; `make test` leaves it out. Of the cases of a test
with the mark `sampled(n)`, it runs one in n. Cases that are computed, by hypothesis or from a table, are sampled. A
test with a parameter of `SHARED` runs each of its other cases with some values of that parameter.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from zlib import crc32

import pytest

IS_EXHAUSTIVE = os.environ.get("EXHAUSTIVE") == "1"
"""Whether all cases run."""

SHARED = {"way": 3, "carried": 5, "sender": 3, "any_verb": 2, "layout": 3}
"""Parameters with values that rarely differ in their results: one of so many of their values runs.

They are services called synchronously or asynchronously, senders, commands with the same input, layouts of a page.
"""


def sample(count: int, share: int = 4) -> int:
    """Return how many of `count` generated cases run: one in `share`, but at least 5."""
    return count if IS_EXHAUSTIVE else min(count, max(count // share, 5))


def every(step: int) -> int:
    """Return the step through a table or range of cases: 1 when all of them run."""
    return 1 if IS_EXHAUSTIVE else step


def left_out(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the items that do not run.

    At least one case of a `sampled` test runs. Each case of another test keeps some values of `SHARED`, different ones
    from the case before it.
    """
    if IS_EXHAUSTIVE:
        return
    sampled = [item for item in items if item.get_closest_marker("sampled")]
    for name, group in groupby(sorted(sampled, key=_name), key=_name):
        members = list(group)
        marker = members[0].get_closest_marker("sampled")
        step = min(marker.args[0] if marker else 1, len(members))
        yield from (item for number, item in enumerate(members, crc32(name.encode())) if number % step)
    others = [item for item in items if not item.get_closest_marker("sampled")]
    shared = [item for item in others if SHARED.keys() & _parameters(item).keys()]
    for name, group in groupby(sorted(shared, key=_name), key=_name):
        cases: dict[tuple[Any, ...], list[pytest.Item]] = {}
        for item in group:
            # A value of a table is one object in all items; it may have no hash.
            case = tuple(id(value) for argument, value in _parameters(item).items() if argument not in SHARED)
            cases.setdefault(case, []).append(item)
        for ordinal, members in enumerate(cases.values(), crc32(name.encode())):
            step = min(max(SHARED.get(argument, 1) for argument in _parameters(members[0])), len(members))
            yield from (item for number, item in enumerate(members, ordinal) if number % step)


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _parameters(item: pytest.Item) -> dict[str, object]:
    found: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return found
