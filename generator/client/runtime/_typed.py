"""The fast way to read a reply that keeps its contract: msgspec decodes it straight into types that say all of it.

For each schema a hidden Struct is made that takes nothing else than the schema does; how it becomes the model,
`_building` knows. A reply that the Struct refuses is read again, tolerantly, elsewhere; a schema that msgspec's types
cannot say has no fast way at all (`Inexpressible`), and nobody but the clock notices.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Annotated, Any, Literal

import attrs
import msgspec

from ._building import Builder, Member, Write
from ._conformance import python_pattern
from ._forks import reset_in_child
from ._models import Model, row_fields, wire_names
from ._patterns import is_breakless
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


class Inexpressible(TypeError):
    """msgspec's types cannot say this schema."""


@attrs.frozen
class Typed:
    """How a value is decoded, and what then becomes of it."""

    type: Any
    write: Write | None = None
    """What makes of it what the model holds; None where it is the value itself."""
    pattern: str | None = None
    """What the type leaves out, for all texts of one pattern are checked together once they are decoded."""


class Types:
    """The types of one service's schemas, made at first use."""

    def __init__(self, models: dict[str, type[Model]]) -> None:
        self._models = models
        self._structs: dict[Node, Typed] = {}
        self._builder = Builder()
        self._lock = Lock()
        """Threads may read their first replies at once, and must not find what another has half made."""
        reset_in_child(self)

    def after_fork(self) -> None:
        if self._lock.locked():
            # What a thread of the parent has half made.
            self._structs = {}
            self._builder = Builder()
        self._lock = Lock()

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
        if any(member.write for member in members):
            raise Inexpressible("alternatives of which one is a model")
        union = members[0].type
        for member in members[1:]:
            union = union | member.type
        return Typed(union)

    def maker(self, node: Node, rows: bool = False) -> Convert:
        """What makes, of bytes that keep the contract, what a model holds. Raises what msgspec raises for others."""
        with self._lock:
            known = dict(self._structs)
            try:
                typed = self.of(node, rows)
            except Inexpressible:
                # Structs that were made on the way can have one inside that was not finished.
                self._structs = known
                raise
            decode = msgspec.json.Decoder(typed.type).decode
            return decode if typed.write is None else self._builder.compiled(decode, typed.write)

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
        return Typed(type_, self._builder.of_list(inner.write) if inner.write else None)

    def _map(self, node: Node) -> Typed:
        values = node.values
        if values is None or node.required:
            raise Inexpressible("an object without properties")
        inner = self.of(values)
        write = self._builder.of_map(inner.write) if inner.write else None
        return Typed(dict[str, inner.type], write)  # type: ignore[name-defined]

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
        part = self._builder.part(model)
        typed = Typed(struct, self._builder.of_part(part))
        if not rows:
            # Before the fields are worked out, so that a recursive schema finds itself.
            self._structs[node] = typed
        undecoded, attributes = row_fields(model) if rows else set(), wire_names(model)
        for name, wire in names.items():
            inner = node.properties[wire]
            member = Typed(list[msgspec.Raw]) if wire in undecoded else self._field_type(inner)
            # Where msgspec finds what `_field` only names.
            setattr(struct, f"type_{name}", member.type)
            part.members.append(Member(name, attributes[wire], wire, _may_be_null(inner), member.write, member.pattern))
        return typed

    def _field_type(self, node: Node) -> Typed:
        """The type of an object's field. Texts with a pattern are checked later, where that is as good."""
        patterns = [part["pattern"] for part in node.parts if "pattern" in part]
        listed = any(node.first(keyword) is not None for keyword in ("enum", "const", "x-enum-open"))
        if node.types != ("string",) or listed or len(patterns) != 1 or not is_breakless(patterns[0]):
            return self.of(node)
        return Typed(_bounded(str, node, ("minLength", "maxLength")), pattern=patterns[0])


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
