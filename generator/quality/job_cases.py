"""Cases of what a reply tells of a job and of a page, by the readings of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from functools import partial
from typing import Any

import attrs

from generator.contract.findings import format_value
from generator.documents.json_pointer import child, segments
from generator.quality.cases import Baseline, Case, Draft, Expected, ExtractionCase
from generator.quality.examples import good
from generator.quality.response_cases import ClosedSet, at
from generator.quality.statements import EvidenceIndex, places

_KINDS = ("pending", "running", "succeeded", "partial", "failed", "stopped")
_FINAL = _KINDS[2:]
_UNKNOWN = "text"
_COMPONENT = ("components", "schemas", "*")


class InterpretationCases:
    """The cases of one reading, made of one recorded reply."""

    def __init__(self, stated: EvidenceIndex, reading: Mapping[str, Any], base: Baseline) -> None:
        self.stated, self.reading, self.base = stated, reading, base
        self.tells = reading["expect"]
        self.states: dict[str, list[str]] = {kind: self.tells["state"].get(kind, []) for kind in _KINDS}
        self.node = node = next(
            (node for pointer, node, _ in places(base.node, base.draft.body) if pointer == reading["job"]), None
        )
        named = [part for part in (node.parts if node else ()) if len(segments(part)) == len(_COMPONENT)]
        self.schema = next((part for part in named if segments(part)[:2] == [*_COMPONENT[:2]]), "")

    def cases(self) -> Iterator[Case | ExtractionCase]:
        """All of them."""
        yield from self._identity()
        yield from self._states()
        yield from self._reason_and_children()
        for which in ("started", "ended"):
            yield from self._moments(which)
        for example in self.tells.get("progress", [{"set": {}, "equals": None}] if not self._is_done({}) else []):
            yield self._told("progress", example["set"], {"progress": example["equals"]})

    def listings(self) -> Iterator[ClosedSet]:
        """The values of states that the document must not know."""
        known = frozenset(value for values in self.states.values() for value in values)
        for kind in _KINDS:
            pointer = child(child(child(self.schema, "x-job"), "state"), kind)
            yield ClosedSet(pointer, known, lambda _, there: list(there), self._unknown)

    def _identity(self) -> Iterator[Case | ExtractionCase]:
        field = self.tells["id"]["pointer"]
        yield self._told("id", {field: "another-id"}, {"id": "another-id"})
        yield self._told("id", {**self._more(), field: ""}, {"id": None})
        asked = self.reading.get("id_parameter")
        if asked is None:
            listed = "pagination" in self.reading
            yield self._told(
                "found", {field: "another-id"}, {"listed": listed, "found_by": "another-id" if listed else None}
            )
            return
        path = self.base.draft.path
        own = at(self.base.draft.body, self.reading["job"] + field)
        yield self._told("asked", {}, {"asked": path[asked], "listed": False})
        for name, expected in ((own, None), ("another-id", Expected("id-changed", self.reading["job"] + field))):
            yield Case(
                id=f"{self.reading['id']}: asked for {name}",
                evidence=self.reading["id"],
                claim=f"{asked} is the ID of the job",
                exchanges=(attrs.evolve(self.base.draft, path={**path, asked: name}).exchange(name),),
                expected=expected,
                is_history=True,
                places=(self.base.operation.pointer,),
            )

    def _states(self) -> Iterator[ExtractionCase]:
        for kind, values in self.states.items():
            for value in values:
                resumable = kind in self.tells.get("resumable", [])
                yield self._told("state", self._in(value), {"state": kind, "resumable": resumable})
        yield self._unknown(_UNKNOWN)

    def _unknown(self, value: str) -> ExtractionCase:
        return self._told("state", self._in(value), {"state": "unknown", "resumable": False})

    def _reason_and_children(self) -> Iterator[ExtractionCase]:
        if "reason" in self.tells:
            field = self.tells["reason"]["pointer"]
            yield self._told("reason", {field: "because"}, {"reason": "because"})
            yield self._told("reason", {**self._more(), field: ""}, {"reason": None})
        if "children" in self.tells:
            field = self.tells["children"]["pointer"]
            number = len(at(self.base.draft.body, self.reading["job"] + field))
            yield self._told("children", {}, {"children": number})
            yield self._told("children", {field: []}, {"children": 0})

    def _moments(self, which: str) -> Iterator[ExtractionCase]:
        declared = self.tells.get(which)
        if declared is None:
            yield self._told(which, self._in(self._some(_FINAL)), {which: None})
            return
        only_final = declared.get("when") == "terminal"
        for example in declared["examples"]:
            moment = None if example["equals"] is None else datetime.fromisoformat(example["equals"])
            for value in (self._some(_FINAL), self._some(_KINDS[:2])):
                final = value in [each for kind in _FINAL for each in self.states[kind]]
                told = moment if final or not only_final else None
                yield self._told(which, {declared["pointer"]: example["value"], **self._in(value)}, {which: told})

    def _more(self) -> dict[str, Any]:
        """The fields that the recorded job lacks: what is empty is not to be found in one of them."""
        job = at(self.base.draft.body, self.reading["job"])
        properties = self.node.properties if self.node else {}
        return {child("", name): good(inner) for name, inner in properties.items() if name not in job}

    def _some(self, kinds: tuple[str, ...]) -> str:
        return next((value for kind in kinds for value in self.states[kind]), _UNKNOWN)

    def _in(self, value: str) -> dict[str, Any]:
        return {self.tells["state"]["pointer"]: value}

    def _is_done(self, changes: Mapping[str, Any]) -> bool:
        state = at(self._body(changes), self.reading["job"] + self.tells["state"]["pointer"])
        return state in self.states["succeeded"]

    def _body(self, changes: Mapping[str, Any]) -> Any:
        body = deepcopy(self.base.draft.body)
        for field, value in changes.items():
            pointer = self.reading["job"] + field
            outer, key = at(body, pointer.rpartition("/")[0]), segments(pointer)[-1]
            outer[int(key) if isinstance(outer, list) else key] = value
        return body

    def _told(self, what: str, changes: Mapping[str, Any], tells: Mapping[str, Any]) -> ExtractionCase:
        given = (
            ", ".join(f"{field} = {format_value(value)}" for field, value in changes.items()) or "as it was recorded"
        )
        return ExtractionCase(
            id=f"{self.reading['id']}: {what} of {self.reading['job'] or 'the job'} with {given}",
            evidence=self.reading["id"],
            claim=f"{', '.join(f'{key} is {value}' for key, value in tells.items())}",
            exchanges=(attrs.evolve(self.base.draft, body=self._body(changes)).exchange(what),),
            tells=dict(tells),
            of="job",
            pointer=self.reading["job"],
            places=(child(self.schema, "x-job"), self.base.operation.pointer),
        )


def page_cases(stated: EvidenceIndex, reading: Mapping[str, Any], base: Baseline) -> Iterator[Case | ExtractionCase]:
    """The cases of the paging of a listing, made of one recorded page."""
    pages = reading["pagination"]
    rows = at(base.draft.body, pages["items"])
    make = partial(_page, reading, base)
    told = {
        "items": len(rows),
        "count": at(base.draft.body, pages["count"]) if "count" in pages else None,
        "offset": "7" if "offset" in pages else None,
        "limit": "9" if "limit" in pages else None,
    }
    asked = {pages[key]: value for key, value in (("offset", 7), ("limit", 9)) if key in pages}
    yield ExtractionCase(
        id=f"{reading['id']}: page with {asked}",
        evidence=reading["id"],
        claim=", ".join(f"{key} is {value}" for key, value in told.items()),
        exchanges=(attrs.evolve(base.draft, query={**base.draft.query, **asked}).exchange("page"),),
        tells=told,
        of="page",
        places=(base.operation.pointer,),
    )
    if "limit" in pages:
        name = pages["limit"]
        too_long = Expected("limit-ignored", pages["items"])
        yield make(f"{name} = the rows", {name: len(rows)}, rows)
        yield make(f"{name} = one less", {name: len(rows) - 1}, rows, expected=too_long)
        default = stated.at(f"/components/parameters/{name}/schema/default")
        if default is not None:
            about = (f"/components/parameters/{name}/schema/default",)
            for number, expected in ((default.value, None), (default.value + 1, too_long)):
                many = make(f"no {name} and {number} rows", {name: None}, [{}] * number, expected=expected)
                yield attrs.evolve(many, places=about)
    if "offset" in pages:
        name = pages["offset"]
        again = Expected("offset-ignored", pages["items"])
        plenty = {pages["limit"]: 100} if "limit" in pages else {}
        yield make(f"{name} = 0, then the rows", {**plenty, name: 0}, rows, {**plenty, name: len(rows)}, expected=again)
        yield make(f"{name} = 0 twice", {**plenty, name: 0}, rows, {**plenty, name: 0})
        default = stated.at(f"/components/parameters/{name}/schema/default")
        if default is not None:
            first, second = {**plenty, name: None}, {**plenty, name: default.value + len(rows)}
            again_without = make(f"no {name}, then the rows", first, rows, second, expected=again)
            yield attrs.evolve(again_without, places=(f"/components/parameters/{name}/schema/default",))


def _page(
    reading: Mapping[str, Any],
    base: Baseline,
    what: str,
    asked: Mapping[str, Any],
    rows: list[Any],
    *then: Mapping[str, Any],
    expected: Expected | None = None,
) -> Case:
    """The case of one page after another, all of the same rows."""
    body = deepcopy(base.draft.body)
    items = reading["pagination"]["items"]
    at(body, items.rpartition("/")[0])[segments(items)[-1]] = rows
    draft = attrs.evolve(base.draft, body=body)
    return Case(
        id=f"{reading['id']}: asked for {what}",
        evidence=reading["id"],
        claim="no more rows come than were asked for, and others at another offset",
        exchanges=tuple(_asking(draft, each).exchange(what) for each in (asked, *then)),
        expected=expected,
        is_history=True,
        places=(base.operation.pointer,),
    )


def _asking(draft: Draft, asked: Mapping[str, Any]) -> Draft:
    query = {name: value for name, value in {**draft.query, **asked}.items() if value is not None}
    return attrs.evolve(draft, query=query)
