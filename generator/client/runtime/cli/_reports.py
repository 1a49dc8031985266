"""Shows jobs as they change: as a tree that is drawn anew, as lines, or as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from .._clock import Clock
from .._snapshots import JobSnapshot
from ._screen import Screen
from ._texts import as_json, percent, plain, took
from ._tree import ASCII, STYLES, Glyphs, Tree, counted, label, urgency

_LINES = 20
"""How many parts of a job are told of at most, where one look finds more of them changed."""
_STATIC_HEIGHT = 40
_MARGIN = 2
"""Lines of a terminal that the tree leaves free, so that it never scrolls."""


class Report:
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


def report_of(screen: Screen, clock: Clock, output: str, show: Sequence[str], *, changes: bool) -> Report:
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


class JsonReport(Report):
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


class LineReport(Report):
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
        if snapshot.is_terminal and (time := took(snapshot.started_at, snapshot.ended_at)):
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


class TreeReport(Report):
    """A tree that is drawn once."""

    def __init__(self, screen: Screen, tree: Tree) -> None:
        self._screen = screen
        self._tree = tree

    def show(self, snapshot: JobSnapshot) -> None:
        for line in self._tree.lines(snapshot, self._screen.console.width, _STATIC_HEIGHT):
            self._screen.line(line)


class LiveReport(Report):
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
