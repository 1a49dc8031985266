"""The states of a service's jobs, from `x-job`: which words of the wire mean what, and which are an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.material import Material, Prepared
from generator.docs.pictures.drawing import ACCENT, BAD, FAINT, FAIR, GOOD, LINE, SMALL, TEXT, WIDTH, Drawing

_OPEN = ("pending", "running")
_FINAL = {"succeeded": GOOD, "partial": FAIR, "failed": BAD, "stopped": FAINT}
_LEFT, _RIGHT = 176, 200
"""Widths of the two columns."""
_HEAD = 24
_GAP = 12


def states(material: Material, words: list[str]) -> list[Drawing]:
    """The states of a service: one drawing, or one for each of its types of job whose states differ."""
    known = {service.name: service for service in material.services}
    if len(words) != 1 or words[0] not in known:
        raise LookupError(f"states of what? Name one of {', '.join(known)}")
    service = known[words[0]]
    found = list(_shapes(service))
    if not found:
        raise LookupError(f"no schema of {service.name} has x-job")
    return [_drawn(service, schema, state, rest, alone=len(found) == 1) for schema, state, rest in found]


def _shapes(service: Prepared) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Name, `x-job.state` and words without a meaning, of each schema whose states no earlier one has."""
    seen: list[dict[str, Any]] = []
    schemas = service.document["components"]["schemas"]
    for name, schema in schemas.items():
        if "x-job" in schema and schema["x-job"]["state"] not in seen:
            state = schema["x-job"]["state"]
            seen.append(state)
            listed = _listed(schemas, schema, _first(state["field"]))
            meant = {word for kind in (*_OPEN, *_FINAL) for word in state.get(kind, [])}
            yield name, state, [word for word in listed if word not in meant]


def _first(field: str | list[str]) -> str:
    return field if isinstance(field, str) else field[0]


def _listed(schemas: dict[str, Any], schema: dict[str, Any], dotted: str) -> list[str]:
    """The known values of a field, which lies below others where its name has dots."""
    for name in dotted.split("."):
        schema = schema.get("properties", {}).get(name, {})
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
    return list(schema.get("enum", schema.get("x-enum-open", [])))


def _drawn(service: Prepared, schema: str, state: dict[str, Any], rest: list[str], *, alone: bool) -> Drawing:
    field = _first(state["field"])
    what = service.title if alone else f"{service.title}, {schema}"
    drawing = Drawing(
        f"states-{service.name}" if alone else f"states-{service.name}-{schema.lower()}",
        f"States of a job: {what}",
        _words(field, state, rest),
    )
    drawing.text(0, 14, field, code=True, bold=True)
    drawing.text(WIDTH - _RIGHT - 1, 14, "has ended", size=SMALL)
    top = 28.0
    # What is still open, in a frame of its own on the left: any of it can come to any end.
    y = top + 30
    for kind in _OPEN:
        if words := state.get(kind):
            if y > top + 30:
                drawing.arrow([(_LEFT / 2, y), (_LEFT / 2, y + 2 * _GAP)])
                y += 2 * _GAP
            y += _box(drawing, _GAP, y, _LEFT - 2 * _GAP, kind, words, ACCENT)
    y += _GAP
    drawing.box(0, top, _LEFT, y - top, dashed=True)
    drawing.text(_GAP, top + 19, "goes on", size=SMALL)
    # The ends, one below the other on the right.
    right, trunk = WIDTH - _RIGHT - 1, (WIDTH - _RIGHT + _LEFT) / 2
    at, middles = top, []
    for kind, colour in _FINAL.items():
        if words := state.get(kind):
            height = _box(drawing, right, at, _RIGHT, kind, words, colour)
            middles.append(at + height / 2)
            at += height + _GAP
    start = min(max(top + 40, middles[0]), y - 10)
    drawing.line([(_LEFT, start), (trunk, start)])
    drawing.line([(trunk, min(start, middles[0])), (trunk, max(start, middles[-1]))])
    for middle in middles:
        drawing.arrow([(trunk, middle), (right, middle)])
    # Whatever else comes.
    below = max(y, at - _GAP) + _GAP
    drawing.box(0, below, WIDTH - 1, _HEAD + LINE, FAINT, dashed=True)
    drawing.text(_GAP, below + 17, "unknown", bold=True, size=TEXT)
    drawing.text(_GAP, below + 17 + LINE, f"{_anything(rest)}: never an end", size=SMALL)
    return drawing


def _box(drawing: Drawing, x: float, y: float, width: float, kind: str, words: list[str], colour: str) -> float:
    """A state with its words. Gives its height."""
    height = _HEAD + LINE * len(words) + 2
    drawing.box(x, y, width, height, colour)
    drawing.text(x + 10, y + 17, kind, bold=True, size=TEXT)
    for number, word in enumerate(words, 1):
        drawing.text(x + 10, y + 17 + LINE * number, _shown(word), code=True, size=SMALL)
    return height


def _words(field: str, state: dict[str, Any], rest: list[str]) -> str:
    def told(kinds: tuple[str, ...]) -> str:
        return "; ".join(
            f"{', '.join(_shown(word) for word in state[kind])} ({kind})" for kind in kinds if state.get(kind)
        )

    return (
        f"The field {field} tells the state. The job goes on with {told(_OPEN)}. It has ended with {told(tuple(_FINAL))}. "
        f"{_anything(rest)[0].upper()}{_anything(rest)[1:]} is an unknown state, which is never an end."
    )


def _anything(rest: list[str]) -> str:
    """Words without a meaning, the known ones named."""
    if rest == [""]:
        return "anything else, an empty text too"
    return f"anything else, such as {', '.join(map(_shown, rest))}" if rest else "anything else"


def _shown(word: str) -> str:
    return word or '""'
