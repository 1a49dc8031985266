"""Generated documents: schemas of every supported keyword, models of them, and values that fit more or less."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from cloudjobs._models import Model, define, field

from .mutations import anything

Draw = Callable[[Any], Any]
NAMES = ("Alpha", "Beta", "Gamma")
FIELDS = ("a", "b", "status", "a/b", "c~d", "", "type", "x y", "ключ")
PATTERNS = ("^[0-9]*$", "^(100|[1-9]?[0-9])$", "^[a-z]{1,3}$", r"^[0-9]{2}(\.[0-9]{1,2})? \+0$", "^(ab|cd)+$")
TEXTS = (
    "",
    "a",
    "ab",
    "abc",
    "cd",
    "é",
    "1",
    "100",
    "100\n",
    "12.3 +0",
    "12.3 +0\n",
    "１",
    "success",
    "Success",
    "😀😀",
)
NUMBERS = (0, 1, -1, 2, 3, 100, 101, 1.0, 2.0, 0.5, -0.0, 2.5, 2**31, 2**63 - 1, 2**63, 2**64, -(2**70), 1e300)
SMALL = (0, 1, -1, 2, 3, 100, 2**31, 2**63 - 1)
_texts = st.sampled_from(TEXTS) | st.text(max_size=4)
_numbers = st.sampled_from(NUMBERS) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)


# Documents


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document of one operation, `op`, with the first component as its response, perhaps with further constraints."""
    names = NAMES[: draw(st.integers(1, 3))]
    components = {name: _component(draw, names) for name in names}
    reply: dict[str, Any] = {"$ref": f"#/components/schemas/{names[0]}"}
    if draw(st.booleans()):
        reply = {"allOf": [reply, _require_fields(draw, components, components[names[0]])]}
    operation = {"operationId": "op", "responses": {"200": {"content": {"application/json": {"schema": reply}}}}}
    return {"paths": {"/op": {"get": operation}}, "components": {"schemas": components}}


def response_schema(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the response."""
    content = document["paths"]["/op"]["get"]["responses"]["200"]["content"]
    found: dict[str, Any] = content["application/json"]["schema"]
    return found


def _component(draw: Draw, names: tuple[str, ...]) -> dict[str, Any]:
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True))
    schema = {"type": "object", "description": "Some.", "properties": {name: _schema(draw, names) for name in fields}}
    if draw(st.booleans()):
        schema["required"] = draw(st.lists(st.sampled_from(fields), min_size=1, unique=True))
    if draw(st.integers(0, 2)) == 0:
        dependent = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2, unique=True))
        schema["dependentSchemas"] = {name: _condition(draw, schema["properties"]) for name in dependent}
    if draw(st.integers(0, 2)) == 0:
        schema["if"] = _condition(draw, schema["properties"])
        if draw(st.booleans()):
            schema["if"]["required"] = list(schema["if"]["properties"])
        schema["then"] = _condition(draw, schema["properties"])
        if draw(st.booleans()):
            name = draw(st.sampled_from(fields))
            schema["then"]["properties"][name] = {"items": {"properties": {"a": _listed(draw, {})}}}
    return schema


def _condition(draw: Draw, properties: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the values of some fields."""
    names = draw(st.lists(st.sampled_from([*properties, *properties, *FIELDS]), min_size=1, max_size=2, unique=True))
    return {"properties": {name: _listed(draw, properties.get(name, {})) for name in names}}


def _listed(draw: Draw, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a list of values, often of those that a schema lists."""
    alternatives = schema.get("anyOf", [{}])[0]
    listed = schema.get("enum") or alternatives.get("enum") or ([schema["const"]] if "const" in schema else [])
    plain = [None, True, False, "", "a", "success", *SMALL]
    values = draw(st.lists(st.sampled_from([*listed, *listed, *TEXTS, *plain]), min_size=1, max_size=3))
    return {"const": values[0]} if draw(st.booleans()) else {"enum": values}


def _require_fields(draw: Draw, components: dict[str, Any], component: dict[str, Any]) -> dict[str, Any]:
    """Return the constraints of the outermost object: names that are required, of itself and of objects in it."""
    properties = component["properties"]
    promise: dict[str, Any] = {"required": draw(st.lists(st.sampled_from(sorted(properties)), unique=True))}
    for name, schema in properties.items():
        inner = components.get(schema.get("$ref", "").rpartition("/")[2])
        if inner is not None and draw(st.booleans()):
            required = draw(st.lists(st.sampled_from(sorted(inner["properties"])), min_size=1, unique=True))
            promise.setdefault("properties", {})[name] = {"required": required}
    return promise


def _schema(draw: Draw, names: tuple[str, ...], depth: int = 0) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(["string", "integer", "number", "boolean", "ref", "array", "map", "several", "list", "any"])
    )
    schema: dict[str, Any] = {"description": "Some."} if draw(st.booleans()) else {}
    if kind == "ref" or (kind in ("array", "map") and depth > 1):
        return schema | {"$ref": f"#/components/schemas/{draw(st.sampled_from(names))}"}
    if kind == "any" and depth:
        return schema
    if kind == "any":
        kind = "map"
    if kind == "list":
        return schema | _list(draw)
    types = [kind] if kind in ("string", "integer", "number", "boolean", "array") else ["object"]
    if kind == "several":
        types = draw(st.lists(st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
                              min_size=1, max_size=3, unique=True))  # fmt: skip
    nullable = draw(st.integers(0, 3)) == 0
    schema["type"] = types[0] if len(types) == 1 and not nullable else [*types, *(["null"] if nullable else [])]
    if "string" in types:
        schema |= _limits(draw, "minLength", "maxLength", 4)
        if draw(st.booleans()):
            schema["pattern"] = draw(st.sampled_from(PATTERNS))
        if draw(st.integers(0, 3)) == 0:
            schema |= {"format": "date-time", "contentMediaType": "application/json", "default": "x"}
    if "integer" in types or "number" in types:
        schema |= _limits(draw, "minimum", "maximum", 100, halves="number" in types)
    if "array" in types:
        schema |= _limits(draw, "minItems", "maxItems", 3)
        if draw(st.integers(0, 3)):
            schema["items"] = _schema(draw, names, depth + 1)
    if "object" in types and draw(st.integers(0, 3)):
        schema["additionalProperties"] = draw(st.booleans()) or _schema(draw, names, depth + 1) or True
    return schema


def _list(draw: Draw) -> dict[str, Any]:
    """Return a closed or open list of values, with or without their type."""
    of_texts = draw(st.booleans())
    values = draw(
        st.lists(st.sampled_from(TEXTS if of_texts else SMALL), min_size=1, max_size=4, unique_by=lambda one: one)
    )
    keyword = draw(st.sampled_from(["enum", "const", "anyOf"]))
    schema: dict[str, Any] = {keyword: values[0] if keyword == "const" else values}
    type_ = "string" if of_texts else "integer"
    match draw(st.sampled_from(["typed", "typed", "untyped", "nullable"])):
        case "typed":
            schema["type"] = type_
        case "nullable":
            schema["type"] = [type_, "null"]
    if keyword == "anyOf":
        of_type = {key: kind for key, kind in schema.items() if key == "type"}
        schema["anyOf"] = [{**of_type, "enum": values}, of_type]
    return schema


def _limits(draw: Draw, least: str, most: str, largest: int, halves: bool = False) -> dict[str, Any]:
    bounds = sorted(draw(st.lists(st.integers(0, largest), min_size=2, max_size=2)))
    step = 0.5 if halves and draw(st.booleans()) else 0
    both = {least: bounds[0] + step, most: bounds[1] + step}
    return {name: bound for name, bound in both.items() if draw(st.booleans())}


# Values


@st.composite
def values(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """An object that keeps to the schema of the response, or departs from it here and there."""
    often = draw(st.sampled_from([0, 0, 10, 30]))
    value: Any = _value(draw, document, response_schema(document), often, 0)
    return value if isinstance(value, dict) else {"a": value}


def _value(draw: Draw, document: dict[str, Any], schema: dict[str, Any], often: int, depth: int) -> Any:
    if often and draw(st.integers(1, 100)) <= often:
        return draw(anything)
    if "allOf" in schema:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    listed = schema["anyOf"][0] if "anyOf" in schema else schema
    if "enum" in listed:
        return draw(st.sampled_from(listed["enum"]))
    if "const" in schema:
        return schema["const"]
    types = schema.get("type")
    if types is None:
        return draw(anything)
    match draw(st.sampled_from([types] if isinstance(types, str) else types)):
        case "string":
            return draw(st.from_regex(schema["pattern"]) | _texts if "pattern" in schema else _texts)
        case "integer":
            low, high = math.ceil(schema.get("minimum", -5)), math.floor(schema.get("maximum", 200))
            return draw(st.sampled_from(NUMBERS) | st.integers(low, max(low, high)))
        case "number":
            return draw(_numbers)
        case "boolean":
            return draw(st.booleans())
        case "array":
            length = draw(st.integers(schema.get("minItems", 0), schema.get("maxItems", 3))) if depth < 4 else 0
            items = schema.get("items", {})
            return [_value(draw, document, items, often, depth + 1) for _ in range(length)]
        case "object":
            return _object(draw, document, schema, often, depth)
    return None


def _object(draw: Draw, document: dict[str, Any], schema: dict[str, Any], often: int, depth: int) -> dict[str, Any]:
    required = schema.get("required", ())
    value = {
        name: _value(draw, document, member, often, depth + 1)
        for name, member in schema.get("properties", {}).items()
        if (draw(st.booleans()) if depth < 4 else name in required) or (name in required and not often)
    } if depth < 6 else {}  # fmt: skip
    more = schema.get("additionalProperties", False)
    if more is not False and depth < 6:
        for name in draw(st.lists(st.text(max_size=2), max_size=2)):
            value[name] = _value(draw, document, {} if more is True else more, often, depth + 1)
    if often and draw(st.integers(1, 100)) <= often:
        value[draw(st.text(max_size=2))] = draw(anything)
    return value


# Models

_numbers_of_packages = count()


@contextmanager
def models(document: dict[str, Any]) -> Iterator[dict[str, type[Model]]]:
    """Yield the model classes of a document, as the generator would make them, in a separate package."""
    package = f"made_up{next(_numbers_of_packages)}"
    module = ModuleType(f"{package}.models")
    sys.modules[module.__name__] = module
    try:
        for name, schema in document["components"]["schemas"].items():
            members: dict[str, Any] = {"__module__": module.__name__, "__annotations__": {}}
            for number, (wire, member) in enumerate(schema["properties"].items()):
                members["__annotations__"][f"field_{number}"] = f"{_hint(member)} | None"
                members[f"field_{number}"] = field(wire)
            setattr(module, name, define(type(name, (Model,), members)))
        module.__dict__["Any"] = Any
        yield {name: getattr(module, name) for name in document["components"]["schemas"]}
    finally:
        del sys.modules[module.__name__]


def _hint(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    types = schema.get("type", ())
    hints = []
    for name in [types] if isinstance(types, str) else types:
        match name:
            case "array":
                hints.append(f"list[{_hint(schema.get('items', {}))}]")
            case "object" if isinstance(schema.get("additionalProperties"), dict):
                hints.append(f"dict[str, {_hint(schema['additionalProperties'])}]")
            case "object":
                hints.append("dict[str, Any]")
            case "null":
                hints.append("None")
            case _:
                hints.append({"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[name])
    return " | ".join(hints) or "Any"
