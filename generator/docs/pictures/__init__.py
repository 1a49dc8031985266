"""The pictures of the site, drawn from documents, committed figures and the client's own code.

`{{ picture: NAME WORDS }}` in a page, or `picture(material, [NAME, WORDS])` from another maker of pages, gives one.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.docs.material import Material
from generator.docs.page import Block
from generator.docs.pictures.bars import benchmark, mutation
from generator.docs.pictures.drawing import Drawing
from generator.docs.pictures.flow import flow
from generator.docs.pictures.schedule import schedule
from generator.docs.pictures.states import states

__all__ = ["PICTURES", "Drawing", "picture"]

PICTURES: dict[str, Callable[[Material, list[str]], list[Drawing]]] = {
    "benchmark": benchmark,
    "flow": flow,
    "mutation": mutation,
    "schedule": schedule,
    "states": states,
}


def picture(material: Material, words: list[str]) -> Block:
    """A picture by its name, with its text alternative. Raises `LookupError` where there is none of that name."""
    name, *rest = words or [""]
    if name not in PICTURES:
        raise LookupError(f"there is no picture {name!r}; there are {', '.join(PICTURES)}")
    drawings = PICTURES[name](material, rest)
    return Block(
        "\n\n".join(drawing.svg() for drawing in drawings), "\n\n".join(drawing.words() for drawing in drawings)
    )
