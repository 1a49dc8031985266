"""Cases of responses: bodies, statuses, media types, errors, and closed sets of values.

No number of examples shows that nothing else is allowed. So a document under test is asked what it lists, and an
example is made of each thing that no evidence knows: it must be a finding, and where the document lists it, it is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from http import HTTPStatus
from typing import Any

import attrs

from generator.contract.findings import NOTICE, VIOLATION, format_value
from generator.documents.json_pointer import PointerNotFound, child, resolve, segments
from generator.quality.cases import Baseline, Case, Expected, ExtractionCase
from generator.quality.examples import SAMPLES, examples, good
from generator.quality.request_cases import UNKNOWN, CallerCases, RequestCases
from generator.quality.statements import EvidenceIndex, ExpectedSchema, places


@attrs.frozen
class ResponseCaseBuilder:
    """Makes the cases of one reply."""

    base: Baseline

    def put(
        self,
        node: ExpectedSchema,
        evidence: str,
        claim: str,
        pointer: str,
        value: Any,
        expected: Expected | None = None,
    ) -> Case:
        """The case of a body with a value put at a place."""
        body = self.copy()
        if pointer:
            outer, key = at(body, pointer.rpartition("/")[0]), segments(pointer)[-1]
            outer[int(key) if isinstance(outer, list) else key] = value
        else:
            body = value
        return self.whole(node, evidence, claim, f"{pointer or 'body'} = {format_value(value)}", body, expected)

    def without(self, node: ExpectedSchema, evidence: str, claim: str, pointer: str, expected: Expected | None) -> Case:
        """The case of a body that lacks a field."""
        body = self.copy()
        at(body, pointer.rpartition("/")[0]).pop(segments(pointer)[-1], None)
        return self.whole(node, evidence, claim, f"without {pointer}", body, expected)

    def whole(
        self, node: ExpectedSchema, evidence: str, claim: str, what: str, body: Any, expected: Expected | None
    ) -> Case:
        """The case of another body."""
        name = f"{self.base.name} {what}"
        return Case(
            id=f"{evidence}: {name}",
            evidence=evidence,
            claim=claim,
            exchanges=(attrs.evolve(self.base.draft, body=body).exchange(name),),
            expected=expected,
            of_whole=self.base.is_inferred,
            places=(*node.parts, self.base.pointer),
        )

    def copy(self) -> Any:
        """The body, to be changed."""
        return deepcopy(self.base.draft.body)


def at(body: Any, pointer: str) -> Any:
    """The value at a place of a body."""
    for key in segments(pointer):
        body = body[int(key) if isinstance(body, list) else key]
    return body


_OTHER_TYPES = ("text/plain", "text/html", "application/xml", "application/octet-stream", "application/problem+json")


def reply_cases(base: Baseline) -> Iterator[Case]:
    """The cases of the body of one reply."""
    bodies = ResponseCaseBuilder(base)
    yield bodies.whole(base.node, base.response.id, "there is such a reply", "as it is", base.draft.body, None)
    for pointer, node, value in places(base.node, base.draft.body):
        yield from _of_value(bodies, pointer, node, value)
        if isinstance(value, dict) and node.properties and not node.is_map:
            yield from _of_fields(bodies, pointer, node, value)


def expected_of_value(rule: str, pointer: str) -> Expected:
    """The finding that a value must be which breaks a rule."""
    return Expected(rule, pointer, NOTICE if rule == "open-list" else VIOLATION)


def _of_value(bodies: ResponseCaseBuilder, pointer: str, node: ExpectedSchema, value: Any) -> Iterator[Case]:
    what = pointer or "the body"
    for example in examples(node, value):
        expected = expected_of_value(example.rule, pointer) if example.rule else None
        yield bodies.put(node, example.evidence, f"{what} {example.claim}", pointer, example.value, expected)
    if node.is_map and isinstance(value, dict):
        inner = node.values
        claim = f"{what} is a map of {' or '.join(inner.types) if inner else 'anything'}"
        for kind, sample in SAMPLES.items():
            fits = inner is None or not inner.types or kind in inner.types
            expected = None if fits else Expected("schema", child(pointer, UNKNOWN))
            yield bodies.put(node, (inner or node).id, claim, pointer, {**value, UNKNOWN: sample}, expected)


def _of_fields(
    bodies: ResponseCaseBuilder, pointer: str, node: ExpectedSchema, value: dict[str, Any]
) -> Iterator[Case]:
    unknown = child(pointer, UNKNOWN)
    claim = f"{pointer or 'the body'} has no other field"
    yield bodies.put(node, node.id, claim, unknown, 1, Expected("undocumented-field", unknown))
    for name, inner in node.properties.items():
        here = child(pointer, name)
        always = node.required.get(name)
        if always:
            yield bodies.without(inner, always.id, f"{here} is always there", here, Expected("schema", pointer))
        else:
            yield bodies.without(inner, inner.id, f"{here} may be absent", here, None)
        yield bodies.put(inner, inner.id, f"{here} may be there", here, value.get(name, good(inner)))
        if name not in value:
            yield from _of_value(bodies, here, inner, good(inner))


def status_cases(bases: list[Baseline]) -> Iterator[Case]:
    """The cases of the statuses and media types of one operation's replies."""
    for base in bases:
        yield from _media_types(base)
        if base.is_inferred:
            # Checks leave it out: with ranges among the responses no status is ever undocumented.
            yield status_case(base, base.draft.status, of_whole=False)
    listed = {base.draft.status for base in bases}
    ranges = {str(base.draft.status)[0] for base in bases if not base.pointer.rpartition("/")[2].isdecimal()}
    for status in map(int, HTTPStatus):
        if status >= 200 and status not in listed:
            yield status_case(bases[0], status, of_whole=False)
            if str(status)[0] not in ranges:
                yield status_case(bases[0], status, of_whole=True)


def status_case(base: Baseline, status: int, *, of_whole: bool) -> Case:
    """The case of a reply with a status that is not listed."""
    return Case(
        id=f"{base.response.id}: status {status}{' in the whole document' if of_whole else ''}",
        evidence=base.response.id,
        claim=f"{status} is not listed",
        exchanges=(attrs.evolve(base.draft, status=status).exchange(str(status)),),
        expected=Expected("status"),
        of_whole=of_whole,
        places=(base.pointer,),
    )


def media_type_case(base: Baseline, media_type: str) -> Case:
    """The case of a reply of another media type."""
    content = base.content or base.response
    return Case(
        id=f"{content.id}: {base.name} as {media_type}",
        evidence=content.id,
        claim=f"a reply with {base.draft.status} is of type {' or '.join(content.value)}",
        exchanges=(attrs.evolve(base.draft, media_type=media_type).exchange(base.name),),
        expected=Expected("media-type"),
        of_whole=base.is_inferred,
        places=(base.pointer,),
    )


def _media_types(base: Baseline) -> Iterator[Case]:
    listed = base.content.value if base.content else []
    return (media_type_case(base, each) for each in _OTHER_TYPES if each not in listed)


def error_cases(stated: EvidenceIndex, base: Baseline) -> Iterator[ExtractionCase]:
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


def error_listings(stated: EvidenceIndex, base: Baseline) -> Iterator[ClosedSet]:
    """The fields that the document must not take for a part of an error."""
    for schema in base.node.parts:
        for part in ("code", "message", "request_id"):
            pointer = child(child(schema, "x-error"), part)
            known = frozenset(map(_name, stated.value(pointer) or []))

            def case(name: str, part: str = part, schema: str = schema) -> ExtractionCase:
                told: dict[str, str | None] = {part: None}
                return _error(base, base.response.id, schema, f"{part} in {name}", {name: "text"}, {name: "text"}, told)

            yield ClosedSet(pointer, known, lambda _, there: list(map(_name, there)), case)


def _saying(entries: list[Any]) -> tuple[dict[str, str], dict[str, str]]:
    body = {each: f"told {each}" for each in entries if isinstance(each, str)}
    return body, {_name(each): f"told {_name(each)}" for each in entries if isinstance(each, dict)}


def _name(entry: Any) -> str:
    return str(entry["header"] if isinstance(entry, dict) else entry)


def _error(
    base: Baseline,
    evidence: str,
    place: str,
    what: str,
    body: Any,
    headers: Mapping[str, str],
    told: dict[str, str | None],
) -> ExtractionCase:
    return ExtractionCase(
        id=f"{evidence}: {base.name} saying {what}",
        evidence=evidence,
        claim=", ".join(f"{key} is {value}" for key, value in told.items()),
        exchanges=(attrs.evolve(base.draft, body=body, reply_headers=headers).exchange(what),),
        tells=told,
        of="error",
        places=(place,),
    )


_STATUSES = {"1": 199, "2": 299, "3": 399, "4": 477, "5": 577, "d": 599}


@attrs.frozen
class ClosedSet:
    """A place of a document that lists things, all of which the evidence knows."""

    pointer: str
    known: frozenset[Any]
    """What the evidence knows."""
    read: Callable[[dict[str, Any], Any], list[Any]] = attrs.field(repr=False)
    """What is listed, by the document and what stands at the pointer."""
    case: Callable[[Any], Case | ExtractionCase] = attrs.field(repr=False)
    """The example of a thing that it must not list."""

    def cases(self, document: dict[str, Any]) -> Iterator[Case | ExtractionCase]:
        """An example of each thing that a document lists there and no evidence knows."""
        try:
            there = resolve(document, self.pointer)
        except PointerNotFound:
            return
        for each in self.read(document, there):
            if each not in self.known:
                yield self.case(each)


def listings_of_reply(base: Baseline) -> Iterator[ClosedSet]:
    """Of the body of one reply: lists of values, and fields."""
    bodies = ResponseCaseBuilder(base)
    seen: set[str] = set()
    for pointer, node, value in places(base.node, base.draft.body):
        inner = (
            {child(pointer, name): each for name, each in node.properties.items()} if isinstance(value, dict) else {}
        )
        for here, each in {pointer: node, **inner}.items():
            for part in each.parts:
                if part not in seen:
                    seen.add(part)
                    yield from _values(bodies, here, each, part)
        if isinstance(value, dict) and node.properties and not node.is_map:
            known = frozenset(node.properties)
            for part in node.parts:
                yield ClosedSet(child(part, "properties"), known, _keys, _field(bodies, pointer, node))


def listings_of_replies(bases: list[Baseline]) -> Iterator[ClosedSet]:
    """Of all replies of an operation: statuses and media types."""
    known = frozenset(base.pointer.rpartition("/")[2] for base in bases)
    responses = bases[0].pointer.rpartition("/")[0]
    for of_whole in (False, True):
        yield ClosedSet(responses, known, _keys, _status(bases[0], of_whole=of_whole))
    for base in bases:
        types = frozenset(base.content.value if base.content else ())
        yield ClosedSet(child(base.pointer, "content"), types, _keys, partial(media_type_case, base))


def listings_of_requests(requests: RequestCases, callers: CallerCases) -> Iterator[ClosedSet]:
    """Of the requests of an operation: parameters of the query, and ways to identify a caller."""
    pointer = requests.base.operation.pointer
    yield ClosedSet(child(pointer, "parameters"), frozenset(requests.names), _parameters, requests.unknown)
    yield ClosedSet(child(pointer, "security"), callers.credentials, _credentials, callers.identified_by)


def _values(bodies: ResponseCaseBuilder, pointer: str, node: ExpectedSchema, part: str) -> Iterator[ClosedSet]:
    for keyword, rule in (("enum", "schema"), ("x-enum-open", "open-list")):
        statement = node.first(keyword)
        if statement is not None:
            claim = f"{pointer} is one of {len(statement.value)} listed values"

            def case(value: Any, rule: str = rule, evidence: str = statement.id, claim: str = claim) -> Case:
                return bodies.put(node, evidence, claim, pointer, value, expected_of_value(rule, pointer))

            known = frozenset(statement.value)
            for there in ("enum", "x-enum-open", "const"):
                yield ClosedSet(child(part, there), known, _items, case)


def _status(base: Baseline, *, of_whole: bool) -> Callable[[str], Case]:
    def case(status: str) -> Case:
        return status_case(base, int(status) if status.isdecimal() else _STATUSES[status[0]], of_whole=of_whole)

    return case


def _field(bodies: ResponseCaseBuilder, pointer: str, node: ExpectedSchema) -> Callable[[str], Case]:
    def case(name: str) -> Case:
        here = child(pointer, name)
        claim = f"{pointer or 'the body'} has no field {name}"
        return bodies.put(node, node.id, claim, here, "text", Expected("undocumented-field", here))

    return case


def _keys(_: dict[str, Any], value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else []


def _items(_: dict[str, Any], value: Any) -> list[Any]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str | int)]


def _parameters(document: dict[str, Any], value: Any) -> list[Any]:
    found = [resolve(document, each["$ref"][1:]) if "$ref" in each else each for each in value]
    return [each["name"] for each in found if each["in"] == "query"]


def _credentials(document: dict[str, Any], value: Any) -> list[Any]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    return [schemes[name].get("name", "").lower() for way in value for name in way if name in schemes]
