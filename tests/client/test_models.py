"""Responses as models and back: nothing that a service says is lost, changed or refused."""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest
from hypothesis import given

from cloudjobs import LazyList

from .doc_examples import (
    Operation,
    all_models,
    attribute_of,
    component_named,
    model_named,
    models,
    named,
    operations,
    properties_of,
    recorded_successes,
    schema_of,
    service_of,
    typed_objects,
)
from .json_values import DETERMINISTIC, FEWER, objects, replies
from .transports import assert_same_json, rows_as_list

every_model = pytest.mark.parametrize("model", all_models(), ids=named)
every_operation = pytest.mark.parametrize("operation", operations(), ids=named)
UNKNOWN: dict[str, Any] = {"not in any document": [1, 1.0, True, None, {"deep": []}]}
LISTED = [
    (model, name)
    for model in all_models()
    for name, node in properties_of(model).items()
    if {"enum", "const", "anyOf"} & set(node)
]


def models_in(value: object) -> list[Any]:
    """Return all models in a value, outermost first."""
    if isinstance(value, list | LazyList):
        return [found for item in value for found in models_in(item)]
    if type(value) not in all_models():
        return []
    return [value, *(found for field in attrs.fields(type(value)) for found in models_in(getattr(value, field.name)))]


@every_model
def test_model_of_any_object_round_trips(model: type[Any]) -> None:
    @DETERMINISTIC
    @given(objects(model))
    def holds(data: dict[str, Any]) -> None:
        as_given = copy.deepcopy(data)
        assert_same_json(model.from_dict(data).to_dict(), as_given)
        assert_same_json(data, as_given)

    holds()


WITHIN_REPLIES = [model for model in all_models() if model not in [operation.reply for operation in operations()]]


@pytest.mark.parametrize("model", WITHIN_REPLIES, ids=named)
def test_model_of_valid_object_round_trips(model: type[Any]) -> None:
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}

    @FEWER
    @given(replies(service_of(model), reference))
    def holds(data: dict[str, Any]) -> None:
        assert_same_json(model.from_dict(data).to_dict(), data)

    holds()


@every_operation
def test_response_valid_has_no_unknown_field_and_round_trips(operation: Operation) -> None:
    model = operation.reply

    @FEWER
    @given(replies(operation.service, operation.success_schema))
    def holds(data: dict[str, Any]) -> None:
        reply = model.from_dict(data)
        assert_same_json(reply.to_dict(), data)
        known = schema_of(model)["properties"]
        assert set(reply.additional_properties) == {name for name in data if name not in known}

    holds()


@every_model
def test_model_null_is_none_and_written_as_null(model: type[Any]) -> None:
    for name in properties_of(model):
        reply = model.from_dict({name: None})
        assert getattr(reply, attribute_of(model, name)) is None
        assert_same_json(reply.to_dict(), {name: None})


@every_model
def test_model_null_field_set_later_is_written(model: type[Any]) -> None:
    for name in properties_of(model):
        reply = model.from_dict({name: None})
        setattr(reply, attribute_of(model, name), "given")
        assert reply.to_dict() == {name: "given"}


@every_model
def test_model_absent_fields_are_none_and_stay_absent(model: type[Any]) -> None:
    empty = model.from_dict({})
    assert {getattr(empty, attribute_of(model, name)) for name in properties_of(model)} == {None}
    assert empty.to_dict() == {}
    assert model().to_dict() == {}


@every_operation
def test_model_unknown_fields_are_kept_at_every_depth(operation: Operation) -> None:
    for value in recorded_successes(operation):
        data = copy.deepcopy(value)
        parts = list(typed_objects(operation.service, operation.success_schema, data))
        for _, part in parts:
            part.update(UNKNOWN)
        reply = operation.reply.from_dict(data)
        found = models_in(reply)
        assert sorted(type(one).__name__ for one in found) == sorted(name for name, _ in parts)
        for one in found:
            assert_same_json(dict(one.additional_properties), UNKNOWN)
        assert_same_json(reply.to_dict(), data)


def test_model_row_of_other_type_is_kept() -> None:
    data = ["text", 3, 2.5, None, True, {}, [], [{}]]
    lists = [(model, name, node) for model in all_models() for name, node in properties_of(model).items()]
    lists = [(model, name, node) for model, name, node in lists if component_named(node.get("items", {}))]
    assert lists
    for model, name, node in lists:
        row = models(service_of(model))[model_named(service_of(model), node["items"]) or ""]
        reply = model.from_dict({name: data})
        rows = getattr(reply, attribute_of(model, name))
        assert [one for one in rows if type(one) is row] == [row()]
        assert_same_json([{} if type(one) is row else one for one in rows], data)
        assert_same_json(reply.to_dict(), {name: data})


@every_model
def test_model_value_of_other_type_is_kept(model: type[Any]) -> None:
    for name in properties_of(model):
        attribute = attribute_of(model, name)
        for value in ["text", "", 7, 7.0, True, False, 0, 10**30, [], [1, "b"]]:
            reply = model.from_dict({name: value})
            assert_same_json(rows_as_list(getattr(reply, attribute)), value)
            assert reply.additional_properties == {}


def test_model_unlisted_value_is_kept() -> None:
    assert LISTED
    for model, name in LISTED:
        reply = model.from_dict({name: "a value of next Tuesday"})
        assert getattr(reply, attribute_of(model, name)) == "a value of next Tuesday"
        assert reply.to_dict() == {name: "a value of next Tuesday"}


@every_operation
def test_model_dict_changed_later_leaves_model_unchanged(operation: Operation) -> None:
    for value in recorded_successes(operation):
        reply = operation.reply.from_dict(copy.deepcopy(value))
        written = reply.to_dict()
        for _, part in typed_objects(operation.service, operation.success_schema, written):
            part.clear()
            part["changed"] = True
        assert_same_json(reply.to_dict(), value)
