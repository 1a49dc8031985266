"""Diagrams and charts of the site, drawn as SVG inside a page.

Lines and text have the page's own colour, the other colours are the site's, so a diagram follows the colour scheme. It
is made for the width of a telephone and grows to a column of text. Charts show the committed figures
(`generator/docs/figures/`), so a site does not depend on the machine that builds it.

To add a diagram, write a function that returns its drawings and name it in `DIAGRAMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from math import log10
from typing import Any

import attrs

from ..documents.mappings import job_mappings
from ..documents.schema_view import flatten
from .context import BundledService, SiteContext, figures
from .translation import say

WIDTH = 440
"""Width of every diagram, in its own units."""
_WIDEST = 560
"""Largest width on a page, in pixels."""
TEXT, SMALL = 14, 13
"""Font sizes."""
LINE = 18
"""Height of a line of small text."""
ACCENT, GOOD, BAD = "var(--accent,#3b82c4)", "var(--good,#2f8f4e)", "var(--bad,#d0453e)"
FAIR, FAINT = "var(--wait,#b7791f)", "#7a7f8a"
"""Colours of the site, which follow its colour scheme. Outside the site, colours for a light or dark background."""
_MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"


class Drawing:
    """A diagram that is being drawn.

    Args:
        name: Unique on its page.
        description: The content in words, for readers who do not see it.
    """

    def __init__(self, name: str, title: str, description: str) -> None:
        self.name, self.title, self.description = name, title, description
        self._elements: list[str] = []
        self._height = 0.0

    def box(
        self, x: float, y: float, width: float, height: float, colour: str = "currentColor", *, dashed: bool = False
    ) -> None:
        """Draw a rectangle with round corners, faintly filled."""
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        fill = "none" if colour == "currentColor" or dashed else colour
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="6" fill="{fill}" '
            f'fill-opacity="0.12" stroke="{colour}" stroke-width="1.5"{dash}/>',
            y + height,
        )

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Draw a filled rectangle."""
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="2" fill="{colour}"/>',
            y + height,
        )

    def line(
        self,
        points: Iterable[tuple[float, float]],
        colour: str = "currentColor",
        *,
        faint: bool = False,
        width: float = 1.5,
    ) -> None:
        """Draw a line through points."""
        path, bottom = _path(points)
        opacity = ' stroke-opacity="0.3"' if faint else ""
        self._add(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"{opacity}/>', bottom
        )

    def area(self, points: Iterable[tuple[float, float]], colour: str) -> None:
        """Draw a faintly filled area."""
        path, bottom = _path(points)
        self._add(f'<polygon points="{path}" fill="{colour}" fill-opacity="0.25"/>', bottom)

    def dot(self, x: float, y: float, colour: str, radius: float = 3.5) -> None:
        """Draw a filled circle."""
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour}"/>', y + radius)

    def arrow(self, points: Sequence[tuple[float, float]], colour: str = "currentColor") -> None:
        """Draw a line through points, across or down, with a head at its end."""
        (x0, y0), (x, y) = points[-2:]
        along, down = (x > x0) - (x < x0), (y > y0) - (y < y0)
        back = (x - 7 * along, y - 7 * down)
        self.line([*points[:-1], back], colour)
        head = ((x, y), (back[0] - 4 * down, back[1] - 4 * along), (back[0] + 4 * down, back[1] + 4 * along))
        self._add(f'<polygon points="{_path(head)[0]}" fill="{colour}"/>', y)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT,
        bold: bool = False,
        code: bool = False,
        anchor: str = "start",
    ) -> None:
        """Draw a line of text with its baseline at `y`."""
        weight = ' font-weight="600"' if bold else ""
        family = f' font-family="{_MONOSPACE}"' if code else ""
        anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._add(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="currentColor"{weight}{family}{anchored}>'
            f"{escape(text)}</text>",
            y + size / 3,
        )

    def svg(self) -> str:
        """Return the diagram as HTML on one line, since a block of Markdown must not have an empty one."""
        title, description = f"diagram-{self.name}-title", f"diagram-{self.name}-description"
        return (
            f'<figure class="diagram" style="width:100%;max-width:{_WIDEST}px;margin:1.5em 0">'
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="100%" font-family="inherit" '
            f'viewBox="0 0 {WIDTH} {_n(self._height + 4)}" aria-labelledby="{title} {description}">'
            f'<title id="{title}">{escape(self.title)}</title>'
            f'<desc id="{description}">{escape(self.description)}</desc>'
            f"{''.join(self._elements)}</svg><figcaption>{escape(self.title)}</figcaption></figure>"
        )

    def _add(self, element: str, bottom: float) -> None:
        self._elements.append(element)
        self._height = max(self._height, bottom)


def _path(points: Iterable[tuple[float, float]]) -> tuple[str, float]:
    """Return points as SVG writes them, and the lowest of them."""
    placed = list(points)
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in placed), max(y for _, y in placed)


def _n(number: float) -> str:
    """Return a number with one digit after the point where it needs it."""
    return f"{number:.1f}".removesuffix(".0")


_ROW = 44
_ENDS = (0.5, 20.0)
"""Ends of the benchmark's axis, in multiples of the target."""
_AXIS = 256
"""Length of the axis, which leaves room for the figures."""


def benchmark(context: SiteContext) -> list[Drawing]:
    """Return each comparison of the benchmark, as a multiple of its target."""
    data = figures(context.root, "bench")
    rows = data["rows"]
    met = sum(row["met"] for row in rows)
    drawing = Drawing(
        "benchmark",
        f"The client compared with baselines: {met} of {len(rows)} targets met. {data['measured']}",
        "Multiples of the target, which is met from 1 on. "
        + "; ".join(f"{row['workload']}, compared with {row['peer']}: {_ratio(row)}" for row in rows)
        + ".",
    )
    drawing.text(0, 12, "multiples of the target", size=SMALL)
    for number, row in enumerate(rows):
        y = 24 + _ROW * number
        end = _on_axis(_multiple(row))
        drawing.text(0, y + 16, f"{row['workload']}: {row['peer']}", size=SMALL)
        drawing.bar(0, y + 22, end, 10, GOOD if row["met"] else BAD)
        drawing.line([(_on_axis(1), y + 20), (_on_axis(1), y + 34)], width=2)
        drawing.text(max(end, _on_axis(1)) + 8, y + 32, _ratio(row), size=SMALL)
    y = 24 + _ROW * len(rows) + 8
    drawing.line([(0, y), (_on_axis(_ENDS[1]), y)], faint=True, width=1)
    for multiple, label in ((1, "target"), (2, "2"), (5, "5"), (10, "10"), (20, "20 times")):
        drawing.line([(_on_axis(multiple), y - 4), (_on_axis(multiple), y)], width=1)
        drawing.text(_on_axis(multiple), y + 17, label, size=SMALL, anchor="middle")
    return [drawing]


def mutation(context: SiteContext) -> list[Drawing]:
    """Return the share of detected mutants of each service: by all checks, and by the recordings alone."""
    services = figures(context.root, "mutation")["services"]
    scores = [
        f"{each['service']}: {each['noticed']} of {each['mutants']} ({_share(each['score'])}), "
        f"by recordings alone {_share(each['score_recordings'])}"
        for each in services
    ]
    drawing = Drawing("mutation", "Mutants of the documents that the checks detect", f"{'; '.join(scores)}.")
    drawing.bar(0, 3, 12, 10, ACCENT)
    drawing.text(18, 12, "recordings and evidence", size=SMALL)
    drawing.bar(190, 3, 12, 10, FAINT)
    drawing.text(208, 12, "recordings alone", size=SMALL)
    for number, each in enumerate(services):
        y = 26 + 56 * number
        drawing.text(0, y + 14, f"{each['service']}: {each['mutants']} mutants", size=SMALL)
        for lower, (score, colour) in enumerate(((each["score"], ACCENT), (each["score_recordings"], FAINT))):
            width = (WIDTH - 70) * score
            drawing.bar(0, y + 20 + 15 * lower, max(width, 2), 11, colour)
            drawing.text(max(width, 2) + 6, y + 30 + 15 * lower, _share(score), size=SMALL)
    return [drawing]


def _multiple(row: dict[str, Any]) -> float:
    """Return a ratio as a multiple of its target; from 1 on the target is met."""
    sense, target = row["target"].split()
    return float(row["ratio"] / float(target) if sense == ">=" else float(target) / row["ratio"])


def _on_axis(multiple: float) -> float:
    """Return the position of a multiple on the axis, on which equal steps are equal factors."""
    low, high = _ENDS
    return max(2.0, _AXIS * log10(min(max(multiple, low), high) / low) / log10(high / low))


def _ratio(row: dict[str, Any]) -> str:
    target = row["target"].replace(">=", "at least").replace("<=", "at most")
    return f"{row['ratio']:.3g}, target {target}"


def _share(score: float) -> str:
    return f"{100 * score:.1f} %"


_MADE = (
    ("typed client", "waits, reads, retries"),
    ("replay server", "to test against"),
    ("contract checks", "recordings, live services"),
    ("this site", "references and guides"),
)

_FLOW_GAP, _ARROW = 8, 34


def flow(context: SiteContext) -> list[Drawing]:
    """Return the diagram of the pipeline: from a vendor's page and responses to the document, client and site."""
    drawing = Drawing(
        "flow",
        "From the vendor's page to client, checks and site",
        "A vendor's page becomes evidence: every row of its tables as data, and every contradiction with its decision. "
        "Responses of the service become recordings. The OpenAPI document is written by hand from both, and each of "
        "its statements is checked against them. From the document, its evidence and its recordings are made the typed "
        "client, the replay server, the contract checks and this site.",
    )
    wide, right = (WIDTH - _FLOW_GAP) / 2 - 8, WIDTH / 2 + 8
    page = _flow_box(drawing, 0, 0, wide, ["vendor's page", "prose, tables, one example"], "currentColor")
    _flow_box(drawing, right, 0, wide, ["responses", "on the page, or recorded"], "currentColor")
    y = page + _ARROW
    evidence = _flow_box(drawing, 0, y, wide, ["evidence", "every row, as data", "every contradiction, decided"], FAIR)
    _flow_box(drawing, right, y, wide, ["recordings", "body, request, provenance", "raw text, where repaired"], FAIR)
    for x in (wide / 2, right + wide / 2):
        drawing.arrow([(x, page), (x, page + _ARROW)])
        drawing.arrow([(x, evidence), (x, evidence + _ARROW)])
    written = ["OpenAPI document, written by hand", "each statement has evidence, each row is represented"]
    document = _flow_box(drawing, 0, evidence + _ARROW, WIDTH, written, ACCENT)
    drawing.arrow([(WIDTH / 2, document), (WIDTH / 2, document + _ARROW)])
    drawing.text(WIDTH / 2 + 12, document + _ARROW / 2 + 4, "generated", size=SMALL)
    y, half = document + _ARROW, (WIDTH - _FLOW_GAP) / 2
    for left, right_one in zip(_MADE[::2], _MADE[1::2], strict=True):
        bottom = _flow_box(drawing, 0, y, half, list(left), GOOD)
        _flow_box(drawing, half + _FLOW_GAP, y, half, list(right_one), GOOD)
        y = bottom + _FLOW_GAP
    return [drawing]


def _flow_box(drawing: Drawing, x: float, y: float, width: float, lines: list[str], colour: str) -> float:
    """Draw a box with a bold line and others. Returns its lower end."""
    height = 12 + LINE * len(lines)
    drawing.box(x + 1, y + 1, width - 2, height, colour)
    for number, line in enumerate(lines):
        drawing.text(x + 12, y + 19 + LINE * number, line, size=SMALL if number else TEXT, bold=not number)
    return y + height + 1


_POLLS = 14
_SCHEDULE_LEFT, _SCHEDULE_TOP, _HEIGHT = 40, 26, 170
_STRIP = 74
"""Height of the lower part."""


def schedule(context: SiteContext) -> list[Drawing]:
    """Return the longest and shortest pauses between polls, and the times of the polls."""
    longest, shortest = pauses(context, 0.0), pauses(context, 1.0)
    most, least = (", ".join(f"{pause:.1f}".removesuffix(".0") for pause in each) for each in (longest, shortest))
    drawing = Drawing(
        "schedule",
        "Pauses between polls, and times of the polls",
        f"Seconds from one poll to the next, beginning with the first poll: without jitter {most}; with the most "
        f"jitter {least}.",
    )
    _pauses(drawing, longest, shortest)
    _poll_times(drawing, longest, shortest)
    return [drawing]


def pauses(context: SiteContext, random: float) -> list[float]:
    """Return the pauses after the first polls, in seconds, for one random number from 0 to 1."""
    clock: Any = context.import_client("_clock").Clock()
    clock.monotonic = lambda: 0.0
    clock.random = lambda: random
    operations, models = context.import_client("_operations"), context.import_client("_models")
    operation = operations.Operation("any", "any", "GET", "/", models.Model, poll=operations.PollSpec(argument="id"))
    options = context.import_client("_poller").WaitOptions()
    poller = context.import_client("_poller").Poller(operation, {}, ["any"], options, clock)
    return [poller.pause() for _ in range(_POLLS)]


def _pauses(drawing: Drawing, longest: list[float], shortest: list[float]) -> None:
    bottom = _SCHEDULE_TOP + _HEIGHT
    step = (WIDTH - _SCHEDULE_LEFT - 12) / (_POLLS - 1)
    top = max(longest)

    def at(number: int, seconds: float) -> tuple[float, float]:
        return _SCHEDULE_LEFT + 6 + step * number, bottom - _HEIGHT * seconds / top

    drawing.text(0, 12, "pause after a poll, in seconds", size=SMALL)
    for seconds in range(0, int(top) + 1, 10):
        drawing.line([(_SCHEDULE_LEFT, at(0, seconds)[1]), (WIDTH, at(0, seconds)[1])], faint=True, width=1)
        drawing.text(_SCHEDULE_LEFT - 8, at(0, seconds)[1] + 4, str(seconds), size=SMALL, anchor="end")
    upper = [at(number, seconds) for number, seconds in enumerate(longest)]
    lower = [at(number, seconds) for number, seconds in enumerate(shortest)]
    drawing.area([*upper, *reversed(lower)], ACCENT)
    drawing.line(upper, ACCENT)
    drawing.line(lower, ACCENT)
    for point in upper:
        drawing.dot(*point, ACCENT)
    for number in range(_POLLS):
        drawing.text(at(number, 0)[0], bottom + 18, str(number + 1), size=SMALL, anchor="middle")
    drawing.text(WIDTH, bottom + 36, "number of the poll", size=SMALL, anchor="end")
    number = _POLLS // 2
    drawing.text(
        upper[number][0] - 12, upper[number][1] - 4, "jitter subtracts up to a quarter", size=SMALL, anchor="end"
    )


def _poll_times(drawing: Drawing, longest: list[float], shortest: list[float]) -> None:
    """Draw two time lines with a mark for each poll."""
    top = _SCHEDULE_TOP + _HEIGHT + 64
    minutes = int(sum(shortest) // 60)
    scale = (WIDTH - 12) / (minutes * 60)
    drawing.text(0, top, f"polls of the first {minutes} minutes, longest and shortest pauses", size=SMALL)
    for index, pauses in enumerate((longest, shortest)):
        y = top + 24 + 26 * index
        drawing.line([(0, y), (WIDTH, y)], faint=True, width=1)
        time = 0.0
        for pause in (0.0, *pauses):
            time += pause
            if time <= minutes * 60:
                drawing.line([(6 + time * scale, y - 8), (6 + time * scale, y + 8)], ACCENT, width=2)
    y = top + _STRIP
    for minute in range(minutes + 1):
        label = f"{minute} min" if minute else "0"
        anchor = "start" if minute == 0 else "end" if minute == minutes else "middle"
        drawing.text(min(6 + minute * 60 * scale, WIDTH), y + 6, label, size=SMALL, anchor=anchor)


_OPEN = {"pending": ACCENT, "running": ACCENT}
_FINAL = {"succeeded": GOOD, "partial": FAIR, "failed": BAD, "stopped": FAINT}
_CHARACTER = 7.3
"""Width of a character of small code."""
_STATES_LEFT, _STATES_RIGHT = 176, 200
"""Widths of the two columns."""
_STATES_TOP, _HEAD, _STATES_GAP = 28, 24, 12


@attrs.frozen
class _JobStates:
    """The states of one type of job."""

    schema: str
    field: str
    values: Mapping[str, tuple[str, ...]]
    """The values of each state that has any."""
    unmapped: list[str]
    """Known values without a state."""
    resumable: tuple[str, ...]
    """Final states that a job may leave again."""
    has_unknown: bool
    """Whether any other value is an unknown state."""


def states(context: SiteContext, *names: str) -> list[Drawing]:
    """Return the diagrams of a service's job states: one for each type of job with states that differ."""
    services = {service.name: service for service in context.services}
    if len(names) != 1 or names[0] not in services:
        message = f"diagram states must name one of {', '.join(services)}, got {' '.join(names) or 'no service'}"
        raise LookupError(message, "Correct the placeholder")
    service = services[names[0]]
    found = list(_states(service.document))
    if not found:
        message = f"service of the diagram must have a schema with x-job, got {service.name}"
        raise LookupError(message, "Name another service, or remove the placeholder")
    return [_drawing(service, each, alone=len(found) == 1) for each in found]


def _states(document: dict[str, Any]) -> Iterator[_JobStates]:
    """Yield the states of each schema of a job, unless an earlier schema has the same states."""
    seen: list[Any] = []
    for schema, job in job_mappings(document):
        if (job.state, job.rules, job.otherwise) in seen:
            continue
        seen.append((job.state, job.rules, job.otherwise))
        # Of several fields the first that is not empty counts, so the first is the usual one.
        field = job.state[0] if job.values else ", ".join(job.state)
        known = flatten(document, schema).at(job.state[0])
        listed = [value for _, values in known.known_values for value in values] if job.values else []
        unmapped = [value for value in known.enum or listed if value not in job.states] if job.values else []
        name = schema.rpartition("/")[2]
        yield _JobStates(name, field, job.texts, unmapped, job.resumable, has_unknown=job.otherwise is None)


def _drawing(service: BundledService, found: _JobStates, *, alone: bool) -> Drawing:
    name, title = f"states-{service.name}", say("States of a job: {}", service.title)
    if not alone:
        name, title = f"{name}-{found.schema.lower()}", f"{title}, {found.schema}"
    drawing = Drawing(name, title, _state_words(found))
    drawing.text(0, 14, found.field, code=True, bold=True)
    drawing.text(WIDTH - _STATES_RIGHT - 1, 14, say("final"), size=SMALL)
    goes_on = _goes_on(drawing, found)
    ends = list(_ends(drawing, found))
    # One arrow for all transitions: no document says which state follows which.
    if ends:
        trunk = (WIDTH - _STATES_RIGHT + _STATES_LEFT) / 2
        middles = [(top + bottom) / 2 for top, bottom in ends]
        start = min(max(_STATES_TOP + 40, middles[0]), goes_on - 10)
        drawing.line([(_STATES_LEFT, start), (trunk, start)])
        drawing.line([(trunk, min(start, middles[0])), (trunk, max(start, middles[-1]))])
        for middle in middles:
            drawing.arrow([(trunk, middle), (WIDTH - _STATES_RIGHT - 1, middle)])
    if not found.has_unknown:
        return drawing
    below = max([goes_on, *(bottom for _, bottom in ends)]) + _STATES_GAP
    drawing.box(0, below, WIDTH - 1, _HEAD + LINE, FAINT, dashed=True)
    drawing.text(_STATES_GAP, below + 17, say("unknown"), bold=True, size=TEXT)
    drawing.text(_STATES_GAP, below + 17 + LINE, say("{}: not final", _anything(found)), size=SMALL)
    return drawing


def _goes_on(drawing: Drawing, found: _JobStates) -> float:
    """Draw the states of a job in progress, in a frame on the left. Returns its lower end."""
    y = first = _STATES_TOP + 30.0
    for kind, colour in _OPEN.items():
        if values := found.values.get(kind):
            if y > first:
                drawing.arrow([(_STATES_LEFT / 2, y), (_STATES_LEFT / 2, y + 2 * _STATES_GAP)])
                y += 2 * _STATES_GAP
            y = _state_box(drawing, (_STATES_GAP, y), _STATES_LEFT - 2 * _STATES_GAP, kind, values, colour)
    drawing.box(0, _STATES_TOP, _STATES_LEFT, y + _STATES_GAP - _STATES_TOP, dashed=True)
    drawing.text(_STATES_GAP, _STATES_TOP + 19, say("in progress"), size=SMALL)
    return y + _STATES_GAP


def _ends(drawing: Drawing, found: _JobStates) -> Iterator[tuple[float, float]]:
    """Draw the final states below each other on the right. Yields the upper and lower end of each."""
    y, x = float(_STATES_TOP), WIDTH - _STATES_RIGHT - 1
    for kind, colour in _FINAL.items():
        if values := found.values.get(kind):
            bottom = _state_box(drawing, (x, y), _STATES_RIGHT, kind, values, colour)
            if kind in found.resumable:
                drawing.text(WIDTH - 11, y + 17, say("can be resumed"), size=SMALL, anchor="end")
            yield y, bottom
            y = bottom + _STATES_GAP


def _state_box(
    drawing: Drawing, at: tuple[float, float], width: float, kind: str, values: Sequence[str], colour: str
) -> float:
    """Draw a state with its values. Returns its lower end."""
    x, y = at
    # A condition has a line for each of its tests.
    lines = [line for value in values for line in value.split(" and ")] or [""]
    most = int((width - 20) / _CHARACTER)
    height = _HEAD + LINE * len(lines) + 2
    drawing.box(x, y, width, height, colour)
    drawing.text(x + 10, y + 17, say(kind), bold=True, size=TEXT)
    for number, line in enumerate(lines, 1):
        shown = line if len(line) <= most else f"{line[: most - 1]}…"
        drawing.text(x + 10, y + 17 + LINE * number, _visible(shown), code=True, size=SMALL)
    return y + height


def _state_words(found: _JobStates) -> str:
    def words(kinds: Iterable[str]) -> str:
        known = [(kind, found.values[kind]) for kind in kinds if kind in found.values]
        return "; ".join(f"{', '.join(map(_visible, values))} ({say(kind)})" for kind, values in known) or "–"

    sentences = [
        say("The field {} has the state.", found.field),
        say("The job is in progress with {}.", words(_OPEN)),
        say("It is final with {}.", words(_FINAL)),
    ]
    if found.resumable:
        sentences.append(say("A job that is {} can be resumed.", say(" or ").join(map(say, found.resumable))))
    if found.has_unknown:
        sentences.append(say("An unknown state is not final: {}.", _anything(found)))
    return " ".join(sentences)


def _anything(found: _JobStates) -> str:
    """Describe values without a state, and name the known ones."""
    if found.unmapped == [""]:
        return say("anything else, an empty string included")
    unmapped = ", ".join(map(_visible, found.unmapped))
    return say("anything else, such as {}", unmapped) if unmapped else say("anything else")


def _visible(value: str) -> str:
    return value or '""'


DIAGRAMS: dict[str, Callable[..., list[Drawing]]] = {
    "benchmark": benchmark,
    "flow": flow,
    "mutation": mutation,
    "schedule": schedule,
    "states": states,
}
"""The diagrams by name. `states` takes the name of a service."""


def diagram(context: SiteContext, words: list[str]) -> str:
    """Return a diagram by its name. Raises `LookupError`, a message and a hint, for invalid words."""
    name, *more = words or [""]
    if name not in DIAGRAMS:
        raise LookupError(f"diagram must be one of {', '.join(DIAGRAMS)}, got {name!r}", "Correct the placeholder")
    if more and name != "states":
        message = f"diagram {name} must be without further words, got {' '.join(more)}"
        raise LookupError(message, "Remove the words")
    return "\n\n".join(drawing.svg() for drawing in DIAGRAMS[name](context, *more))
