"""Every recording keeps to its document, and one that did not would be found, by name and place.

The check is tested with faults in copies of the recordings, and compared with an independent validator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contract import check_contradictions, recordings
from generator.documents import Recording, Service
from generator.documents.json_pointer import child, resolve, segments
from generator.errors import Problem
from tests.exhaustive import sample

from .contracts import (
    Contract,
    Operation,
    Recorded,
    contracts,
    named,
    operations,
    recorded,
    resolved,
    types_of,
    validator,
)

pytestmark = pytest.mark.sampled(3)

SUCCESSES = [one for one in recorded() if one.is_success]
UNDOCUMENTED = "must be a field of the document"
Place = tuple[str, Any, list[dict[str, Any]]]


def check_recordings(service: Service) -> list[Problem]:
    """Return the problems that a validator can find as well: it does not assert contentMediaType."""
    problems = recordings.check_recordings(service)
    return [problem for problem in problems if "expected JSON text, or an empty string" not in problem.message]


EDITS = settings(derandomize=True, database=None, deadline=None, max_examples=sample(250))


@pytest.mark.parametrize("contract", contracts().values(), ids=named)
def test_check_recordings_committed_ones_pass(contract: Contract) -> None:
    assert contract.service.recordings
    assert check_recordings(contract.service) == []


def edited(one: Recorded, **changes: Any) -> Service:
    """Return a copy of the service with only this recording, with some of its entries replaced."""
    source = one.recording.source
    recording = Recording(one.id, attrs.evolve(source, data={**deepcopy(source.data), **changes}))
    return attrs.evolve(one.operation.contract.service, recordings={one.id: recording})


def with_body(one: Recorded, body: Any) -> Service:
    return edited(one, body=json.dumps(body))


def with_request(one: Recorded, **changes: Any) -> Service:
    return edited(one, request={**deepcopy(one.request), **changes})


def single_problem(one: Recorded, service: Service) -> Problem:
    (problem,) = check_recordings(service)
    assert problem.file == one.recording.source.path
    assert problem.line is not None
    assert problem.remedy
    return problem


def places(one: Recorded) -> Iterator[Place]:
    """Return every value of a recorded body, with its pointer and the schemas that describe it."""
    document = one.operation.contract.view

    def parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
        whole = resolved(document, schema)
        # A recorded error has the first form of a union.
        members = [*whole.get("allOf", ()), *(each for each in whole.get("anyOf", ())[:1] if "$ref" in each)]
        types = [each["type"] for each in whole.get("anyOf", ()) if "type" in each and "type" not in whole]
        return [whole, *([{"type": types}] if types else []), *(part for member in members for part in parts(member))]

    def walk(pointer: str, value: Any, schemas: list[dict[str, Any]]) -> Iterator[Place]:
        yield pointer, value, schemas
        if isinstance(value, dict):
            for name, member in value.items():
                found = [schema["properties"][name] for schema in schemas if name in schema.get("properties", {})]
                found += [one for schema in schemas if isinstance(one := schema.get("additionalProperties"), dict)]
                yield from walk(child(pointer, name), member, [part for schema in found for part in parts(schema)])
        elif isinstance(value, list):
            found = [schema["items"] for schema in schemas if "items" in schema]
            for index, item in enumerate(value):
                yield from walk(child(pointer, index), item, [part for schema in found for part in parts(schema)])

    return walk("", one.body, parts(one.schema))


def put(body: Any, pointer: str, value: Any) -> Any:
    """Return a copy of a body with another value at a pointer, which may be that of a new member."""
    *above, last = segments(pointer) or [""]
    if not pointer:
        return value
    copy = deepcopy(body)
    holder = copy
    for key in above:
        holder = holder[int(key)] if isinstance(holder, list) else holder[key]
    holder[int(last) if isinstance(holder, list) else last] = value
    return copy


def without(body: Any, pointer: str) -> Any:
    """Return a copy of a body without the member or item at a pointer."""
    copy = deepcopy(body)
    *above, last = segments(pointer)
    holder = resolve(copy, "".join(child("", key) for key in above))
    del holder[int(last) if isinstance(holder, list) else last]
    return copy


OF_TYPE: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 0.5,
    "string": "seven",
    "array": [],
    "object": {},
}


def of_another_type(schemas: list[dict[str, Any]]) -> Any:
    """Return a value of a type that the schemas do not take."""
    (taken,) = (types_of(schema) for schema in schemas if "type" in schema)
    widened = {*taken, "integer"} if "number" in taken else {*taken}
    return next(value for kind, value in OF_TYPE.items() if kind not in widened)


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_check_recordings_wrong_type_is_reported_at_pointer(one: Recorded) -> None:
    typed = [(pointer, schemas) for pointer, _, schemas in places(one) if any("type" in part for part in schemas)]
    assert typed
    for pointer, schemas in typed:
        found = check_recordings(with_body(one, put(one.body, pointer, of_another_type(schemas))))
        assert found, pointer
        assert {problem.pointer for problem in found} == {"/body"}
        assert any(problem.message.startswith(f"{pointer or 'the whole body'}: ") for problem in found), pointer
        assert {problem.file for problem in found} == {one.recording.source.path}


@pytest.mark.parametrize("one", SUCCESSES, ids=named)
def test_check_recordings_undocumented_field_is_reported(one: Recorded) -> None:
    closed = [
        pointer
        for pointer, value, schemas in places(one)
        if isinstance(value, dict) and schemas and not any(part.get("additionalProperties") for part in schemas)
    ]
    assert "" in closed
    for pointer in closed:
        added = child(pointer, "un/documented")
        problem = single_problem(one, with_body(one, put(one.body, added, 1)))
        assert (problem.pointer, problem.message) == ("/body", f"{added} {UNDOCUMENTED}")


PROMISING = [one for one in SUCCESSES if any("required" in part for _, _, parts in places(one) for part in parts)]


@pytest.mark.parametrize("one", PROMISING, ids=named)
def test_check_recordings_missing_required_field_is_reported(one: Recorded) -> None:
    promised = {
        child(pointer, name)
        for pointer, _, schemas in places(one)
        for part in schemas
        for name in part.get("required", ())
    }
    for pointer in promised:
        above, _, name = pointer.rpartition("/")
        problem = single_problem(one, with_body(one, without(one.body, pointer)))
        assert problem.pointer == "/body"
        assert problem.message.startswith(f"{above or 'the whole body'}: ")
        assert name in problem.message


def closed_lists(one: Recorded) -> list[str]:
    """Return pointers of the values that a closed list describes."""
    return [pointer for pointer, _, schemas in places(one) if any(part.keys() & {"enum", "const"} for part in schemas)]


@pytest.mark.parametrize("one", [one for one in recorded() if closed_lists(one)], ids=named)
def test_check_recordings_value_outside_enum_is_reported(one: Recorded) -> None:
    for pointer in closed_lists(one):
        problem = single_problem(one, with_body(one, put(one.body, pointer, "not in the list")))
        assert problem.pointer == "/body"
        assert problem.message.startswith(f"{pointer or 'the whole body'}: ")


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_check_recordings_undocumented_status_is_reported(one: Recorded) -> None:
    problem = single_problem(one, edited(one, status=499))
    assert problem.pointer == "/status"
    assert "499" in problem.message


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_check_recordings_other_media_type_is_reported(one: Recorded) -> None:
    problem = single_problem(one, edited(one, content_type="text/html"))
    assert problem.pointer == "/content_type"
    assert "text/html" in problem.message


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_check_recordings_unknown_operation_is_reported(one: Recorded) -> None:
    problem = single_problem(one, edited(one, operation="noOperation"))
    assert problem.pointer == "/operation"
    assert "noOperation" in problem.message


@pytest.mark.parametrize("one", recorded(), ids=named)
@pytest.mark.parametrize("place", ["path", "query"])
def test_check_recordings_unknown_parameter_is_reported(one: Recorded, place: str) -> None:
    problem = single_problem(one, with_request(one, **{place: {**one.request.get(place, {}), "no/such": "1"}}))
    assert problem.pointer == f"/request/{place}/no~1such"
    assert "no/such" in problem.message


def required(operation: Operation) -> list[tuple[str, str]]:
    """Return place in a recording and name of each required parameter."""
    place = {"path": "path", "query": "query", "header": "headers"}
    return [(place[one["in"]], one["name"]) for one in operation.parameters if one.get("required")]


@pytest.mark.parametrize("one", [one for one in recorded() if required(one.operation)], ids=named)
def test_check_recordings_missing_parameter_is_reported(one: Recorded) -> None:
    for place, name in required(one.operation):
        kept = {key: value for key, value in one.request[place].items() if key != name}
        problem = single_problem(one, with_request(one, **{place: kept}))
        assert problem.pointer == "/request"
        assert name in problem.message


def wrong_values(parameter: dict[str, Any]) -> list[Any]:
    """Return JSON values that a parameter does not take."""
    takes = validator({}, parameter["schema"]).is_valid
    return [value for value in ([], {}, True, -1, 10**12, 0.5, "", "not in the list") if not takes(value)]


QUERIED = [one for one in recorded() if one.operation.parameters_in("query")]


@pytest.mark.parametrize("one", QUERIED, ids=named)
def test_check_recordings_invalid_query_value_is_reported(one: Recorded) -> None:
    for parameter in one.operation.parameters_in("query"):
        name, wrong = parameter["name"], wrong_values(parameter)
        assert wrong
        for value in wrong:
            problem = single_problem(one, with_request(one, query={**one.query, name: value}))
            assert problem.pointer == f"/request/query/{name}"
            assert (value if isinstance(value, str) else json.dumps(value)) in problem.message


def typed(one: Recorded, schema: dict[str, Any], value: str) -> Service:
    """Return a copy of the service with one recording and this value and schema of its first path parameter."""
    name = one.operation.parameters_in("path")[0]["name"]
    service = with_request(one, path={**one.path, name: value})
    document = deepcopy(service.document.data)
    parameters = document["components"]["parameters"].values()
    next(parameter for parameter in parameters if parameter["name"] == name)["schema"] = schema
    return attrs.evolve(service, document=attrs.evolve(service.document, data=document))


ADDRESSED = [one for one in recorded() if one.operation.parameters_in("path")]


@pytest.mark.parametrize("one", ADDRESSED, ids=named)
def test_check_recordings_invalid_string_parameter_is_reported(one: Recorded) -> None:
    schema = {"type": "string", "pattern": "^[a-z]+$"}
    assert check_recordings(typed(one, schema, "seven")) == []
    problem = single_problem(one, typed(one, schema, "7"))
    assert problem.pointer == f"/request/path/{one.operation.parameters_in('path')[0]['name']}"
    assert "'7'" in problem.message


@pytest.mark.parametrize("one", ADDRESSED, ids=named)
def test_check_recordings_number_in_path_is_parsed(one: Recorded) -> None:
    assert check_recordings(typed(one, {"type": "integer"}, "7")) == []
    assert "/request/path/" in str(single_problem(one, typed(one, {"type": "integer"}, "seven")).pointer)


@pytest.mark.parametrize("one", ADDRESSED, ids=named)
def test_check_recordings_parameter_schema_ref_is_followed(one: Recorded) -> None:
    service = typed(one, {"$ref": "#/components/schemas/Word"}, "seven")
    service.document.data["components"]["schemas"]["Word"] = {"type": "string", "enum": ["seven"]}
    assert check_recordings(service) == []


def test_recordings_include_enums_and_query_parameters() -> None:
    assert any(closed_lists(one) for one in recorded())
    assert any(one["in"] == "query" for operation in operations() for one in operation.parameters)


def closed_copy(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a document with objects that reject undocumented fields."""
    copy = deepcopy(document)
    for schema in copy["components"]["schemas"].values():
        if "properties" in schema and "additionalProperties" not in schema:
            schema["unevaluatedProperties"] = False
        for dependent in schema.get("dependentSchemas", {}).values():
            # `true` there would count every field of the object as described.
            dependent.pop("unevaluatedProperties", None)
    return copy


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e9, 1e9)
    | st.sampled_from([0.0, 1.0, 100.0, "100", "101", "", "0", "\n", "7\n", "2020-02-02 08:12:40 +0000 UTC\n"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def edits(draw: st.DrawFn, one: Recorded) -> Any:
    """The body of a recording with one thing in it replaced, taken out or added."""
    every = list(places(one))
    names = sorted({name for _, value, _ in every if isinstance(value, dict) for name in value} | {"undocumented"})
    pointer, value, _ = draw(st.sampled_from(every))
    other = draw(st.sampled_from([found for _, found, _ in every]) | json_values)
    match draw(st.sampled_from(["replace", "delete", "add"])):
        case "delete" if pointer:
            return without(one.body, pointer)
        case "add" if isinstance(value, dict):
            return put(one.body, child(pointer, draw(st.sampled_from(names))), other)
        case "add" if isinstance(value, list):
            return put(one.body, pointer, [*value, other])
    return put(one.body, pointer, other)


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_check_recordings_agrees_with_independent_validator(one: Recorded) -> None:
    view = one.operation.contract.view
    closed = closed_copy(view)
    plain, strict = validator(view, one.schema), validator(closed, one.schema)
    verdicts = set()

    @EDITS
    @given(edits(one))
    def run(body: Any) -> None:
        problems = [problem.message for problem in check_recordings(with_body(one, body))]
        extra = [message for message in problems if message.endswith(UNDOCUMENTED)]
        assert (len(problems) > len(extra)) is not plain.is_valid(body), problems
        assert bool(problems) is not strict.is_valid(body), problems
        verdicts.add((len(problems) > len(extra), bool(extra)))

    run()
    assert {(False, False), (True, False)} <= verdicts
    if isinstance(one.body, dict):
        assert (False, True) in verdicts


ACCOUNTED = [
    (one, entry)
    for one in recorded()
    for contradiction in one.operation.contract.service.evidence.data["contradictions"]
    for entry in contradiction.get("explains", ())
    if entry["recording"] == one.id
]
"""Recordings that deviate from their document by a contradiction, with its entry."""


def test_check_contradictions_explained_finding_is_accepted() -> None:
    assert ACCOUNTED
    for contract in contracts().values():
        assert check_contradictions(contract.service) == []


@pytest.mark.parametrize(("one", "entry"), ACCOUNTED, ids=named)
def test_check_contradictions_stale_entry_is_reported(one: Recorded, entry: dict[str, Any]) -> None:
    without_query = with_request(one, query={})
    (stale,) = check_contradictions(without_query)
    assert stale.file == one.operation.contract.service.evidence.path
    assert "/explains/" in str(stale.pointer)
    assert stale.line is not None
    assert f"must explain a finding of the rule {entry['rule']}, got none in {entry['recording']}" in stale.message


@pytest.mark.parametrize(("one", "entry"), ACCOUNTED, ids=named)
def test_check_contradictions_other_recording_is_reported(one: Recorded, entry: dict[str, Any]) -> None:
    service = one.operation.contract.service
    other = with_body(one, {**one.body, "errorCode": "none"}).recordings[one.id]
    both = attrs.evolve(service, recordings={one.id: one.recording, "other": attrs.evolve(other, id="other")})
    (departed,) = check_contradictions(both)
    assert departed.file == one.recording.source.path
    assert departed.pointer == "/request/query/limit"


@pytest.mark.parametrize("one", SUCCESSES, ids=named)
def test_check_contradictions_other_job_id_is_reported(one: Recorded) -> None:
    argument = one.operation.node["x-poll"].get("argument")
    if argument is None:
        return
    other = with_request(one, path={**one.path, argument: "another-job"})
    (problem,) = check_contradictions(other)
    assert problem.pointer == "/body"
    assert "another-job" in problem.message
