"""The form of a reply as the evidence tells it: which statements are about a value, and where that value stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs

from generator.contract.cases.stated import Stated, Statement
from generator.documents.json_pointer import child


@attrs.frozen(slots=False)
class Node:
    """A value, by the places of the document that speak of it."""

    stated: Stated = attrs.field(repr=False, eq=False)
    parts: tuple[str, ...]
    """Pointers of the schemas that apply together."""

    @classmethod
    def at(cls, stated: Stated, *pointers: str) -> Node:
        """What is said of the value of the schemas at these pointers."""
        parts: list[str] = []

        def add(pointer: str) -> None:
            if pointer in parts:
                return
            parts.append(pointer)
            reference, members = stated.at(child(pointer, "$ref")), stated.names(child(pointer, "allOf"))
            # What is said of all replies gives way to what is said of this one.
            if reference is not None and not (members and "*" in reference.pattern[-5:]):
                add(reference.value.removeprefix("#"))
            for index in members:
                add(child(child(pointer, "allOf"), index))

        for pointer in pointers:
            add(pointer)
        return cls(stated, tuple(parts))

    def says(self, keyword: str) -> list[Statement]:
        """Every statement of that keyword about the value."""
        found = (self.stated.at(child(part, keyword)) for part in self.parts)
        return [statement for statement in found if statement is not None]

    def first(self, keyword: str) -> Statement | None:
        """The first of them."""
        return next(iter(self.says(keyword)), None)

    def value(self, keyword: str) -> Any:
        """What the first of them says, or None."""
        statement = self.first(keyword)
        return None if statement is None else statement.value

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types that it may have; none where nothing is said of them."""
        types = self.value("type")
        if types is None:
            return ("object",) if self.properties else ()
        return (types,) if isinstance(types, str) else tuple(types)

    @cached_property
    def required(self) -> dict[str, Statement]:
        """The fields that it always has, each with the statement that says so."""
        return {
            name: each
            for each in reversed(self.says("required"))
            if isinstance(each.value, list)
            for name in each.value
        }

    @cached_property
    def properties(self) -> dict[str, Node]:
        """The fields of an object."""
        places: dict[str, list[str]] = {}
        for part in self.parts:
            for name in self.stated.names(child(part, "properties")):
                places.setdefault(name, []).append(child(child(part, "properties"), name))
        return {name: Node.at(self.stated, *pointers) for name, pointers in places.items()}

    @cached_property
    def items(self) -> Node | None:
        """The items of a list; None where nothing is said of them."""
        return self._inner("items")

    @cached_property
    def values(self) -> Node | None:
        """The values of a map."""
        return self._inner("additionalProperties")

    @property
    def takes_anything(self) -> bool:
        """Whether it is a map of anything."""
        return self.value("additionalProperties") is True

    @property
    def is_map(self) -> bool:
        """Whether its fields have names that the document does not know."""
        return self.takes_anything or self.values is not None

    @property
    def id(self) -> str:
        """The entry of the evidence that first speaks of it."""
        for part in self.parts:
            for statement in self.stated.statements:
                if "/".join(("", *statement.pattern)).startswith(part):
                    return statement.id
        return "/".join(self.parts[:1])

    def _inner(self, keyword: str) -> Node | None:
        found = [part for part in self.parts if self.stated.names(child(part, keyword))]
        return Node.at(self.stated, *(child(part, keyword) for part in found)) if found else None


def places(node: Node, value: Any, pointer: str = "") -> Iterator[tuple[str, Node, Any]]:
    """Each place of a value that something is said of: its pointer, what is said, and what is there."""
    yield pointer, node, value
    if isinstance(value, dict):
        for name, member in value.items():
            inner = node.properties.get(name) or node.values
            if inner is not None:
                yield from places(inner, member, child(pointer, name))
    elif isinstance(value, list) and node.items is not None:
        for index, item in enumerate(value):
            yield from places(node.items, item, child(pointer, index))
