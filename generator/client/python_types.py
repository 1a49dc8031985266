"""Python types of schemas: annotations, the classes that they name, and the names of arguments and fields.

A response is read as it was sent, so a type is what JSON has: a date stays a string, an object without properties is a
dict.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
from openapi_python_client.strings import PythonIdentifier, pascal_case

from ..documents.json_pointer import child, resolve
from ..documents.schema_view import COMPONENTS, flatten, known_values

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}

_PREFIX = "field_"
"""Before a name that would not be an identifier."""


def python_name(wire: str, taken: Iterable[str] = (), reserved: Iterable[str] = ()) -> str:
    """Return the Python name of a field or argument: in snake case, neither taken nor reserved."""
    name = str(PythonIdentifier(value=wire, prefix=_PREFIX))
    if name in reserved:
        name = f"{name}_"
    if name in taken:
        exact = str(PythonIdentifier(value=wire, prefix=_PREFIX, skip_snake_case=True))
        name = exact if exact not in reserved else name
    number, unique = 2, name
    while unique in taken or unique in reserved:
        unique, number = f"{name}_{number}", number + 1
    return unique


def module_names(*templates: Path) -> set[str]:
    """Return the names that modules made from templates import, besides those of the service itself."""
    names: set[str] = set()
    for template in templates:
        lines = re.findall(
            r"^from (?!\.models|\.operations)\S+ import (.+)$", template.read_text("utf-8"), re.MULTILINE
        )
        names |= {name for line in lines for name in re.findall(r"[A-Za-z_]\w*", line.split("{")[0])}
    return names


@attrs.frozen
class ValueType:
    """A closed list of values, which has a name."""

    name: str
    values: list[Any]


class TypeWriter:
    """Writes the types of a document's schemas, and collects the classes and the lists of values that they name.

    Args:
        document: The document.
        reserved: Names that no list of values may have.
    """

    def __init__(self, document: dict[str, Any], reserved: Iterable[str] = ()) -> None:
        self._document = document
        self._reserved = set(reserved)
        self._components: dict[str, Any] = document.get("components", {}).get("schemas", {})
        self._lists: dict[str, ValueType] = {}
        self.classes: dict[str, None] = {}
        """Names of the components that have been named as classes, in their order."""
        self.found: list[ValueType] = []
        """The lists of values, in the order in which they were named."""

    def annotation(self, pointer: str, name: str) -> str:
        """Return the type of a present value, without None.

        Args:
            pointer: JSON Pointer of its schema.
            name: Name of the list of values, if it is one.
        """
        return " | ".join(self._members(pointer, name, ())) or "Any"

    def class_of(self, pointer: str) -> str:
        """Name of the class of a schema that is an object with properties; empty for another."""
        name = flatten(self._document, pointer).model
        return name if name and self.is_class(name) else ""

    def is_class(self, component: str) -> bool:
        """Return whether a component is an object with properties."""
        schema = self._components.get(component, {})
        if schema.get("properties") or "x-model" in schema:
            return True
        return "allOf" in schema and bool(flatten(self._document, COMPONENTS + component).properties)

    def allows_null(self, pointer: str) -> bool:
        """Return whether a value may be `null`."""
        schema = self._target(pointer)
        members = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        return "null" in _types(schema) or None in schema.get("enum", ()) or any("null" in _types(x) for x in members)

    def _target(self, pointer: str) -> dict[str, Any]:
        schema = resolve(self._document, pointer)
        return schema if isinstance(schema, dict) else {}

    def _members(self, pointer: str, name: str, seen: tuple[str, ...]) -> list[str]:
        if pointer in seen:
            return ["Any"]
        seen = (*seen, pointer)
        schema = self._target(pointer)
        if isinstance(schema.get("$ref"), str):
            return self._of_reference(schema["$ref"].removeprefix("#"), name, seen)
        if "allOf" in schema and (model := self.class_of(pointer)):
            self.classes[model] = None
            return [model]
        if (listed := self._listed(schema, name)) is not None:
            return listed
        for keyword_ in ("anyOf", "oneOf"):
            if keyword_ in schema and known_values(schema) is None:
                found = [
                    member
                    for index in range(len(schema[keyword_]))
                    for member in self._members(child(pointer, keyword_, index), name, seen)
                ]
                return list(dict.fromkeys(found))
        return list(dict.fromkeys(each for kind in _types(schema) for each in self._of_type(kind, pointer, name, seen)))

    def _of_reference(self, target: str, name: str, seen: tuple[str, ...]) -> list[str]:
        component = target.removeprefix(COMPONENTS)
        if not target.startswith(COMPONENTS) or "/" in component:
            return self._members(target, name, seen)
        component = self._components[component].get("x-model", component)
        if self.is_class(component):
            self.classes[component] = None
            return [component]
        return self._members(COMPONENTS + component, pascal_case(component), seen)

    def _listed(self, schema: dict[str, Any], name: str) -> list[str] | None:
        """Return the type of a `const` or `enum`; None without one, or with values that no type lists."""
        if "const" in schema and isinstance(schema["const"], str | int):
            return [f"Literal[{schema['const']!r}]"]
        values = [value for value in schema.get("enum", ()) if value is not None]
        if not values:
            return [] if "enum" in schema else None
        kinds = {type(value) for value in values}
        return [self._list(name, values)] if kinds in ({str}, {int}) else None

    def _of_type(self, kind: str, pointer: str, name: str, seen: tuple[str, ...]) -> list[str]:
        schema = self._target(pointer)
        if kind == "array":
            items = " | ".join(self._members(child(pointer, "items"), f"{name}Item", seen)) if "items" in schema else ""
            return [f"list[{items or 'Any'}]"]
        if kind == "object":
            values = schema.get("additionalProperties")
            inner = isinstance(values, dict) and self._members(
                child(pointer, "additionalProperties"), f"{name}Value", seen
            )
            return [f"dict[str, {' | '.join(inner) if inner else 'Any'}]"]
        return [_PLAIN[kind]] if kind in _PLAIN else []

    def _list(self, name: str, values: list[Any]) -> str:
        """Return a unique name for a list of values: a changed one if another list or a class has the name."""
        number, unique = 2, name
        while (
            unique in self._reserved
            or (unique in self._components and self.is_class(unique))
            or (unique in self._lists and self._lists[unique].values != values)
        ):
            unique, number = f"{name}Values{'' if number == 2 else number}", number + 1
        if unique not in self._lists:
            self._lists[unique] = ValueType(unique, values)
            self.found.append(self._lists[unique])
        return unique


def _types(schema: Any) -> list[str]:
    if not isinstance(schema, dict):
        return []
    kinds = schema.get("type", "object" if schema.keys() & {"properties", "additionalProperties"} else [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def is_identifier(name: str) -> bool:
    """Return whether a name can be one of Python."""
    return name.isidentifier() and not keyword.iskeyword(name)
