"""Cases of what a failure tells, by the facts about its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from generator.contract.cases.bases import Base
from generator.contract.cases.case import Told
from generator.contract.cases.listed import Listing
from generator.contract.cases.stated import Stated
from generator.documents.json_pointer import child


def error_cases(stated: Stated, base: Base) -> Iterator[Told]:
    """The cases of what one failure tells, by the facts about its body."""
    schema = next((part for part in base.node.parts if stated.names(child(part, "x-error"))), None)
    if schema is None:
        if base.node.types == ("string",):
            told = {"code": None, "message": "text", "request_id": None}
            yield _error(base, base.response.id, base.node.parts[-1], "a bare text", "text", {}, told)
        return
    parts = ("code", "message", "request_id")
    entries: dict[str, list[Any]] = {part: stated.value(child(child(schema, "x-error"), part)) or [] for part in parts}
    nothing: dict[str, str | None] = dict.fromkeys(parts)
    for part in parts:
        statement = stated.at(child(child(schema, "x-error"), part))
        evidence = statement.id if statement else base.response.id
        make = partial(_error, base, evidence, child(schema, "x-error"))
        for index in range(len(entries[part])):
            # What stands further on in the list is there too, and gives way.
            body, headers = _saying(entries[part][index:])
            yield make(f"{part} from {index}", body, headers, {**nothing, part: f"told {_name(entries[part][index])}"})
    yield _error(base, base.response.id, child(schema, "x-error"), "nothing", {}, {}, nothing)


def error_listings(stated: Stated, base: Base) -> Iterator[Listing]:
    """The fields that the document must not take for a part of an error."""
    for schema in base.node.parts:
        for part in ("code", "message", "request_id"):
            pointer = child(child(schema, "x-error"), part)
            known = frozenset(map(_name, stated.value(pointer) or []))

            def case(name: str, part: str = part, schema: str = schema) -> Told:
                told: dict[str, str | None] = {part: None}
                return _error(base, base.response.id, schema, f"{part} in {name}", {name: "text"}, {name: "text"}, told)

            yield Listing(pointer, known, lambda _, there: list(map(_name, there)), case)


def _saying(entries: list[Any]) -> tuple[dict[str, str], dict[str, str]]:
    body = {each: f"told {each}" for each in entries if isinstance(each, str)}
    return body, {_name(each): f"told {_name(each)}" for each in entries if isinstance(each, dict)}


def _name(entry: Any) -> str:
    return str(entry["header"] if isinstance(entry, dict) else entry)


def _error(
    base: Base, evidence: str, place: str, what: str, body: Any, headers: Mapping[str, str], told: dict[str, str | None]
) -> Told:
    return Told(
        id=f"{evidence}: {base.name} saying {what}",
        evidence=evidence,
        claim=", ".join(f"{key} is {value}" for key, value in told.items()),
        exchanges=(attrs.evolve(base.draft, body=body, reply_headers=headers).exchange(what),),
        tells=told,
        of="error",
        places=(place,),
    )
