"""The comparison of schemas against a validator: a change is never called compatible if one schema accepts values that
the other rejects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from generator.contract.diff import Direction, Effect, compare_documents
from generator.documents import Source, Workspace
from generator.documents.schema_view import open_list
from tests.contract.contracts import ROOT
from tests.exhaustive import sample

WORKSPACE = Workspace(ROOT)

SCALARS: list[Any] = [None, True, False, -1, 0, 1, 2, 3, 10, 0.5, 2.5, "", "a", "b", "ab", "abc", "12", "1"]
LISTS: list[Any] = [[], ["a"], [1], [0.5], [None], ["a", "b"], ["a", 1, "b"], [[]], [{}], [{"a": 1}]]
OBJECTS: list[Any] = [
    {},
    *({name: value} for name in "abc" for value in [*SCALARS, [], ["a"], [1], {}]),
    *({"a": one, "b": other} for one in (None, 1, "a", "abc") for other in (True, 2, "b", [])),
    *({"a": {"a": value}} for value in (None, 1, "a", {}, {"a": 1}, {"b": 1})),
    *({"b": {name: value}} for name in "ab" for value in (1, "a", [])),
    {"a": 1, "b": "b", "c": []},
    {"a": [{"a": 1}]},
]
VALUES = [*SCALARS, *LISTS, *OBJECTS]

TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
COMPONENTS = ("Node", "Leaf")


def schemas(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of the keywords of documents, with references to components, also to themselves."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "type": st.one_of(
            st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=2, max_size=3, unique=True)
        ),
        "const": st.sampled_from([None, 1, "a", 2]),
        "enum": st.lists(st.sampled_from([None, 0, 1, 2, "a", "b", True]), min_size=1, max_size=4, unique_by=repr),
        "minimum": st.sampled_from([0, 1, 2]),
        "maximum": st.sampled_from([1, 2, 10]),
        "minLength": st.sampled_from([0, 1, 2]),
        "maxLength": st.sampled_from([1, 2, 3]),
        "pattern": st.sampled_from(["^[0-9]*$", "^[ab]+$"]),
        "minItems": st.sampled_from([0, 1, 2]),
        "maxItems": st.sampled_from([1, 2]),
        "required": st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True),
        "anyOf": st.just([{"enum": ["a", "b"]}, {}]),
        "description": st.just("Words."),
    }
    if depth:
        inner = st.deferred(lambda: schemas(depth - 1))
        fields |= {
            "items": inner,
            "properties": st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2),
            "additionalProperties": st.one_of(st.booleans(), inner),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "$ref": st.sampled_from([f"#/components/schemas/{name}" for name in COMPONENTS]),
        }
    keys = st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: fields[key] for key in chosen})).map(as_open_list)


def as_open_list(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema, with the type of an open list stated where it has to be."""
    return {**schema, "anyOf": open_list(schema.get("type"), ["a", "b"])} if "anyOf" in schema else schema


documents = st.fixed_dictionaries({"root": schemas(), "Node": schemas(), "Leaf": schemas(1)})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two sets of schemas that differ in one of them, by one keyword or altogether."""
    old = draw(documents)
    name = draw(st.sampled_from(["root", *COMPONENTS]))
    other = draw(schemas(1 if name == "Leaf" else 2))
    changed = {**old[name], **other} if draw(st.booleans()) else other
    if changed and draw(st.booleans()):
        changed = dict(changed)
        del changed[draw(st.sampled_from(sorted(changed)))]
    return old, {**old, name: as_open_list(changed)}


def source(made: dict[str, Any]) -> Source:
    """Return a document with the root schema as its parameter and as its response."""
    parameter = {"name": "p", "in": "query", "required": False, "schema": made["root"]}
    reply = {"description": "Reply.", "content": {"application/json": {"schema": made["root"]}}}
    operation = {"operationId": "get", "parameters": [parameter], "responses": {"200": reply}, "security": []}
    data = {
        "openapi": "3.1.0",
        "info": {"title": "Made up", "version": "1.0.0"},
        "paths": {"/things": {"get": operation}},
        "components": {"schemas": {name: made[name] for name in COMPONENTS}},
    }
    return Source(Path("made_up.yaml"), data, {})


def allowed(made: dict[str, Any]) -> list[bool] | None:
    """Return the values that the root schema allows; None for a component that is itself again."""
    leads_to = {name: set(_references(made[name])) for name in COMPONENTS}
    if "Node" in leads_to["Node"] or "Leaf" in leads_to["Leaf"] or all(leads_to.values()):
        return None
    whole = {**made["root"], "components": {"schemas": {name: made[name] for name in COMPONENTS}}}
    validator = jsonschema_rs.Draft202012Validator(whole)
    return [validator.is_valid(value) for value in VALUES]


def _references(schema: dict[str, Any]) -> Iterator[str]:
    """Yield names of the components that hold for the very value that the schema holds for."""
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    for member in schema.get("allOf", []):
        yield from _references(member)


@settings(
    max_examples=sample(150), derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(pairs())
def test_compare_value_allowed_on_one_side_is_breaking(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    old, new = pair
    before, now = allowed(old), allowed(new)
    assume(before is not None and now is not None and old != new)
    assert before is not None
    assert now is not None
    changes = compare_documents(WORKSPACE, "made_up", source(old), source(new)).changes
    broken = {change.direction for change in changes if change.effect is Effect.BREAKING}
    refused = [value for value, was, is_ in zip(VALUES, before, now, strict=True) if was and not is_]
    unheard = [value for value, was, is_ in zip(VALUES, before, now, strict=True) if is_ and not was]
    event(f"refused {bool(refused)}, unheard of {bool(unheard)}")
    assert changes, "the documents differ"
    if unheard:
        assert Direction.RESPONSE in broken, (unheard, changes)
    # A field that a request may have and had not is described now: other schemas under that name are not used.
    if refused and not any(change.what.endswith("is new") for change in changes):
        assert Direction.REQUEST in broken, (refused, changes)


@settings(
    max_examples=sample(50), derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(documents, st.randoms(use_true_random=False))
def test_compare_reordered_document_is_unchanged(made: dict[str, Any], random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return value

    assert compare_documents(WORKSPACE, "made_up", source(made), source(shuffled(made))).changes == ()
