"""What the keywords of two schemas that allow or forbid values say of each other: narrower, wider, or neither."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from generator.contract.diff.changes import Direction, Relation
from generator.documents.json_pointer import child, resolve

Part = tuple[str, dict[str, Any]]
"""A schema that holds, and its pointer."""

_COMPONENT = "/components/schemas/"


@attrs.frozen
class FlatSchema:
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

    def member(self, name: str) -> FlatSchema:
        """What the value under that name must be, whether it is declared or not."""
        found: list[tuple[str, Any]] = []
        for pointer, schema in self.parts:
            if name in schema.get("properties", {}):
                found.append((child(child(pointer, "properties"), name), schema["properties"][name]))
            elif "additionalProperties" in schema:
                found.append((child(pointer, "additionalProperties"), schema["additionalProperties"]))
        return flatten(self.document, *found)

    @property
    def others(self) -> FlatSchema:
        """What the value under a name that is not declared must be."""
        return flatten(self.document, *self.having("additionalProperties"))

    @property
    def items(self) -> FlatSchema:
        """What each item must be."""
        return flatten(self.document, *self.having("items"))


def flatten(document: dict[str, Any], *schemas: tuple[str, Any]) -> FlatSchema:
    """The view of schemas that hold together, given with their pointers."""
    parts: dict[str, dict[str, Any]] = {}
    for pointer, schema in schemas:
        for where, part in _expanded(document, pointer, schema, set()):
            parts.setdefault(where, part)
    return FlatSchema(document, tuple(parts.items()), any(schema is False for _, schema in schemas))


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


_LOWER = ("minimum", "minLength", "minItems")

_UPPER = ("maximum", "maxLength", "maxItems")

_TEXTS = ("format", "pattern", "contentMediaType")

_TYPES = {
    "null": {"null"},
    "boolean": {"boolean"},
    "integer": {"integer"},
    "number": {"integer", "fraction"},
    "string": {"string"},
    "array": {"array"},
    "object": {"object"},
}

_EVERYTHING = frozenset().union(*_TYPES.values())

_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}

_WHY: dict[str, dict[Direction, str]] = {
    "type": {
        Direction.REQUEST: "a caller that sends the old type is refused",
        Direction.REPLY: "a caller that reads the old type meets another",
    },
    "values": {
        Direction.REQUEST: "a caller that sends a value that is gone is refused",
        Direction.REPLY: "a caller that tells the values apart meets one it does not know",
    },
    "bound": {
        Direction.REQUEST: "a caller that keeps the old bound alone is refused",
        Direction.REPLY: "a caller that counts on the old bound meets a value beyond it",
    },
    "text": {
        Direction.REQUEST: "a caller that writes the old form is refused",
        Direction.REPLY: "a caller that reads the old form meets another",
    },
    "required": {
        Direction.REQUEST: "a caller that leaves it out is refused",
        Direction.REPLY: "a caller that reads it may find it missing",
    },
}


@attrs.frozen
class Constraint:
    """How a keyword allows more, less, or other values than it did."""

    relation: Relation
    what: str
    why: dict[Direction, str]
    """Whom it breaks, where it does."""
    old: str | None
    new: str | None


_OF_TYPES = {
    **dict.fromkeys(("minimum", "maximum"), frozenset({"integer", "fraction"})),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "contentMediaType"), frozenset({"string"})),
    **dict.fromkeys(("minItems", "maxItems", "items"), frozenset({"array"})),
    **dict.fromkeys(("required", "properties", "additionalProperties"), frozenset({"object"})),
}


def concerns(keyword: str, old: FlatSchema, new: FlatSchema) -> bool:
    """Whether the keyword says something of values whose type both sides allow. Of others, the types say all."""
    return bool(types(old) & types(new) & _OF_TYPES.get(keyword, _EVERYTHING))


def constraints(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    """Each keyword, besides the type, that now allows something else."""
    yield from _values(old, new)
    for keyword in _LOWER:
        if concerns(keyword, old, new):
            yield from _bound(old, new, keyword, max, lambda before, now: now > before)
    for keyword in _UPPER:
        if concerns(keyword, old, new):
            yield from _bound(old, new, keyword, min, lambda before, now: now < before)
    for keyword in _TEXTS:
        if concerns(keyword, old, new):
            yield from _text(old, new, keyword)
    if concerns("required", old, new):
        yield from _required(old, new)


def types(of: FlatSchema) -> frozenset[str]:
    """The kinds of values that are allowed; an integer is apart from other numbers."""
    allowed = _EVERYTHING
    for value in of.values("type"):
        named = [value] if isinstance(value, str) else value
        allowed &= frozenset().union(*(_TYPES.get(name, set()) for name in named))
    return allowed


def type_constraint(old: FlatSchema, new: FlatSchema) -> Constraint | None:
    """How the types differ."""
    before, now = types(old), types(new)
    if before == now:
        return None
    relation = related(before, now)
    what = f"type {_said_type(old)} becomes {_said_type(new)}"
    return Constraint(relation, what, _WHY["type"], *pointers(old, new, "type"))


def related(before: frozenset[str], now: frozenset[str]) -> Relation:
    """The relation of two different sets of what is allowed."""
    if now < before:
        return Relation.NARROWED
    return Relation.WIDENED if now > before else Relation.REPLACED


def pointers(old: FlatSchema, new: FlatSchema, *keywords: str) -> tuple[str | None, str | None]:
    """Where the keyword stands on each side: in the first part in which it is not the same on the other."""

    def first(one: FlatSchema, other: FlatSchema) -> str | None:
        there = [(pointer, value) for keyword in keywords for pointer, value in one.having(keyword)]
        elsewhere = [describe_constraint(value) for keyword in keywords for value in other.values(keyword)]
        return next(
            (pointer for pointer, value in there if describe_constraint(value) not in elsewhere),
            there[0][0] if there else None,
        )

    return first(old, new), first(new, old)


def describe_constraint(value: Any) -> str:
    """A value as the document would write it, in one line."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def join_values(values: Any) -> str:
    """Values with commas between, in their order."""
    return ", ".join(values)


def _said_type(of: FlatSchema) -> str:
    values = of.values("type")
    names = [value if isinstance(value, str) else " or ".join(value) for value in values]
    return " and ".join(dict.fromkeys(names)) or "of any kind"


def closed_list(of: FlatSchema) -> dict[str, Any] | None:
    """The values of `enum` and `const`, by how they are written; None where neither is there."""
    lists = [*of.values("enum"), *([value] for value in of.values("const"))]
    if not lists:
        return None
    allowed = {describe_constraint(value): value for value in lists[0]}
    for values in lists[1:]:
        others = {describe_constraint(value) for value in values}
        allowed = {key: value for key, value in allowed.items() if key in others}
    return allowed


def _values(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    before, now = closed_list(old), closed_list(new)
    where = pointers(old, new, "enum", "const")
    if before is None and now is not None:
        yield Constraint(Relation.NARROWED, f"only {join_values(now)} is allowed now", _WHY["values"], *where)
    elif before is not None and now is None:
        yield Constraint(
            Relation.WIDENED, f"values other than {join_values(before)} are allowed now", _WHY["values"], *where
        )
    elif before is not None and now is not None and before.keys() != now.keys():
        gone = [key for key in before if key not in now]
        more = [key for key in now if key not in before]
        what = " and ".join(
            text
            for text in (
                more and f"the values gain {join_values(more)}",
                gone and f"the values lose {join_values(gone)}",
            )
            if text
        )
        yield Constraint(related(frozenset(before), frozenset(now)), what, _WHY["values"], *where)


def _bound(
    old: FlatSchema, new: FlatSchema, keyword: str, tightest: Callable[..., Any], narrower: Callable[[Any, Any], bool]
) -> Iterator[Constraint]:
    before, now = (tightest(of.values(keyword), default=None) for of in (old, new))
    if keyword in ("minLength", "minItems"):
        before, now = before or None, now or None  # 0 forbids nothing
    if before == now:
        return
    if before is None:
        relation, what = Relation.NARROWED, f"{keyword} {describe_constraint(now)} is new"
    elif now is None:
        relation, what = Relation.WIDENED, f"{keyword} {describe_constraint(before)} is gone"
    else:
        relation = Relation.NARROWED if narrower(before, now) else Relation.WIDENED
        what = f"{keyword} {describe_constraint(before)} becomes {describe_constraint(now)}"
    yield Constraint(relation, what, _WHY["bound"], *pointers(old, new, keyword))


def _text(old: FlatSchema, new: FlatSchema, keyword: str) -> Iterator[Constraint]:
    before, now = frozenset(old.values(keyword)), frozenset(new.values(keyword))
    if before == now:
        return
    # Whether one pattern allows all that another does is not decided here: another pattern is another form.
    relation = related(now, before) if before and now else (Relation.NARROWED if now else Relation.WIDENED)
    if len(before) == len(now) == 1:
        (one,), (other,) = before, now
        if (one, other) in _WIDER_FORMATS:
            relation = Relation.WIDENED
        elif (other, one) in _WIDER_FORMATS:
            relation = Relation.NARROWED
        what = f"{keyword} {one} becomes {other}"
    else:
        gone, more = sorted(before - now), sorted(now - before)
        what = " and ".join(
            text
            for text in (
                more and f"{keyword} {join_values(more)} is new",
                gone and f"{keyword} {join_values(gone)} is gone",
            )
            if text
        )
    yield Constraint(relation, what, _WHY["text"], *pointers(old, new, keyword))


def required(of: FlatSchema) -> list[str]:
    """Names that must be there, in their order."""
    return list(dict.fromkeys(name for value in of.values("required") for name in value))


def _required(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    before, now = required(old), required(new)
    where = pointers(old, new, "required")
    for name in now:
        if name not in before:
            yield Constraint(Relation.NARROWED, f"{name} is required now", _WHY["required"], *where)
    for name in before:
        if name not in now:
            yield Constraint(Relation.WIDENED, f"{name} is not required any more", _WHY["required"], *where)
