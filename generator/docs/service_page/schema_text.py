"""Types of schemas in words, and anchors of pointers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...documents import OperationRef
from ...documents.json_pointer import PointerNotFound, find, resolve, segments
from ...documents.schema_view import conditions, is_one_of, known_values
from .. import escaping
from ..strict_mapping import SourceFile, StrictMapping


def anchor(document: dict[str, Any], pointer: str) -> str:
    """Return the anchor of a pointer of the document, or of the nearest one around it."""
    match segments(pointer):
        case ["components", "schemas", name, "properties", field, *_]:
            return f"{name}.{field}"
        case ["components", "schemas", name, *_]:
            return name
        case ["components", "headers", name, *_]:
            return f"header.{name}"
        case ["components", "securitySchemes", name, *_]:
            return f"scheme.{name}"
        case ["components", "parameters", name, *_]:
            return _parameter_anchor(document, name)
        case ["paths", path, method, *rest]:
            if "*" in (path, method):
                path, item = next(iter(document["paths"].items()))
                method = next(iter(item))
            operation = str(document["paths"][path][method]["operationId"])
            match rest:
                case ["responses", name, *_] if name != "*":
                    return f"{operation}.{name}"
                case ["x-request-headers", name]:
                    return f"{operation}.{name}"
            return operation
        case ["servers", index, *_]:
            return "server" if index == "0" else f"server.{index}"
    return ""


def of_recording(name: str) -> str:
    """Return the anchor of a recording."""
    return f"recording.{name}"


def _parameter_anchor(document: dict[str, Any], name: str) -> str:
    """The anchor of a parameter is in the first of the operations that have it."""
    pointer = f"/components/parameters/{name}"
    for path in document["paths"].values():
        for operation in path.values():
            if pointer in [each["$ref"][1:] for each in operation.get("parameters", [])]:
                return f"{operation['operationId']}.{name}"
    raise PointerNotFound(name)


_LIMITS = {
    "const": "Always {}",
    "enum": "One of {}",
    "anyOf": "Known values: {}; there may be others",
    "default": "Default: {}",
    "minimum": "At least {}",
    "maximum": "At most {}",
    "minLength": "At least {} characters",
    "maxLength": "At most {} characters",
    "minItems": "At least {} items",
    "maxItems": "At most {} items",
    "pattern": "Pattern: {}",
    "format": "Format: {}",
    "contentMediaType": "Holds text of the media type {}",
    "examples": "For example {}",
}
"""Keywords that limit a value, in words."""
_FORMATS = {
    "int32": ", signed, 32 bits",
    "int64": ", signed, 64 bits",
    "float": ", single precision",
    "double": ", double precision",
}


def code(value: Any) -> str:
    """Return a wire value as code."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text == "":
        return '`""`'
    return escaping.code(text if escaping.raw(text).isprintable() else json.dumps(text, ensure_ascii=False))


def type_of(schema: StrictMapping) -> tuple[str, list[str]]:
    """Return the type, with links to components, and one sentence for each limit."""
    return _word(schema), list(_limits(schema))


def _word(schema: StrictMapping) -> str:
    if "$ref" in schema:
        target = schema.get("$ref")[1:]
        return f"[{target.rpartition('/')[2]}](#{anchor(schema.file.data, target)})"
    if "anyOf" in schema and known_values(schema.value) is None:
        return " or ".join(_inner(schema.file, each) for each in schema.keys_of("anyOf"))
    types = schema.get("type", "any")
    word = types if isinstance(types, str) else " or ".join(types)
    if "items" in schema:
        word = f"{word} of {_inner(schema.file, schema.at('items'))}"
    if "additionalProperties" in schema:
        value = schema.get("additionalProperties")
        if isinstance(value, dict):
            word = f"{word} of {_inner(schema.file, schema.at('additionalProperties'))} by name"
        else:
            word = f"{word} of anything by name" if value else f"{word} of these fields alone"
    return word


def _inner(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as schema:
        word, limits = type_of(schema)
        limits += [schema.get("description")] if "description" in schema else []
    return f"{word} ({'; '.join(limits)})" if limits else word


def _limits(schema: StrictMapping) -> Iterator[str]:
    for keyword, words in _LIMITS.items():
        if keyword in schema and (keyword != "anyOf" or known_values(schema.value) is not None):
            value = schema.get(keyword)
            values = value if keyword in ("enum", "examples") else [value]
            if keyword == "anyOf":
                values = known_values(schema.value) or []
            text = words.format(", ".join(map(code, values))).removesuffix("s" if value == 1 else "")
            yield text + (_FORMATS.get(value, "") if keyword == "format" else "")


def condition_lines(schema: StrictMapping) -> dict[str, list[str]]:
    """Return a sentence for each condition of a schema, by the name of the property that it constrains."""
    found: dict[str, list[str]] = {}
    # The bundled copy states beside conditions that other properties are allowed.
    for keyword in ("dependentSchemas", "if", "then", "unevaluatedProperties"):
        schema.get(keyword)
    for condition in conditions(schema.value, schema.pointer):
        consequence = is_one_of(condition.path[-1:], condition.values, code)
        if condition.field:
            found.setdefault(condition.field, []).append(f"Only when {consequence}")
        else:
            when = " and ".join(is_one_of(*each, code) for each in condition.when)
            of_each = " of each item" if "*" in condition.path else ""
            consequence = consequence.replace(" is ", f"{of_each} is ", 1)
            found.setdefault(condition.path[0], []).append(f"When {when}, {consequence}")
    return found


def body_of(document: SourceFile, pointer: str) -> tuple[str, list[str]]:
    """Return the type of a body, and the dotted names of the fields that the response requires beyond its type."""
    with document.reading(pointer) as schema:
        if "allOf" not in schema:
            return type_of(schema)[0], []
        members = schema.keys_of("allOf")
    promises = [each for each in members if resolve(document.data, each).keys() <= {"required", "properties"}]
    words = [_inner(document, each) for each in members if each not in promises]
    return " and ".join(words), [name for each in promises for name in _promised(document, each, "")]


def success_bodies(document: dict[str, Any], operation: OperationRef) -> Iterator[str]:
    """Yield the pointers of the schemas of an operation's 2xx responses."""
    for pointer, _ in find(document, f"{operation.pointer}/responses/*/content/*/schema"):
        if segments(pointer)[4].startswith("2"):
            yield pointer


def _promised(document: SourceFile, pointer: str, before: str) -> Iterator[str]:
    with document.reading(pointer) as part:
        for name in part.get("required", []):
            yield f"{before}{name}"
        for inner in part.keys_of("properties"):
            yield from _promised(document, inner, f"{before}{inner.rpartition('/')[2]}.")
