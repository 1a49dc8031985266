"""Strategies for JSON: any value, objects that look like those of a model, and responses that keep to their schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis_jsonschema import from_schema

from tests.exhaustive import sample

from .doc_examples import component_named, properties_of, resolved, service_of

DETERMINISTIC = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=sample(40),
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],  # no deadline, because a busy machine is not a fault
)
"""The same cases in every run, on every machine."""
FEWER = settings(DETERMINISTIC, max_examples=12)
"""For values that take long to make."""

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything: SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
unknown_names = st.sampled_from(["", "additional_properties", "_nulls", "self", "cls", "data", "a.b", "x y", "ключ"])
DEEPEST = 2
"""Depth to which an object contains itself."""


def objects(model: type[Any]) -> SearchStrategy[dict[str, Any]]:
    """Return JSON objects with wire names of a model and unknown names, and values of any type."""
    return _valid_value(service_of(model), {"properties": properties_of(model)}, 0)


def _valid_value(service: str, node: Mapping[str, Any], depth: int) -> SearchStrategy[Any]:
    """Return values of the shape that a schema describes, down to some depth, with any values in their places."""
    schema = resolved(service, node)
    if "properties" in schema and depth < DEEPEST:
        known = {
            name: anything | _valid_value(service, member, depth + 1) for name, member in schema["properties"].items()
        }
        unknown = st.dictionaries(unknown_names | st.text(), anything, max_size=2)
        both = st.tuples(unknown, st.fixed_dictionaries({}, optional=known))
        return both.map(lambda parts: parts[0] | parts[1])
    if "items" in schema:
        return st.lists(_valid_value(service, schema["items"], depth) | anything, max_size=3)
    return anything


def replies(service: str, node: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Return values that keep to a schema of a document."""
    return from_schema(_inlined(service, node, ()))


_ANNOTATIONS = ("description", "default", "contentMediaType", "examples")


def _inlined(service: str, node: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
    """Return a schema without references and annotations.

    A component within itself ends after a few turns, as an object.
    """
    name = component_named(node)
    if name is not None:
        name = resolved(service, node).get("x-model", name)  # a job and a sub-job are levels of the same tree
        if above.count(name) == DEEPEST:
            return {"type": "object", "maxProperties": 0}
        above = (*above, name)
    schema: dict[str, Any] = {}
    for key, value in resolved(service, node).items():
        match key, value:
            case "properties", dict():
                schema[key] = {wire_name: _inlined(service, member, above) for wire_name, member in value.items()}
            case (("items" | "additionalProperties"), dict()):
                schema[key] = _inlined(service, value, above)
            case "anyOf", [{"enum": _}, _]:
                # An open list allows all values of its type.
                continue
            case "allOf", list():
                schema[key] = [_inlined(service, part, above) for part in value]
            case _ if key not in _ANNOTATIONS and not key.startswith("x-"):
                schema[key] = value
    return schema
