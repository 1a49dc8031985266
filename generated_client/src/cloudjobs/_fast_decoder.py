# Generated from generator/client/runtime/_fast_decoder.py. Do not edit: change that, and run `make generate`.
"""Fast decoder: compiles the schemas of a service to msgspec Structs and to functions that build models.

on matching them one by one.

As code, like attrs writes `__init__`: one plain assignment a field is several times as fast as any loop over fields,
and what is made inside a model is made where it stands, without a call, so far as a function stays of readable length.

For each schema a hidden Struct is made that takes nothing else than the schema does; how it becomes the model,
`_building` knows. A reply that the Struct refuses is read again, tolerantly, elsewhere; a schema that msgspec's types
cannot say has no fast way at all (`UnsupportedSchema`), and nobody but the clock notices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Annotated, Any, Literal

import attrs
import msgspec

from ._forks import reset_in_child
from ._models import Model, row_fields, wire_names
from ._validation import FlatSchema, compiled, python_pattern

_BREAKLESS = re.compile(
    r"\^(?:[A-Za-z0-9 :_,;/=@+-]|\\[dw.+*?()\[\]{}^$|/\\-]|\[[A-Za-z0-9 :_.,;/=@+-]+\]|[(){}?*+])*\$"
)
"""Patterns of whole texts that cannot match a line break, by how they are written: no `.`, no class that excludes, no
alternative. Not all of those, but what times, ids and names are written with.
"""

_PLAIN_GROUP = re.compile(r"(?<!\\)\((?!\?)")
"""A group whose text is remembered, which takes time and is of no use."""

_FEW = 16
"""Texts, below which putting them together takes longer than it saves."""


def is_single_line(pattern: str) -> bool:
    """Whether texts can be checked against the pattern together."""
    return _BREAKLESS.fullmatch(pattern) is not None


def compile_batch(pattern: str) -> Callable[[list[str]], bool]:
    """What says whether all of some texts match a pattern that is breakless."""
    single = compiled(pattern).search
    # Each text ends with a line break, and nothing in the pattern can run across one.
    inner = _PLAIN_GROUP.sub("(?:", python_pattern(pattern).removeprefix("(?a)^").removesuffix(r"\Z"))
    lines = re.compile(rf"(?a)(?:(?:{inner})\n)*+").fullmatch

    def all_match(texts: list[str]) -> bool:
        if len(texts) < _FEW:
            return all(map(single, texts))
        joined = "\n".join(texts) + "\n"
        return joined.count("\n") == len(texts) and lines(joined) is not None

    return all_match


Write = Callable[[str], list[str]]
"""Given the variable that holds a decoded value, the statements after which it holds what a model does."""

_LONGEST = 120
"""Lines of a function, beyond which what is still to come is left to functions of its own."""

_DEEPEST = 4
"""Models in models, likewise: a model can have itself inside."""

_PLAIN = """
def {name}(content):
    value, hold = {name}_decode(content), ()
    {statements}
    return value
"""

_HOLDING = """
def {name}(content):
    value, hold = {name}_decode(content), tuple([] for check in {name}_checks)
    {statements}
    for check, texts in zip({name}_checks, hold):
        if texts and not check(texts):
            raise Mismatch("a text does not match its pattern")
    return value
"""
"""`hold` has the texts of each pattern, by its number."""


class FieldSpec(msgspec.Struct, frozen=True):
    """A field of a Struct, and where a model has it."""

    name: str
    attribute: str
    wire_name: str
    may_be_null: bool
    write: Write | None
    """How its value is made into what the model holds; None where it is the same."""
    pattern: str | None
    """What its text is held for, to be checked with others."""


class ModelSpec:
    """The model that a Struct becomes."""

    def __init__(self, number: int) -> None:
        self.function = f"build{number}"
        self.model = f"class{number}"
        self.members: list[FieldSpec] = []


class FunctionBuilder:
    """Writes and compiles the functions of one service."""

    def __init__(self) -> None:
        self._scope: dict[str, Any] = {"new": object.__new__, "NO_NULLS": frozenset(), "ABSENT": msgspec.UNSET}
        self._scope["Mismatch"] = msgspec.ValidationError
        self._patterns: list[str] = []
        self._parts = 0
        self._variables = 0
        self._lines = 0
        self._depth = 0
        self._called: list[ModelSpec] = []
        """Those that are made by a function of their own."""

    def part(self, model: type[Any]) -> ModelSpec:
        """A new part. Its members are added once they are known, since a model can have itself inside."""
        self._parts += 1
        part = ModelSpec(self._parts)
        self._scope[part.model] = model
        return part

    def of_part(self, part: ModelSpec) -> Write:
        """Makes a Struct into its model."""
        return lambda held: self._made(part, held)

    def of_list(self, write: Write) -> Write:
        """Makes each item of a list, in place."""
        return self._of_each("enumerate({})", write)

    def of_map(self, write: Write) -> Write:
        """Makes each value of a map, in place."""
        return self._of_each("{}.items()", write)

    def _of_each(self, pairs: str, write: Write) -> Write:
        def each(held: str) -> list[str]:
            key, item = self._variable("key"), self._variable("item")
            return [
                f"for {key}, {item} in {pairs.format(held)}:",
                *_indented(write(item)),
                f"    {held}[{key}] = {item}",
            ]

        return each

    def compiled(self, decode: Callable[[Any], Any], write: Write) -> Callable[[Any], Any]:
        """What decodes bytes and makes what a model holds. Raises what `decode` raises, also for a text in it."""
        name = self._variable("make")
        self._called.clear()
        self._lines = 0
        statements = write("value")
        while self._called:
            self._define(self._called.pop())
        self._scope[f"{name}_decode"] = decode
        self._scope[f"{name}_checks"] = [compile_batch(pattern) for pattern in self._patterns]
        # Rows are made one at a time, and most have no such pattern: nothing is to be held for them.
        template = _HOLDING if self._patterns else _PLAIN
        exec(template.format(name=name, statements="\n    ".join(statements)), self._scope)
        make: Callable[[Any], Any] = self._scope[name]
        return make

    def _define(self, part: ModelSpec) -> None:
        if part.function not in self._scope:
            self._lines = 0
            lines = [f"def {part.function}(value, hold):", *_indented(self._inside(part, "value")), "    return value"]
            exec("\n".join(lines), self._scope)

    def _made(self, part: ModelSpec, held: str) -> list[str]:
        if self._depth > _DEEPEST or self._lines > _LONGEST:
            self._called.append(part)
            return [f"{held} = {part.function}({held}, hold)"]
        return self._inside(part, held)

    def _inside(self, part: ModelSpec, held: str) -> list[str]:
        """The statements of one model."""
        self._depth += 1
        model, nulls = self._variable("model"), "NO_NULLS"
        lines = [f"{model} = new({part.model})"]
        for member in part.members:
            target, value = f"{model}.{member.attribute}", f"{held}.{member.name}"
            if member.may_be_null:
                if nulls == "NO_NULLS":
                    nulls = self._variable("nulls")
                    lines.append(f"{nulls} = NO_NULLS")
                lines += [f"{target} = field = {value}", "if field is None:"]
                lines.append(f"    {nulls} = {nulls} | {{{member.wire_name!r}}}")
                lines += ["elif field is ABSENT:", f"    {target} = None"]
            elif member.pattern:
                lines += [f"{target} = field = {value}", "if field is not None:"]
                lines.append(f"    hold[{self._number(member.pattern)}].append(field)")
            elif member.write:
                inner = self._variable("inner")
                lines += [f"{inner} = {value}", f"if {inner} is not None:", *_indented(member.write(inner))]
                lines.append(f"{target} = {inner}")
            else:
                lines.append(f"{target} = {value}")
        lines += [f"{model}._additional_properties = None", f"{model}._nulls = {nulls}", f"{held} = {model}"]
        self._depth -= 1
        self._lines += len(lines)
        return lines

    def _number(self, pattern: str) -> int:
        if pattern not in self._patterns:
            self._patterns.append(pattern)
        return self._patterns.index(pattern)

    def _variable(self, kind: str) -> str:
        self._variables += 1
        return f"{kind}{self._variables}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


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


class UnsupportedSchema(TypeError):
    """msgspec's types cannot say this schema."""


@attrs.frozen
class FieldCodec:
    """How a value is decoded, and what then becomes of it."""

    type: Any
    write: Write | None = None
    """What makes of it what the model holds; None where it is the value itself."""
    pattern: str | None = None
    """What the type leaves out, for all texts of one pattern are checked together once they are decoded."""


class StructFactory:
    """The types of one service's schemas, made at first use."""

    def __init__(self, models: dict[str, type[Model]]) -> None:
        self._models = models
        self._structs: dict[FlatSchema, FieldCodec] = {}
        self._builder = FunctionBuilder()
        self._lock = Lock()
        """Threads may read their first replies at once, and must not find what another has half made."""
        reset_in_child(self)

    def after_fork(self) -> None:
        if self._lock.locked():
            # What a thread of the parent has half made.
            self._structs = {}
            self._builder = FunctionBuilder()
        self._lock = Lock()

    def of(self, node: FlatSchema, rows: bool = False) -> FieldCodec:
        """The type of a schema. With `rows`, the lists of rows in it are left undecoded."""
        if node.first("enum") is not None or node.first("const") is not None or node.first("x-enum-open") is not None:
            return FieldCodec(_literal(node))
        types = node.types
        if not types:
            if node.parts:
                raise UnsupportedSchema("constraints without a type")
            return FieldCodec(Any)
        members = [self._member(name, node, rows) for name in types]
        if len(members) == 1:
            return members[0]
        if any(member.write for member in members):
            raise UnsupportedSchema("alternatives of which one is a model")
        union = members[0].type
        for member in members[1:]:
            union = union | member.type
        return FieldCodec(union)

    def maker(self, node: FlatSchema, rows: bool = False) -> Convert:
        """What makes, of bytes that keep the contract, what a model holds. Raises what msgspec raises for others."""
        with self._lock:
            known = dict(self._structs)
            try:
                typed = self.of(node, rows)
            except UnsupportedSchema:
                # Structs that were made on the way can have one inside that was not finished.
                self._structs = known
                raise
            decode = msgspec.json.Decoder(typed.type).decode
            return decode if typed.write is None else self._builder.compiled(decode, typed.write)

    def _member(self, name: str, node: FlatSchema, rows: bool) -> FieldCodec:
        if name == "string":
            return FieldCodec(_bounded(str, node, ("minLength", "maxLength", "pattern")))
        if name == "integer":
            return FieldCodec(_bounded(int, node, ("minimum", "maximum")))
        if name == "number":
            # A float alone would turn 1 into 1.0.
            return FieldCodec(
                _bounded(int, node, ("minimum", "maximum")) | _bounded(float, node, ("minimum", "maximum"))
            )
        if name == "boolean":
            return FieldCodec(bool)
        if name == "null":
            return FieldCodec(None)
        if name == "array":
            return self._array(node)
        return self._struct(node, rows) if node.properties else self._map(node)

    def _array(self, node: FlatSchema) -> FieldCodec:
        items = node.items
        inner = self.of(items) if items is not None else FieldCodec(Any)
        type_ = _bounded(list[inner.type], node, ("minItems", "maxItems"))  # type: ignore[name-defined]
        return FieldCodec(type_, self._builder.of_list(inner.write) if inner.write else None)

    def _map(self, node: FlatSchema) -> FieldCodec:
        values = node.values
        if values is None or node.required:
            raise UnsupportedSchema("an object without properties")
        inner = self.of(values)
        write = self._builder.of_map(inner.write) if inner.write else None
        return FieldCodec(dict[str, inner.type], write)  # type: ignore[name-defined]

    def _struct(self, node: FlatSchema, rows: bool) -> FieldCodec:
        known = None if rows else self._structs.get(node)
        if known is not None:
            return known
        if node.values is not None or set(node.required) - node.properties.keys():
            raise UnsupportedSchema("an object that requires or takes fields without a name of their own")
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
        typed = FieldCodec(struct, self._builder.of_part(part))
        if not rows:
            # Before the fields are worked out, so that a recursive schema finds itself.
            self._structs[node] = typed
        undecoded, attributes = row_fields(model) if rows else set(), wire_names(model)
        for name, wire in names.items():
            inner = node.properties[wire]
            member = FieldCodec(list[msgspec.Raw]) if wire in undecoded else self._field_type(inner)
            # Where msgspec finds what `_field` only names.
            setattr(struct, f"type_{name}", member.type)
            part.members.append(
                FieldSpec(name, attributes[wire], wire, _may_be_null(inner), member.write, member.pattern)
            )
        return typed

    def _field_type(self, node: FlatSchema) -> FieldCodec:
        """The type of an object's field. Texts with a pattern are checked later, where that is as good."""
        patterns = [part["pattern"] for part in node.parts if "pattern" in part]
        listed = any(node.first(keyword) is not None for keyword in ("enum", "const", "x-enum-open"))
        if node.types != ("string",) or listed or len(patterns) != 1 or not is_single_line(patterns[0]):
            return self.of(node)
        return FieldCodec(_bounded(str, node, ("minLength", "maxLength")), pattern=patterns[0])


def _field(node: FlatSchema, name: str, wire: str) -> tuple[str, str] | tuple[str, str, Any]:
    """A field of a Struct. Its type is named, since it may be the Struct's own; what is absent reads None at once."""
    if wire in node.required:
        return name, f"type_{name}"
    return name, f"type_{name}", _ABSENT if _may_be_null(node.properties[wire]) else None


def _may_be_null(node: FlatSchema) -> bool:
    return not node.types or "null" in node.types


def _literal(node: FlatSchema) -> Any:
    constants = [[part["const"]] for part in node.parts if "const" in part]
    lists = [part[keyword] for part in node.parts for keyword in ("enum", "x-enum-open") if keyword in part]
    given = [*constants, *lists]
    plain = {"string": str, "integer": int}.get(next(iter(node.types), ""))
    bounded = any(node.first(keyword) is not None for keyword in ("pattern", *_BOUNDS))
    if len(given) != 1 or len(node.types) != 1 or bounded or any(type(value) is not plain for value in given[0]):
        raise UnsupportedSchema("a list that msgspec has no type for")
    return Literal[tuple(given[0])]


def _bounded(kind: Any, node: FlatSchema, keywords: tuple[str, ...]) -> Any:
    limits: dict[str, Any] = {}
    for keyword in keywords:
        values = [part[keyword] for part in node.parts if keyword in part]
        if len(values) > 1:
            raise UnsupportedSchema("two bounds of one kind")
        if values and keyword == "pattern":
            limits["pattern"] = python_pattern(values[0])
        elif values:
            if not isinstance(values[0], int) or abs(values[0]) > _LARGEST_BOUND:
                raise UnsupportedSchema("a bound that msgspec has no place for")
            limits[_BOUNDS[keyword]] = values[0]
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind
