"""Schemas of a document: a flattened view of those that apply to one value, and a walk over all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Self

import attrs

from .json_pointer import PointerNotFound, Step, child, resolve, steps
from .workspace import operations

Subschema = tuple[str, dict[str, Any]]
"""A schema that applies to a value, and its pointer."""

COMPONENTS = "/components/schemas/"

KNOWN_VALUES = ("anyOf", 0, "enum")
"""Path from the schema of an open list to its known values."""

KINDS = {
    **{name: frozenset({name}) for name in ("null", "boolean", "integer", "string", "array", "object")},
    "number": frozenset({"integer", "fraction"}),
}

EVERYTHING = frozenset().union(*KINDS.values())
"""All JSON types. `number` is represented by `integer` and `fraction`."""


@attrs.frozen
class Condition:
    """A constraint of an object: if `when` is true, the field at `path` has one of `values`, or is absent."""

    pointer: str
    """Pointer of the member of `dependentSchemas`, or of the `const` or `enum` in `then`."""
    field: str
    """The key in `dependentSchemas`: `when` is true if this field is present. Empty for `if` and `then`."""
    when: tuple[tuple[tuple[str, ...], list[Any]], ...]
    """The paths of `if`, each with its values."""
    path: tuple[str, ...]
    """Names of fields; `*` for the items of an array."""
    values: list[Any]

    @property
    def when_key(self) -> str:
        """A key that is equal for conditions with the same `if`, independent of the order of its values."""
        return json.dumps(sorted((path, sorted(map(json.dumps, values))) for path, values in self.when))

    def text(self, code: Callable[[Any], str]) -> str:
        """Return the condition as text. `code` formats names and values."""
        consequence = is_one_of(self.path, self.values, code)
        if self.field:
            return f"{code(self.field)} only when {consequence}"
        return f"{consequence} when {' and '.join(is_one_of(*each, code) for each in self.when)}"

    def applies(self, value: dict[str, Any]) -> bool:
        """Return whether `when` is true for an object."""
        if self.field:
            return self.field in value
        return all(any(each in listed for _, each in values_at(value, path)) for path, listed in self.when)

    def broken(self, value: dict[str, Any]) -> list[str]:
        """Return the pointers of the values in an object that violate the condition."""
        found = values_at(value, self.path) if self.applies(value) else ()
        return [pointer for pointer, each in found if each not in self.values]


def values_at(value: Any, path: tuple[str, ...], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of each value at a path; `*` in the path is every item of an array."""
    if not path:
        yield pointer, value
    elif path[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from values_at(item, path[1:], child(pointer, index))
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:], child(pointer, path[0]))


def is_one_of(path: tuple[str, ...], values: list[Any], code: Callable[[Any], str]) -> str:
    """Return the text of the statement that the value at a path is one of some values."""
    return f"{code('.'.join(path))} is {' or '.join(map(code, values))}"


def conditions(schema: dict[str, Any], pointer: str) -> Iterator[Condition]:
    """Yield the conditions of a schema, which are in `dependentSchemas`, or in `if` and `then`."""
    for field, dependent in schema.get("dependentSchemas", {}).items():
        here = child(pointer, "dependentSchemas", field)
        for path, _, values in listed_values(dependent, here):
            yield Condition(here, field, (), path, values)
    when = tuple((path, values) for path, _, values in listed_values(schema.get("if"), child(pointer, "if")))
    for path, here, values in listed_values(schema.get("then"), child(pointer, "then")) if when else ():
        yield Condition(here, "", when, path, values)


def listed_values(
    schema: Any, pointer: str, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, list[Any]]]:
    """Yield the path, the pointer and the values of each `const` and `enum` in a schema."""
    if not isinstance(schema, dict):
        return
    for keyword in ("const", "enum"):
        if keyword in schema:
            yield path, child(pointer, keyword), schema[keyword] if keyword == "enum" else [schema[keyword]]
    for name, member in schema.get("properties", {}).items():
        yield from listed_values(member, child(pointer, "properties", name), (*path, name))
    yield from listed_values(schema.get("items"), child(pointer, "items"), (*path, "*"))


@attrs.frozen
class SchemaView:
    """The schemas that apply to one value, as one schema. A valid value satisfies all their keywords."""

    document: dict[str, Any] = attrs.field(repr=False, eq=False)
    parts: tuple[Subschema, ...] = attrs.field(eq=False)
    """The schemas that every valid value satisfies, outer ones first."""
    is_false: bool = False
    """Whether one of the schemas is `false`, which allows no value."""

    silent: ClassVar[frozenset[str]]
    """Keywords that constrain no value themselves. Their subschemas may."""

    def view(self, *roots: str) -> Self:
        """Return the view of the schemas at these pointers of the document, which apply to the same value."""
        raise NotImplementedError

    @property
    def described(self) -> Iterable[Subschema]:
        """The schemas that describe some of the values: the parts, and those that a subclass adds."""
        return self.parts

    @property
    def stating(self) -> list[Subschema]:
        """The parts with other keywords than those in `silent`."""
        return [each for each in self.parts if set(each[1]) - self.silent]

    @property
    def is_anything(self) -> bool:
        """Whether every value is valid, and nothing is stated about it."""
        return not self.stating and not self.is_false

    @property
    def pointer(self) -> str | None:
        """Pointer of the outermost schema that has a keyword."""
        return next((pointer for pointer, _ in self.stating), None)

    def having(self, keyword: str) -> list[tuple[str, Any]]:
        """Return pointer and value of a keyword, for each schema that has it."""
        return [(child(pointer, keyword), schema[keyword]) for pointer, schema in self.described if keyword in schema]

    def values(self, keyword: str) -> list[Any]:
        """Return the values of a keyword."""
        return [value for _, value in self.having(keyword)]

    def first(self, keyword: str, default: Any = None) -> Any:
        """Return the outermost value of a keyword."""
        return next(iter(self.values(keyword)), default)

    @property
    def component(self) -> str:
        """Name of the outermost component schema among the parts; empty without one."""
        return next(filter(None, map(_component, self.parts)), "")

    @property
    def model(self) -> str:
        """Name of the client's class: that of the outermost component schema with properties."""
        named = (each for each in self.parts if each[1].get("properties"))
        return next((each[1].get("x-model", name) for each in named if (name := _component(each))), "")

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types of valid values. `number` is represented by `integer` and `fraction`."""
        allowed = EVERYTHING
        for names in (_names(schema["type"]) for _, schema in self.parts if "type" in schema):
            allowed &= frozenset().union(*(KINDS.get(name, ()) for name in names))
        return allowed

    @property
    def types(self) -> list[str]:
        """The names in `type` that every schema allows; empty if none has the keyword."""
        names = dict.fromkeys(name for value in self.values("type") for name in _names(value))
        return [name for name in names if KINDS.get(name, EVERYTHING) <= self.kinds]

    @property
    def known_values(self) -> list[tuple[str, list[Any]]]:
        """Pointer and known values of each open list."""
        lists = ((child(pointer, *KNOWN_VALUES), known_values(schema)) for pointer, schema in self.parts)
        return [(pointer, values) for pointer, values in lists if values is not None]

    @property
    def enum(self) -> list[Any] | None:
        """The values that every `enum` and `const` allows; None without these keywords."""
        lists = [schema["enum"] for _, schema in self.parts if isinstance(schema.get("enum"), list)]
        lists += [[schema["const"]] for _, schema in self.parts if "const" in schema]
        if not lists:
            return None
        others = [{json.dumps(value, sort_keys=True) for value in values} for values in lists[1:]]
        return [value for value in lists[0] if all(json.dumps(value, sort_keys=True) in other for other in others)]

    @property
    def conditions(self) -> list[Condition]:
        """The conditions of the object, those of an outer schema first."""
        return [each for pointer, schema in self.parts for each in conditions(schema, pointer)]

    @property
    def properties(self) -> list[str]:
        """Names of the declared properties, those of component schemas first."""
        found = sorted(self.having("properties"), key=lambda each: _is_outside_components(each[0]))
        return list(dict.fromkeys(name for _, value in found if isinstance(value, dict) for name in value))

    def declares(self, name: str) -> str | None:
        """Return the pointer of the first declaration of a property."""
        return next(iter(self._declarations(name)), None)

    def member(self, name: str) -> Self:
        """Return the view of a member: of its property, or of `additionalProperties` if it is undeclared."""
        pointers = []
        for pointer, schema in self.described:
            if name in (schema.get("properties") or {}):
                pointers.append(child(pointer, "properties", name))
            elif "additionalProperties" in schema:
                pointers.append(child(pointer, "additionalProperties"))
        return self._inner(pointers)

    @property
    def items(self) -> Self:
        """The view of each item of a list."""
        return self._inner(pointer for pointer, _ in self.having("items"))

    @property
    def others(self) -> Self:
        """The view of each member that is undeclared."""
        return self._inner(pointer for pointer, _ in self.having("additionalProperties"))

    def _declarations(self, name: str) -> list[str]:
        pointers = (child(pointer, name) for pointer, value in self.having("properties") if name in value)
        return sorted(pointers, key=_is_outside_components)

    def _inner(self, pointers: Iterable[str]) -> Self:
        # The properties of a component come first: they have descriptions, those of a response need not.
        return self.view(*sorted(pointers, key=_is_outside_components))


@attrs.frozen
class FlatSchema(SchemaView):
    """The view of a value in a document that `check` accepts: `$ref`, `allOf`, and `anyOf` of alternatives."""

    roots: tuple[str, ...] = ()
    """Pointers of the schemas that the view was made from."""
    alternatives: tuple[FlatSchema, ...] = attrs.field(default=(), eq=False)
    """The members of an `anyOf` that is not an open list. A value must satisfy one of them."""

    silent = frozenset({"$ref", "allOf", "description"})

    def view(self, *roots: str) -> FlatSchema:
        """Return the view of the schemas at these pointers of the document, which apply to the same value."""
        return flatten(self.document, *roots)

    @property
    def identity(self) -> tuple[frozenset[str], bool]:
        """A key that is equal for two views of one document exactly if they state the same."""
        return frozenset(pointer for pointer, _ in self.stating), self.is_false

    @property
    def described(self) -> list[Subschema]:
        """The parts, and those of the alternatives: the schemas that describe some of the values."""
        found = dict(self.parts)
        for alternative in self.alternatives:
            found |= dict(alternative.described)
        return list(found.items())

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types of valid values. `number` is represented by `integer` and `fraction`."""
        allowed = super().kinds
        if self.alternatives:
            allowed &= frozenset().union(*(each.kinds for each in self.alternatives))
        return allowed

    @property
    def required(self) -> list[str]:
        """Names of the properties that a valid value must have, in the order of the schemas."""
        stated = [name for _, schema in self.parts for name in schema.get("required", ())]
        every = [set(each.required) for each in self.alternatives]
        stated += (
            [name for name in self.alternatives[0].required if all(name in each for each in every)] if every else []
        )
        return list(dict.fromkeys(stated))

    def bound(self, keyword: str) -> Any:
        """Return the tightest value of a lower (`min…`) or upper (`max…`) bound, or None."""
        return (max if keyword.startswith("min") else min)(self.values(keyword), default=None)

    def declared(self, name: str) -> FlatSchema:
        """Return the view of a declared property. It has no roots if the name is undeclared."""
        return self.view(*self._declarations(name))

    def at(self, path: str) -> FlatSchema:
        """Return the view of the field at a path; `*` is the items of a list or map. No roots if it is undeclared."""
        view = self
        for step in steps(path):
            view = view.step(step)
        return view

    def step(self, step: Step) -> FlatSchema:
        """Return the view of the field after one step of a path. It has no roots if the field is undeclared."""
        if step == "*":
            return self.items if self.items.roots else self.others
        if not isinstance(step, str):
            return self.items
        found = self.declared(step)
        # The schema of a map describes members with any name.
        others = self.others
        return found if found.roots or others.is_anything or others.is_false else others


def known_values(schema: dict[str, Any]) -> list[Any] | None:
    """Return the known values of an open list: `anyOf` of those values and of any others of the schema's type."""
    of_type = {"type": schema["type"]} if "type" in schema else {}
    match schema.get("anyOf"):
        case [{"enum": list(values), **rest}, others] if rest == others == of_type:
            return values
    return None


def alternatives(schema: dict[str, Any]) -> range:
    """Return the indexes of the members of an `anyOf` that is not an open list."""
    return range(len(schema.get("anyOf", ())) if known_values(schema) is None else 0)


def open_list(kind: Any, values: list[Any]) -> list[dict[str, Any]]:
    """Return the `anyOf` of an open list: known values of a type, or others."""
    of_type = {} if kind is None else {"type": kind}
    return [{**of_type, "enum": values}, of_type]


def flatten(document: dict[str, Any], *roots: str) -> FlatSchema:
    """Return the view of the schemas at these pointers, which apply to the same value.

    A pointer without a schema allows every value.
    """
    schemas: dict[str, Any] = {}

    def refers(pointer: str) -> Iterator[str]:
        try:
            schemas[pointer] = resolve(document, pointer)
        except PointerNotFound:
            schemas[pointer] = True
        return same_value(schemas[pointer], pointer)

    is_false = any(schemas[pointer] is False for pointer in list(applied(roots, refers)))
    parts = tuple(each for each in schemas.items() if isinstance(each[1], dict))
    members = (child(pointer, "anyOf", index) for pointer, schema in parts for index in alternatives(schema))
    return FlatSchema(document, parts, is_false, roots, tuple(flatten(document, member) for member in members))


def applied(roots: Iterable[str], refers: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield these pointers, each followed by those that it refers to. Each pointer is yielded once."""
    seen: set[str] = set()
    waiting = [*roots][::-1]
    while waiting:
        pointer = waiting.pop()
        if pointer not in seen:
            seen.add(pointer)
            yield pointer
            waiting += [*refers(pointer)][::-1]


def same_value(schema: Any, pointer: str, keywords: Iterable[str] = ("allOf",)) -> Iterator[str]:
    """Yield pointers of the schemas for the same value, which a schema names by `$ref` and these keywords."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"][1:]
    for keyword in keywords:
        here, inner = child(pointer, keyword), schema.get(keyword)
        if isinstance(inner, list):
            yield from (child(here, index) for index in range(len(inner)))
        elif isinstance(inner, dict):
            yield from (child(here, name) for name in inner) if keyword == "dependentSchemas" else (here,)


@attrs.frozen
class SchemaLocation:
    """A schema with its pointer and role."""

    pointer: str
    schema: dict[str, Any]
    role: str
    """`component`, `property`, `parameter`, `header`, `response`, or `part` of another schema (items, alternatives)."""


def walk_schemas(document: dict[str, Any]) -> Iterator[SchemaLocation]:
    """Yield every schema of components, parameters, headers and responses, outer ones first."""
    components = document.get("components", {})
    for name, schema in components.get("schemas", {}).items():
        yield from _walk(SchemaLocation(child("/components/schemas", name), schema, "component"))
    for name, parameter in components.get("parameters", {}).items():
        pointer = child(child("/components/parameters", name), "schema")
        yield from _walk(SchemaLocation(pointer, parameter.get("schema", {}), "parameter"))
    for name, header in components.get("headers", {}).items():
        pointer = child(child("/components/headers", name), "schema")
        yield from _walk(SchemaLocation(pointer, header.get("schema", {}), "header"))
    for operation in operations(document):
        for status, response in operation.definition["responses"].items():
            here = child(child(child(operation.pointer, "responses"), status), "content")
            for media_type, media in response.get("content", {}).items():
                pointer = child(child(here, media_type), "schema")
                yield from _walk(SchemaLocation(pointer, media.get("schema", {}), "response"))


def _walk(place: SchemaLocation) -> Iterator[SchemaLocation]:
    yield place
    schema, pointer = place.schema, place.pointer
    for name, member in schema.get("properties", {}).items():
        yield from _walk(SchemaLocation(child(child(pointer, "properties"), name), member, "property"))
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _walk(SchemaLocation(child(pointer, keyword), schema[keyword], "part"))
    for index, member in enumerate(schema.get("allOf", [])):
        yield from _walk(SchemaLocation(child(child(pointer, "allOf"), index), member, "part"))
    for index in alternatives(schema):
        yield from _walk(SchemaLocation(child(pointer, "anyOf", index), schema["anyOf"][index], "part"))


def _is_outside_components(pointer: str) -> bool:
    return not pointer.startswith(COMPONENTS)


def _names(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else [str(name) for name in types] if isinstance(types, list) else []


def _component(subschema: Subschema) -> str:
    name = subschema[0].removeprefix(COMPONENTS)
    return name if len(name) < len(subschema[0]) and "/" not in name else ""
