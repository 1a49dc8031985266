"""How often a waiting client asks, worked out by the client's own schedule."""

from __future__ import annotations

from typing import Any

from generator.docs.installed import client_module
from generator.docs.material import Material
from generator.docs.pictures.drawing import ACCENT, SMALL, WIDTH, Drawing

_POLLS = 14
_LEFT, _TOP, _HEIGHT = 40, 26, 170
_STRIP = 74
"""Height of the lower part."""


def schedule(material: Material, words: list[str]) -> list[Drawing]:
    """The pauses between polls, with and without chance, and when the polls are."""
    if words:
        raise LookupError("the schedule is one for all: write no further words")
    longest, shortest = pauses(material, 0.0), pauses(material, 1.0)
    drawing = Drawing("schedule", "The pauses between two polls, and when they come", _words(longest, shortest))
    _pauses(drawing, longest, shortest)
    _moments(drawing, longest, shortest)
    return [drawing]


def pauses(material: Material, chance: float) -> list[float]:
    """The pauses after the first polls, in seconds, where chance always falls the same, from 0 to 1."""
    clock: Any = client_module(material, "_clock").Clock()
    clock.monotonic = lambda: 0.0
    clock.random = lambda: chance
    operations, models = client_module(material, "_operations"), client_module(material, "_models")
    operation = operations.Operation("any", "any", "GET", "/", models.Model, poll=operations.PollShape(argument="id"))
    options = client_module(material, "_sightings").WaitOptions()
    waiting = client_module(material, "_polling").Round(operation, {}, ["any"], options, clock)
    return [waiting.pause() for _ in range(_POLLS)]


def _pauses(drawing: Drawing, longest: list[float], shortest: list[float]) -> None:
    bottom = _TOP + _HEIGHT
    step = (WIDTH - _LEFT - 12) / (_POLLS - 1)
    top = max(longest)

    def at(number: int, seconds: float) -> tuple[float, float]:
        return _LEFT + 6 + step * number, bottom - _HEIGHT * seconds / top

    drawing.text(0, 12, "pause after a poll, in seconds", size=SMALL)
    for seconds in range(0, int(top) + 1, 10):
        drawing.line([(_LEFT, at(0, seconds)[1]), (WIDTH, at(0, seconds)[1])], faint=True, width=1)
        drawing.text(_LEFT - 8, at(0, seconds)[1] + 4, str(seconds), size=SMALL, anchor="end")
    upper = [at(number, seconds) for number, seconds in enumerate(longest)]
    lower = [at(number, seconds) for number, seconds in enumerate(shortest)]
    drawing.area([*upper, *reversed(lower)], ACCENT)
    drawing.line(upper, ACCENT)
    drawing.line(lower, ACCENT)
    for place in upper:
        drawing.dot(*place, ACCENT)
    for number in range(_POLLS):
        drawing.text(at(number, 0)[0], bottom + 18, str(number + 1), size=SMALL, anchor="middle")
    drawing.text(WIDTH, bottom + 36, "number of the poll", size=SMALL, anchor="end")
    number = _POLLS // 2
    drawing.text(
        upper[number][0] - 12, upper[number][1] - 4, "chance takes up to a quarter away", size=SMALL, anchor="end"
    )


def _moments(drawing: Drawing, longest: list[float], shortest: list[float]) -> None:
    """Two lines of time with a mark for each poll."""
    top = _TOP + _HEIGHT + 64
    minutes = int(sum(shortest) // 60)
    scale = (WIDTH - 12) / (minutes * 60)
    drawing.text(0, top, f"polls of the first {minutes} minutes, longest and shortest pauses", size=SMALL)
    for place, each in enumerate((longest, shortest)):
        y = top + 24 + 26 * place
        drawing.line([(0, y), (WIDTH, y)], faint=True, width=1)
        moment = 0.0
        for pause in (0.0, *each):
            moment += pause
            if moment <= minutes * 60:
                drawing.line([(6 + moment * scale, y - 8), (6 + moment * scale, y + 8)], ACCENT, width=2)
    y = top + _STRIP
    for minute in range(minutes + 1):
        label = f"{minute} min" if minute else "0"
        anchor = "start" if minute == 0 else "end" if minute == minutes else "middle"
        drawing.text(min(6 + minute * 60 * scale, WIDTH), y + 6, label, size=SMALL, anchor=anchor)


def _words(longest: list[float], shortest: list[float]) -> str:
    def told(pauses: list[float]) -> str:
        return ", ".join(f"{pause:.1f}".removesuffix(".0") for pause in pauses)

    return (
        f"Seconds from one poll to the next, beginning at the first: at most {told(longest)}; where chance takes "
        f"away as much as it may, {told(shortest)}."
    )
