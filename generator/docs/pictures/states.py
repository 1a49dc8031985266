"""The states of a service's jobs, from `x-job`: which words of the wire mean what, and which are an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from generator.docs.material import Material, Prepared
from generator.docs.pictures.drawing import ACCENT, BAD, FAINT, FAIR, GOOD, LINE, SMALL, TEXT, WIDTH, Drawing

_OPEN = {"pending": ACCENT, "running": ACCENT}
_FINAL = {"succeeded": GOOD, "partial": FAIR, "failed": BAD, "stopped": FAINT}
_LEFT, _RIGHT = 176, 200
"""Widths of the two columns."""
_TOP = 28
_HEAD = 24
_GAP = 12


@attrs.frozen
class _States:
    """The states of one type of job."""

    schema: str
    field: str
    words: dict[str, list[str]]
    """The words of each state that has any."""
    rest: list[str]
    """Known words without a meaning."""
    resumable: list[str]
    """Final states that may not last."""


def states(material: Material, words: list[str]) -> list[Drawing]:
    """The states of a service: one drawing, or one for each of its types of job whose states differ."""
    known = {service.name: service for service in material.services}
    if len(words) != 1 or words[0] not in known:
        raise LookupError(f"states of what? Name one of {', '.join(known)}")
    service = known[words[0]]
    found = list(_found(service))
    if not found:
        raise LookupError(f"no schema of {service.name} has x-job")
    return [_drawn(service, each, alone=len(found) == 1) for each in found]


def _found(service: Prepared) -> Iterator[_States]:
    """The states of each schema of a job that has others than those before it."""
    seen: list[dict[str, Any]] = []
    schemas = service.document["components"]["schemas"]
    for name, schema in schemas.items():
        shape = schema.get("x-job")
        if shape is None or shape["state"] in seen:
            continue
        state = shape["state"]
        seen.append(state)
        # Where several fields are named the first that is not empty wins, so the first is the usual one.
        field = state["field"] if isinstance(state["field"], str) else state["field"][0]
        words = {kind: state[kind] for kind in (*_OPEN, *_FINAL) if state.get(kind)}
        meant = {word for each in words.values() for word in each}
        rest = [word for word in _listed(schemas, schema, field) if word not in meant]
        yield _States(name, field, words, rest, shape.get("resumable", []))


def _listed(schemas: dict[str, Any], schema: dict[str, Any], dotted: str) -> list[str]:
    """The known values of a field, which lies below others where its name has dots."""
    for name in dotted.split("."):
        schema = schema.get("properties", {}).get(name, {})
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
    return list(schema.get("enum", schema.get("x-enum-open", [])))


def _drawn(service: Prepared, found: _States, *, alone: bool) -> Drawing:
    name, title = f"states-{service.name}", f"States of a job: {service.title}"
    if not alone:
        name, title = f"{name}-{found.schema.lower()}", f"{title}, {found.schema}"
    drawing = Drawing(name, title, _words(found))
    drawing.text(0, 14, found.field, code=True, bold=True)
    drawing.text(WIDTH - _RIGHT - 1, 14, "has ended", size=SMALL)
    goes_on = _goes_on(drawing, found)
    ends = list(_ends(drawing, found))
    # From any state that goes on to any that has ended: no document says more.
    if ends:
        trunk = (WIDTH - _RIGHT + _LEFT) / 2
        middles = [(top + bottom) / 2 for top, bottom in ends]
        start = min(max(_TOP + 40, middles[0]), goes_on - 10)
        drawing.line([(_LEFT, start), (trunk, start)])
        drawing.line([(trunk, min(start, middles[0])), (trunk, max(start, middles[-1]))])
        for middle in middles:
            drawing.arrow([(trunk, middle), (WIDTH - _RIGHT - 1, middle)])
    below = max([goes_on, *(bottom for _, bottom in ends)]) + _GAP
    drawing.box(0, below, WIDTH - 1, _HEAD + LINE, FAINT, dashed=True)
    drawing.text(_GAP, below + 17, "unknown", bold=True, size=TEXT)
    drawing.text(_GAP, below + 17 + LINE, f"{_anything(found)}: never an end", size=SMALL)
    return drawing


def _goes_on(drawing: Drawing, found: _States) -> float:
    """The states that go on, in a frame of their own on the left. Gives where it ends."""
    y = first = _TOP + 30.0
    for kind, colour in _OPEN.items():
        if words := found.words.get(kind):
            if y > first:
                drawing.arrow([(_LEFT / 2, y), (_LEFT / 2, y + 2 * _GAP)])
                y += 2 * _GAP
            y = _box(drawing, (_GAP, y), _LEFT - 2 * _GAP, kind, words, colour)
    drawing.box(0, _TOP, _LEFT, y + _GAP - _TOP, dashed=True)
    drawing.text(_GAP, _TOP + 19, "goes on", size=SMALL)
    return y + _GAP


def _ends(drawing: Drawing, found: _States) -> Iterator[tuple[float, float]]:
    """The states that are an end, one below the other on the right. Gives where each begins and ends."""
    y, x = float(_TOP), WIDTH - _RIGHT - 1
    for kind, colour in _FINAL.items():
        if words := found.words.get(kind):
            bottom = _box(drawing, (x, y), _RIGHT, kind, words, colour)
            if kind in found.resumable:
                drawing.text(WIDTH - 11, y + 17, "may go on again", size=SMALL, anchor="end")
            yield y, bottom
            y = bottom + _GAP


def _box(drawing: Drawing, at: tuple[float, float], width: float, kind: str, words: list[str], colour: str) -> float:
    """A state with its words. Gives where it ends."""
    x, y = at
    height = _HEAD + LINE * len(words) + 2
    drawing.box(x, y, width, height, colour)
    drawing.text(x + 10, y + 17, kind, bold=True, size=TEXT)
    for number, word in enumerate(words, 1):
        drawing.text(x + 10, y + 17 + LINE * number, _shown(word), code=True, size=SMALL)
    return y + height


def _words(found: _States) -> str:
    def told(kinds: Iterable[str]) -> str:
        known = [(kind, found.words[kind]) for kind in kinds if kind in found.words]
        return "; ".join(f"{', '.join(map(_shown, words))} ({kind})" for kind, words in known) or "no known word"

    anything = _anything(found)
    return (
        f"The field {found.field} tells the state. The job goes on with {told(_OPEN)}. "
        f"It has ended with {told(_FINAL)}. "
        + (f"A job that is {' or '.join(found.resumable)} may go on again. " if found.resumable else "")
        + f"{anything[0].upper()}{anything[1:]}{',' * bool(found.rest)} is an unknown state, which is never an end."
    )


def _anything(found: _States) -> str:
    """Words without a meaning, the known ones named."""
    if found.rest == [""]:
        return "anything else, an empty text included"
    return f"anything else, such as {', '.join(map(_shown, found.rest))}" if found.rest else "anything else"


def _shown(word: str) -> str:
    return word or '""'
