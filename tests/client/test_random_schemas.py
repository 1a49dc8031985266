"""Schemas that no document has yet: decoding of a value, compared with a JSON Schema validator; fast and slow decoder
agree."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs import DeviationKind, Severity
from cloudjobs._decoding import ResponseDecoder
from cloudjobs._deviations import DeviationReporter
from cloudjobs._documents import ServiceSchemas, deviations

from .malformed_bodies import DETERMINISTIC, joined, oracle, same, standalone, undocumented
from .mutations import text
from .random_schemas import documents, models, response_schema, values
from .test_validation import check_pointer, decoders_agree, error_pointer, violation_pointers, without_surrogates

THOROUGH = settings(DETERMINISTIC, max_examples=250)


def test_deviations_of_random_schema_match_validator() -> None:
    kept: list[bool] = []

    @given(st.data())
    @THOROUGH
    def hold(data: st.DataObject) -> None:
        document = data.draw(documents())
        value = data.draw(values(document))
        reply, components = response_schema(document), document["components"]["schemas"]
        found = list(deviations(ServiceSchemas(document).response("op"), value))
        violations = [one for one in found if one.severity is Severity.VIOLATION]
        fields = {one.pointer for one in violations if one.kind is DeviationKind.UNDOCUMENTED}
        assert fields == undocumented(joined(reply, components), value, components)
        rejected = validator_of(document).iter_errors(without_surrogates(value))
        assert violation_pointers(violations) == {error_pointer(error) for error in rejected if not _closed(error)}
        for deviation in found:
            check_pointer(value, deviation)
        kept.append(not violations)

    hold()
    assert 50 < sum(kept) < len(kept) - 50


def test_fast_decoder_of_random_schema_matches_tolerant_one() -> None:
    taken: list[bool] = []

    @given(st.data())
    @THOROUGH
    def hold(data: st.DataObject) -> None:
        document = data.draw(documents())
        content = text(data.draw(values(document)))
        with models(document) as classes:
            reader = ResponseDecoder(ServiceSchemas(document).response("op"), next(iter(classes.values())))
            assert same(reader.tolerant(content).value.to_dict(), oracle(content))
            taken.append(decoders_agree(reader, content))

    hold()
    assert 50 < sum(taken) < len(taken) - 50


def validator_of(document: dict[str, Any]) -> Any:
    """Return a JSON Schema validator of the response."""
    return jsonschema_rs.Draft202012Validator(standalone(response_schema(document), document["components"]["schemas"]))


def _closed(error: Any) -> bool:
    """Return whether it is a field of an object that is to have no others: the client calls that undocumented."""
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
    """Return the cases, by name."""
    return [pytest.param(*case, id=name) for name, case in CASES.items()]


@pytest.mark.parametrize(("schema", "taken", "refused"), cases())
def test_deviations_of_keyword_match_validator(schema: dict[str, Any], taken: list[Any], refused: list[Any]) -> None:
    document = document_of(schema)
    node, validator = ServiceSchemas(document).response("op"), validator_of(document)
    for value in (*taken, *refused):
        violations = [one for one in deviations(node, {"a": value}) if one.severity is Severity.VIOLATION]
        valid = validator.is_valid({"a": value})
        assert valid is any(value is one for one in taken), value
        assert bool(violations) is not valid, value


@pytest.mark.parametrize(("schema", "taken", "refused"), cases())
def test_fast_decoder_of_keyword_matches_tolerant_one(
    schema: dict[str, Any], taken: list[Any], refused: list[Any]
) -> None:
    document = document_of(schema)
    with models(document) as classes:
        reader = ResponseDecoder(ServiceSchemas(document).response("op"), classes["Alpha"])
        for value in (*taken, *refused):
            decoders_agree(reader, text({"a": value}))


ONLY_WHEN_FAILED = {"properties": {"a": {"const": "failed"}}}
FAILED = {"properties": {"a": {"const": "failed"}}, "required": ["a"]}
CONDITIONS: dict[str, tuple[dict[str, Any], list[Any], dict[str, list[Any]], bool]] = {
    "a field by the value of another": (
        {"dependentSchemas": {"b": ONLY_WHEN_FAILED}},
        [{}, {"a": "x"}, {"b": "x"}, {"a": "failed", "b": "x"}],
        {"/b: condition, expected no b unless a is 'failed'": [{"a": "x", "b": "x"}]},
        True,
    ),
    "a field that may be null": (
        {"dependentSchemas": {"c": {"properties": {"a": {"enum": ["failed", "stopped"]}}}}},
        [{"a": "x"}, {"c": None}, {"a": "stopped", "c": None}],
        {"/c: condition, expected no c unless a is 'failed' or 'stopped'": [{"a": "x", "c": None}]},
        True,
    ),
    "a field by one that may be null": (
        {"dependentSchemas": {"b": {"properties": {"c": {"const": "x"}}}}},
        [{"c": None}, {"b": "x"}, {"b": "x", "c": "x"}],
        {"/b: condition, expected no b unless c is 'x'": [{"b": "x", "c": None}, {"b": "x", "c": "y"}]},
        True,
    ),
    "a field that the schema does not name": ({"dependentSchemas": {"z": ONLY_WHEN_FAILED}}, [{"a": "x"}], {}, True),
    "a value by another": (
        {"if": FAILED, "then": {"properties": {"b": {"const": ""}}}},
        [{"b": "x"}, {"a": "x", "b": "x"}, {"a": "failed"}, {"a": "failed", "b": ""}],
        {"/b: condition, expected one of '' when a is 'failed'": [{"a": "failed", "b": "x"}]},
        True,
    ),
    "a value by one that may be absent": (
        {"if": ONLY_WHEN_FAILED, "then": {"properties": {"b": {"const": ""}}}},
        [{"a": "x", "b": "x"}, {"a": "failed"}, {"b": ""}],
        {"/b: condition, expected one of '' when a is 'failed'": [{"b": "x"}, {"a": "failed", "b": "x"}]},
        True,
    ),
    "a value inside another": (
        {"if": FAILED, "then": {"properties": {"d": {"items": {"const": ""}}}}},
        [{"d": ["x"]}, {"a": "x", "d": ["x"]}],
        {"/d/1: condition, expected one of '' when a is 'failed'": [{"a": "failed", "d": ["", "x"]}]},
        True,
    ),
    "a value of a number": (
        {"dependentSchemas": {"b": {"properties": {"e": {"const": 1}}}}},
        [{"e": 1}, {"e": True}],
        {"/b: condition, expected no b unless e is 1": [{"e": True, "b": "x"}, {"e": 2, "b": "x"}]},
        True,
    ),
    "values that are not strings": (
        {"if": {"properties": {"e": {"const": 1}}}, "then": {"properties": {"a": {"const": "x"}}}},
        [{"e": 1, "a": "x"}, {"e": True, "a": "y"}],
        {"/a: condition, expected one of 'x' when e is 1": [{"e": 1, "a": "y"}]},
        False,
    ),
}


@pytest.mark.parametrize(("keywords", "taken", "refused", "is_fast"), CONDITIONS.values(), ids=CONDITIONS)
def test_condition_is_checked_by_all_decoders(
    keywords: dict[str, Any], taken: list[Any], refused: dict[str, list[Any]], is_fast: bool
) -> None:
    text_or_null = {"type": ["string", "null"]}
    texts = {"type": "array", "items": {"type": "string"}}
    number = {"type": ["integer", "boolean"]}
    fields = component(a={"type": "string"}, b={"type": "string"}, c=text_or_null, d=texts, e=number)
    document = document_with(Alpha={**fields, **keywords})
    node, validator = ServiceSchemas(document).response("op"), validator_of(document)
    with models(document) as classes:
        reader = ResponseDecoder(node, classes["Alpha"])
        for value in taken:
            assert validator.is_valid(value)
            assert list(deviations(node, value)) == []
            assert decoders_agree(reader, text(value)) is is_fast
        for expected, values_ in refused.items():
            for value in values_:
                assert not validator.is_valid(value)
                assert list(map(str, deviations(node, value))) == [expected]
                assert not decoders_agree(reader, text(value))
                read = reader.tolerant(text(value))
                assert read.value.to_dict() == value
                assert list(map(str, read.deviations)) == [expected]


def test_fast_decoder_deep_and_wide_models_are_decoded() -> None:
    names = [f"Level{number}" for number in range(24)]
    levels = {
        name: component(
            some={"type": "array", "items": reference(below)},
            named={"type": "object", "additionalProperties": reference(below)},
            one=reference(below),
            text={"type": "string"},
        )
        for name, below in zip(names, [*names[1:], names[0]], strict=True)
    }
    wide = component(**{f"field{number}": reference(names[0]) for number in range(60)})
    document = document_with(Alpha=wide, **levels)
    value: dict[str, Any] = {"text": "x"}
    for _ in range(30):
        value = {
            "text": "x",
            "some": [value, {"text": "y"}],
            "one": {"one": {"text": "z"}},
            "named": {"n": {"one": {}}},
        }
    content = text({"field0": value, "field59": {"some": [{"text": "x"}]}})
    with models(document) as classes:
        assert decoders_agree(ResponseDecoder(ServiceSchemas(document).response("op"), classes["Alpha"]), content)


def test_fast_decoder_first_used_in_threads_is_fast() -> None:
    def levels_of(names: list[str]) -> dict[str, Any]:
        below = {name: reference(names[(place + 1) % len(names)]) for place, name in enumerate(names)}
        return {name: component(one=below[name], text={"type": "string", "pattern": "^[a-z]$"}) for name in names}

    document = document_with(**levels_of([f"Level{number}" for number in range(12)]))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            with models(document) as classes, ThreadPoolExecutor(8) as threads:
                schemas, barrier = ServiceSchemas(document), Barrier(8)

                def read(number: int) -> bool:
                    barrier.wait()  # noqa: B023 - of this round
                    name = f"Level{number % 12}"
                    reader = ResponseDecoder(schemas.component(name), classes[name])  # noqa: B023
                    return decoders_agree(reader, b'{"one": {"one": {"text": "x"}, "text": "y"}}')

                assert all(threads.map(read, range(8)))
    finally:
        sys.setswitchinterval(interval)


def test_fast_decoder_too_many_nested_loops_is_decoded() -> None:
    schema: dict[str, Any] = reference("Beta")
    value: Any = {"text": "x"}
    for _ in range(25):
        schema, value = {"type": "array", "items": schema}, [value]
    document = document_with(Alpha=component(a=schema), Beta=component(text={"type": "string"}))
    with models(document) as classes:
        reader = ResponseDecoder(ServiceSchemas(document).response("op"), classes["Alpha"])
        assert reader.read(text({"a": value}), DeviationReporter("made up", "op", None)).to_dict() == {"a": value}


def test_fast_decoder_unsupported_schema_affects_no_other() -> None:
    document = document_with(
        Alpha=component(a=reference("Beta"), b={"enum": ["a", 1]}),
        Beta=component(a=reference("Alpha"), b=reference("Gamma")),
        Gamma=component(a={"type": "string"}),
    )
    schemas = ServiceSchemas(document)
    with models(document) as classes:
        for name, value, is_fast in [
            ("Alpha", {"b": 1, "a": {"b": {"a": "x"}}}, False),
            ("Beta", {"a": {"b": "a"}, "b": {"a": "x"}}, False),
            ("Gamma", {"a": "x"}, True),
        ]:
            reader = ResponseDecoder(schemas.component(name), classes[name])
            assert decoders_agree(reader, text(value)) is is_fast
            assert reader.read(text(value), DeviationReporter("made up", "op", None)).to_dict() == value


def document_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a document with a response that may have a field `a` of that schema."""
    return document_with(Alpha=component(a=schema))


def document_with(**components: dict[str, Any]) -> dict[str, Any]:
    """Return a document of these components, with the first as its response."""
    reply = reference(next(iter(components)))
    operation = {"operationId": "op", "responses": {"200": {"content": {"application/json": {"schema": reply}}}}}
    return {"paths": {"/op": {"get": operation}}, "components": {"schemas": components}}


def component(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return an object of these fields, none of which it must have."""
    return {"type": "object", "properties": properties}


def reference(name: str) -> dict[str, Any]:
    """Return the definition of a component."""
    return {"$ref": f"#/components/schemas/{name}"}
