"""Schemas wherever documents have them: enums, aliases, unions, names of the client's own. Each call must work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.documents import Service, Workspace
from tests.generator.kinds import check_types, document, make_client, run

WORDS = {"type": "string", "enum": ["a", "b"]}
REF = "#/components/schemas/"

PROPERTIES: dict[str, Any] = {
    "inline": WORDS,
    "nullable": {"type": ["string", "null"], "enum": ["a", None]},
    "only_null": {"enum": [None]},
    "numbers": {"type": "integer", "enum": [1, 2]},
    "nullable_numbers": {"type": ["integer", "null"], "enum": [1, None]},
    "mixed": {"enum": ["a", 1, True]},
    "listed": {"type": "array", "items": WORDS},
    "mapped": {"type": "object", "additionalProperties": WORDS},
    "nested": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array", "items": WORDS}}},
    "constants": {"type": "array", "items": {"type": "string", "const": "x"}},
    "component": {"$ref": REF + "Word"},
    "components": {"type": "array", "items": {"$ref": REF + "Word"}},
    "map_of_components": {"type": "object", "additionalProperties": {"$ref": REF + "Word"}},
    "alias": {"$ref": REF + "Alias"},
    "alias_of_alias": {"$ref": REF + "AliasOfAlias"},
    "list_component": {"$ref": REF + "List"},
    "map_component": {"$ref": REF + "Map"},
    "text_component": {"$ref": REF + "Text"},
    "empty": {"type": "object"},
    "anything": {},
    "open": {"type": "string", "anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string"}]},
    "union": {"anyOf": [{"$ref": REF + "Cat"}, {"$ref": REF + "Dog"}, {"type": "null"}]},
    "unions": {"type": "array", "items": {"oneOf": [{"$ref": REF + "Cat"}, {"$ref": REF + "Dog"}]}},
    "itself": {"$ref": REF + "Job"},
    "reserved": {"$ref": REF + "Operation"},
    "class": WORDS,
    "from": {"type": "string"},
    "self": {"type": "string"},
    "fooBar": {"type": "string"},
    "foo_bar": {"type": "string"},
    "to_dict": {"type": "string"},
    "to_dict_": {"type": "string"},
    "+": {"type": "string"},
    "": {"type": "string"},
}
COMPONENTS: dict[str, Any] = {
    "Word": {"description": "One.", **WORDS},
    "Alias": {"$ref": REF + "Word"},
    "AliasOfAlias": {"description": "Other.", "$ref": REF + "AliasOfJob"},
    "AliasOfJob": {"$ref": REF + "Job"},
    "List": {"type": "array", "items": {"$ref": REF + "Cat"}},
    "Map": {"type": "object", "additionalProperties": {"$ref": REF + "Cat"}},
    "Text": {"type": "string", "minLength": 1},
    "Cat": {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}},
    "Dog": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "dog"}, "name": {"type": "string"}},
    },
    "Operation": {"type": "object", "properties": {"done": {"type": "boolean"}}},
    "Client": {"type": "object", "properties": {"id": {"type": "string"}, "options": {"$ref": REF + "Options"}}},
    "Options": {"type": "object", "properties": {"a": {"type": "string"}}},
}
PARAMETERS: list[dict[str, Any]] = [
    {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
    {"name": "kinds", "in": "query", "explode": False, "schema": {"type": "array", "items": {"$ref": REF + "Word"}}},
    {"name": "word", "in": "query", "schema": WORDS},
    {"name": "number", "in": "query", "schema": {"type": "integer", "enum": [1, 2]}},
    {"name": "filter", "in": "query", "style": "deepObject", "explode": True, "schema": {"type": "object"}},
    {"name": "filter[x]", "in": "query", "schema": {"type": "string"}},
    {"name": "where", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
    {"name": "job_id", "in": "query", "schema": {"type": "string"}},
    {"name": "timeout", "in": "query", "schema": {"type": "integer"}},
    {"name": "self", "in": "query", "schema": {"type": "string"}},
    {"name": "class", "in": "query", "schema": {"type": "string"}},
    {"name": "X-Ids", "in": "header", "schema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "sid", "in": "cookie", "schema": {"type": "string"}},
]


@pytest.fixture(scope="module")
def source(workspace: Workspace, services: dict[str, Service], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client of a document with all of them."""
    paths = {
        "/operations": {
            "get": {
                "operationId": "service",
                "summary": "Get an operation",
                "description": "Get it.",
                "responses": {
                    "200": {
                        "description": "It.",
                        "content": {"application/json": {"schema": {"$ref": REF + "Operation"}}},
                    }
                },
            }
        },
        "/clients": {
            "get": {
                "operationId": "getClient",
                "summary": "Get a client",
                "description": "Get it.",
                "responses": {
                    "200": {"description": "It.", "content": {"application/json": {"schema": {"$ref": REF + "Client"}}}}
                },
            }
        },
    }
    data = document(PROPERTIES, COMPONENTS, PARAMETERS, paths=paths)
    return make_client(workspace, next(iter(services.values())), data, tmp_path_factory.mktemp("kinds"))


def test_every_kind_of_schema_round_trips(source: Path) -> None:
    code = f"""
for name in {list(PROPERTIES)!r}:
    for value in ["a", ["a"], {{"k": "a"}}, {{"k": ["a"]}}, None, 5, True, [{{"kind": "dog"}}], {{"kind": "cat"}}, "z"]:
        body = {{"id": "i", name: value}}
        assert client(body).get_job("i").to_dict() == body, (name, value)
typing.get_type_hints(m.Job), typing.get_type_hints(OwnClient.get_job), typing.get_type_hints(OwnClient.service)
print("done")
"""
    assert run(source, code) == "done\n"


def test_unions_read_the_model_that_fits(source: Path) -> None:
    code = """
body = {"union": {"kind": "dog", "name": "x"}, "unions": [{"kind": "cat"}, {"lives": 9}, {"kind": "new"}, 5]}
job = client(body).get_job("i")
print(type(job.union).__name__, *(type(each).__name__ for each in job.unions))
"""
    lines = run(source, code).splitlines()
    assert lines[0] == "Dog Cat Cat dict int"


def test_responses_with_valid_unions_have_no_deviation(source: Path) -> None:
    code = """
body = {"union": {"kind": "dog", "name": "x"}, "unions": [{"kind": "cat"}, {"lives": 9}], "nullable": None}
raw = client(body).with_raw_response.get_job("i")
print(raw.parse().union.name, raw.deviations)
body["unions"] = [{"kind": "dog", "name": 5}]
raw = client(body).with_raw_response.get_job("i")
raw.parse()
print([(each.pointer, each.expected) for each in raw.deviations])
"""
    assert run(source, code).splitlines() == ["x ()", "[('/unions/0/name', 'string')]"]


def test_every_parameter_is_sent(source: Path) -> None:
    code = """
client({}).get_job("i", ids=["x", "y"], kinds=["a", "b"], word="a", number=1, filter_={"k": 1}, filterx="f",
    where={"a": [1]}, job_id_query="q", timeout_=3, self_="s", class_="c", x_ids=[1, 2], sid="cookie")
print(seen[0].url.query.decode())
print(seen[0].headers["x-ids"], seen[0].headers["cookie"])
"""
    query = (
        "ids=x&ids=y&kinds=a%2Cb&word=a&number=1&filter%5Bk%5D=1&filter%5Bx%5D=f&where=%7B%22a%22%3A%5B1%5D%7D"
        "&job_id=q&timeout=3&self=s&class=c"
    )
    assert run(source, code).splitlines() == [query, "1,2 sid=cookie"]


def test_schemas_with_names_of_the_client_keep_them(source: Path) -> None:
    code = """
print(type(client({"done": True}).service()).__name__, type(client({"options": {}}).get_client().options).__name__)
print(m.Operation.__name__, m.Client.__name__)
"""
    assert run(source, code).splitlines() == ["Operation Options", "Operation Client"]


def test_client_of_every_kind_passes_strict_mypy(source: Path, tmp_path: Path) -> None:
    assert check_types(source, tmp_path) == ""
