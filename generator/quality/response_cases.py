"""Cases of responses: bodies, statuses, media types, errors, and the closed sets of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial
from http import HTTPStatus
from typing import Any

import attrs

from ..contract.findings import NOTICE, VIOLATION, format_value
from ..documents.json_pointer import assign, child, container, resolve
from ..documents.schema_view import Condition, values_at
from ..evidence.traceability import KNOWN_VALUES, LISTS
from .cases import SAMPLES, Baseline, Case, ClosedSet, Expected, ExtractionCase, examples, valid_value
from .request_cases import UNKNOWN, AuthenticationCases, RequestCases
from .statements import EvidenceIndex, ExpectedSchema, walk_value


@attrs.frozen
class ResponseCaseBuilder:
    """Makes cases of the changed body of one response."""

    baseline: Baseline

    def put(
        self,
        schema: ExpectedSchema,
        evidence: str,
        claim: str,
        pointer: str,
        value: Any,
        expected: Expected | None = None,
    ) -> Case:
        """Return the case of a body with another value at a pointer."""
        body = self._body()
        if pointer:
            assign(body, pointer, value)
        else:
            body = value
        _keep_conditions(self.baseline.schema, body, pointer)
        return self.whole(schema, evidence, claim, f"{pointer or 'body'} = {format_value(value)}", body, expected)

    def replaced(
        self,
        schema: ExpectedSchema,
        evidence: str,
        claim: str,
        pointer: str,
        change: str,
        value: Any,
        expected: Expected | None,
    ) -> Case:
        """Return the case of a body with another value at a pointer, described by `change`."""
        body = self._body()
        if pointer:
            assign(body, pointer, value)
        else:
            body = value
        return self.whole(schema, evidence, claim, f"{pointer or 'body'}: {change}", body, expected)

    def without(
        self, schema: ExpectedSchema, evidence: str, claim: str, pointer: str, expected: Expected | None
    ) -> Case:
        """Return the case of a body that lacks a field."""
        body = self._body()
        fields, name = container(body, pointer)
        fields.pop(name, None)
        return self.whole(schema, evidence, claim, f"without {pointer}", body, expected)

    def whole(
        self, schema: ExpectedSchema, evidence: str, claim: str, change: str, body: Any, expected: Expected | None
    ) -> Case:
        """Return the case of another body."""
        name = f"{self.baseline.name} {change}"
        return Case(
            id=f"{evidence}: {name}",
            evidence=evidence,
            claim=claim,
            exchanges=(attrs.evolve(self.baseline.draft, body=body).exchange(name),),
            expected=expected,
            of_whole=self.baseline.is_inferred,
            pointers=(*schema.pointers, self.baseline.pointer),
        )

    def _body(self) -> Any:
        return deepcopy(self.baseline.draft.body)


def _keep_conditions(schema: ExpectedSchema, body: Any, changed: str, besides: Condition | None = None) -> None:
    """Change other fields of a body so that the change at a pointer breaks no condition, except `besides`."""
    for pointer, each, value in list(walk_value(schema, body)):
        for condition, _ in each.conditions if isinstance(value, dict) else ():
            broken = condition.broken(value) if condition != besides else []
            if condition.field and broken and not changed.startswith(child(pointer, condition.field)):
                del value[condition.field]
            elif "*" in condition.path and broken:
                # The condition can require a value that an open list does not name.
                assign(value, child("", *condition.path[: condition.path.index("*")]), [])
            else:
                for inner in broken:
                    assign(value, inner, condition.values[0])


def body_cases(baseline: Baseline) -> Iterator[Case]:
    """Yield the cases of the body of one response."""
    bodies, body = ResponseCaseBuilder(baseline), baseline.draft.body
    yield bodies.whole(baseline.schema, baseline.response.id, "the response exists", "as it is", body, None)
    for pointer, schema, value in walk_value(baseline.schema, body):
        yield from _of_value(bodies, pointer, schema, value)
        if isinstance(value, dict) and schema.properties and not schema.is_map:
            yield from _of_fields(bodies, pointer, schema, value)
            yield from _of_conditions(bodies, pointer, schema, value)


def _finding(rule: str, pointer: str) -> Expected:
    return Expected(rule, pointer, NOTICE if rule == "open-list" else VIOLATION)


def _of_value(bodies: ResponseCaseBuilder, pointer: str, schema: ExpectedSchema, value: Any) -> Iterator[Case]:
    name = pointer or "the body"
    for example in examples(schema, value):
        finding = _finding(example.rule, pointer) if example.rule else None
        yield bodies.put(schema, example.evidence, f"{name} {example.claim}", pointer, example.value, finding)
    if schema.is_map and isinstance(value, dict):
        inner = schema.values
        claim = f"{name} is a map of {' or '.join(inner.types) if inner else 'anything'}"
        for kind, sample in SAMPLES.items():
            is_valid = inner is None or not inner.types or kind in inner.types
            finding = None if is_valid else Expected("schema", child(pointer, UNKNOWN))
            yield bodies.put(schema, (inner or schema).id, claim, pointer, {**value, UNKNOWN: sample}, finding)


def _of_fields(
    bodies: ResponseCaseBuilder, pointer: str, schema: ExpectedSchema, value: dict[str, Any]
) -> Iterator[Case]:
    unknown = child(pointer, UNKNOWN)
    claim = f"{pointer or 'the body'} has no other field"
    yield bodies.put(schema, schema.id, claim, unknown, 1, Expected("undocumented-field", unknown))
    for name, inner in schema.properties.items():
        here = child(pointer, name)
        if required := schema.required.get(name):
            finding = Expected("schema", pointer)
            yield bodies.without(inner, required.id, f"{here} is always there", here, finding)
        else:
            yield bodies.without(inner, inner.id, f"{here} may be absent", here, None)
        yield bodies.put(inner, inner.id, f"{here} may be there", here, value.get(name, valid_value(inner)))
        if name not in value:
            yield from _of_value(bodies, here, inner, valid_value(inner))


def _of_conditions(
    bodies: ResponseCaseBuilder, pointer: str, schema: ExpectedSchema, value: dict[str, Any]
) -> Iterator[Case]:
    """Yield the cases of each listed value, with all fields that the conditions allow, and of each condition."""
    whole = {name: value.get(name, valid_value(inner)) for name, inner in schema.properties.items()}
    for name, inner in schema.properties.items():
        for listed in inner.value("enum") or inner.value(KNOWN_VALUES) or ():
            here = child(pointer, name)
            claim = f"{here} {format_value(listed)} allows every field without a condition"
            body = deepcopy({**whole, name: listed})
            _keep_conditions(schema, body, child("", name))
            yield bodies.replaced(inner, inner.id, claim, pointer, f"all fields with {name} {listed!r}", body, None)
    for condition, evidence in schema.conditions:
        for listed in _listed(schema, condition):
            body = deepcopy(whole)
            for path, values in condition.when:
                assign(body, child("", *path), values[0])
            if "*" in condition.path:
                del resolve(body, child("", *condition.path[: condition.path.index("*")]))[1:]
            for inner_pointer, _ in list(values_at(body, condition.path)):
                assign(body, inner_pointer, listed)
            _keep_conditions(schema, body, "", besides=condition)
            claim, change = (
                condition.text(format_value),
                f"{'.'.join(condition.path)} {listed!r} in {condition.pointer}",
            )
            expected = _broken_by(schema, condition, pointer, body)
            yield bodies.replaced(schema, evidence, claim, pointer, change, body, expected)


def _constrained(schema: ExpectedSchema, condition: Condition) -> ExpectedSchema:
    """Return the schema of the values that a condition constrains."""
    for name in condition.path:
        inner = schema.items if name == "*" else schema.properties.get(name)
        schema = inner or schema
    return schema


def _listed(schema: ExpectedSchema, condition: Condition) -> list[Any]:
    """Return the values that a condition demands, and the others that the schema of the field lists."""
    field = _constrained(schema, condition)
    return list(dict.fromkeys([*condition.values, *(field.value("enum") or field.value(KNOWN_VALUES) or [])]))


def _broken_by(schema: ExpectedSchema, condition: Condition, pointer: str, body: dict[str, Any]) -> Expected | None:
    """Return the finding that an object must have for one condition; None if it satisfies the condition."""
    if broken := condition.broken(body):
        return Expected("schema", child(pointer, condition.field) if condition.field else pointer + broken[0])
    known = _constrained(schema, condition).value(KNOWN_VALUES)
    for inner, value in values_at(body, condition.path) if known else ():
        if value not in known:
            return Expected("open-list", pointer + inner, NOTICE)
    return None


_OTHER_TYPES = ("text/plain", "text/html", "application/xml", "application/octet-stream", "application/problem+json")


def status_cases(baselines: list[Baseline]) -> Iterator[Case]:
    """Yield the cases of the statuses and media types of one operation's responses."""
    for baseline in baselines:
        listed = baseline.content.value if baseline.content else []
        yield from (_media_type_case(baseline, each) for each in _OTHER_TYPES if each not in listed)
        if baseline.is_inferred:
            # Checks leave out an inferred `default` or range, because with it no status of an error is undocumented.
            yield _status_case(baseline, baseline.draft.status, of_whole=False)
    statuses = {baseline.draft.status for baseline in baselines}
    ranges = {str(each.draft.status)[0] for each in baselines if not _listed_status(each).isdecimal()}
    for status in map(int, HTTPStatus):
        if status >= 200 and status not in statuses:
            yield _status_case(baselines[0], status, of_whole=False)
            if str(status)[0] not in ranges:
                yield _status_case(baselines[0], status, of_whole=True)


def _listed_status(baseline: Baseline) -> str:
    return baseline.pointer.rpartition("/")[2]


def _status_case(baseline: Baseline, status: int, *, of_whole: bool) -> Case:
    return Case(
        id=f"{baseline.response.id}: status {status}{' in the whole document' if of_whole else ''}",
        evidence=baseline.response.id,
        claim=f"{status} is not listed",
        exchanges=(attrs.evolve(baseline.draft, status=status).exchange(str(status)),),
        expected=Expected("status"),
        of_whole=of_whole,
        pointers=(baseline.pointer,),
    )


def _media_type_case(baseline: Baseline, media_type: str) -> Case:
    content = baseline.content or baseline.response
    return Case(
        id=f"{content.id}: {baseline.name} as {media_type}",
        evidence=content.id,
        claim=f"a response with {baseline.draft.status} is of type {' or '.join(content.value)}",
        exchanges=(attrs.evolve(baseline.draft, media_type=media_type).exchange(baseline.name),),
        expected=Expected("media-type"),
        of_whole=baseline.is_inferred,
        pointers=(baseline.pointer,),
    )


_HEADER_VALUES = {"text": "Mon, 30 Nov 2026 21:00:00 GMT", "empty": "", "long": "x" * 256}
"""Values that any header without constraints may have."""


def header_cases(index: EvidenceIndex, baseline: Baseline) -> Iterator[Case]:
    """Yield the cases of the headers of one response."""
    for name in index.names(child(baseline.pointer, "headers")):
        pointer = child("/components/headers", name)
        if ExpectedSchema.at(index, child(pointer, "schema")).types != ("string",):
            continue
        statement = index.at(pointer) or baseline.response
        for kind, value in _HEADER_VALUES.items():
            draft = attrs.evolve(baseline.draft, response_headers={name: value})
            yield Case(
                id=f"{statement.id}: {baseline.name} with {kind} {name}",
                evidence=statement.id,
                claim=f"{name} is a text",
                exchanges=(draft.exchange(kind),),
                of_whole=baseline.is_inferred,
                pointers=(pointer,),
            )


_ERROR_FIELDS = ("code", "message", "request_id")


def error_cases(index: EvidenceIndex, baseline: Baseline) -> Iterator[ExtractionCase]:
    """Yield the cases of the extraction of one error, by the facts about its body."""
    pointers, response = baseline.schema.pointers, baseline.response
    mapping = next((each for pointer in pointers if index.names(each := child(pointer, "x-error"))), None)
    nothing: dict[str, str | None] = dict.fromkeys(_ERROR_FIELDS)
    if mapping is None:
        if baseline.schema.types == ("string",):
            expected = {**nothing, "message": "text"}
            yield _error_case(baseline, response.id, pointers[-1], "a bare text", "text", {}, expected)
        return
    for field in _ERROR_FIELDS:
        source = index.at(child(mapping, field)) or response
        entries = index.value(child(mapping, field)) or []
        for number, entry in enumerate(entries):
            # The response has the later entries of the list too, which must be ignored.
            body = {each: f"text of {each}" for each in entries[number:] if isinstance(each, str)}
            headers = {_name(each): f"text of {_name(each)}" for each in entries[number:] if isinstance(each, dict)}
            expected = {**nothing, field: f"text of {_name(entry)}"}
            yield _error_case(baseline, source.id, mapping, f"{field} from {number}", body, headers, expected)
    yield _error_case(baseline, response.id, mapping, "nothing", {}, {}, nothing)


def _name(entry: Any) -> str:
    return str(entry["header"] if isinstance(entry, dict) else entry)


def _error_case(
    baseline: Baseline,
    evidence: str,
    pointer: str,
    name: str,
    body: Any,
    headers: Mapping[str, str],
    expected: dict[str, str | None],
) -> ExtractionCase:
    return ExtractionCase(
        id=f"{evidence}: {baseline.name} saying {name}",
        evidence=evidence,
        claim=", ".join(f"{key} is {value}" for key, value in expected.items()),
        exchanges=(attrs.evolve(baseline.draft, body=body, response_headers=headers).exchange(name),),
        expected=expected,
        of="error",
        pointers=(pointer,),
    )


def body_sets(baseline: Baseline) -> Iterator[ClosedSet]:
    """Yield the closed sets of the body of one response: enums and fields."""
    bodies = ResponseCaseBuilder(baseline)
    seen: set[str] = set()
    for pointer, schema, value in walk_value(baseline.schema, baseline.draft.body):
        fields = schema.properties if isinstance(value, dict) else {}
        for here, each in {pointer: schema, **{child(pointer, name): fields[name] for name in fields}}.items():
            for part in each.pointers:
                if part not in seen:
                    seen.add(part)
                    yield from _enum_sets(bodies, here, each, part)
        if fields and not schema.is_map:
            for part in schema.pointers:
                case = partial(_undocumented_field, bodies, pointer, schema)
                yield ClosedSet(child(part, "properties"), frozenset(fields), _keys, case)


def _enum_sets(bodies: ResponseCaseBuilder, pointer: str, schema: ExpectedSchema, part: str) -> Iterator[ClosedSet]:
    for keyword, rule in (("enum", "schema"), (KNOWN_VALUES, "open-list")):
        if statement := schema.statement(keyword):
            claim = f"{pointer} is one of {len(statement.value)} listed values"
            put = partial(bodies.put, schema, statement.id, claim, pointer, expected=_finding(rule, pointer))
            for each in LISTS:
                yield ClosedSet(f"{part}/{each}", frozenset(statement.value), _items, put)


def _undocumented_field(bodies: ResponseCaseBuilder, pointer: str, schema: ExpectedSchema, name: str) -> Case:
    here, claim = child(pointer, name), f"{pointer or 'the body'} has no field {name}"
    return bodies.put(schema, schema.id, claim, here, "text", Expected("undocumented-field", here))


_STATUSES = {"1": 199, "2": 299, "3": 399, "4": 477, "5": 577, "d": 599}


def response_sets(baselines: list[Baseline]) -> Iterator[ClosedSet]:
    """Yield the closed sets of the responses of an operation: statuses and media types."""
    known = frozenset(map(_listed_status, baselines))

    def case(status: str, *, of_whole: bool) -> Case:
        example = int(status) if status.isdecimal() else _STATUSES[status[0]]
        return _status_case(baselines[0], example, of_whole=of_whole)

    for of_whole in (False, True):
        yield ClosedSet(baselines[0].pointer.rpartition("/")[0], known, _keys, partial(case, of_whole=of_whole))
    for each in baselines:
        types = frozenset(each.content.value if each.content else ())
        yield ClosedSet(child(each.pointer, "content"), types, _keys, partial(_media_type_case, each))


def request_sets(requests: RequestCases, authentication: AuthenticationCases) -> Iterator[ClosedSet]:
    """Yield the closed sets of the requests of an operation: query parameters, and headers with credentials."""
    pointer = requests.baseline.operation.pointer
    yield ClosedSet(child(pointer, "parameters"), frozenset(requests.names), _parameters, requests.unknown)
    yield ClosedSet(child(pointer, "security"), authentication.credentials, _credentials, authentication.unknown)


def error_sets(index: EvidenceIndex, baseline: Baseline) -> Iterator[ClosedSet]:
    """Yield the closed sets of one error: the fields that its mapping names."""

    def case(name: str, *, field: str, schema: str) -> ExtractionCase:
        sent = {name: "text"}
        return _error_case(baseline, baseline.response.id, schema, f"{field} in {name}", sent, sent, {field: None})

    for schema in baseline.schema.pointers:
        for field in _ERROR_FIELDS:
            pointer = child(schema, "x-error", field)
            known = frozenset(map(_name, index.value(pointer) or []))
            make = partial(case, field=field, schema=schema)
            yield ClosedSet(pointer, known, lambda _, entries: list(map(_name, entries)), make)


def _keys(_: dict[str, Any], value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else []


def _items(_: dict[str, Any], value: Any) -> list[Any]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str | int)]


def _parameters(document: dict[str, Any], value: Any) -> list[Any]:
    found = [resolve(document, each["$ref"][1:]) if "$ref" in each else each for each in value]
    return [each["name"] for each in found if each["in"] == "query"]


def _credentials(document: dict[str, Any], value: Any) -> list[Any]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    named = [schemes[name] for requirement in value for name in requirement if name in schemes]
    return [scheme.get("name", "Authorization").lower() for scheme in named]
