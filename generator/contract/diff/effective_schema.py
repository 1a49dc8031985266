"""The schemas of one value in any document of OpenAPI 3.0 or 3.1: `$ref` resolved, `allOf` merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product
from typing import Any
from urllib.parse import unquote

import attrs

from ...documents.json_pointer import PointerNotFound, child, resolve
from ...documents.schema_view import EVERYTHING, KINDS, SchemaView, Subschema, known_values

_MOST_VARIANTS = 48
"""Most combinations of alternatives to compare. If there are more, only those of the first union are compared."""

_ANNOTATIONS = frozenset(
    {
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "description",
        "title",
        "example",
        "examples",
        "$comment",
        "externalDocs",
        "xml",
    }
)
"""Keywords that constrain no value themselves. Their subschemas may."""


@attrs.frozen
class Bound:
    """A lower or upper bound of a number."""

    value: float
    excluded: bool
    """Whether the value itself is outside."""

    def __str__(self) -> str:
        return f"{self.value!r}, excluded" if self.excluded else repr(self.value)


@attrs.frozen
class EffectiveSchema(SchemaView):
    """The view of a value in any document, with `anyOf`, `oneOf` and `nullable`."""

    unions: tuple[tuple[EffectiveSchema, ...], ...] = attrs.field(default=(), eq=False)
    """The members of each `anyOf` and `oneOf`, except open lists and unions of one schema and null."""
    is_nullable: bool = False
    """Whether null is allowed beside the types: by `nullable`, or by a union with `type: "null"`."""
    shared: int = attrs.field(default=0, eq=False)
    """Number of parts that an alternative has in common with all others. They come first."""

    silent = _ANNOTATIONS

    def view(self, *roots: str) -> EffectiveSchema:
        """Return the view of the schemas at these pointers of the document, which apply to the same value."""
        return effective(self.document, *roots)

    @cached_property
    def stating(self) -> list[Subschema]:
        """The parts with other keywords than those in `silent`."""
        return super().stating

    @property
    def is_anything(self) -> bool:
        """Whether every value is valid, and nothing is stated about it."""
        return super().is_anything and not self.unions

    @property
    def pointer(self) -> str | None:
        """Pointer of the outermost schema that states something, or else of the outermost."""
        return next((pointer for pointer, _ in self.stating or self.parts), None)

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """A key that is equal for two views of one document exactly if they state the same."""
        pointers = frozenset(pointer for pointer, _ in self.stating)
        unions = tuple(tuple(member.identity for member in union) for union in self.unions)
        return pointers, unions, self.is_false, self.is_nullable

    @property
    def component(self) -> str:
        """Name of the outermost component schema, first among the parts that only this alternative has."""
        own = attrs.evolve(self, parts=self.parts[self.shared :], shared=0).component if self.shared else ""
        return own or super().component

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The JSON types of valid values, by `type`, `enum` and `const`."""
        allowed = super().kinds
        if self.is_nullable:
            allowed |= {"null"}
        if self.enum is not None:
            listed = frozenset(map(_kind, self.enum))
            allowed &= listed | ({"null"} if self.is_nullable else set())
            # A `number` with only integers in its `enum` allows no fractions.
            if "integer" in listed and "fraction" not in listed:
                allowed -= {"fraction"}
        for union in self.unions:
            allowed &= frozenset().union(*(member.kinds for member in union)) | (
                {"null"} if self.is_nullable else set()
            )
        return allowed

    @property
    def known_values(self) -> list[tuple[str, list[Any]]]:
        """Pointer and known values of each open list, also of `x-extensible-enum`."""
        extensible = (each for each in self.having("x-extensible-enum") if isinstance(each[1], list))
        return [*super().known_values, *extensible]

    @cached_property
    def required(self) -> list[str]:
        """Names of the properties that a valid value must have, in the order of the schemas."""
        return list(
            dict.fromkeys(name for value in self.values("required") if isinstance(value, list) for name in value)
        )

    @cached_property
    def enum(self) -> list[Any] | None:
        """The values that every `enum` and `const` allows; None without these keywords."""
        return super().enum

    def bound(self, keyword: str) -> Bound | None:
        """Return the tightest value of a lower (`min…`) or upper (`max…`) bound, exclusive ones included."""
        lower = keyword.startswith("min")
        found = [Bound(value, False) for value in self.values(keyword) if _is_number(value)]
        if keyword in ("minimum", "maximum"):
            exclusive = f"exclusive{keyword.capitalize()}"
            for _, schema in self.parts:
                value: Any = schema.get(exclusive)
                if value is True and _is_number(schema.get(keyword)):  # OpenAPI 3.0
                    found.append(Bound(schema[keyword], True))
                elif _is_number(value):
                    found.append(Bound(value, True))
            if "fraction" not in self.kinds:  # for integers, more than 0 is at least 1
                step = 1 if lower else -1
                found = [Bound(each.value + step, False) if each.excluded else each for each in found]
        if not found:
            return None
        if lower:
            return max(found, key=lambda each: (each.value, each.excluded))
        return min(found, key=lambda each: (each.value, not each.excluded))

    @cached_property
    def variants(self) -> tuple[EffectiveSchema, ...]:
        """The alternatives: this schema merged with a member of each union. A valid value satisfies one of them."""
        if not self.unions:
            return (self,)
        unions = [[variant for member in union for variant in member.variants] for union in self.unions]
        count = 1
        for union in unions:
            count *= len(union)
        chosen = product(*unions) if count <= _MOST_VARIANTS else ((member,) for member in unions[0])
        return tuple(self._with(members) for members in chosen)

    @property
    def by_type(self) -> tuple[EffectiveSchema, ...]:
        """The schemas for each type that the value may have; only this one if it allows one type or all."""
        types: list[str] = [name for name in KINDS if name != "number" and name in self.kinds]
        types = ["number" if name == "integer" and "fraction" in self.kinds else name for name in types]
        if "fraction" in self.kinds and "number" not in types:
            types.append("number")
        if len(types) < 2 or self.kinds == EVERYTHING:
            return (self,)
        return tuple(
            attrs.evolve(self, parts=(*self.parts, (f"{self.parts[-1][0]}", {"type": name})), is_nullable=False)
            for name in types
        )

    def _with(self, members: tuple[EffectiveSchema, ...]) -> EffectiveSchema:
        parts = dict(self.parts)
        for member in members:
            parts |= dict(member.parts)
        return EffectiveSchema(
            self.document,
            tuple(parts.items()),
            self.is_false or any(member.is_false for member in members),
            is_nullable=self.is_nullable,
            shared=len(self.parts),
        )


def effective(document: dict[str, Any], *roots: str) -> EffectiveSchema:
    """Return the view of the schemas at these pointers, which apply to the same value.

    A pointer without a schema allows every value.
    """
    return _effective(document, roots, frozenset())


def _effective(document: dict[str, Any], roots: Iterable[str], outer: frozenset[str]) -> EffectiveSchema:
    """Return the view. Schemas of `outer` are left out: they have this one in a union, so cycles would not end."""
    parts: dict[str, dict[str, Any]] = {}
    unions: list[list[str]] = []
    is_false = is_nullable = False
    waiting = [*roots][::-1]
    siblings = not str(document.get("openapi", "")).startswith("3.0")
    is_outermost = True
    while waiting:
        pointer = waiting.pop()
        if pointer in parts or pointer in outer:
            continue
        schema = schema_at(document, pointer)
        if schema is False:
            is_false = True
        if not isinstance(schema, dict):
            continue
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if not siblings:
                schema = {"$ref": reference}
            waiting.append(target(reference))
        parts[pointer] = schema
        is_nullable |= schema.get("nullable") is True and (is_outermost or "type" in schema)
        is_outermost = is_outermost and not set(schema) - _ANNOTATIONS
        members = [child(pointer, "allOf", index) for index in range(len(_list(schema, "allOf")))]
        for keyword in ("anyOf", "oneOf"):
            choices = _list(schema, keyword)
            if not choices or (keyword == "anyOf" and known_values(schema) is not None):
                continue
            of_value = [child(pointer, keyword, index) for index in range(len(choices)) if not _is_null(choices[index])]
            is_nullable |= len(of_value) < len(choices)
            if len(of_value) == 1:
                members.append(of_value[0])
            elif of_value:
                unions.append(of_value)
        waiting += members[::-1]
    inner = outer | parts.keys()
    views = (tuple(_effective(document, [member], inner) for member in union) for union in unions)
    return EffectiveSchema(document, tuple(parts.items()), is_false, tuple(views), is_nullable)


def schema_at(document: dict[str, Any], pointer: str) -> Any:
    """Return the value at a pointer; True if it is missing, the schema that allows every value."""
    try:
        return resolve(document, pointer)
    except PointerNotFound:
        return True


def target(reference: str) -> str:
    """Return the pointer that a reference within the document leads to."""
    return unquote(reference.removeprefix("#"))


def followed(document: dict[str, Any], pointer: str) -> tuple[str, Any]:
    """Follow the references of a parameter, response or path item. Returns pointer and value of the target."""
    seen: set[str] = set()
    value = schema_at(document, pointer)
    while isinstance(value, dict) and isinstance(value.get("$ref"), str) and pointer not in seen:
        seen.add(pointer)
        pointer = target(value["$ref"])
        value = schema_at(document, pointer)
    return pointer, value


def walk_references(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield pointer and text of each `$ref` outside examples."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield child(pointer, "$ref"), value["$ref"]
        for key in readable_keys(value, pointer):
            yield from walk_references(value[key], child(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk_references(item, child(pointer, index))


_WITH_NAMES = frozenset(
    [
        *("paths", "webhooks", "schemas", "properties", "patternProperties", "dependentSchemas", "$defs"),
        *("definitions", "responses", "parameters", "headers", "requestBodies", "callbacks", "links", "content"),
    ]
)
"""Keys with members named by the service or the document, which are not keywords."""


def readable_keys(value: dict[str, Any], pointer: str) -> Iterator[str]:
    """Yield the keys of a mapping at a pointer, apart from those of examples and extensions."""
    owner, _, name = pointer.rpartition("/")
    is_named = name in _WITH_NAMES and owner.rpartition("/")[2] not in _WITH_NAMES
    for key in value:
        is_data = key in ("example", "examples", "enum", "const", "default") or str(key).startswith("x-")
        if is_named or not is_data:
            yield key


_NAMED_SCHEMAS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")

_ONE_SCHEMA = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema"),
    *("unevaluatedItems", "unevaluatedProperties"),
)

_SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


def walk_schemas(data: Any) -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of each schema of a document, outer ones first."""

    def inside(schema: Any, pointer: str) -> Iterator[tuple[str, Any]]:
        yield pointer, schema
        if not isinstance(schema, dict):
            return
        for keyword in _ONE_SCHEMA:
            if keyword in schema:
                yield from inside(schema[keyword], child(pointer, keyword))
        for keyword in _NAMED_SCHEMAS:
            for name, member in schema[keyword].items() if isinstance(schema.get(keyword), dict) else ():
                yield from inside(member, child(pointer, keyword, name))
        for keyword in _SCHEMA_LISTS:
            for index, member in enumerate(_list(schema, keyword)):
                yield from inside(member, child(pointer, keyword, index))

    def outside(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from outside(item, child(pointer, index))
        for key, member in value.items() if isinstance(value, dict) else ():
            here = child(pointer, key)
            if key == "schema":
                yield from inside(member, here)
            elif here == "/components/schemas":
                for name, schema in member.items() if isinstance(member, dict) else ():
                    yield from inside(schema, child(here, name))
            elif key not in ("example", "examples") and not key.startswith("x-"):
                yield from outside(member, here)

    return outside(data, "")


def _list(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") == "null" or schema.get("enum") == [None])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "fraction"
        case str():
            return "string"
        case list():
            return "array"
    return "object"
