# Generated from generator/client/runtime/_typed.py. Do not edit: change that, and run `make generate`.
"""The fast way to read a reply that keeps its contract: msgspec decodes it straight into types that say all of it.

For each schema a hidden Struct is made that takes nothing else than the schema does, and a function that moves the
Struct's values into the model. A reply that the Struct refuses is read again, tolerantly, elsewhere; a schema that
msgspec's types cannot say has no fast way at all (`Inexpressible`), and nobody but the clock notices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import attrs
import msgspec

from ._conformance import python_pattern
from ._models import Model, row_fields, wire_names
from ._patterns import is_breakless, together
from ._schemas import Node

Convert = Callable[[Any], Any]
_ABSENT = msgspec.UNSET
_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
}
_LARGEST_BOUND = 2**63 - 1


_PLAIN = """
def {name}(content):
    value, hold = {name}_decode(content), None
    return {build}
"""
_HOLDING = """
def {name}(content):
    value = {name}_decode(content)
    texts = [[] for check in {name}_checks]
    hold = [held.append for held in texts]
    model = {build}
    for check, held in zip({name}_checks, texts):
        if held and not check(held):
            raise Mismatch("a text does not match its pattern")
    return model
"""
"""`hold` takes the texts of each pattern, by its number."""


class Inexpressible(TypeError):
    """msgspec's types cannot say this schema."""


@attrs.frozen
class Typed:
    """How a value is decoded, and what then becomes of it."""

    type: Any
    build: str | None = None
    """The expression that makes what the model holds of `value`; None where it is the value itself."""
    pattern: str | None = None
    """What the type leaves out, for all texts of one pattern are checked together once they are decoded."""


class Types:
    """The types of one service's schemas, made at first use."""

    def __init__(self, models: dict[str, type[Model]]) -> None:
        self._models = models
        self._structs: dict[Node, Typed] = {}
        self._patterns: list[str] = []
        """Those that are checked after decoding, each for all texts together."""
        self.scope: dict[str, Any] = {"new": object.__new__, "NO_NULLS": frozenset(), "ABSENT": _ABSENT}
        self.scope["Mismatch"] = msgspec.ValidationError
        """What the build expressions refer to: the functions that make models of Structs, which call each other."""

    def of(self, node: Node, rows: bool = False) -> Typed:
        """The type of a schema. With `rows`, the lists of rows in it are left undecoded."""
        if node.first("enum") is not None or node.first("const") is not None or node.first("x-enum-open") is not None:
            return Typed(_literal(node))
        types = node.types
        if not types:
            if node.parts:
                raise Inexpressible("constraints without a type")
            return Typed(Any)
        members = [self._member(name, node, rows) for name in types]
        if len(members) == 1:
            return members[0]
        if any(member.build for member in members):
            raise Inexpressible("alternatives of which one is a model")
        union = members[0].type
        for member in members[1:]:
            union = union | member.type
        return Typed(union)

    def maker(self, node: Node, rows: bool = False) -> Convert:
        """What makes, of bytes that keep the contract, what a model holds. Raises what msgspec raises for others."""
        typed = self.of(node, rows)
        decode = msgspec.json.Decoder(typed.type).decode
        if typed.build is None:
            return decode
        name = f"make{len(self.scope)}"
        self.scope[f"{name}_decode"] = decode
        self.scope[f"{name}_checks"] = [together(pattern) for pattern in self._patterns]
        # Rows are made one at a time, and most have no such pattern: nothing is to be held for them.
        exec((_HOLDING if self._patterns else _PLAIN).format(name=name, build=typed.build), self.scope)
        make: Convert = self.scope[name]
        return make

    def _member(self, name: str, node: Node, rows: bool) -> Typed:
        if name == "string":
            return Typed(_bounded(str, node, ("minLength", "maxLength", "pattern")))
        if name == "integer":
            return Typed(_bounded(int, node, ("minimum", "maximum")))
        if name == "number":
            # A float alone would turn 1 into 1.0.
            return Typed(_bounded(int, node, ("minimum", "maximum")) | _bounded(float, node, ("minimum", "maximum")))
        if name == "boolean":
            return Typed(bool)
        if name == "null":
            return Typed(None)
        if name == "array":
            return self._array(node)
        return self._struct(node, rows) if node.properties else self._map(node)

    def _array(self, node: Node) -> Typed:
        items = node.items
        inner = self.of(items) if items is not None else Typed(Any)
        type_ = _bounded(list[inner.type], node, ("minItems", "maxItems"))  # type: ignore[name-defined]
        return Typed(type_, f"[{inner.build} for value in value]" if inner.build else None)

    def _map(self, node: Node) -> Typed:
        values = node.values
        if values is None or node.required:
            raise Inexpressible("an object without properties")
        inner = self.of(values)
        build = f"{{key: {inner.build} for key, value in value.items()}}" if inner.build else None
        return Typed(dict[str, inner.type], build)  # type: ignore[name-defined]

    def _struct(self, node: Node, rows: bool) -> Typed:
        known = None if rows else self._structs.get(node)
        if known is not None:
            return known
        if node.values is not None or set(node.required) - node.properties.keys():
            raise Inexpressible("an object that requires or takes fields without a name of their own")
        model = self._models[node.component or ""]
        # The Struct's fields are numbered, since a wire name need not be an identifier.
        names = {f"f{number}": wire for number, wire in enumerate(node.properties)}
        struct = msgspec.defstruct(
            f"{model.__name__}Wire",
            [_field(node, name, wire) for name, wire in names.items()],
            rename=names,
            kw_only=True,
            forbid_unknown_fields=True,
            gc=False,
        )
        function = f"build{len(self.scope)}"
        typed = Typed(struct, f"{function}(value, hold)")
        self.scope[function] = None
        if not rows:
            # Before the fields are worked out, so that a recursive schema finds itself.
            self._structs[node] = typed
        undecoded = row_fields(model) if rows else set()
        members = {
            name: Typed(list[msgspec.Raw]) if wire in undecoded else self._field_type(node.properties[wire])
            for name, wire in names.items()
        }
        for name, member in members.items():
            # Where msgspec finds what `_field` only names.
            setattr(struct, f"type_{name}", member.type)
        self._write_function(function, node, model, names, members)
        return typed

    def _field_type(self, node: Node) -> Typed:
        """The type of an object's field. Texts with a pattern are checked later, where that is as good."""
        patterns = [part["pattern"] for part in node.parts if "pattern" in part]
        listed = any(node.first(keyword) is not None for keyword in ("enum", "const", "x-enum-open"))
        if node.types != ("string",) or listed or len(patterns) != 1 or not is_breakless(patterns[0]):
            return self.of(node)
        return Typed(_bounded(str, node, ("minLength", "maxLength")), pattern=patterns[0])

    def _hold(self, pattern: str) -> str:
        """The expression of the function that takes the pattern's texts."""
        if pattern not in self._patterns:
            self._patterns.append(pattern)
        return f"hold[{self._patterns.index(pattern)}]"

    def _write_function(
        self, function: str, node: Node, model: type[Model], names: dict[str, str], members: dict[str, Typed]
    ) -> None:
        """Write the function that makes a model of a Struct.

        As code, like attrs writes `__init__`: one plain assignment a field is several times as fast as any loop over
        them, and this is most of the time that a row takes.
        """
        attributes = wire_names(model)
        self.scope[f"{function}_class"] = model
        lines = [f"def {function}(wire, hold):", f"    model = new({function}_class)", "    nulls = NO_NULLS"]
        for name, wire in names.items():
            target, build, pattern = f"model.{attributes[wire]}", members[name].build, members[name].pattern
            if _may_be_null(node.properties[wire]):
                lines += [f"    value = wire.{name}", "    if value is None:", f"        nulls = nulls | {{{wire!r}}}"]
                lines.append(f"    {target} = None if value is ABSENT else value")
            elif pattern:
                lines += [
                    f"    {target} = value = wire.{name}",
                    f"    if value is not None: {self._hold(pattern)}(value)",
                ]
            elif build:
                lines += [f"    value = wire.{name}", f"    {target} = None if value is None else {build}"]
            else:
                lines.append(f"    {target} = wire.{name}")
        lines += ["    model._additional_properties = None", "    model._nulls = nulls", "    return model"]
        exec("\n".join(lines), self.scope)


def _field(node: Node, name: str, wire: str) -> tuple[str, str] | tuple[str, str, Any]:
    """A field of a Struct. Its type is named, since it may be the Struct's own; what is absent reads None at once."""
    if wire in node.required:
        return name, f"type_{name}"
    return name, f"type_{name}", _ABSENT if _may_be_null(node.properties[wire]) else None


def _may_be_null(node: Node) -> bool:
    return not node.types or "null" in node.types


def _literal(node: Node) -> Any:
    constants = [[part["const"]] for part in node.parts if "const" in part]
    lists = [part[keyword] for part in node.parts for keyword in ("enum", "x-enum-open") if keyword in part]
    given = [*constants, *lists]
    plain = {"string": str, "integer": int}.get(next(iter(node.types), ""))
    bounded = any(node.first(keyword) is not None for keyword in ("pattern", *_BOUNDS))
    if len(given) != 1 or len(node.types) != 1 or bounded or any(type(value) is not plain for value in given[0]):
        raise Inexpressible("a list that msgspec has no type for")
    return Literal[tuple(given[0])]


def _bounded(kind: Any, node: Node, keywords: tuple[str, ...]) -> Any:
    limits: dict[str, Any] = {}
    for keyword in keywords:
        values = [part[keyword] for part in node.parts if keyword in part]
        if len(values) > 1:
            raise Inexpressible("two bounds of one kind")
        if values and keyword == "pattern":
            limits["pattern"] = python_pattern(values[0])
        elif values:
            if not isinstance(values[0], int) or abs(values[0]) > _LARGEST_BOUND:
                raise Inexpressible("a bound that msgspec has no place for")
            limits[_BOUNDS[keyword]] = values[0]
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind
