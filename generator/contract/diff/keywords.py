"""Compares the constraining keywords of two schemas: narrower, wider, or neither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from ...documents.schema_view import KINDS, FlatSchema
from .changes import Direction, Relation

_LOWER = ("minimum", "minLength", "minItems")

_UPPER = ("maximum", "maxLength", "maxItems")

_TEXTS = ("format", "pattern", "contentMediaType")

_EVERYTHING = frozenset().union(*KINDS.values())

_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}

_WHY: dict[str, dict[Direction, str]] = {
    "type": {
        Direction.REQUEST: "a caller that sends the old type is refused",
        Direction.RESPONSE: "a caller that reads the old type meets another",
    },
    "values": {
        Direction.REQUEST: "a caller that sends a value that is gone is refused",
        Direction.RESPONSE: "a caller that tells the values apart meets one it does not know",
    },
    "bound": {
        Direction.REQUEST: "a caller that keeps the old bound alone is refused",
        Direction.RESPONSE: "a caller that counts on the old bound meets a value beyond it",
    },
    "text": {
        Direction.REQUEST: "a caller that writes the old form is refused",
        Direction.RESPONSE: "a caller that reads the old form meets another",
    },
    "condition": {
        Direction.REQUEST: "a caller that sends the old combination of values is refused",
        Direction.RESPONSE: "a caller that relies on the old condition meets another combination of values",
    },
    "required": {
        Direction.REQUEST: "a caller that leaves it out is refused",
        Direction.RESPONSE: "a caller that reads it may find it missing",
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
    return bool(old.kinds & new.kinds & _OF_TYPES.get(keyword, _EVERYTHING))


def constraints(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    """Each keyword, besides the type, that now allows something else."""
    yield from _values(old, new)
    for keyword in (*_LOWER, *_UPPER):
        if concerns(keyword, old, new):
            yield from _bound(old, new, keyword)
    for keyword in _TEXTS:
        if concerns(keyword, old, new):
            yield from _text(old, new, keyword)
    if concerns("required", old, new):
        yield from _required(old, new)
    if concerns("properties", old, new):
        yield from _conditions(old, new)


def type_constraint(old: FlatSchema, new: FlatSchema) -> Constraint | None:
    """How the types differ."""
    before, now = old.kinds, new.kinds
    if before == now:
        return None
    relation = related(before, now)
    what = f"type {_describe_type(old)} becomes {_describe_type(new)}"
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


def _describe_type(of: FlatSchema) -> str:
    if of.alternatives:
        return " or ".join(of.types) or "of any kind"
    names = [value if isinstance(value, str) else " or ".join(value) for value in of.values("type")]
    return " and ".join(dict.fromkeys(names)) or "of any kind"


def _closed_list(of: FlatSchema) -> list[str] | None:
    """The values of `enum` and `const`, as they are written; None where neither is there."""
    return None if of.enum is None else list(map(describe_constraint, of.enum))


def _values(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    before, now = _closed_list(old), _closed_list(new)
    where = pointers(old, new, "enum", "const")
    if before is None and now is not None:
        yield Constraint(Relation.NARROWED, f"only {join_values(now)} is allowed now", _WHY["values"], *where)
    elif before is not None and now is None:
        yield Constraint(
            Relation.WIDENED, f"values other than {join_values(before)} are allowed now", _WHY["values"], *where
        )
    elif before is not None and now is not None and set(before) != set(now):
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


def _bound(old: FlatSchema, new: FlatSchema, keyword: str) -> Iterator[Constraint]:
    before, now = old.bound(keyword), new.bound(keyword)
    if keyword in ("minLength", "minItems"):
        before, now = before or None, now or None  # 0 forbids nothing
    if before == now:
        return
    if before is None:
        relation, what = Relation.NARROWED, f"{keyword} {describe_constraint(now)} is new"
    elif now is None:
        relation, what = Relation.WIDENED, f"{keyword} {describe_constraint(before)} is gone"
    else:
        relation = Relation.NARROWED if (now > before) == (keyword in _LOWER) else Relation.WIDENED
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


def _required(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    before, now = old.required, new.required
    where = pointers(old, new, "required")
    for name in now:
        if name not in before:
            yield Constraint(Relation.NARROWED, f"{name} is required now", _WHY["required"], *where)
    for name in before:
        if name not in now:
            yield Constraint(Relation.WIDENED, f"{name} is not required any more", _WHY["required"], *where)


def _conditions(old: FlatSchema, new: FlatSchema) -> Iterator[Constraint]:
    """Compare the conditions by the field that they constrain, and by when they do."""
    before, now = ({(each.field, each.when_key, each.path): each for each in of.conditions} for of in (old, new))
    for key in {**before, **now}:
        one, other = before.get(key), now.get(key)
        where = (one.pointer if one else None, other.pointer if other else None)
        if one is None and other is not None:
            what = f"the condition {other.text(describe_constraint)} is new"
            yield Constraint(Relation.NARROWED, what, _WHY["condition"], *where)
        elif one is not None and other is None:
            what = f"the condition {one.text(describe_constraint)} is gone"
            yield Constraint(Relation.WIDENED, what, _WHY["condition"], *where)
        elif one is not None and other is not None:
            values = [frozenset(map(describe_constraint, each.values)) for each in (one, other)]
            if values[0] != values[1]:
                what = f"the condition {one.text(describe_constraint)} becomes {other.text(describe_constraint)}"
                yield Constraint(related(*values), what, _WHY["condition"], *where)
