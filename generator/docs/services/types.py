"""What a schema says of a value, in words: its type on one line, and its limits as a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.docs import foreign
from generator.docs.reading import Document, Reading
from generator.docs.services.anchors import anchor
from generator.documents.json_pointer import child

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
    return foreign.code(text if foreign.raw(text).isprintable() else json.dumps(text, ensure_ascii=False))


def type_of(schema: Reading) -> tuple[str, list[str]]:
    """The type, with links to components, and one statement for each limit."""
    return _word(schema), list(_limits(schema))


def _word(schema: Reading) -> str:
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


def _inner(document: Document, pointer: str) -> str:
    with document.reading(pointer) as schema:
        word, limits = type_of(schema)
        limits += [schema.get("description")] if "description" in schema else []
    return f"{word} ({'; '.join(limits)})" if limits else word


def _limits(schema: Reading) -> Iterator[str]:
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


def body_of(document: Document, pointer: str) -> tuple[str, list[str]]:
    """The type of a body, and the dotted names of the fields that a reply promises beyond what its type does."""
    with document.reading(pointer) as schema:
        if "allOf" not in schema:
            return type_of(schema)[0], []
        word, *promises = [child(schema.at("allOf"), index) for index in range(len(schema.value["allOf"]))]
        return _inner(document, word), [name for part in promises for name in _promised(document, part, "")]


def _promised(document: Document, pointer: str, before: str) -> Iterator[str]:
    with document.reading(pointer) as part:
        for name in part.get("required", []):
            yield f"{before}{name}"
        for inner in part.keys_of("properties"):
            yield from _promised(document, inner, f"{before}{inner.rpartition('/')[2]}.")
