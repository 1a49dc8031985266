"""Fields that hold JSON as text: their parsed values have separate accessors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from cloudjobs import ges, ief

from .doc_examples import all_models, attribute_of, models, operations, properties_of, recorded_successes, typed_objects
from .json_values import DETERMINISTIC, anything
from .transports import assert_same_json

HOLDING = [
    pytest.param(model, wire, id=f"{model.__module__.split('.')[1]}.{model.__name__}.{wire}")
    for model in all_models()
    for wire, schema in properties_of(model).items()
    if schema.get("contentMediaType") == "application/json"
]
every_field = pytest.mark.parametrize(("model", "wire"), HOLDING)
SECRET = "hunter2"


def test_json_string_fields_exist() -> None:
    assert len(HOLDING) >= 2


@every_field
def test_json_string_recorded_is_parsed(model: type[Any], wire: str) -> None:
    name = attribute_of(model, wire)
    texts = [
        part[wire]
        for operation in operations()
        for whole in recorded_successes(operation)
        for component, part in typed_objects(operation.service, operation.success_schema, whole)
        if models(operation.service)[component] is model and part.get(wire)
    ]
    assert texts
    for text in texts:
        read = model.from_dict({wire: text})
        assert_same_json(getattr(read, f"{name}_json"), json.loads(text))
        assert getattr(read, name) == text
        assert read.to_dict() == {wire: text}


@every_field
@pytest.mark.parametrize("values", [[], [None], [""]], ids=["absent", "null", "empty"])
def test_json_string_absent_or_empty_is_none(model: type[Any], wire: str, values: list[Any]) -> None:
    read = model.from_dict(dict(zip([wire], values, strict=False)))
    assert getattr(read, f"{attribute_of(model, wire)}_json") is None


@every_field
@pytest.mark.parametrize(
    "value", [f"{SECRET}", '{"a": "hunter2', " ", "NaN", "[" * 100_000, {"a": SECRET}, [SECRET], 17, True, "\ud800"],
    ids=["words", "cut short", "blank", "NaN", "deep", "object", "list", "number", "boolean", "half a pair"],
)  # fmt: skip
def test_json_string_invalid_raises_value_error_unshown(model: type[Any], wire: str, value: Any) -> None:
    read = model.from_dict({wire: value})
    with pytest.raises(
        ValueError, match=r"^the field must be (a string, got \w+$|JSON text: (not |nested too deeply$))"
    ) as caught:
        getattr(read, f"{attribute_of(model, wire)}_json")
    assert SECRET not in str(caught.value)
    assert read.to_dict() == {wire: value}


@every_field
def test_json_string_any_value_is_parsed(model: type[Any], wire: str) -> None:
    name = attribute_of(model, wire)

    @DETERMINISTIC
    @given(anything)
    def hold(value: Any) -> None:
        read = model.from_dict({wire: json.dumps(value)})
        assert_same_json(getattr(read, f"{name}_json"), value)

    hold()


def test_json_string_number_beyond_float_is_a_string() -> None:
    assert ges.Job(raw_request='{"a": 1e400}').raw_request_json == {"a": "1e400"}
    assert ief.BatchJob(task_data=f"[{'9' * 5000}]").task_data_json == ["9" * 5000]


def test_json_string_property_exists_only_for_such_fields() -> None:
    for model in all_models():
        expected = {
            f"{attribute_of(model, wire)}_json"
            for wire, schema in properties_of(model).items()
            if schema.get("contentMediaType") == "application/json"
        }
        assert {name for name in dir(model) if name.endswith("_json")} == expected
