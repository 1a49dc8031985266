"""The whole of a reply at a glance: every field in its place, each a link to what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.services.anchors import anchor
from generator.documents.json_pointer import child, resolve


def tree(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """The fields below a schema as a list of lists. A component inside itself is named, not entered again."""
    return "\n".join(_fields(document, schema, (), 0))


def _fields(document: dict[str, Any], schema: dict[str, Any], inside: tuple[str, ...], depth: int) -> Iterator[str]:
    target = _component(schema)
    if target is None or target in inside:
        return
    for name, member in resolve(document, target).get("properties", {}).items():
        where = child(child(target, "properties"), name)
        inner = _component(member)
        word = inner.rpartition("/")[2] if inner else _word(member)
        if "items" in member and inner:
            word = f"array of {word}"
        again = ", again as above" if inner in (*inside, target) else ""
        yield f"{'    ' * depth}- [`{name}`](#{anchor(document, where)}) {word}{again}"
        yield from _fields(document, member, (*inside, target), depth + 1)


def _component(schema: dict[str, Any]) -> str | None:
    """The component that a schema is, or that its items or values are."""
    if "allOf" in schema:
        return _component(schema["allOf"][0])
    if "$ref" in schema:
        return str(schema["$ref"][1:])
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            return _component(schema[key])
    return None


def _word(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "any")
    return kind if isinstance(kind, str) else " or ".join(kind)
