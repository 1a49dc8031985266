"""Whether a provider keeps to what its page says, where the document decided against that: then it is no drift."""

from __future__ import annotations

from typing import Any

import attrs

from generator.contract.exchanges import Exchange
from generator.contract.findings import Finding
from generator.documents import Service
from generator.documents.json_pointer import NotThere, matches, resolve, segments

_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "int32": (int,),
    "int64": (int,),
    "number": (int, float),
}
"""What the words for types on the pages mean."""


def accounted_for(service: Service, exchange: Exchange, finding: Finding) -> Finding:
    """The finding, with the contradiction that foresees it where one does.

    A contradiction that decides a field's type foresees values of the type that the page has.
    """
    if finding.known or finding.rule != "schema" or not finding.pointer or not finding.place.endswith("/type"):
        return finding
    name = segments(finding.place)[-2]
    evidence = service.evidence.data
    for each in evidence["contradictions"]:
        if any(matches(pointer, finding.place) for pointer in each.get("decides", {})):
            words = [
                str(row.get("type", "")).lower()
                for row in evidence["rows"]
                if row["id"] in each["rows"] and row["name"] == name
            ]
            if any(_is(_value(exchange, finding.pointer), word) for word in words):
                return attrs.evolve(finding, known=str(each["id"]))
    return finding


def _is(value: Any, word: str) -> bool:
    kinds = _KINDS.get(word, ())
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)


def _value(exchange: Exchange, pointer: str) -> Any:
    try:
        return resolve(exchange.json, pointer)
    except NotThere:
        return None
