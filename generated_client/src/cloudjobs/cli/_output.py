# Generated from generator/client/runtime/cli/_output.py. Do not edit: change that, and run `make generate`.
"""Output of jobs: a tree that is redrawn, lines, or JSON.

Where there are more parts than lines, those that went wrong come first, and the rest are counted by state.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from types import TracebackType
from typing import Any, Self

import attrs
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from .._clock import Clock
from .._jobs import JobSnapshot, JobState
from ._console import Screen, as_json, duration, duration_text, percent, plain
from ._options import text_of, value_at

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
            return duration_text(snapshot.started_at, snapshot.ended_at)
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


_LINES = 20
"""How many parts of a job are told of at most, where one look finds more of them changed."""

_STATIC_HEIGHT = 40

_MARGIN = 2
"""Lines of a terminal that the tree leaves free, so that it never scrolls."""


class JobReport:
    """Shows snapshots of one job."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave what is shown as it is."""

    def show(self, snapshot: JobSnapshot) -> None:
        """Show the job as it is now."""
        raise NotImplementedError


def report_of(screen: Screen, clock: Clock, output: str, show: Sequence[str], *, changes: bool) -> JobReport:
    """The report for that output.

    Args:
        screen: Where it goes.
        clock: Says how long a job has been running.
        output: `table`, `json` or `jsonl`.
        show: Fields that belong to a job's label.
        changes: Whether several snapshots will come, or a last one alone.
    """
    if output != "table":
        return JsonReport(screen, indent=2 if output == "json" else None)
    if not screen.is_live:
        return LineReport(screen, show)
    encoding = (screen.console.encoding or "").lower()
    tree = Tree(
        lambda: datetime.fromtimestamp(clock.now(), UTC), show, Glyphs() if encoding.startswith("utf") else ASCII
    )
    return LiveReport(screen, tree) if changes else TreeReport(screen, tree)


class JsonReport(JobReport):
    """A JSON document for each snapshot: on one line, or indented."""

    def __init__(self, screen: Screen, indent: int | None) -> None:
        self._screen = screen
        self._indent = indent

    def show(self, snapshot: JobSnapshot) -> None:
        document = {**_as_data(snapshot), "job": snapshot.job.to_dict()}
        self._screen.raw(as_json(document, indent=self._indent))


def _as_data(snapshot: JobSnapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "state": str(snapshot.state),
        "progress": snapshot.progress,
        "started_at": snapshot.started_at and snapshot.started_at.isoformat(),
        "ended_at": snapshot.ended_at and snapshot.ended_at.isoformat(),
        "reason": snapshot.reason,
        "children": [_as_data(child) for child in snapshot.children],
    }


class LineReport(JobReport):
    """A line for each job, sub-job or task that changed, for pipes and log files."""

    def __init__(self, screen: Screen, show: Sequence[str]) -> None:
        self._screen = screen
        self._show = show
        self._before: dict[_Place, tuple[Any, ...]] = {}

    def show(self, snapshot: JobSnapshot) -> None:
        seen = list(_walk(snapshot))
        changed = [(len(place), each) for place, each in seen if self._before.get(place) != _told(each)]
        self._before = {place: _told(each) for place, each in seen}
        # The job itself comes first if it changed; of its parts, what is most urgent.
        shown = changed
        if len(changed) > _LINES:
            shown = sorted(changed, key=lambda found: (found[1] is not snapshot, urgency(found[1])))[:_LINES]
        for depth, each in shown:
            self._screen.line(self._line(depth, each))
        if len(changed) > len(shown):
            told = {id(each) for _, each in shown}
            rest = [each for _, each in changed if id(each) not in told]
            self._screen.line(f"{len(rest):,} more changed: {counted(rest)}")

    def _line(self, depth: int, snapshot: JobSnapshot) -> Text:
        text = Text(f"{snapshot.state:<9}", STYLES[snapshot.state])
        text.append(f" {percent(snapshot.progress):>4}  {'  ' * min(depth - 1, 8)}{label(snapshot, self._show)}")
        if snapshot.is_terminal and (time := duration_text(snapshot.started_at, snapshot.ended_at)):
            text.append(f"  {time}")
        if snapshot.reason:
            text.append(f"  {plain(snapshot.reason)}")
        return text


_Place = tuple[tuple[str, int], ...]
"""The ids from a job down to a part, each with its number among siblings of that id: a part may have none."""


def _walk(snapshot: JobSnapshot, place: _Place = (("", 0),)) -> Iterator[tuple[_Place, JobSnapshot]]:
    yield place, snapshot
    met: Counter[str] = Counter()
    for child in snapshot.children:
        name = child.id or ""
        yield from _walk(child, (*place, (name, met[name])))
        met[name] += 1


def _told(snapshot: JobSnapshot) -> tuple[Any, ...]:
    return snapshot.state, snapshot.progress, snapshot.reason


class TreeReport(JobReport):
    """A tree that is drawn once."""

    def __init__(self, screen: Screen, tree: Tree) -> None:
        self._screen = screen
        self._tree = tree

    def show(self, snapshot: JobSnapshot) -> None:
        for line in self._tree.lines(snapshot, self._screen.console.width, _STATIC_HEIGHT):
            self._screen.line(line)


class LiveReport(JobReport):
    """A tree in one place of a terminal, drawn anew when the job changes, and each second for the times in it."""

    def __init__(self, screen: Screen, tree: Tree) -> None:
        self._tree = tree
        self._drawn: _Drawing | None = None
        self._live = Live(
            console=screen.console,
            get_renderable=lambda: self._drawn or Text(),
            refresh_per_second=1,
            redirect_stdout=False,
            # A warning goes above the tree; where standard error is no terminal, it is to stay where it goes.
            redirect_stderr=sys.stderr.isatty(),
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, snapshot: JobSnapshot) -> None:
        self._drawn = _Drawing(self._tree, snapshot)
        # Begun with the first snapshot: until then there is nothing to draw.
        self._live.start()
        self._live.refresh()


class _Drawing:
    """A tree for a terminal of whatever size it has at the moment."""

    def __init__(self, tree: Tree, snapshot: JobSnapshot) -> None:
        self._tree = tree
        self._snapshot = snapshot

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = max(4, console.size.height - _MARGIN)
        for line in self._tree.lines(self._snapshot, options.max_width, height):
            line.no_wrap = True
            yield line
