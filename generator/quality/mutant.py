"""A mutant, which is one change of a document; the edits that changes consist of; equivalence of mutants.

A mutant is equivalent if it accepts the same requests and responses as the original (`meaning`):

- Names and servers constrain nothing. Neither do `format`, `contentMediaType` and `default`, which are annotations by
  JSON Schema 2020-12, sections 7.2, 8.1 and 9.2. (Exception: the `default` of a parameter that `x-pagination` names is
  the length of a page, or its first row.)
- `const` is an `enum` of one value; an enum needs no `type` besides, and a bound does not apply to another type.
- Enums, `required` and `security` have no order; an empty list, a length of at least 0 and `required: false` constrain
  nothing.
- No value is a timestamp in two of the formats of `x-job`, so their order does not count: units differ by a thousand,
  the years 2000 to 2100 by a factor of five, and a string has only digits, or is Go's, or ISO's.
- A parameter or header is a string. If any string is valid, so is a number, which is a string as well. Null, arrays and
  objects are not strings.
- A path parameter is always present and never empty: without it the path is another one.

Response headers, examples and descriptions constrain nothing either, but they state facts. Their mutants are killed by
the check of the document against its evidence, so these mutants are never equivalent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import attrs

from ..documents.json_pointer import assign, container, find
from ..documents.schema_view import known_values

Document = dict[str, Any]

Edit = Callable[[Document], None]


@attrs.frozen
class Mutant:
    """One change of a document."""

    operator: str
    pointer: str
    """Pointer of the changed value."""
    change: str
    """The change, in a few words."""
    edit: Edit = attrs.field(repr=False, eq=False)

    @classmethod
    def put(cls, operator: str, pointer: str, change: str, value: Any) -> Mutant:
        """Return a mutant that has another value at the pointer."""
        return cls(operator, pointer, change, put(pointer, value))

    @classmethod
    def drop(cls, operator: str, pointer: str, change: str = "drop") -> Mutant:
        """Return a mutant that lacks the value at the pointer."""
        return cls(operator, pointer, change, drop(pointer))

    @classmethod
    def drop_items(cls, operator: str, pointer: str, values: Sequence[Any], dropped: Any, change: str) -> Mutant:
        """Return a mutant without one value of a list; without the list if that is its only value."""
        return cls(operator, pointer, change, put_or_drop(pointer, [each for each in values if each != dropped]))

    @property
    def name(self) -> str:
        """Unique among the mutants of a service."""
        return f"{self.operator} {self.pointer}: {self.change}"

    def document(self, original: Document) -> Document:
        """Return the changed copy."""
        # A copy through JSON is twice as fast as `deepcopy`, and thousands are made.
        changed: Document = json.loads(json.dumps(original))
        self.edit(changed)
        return changed


def put(pointer: str, value: Any) -> Edit:
    """Set a member of an object, or replace an item of an array."""
    return lambda document: assign(document, pointer, deepcopy(value))


def drop(pointer: str) -> Edit:
    """Remove a member or an item."""

    def edit(document: Document) -> None:
        outer, key = container(document, pointer)
        del outer[int(key) if isinstance(outer, list) else key]

    return edit


def rename(pointer: str, name: str) -> Edit:
    """Rename a member, and keep the order of the object."""

    def edit(document: Document) -> None:
        outer, key = container(document, pointer)
        members = [(name if each == key else each, value) for each, value in outer.items()]
        outer.clear()
        outer.update(members)

    return edit


def both(*edits: Edit) -> Edit:
    """Return an edit that applies several edits in turn."""

    def edit(document: Document) -> None:
        for each in edits:
            each(document)

    return edit


def put_or_drop(pointer: str, values: list[Any]) -> Edit:
    return put(pointer, values) if values else drop(pointer)


_PARTS = ("paths", "components", "security")

_IGNORED = frozenset(
    {"description", "summary", "title", "tags", "format", "contentMediaType", "examples", "x-recordings"}
)

_OF_TYPE = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "additionalProperties"),
}

_TYPE_NAMES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def meaning(document: dict[str, Any]) -> Any:
    """Return the document in a normal form that is the same for equivalent documents."""
    pages = [pages for _, pages in find(document, "/paths/*/*/x-pagination")]
    paging = frozenset(name for each in pages for key, name in each.items() if key in ("offset", "limit"))
    return {key: _normal(document[key], key, paging) for key in _PARTS if key in document}


def _normal(value: Any, key: str, paging: frozenset[str]) -> Any:
    if key == "schema":
        return _schema(value)
    if isinstance(value, dict):
        if key == "schemas":
            return {name: _schema(schema) for name, schema in value.items()}
        if "in" in value and "name" in value and "type" not in value:
            return _parameter(value, is_paging=value["name"] in paging)
        if key == "headers":
            return {name: _header(header) for name, header in value.items()}
        return {name: _normal(member, name, paging) for name, member in value.items() if name not in _IGNORED}
    if isinstance(value, list):
        return _sorted([_normal(item, "", paging) for item in value]) if key in ("parameters", "security") else value
    return value


def _header(header: dict[str, Any]) -> Any:
    return header if "$ref" in header else [bool(header.get("required")), _text(_schema(header.get("schema", {})))]


def _text(schema: Any) -> Any:
    """Return a schema of a value that is sent as text: any value is a string."""
    types = schema.get("type")
    if types is None or "string" in types:
        return {key: member for key, member in schema.items() if key in (*_OF_TYPE["string"], "enum", "default")}
    return {**schema, "type": [kind for kind in types if kind not in ("null", "array", "object")]}


def _parameter(parameter: dict[str, Any], *, is_paging: bool) -> Any:
    schema = _text(_schema(parameter.get("schema", {}), with_default=is_paging))
    in_path = parameter["in"] == "path"
    if in_path and schema.get("minLength", 2) <= 1:
        del schema["minLength"]
    return [parameter["in"], parameter["name"], in_path or bool(parameter.get("required")), schema]


def _schema(schema: Any, *, with_default: bool = False) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key not in _IGNORED and (with_default or key != "default")}
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
    if "required" in found:
        found["required"] = _sorted(found["required"])
    if (known := known_values(schema)) is not None:
        found["anyOf"] = {"known": _sorted(known)}
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
    # The order of field names matters, since the first field that is not empty is used; any other list is a set.
    return _sorted(value) if isinstance(value, list) and key not in ("id", "field", "reason") else value


def _inner(key: str, value: Any) -> Any:
    if key == "x-job":
        return _job(value)
    if key == "properties":
        return {name: _schema(member) for name, member in value.items()}
    if key in ("items", "additionalProperties"):
        return _schema(value)
    if key in ("allOf", "oneOf", "anyOf") and isinstance(value, list):
        return _sorted([_schema(member) for member in value])
    return value


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))
