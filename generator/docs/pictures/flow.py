"""The way of a statement, from a vendor's page to what people use."""

from __future__ import annotations

from generator.docs.material import Material
from generator.docs.pictures.drawing import ACCENT, FAIR, GOOD, LINE, SMALL, TEXT, WIDTH, Drawing

_MADE = (
    ("typed client", "waits, reads, retries"),
    ("replay server", "to test against"),
    ("contract checks", "replies, providers"),
    ("this site", "every page of it"),
)
_GAP = 8
_ARROW = 34


def flow(material: Material, words: list[str]) -> list[Drawing]:
    """From page and replies over evidence and recordings to the document, and what is made of it."""
    if words:
        raise LookupError("the flow is one for all: write no further words")
    drawing = Drawing(
        "flow",
        "Where everything comes from",
        "A vendor's page becomes evidence: every row of its tables as data, and every contradiction with its decision. "
        "Replies of the service become recordings. From both the OpenAPI document is written by hand, and each of "
        "its statements is held against them. From the document, its evidence and its recordings are made the typed "
        "client, the replay server, the contract checks and this site.",
    )
    wide, right = (WIDTH - _GAP) / 2 - 8, WIDTH / 2 + 8
    page = _box(drawing, 0, 0, wide, ["vendor's page", "prose, tables, one example"], "currentColor")
    _box(drawing, right, 0, wide, ["replies", "on the page, or recorded"], "currentColor")
    y = page + _ARROW
    evidence = _box(drawing, 0, y, wide, ["evidence", "every row, as data", "every contradiction, decided"], FAIR)
    _box(drawing, right, y, wide, ["recordings", "body, request, provenance", "raw text, where repaired"], FAIR)
    for x in (wide / 2, right + wide / 2):
        drawing.arrow([(x, page), (x, page + _ARROW)])
        drawing.arrow([(x, evidence), (x, evidence + _ARROW)])
    written = ["OpenAPI document, written by hand", "no statement without evidence, no row that nothing carries"]
    document = _box(drawing, 0, evidence + _ARROW, WIDTH, written, ACCENT)
    drawing.arrow([(WIDTH / 2, document), (WIDTH / 2, document + _ARROW)])
    drawing.text(WIDTH / 2 + 12, document + _ARROW / 2 + 4, "generated", size=SMALL)
    y, half = document + _ARROW, (WIDTH - _GAP) / 2
    for left, right_one in zip(_MADE[::2], _MADE[1::2], strict=True):
        bottom = _box(drawing, 0, y, half, list(left), GOOD)
        _box(drawing, half + _GAP, y, half, list(right_one), GOOD)
        y = bottom + _GAP
    return [drawing]


def _box(drawing: Drawing, x: float, y: float, width: float, lines: list[str], colour: str) -> float:
    """A box with a bold line and others. Gives where it ends."""
    height = 12 + LINE * len(lines)
    drawing.box(x + 1, y + 1, width - 2, height, colour)
    for number, line in enumerate(lines):
        drawing.text(x + 12, y + 19 + LINE * number, line, size=SMALL if number else TEXT, bold=not number)
    return y + height + 1
