"""Output of jobs: trees that are redrawn, lines, or JSON.

If there are more children than lines, the failed ones come first, and the rest are counted by state. The trees of the
end of a wait have each failed child, and whole reasons.
"""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, islice
from types import TracebackType
from typing import Any, Self

import attrs
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from .._clock import Clock
from .._jobs import JobSnapshot, JobState
from .._json import as_json
from ..errors import APIConnectionError, CloudJobsError
from ._console import PROGRAM, duration, duration_text, percent, plain, warn
from ._options import text_of, value_at

_CHUNK = 16_384
"""Characters of one write."""

_NO_CURSOR = ("dumb", "unknown")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - rich calls this while it handles the BrokenPipeError, which the program ends with


class Screen:
    """Standard output."""

    def __init__(self) -> None:
        self.console = _Console(file=sys.stdout, markup=False, emoji=False, highlight=False, legacy_windows=False)
        self.is_live = sys.stdout.isatty() and os.environ.get("TERM", "").lower() not in _NO_CURSOR
        """Whether it is a terminal that can redraw lines."""

    def line(self, text: Text | str) -> None:
        """Write a line of any length, without markup and without a break."""
        self.console.print(text, soft_wrap=True)

    def raw(self, text: str) -> None:
        """Write a line as it is: JSON, or fields between tabs, which rich would replace."""
        line = f"{text}\n"
        # In chunks: Python does not report a write that its reader breaks off in the middle.
        for begin in range(0, len(line), _CHUNK):
            sys.stdout.write(line[begin : begin + _CHUNK])
            sys.stdout.flush()


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
"""Columns below which the bar is omitted."""


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

    def all_lines(self, snapshots: Sequence[JobSnapshot], width: int, height: int) -> Iterator[Text]:
        """Yield the lines of several jobs, at most `height`: each has some, as far as there is room."""
        ordered, hidden = list(snapshots), []
        if sum(map(_own_height, ordered)) > height:
            ordered.sort(key=urgency)
            heights = accumulate(map(_own_height, ordered))
            kept = sum(total < height for total in heights)
            ordered, hidden = ordered[:kept], ordered[kept:]
        rooms = _divide([_height(each) for each in ordered], height - bool(hidden))
        for snapshot, room in zip(ordered, rooms, strict=True):
            lines = self.lines(snapshot, width, max(1, room - _has_reason(snapshot)))
            # A job gets fewer lines than it has only if there is no room for more.
            yield from islice(lines, max(1, room))
        if hidden:
            yield _cut(Text(f"{len(hidden):,} more: {counted(hidden)}", "dim"), width)

    def final_lines(self, snapshot: JobSnapshot, width: int, before: str = "", below: str = "") -> Iterator[Text]:
        """Yield the final lines of a job: each failed child, and labels and reasons in full, wrapped."""
        yield from self._whole_line(before, below, snapshot, width)
        if _has_reason(snapshot):
            guide = below + (self.glyphs.through if snapshot.children else self.glyphs.blank)
            reason = Text(plain(_reason(snapshot), _LONGEST_REASON), STYLES[snapshot.state])
            yield from _wrapped(Text(guide, "dim"), reason, width)
        children = list(snapshot.children)
        failed = [_has_failure(child) for child in children]
        others = max(0, _STATIC_HEIGHT - sum(failed))
        hidden = []
        if len(children) - sum(failed) > others:
            places = [index for index, is_failed in enumerate(failed) if not is_failed][others:]
            hidden = [children[index] for index in places]
            children = [child for index, child in enumerate(children) if index not in set(places)]
        for index, child in enumerate(children):
            is_last = index == len(children) - 1 and not hidden
            yield from self.final_lines(
                child,
                width,
                below + (self.glyphs.last if is_last else self.glyphs.branch),
                below + (self.glyphs.blank if is_last else self.glyphs.through),
            )
        if hidden:
            more = f"{len(hidden):,} more: {counted(hidden)}"
            yield from _wrapped(Text(below + self.glyphs.last, "dim"), Text(more, "dim"), width)

    def _whole_line(self, before: str, below: str, snapshot: JobSnapshot, width: int) -> Iterator[Text]:
        """Yield the line of a job; if its label would be cut, that has separate lines."""
        text, right = label(snapshot, self.show), self._right(snapshot, bar=width >= _NARROW)
        if Text(before + text).cell_len + right.cell_len <= width or not _has_failure(snapshot):
            yield self._line(before, snapshot, width)
            return
        style = "" if before else "bold"
        guide = below + (self.glyphs.through if snapshot.children else self.glyphs.blank)
        yield from _wrapped(Text(before, "dim"), Text(text, style), width, Text(guide, "dim"))
        right.rstrip()
        # The two blanks before the state are those of a line that begins with a label.
        yield _cut(Text(guide, "dim") + right[2:], width)

    def _children(self, before: str, snapshot: JobSnapshot, width: int, room: int) -> Iterator[Text]:
        children = list(snapshot.children)
        if room < 1 or not children:
            return
        needs = [_height(child) for child in children]
        hidden: list[JobSnapshot] = []
        if len(children) > room:
            ordered = sorted(children, key=urgency)
            heights = accumulate(map(_own_height, ordered))
            kept = sum(total <= room - 1 for total in heights)
            children, hidden = ordered[:kept], ordered[kept:]
            needs = [_own_height(child) for child in children]
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
            reason = Text(plain(_reason(snapshot)), STYLES[snapshot.state])
            guide = before + (self.glyphs.through if snapshot.children else self.glyphs.blank)
            yield _cut(Text().append(guide, "dim").append_text(reason), width)


def _reason(snapshot: JobSnapshot) -> str:
    """Return the reason of a job and its error code; empty without either."""
    if snapshot.reason and snapshot.code:
        return f"{snapshot.reason} ({snapshot.code})"
    return snapshot.reason or snapshot.code or ""


def _has_reason(snapshot: JobSnapshot) -> bool:
    return bool(_reason(snapshot)) and not snapshot.is_success


def _has_failure(snapshot: JobSnapshot) -> bool:
    """Return whether the job or a descendant needs attention: failed, stopped or of unknown state."""
    return _URGENCY[snapshot.state] <= _URGENCY[JobState.UNKNOWN] or any(map(_has_failure, snapshot.children))


def _own_height(snapshot: JobSnapshot) -> int:
    """Return the number of lines of a job without its children."""
    return 1 + _has_reason(snapshot)


def _wrapped(first: Text, text: Text, width: int, rest: Text | None = None) -> Iterator[Text]:
    """Yield the text in lines of that width, the first one behind a prefix, the others behind another or the same."""
    head = text.wrap(_WRAPPING, max(1, width - first.cell_len), overflow="fold")[0]
    tail = text[len(head) :]
    while tail.plain.startswith(" "):
        tail = tail[1:]
    others: Iterable[Text] = ()
    if tail:
        others = tail.wrap(_WRAPPING, max(1, width - (rest or first).cell_len), overflow="fold")
    for prefix, line in ((first, head), *((rest or first, line) for line in others)):
        line.rstrip()
        yield _cut(prefix + line, width)


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
"""Lines for the changed children of one snapshot at most; failed ones are not counted."""

_STATIC_HEIGHT = 40
"""Children of a job that stay on the screen, if not more of them failed."""

_MARGIN = 2
"""Free lines of a terminal below the trees, so that they never scroll."""

_LONGEST_REASON = 20_000

_STATUS_LINES = 3

_PATIENCE = 3.0
"""Seconds without a response until the status says so."""

_WRAPPING = Console(file=io.StringIO())
"""For wrapping text: its own width does not matter."""


class Contact:
    """Whether the service responds, for the status line."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.now()
        """The time of the first request without a response."""
        self._error: CloudJobsError | None = None
        self._next: float | None = None
        """The time of the next request; None during a request."""

    def begin(self) -> None:
        """Note the start of a request."""
        if self._error is None:
            self._since = self._clock.now()
        self._next = None

    def end(self, error: CloudJobsError | None) -> None:
        """Record how a request ended: its error, or None for a response with jobs."""
        self._error = error

    def sleep(self, seconds: float) -> None:
        """Record the delay before the next request."""
        self._next = self._clock.now() + seconds

    @property
    def is_silent(self) -> bool:
        """Whether the last request had no response."""
        return isinstance(self._error, APIConnectionError)

    def status(self) -> str:
        """Return the text of the status: since when no response came, and when the next request is due; or empty."""
        now = self._clock.now()
        if self._error is None:
            if self._next is not None or now - self._since < _PATIENCE:
                return ""
            subject, cause = "no response", ""
        else:
            subject = "no response" if self.is_silent else "no result"
            cause = f": {self._error}"
        since = f"{datetime.fromtimestamp(self._since, UTC):%H:%M:%SZ}"
        due = "trying now" if self._next is None else f"next try in {duration(max(0.0, self._next - now))}"
        return f"{subject} since {since} ({duration(now - self._since)}), {due}{plain(cause)}"


class WaitReport:
    """Shows the jobs of a wait."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing: written output stays."""

    def show(self, job_id: str, snapshot: JobSnapshot) -> None:
        """Show a job that changed."""

    def sleep(self, seconds: float) -> None:
        """Show that the next request begins after that time."""
        self.contact.sleep(seconds)

    def finish(self, results: Mapping[str, JobSnapshot | CloudJobsError], seen: Mapping[str, JobSnapshot]) -> None:
        """Show the jobs as the wait ended.

        Args:
            results: By ID, the jobs that ended, and the errors of the others.
            seen: By ID, the jobs as they were last seen.
        """


def wait_report(screen: Screen, clock: Clock, output: str, show: Sequence[str], *, changes: bool) -> WaitReport:
    """Make the report of a wait for an output format.

    Args:
        screen: The screen to write to.
        clock: The clock for the duration of a running job.
        output: `table`, `json` or `jsonl`.
        show: Fields of a job's label.
        changes: Whether to show each change, or only the end.
    """
    contact = Contact(clock)
    if output == "json":
        return JsonReport(contact, screen)
    if output == "table" and screen.is_live:
        return LiveReport(contact, screen, _tree(screen, clock, show), changes=changes)
    write = _write_json(screen) if output == "jsonl" else LineWriter(screen, show)
    return StreamReport(contact, write, changes=changes)


def show_job(screen: Screen, clock: Clock, show: Sequence[str], snapshot: JobSnapshot) -> None:
    """Write one job, as a tree or in lines."""
    if not screen.is_live:
        LineWriter(screen, show)("", snapshot)
        return
    for line in _tree(screen, clock, show).final_lines(snapshot, screen.console.width):
        screen.line(line)


def _tree(screen: Screen, clock: Clock, show: Sequence[str]) -> Tree:
    encoding = (screen.console.encoding or "").lower()
    glyphs = Glyphs() if encoding.startswith("utf") else ASCII
    return Tree(lambda: datetime.fromtimestamp(clock.now(), UTC), show, glyphs)


def _write_json(screen: Screen) -> Callable[[str, JobSnapshot], None]:
    return lambda job_id, snapshot: screen.raw(snapshot.to_json())


class JsonReport(WaitReport):
    """One JSON document at the end: of one job, or a list of several."""

    def __init__(self, contact: Contact, screen: Screen) -> None:
        super().__init__(contact)
        self._screen = screen

    def finish(self, results: Mapping[str, JobSnapshot | CloudJobsError], seen: Mapping[str, JobSnapshot]) -> None:
        documents = []
        for job_id, result in results.items():
            document = seen[job_id].to_dict() if job_id in seen else {"id": job_id}
            documents.append(document | ({"error": str(result)} if isinstance(result, CloudJobsError) else {}))
        if len(documents) > 1:
            self._screen.raw(as_json(documents, indent=2))
        elif seen:
            self._screen.raw(next(iter(seen.values())).to_json(indent=2))


class StreamReport(WaitReport):
    """Writes each change, or each job when it has ended, for pipes, log files and programs."""

    def __init__(self, contact: Contact, write: Callable[[str, JobSnapshot], None], *, changes: bool) -> None:
        super().__init__(contact)
        self._write = write
        self._changes = changes
        self._written: set[str] = set()

    def show(self, job_id: str, snapshot: JobSnapshot) -> None:
        if self._changes or snapshot.is_terminal:
            self._written.add(job_id)
            self._write(job_id, snapshot)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.contact.is_silent:
            warn(f"{PROGRAM}: {self.contact.status()}")

    def finish(self, results: Mapping[str, JobSnapshot | CloudJobsError], seen: Mapping[str, JobSnapshot]) -> None:
        for job_id, snapshot in seen.items():
            if job_id not in self._written:
                self._write(job_id, snapshot)


class LineWriter:
    """Writes a line for each job, sub-job or task that changed."""

    def __init__(self, screen: Screen, show: Sequence[str]) -> None:
        self._screen = screen
        self._show = show
        self._before: dict[str, dict[_JobPath, tuple[Any, ...]]] = {}

    def __call__(self, job_id: str, snapshot: JobSnapshot) -> None:
        before, snapshots = self._before.get(job_id, {}), dict(_with_paths(snapshot))
        changed = [(path, each) for path, each in snapshots.items() if before.get(path) != _changing_fields(each)]
        self._before[job_id] = {path: _changing_fields(each) for path, each in snapshots.items()}
        rest = []
        if len(changed) > _LINES:
            # The job itself comes first if it changed, then the most urgent children.
            changed.sort(key=lambda change: (change[1] is not snapshot, urgency(change[1])))
            kept = max(_LINES, sum(each is snapshot or _has_failure(each) for _, each in changed))
            changed, rest = changed[:kept], changed[kept:]
        for path, each in changed:
            self._screen.line(self._line(len(path), each))
        if rest:
            self._screen.line(f"{len(rest):,} more changed: {counted(each for _, each in rest)}")

    def _line(self, depth: int, snapshot: JobSnapshot) -> Text:
        text = Text(f"{snapshot.state:<9}", STYLES[snapshot.state])
        text.append(f" {percent(snapshot.progress):>4}  {'  ' * min(depth - 1, 8)}{label(snapshot, self._show)}")
        if snapshot.is_terminal and (time := duration_text(snapshot.started_at, snapshot.ended_at)):
            text.append(f"  {time}")
        if reason := _reason(snapshot):
            text.append(f"  {plain(reason, _LONGEST_REASON)}")
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
    return snapshot.state, snapshot.progress, _reason(snapshot)


class LiveReport(WaitReport):
    """The trees of all jobs, redrawn in place when one changes, and each second for durations and the status.

    Without `changes` there is one line until the end. The trees of the end replace all that was drawn, and stay.
    """

    def __init__(self, contact: Contact, screen: Screen, tree: Tree, *, changes: bool) -> None:
        super().__init__(contact)
        self._tree = tree
        self._changes = changes
        self._jobs: dict[str, JobSnapshot] = {}
        self._final: list[JobSnapshot] | None = None
        self._live = Live(
            self,
            console=screen.console,
            refresh_per_second=1,
            redirect_stdout=False,
            # A warning goes above the trees, unless standard error is not a terminal.
            redirect_stderr=sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, job_id: str, snapshot: JobSnapshot) -> None:
        self._jobs = {**self._jobs, job_id: snapshot}
        self._live.refresh()

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.contact.status():
            self._live.refresh()

    def finish(self, results: Mapping[str, JobSnapshot | CloudJobsError], seen: Mapping[str, JobSnapshot]) -> None:
        # Errors are written below.
        self._final = [seen[job_id] for job_id in results if job_id in seen]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._lines(options.max_width, max(4, console.size.height - _MARGIN)):
            line.no_wrap = True
            yield line

    def _lines(self, width: int, height: int) -> Iterator[Text]:
        if self._final is not None:
            for snapshot in self._final:
                # Of several jobs, one that succeeded needs only its line.
                whole = len(self._final) == 1 or not snapshot.is_success
                yield from self._tree.final_lines(snapshot if whole else attrs.evolve(snapshot, children=()), width)
            return
        text = self.contact.status()
        status = list(islice(_wrapped(Text(), Text(text, "yellow"), width), _STATUS_LINES)) if text else []
        jobs = list(self._jobs.values())
        if self._changes and jobs:
            yield from self._tree.all_lines(jobs, width, height - len(status))
        elif not status:
            yield _cut(Text(f"waiting: {counted(jobs) or 'no response yet'}", "dim"), width)
        yield from status
