"""One flattened view of a schema for all readers of documents, wherever in an `allOf` a keyword stands."""

from __future__ import annotations

import operator
from copy import deepcopy
from typing import Any

import pytest

from generator.client.template_model_builder import describe
from generator.contract.rules import CompiledSchemas
from generator.documents import Service, Workspace, lint
from generator.documents.json_pointer import find
from generator.documents.lint import extension_problems
from generator.documents.schema_view import FlatSchema, flatten
from generator.evidence.traceability import expectations
from generator.quality.operators import mutants
from tests.generator.edits import put, with_document

Bundles = list[tuple[Service, dict[str, Any]]]

OK = "/paths/*/get/responses/200/content/*/schema"

SCHEMAS: dict[str, Any] = {
    "Base": {"type": ["integer", "string"], "minimum": 0, "maximum": 9, "maxLength": 4, "required": ["a"]},
    "Both": {
        "$ref": "#/components/schemas/Base",
        "description": "Both.",
        "minimum": 1,
        "allOf": [
            {"type": "number", "enum": [3, 2, 1], "required": ["b", "a"]},
            {"allOf": [{"enum": [2, 3], "maximum": 5, "x-job": 1, "properties": {"a": {"type": "string"}}}]},
        ],
    },
    "Node": {
        "allOf": [{"$ref": "#/components/schemas/Node"}, {"type": "array"}],
        "items": {"$ref": "#/components/schemas/Node"},
    },
    "Map": {
        "allOf": [{"required": ["x"]}, {"properties": {"x": {"items": {"minimum": 1}}}}],
        "additionalProperties": {"maximum": 3},
    },
    "Nothing": {"allOf": [{"type": "string"}, False]},
}


def view(name: str) -> FlatSchema:
    return flatten({"components": {"schemas": SCHEMAS}}, f"/components/schemas/{name}")


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("types", ["integer"]),  # An integer is a number.
        ("kinds", frozenset({"integer"})),
        ("required", ["a", "b"]),
        ("enum", [3, 2]),
        ("properties", ["a"]),
        ("component", "Both"),
        ("model", ""),
    ],
)
def test_flat_schema_of_several_subschemas_merges_them(attribute: str, expected: Any) -> None:
    assert operator.attrgetter(attribute)(view("Both")) == expected


def test_flat_schema_takes_the_tightest_bounds() -> None:
    both = view("Both")
    assert [both.bound(key) for key in ("minimum", "maximum", "maxLength", "maxItems")] == [1, 5, 4, None]


def test_flat_schema_names_the_pointer_of_each_keyword() -> None:
    both = "/components/schemas/Both"
    assert view("Both").having("minimum") == [(f"{both}/minimum", 1), ("/components/schemas/Base/minimum", 0)]
    assert view("Both").having("x-job") == [(f"{both}/allOf/1/allOf/0/x-job", 1)]
    assert view("Both").at("a").roots == (f"{both}/allOf/1/allOf/0/properties/a",)


def test_flat_schema_that_refers_to_itself_ends() -> None:
    node = view("Node")
    assert [pointer.rpartition("/Node")[2] for pointer, _ in node.parts] == ["", "/allOf/0", "/allOf/1"]
    assert node.at("*.*.*").types == ["array"]


def test_flat_schema_without_a_declaration_falls_under_the_others() -> None:
    found = view("Map")
    assert found.member("x").having("maximum") == found.others.having("maximum")
    assert found.member("y").values("maximum") == [3]
    assert found.at("x.*").values("minimum") == [1]
    assert found.at("y").roots == ("/components/schemas/Map/additionalProperties",)
    assert found.at("x.y.*").roots == ()


def test_flat_schema_with_a_false_member_allows_nothing() -> None:
    assert view("Nothing").is_false


def swap(data: Any) -> None:
    """Move the first member of each `allOf` of a response to the end."""
    for _, members in find(data, f"{OK}/allOf"):
        members.append(members.pop(0))


def test_lint_accepts_a_promise_before_its_reference(workspace: Workspace, services: dict[str, Service]) -> None:
    promised = {"allOf": [{"required": ["jobList"]}, {"$ref": "#/components/schemas/JobList"}]}
    assert lint(workspace, with_document(services["ges"], put(OK, promised))) == []


@pytest.mark.parametrize(
    "members",
    [
        [{"$ref": "#/components/schemas/JobList"}],
        [{"$ref": "#/components/schemas/JobList"}, {"$ref": "#/components/schemas/JobList"}, {"required": ["jobList"]}],
        [{"required": ["jobList"]}, {"required": ["jobCount"]}],
        [{"$ref": "#/components/schemas/JobList"}, {"type": "object"}],
    ],
)
def test_lint_refuses_an_all_of_that_is_no_promise(
    workspace: Workspace, services: dict[str, Service], members: list[Any]
) -> None:
    changed = with_document(services["ges"], put(OK, {"allOf": members}))
    assert "must not have allOf, except a response" in " ".join(each.message for each in lint(workspace, changed))


def test_client_of_a_promise_before_its_reference_is_the_same(bundles: Bundles) -> None:
    service, document = next(each for each in bundles if each[0].name == "ges")
    document = deepcopy(document)
    put(OK, {"allOf": [{"$ref": "#/components/schemas/JobList"}, {"required": ["jobList"]}]})(document)
    swapped = deepcopy(document)
    swap(swapped)
    assert swapped != document
    before, now = (describe("ges", each, service.document.path) for each in (document, swapped))
    assert (now.models, now.operations) == (before.models, before.operations)


def composed(data: Any) -> None:
    """Let the schema of a job be composed of two others."""
    schemas = data["components"]["schemas"]
    job = schemas["Job"]
    properties = job.pop("properties")
    first = dict(list(properties.items())[:2])
    schemas["JobIdentity"] = {"type": "object", "description": "Identity.", "properties": first}
    rest = {name: member for name, member in properties.items() if name not in first}
    schemas["JobRest"] = {"type": "object", "description": "The rest.", "properties": rest}
    job["allOf"] = [{"$ref": f"#/components/schemas/{name}"} for name in ("JobIdentity", "JobRest")]


def test_lint_finds_the_fields_of_a_composed_job(workspace: Workspace, services: dict[str, Service]) -> None:
    assert list(extension_problems(workspace, with_document(services["ges"], composed))) == []


def test_client_of_a_composed_schema_has_all_its_fields(bundles: Bundles) -> None:
    service, document = next(each for each in bundles if each[0].name == "ges")
    changed = deepcopy(document)
    composed(changed)
    before, now = (describe("ges", each, service.document.path) for each in (document, changed))
    models = {model.name: model.fields for model in now.models}
    assert len(models["Job"]) == len(document["components"]["schemas"]["Job"]["properties"])
    assert models == {model.name: model.fields for model in before.models}


def test_client_of_fields_with_one_closed_list_has_it_once(bundles: Bundles) -> None:
    service, document = next(each for each in bundles if each[0].name == "ges")
    changed = deepcopy(document)
    mode = {"type": "string", "description": "A mode.", "enum": ["fast", "slow"]}
    reference = {"description": "The mode.", "$ref": "#/components/schemas/Mode"}
    put("/components/schemas/Mode", mode)(changed)
    for name in ("first", "second"):
        put(f"/components/schemas/Job/properties/{name}", reference)(changed)
    package = describe("ges", changed, service.document.path)
    assert [each.values for each in package.closed_lists if each.name == "Mode"] == [["fast", "slow"]]
    (job,) = (model for model in package.models if model.name == "Job")
    assert [field.annotation for field in job.fields[-2:]] == ["Mode", "Mode"]


def test_checker_finds_a_field_behind_a_promise(bundles: Bundles) -> None:
    _, document = next(each for each in bundles if each[0].name == "cce")
    document = deepcopy(document)
    put(OK, {"allOf": [{"$ref": "#/components/schemas/Job"}, {"properties": {"metadata": {"required": ["uid"]}}}]})(
        document
    )
    swapped = deepcopy(document)
    swap(swapped)
    assert swapped != document
    (pointer, _), *_ = find(swapped, OK)
    found = [CompiledSchemas(each).member(pointer, "metadata.uid") for each in (document, swapped)]
    assert found[0] == found[1] == ("/components/schemas/JobMetadata/properties/uid",) * 2


def test_row_of_an_object_supports_a_composed_one() -> None:
    schemas = {"Inner": {"type": "object"}, "Outer": {"allOf": [{"$ref": "#/components/schemas/Inner"}]}}
    schemas["Owner"] = {"properties": {"outer": {"$ref": "#/components/schemas/Outer"}}}
    row = {"kind": "field", "name": "outer", "type": "Object"}
    found = expectations({"components": {"schemas": schemas}}, row, "/components/schemas/Owner/properties/outer")
    assert [each.holds("#/components/schemas/Outer") for each in found] == [True]


def test_mutants_of_a_composed_job_replace_its_fields(bundles: Bundles) -> None:
    _, document = next(each for each in bundles if each[0].name == "ges")
    changed = deepcopy(document)
    composed(changed)
    before, now = (
        {
            (each.pointer, each.change)
            for each in mutants(side)
            if each.pointer.startswith("/components/schemas/Job/x-job")
        }
        for side in (document, changed)
    )
    assert now == before
