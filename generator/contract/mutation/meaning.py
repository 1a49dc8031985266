"""What a document says of exchanges, whatever the words. Two documents of one meaning are equivalent, and why:

- Names, descriptions and servers say nothing of a request or reply. Neither do `format` and `contentMediaType`, nor
  `default`: annotations, by JSON Schema 2020-12, sections 7.2, 8.1 and 9.2. (The `default` of a parameter that
  `x-pagination` names does say something: how long a page may be, and where it begins.)
- `const` is an `enum` of one value; a list of values needs no `type` besides, and a bound says nothing of another type.
- What lists allow, demand or accept has no order; an empty list, a bound of 0 on a length and `required: false` say
  nothing.
- No value is a moment in two of the formats of `x-job`, so their order says nothing: units differ by a thousand, the
  years 2000 to 2100 by a factor of five, and a text is digits, or Go's, or ISO's.
- A parameter is text. Where any text may stand, a number, too, may: it is text as well. Null, lists and objects are
  no text.
- A parameter of the path is always there and never empty, whatever is said: without it the path is another one.
"""

from __future__ import annotations

import json
from typing import Any

from generator.documents.json_pointer import find

_TELLING = ("paths", "components", "security")
_SILENT = frozenset({"description", "summary", "title", "tags", "format", "contentMediaType", "x-recordings"})
_OF_TYPE = {
    "string": ("minLength", "maxLength", "pattern", "x-enum-open"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "additionalProperties"),
}
_TYPE_NAMES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def meaning(document: dict[str, Any]) -> Any:
    """The document with everything left out that makes no difference."""
    pages = [pages for _, pages in find(document, "/paths/*/*/x-pagination")]
    paging = frozenset(name for each in pages for key, name in each.items() if key in ("offset", "limit"))
    return {key: _general(document[key], key, paging) for key in _TELLING if key in document}


def _general(value: Any, key: str, paging: frozenset[str]) -> Any:
    if key == "schema":
        return _schema(value)
    if isinstance(value, dict):
        if key == "schemas":
            return {name: _schema(schema) for name, schema in value.items()}
        if "in" in value and "name" in value and "type" not in value:
            return _parameter(value, is_paging=value["name"] in paging)
        return {name: _general(member, name, paging) for name, member in value.items() if name not in _SILENT}
    if isinstance(value, list):
        return _sorted([_general(item, "", paging) for item in value]) if key in ("parameters", "security") else value
    return value


def _parameter(parameter: dict[str, Any], *, is_paging: bool) -> Any:
    schema = _schema(parameter.get("schema", {}), with_default=is_paging)
    in_path = parameter["in"] == "path"
    types = schema.get("type")
    if types is None or "string" in types:
        # Whatever the text, it can be read as a text.
        schema = {key: member for key, member in schema.items() if key in (*_OF_TYPE["string"], "enum", "default")}
    else:
        schema["type"] = [kind for kind in types if kind not in ("null", "array", "object")]
    if in_path and schema.get("minLength", 2) <= 1:
        del schema["minLength"]
    return [parameter["in"], parameter["name"], in_path or bool(parameter.get("required")), schema]


def _schema(schema: Any, *, with_default: bool = False) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key not in _SILENT and (with_default or key != "default")}
    if "const" in found:
        found["enum"] = [found.pop("const")]
    types = _types(found.pop("type", None))
    if "enum" in found:
        values = [value for value in found["enum"] if types is None or _TYPE_NAMES.get(type(value)) in types]
        found["enum"] = _sorted(values)
        types = sorted({_TYPE_NAMES.get(type(value), "object") for value in values})
    for kind, keywords in _OF_TYPE.items():
        if types is not None and kind not in types and not (kind == "number" and "integer" in types):
            found = {key: value for key, value in found.items() if key not in keywords}
    if types is not None and "enum" not in found:
        found["type"] = types
    for key in ("minLength", "minItems"):
        if found.get(key) == 0:
            del found[key]
    for key in ("required", "x-enum-open"):
        if key in found:
            found[key] = _sorted(found[key])
    if not found.get("required", True):
        del found["required"]
    return {key: _inner(key, value) for key, value in found.items()}


def _types(types: Any) -> list[str] | None:
    if types is None:
        return None
    named = {types} if isinstance(types, str) else set(types)
    return sorted(named - {"integer"} if "number" in named else named)


def _job(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _job(member, name) for name, member in value.items()}
    # Of several fields the first counts that is not empty; every other list is a set.
    return _sorted(value) if isinstance(value, list) and key not in ("id", "field", "reason") else value


def _inner(key: str, value: Any) -> Any:
    if key == "x-job":
        return _job(value)
    if key == "properties":
        return {name: _schema(member) for name, member in value.items()}
    if key in ("items", "additionalProperties"):
        return _schema(value)
    if key in ("allOf", "oneOf", "anyOf"):
        return _sorted([_schema(member) for member in value])
    return value


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))
