"""A schema as what it comes to, references followed and `allOf` taken apart: two ways to say one thing are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.documents.json_pointer import child, resolve

Part = tuple[str, dict[str, Any]]
"""A schema that holds, and its pointer."""

_COMPONENT = "/components/schemas/"


@attrs.frozen
class View:
    """Schemas that hold together, each without regard to its `$ref` and `allOf`, whose targets are parts too."""

    document: dict[str, Any] = attrs.field(repr=False, eq=False)
    parts: tuple[Part, ...] = attrs.field(eq=False)
    impossible: bool = False
    """Whether nothing is allowed, as by `additionalProperties: false`."""

    @property
    def pointer(self) -> str | None:
        """Where the outermost schema stands."""
        return self.parts[0][0] if self.parts else None

    @property
    def identity(self) -> tuple[frozenset[str], bool]:
        """What two views of one document have in common when they are the same."""
        return frozenset(pointer for pointer, _ in self.parts), self.impossible

    @property
    def is_anything(self) -> bool:
        """Whether there is no schema at all."""
        return not self.parts and not self.impossible

    @property
    def model(self) -> Part | None:
        """The component schema with properties that this is: the one that a client makes a class of."""
        for pointer, schema in self.parts:
            name = pointer.removeprefix(_COMPONENT)
            if pointer.startswith(_COMPONENT) and "/" not in name and schema.get("properties"):
                return pointer, schema
        return None

    def having(self, keyword: str) -> list[tuple[str, Any]]:
        """Pointer and value of a keyword in each part that has it."""
        return [(child(pointer, keyword), schema[keyword]) for pointer, schema in self.parts if keyword in schema]

    def values(self, keyword: str) -> list[Any]:
        """The values of a keyword in the parts."""
        return [value for _, value in self.having(keyword)]

    @property
    def properties(self) -> list[str]:
        """Names of the declared properties, in their order."""
        return list(dict.fromkeys(name for value in self.values("properties") for name in value))

    def declares(self, name: str) -> str | None:
        """Pointer of the first declaration of a property."""
        return next((child(pointer, name) for pointer, value in self.having("properties") if name in value), None)

    def member(self, name: str) -> View:
        """What the value under that name must be, whether it is declared or not."""
        found: list[tuple[str, Any]] = []
        for pointer, schema in self.parts:
            if name in schema.get("properties", {}):
                found.append((child(child(pointer, "properties"), name), schema["properties"][name]))
            elif "additionalProperties" in schema:
                found.append((child(pointer, "additionalProperties"), schema["additionalProperties"]))
        return view(self.document, *found)

    @property
    def others(self) -> View:
        """What the value under a name that is not declared must be."""
        return view(self.document, *self.having("additionalProperties"))

    @property
    def items(self) -> View:
        """What each item must be."""
        return view(self.document, *self.having("items"))


def view(document: dict[str, Any], *schemas: tuple[str, Any]) -> View:
    """The view of schemas that hold together, given with their pointers."""
    parts: dict[str, dict[str, Any]] = {}
    for pointer, schema in schemas:
        for where, part in _expanded(document, pointer, schema, set()):
            parts.setdefault(where, part)
    return View(document, tuple(parts.items()), any(schema is False for _, schema in schemas))


def _expanded(document: dict[str, Any], pointer: str, schema: Any, seen: set[str]) -> Iterator[Part]:
    if isinstance(schema, bool) or pointer in seen:
        return
    seen.add(pointer)
    if set(schema) - {"$ref", "allOf", "description"}:
        yield pointer, schema
    if "$ref" in schema:
        target = schema["$ref"][1:]
        yield from _expanded(document, target, resolve(document, target), seen)
    for index, member in enumerate(schema.get("allOf", [])):
        yield from _expanded(document, child(child(pointer, "allOf"), index), member, seen)
