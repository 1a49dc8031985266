"""Schemas that no document has yet: what they make of a value, held to a JSON Schema validator; fast and slow agree."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs import DeviationKind, Severity
from cloudjobs._conformance import deviations
from cloudjobs._reading import Reader
from cloudjobs._schemas import Schemas

from .hostile import DETERMINISTIC, joined, oracle, same, standalone, undocumented
from .made_up import documents, models, reply_of, values
from .mutations import text
from .test_conformance import agree_both_ways, path_of, places_of, points_into, without_surrogates

THOROUGH = settings(DETERMINISTIC, max_examples=250)


def test_deviations_are_what_a_validator_rejects_and_what_is_undocumented() -> None:
    kept: list[bool] = []

    @given(st.data())
    @THOROUGH
    def hold(data: st.DataObject) -> None:
        document = data.draw(documents())
        value = data.draw(values(document))
        reply, components = reply_of(document), document["components"]["schemas"]
        found = list(deviations(Schemas(document).reply("op"), value))
        violations = [one for one in found if one.severity is Severity.VIOLATION]
        fields = {one.pointer for one in violations if one.kind is DeviationKind.UNDOCUMENTED}
        assert fields == undocumented(joined(reply, components), value, components)
        rejected = validator_of(document).iter_errors(without_surrogates(value))
        assert places_of(violations) == {path_of(error.instance_path) for error in rejected if not _closed(error)}
        for deviation in found:
            points_into(value, deviation)
        kept.append(not violations)

    hold()
    assert 50 < sum(kept) < len(kept) - 50


def test_the_fast_way_takes_nothing_that_departs_and_gives_the_same_model() -> None:
    taken: list[bool] = []

    @given(st.data())
    @THOROUGH
    def hold(data: st.DataObject) -> None:
        document = data.draw(documents())
        content = text(data.draw(values(document)))
        with models(document) as classes:
            reader = Reader(Schemas(document).reply("op"), next(iter(classes.values())))
            assert same(reader.tolerant(content).value.to_dict(), oracle(content))
            taken.append(agree_both_ways(reader, content))

    hold()
    assert 50 < sum(taken) < len(taken) - 50


def validator_of(document: dict[str, Any]) -> Any:
    """A JSON Schema validator of the reply."""
    return jsonschema_rs.Draft202012Validator(standalone(reply_of(document), document["components"]["schemas"]))


def _closed(error: Any) -> bool:
    """Whether it is a field of an object that is to have no others: the client calls that undocumented."""
    return bool(error.schema_path[-1] == "additionalProperties")


# One by one: a schema, values that it takes, values that it does not

CASES: dict[str, tuple[dict[str, Any], list[Any], list[Any]]] = {
    "nothing": ({}, [1, "a", [None], {"b": 1}], []),
    "nothing, in words": ({"description": "Any."}, [1, [None], {"b": 1}], []),
    "nothing, and null": ({"description": "Any."}, [None], []),
    "nothing, with evidence": ({"description": "Any.", "x-evidence": ["fact"]}, [1, {"b": 1}], []),
    "nothing, with a default": ({"default": {}}, [1, {"b": 1}], []),
    "any other field": ({"type": "object", "additionalProperties": True}, [{}, {"b": {"c": 1}}], [[]]),
    "any other field, in words": ({"type": "object", "additionalProperties": {"description": "Any."}}, [{"b": {}}], []),
    "any other field, briefly": ({"type": "object", "additionalProperties": {}}, [{"b": 1}], []),
    "no other field": ({"type": "object", "additionalProperties": False}, [{}], [{"b": 1}]),
    "a list of one type": ({"type": "string", "enum": ["a", "b"]}, ["a"], ["c", 1, None]),
    "a list of two types": ({"enum": ["a", 1]}, ["a", 1, 1.0], [True, "1"]),
    "a list, and a type that not all have": ({"type": "string", "enum": ["a", 1]}, ["a"], [1]),
    "a list, and a least length": ({"type": "string", "enum": ["a", "abc"], "minLength": 2}, ["abc"], ["a"]),
    "a list, and a minimum": ({"type": "integer", "enum": [1, 5], "minimum": 2}, [5], [1]),
    "a list, and a constant": ({"const": "a", "enum": ["b"]}, [], ["a", "b"]),
    "a list of lists": ({"enum": [[1]]}, [[1], [1.0]], [[True], [2]]),
    "a list of large numbers": ({"type": "integer", "enum": [0, 2**63]}, [0, 2**63], [1]),
    "a list with null": ({"type": ["string", "null"], "enum": ["a", None]}, ["a", None], ["b"]),
    "a list of booleans": ({"enum": [True]}, [True], [1, False]),
    "a constant number": ({"const": 1}, [1, 1.0], [True, "1"]),
    "a large bound": ({"type": "integer", "maximum": 2**70}, [2**70], [2**70 + 1]),
    "half a bound": ({"type": "number", "minimum": 0.5}, [0.5, 1], [0, 0.4]),
    "a bound of one type": ({"type": ["integer", "string"], "minimum": 1, "minLength": 1}, [1, "a"], [0, ""]),
    "characters beyond 16 bits": ({"type": "string", "minLength": 2, "maxLength": 2}, ["😀😀", "é́"], ["😀"]),
    "a pattern": ({"type": "string", "pattern": "^[^a]$"}, ["b", "\n"], ["a", "b\n"]),
    "a pattern that only begins": ({"type": "string", "pattern": "^a"}, ["a\n", "ab"], ["ba"]),
    "a pattern with a dollar sign": ({"type": "string", "pattern": r"^a\$"}, ["a$", "a$\n"], ["a"]),
    "a pattern of alternatives": ({"type": "string", "pattern": "^a$|^b$"}, ["a", "b"], ["b\n", "a\n"]),
    "a pattern of inner ends": ({"type": "string", "pattern": "^(a$|b$)"}, ["a", "b"], ["a\n"]),
    "a pattern of a backslash": ({"type": "string", "pattern": r"^\\$"}, ["\\"], ["\\\n"]),
}


def cases() -> list[Any]:
    """The cases, by name."""
    return [pytest.param(*case, id=name) for name, case in CASES.items()]


@pytest.mark.parametrize(("schema", "taken", "refused"), cases())
def test_a_schema_takes_what_it_says(schema: dict[str, Any], taken: list[Any], refused: list[Any]) -> None:
    document = document_of(schema)
    node, validator = Schemas(document).reply("op"), validator_of(document)
    for value in (*taken, *refused):
        violations = [one for one in deviations(node, {"a": value}) if one.severity is Severity.VIOLATION]
        valid = validator.is_valid({"a": value})
        assert valid is any(value is one for one in taken), value
        assert bool(violations) is not valid, value


@pytest.mark.parametrize(("schema", "taken", "refused"), cases())
def test_the_fast_way_gives_what_the_tolerant_one_gives(
    schema: dict[str, Any], taken: list[Any], refused: list[Any]
) -> None:
    document = document_of(schema)
    with models(document) as classes:
        reader = Reader(Schemas(document).reply("op"), classes["Alpha"])
        for value in (*taken, *refused):
            agree_both_ways(reader, text({"a": value}))


def document_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A document whose reply may have a field `a` of that schema."""
    reply = {"$ref": "#/components/schemas/Alpha"}
    operation = {"operationId": "op", "responses": {"200": {"content": {"application/json": {"schema": reply}}}}}
    component = {"type": "object", "properties": {"a": schema}}
    return {"paths": {"/op": {"get": operation}}, "components": {"schemas": {"Alpha": component}}}
