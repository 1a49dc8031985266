"""Renditions of the documents state what their source states, and are valid by the rules of their formats.

A rendition of a schema and its source are given the same instances: recordings, changed copies of them, and generated
values. They must agree on each of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from cloudjobs.testing import replay_app
from generator.documents.json_pointer import child, find, resolve
from generator.documents.openapi_30 import openapi_30, walk
from generator.documents.renditions import (
    ARAZZO,
    BUNDLED,
    JOINED,
    KINDS,
    OPENAPI_30,
    POSTMAN,
    Rendition,
    component,
    renditions,
)
from generator.errors import Problem, ValidationError
from tests.client.mutations import anything, places, replaced, without
from tests.exhaustive import sample

from .contracts import Contract, Recorded, _pattern, contracts, named, recorded, same_json, validator
from .live_helpers import ask
from .test_round_trips import unrolled

PUBLISHED = Path(__file__).parent / "published_schemas"
SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
OTHERS = (None, True, 7, -1, 0.5, "other", "", [], [None], {}, {"": None})
_Validator30 = jsonschema.validators.extend(OAS30Validator, {"pattern": _pattern})


@cache
def made() -> list[Rendition]:
    """Return the renditions of this checkout's documents."""
    return renditions([(contract.service, contract.full) for contract in contracts().values()], "1.2.3")


def only(kind: object) -> Any:
    """Return the data of the rendition that holds all services."""
    (rendition,) = (each for each in made() if each.kind is kind)
    return rendition.data


def of_30(contract: Contract) -> dict[str, Any]:
    """Return the OpenAPI 3.0 rendition of a service's document."""
    (found,) = (each.data for each in made() if each.name == f"{contract.name}-3.0")
    return found


def validator_30(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return a validator of one schema of a document, by the rules of OpenAPI 3.0."""
    return _Validator30({**schema, "components": document["components"]})


def exact(value: Any) -> Any:
    """Return the value with `1` for each `1.0`, which is an integer in one version and none in the other."""
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def bodies(contract: Contract) -> dict[str, str]:
    """Return a pointer of each schema of a response, by the target of its reference."""
    found = find(contract.full, "/paths/*/*/responses/*/content/*/schema")
    return {schema.get("$ref", pointer): pointer for pointer, schema in found}


BODIES = [
    pytest.param(contract, pointer, id=f"{contract.name}-{target.rpartition('/')[2]}")
    for contract in contracts().values()
    for target, pointer in bodies(contract).items()
]


@cache
def validators(contract: Contract, pointer: str) -> dict[str, Any]:
    """Return validators of the schema at a pointer of each document."""
    joined, converted, unconditional = only(JOINED), of_30(contract), without_conditions(contract.full)
    return {
        "source": validator(contract.full, resolve(contract.full, pointer)),
        "unconditional": validator(unconditional, resolve(unconditional, pointer)),
        "3.0": validator_30(converted, resolve(converted, pointer)),
        "joined": validator(joined, resolve(joined, pointer)),
    }


def verdict(contract: Contract, pointer: str, instance: Any) -> bool:
    """Return whether the schemas at a pointer accept an instance; they must agree."""
    found = {name: each.is_valid(instance) for name, each in validators(contract, pointer).items()}
    # Conditions are the listed difference of 3.0.
    assert found["source"] == found["joined"], (found, instance)
    assert found["unconditional"] == found["3.0"], (found, instance)
    return bool(found["source"])


def changed(body: Any) -> Iterator[Any]:
    """Yield a body, and its copies with one value replaced, deleted or added."""
    yield body
    for pointer in places(body):
        yield from (replaced(body, pointer, other) for other in OTHERS)
        if pointer:
            yield without(body, pointer)


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_rendition_changed_recordings_get_the_same_verdict(one: Recorded) -> None:
    contract = one.operation.contract
    where = ("paths", one.operation.path, one.operation.method.lower(), "responses", str(one.status), "content")
    pointer = child("", *where, one.recording.content_type, "schema")
    seen = set()
    for body in changed(one.body):
        seen.add(verdict(contract, pointer, exact(body)))
    assert seen == {True, False}


@st.composite
def instances(draw: st.DrawFn, fitting: st.SearchStrategy[Any]) -> Any:
    """A value that fits, one of its copies with a change, or any other."""
    value = draw(st.one_of(fitting, fitting, anything))
    for _ in range(draw(st.integers(0, 2))):
        pointer = draw(st.sampled_from([*places(value)]))
        is_deleted = pointer and draw(st.integers(0, 3)) == 0
        value = without(value, pointer) if is_deleted else replaced(value, pointer, draw(anything))
    return exact(value)


@pytest.mark.parametrize(("contract", "pointer"), BODIES)
def test_rendition_generated_instances_get_the_same_verdict(contract: Contract, pointer: str) -> None:
    seen = set()

    @settings(SETTINGS, max_examples=sample(30))
    @given(instances(from_schema(unrolled(contract.full, resolve(contract.full, pointer)))))
    def check(instance: Any) -> None:
        seen.add(verdict(contract, pointer, instance))

    check()
    assert seen == {True, False}


SCHEMAS: dict[str, dict[str, Any]] = {
    "one type and null": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "null": {"type": "null"},
    "types": {
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 100,
        "pattern": "^[0-9]{1,3}$",
        "format": "int32",
    },
    "types and null": {"type": ["array", "boolean", "null"], "items": {"type": "integer"}, "maxItems": 2},
    "integer and number": {"type": ["integer", "number", "string"], "exclusiveMinimum": 3},
    "types beside anyOf": {"type": ["integer", "string"], "anyOf": [{"minimum": 5}, {"minLength": 3}]},
    "list with null": {"type": ["string", "null"], "enum": ["a", None]},
    "list without null": {"type": ["string", "null"], "enum": ["a", "b"]},
    "open list": {"type": "string", "anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string"}]},
    "const": {"type": "string", "const": "Job"},
    "const null": {"const": None},
    "const beside enum": {"const": 1, "enum": [1, 2]},
    "array without items": {"type": "array", "minItems": 1},
    "exclusive bounds": {"type": "number", "exclusiveMinimum": 1, "minimum": 0, "exclusiveMaximum": 9, "maximum": 5},
    "exclusive bound alone": {"type": "integer", "exclusiveMaximum": 5},
    "boolean schemas": {"properties": {"a": True, "b": False}, "additionalProperties": False, "required": []},
    "not": {"not": {"type": ["string", "null"]}},
    "one of": {"oneOf": [{"type": "integer"}, {"type": "null"}, {"minimum": 10}]},
    "reference": {"$ref": "#/components/schemas/Text"},
    "reference with a limit": {"$ref": "#/components/schemas/Text", "maxLength": 2, "description": "Short."},
    "reference or null": {"anyOf": [{"$ref": "#/components/schemas/Text"}, {"type": "null"}]},
    "properties named like keywords": {
        "type": "object",
        "required": ["const"],
        "properties": {"type": {"type": ["string", "null"]}, "const": {"const": 1}, "$ref": {"type": "null"}},
    },
}


CONDITIONS: dict[str, dict[str, Any]] = {
    "if, then, else": {
        "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
        "then": {"required": ["b"]},
        "else": {"properties": {"c": False}, "required": ["a"]},
    },
    "dependent": {
        "dependentRequired": {"a": ["b", "c"], "c": []},
        "dependentSchemas": {"b": {"properties": {"d": {"type": "null"}}}},
    },
}


def without_conditions(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without the keywords that OpenAPI 3.0 has no simple form of."""
    names = {name for schema in CONDITIONS.values() for name in schema}

    def visit(kind: str, node: Any, pointer: str) -> Any:
        is_schema = kind == "schema" and isinstance(node, dict)
        return {name: member for name, member in node.items() if name not in names} if is_schema else node

    found: dict[str, Any] = walk("document", document, visit)
    return found


def document_of(schema: Any, **others: Any) -> dict[str, Any]:
    """Return a document of OpenAPI 3.1 with a schema."""
    text = {"type": "string", "minLength": 1}
    info = {"title": "Test", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "components": {"schemas": {"It": schema, "Text": text}}, **others}


def problem(pointer: str, message: str, remedy: str) -> Problem:
    return Problem("test.yaml", message, remedy, None, pointer)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_openapi_30_each_keyword_accepts_the_same_instances(schema: dict[str, Any]) -> None:
    source = document_of(schema)
    converted = openapi_30(source, problem)
    assert list(OpenAPIV30SpecValidator(converted).iter_errors()) == []
    accepts = validator(source, schema).is_valid
    accepts_30 = validator_30(converted, converted["components"]["schemas"]["It"]).is_valid
    seen = set()

    @settings(SETTINGS, max_examples=40)
    @given(instances(from_schema({**schema, "components": source["components"]})))
    def check(instance: Any) -> None:
        accepted = accepts(instance)
        assert accepts_30(instance) == accepted
        seen.add(accepted)

    check()
    assert seen == {True, False}


@pytest.mark.parametrize("conditions", CONDITIONS.values(), ids=CONDITIONS)
def test_openapi_30_conditions_are_left_out(conditions: dict[str, Any]) -> None:
    inner = {"type": "object", "properties": {"if": {"type": "string"}}}
    source = document_of({**inner, **conditions, "additionalProperties": {**inner, **conditions}})
    converted = openapi_30(source, problem)
    assert converted["components"]["schemas"]["It"] == {**inner, "additionalProperties": inner}


def test_openapi_30_integral_float_is_the_listed_difference() -> None:
    schema = {"type": "integer"}
    converted = openapi_30(document_of(schema), problem)
    assert validator(document_of(schema), schema).is_valid(1.0)
    assert not validator_30(converted, schema).is_valid(1.0)


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({"prefixItems": [{"type": "string"}]}, "/components/schemas/It/prefixItems"),
        ({"properties": {"a": {"patternProperties": {}}}}, "/components/schemas/It/properties/a/patternProperties"),
        ({"nullable": True}, "/components/schemas/It/nullable"),
    ],
    ids=["prefixItems", "inner", "unknown"],
)
def test_openapi_30_unknown_keyword_is_rejected(source: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as caught:
        openapi_30(document_of(source), problem)
    (found,) = caught.value.problems
    keyword = pointer.rpartition("/")[2]
    assert found.pointer == pointer
    assert found.message == f"must be expressible in OpenAPI 3.0, got the keyword {keyword}"
    assert found.remedy


def test_openapi_30_other_objects_are_rewritten() -> None:
    source = document_of(
        {"examples": ["a", "b"], "contentMediaType": "text/plain", "$comment": "Note."},
        webhooks={
            "new": {"post": {"responses": {"200": {"$ref": "#/components/responses/Done", "description": "B."}}}}
        },
    )
    source["info"] |= {"summary": "Short", "description": "Long.", "license": {"name": "A", "identifier": "Apache-2.0"}}
    source["components"]["responses"] = {"Done": {"description": "A."}}
    converted = openapi_30(source, problem)
    assert list(OpenAPIV30SpecValidator(converted).iter_errors()) == []
    assert converted["info"]["description"] == "Short.\n\nLong."
    assert converted["info"]["license"] == {"name": "A", "url": "https://spdx.org/licenses/Apache-2.0.html"}
    assert converted["components"]["schemas"]["It"] == {"example": "a", "x-contentMediaType": "text/plain"}
    assert converted["x-webhooks"]["new"]["post"]["responses"] == {"200": {"description": "B."}}
    assert converted["paths"] == {}


@pytest.mark.parametrize("rendition", made(), ids=lambda rendition: rendition.name)
def test_rendition_is_valid_by_its_format(rendition: Rendition) -> None:
    if rendition.kind is OPENAPI_30:
        problems = list(OpenAPIV30SpecValidator(rendition.data).iter_errors())
    elif rendition.kind in (BUNDLED, JOINED):
        problems = list(OpenAPIV31SpecValidator(rendition.data).iter_errors())
    else:
        name = {POSTMAN: "postman-2.1.0", ARAZZO: "arazzo-1.0"}[rendition.kind]
        schema = json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))
        problems = list(jsonschema.validators.validator_for(schema)(schema).iter_errors(rendition.data))
    assert problems == []


def test_renditions_each_kind_is_made() -> None:
    assert {each.kind for each in made()} == {*KINDS}


def test_joined_names_are_unique_and_paths_have_their_servers() -> None:
    joined = only(JOINED)
    operations = [operation for _, operation in find(joined, "/paths/*/get")]
    names = [operation["operationId"] for operation in operations]
    assert len({*names}) == len(names) == len(joined["paths"])
    tags = [tag["name"] for tag in joined["tags"]]
    assert len({*tags}) == len(tags)
    assert all({*operation["tags"]} <= {*tags} for operation in operations)
    for contract in contracts().values():
        for path, item in contract.full["paths"].items():
            urls = [server["url"] for server in contract.full["servers"]]
            assert [server["url"] for server in joined["paths"][path]["servers"]] == urls
            for method, operation in item.items():
                security = [
                    [component(contract.name, "securitySchemes", name) for name in way] for way in operation["security"]
                ]
                assert [[*way] for way in joined["paths"][path][method]["security"]] == security


def test_joined_path_of_two_services_is_rejected() -> None:
    one = next(iter(contracts().values()))
    with pytest.raises(ValidationError, match="must be a path of one service, got a path of"):
        renditions([(one.service, one.full), (one.service, one.full)], "1")


def requests() -> Iterator[tuple[Contract, dict[str, Any]]]:
    """Yield the requests of the Postman collection, each with the contract of its folder."""
    for contract, folder in zip(contracts().values(), only(POSTMAN)["item"], strict=True):
        yield from ((contract, item) for item in folder["item"])


def filled(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with its variables replaced, and those in their values."""
    while re.search(r"\{\{\w+\}\}", text):
        text = re.sub(r"\{\{(\w+)\}\}", lambda found: variables[found[1]], text)
    return text


def sent(request: dict[str, Any], variables: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return target and headers of a request, as Postman sends it."""
    url = request["url"]
    path = {each["key"]: filled(each["value"], variables) for each in url.get("variable", ())}
    target = urlsplit(re.sub(r":(\w+)(?=[/?]|\Z)", lambda found: path[found[1]], filled(url["raw"], variables)))
    headers = {each["key"]: each["value"] for each in request["header"] if not each.get("disabled")}
    if request["auth"]["type"] == "apikey":
        parts = {each["key"]: each["value"] for each in request["auth"]["apikey"]}
        headers[parts["key"]] = filled(parts["value"], variables)
    return f"{target.path}?{target.query}" if target.query else target.path, headers


@pytest.mark.anyio
async def test_postman_requests_return_the_saved_responses() -> None:
    variables = {each["key"]: each["value"] or "a-token" for each in only(POSTMAN)["variable"]}
    names = set()
    for contract, item in requests():
        target, headers = sent(item["request"], variables)
        reply = await ask(replay_app(contract.name), target, headers)
        saved = {each["name"]: each for each in item["response"]}
        assert any(each["code"] == reply.status_code == 200 for each in saved.values())
        names |= {*saved}
        for each in saved.values():
            example, credentials = sent(each["originalRequest"], variables)
            reply = await ask(replay_app(contract.name), example, {**headers, **credentials})
            assert reply.status_code == each["code"]
    assert names == {one.recording.source.data["summary"] for one in recorded()}


def test_postman_saved_responses_hold_the_recorded_bytes() -> None:
    saved = [(each["code"], each["body"]) for _, item in requests() for each in item["response"]]
    assert sorted(saved) == sorted((one.status, one.recording.text) for one in recorded())


def test_postman_credentials_are_empty() -> None:
    values = {each["key"]: each["value"] for each in only(POSTMAN)["variable"]}
    for contract, item in requests():
        for each in item["request"]["auth"].get("apikey", ()):
            if each["key"] == "value":
                assert values[each["value"].strip("{}")] == ""
        assert urlsplit(filled(values[f"{contract.name}_url"], values)).hostname


def holds(criterion: dict[str, Any], body: Any, inputs: Mapping[str, str]) -> bool:
    """Return whether a criterion of the generated forms holds for a response with status 200."""
    condition = criterion["condition"]
    if criterion.get("type") == "jsonpath":
        found = re.fullmatch(r"\$\.(\w+)\[\?\(@\.(\w+) == '\{\$inputs\.(\w+)\}' && \((.*)\)\)\]", condition)
        assert found
        assert criterion["context"] == "$response.body"
        tests = re.findall(r"@\.(\w+) == '([^']*)'", found[4])
        jobs = [job for job in body[found[1]] if job[found[2]] == inputs[found[3]]]
        return any(job[name] == value for job in jobs for name, value in tests)
    found_all = re.findall(r"(\$statusCode|\$response\.body#([^ ]+)) (==|>=) ('[^']*'|[0-9]+)", condition)
    assert " || ".join(f"{left} {operator} {right}" for left, _, operator, right in found_all) == condition
    return any(
        {"==": str(value) == right.strip("'"), ">=": str(value) >= right}[operator]
        for left, pointer, operator, right in found_all
        for value in [200 if left == "$statusCode" else resolve(body, pointer)]
    )


def outcome(step: dict[str, Any], body: Any, inputs: Mapping[str, str]) -> str:
    """Return the action of a workflow runner after a response with status 200: continue, retry or end."""
    if all(holds(each, body, inputs) for each in step["successCriteria"]):
        return "success"
    matching = [each for each in step["onFailure"] if all(holds(one, body, inputs) for one in each["criteria"])]
    return str(matching[0]["type"])


@pytest.mark.parametrize("contract", contracts().values(), ids=named)
def test_arazzo_workflow_each_state_has_its_outcome(contract: Contract) -> None:
    """The states are those of the evidence, which is written apart from `x-job`."""
    (workflow,) = (each for each in only(ARAZZO)["workflows"] if each["workflowId"].startswith(f"{contract.name}-"))
    (step,) = workflow["steps"]
    expected = dict.fromkeys(("partial", "failed", "stopped"), "end")
    expected |= {"succeeded": "success", "pending": "retry", "running": "retry"}
    entries = contract.service.evidence.data["interpretations"]
    (entry,) = (each for each in entries if {"id_parameter", "pagination"} & each.keys())
    body = contract.service.recordings[entry["recording"]].body
    job = resolve(body, entry["job"])
    inputs = {name: job.get(name) for name in workflow["inputs"]["properties"]}
    state = entry["expect"]["state"]
    outcomes = {value: expected[name] for name in expected.keys() & state.keys() for value in state[name]}
    for value, wanted in {**outcomes, "a new state": "retry"}.items():
        there = entry["job"] + state["pointer"]
        assert outcome(step, replaced(body, there, value), inputs) == wanted, value
    assert {*outcomes.values()} == {"success", "end", "retry"}


def test_arazzo_operations_and_parameters_are_in_the_joined_document() -> None:
    joined = only(JOINED)
    operations = {
        operation["operationId"]: operation for _, operation in find(joined, "/paths/*/*") if "operationId" in operation
    }
    assert only(ARAZZO)["sourceDescriptions"][0]["url"] == "./joined.json"
    for workflow in only(ARAZZO)["workflows"]:
        (step,) = workflow["steps"]
        operation = operations[step["operationId"]]
        declared = [resolve(joined, each["$ref"][1:]) for each in operation["parameters"]]
        schemes = [joined["components"]["securitySchemes"][name] for way in operation["security"] for name in way]
        allowed = {(each["in"], each["name"]) for each in [*declared, *schemes]}
        given = {(each["in"], each["name"]) for each in step["parameters"]}
        assert {(each["in"], each["name"]) for each in declared if each["required"]} <= given <= allowed
        assert all(
            each["value"] == f"$inputs.{name}"
            for each, name in zip(step["parameters"], workflow["inputs"]["required"], strict=False)
        )


def test_renditions_carry_no_evidence_ids() -> None:
    for rendition in made():
        text = json.dumps(rendition.data)
        assert ('"x-evidence"' in text) == (rendition.kind is BUNDLED)
        assert same_json(json.loads(text), rendition.data)
