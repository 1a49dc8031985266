"""Convert documents of OpenAPI 3.1 to OpenAPI 3.0.3, and walk over the objects of a document.

A converted schema accepts the same values, except that conditions are left out. A keyword that 3.0 cannot express is an
error. The guide `generator/docs/content/documents.md` lists the differences; a test verifies them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import Problem, ValidationError
from .json_pointer import child, resolve
from .workspace import METHODS

VERSION = "3.0.3"

Node = Any
Visit = Callable[[str, Node, str], Node]
"""A function that returns the new object for an object: its arguments are kind, object and pointer."""

_OBJECTS: dict[str, dict[str, str]] = {
    "document": {"paths": "{path}", "webhooks": "{path}", "components": "components", "info": "info"},
    "info": {},
    "components": {
        "schemas": "{schema}",
        "parameters": "{parameter}",
        "headers": "{parameter}",
        "responses": "{response}",
        "requestBodies": "{body}",
        "examples": "{example}",
        "securitySchemes": "{scheme}",
    },
    "path": {"parameters": "[parameter]", **dict.fromkeys(METHODS, "operation")},
    "operation": {"parameters": "[parameter]", "requestBody": "body", "responses": "{response}"},
    "parameter": {"schema": "schema", "content": "{media}", "examples": "{example}"},
    "response": {"headers": "{parameter}", "content": "{media}"},
    "body": {"content": "{media}"},
    "media": {"schema": "schema", "examples": "{example}", "encoding": "{encoding}"},
    "encoding": {"headers": "{parameter}"},
    "example": {},
    "scheme": {},
    "schema": {
        **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs"), "{schema}"),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(("items", "not", "if", "then", "else", "contains", "propertyNames"), "schema"),
        "additionalProperties": "schema or boolean",
    },
}
"""The members of each kind of object that are objects too: `x` is one, `[x]` a list, `{x}` a map of them."""


def walk(kind: str, node: Node, visit: Visit, pointer: str = "") -> Node:
    """Return a copy with each object replaced by `visit`, inner objects first. Other data is shared."""
    if kind == "schema or boolean":
        if isinstance(node, bool):
            return node
        kind = "schema"
    if kind[0] == "{":
        return {key: _member(kind[1:-1], key, value, visit, child(pointer, key)) for key, value in node.items()}
    if kind[0] == "[":
        return [walk(kind[1:-1], value, visit, child(pointer, index)) for index, value in enumerate(node)]
    if isinstance(node, dict):
        members = _OBJECTS[kind]
        node = {
            key: walk(members[key], value, visit, child(pointer, key)) if key in members else value
            for key, value in node.items()
        }
    return visit(kind, node, pointer)


def _member(kind: str, key: str, value: Node, visit: Visit, pointer: str) -> Node:
    """Walk over a member of a map. Extensions in a map of paths or responses stay as they are."""
    is_extension = key.startswith("x-") and kind in ("path", "response")
    return value if is_extension else walk(kind, value, visit, pointer)


def openapi_30(document: dict[str, Any], problem: Callable[[str, str, str], Problem]) -> dict[str, Any]:
    """Return the document as OpenAPI 3.0.3.

    Args:
        document: A document of OpenAPI 3.1. It is not changed.
        problem: Function that makes a problem of the document from pointer, message and remedy.

    Raises:
        ValidationError: OpenAPI 3.0 cannot express parts of the document. It has a problem for each part.
    """
    converter = _Converter(document, problem)
    converted: dict[str, Any] = walk("document", document, converter.visit)
    if converter.problems:
        raise ValidationError(converter.problems)
    return converted


_ANNOTATIONS = (
    *("title", "description", "default", "example", "deprecated"),
    *("readOnly", "writeOnly", "externalDocs", "xml"),
)
_OF_ANY_TYPE = ("enum", "not", "allOf", "anyOf", "oneOf", "discriminator")
_OF_NUMBERS = ("format", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
_OF_TYPE = {
    "boolean": (),
    "integer": _OF_NUMBERS,
    "number": _OF_NUMBERS,
    "string": ("format", "minLength", "maxLength", "pattern"),
    "array": ("items", "minItems", "maxItems", "uniqueItems"),
    "object": ("properties", "additionalProperties", "required", "minProperties", "maxProperties"),
}
"""Keywords that concern values of one type only."""
_OF_ONE_TYPE = tuple(dict.fromkeys(keyword for keywords in _OF_TYPE.values() for keyword in keywords))
_REWRITTEN = ("$ref", "type", "const", "examples", "contentMediaType", "contentEncoding")
_CONDITIONS = ("if", "then", "else", "dependentRequired", "dependentSchemas")
"""Keywords left out. 3.0 can express them by `allOf` and `not`, but most generators make an untyped object of these."""
_LEFT_OUT = ("$comment", "contentSchema", *_CONDITIONS)
_KNOWN = {*_ANNOTATIONS, *_OF_ANY_TYPE, *_OF_ONE_TYPE, *_REWRITTEN, *_LEFT_OUT}
_REFUSED = {
    "path": ("$ref",),
    "operation": ("callbacks",),
    "components": ("pathItems", "callbacks"),
}
"""Keys of other objects that are not converted."""
_NUMBERS = ("integer", "number")
_FORMATS_OF_NUMBERS = {"int32", "int64", "float", "double"}
_DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"


class _Converter:
    def __init__(self, document: dict[str, Any], problem: Callable[[str, str, str], Problem]) -> None:
        self._document = document
        self._problem = problem
        self.problems: list[Problem] = []

    def visit(self, kind: str, node: Node, pointer: str) -> Node:
        match kind:
            case "schema":
                return self._schema(node, pointer)
            case "document":
                return self._whole(node)
            case "info":
                return _info(node)
        for key in _REFUSED.get(kind, ()):
            if key in node:
                self._refuse(child(pointer, key), f"the key {key}", "Write its content where it is used")
        if kind == "scheme" and node.get("type") == "mutualTLS":
            self._refuse(child(pointer, "type"), "the type mutualTLS", "Use another type")
        return self._reference(kind, node) if "$ref" in node else node

    def _refuse(self, pointer: str, got: str, remedy: str) -> None:
        self.problems.append(self._problem(pointer, f"must be expressible in OpenAPI 3.0, got {got}", remedy))

    def _whole(self, node: dict[str, Any]) -> dict[str, Any]:
        if node.get("jsonSchemaDialect", _DIALECT) != _DIALECT:
            self._refuse("/jsonSchemaDialect", "another dialect of JSON Schema", "Leave out the key jsonSchemaDialect")
        renamed = {"webhooks": "x-webhooks"}
        kept = {renamed.get(key, key): value for key, value in node.items() if key != "jsonSchemaDialect"}
        return {**kept, "openapi": VERSION, "paths": node.get("paths", {})}

    def _reference(self, kind: str, node: dict[str, Any]) -> dict[str, Any]:
        """Return a reference; with a description, a copy of its target, because 3.0 ignores keys beside `$ref`."""
        beside = {key: value for key, value in node.items() if key not in ("$ref", "summary")}
        if not beside:
            return {"$ref": node["$ref"]}
        pointer = node["$ref"][1:]
        return {**walk(kind, resolve(self._document, pointer), self.visit, pointer), **beside}

    def _schema(self, schema: Any, pointer: str) -> dict[str, Any]:
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        for keyword, value in schema.items():
            # This is the default of JSON Schema.
            states_nothing = keyword == "unevaluatedProperties" and value is True
            if keyword not in _KNOWN and not keyword.startswith("x-") and not states_nothing:
                self._refuse(
                    child(pointer, keyword), f"the keyword {keyword}", "State it with other keywords, or leave it out"
                )
        if schema.keys() == {"$ref"}:
            return {"$ref": schema["$ref"]}
        notes = {key: value for key, value in schema.items() if key in _ANNOTATIONS or key.startswith("x-")}
        if schema.get("examples"):
            notes.setdefault("example", schema["examples"][0])
        for keyword in {"contentMediaType", "contentEncoding"} & schema.keys():
            notes[f"x-{keyword}"] = schema[keyword]
        stated = {key: schema[key] for key in _OF_ANY_TYPE if key in schema} | _of_one_type(schema)
        parts = list(_alternatives(schema, stated))
        if "$ref" in schema:
            parts.insert(0, {"$ref": schema["$ref"]})
        if parts:
            stated["allOf"] = [*stated.get("allOf", ()), *parts]
        return {**notes, **_in_order(stated)}


def _info(node: dict[str, Any]) -> dict[str, Any]:
    """Return `info` with the summary as first paragraph of the description, and with the URL of the licence."""
    info = {key: value for key, value in node.items() if key != "summary"}
    if texts := [f"{node['summary'].rstrip('.')}."] if node.get("summary") else []:
        info["description"] = "\n\n".join([*texts, *filter(None, [node.get("description")])])
    if "identifier" in node.get("license", {}):
        name, identifier = node["license"]["name"], node["license"]["identifier"]
        info["license"] = {"name": name, "url": f"https://spdx.org/licenses/{identifier}.html"}
    return info


def _of_one_type(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that concern one type, with exclusive bounds and `required` in the form of 3.0."""
    stated = {key: schema[key] for key in _OF_ONE_TYPE if key in schema}
    if not stated.get("required", True):
        del stated["required"]
    for bound, exclusive, tighter in (
        ("minimum", "exclusiveMinimum", max),
        ("maximum", "exclusiveMaximum", min),
    ):
        if exclusive in stated:
            limits = [stated[each] for each in (exclusive, bound) if each in stated]
            stated[bound] = tighter(limits)
            stated[exclusive] = stated[bound] == limits[0]
    return stated


def _alternatives(schema: dict[str, Any], stated: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Add type, `const` and `null` to `stated`, in the form of 3.0. Yields the schemas that must go into `allOf`."""
    if "const" in schema:
        if "enum" in stated:
            yield {"enum": [schema["const"]]}
        else:
            stated["enum"] = [schema["const"]]
    if "type" not in schema:
        return
    types = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    if {"integer", "number"} <= {*types}:
        types.remove("integer")
    nullable = {"nullable": True} if "null" in types else {}
    types = [each for each in types if each != "null"]
    limits = {key: stated.pop(key) for key in _OF_ONE_TYPE if key in stated}
    typed = [{"type": each, **nullable, **_limits_of(each, limits, is_single=len(types) == 1)} for each in types]
    if not typed:
        yield {"type": "string", **nullable, "enum": [None]}
    elif len(typed) == 1:
        stated |= typed[0]
    elif "anyOf" in stated:
        yield {"anyOf": typed}
    else:
        stated["anyOf"] = typed


def _limits_of(type_: str, limits: dict[str, Any], *, is_single: bool) -> dict[str, Any]:
    """Return the keywords that concern a type. If there are several types, a format concerns numbers or strings."""
    found = {key: limits[key] for key in _OF_TYPE[type_] if key in limits}
    if not is_single and "format" in found and (found["format"] in _FORMATS_OF_NUMBERS) != (type_ in _NUMBERS):
        del found["format"]
    # In 3.0 an array must have `items`.
    return {**found, "items": found.get("items", {})} if type_ == "array" else found


def _in_order(stated: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords with the type first."""
    return {key: stated[key] for key in sorted(stated, key=lambda key: key not in ("type", "nullable"))}
