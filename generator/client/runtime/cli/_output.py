"""Output of jobs: a tree that is redrawn, lines, or JSON.

If there are more children than lines, the failed ones come first, and the rest are counted by state.
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
from ._console import Screen, duration, duration_text, percent, plain
from ._options import text_of, value_at

STYLES = {
    JobState.FAILED: "bold red",
    JobState.PARTIAL: "yellow",
    JobState.STOPPED: "yellow",
    JobState.UNKNOWN: "magenta",
    JobState.RUNNING: "cyan",
    JobState.PENDING: "dim",
    JobState.SUCCEEDED: "green",
}
"""The style of each state, the most urgent first."""

_URGENCY = {state: rank for rank, state in enumerate(STYLES)}

_STATE, _BAR, _PERCENT, _TIME = 9, 10, 4, 8

_NARROW = 64
"""Columns below which there is no bar."""


@attrs.frozen
class Glyphs:
    """The characters of a tree and of a progress bar."""

    branch: str = "├── "
    last: str = "└── "
    through: str = "│   "
    blank: str = "    "
    full: str = "━"
    empty: str = "─"


ASCII = Glyphs("|-- ", "`-- ", "|   ", "    ", "#", "-")
"""For a terminal that is not UTF-8."""


def urgency(snapshot: JobSnapshot) -> int:
    """Return the rank of a job by urgency, 0 for the most urgent."""
    return _URGENCY[snapshot.state]


def counted(snapshots: Iterable[JobSnapshot]) -> str:
    """Return the number of jobs in each state, the most urgent first."""
    states = Counter(each.state for each in snapshots)
    return ", ".join(f"{states[state]:,} {state}" for state in _URGENCY if states[state])


def label(snapshot: JobSnapshot, show: Sequence[str]) -> str:
    """Return the label of a job: the requested fields, and its id."""
    fields = [text_of(value_at(snapshot.job, field)) for field in show]
    return plain(" ".join(each for each in (*fields, snapshot.id or "") if each) or "(no id)")


@attrs.frozen
class Tree:
    """Draws a job and its children."""

    now: Callable[[], datetime]
    show: Sequence[str] = ()
    glyphs: Glyphs = Glyphs()

    def lines(self, snapshot: JobSnapshot, width: int, height: int) -> Iterator[Text]:
        """Yield the lines of a job: at most `height`, and one more for the reason of its failure."""
        yield self._line("", snapshot, width)
        yield from self._reason("", snapshot, width)
        yield from self._children("", snapshot, width, height - 1)

    def _children(self, before: str, snapshot: JobSnapshot, width: int, room: int) -> Iterator[Text]:
        children = list(snapshot.children)
        if room < 1 or not children:
            return
        needs = [_height(child) for child in children]
        hidden: list[JobSnapshot] = []
        if len(children) > room:
            ordered = sorted(children, key=urgency)
            heights = accumulate(1 + _has_reason(child) for child in ordered)
            kept = sum(total <= room - 1 for total in heights)
            children, hidden = ordered[:kept], ordered[kept:]
            needs = [1 + _has_reason(child) for child in children]
        rooms = _divide(needs, room - bool(hidden))
        for index, child in enumerate(children):
            is_last = index == len(children) - 1 and not hidden
            yield self._line(before + (self.glyphs.last if is_last else self.glyphs.branch), child, width)
            below = before + (self.glyphs.blank if is_last else self.glyphs.through)
            if rooms[index] > 1:
                yield from self._reason(below, child, width)
            yield from self._children(below, child, width, rooms[index] - 1 - _has_reason(child))
        if hidden:
            more = (
                f"{len(hidden):,} more: {counted(hidden)}"
                if children
                else f"{len(hidden):,} children: {counted(hidden)}"
            )
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
        """Return its duration up to its end, or up to now."""
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
    """Return the number of lines of a job and its children."""
    return 1 + _has_reason(snapshot) + sum(map(_height, snapshot.children))


def _divide(needs: list[int], room: int) -> list[int]:
    """Divide lines among jobs: at least one each, and equal shares of the rest, as far as each needs them."""
    given = [0] * len(needs)
    left = room
    for done, index in enumerate(sorted(range(len(needs)), key=lambda index: needs[index])):
        given[index] = max(1, min(needs[index], left // (len(needs) - done)))
        left -= given[index]
    return given


def _cut(text: Text, width: int, *, pad: bool = False) -> Text:
    text.truncate(width, overflow="ellipsis", pad=pad)
    return text


_LINES = 20
"""Lines for the changed children of one snapshot at most."""

_STATIC_HEIGHT = 40

_MARGIN = 2
"""Free lines of a terminal below the tree, so that it never scrolls."""


class JobReport:
    """Shows snapshots of one job."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing: written output stays."""

    def show(self, snapshot: JobSnapshot) -> None:
        """Show a snapshot."""
        raise NotImplementedError


def job_report(screen: Screen, clock: Clock, output: str, show: Sequence[str], *, changes: bool) -> JobReport:
    """Make the report for an output format.

    Args:
        screen: The screen to write to.
        clock: The clock for the duration of a running job.
        output: `table`, `json` or `jsonl`.
        show: Fields of a job's label.
        changes: Whether it will show several snapshots, or only the last.
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
        self._screen.raw(snapshot.to_json(indent=self._indent))


class LineReport(JobReport):
    """A line for each job, sub-job or task that changed, for pipes and log files."""

    def __init__(self, screen: Screen, show: Sequence[str]) -> None:
        self._screen = screen
        self._show = show
        self._before: dict[_JobPath, tuple[Any, ...]] = {}

    def show(self, snapshot: JobSnapshot) -> None:
        snapshots = dict(_with_paths(snapshot))
        changed = [(path, each) for path, each in snapshots.items() if self._before.get(path) != _changing_fields(each)]
        self._before = {path: _changing_fields(each) for path, each in snapshots.items()}
        rest = []
        if len(changed) > _LINES:
            # The job itself comes first if it changed, then the most urgent children.
            changed.sort(key=lambda change: (change[1] is not snapshot, urgency(change[1])))
            changed, rest = changed[:_LINES], changed[_LINES:]
        for path, each in changed:
            self._screen.line(self._line(len(path), each))
        if rest:
            self._screen.line(f"{len(rest):,} more changed: {counted(each for _, each in rest)}")

    def _line(self, depth: int, snapshot: JobSnapshot) -> Text:
        text = Text(f"{snapshot.state:<9}", STYLES[snapshot.state])
        text.append(f" {percent(snapshot.progress):>4}  {'  ' * min(depth - 1, 8)}{label(snapshot, self._show)}")
        if snapshot.is_terminal and (time := duration_text(snapshot.started_at, snapshot.ended_at)):
            text.append(f"  {time}")
        if snapshot.reason:
            text.append(f"  {plain(snapshot.reason)}")
        return text


_JobPath = tuple[tuple[str, int], ...]
"""The ids from a job down to a child, each with its number among siblings of that id, which may be missing."""


def _with_paths(snapshot: JobSnapshot, path: _JobPath = (("", 0),)) -> Iterator[tuple[_JobPath, JobSnapshot]]:
    yield path, snapshot
    counts: Counter[str] = Counter()
    for child in snapshot.children:
        name = child.id or ""
        yield from _with_paths(child, (*path, (name, counts[name])))
        counts[name] += 1


def _changing_fields(snapshot: JobSnapshot) -> tuple[Any, ...]:
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
    """A tree that is redrawn in place when the job changes, and each second for its durations."""

    def __init__(self, screen: Screen, tree: Tree) -> None:
        self._tree = tree
        self._drawn: _Drawing | None = None
        self._live = Live(
            console=screen.console,
            get_renderable=lambda: self._drawn or Text(),
            refresh_per_second=1,
            redirect_stdout=False,
            # A warning goes above the tree, unless standard error is not a terminal.
            redirect_stderr=sys.stderr.isatty(),
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, snapshot: JobSnapshot) -> None:
        self._drawn = _Drawing(self._tree, snapshot)
        # Started with the first snapshot: before, there is nothing to draw.
        self._live.start()
        self._live.refresh()


class _Drawing:
    """A tree that fits the current size of the terminal."""

    def __init__(self, tree: Tree, snapshot: JobSnapshot) -> None:
        self._tree = tree
        self._snapshot = snapshot

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = max(4, console.size.height - _MARGIN)
        for line in self._tree.lines(self._snapshot, options.max_width, height):
            line.no_wrap = True
            yield line
