"""Cases of the extraction of jobs and pages, by the interpretations of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import attrs

from ..contract.findings import format_value
from ..documents.json_pointer import PointerNotFound, assign, child, container, resolve, segments
from ..documents.mappings import FINAL_STATES, STATES
from .cases import AnyCase, Baseline, Case, ClosedSet, Expected, ExtractionCase, valid_value
from .statements import EvidenceIndex, walk_value

_UNKNOWN = "text"


class InterpretationCases:
    """The cases of one interpretation, made from one recorded response."""

    def __init__(self, interpretation: Mapping[str, Any], baseline: Baseline) -> None:
        self.interpretation, self.baseline = interpretation, baseline
        self.id, self.job, self.expect = interpretation["id"], interpretation["job"], interpretation["expect"]
        self.states: dict[str, list[str]] = {state: self.expect["state"].get(state, []) for state in STATES}
        walk = walk_value(baseline.schema, baseline.draft.body)
        self.schema = next((schema for pointer, schema, _ in walk if pointer == self.job), None)
        components = (each for each in (self.schema.pointers if self.schema else ()) if _is_component(each))
        self.mapping = child(next(components, ""), "x-job")

    def cases(self) -> Iterator[AnyCase]:
        """Yield all cases."""
        yield from self._identity()
        yield from self._states()
        yield from self._reason_and_children()
        for which in ("started", "ended"):
            yield from self._timestamps(which)
        if "progress" not in self.expect:
            yield self._case("progress", self._in(self._value_of(STATES[:2])), {"progress": None})
        for example in self.expect.get("progress", ()):
            yield self._case("progress", example["set"], {"progress": example["equals"]})

    def closed_sets(self) -> Iterator[ClosedSet]:
        """Yield the values of states that the document must not know."""
        known = frozenset(value for values in self.states.values() for value in values)
        for state in STATES:
            pointer = child(self.mapping, "state", state)
            yield ClosedSet(pointer, known, lambda _, values: list(values), self._unknown_state)

    def _identity(self) -> Iterator[AnyCase]:
        field = self.expect["id"]["pointer"]
        yield self._case("id", {field: "another-id"}, {"id": "another-id"})
        yield self._case("id", {**self._absent_fields(), field: ""}, {"id": None})
        parameter = self.interpretation.get("id_parameter")
        if parameter is None:
            listed = "pagination" in self.interpretation
            expected = {"listed": listed, "found_by": "another-id" if listed else None}
            yield self._case("found", {field: "another-id"}, expected)
            return
        path = self.baseline.draft.path
        recorded = resolve(self.baseline.draft.body, self.job + field)
        yield self._case("asked", {}, {"asked": path[parameter], "listed": False})
        for name, finding in ((recorded, None), ("another-id", Expected("id-changed", self.job + field))):
            yield Case(
                id=f"{self.id}: asked for {name}",
                evidence=self.id,
                claim=f"{parameter} is the ID of the job",
                exchanges=(attrs.evolve(self.baseline.draft, path={**path, parameter: name}).exchange(name),),
                expected=finding,
                is_sequence=True,
                pointers=(self.baseline.operation.pointer,),
            )

    def _states(self) -> Iterator[ExtractionCase]:
        for state, values in self.states.items():
            resumable = state in self.expect.get("resumable", [])
            for value in values:
                yield self._case("state", self._in(value), {"state": state, "resumable": resumable})
        yield self._unknown_state(_UNKNOWN)

    def _unknown_state(self, value: str) -> ExtractionCase:
        return self._case("state", self._in(value), {"state": "unknown", "resumable": False})

    def _reason_and_children(self) -> Iterator[ExtractionCase]:
        if "reason" in self.expect:
            field = self.expect["reason"]["pointer"]
            yield self._case("reason", {field: "because"}, {"reason": "because"})
            yield self._case("reason", {**self._absent_fields(), field: ""}, {"reason": None})
        else:
            yield self._case("reason", self._absent_fields(), {"reason": None})
        if "children" in self.expect:
            field = self.expect["children"]["pointer"]
            number = len(resolve(self.baseline.draft.body, self.job + field))
            yield self._case("children", {}, {"children": number})
            yield self._case("children", {field: []}, {"children": 0})
        else:
            yield self._case("children", {}, {"children": 0})

    def _timestamps(self, which: str) -> Iterator[ExtractionCase]:
        declared = self.expect.get(which)
        if declared is None:
            yield self._case(which, self._in(self._value_of(FINAL_STATES)), {which: None})
            return
        final_values = {value for state in FINAL_STATES for value in self.states[state]}
        for example in declared["examples"]:
            timestamp = None if example["equals"] is None else datetime.fromisoformat(example["equals"])
            for value in (self._value_of(FINAL_STATES), self._value_of(STATES[:2])):
                counts = value in final_values or declared.get("when") != "terminal"
                changes = {declared["pointer"]: example["value"], **self._in(value)}
                yield self._case(which, changes, {which: timestamp if counts else None})

    def _absent_fields(self) -> dict[str, Any]:
        """Return values for fields that the recorded job lacks, to detect a mapping that reads one of them."""
        job = resolve(self.baseline.draft.body, self.job)
        properties = self.schema.properties if self.schema else {}
        return {child("", name): valid_value(inner) for name, inner in properties.items() if name not in job}

    def _value_of(self, states: tuple[str, ...]) -> str:
        return next((value for state in states for value in self.states[state]), _UNKNOWN)

    def _in(self, value: str) -> dict[str, Any]:
        return {self.expect["state"]["pointer"]: value}

    def _case(self, name: str, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> ExtractionCase:
        given = ", ".join(f"{field} = {format_value(value)}" for field, value in changes.items())
        body = deepcopy(self.baseline.draft.body)
        for field, value in changes.items():
            assign(body, self.job + field, value)
        return ExtractionCase(
            id=f"{self.id}: {name} of {self.job or 'the job'} with {given or 'as it was recorded'}",
            evidence=self.id,
            claim=", ".join(f"{key} is {value}" for key, value in expected.items()),
            exchanges=(attrs.evolve(self.baseline.draft, body=body).exchange(name),),
            expected=dict(expected),
            of="job",
            pointer=self.job,
            pointers=(self.mapping, self.baseline.operation.pointer),
        )


def _is_component(pointer: str) -> bool:
    path = segments(pointer)
    return len(path) == 3 and path[:2] == ["components", "schemas"]


def page_extraction(interpretation: Mapping[str, Any], baseline: Baseline) -> ExtractionCase:
    """Return the case that a page has the expected rows, count and parameters."""
    pages, draft = interpretation["pagination"], baseline.draft
    extracted = {
        "items": len(resolve(draft.body, pages["items"])),
        "count": resolve(draft.body, pages["count"]) if "count" in pages else None,
        "offset": "7" if "offset" in pages else None,
        "limit": "9" if "limit" in pages else None,
    }
    query = {pages[key]: value for key, value in (("offset", 7), ("limit", 9)) if key in pages}
    return ExtractionCase(
        id=f"{interpretation['id']}: page with {query}",
        evidence=interpretation["id"],
        claim=", ".join(f"{key} is {value}" for key, value in extracted.items()),
        exchanges=(attrs.evolve(draft, query={**draft.query, **query}).exchange("page"),),
        expected=extracted,
        of="page",
        pointers=(baseline.operation.pointer,),
    )


def page_cases(index: EvidenceIndex, interpretation: Mapping[str, Any], baseline: Baseline) -> Iterator[AnyCase]:
    """Yield the cases of the pagination of a listing, made from one recorded page."""
    pages, draft = interpretation["pagination"], baseline.draft
    rows = resolve(draft.body, pages["items"])

    def page(
        name: str, query: Mapping[str, Any], rows: list[Any], *more: Mapping[str, Any], expected: Expected | None = None
    ) -> Case:
        """Return the case of a sequence of pages with equal rows."""
        body = deepcopy(draft.body)
        assign(body, pages["items"], rows)
        if "count" in pages:
            assign(body, pages["count"], len(rows))
        queries = (
            {key: value for key, value in {**draft.query, **each}.items() if value is not None}
            for each in (query, *more)
        )
        return Case(
            id=f"{interpretation['id']}: asked for {name}",
            evidence=interpretation["id"],
            claim="a page has no more rows than its limit, and another offset gives other rows",
            exchanges=tuple(attrs.evolve(draft, body=body, query=each).exchange(name) for each in queries),
            expected=expected,
            is_sequence=True,
            pointers=(baseline.operation.pointer,),
        )

    def default_of(name: str) -> tuple[Any, tuple[str, ...]]:
        pointer = child("/components/parameters", name, "schema", "default")
        return index.value(pointer), (pointer,)

    yield page_extraction(interpretation, baseline)
    if "limit" in pages:
        name = pages["limit"]
        too_long = Expected("limit-ignored", pages["items"])
        yield page(f"{name} = the rows", {name: len(rows)}, rows)
        yield page(f"{name} = one less", {name: len(rows) - 1}, rows, expected=too_long)
        default, pointers = default_of(name)
        for number, expected in ((default, None), (default + 1, too_long)) if default is not None else ():
            many = page(f"no {name} and {number} rows", {name: None}, [{}] * number, expected=expected)
            yield attrs.evolve(many, pointers=pointers)
    if "offset" in pages:
        name = pages["offset"]
        repeated = Expected("offset-ignored", pages["items"])
        whole = {pages["limit"]: 100} if "limit" in pages else {}
        yield page(
            f"{name} = 0, then the rows", {**whole, name: 0}, rows, {**whole, name: len(rows)}, expected=repeated
        )
        yield page(f"{name} = 0 twice", {**whole, name: 0}, rows, {**whole, name: 0})
        default, pointers = default_of(name)
        if default is not None:
            second = {**whole, name: default + len(rows)}
            again = page(f"no {name}, then the rows", {**whole, name: None}, rows, second, expected=repeated)
            yield attrs.evolve(again, pointers=pointers)


_TIMES = ("started", "ended")


def example_cases(interpretation: Mapping[str, Any], baseline: Baseline) -> Iterator[ExtractionCase]:
    """Yield the cases of an interpretation with `examples` of the values that follow from fields."""
    job, name = interpretation["job"], interpretation["id"]
    walk = walk_value(baseline.schema, baseline.draft.body)
    schema = next((schema for pointer, schema, _ in walk if pointer == job), None)
    components = (each for each in (schema.pointers if schema else ()) if len(segments(each)) == 3)
    mapping = child(next(components, ""), "x-job")
    for example in interpretation.get("examples", ()):
        body = deepcopy(baseline.draft.body)
        for pointer in example.get("drop", ()):
            _drop(body, job + pointer)
        for pointer, value in example.get("set", {}).items():
            assign(body, job + pointer, value)
        changed = [f"{pointer} = {format_value(value)}" for pointer, value in example.get("set", {}).items()]
        changed += [f"no {pointer}" for pointer in example.get("drop", ())]
        expected = {key: _value(key, value) for key, value in example["equals"].items()}
        yield ExtractionCase(
            id=f"{name}: {job or 'the job'} with {', '.join(changed) or 'its recorded fields'}",
            evidence=name,
            claim=", ".join(f"{key} is {value}" for key, value in expected.items()),
            exchanges=(attrs.evolve(baseline.draft, body=body).exchange("example"),),
            expected=expected,
            of="job",
            pointer=job,
            pointers=(mapping, baseline.operation.pointer),
        )


def _value(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if key in _TIMES and value is not None else value


def _drop(body: Any, pointer: str) -> None:
    try:
        outer, key = container(body, pointer)
    except PointerNotFound:
        return
    if isinstance(outer, dict):
        outer.pop(key, None)
    elif isinstance(outer, list) and int(key) < len(outer):
        del outer[int(key)]
