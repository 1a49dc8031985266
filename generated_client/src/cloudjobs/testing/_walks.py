# Generated from generator/client/runtime/testing/_walks.py. Do not edit: change that, and run `make generate`.
"""The way of a job through its states: which come, in which order, and when one gives way to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import attrs

from .._snapshots import JobState
from ._shapes import TERMINAL, Shape

_RANKS = {JobState.PENDING: 0, JobState.RUNNING: 1, **dict.fromkeys(TERMINAL, 2)}
_MOST_RUNNING = 4
"""States of running that a walk drawn by chance has at most."""


@attrs.frozen
class Scene:
    """A job in one of the states of its walk."""

    value: str | None
    """As on the wire; None for a part whose document has no word for it."""
    kind: JobState
    share: Fraction
    """How much of the work is done, from 0 to 1."""
    at: datetime
    """Since when."""


@attrs.define
class Walk:
    """A job's way through its states.

    It goes on with every `polls` replies that show it; or, where `seconds` are given, with time. In its last state it
    stays.
    """

    values: Sequence[str]
    kinds: Sequence[JobState]
    begun: datetime
    polls: int = 1
    seconds: float | None = None
    _shown: int = 0
    _moments: list[datetime] = attrs.field(factory=list)

    def look(self, now: datetime, *, counts: bool = True) -> int:
        """The number of the state that a reply shows now. One that `counts` brings the next state nearer."""
        last = len(self.values) - 1
        if self.seconds is not None:
            passed = (now - self.begun).total_seconds()
            step = last if self.seconds == 0 else min(max(int(passed / self.seconds + 1e-9), 0), last)
            while len(self._moments) <= step:
                self._moments.append(self.begun + timedelta(seconds=self.seconds * len(self._moments)))
            return step
        step = min(self._shown // self.polls, last)
        # A clock that is set back takes nothing back.
        self._moments += [max([now, *self._moments[-1:]])] * (step + 1 - len(self._moments))
        self._shown += counts
        return step

    def scenes(self, step: int) -> list[Scene]:
        """What has been, up to that state."""
        return [
            Scene(self.values[each], self.kinds[each], share, self._moments[each])
            for each, share in enumerate(self._shares()[: step + 1])
        ]

    def _shares(self) -> list[Fraction]:
        """The work done in each state: none while pending, then equal steps up to all of it at the end."""
        passed = [sum(kind is not JobState.PENDING for kind in self.kinds[: n + 1]) for n in range(len(self.kinds))]
        whole = passed[-1] + (self.kinds[-1] not in TERMINAL)
        return [Fraction(each, whole) if whole else Fraction(0) for each in passed]


def states(shape: Shape, wanted: Iterable[str] | None, who: str) -> tuple[list[str], list[JobState]]:
    """The values of a walk and what they mean.

    Args:
        shape: The job's.
        wanted: Values as on the wire, or names of `JobState`; without, the plain way to success.
        who: What the job is called in an error.

    Raises:
        ValueError: There is no such state, or a job cannot go from one of them to the next.
    """
    if isinstance(wanted, str):
        raise ValueError(f"{who}: states is one text: give a list of them")
    if wanted is None:
        plain = (JobState.PENDING, JobState.RUNNING, JobState.SUCCEEDED)
        values = list(dict.fromkeys(value for kind in plain if (value := shape.value(kind)) is not None))
    else:
        values = [_value(shape, each, who) for each in wanted]
    if not values:
        raise ValueError(f"{who}: a job has at least one state; there are {_known(shape)}")
    kinds = [shape.kind(value) for value in values]
    _check_order(values, kinds, who)
    return values, kinds


def drawn(shape: Shape, chance: Random) -> list[str]:
    """A walk by chance: some states that are not final, then one that is."""
    ends = [value for value, kind in shape.kinds.items() if kind in TERMINAL]
    pending, running = shape.value(JobState.PENDING), shape.value(JobState.RUNNING)
    middle = [running] * chance.randint(1, _MOST_RUNNING)
    found = [value for value in (pending, *middle) if value is not None]
    return [*found, chance.choice(ends)] if ends else found


def _value(shape: Shape, wanted: str, who: str) -> str:
    if wanted in shape.listed and not isinstance(wanted, JobState):
        return str(wanted)
    kind = next((kind for kind in JobState if kind.value == wanted), None)
    named = [value for value, meaning in shape.kinds.items() if meaning is kind]
    if not named:
        raise ValueError(f"{who} is never {str(wanted)!r}; its states are {_known(shape)}")
    return named[0]


def _known(shape: Shape) -> str:
    known = dict.fromkeys(shape.listed)
    names = dict.fromkeys(kind.value for kind in shape.kinds.values())
    return f"{', '.join(repr(value) for value in known)}; or, of JobState, {', '.join(names)}"


def _check_order(values: Sequence[str], kinds: Sequence[JobState], who: str) -> None:
    furthest, before = 0, values[0]
    for number, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        # A state that the document does not explain may be anything but what follows an end.
        rank = _RANKS.get(kind, min(furthest, 1))
        if furthest == 2 or rank < furthest:
            if value == before and number:
                raise ValueError(f"{who}: {before!r} is final, and stays without being named again")
            raise ValueError(f"{who}: no job goes from {before!r} to {value!r}")
        furthest, before = rank if furthest < rank else furthest, value


def utc(seconds: float) -> datetime:
    """Seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, UTC)
