# Generated from generator/client/runtime/_schemas.py. Do not edit: change that, and run `make generate`.
"""The schemas of a service's document, as the codec reads them: references followed, parts that apply together joined.

A model finds its schema by its name, in the document that lies in its package; so what a reply may hold is said once,
in the document, and not again in code.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import attrs
import msgspec

_STATING = {
    *("type", "const", "enum", "x-enum-open", "minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("minItems", "maxItems", "items", "additionalProperties", "required", "properties"),
}
"""Keywords that say something of a value. Others describe it, or tell where the statement comes from."""


_EXACTLY: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@attrs.frozen(eq=False, slots=False)
class Node:
    """The schemas that apply to one value, together, and what has been worked out from them."""

    parts: tuple[dict[str, Any], ...]
    component: str | None
    """Name of the component that it is, if it is one."""
    schemas: Schemas = attrs.field(repr=False)

    def first(self, keyword: str) -> Any:
        """The keyword's value in the first part that has it, or None."""
        return next((part[keyword] for part in self.parts if keyword in part), None)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types that are allowed; none where all are."""
        declared = self.first("type")
        return () if declared is None else (declared,) if isinstance(declared, str) else tuple(declared)

    @cached_property
    def plain(self) -> frozenset[type]:
        """Python's types whose every value keeps to the schema."""
        if any(part.keys() & _STATING - {"type"} for part in self.parts):
            return frozenset()
        names = self.types if self.parts else _EXACTLY.keys()
        return frozenset(kind for name in names for kind in _EXACTLY.get(name, ()))

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for part in self.parts for name in part.get("required", ())))

    @cached_property
    def properties(self) -> dict[str, Node]:
        """The documented fields, each with all that applies to it."""
        named: dict[str, list[dict[str, Any]]] = {}
        for part in self.parts:
            for name, schema in part.get("properties", {}).items():
                named.setdefault(name, []).append(schema)
        return {name: self.schemas.node(*parts) for name, parts in named.items()}

    @cached_property
    def items(self) -> Node | None:
        schemas = [part["items"] for part in self.parts if "items" in part]
        return self.schemas.node(*schemas) if schemas else None

    @cached_property
    def values(self) -> Node | None:
        """What applies to the fields without a name of their own; None where there are to be none."""
        found = [part.get("additionalProperties", False) for part in self.parts]
        schemas = [schema for schema in found if schema is not False]
        return self.schemas.node(*({} if schema is True else schema for schema in schemas)) if schemas else None


class Schemas:
    """The schemas of one document. Nodes are made once, so that recursive schemas come back to themselves."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components: dict[str, dict[str, Any]] = document.get("components", {}).get("schemas", {})
        self._operations = {
            operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()
        }
        self._nodes: dict[tuple[int, ...], Node] = {}

    def component(self, name: str) -> Node:
        """The schema of a model."""
        return self.node({"$ref": f"#/components/schemas/{name}"})

    def reply(self, operation_id: str) -> Node:
        """The schema of an operation's successful reply: its model's, and what the outermost object promises."""
        responses = self._operations[operation_id]["responses"]
        success = next(response for status, response in responses.items() if status.startswith("2"))
        return self.node(next(iter(success["content"].values()))["schema"])

    def node(self, *schemas: dict[str, Any]) -> Node:
        """The node of schemas that apply together."""
        parts: list[dict[str, Any]] = []
        names: list[str] = []
        for schema in schemas:
            self._flatten(schema, parts, names)
        key = tuple(id(part) for part in parts)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(tuple(parts), names[0] if names else None, self)
        return node

    def _flatten(self, schema: dict[str, Any], parts: list[dict[str, Any]], names: list[str]) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            names.append(name)
            self._flatten(self._components[name], parts, names)
        for member in schema.get("allOf", ()):
            self._flatten(member, parts, names)
        if schema.keys() & _STATING and not any(part is schema for part in parts):
            parts.append(schema)


@cache
def schemas_of(package: str) -> Schemas:
    """The schemas of the document that lies in a service's package."""
    return Schemas(msgspec.json.decode((files(package) / "openapi.json").read_bytes()))
