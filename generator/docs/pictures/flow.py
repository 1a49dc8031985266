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


def flow(material: Material, words: list[str]) -> list[Drawing]:
    """From page and replies over evidence and recordings to the document, and what is made of it."""
    if words:
        raise LookupError("the flow is one for all: write no further words")
    drawing = Drawing(
        "flow",
        "Where everything comes from",
        "A vendor's page becomes evidence: every row of its tables as data, and every contradiction with its decision. "
        "Replies of the service become recordings. From both the OpenAPI document is written by hand, and each of its "
        "statements is held against them. From the document, its evidence and its recordings are made the typed client, "
        "the replay server, the contract checks and this site.",
    )
    half = WIDTH / 2
    wide, column = 206, half + 12
    _box(drawing, 0, 0, wide, ["vendor's page", "prose, tables, one example"], "currentColor")
    _box(drawing, column, 0, wide, ["replies", "on the page, or recorded"], "currentColor")
    _box(drawing, 0, 82, wide, ["evidence", "every row, as data", "every contradiction, decided"], FAIR)
    _box(drawing, column, 82, wide, ["recordings", "body, request, provenance", "raw text, where repaired"], FAIR)
    for x in (wide / 2, column + wide / 2):
        drawing.arrow([(x, 46), (x, 82)])
        drawing.arrow([(x, 145), (x, 181)])
    _box(
        drawing,
        0,
        181,
        WIDTH - 2,
        ["OpenAPI document, written by hand", "no statement without evidence, no row that nothing carries"],
        ACCENT,
    )
    each = (WIDTH - 2 - 8) / 2
    for number, (name, use) in enumerate(_MADE):
        x, y = (each + 8) * (number % 2), 264 + 56 * (number // 2)
        _box(drawing, x, y, each, [name, use], GOOD)
    drawing.arrow([(half - 1, 227), (half - 1, 262)])
    drawing.text(half + 12, 249, "generated", size=SMALL)
    return [drawing]


def _box(drawing: Drawing, x: float, y: float, width: float, lines: list[str], colour: str) -> None:
    drawing.box(x + 1, y + 1, width, 12 + LINE * len(lines), colour)
    for number, line in enumerate(lines):
        drawing.text(x + 12, y + 19 + LINE * number, line, size=SMALL if number else TEXT, bold=not number)
