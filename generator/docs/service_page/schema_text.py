"""Types of schemas in words, and the anchors of statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.docs import escaping
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.documents import OperationRef
from generator.documents.json_pointer import PointerNotFound, child, find, resolve, segments


def anchor(document: dict[str, Any], pointer: str) -> str:
    """The anchor of what stands at a place of the document, or around it."""
    match segments(pointer):
        case ["components", "schemas", name, "properties", field, *_]:
            return f"{name}.{field}"
        case ["components", "schemas", name, *_]:
            return name
        case ["components", "securitySchemes", name, *_]:
            return f"scheme.{name}"
        case ["components", "parameters", name, *_]:
            return _of_parameter(document, name)
        case ["paths", path, method, *rest]:
            if method == "*" or path == "*":
                path, method = _first(document)
            operation = resolve(document, child(child("/paths", path), method))["operationId"]
            match rest:
                case ["responses", status, *_] if status != "*":
                    return f"{operation}.{status}"
                case ["x-request-headers", name]:
                    return f"{operation}.{name}"
            return str(operation)
        case ["servers", *_]:
            return "server"
    return ""


def of_recording(name: str) -> str:
    """The anchor of a recorded reply."""
    return f"recording.{name}"


def _of_parameter(document: dict[str, Any], name: str) -> str:
    """A parameter is shown with each operation that has it; the first of them has the link."""
    wanted = f"/components/parameters/{name}"
    for path in document["paths"].values():
        for operation in path.values():
            if wanted in [each["$ref"][1:] for each in operation.get("parameters", [])]:
                return f"{operation['operationId']}.{name}"
    raise PointerNotFound(name)


def _first(document: dict[str, Any]) -> tuple[str, str]:
    path, item = next(iter(document["paths"].items()))
    return path, next(iter(item))


_FORMATS = {
    "int32": "signed, 32 bits",
    "int64": "signed, 64 bits",
    "float": "single precision",
    "double": "double precision",
}


def code(value: Any) -> str:
    """A wire value as code."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text == "":
        return '`""`'
    return escaping.code(text if escaping.raw(text).isprintable() else json.dumps(text, ensure_ascii=False))


def type_of(schema: StrictMapping) -> tuple[str, list[str]]:
    """The type, with links to components, and one statement for each limit."""
    return _word(schema), list(_limits(schema))


def _word(schema: StrictMapping) -> str:
    if "$ref" in schema:
        target = schema.get("$ref")[1:]
        return f"[{target.rpartition('/')[2]}](#{anchor(schema.document.data, target)})"
    kind = schema.get("type")
    word = " or ".join([kind] if isinstance(kind, str) else kind or ["any"])
    if "items" in schema:
        word = f"{word} of {_inner(schema.document, schema.at('items'))}"
    if "additionalProperties" in schema:
        value = schema.get("additionalProperties")
        if isinstance(value, dict):
            word = f"{word} of {_inner(schema.document, schema.at('additionalProperties'))} by name"
        else:
            word = f"{word} of anything by name" if value else f"{word} of these fields alone"
    return word


def _inner(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as schema:
        word, limits = type_of(schema)
        limits += [schema.get("description")] if "description" in schema else []
    return f"{word} ({'; '.join(limits)})" if limits else word


def _limits(schema: StrictMapping) -> Iterator[str]:
    if "const" in schema:
        yield f"Always {code(schema.get('const'))}"
    if "enum" in schema:
        yield f"One of {', '.join(code(value) for value in schema.get('enum'))}"
    if "x-enum-open" in schema:
        yield f"Known values: {', '.join(code(value) for value in schema.get('x-enum-open'))}; there may be others"
    if "default" in schema:
        yield f"Default: {code(schema.get('default'))}"
    if "minimum" in schema:
        yield f"At least {code(schema.get('minimum'))}"
    if "maximum" in schema:
        yield f"At most {code(schema.get('maximum'))}"
    for key, words in _COUNTS.items():
        if key in schema:
            number = schema.get(key)
            yield words.format(code(number)).removesuffix("s" if number == 1 else "")
    if "pattern" in schema:
        yield f"Pattern: {code(schema.get('pattern'))}"
    if "format" in schema:
        name = schema.get("format")
        yield f"Format: {code(name)}" + (f", {_FORMATS[name]}" if name in _FORMATS else "")
    if "contentMediaType" in schema:
        yield f"Holds text of the media type {code(schema.get('contentMediaType'))}"


_COUNTS = {
    "minLength": "At least {} characters",
    "maxLength": "At most {} characters",
    "minItems": "At least {} items",
    "maxItems": "At most {} items",
}


def body_of(document: SourceFile, pointer: str) -> tuple[str, list[str]]:
    """The type of a body, and the dotted names of the fields that a reply promises beyond what its type does."""
    with document.reading(pointer) as schema:
        if "allOf" not in schema:
            return type_of(schema)[0], []
        members = schema.keys_of("allOf")
    promises = [each for each in members if resolve(document.data, each).keys() <= {"required", "properties"}]
    words = [_inner(document, each) for each in members if each not in promises]
    return " and ".join(words), [name for each in promises for name in _promised(document, each, "")]


def success_bodies(document: dict[str, Any], operation: OperationRef) -> Iterator[str]:
    """Pointers of the schemas of an operation's successes."""
    for pointer, _ in find(document, f"{operation.pointer}/responses/*/content/*/schema"):
        if segments(pointer)[4].startswith("2"):
            yield pointer


def _promised(document: SourceFile, pointer: str, before: str) -> Iterator[str]:
    with document.reading(pointer) as part:
        for name in part.get("required", []):
            yield f"{before}{name}"
        for inner in part.keys_of("properties"):
            yield from _promised(document, inner, f"{before}{inner.rpartition('/')[2]}.")
