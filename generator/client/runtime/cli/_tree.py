"""Draws a job and its parts: a line each, in columns, cut to the width and height there are.

Where there are more parts than lines, those that went wrong come first, and the rest are counted by state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate

import attrs
from rich.text import Text

from .._snapshots import JobSnapshot, JobState
from ._fields import text_of, value_at
from ._texts import duration, percent, plain, took

STYLES = {
    JobState.PENDING: "dim",
    JobState.RUNNING: "cyan",
    JobState.SUCCEEDED: "green",
    JobState.PARTIAL: "yellow",
    JobState.FAILED: "bold red",
    JobState.STOPPED: "yellow",
    JobState.UNKNOWN: "magenta",
}
_URGENCY = {
    state: place
    for place, state in enumerate(
        (
            JobState.FAILED,
            JobState.PARTIAL,
            JobState.STOPPED,
            JobState.UNKNOWN,
            JobState.RUNNING,
            JobState.PENDING,
            JobState.SUCCEEDED,
        )
    )
}
_STATE, _BAR, _PERCENT, _TIME = 9, 10, 4, 8
_NARROW = 64
"""Columns below which there is no bar."""


@attrs.frozen
class Glyphs:
    """What lines are drawn with."""

    branch: str = "├── "
    last: str = "└── "
    through: str = "│   "
    blank: str = "    "
    full: str = "━"
    empty: str = "─"


ASCII = Glyphs("|-- ", "`-- ", "|   ", "    ", "#", "-")
"""For a terminal that has no others."""


def urgency(snapshot: JobSnapshot) -> int:
    """Where a job stands in a queue for attention, the first being 0."""
    return _URGENCY[snapshot.state]


def counted(snapshots: Iterable[JobSnapshot]) -> str:
    """How many jobs are in which state, the most urgent first."""
    states = Counter(each.state for each in snapshots)
    return ", ".join(f"{states[state]:,} {state}" for state in _URGENCY if states[state])


def label(snapshot: JobSnapshot, show: Sequence[str]) -> str:
    """What a job is called: the fields that the caller wants to see, and its id."""
    shown = [text_of(value_at(snapshot.job, field)) for field in show]
    return plain(" ".join(part for part in (*shown, snapshot.id or "") if part) or "(no id)")


@attrs.frozen
class Tree:
    """How to draw jobs."""

    now: Callable[[], datetime]
    show: Sequence[str] = ()
    glyphs: Glyphs = Glyphs()

    def lines(self, snapshot: JobSnapshot, width: int, height: int) -> Iterator[Text]:
        """The lines of a job: no more than `height`, but for one that says what went wrong with it."""
        yield self._line("", snapshot, width)
        yield from self._reason("", snapshot, width)
        yield from self._parts("", snapshot, width, height - 1)

    def _parts(self, before: str, snapshot: JobSnapshot, width: int, room: int) -> Iterator[Text]:
        parts = list(snapshot.children)
        if room < 1 or not parts:
            return
        needs = [_height(part) for part in parts]
        hidden: list[JobSnapshot] = []
        if len(parts) > room:
            ordered = sorted(parts, key=urgency)
            kept = _fitting([1 + _has_reason(part) for part in ordered], room - 1)
            parts, hidden = ordered[:kept], ordered[kept:]
            needs = [1 + _has_reason(part) for part in parts]
        rooms = _shared(needs, room - bool(hidden))
        for place, part in enumerate(parts):
            is_last = place == len(parts) - 1 and not hidden
            yield self._line(before + (self.glyphs.last if is_last else self.glyphs.branch), part, width)
            below = before + (self.glyphs.blank if is_last else self.glyphs.through)
            if rooms[place] > 1:
                yield from self._reason(below, part, width)
            yield from self._parts(below, part, width, rooms[place] - 1 - _has_reason(part))
        if hidden:
            more = f"{len(hidden):,} more: {counted(hidden)}" if parts else f"{len(hidden):,} parts: {counted(hidden)}"
            yield _cut(Text(before + self.glyphs.last + more, "dim"), width)

    def _line(self, before: str, snapshot: JobSnapshot, width: int) -> Text:
        right = self._right(snapshot, bar=width >= _NARROW)
        left = Text().append(before, "dim").append(label(snapshot, self.show), "bold" if not before else "")
        left = _cut(left, max(8, width - right.cell_len), pad=True)
        return _cut(left + right, width)

    def _right(self, snapshot: JobSnapshot, *, bar: bool) -> Text:
        style = STYLES[snapshot.state]
        text = Text("  ").append(f"{snapshot.state:<{_STATE}}", style)
        if bar:
            text.append("  ").append_text(self._bar(snapshot.progress, style))
        return text.append(f" {percent(snapshot.progress):>{_PERCENT}}").append(f"  {self._time(snapshot):<{_TIME}}")

    def _bar(self, share: float | None, style: str) -> Text:
        if share is None:
            return Text(" " * _BAR)
        full = int(share * _BAR)
        return Text().append(self.glyphs.full * full, style).append(self.glyphs.empty * (_BAR - full), "dim")

    def _time(self, snapshot: JobSnapshot) -> str:
        """How long it took, or has been taking."""
        if snapshot.is_terminal:
            return took(snapshot.started_at, snapshot.ended_at)
        if snapshot.started_at is None or snapshot.state is JobState.PENDING:
            return ""
        return duration(max(0.0, (self.now() - snapshot.started_at).total_seconds()))

    def _reason(self, before: str, snapshot: JobSnapshot, width: int) -> Iterator[Text]:
        if _has_reason(snapshot):
            reason = Text(plain(snapshot.reason or ""), STYLES[snapshot.state])
            guide = before + (self.glyphs.through if snapshot.children else self.glyphs.blank)
            yield _cut(Text().append(guide, "dim").append_text(reason), width)


def _has_reason(snapshot: JobSnapshot) -> bool:
    return bool(snapshot.reason) and not snapshot.is_success


def _height(snapshot: JobSnapshot) -> int:
    """How many lines a job and its parts take."""
    return 1 + _has_reason(snapshot) + sum(map(_height, snapshot.children))


def _fitting(heights: list[int], room: int) -> int:
    """How many of these, from the first on, there is room for."""
    return sum(total <= room for total in accumulate(heights))


def _shared(needs: list[int], room: int) -> list[int]:
    """Lines for each of some jobs: one at least, and of the rest fair shares, which small ones leave to others."""
    given = [0] * len(needs)
    left = room
    for done, place in enumerate(sorted(range(len(needs)), key=lambda place: needs[place])):
        given[place] = max(1, min(needs[place], left // (len(needs) - done)))
        left -= given[place]
    return given


def _cut(text: Text, width: int, *, pad: bool = False) -> Text:
    text.truncate(width, overflow="ellipsis", pad=pad)
    return text
