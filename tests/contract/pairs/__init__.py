"""Pairs of OpenAPI documents of no service of ours, each labelled by hand with its effect on requests and responses."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs

from generator.documents import load
from tests.contract.edits import patched

FOLDER = Path(__file__).parent

_VERDICTS = {"B": "breaking", "C": "compatible", "N": "none"}


@attrs.frozen
class LabelledPair:
    """Two documents, with the worst effect of the step between them on requests and responses."""

    name: str
    old: dict[str, Any]
    new: dict[str, Any]
    label: str
    """`breaking`, `compatible` or `none`."""


def labelled_pairs() -> Iterator[LabelledPair]:
    """Yield all pairs: each step and its reverse, and schemas in a request and in a response."""
    base = load(FOLDER / "document.yaml").data
    for entry in load(FOLDER / "schemas.yaml").data:
        for direction in ("request", "response"):
            sides = [_with_schema(base, entry, direction, side) for side in ("old", "new")]
            yield from _both_ways(f"{entry['name']}, {direction}", sides, entry[direction])
    for entry in load(FOLDER / "operations.yaml").data:
        old = patched(base, entry.get("given", []))
        yield from _both_ways(entry["name"], [old, patched(old, entry["edit"])], entry["verdict"])


def _both_ways(name: str, sides: list[dict[str, Any]], labels: str) -> Iterator[LabelledPair]:
    forward, back = labels
    yield LabelledPair(name, sides[0], sides[1], _VERDICTS[forward])
    yield LabelledPair(f"{name}, reversed", sides[1], sides[0], _VERDICTS[back])


def _with_schema(base: dict[str, Any], entry: dict[str, Any], direction: str, side: str) -> dict[str, Any]:
    """Return the document with the schema as a field of a request body or of a response."""
    document = deepcopy(base)
    document["openapi"] = entry.get("openapi", "3.1.0")
    holder = document["paths"]["/pets"]["post"]["requestBody"]
    if direction == "response":
        holder = document["paths"]["/pets"]["get"]["responses"]["200"]
    holder["content"]["application/json"]["schema"] = {"type": "object", "properties": {"field": entry[side]}}
    return document
