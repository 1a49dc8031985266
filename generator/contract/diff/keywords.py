"""Compare the constraining keywords of two schemas: whether they allow fewer, more or other values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from ...documents.schema_view import EVERYTHING
from .changes import Direction, Relation
from .effective_schema import EffectiveSchema, schema_at, target

_LOWER = ("minimum", "minLength", "minItems", "minProperties", "minContains")

_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties", "maxContains")

_TEXTS = ("format", "pattern", "contentMediaType", "contentEncoding")

_WIDER_FORMATS = {
    ("int32", "int64"),
    ("int32", "bigint"),
    ("int64", "bigint"),
    ("float", "double"),
    ("date", "date-time"),
    ("time", "date-time"),
}

_NUMBERS = frozenset({"int32", "int64", "bigint", "float", "double"})
"""Formats that do not constrain strings."""

ANY_TEXT = frozenset({".*", "^.*$", ""})
"""Patterns that every string matches."""

_WHY: dict[str, dict[Direction, str]] = {
    "type": {
        Direction.REQUEST: "a caller that sends the old type is rejected",
        Direction.RESPONSE: "a caller that reads the old type receives another",
    },
    "values": {
        Direction.REQUEST: "a caller that sends a removed value is rejected",
        Direction.RESPONSE: "a caller that distinguishes the values receives an unknown one",
    },
    "bound": {
        Direction.REQUEST: "a caller that keeps only the old bound is rejected",
        Direction.RESPONSE: "a caller that relies on the old bound receives a value beyond it",
    },
    "text": {
        Direction.REQUEST: "a caller that writes the old form is rejected",
        Direction.RESPONSE: "a caller that reads the old form receives another",
    },
    "condition": {
        Direction.REQUEST: "a caller that sends the old combination of values is rejected",
        Direction.RESPONSE: "a caller that relies on the old condition receives another combination of values",
    },
    "required": {
        Direction.REQUEST: "a caller that leaves it out is rejected",
        Direction.RESPONSE: "a caller that reads it may find it missing",
    },
}


@attrs.frozen
class Constraint:
    """A change of a keyword, which allows more, fewer, or other values than before."""

    relation: Relation
    what: str
    why: dict[Direction, str]
    """The callers that it breaks, by direction, if it breaks any."""
    old: str | None
    new: str | None


_OF_TYPES = {
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), frozenset({"integer", "fraction"})),
    **dict.fromkeys(
        ("minLength", "maxLength", "pattern", "contentMediaType", "contentEncoding", "contentSchema"),
        frozenset({"string"}),
    ),
    **dict.fromkeys(
        ("minItems", "maxItems", "items", "uniqueItems", "minContains", "maxContains", "contains", "prefixItems"),
        frozenset({"array"}),
    ),
    **dict.fromkeys(
        ("required", "properties", "additionalProperties", "minProperties", "maxProperties", "propertyNames"),
        frozenset({"object"}),
    ),
}


def concerns(keyword: str, old: EffectiveSchema, new: EffectiveSchema) -> bool:
    """Return whether a keyword concerns values of a type that both sides allow."""
    return bool(old.kinds & new.kinds & _OF_TYPES.get(keyword, EVERYTHING))


def constraints(old: EffectiveSchema, new: EffectiveSchema, hidden: str) -> Iterator[Constraint]:
    """Yield a change for each keyword, except `type`, that allows other values than before.

    `hidden` is `readOnly` or `writeOnly`: properties that this direction does not have need not be present.
    """
    yield from _values(old, new)
    for keyword in (*_LOWER, *_UPPER):
        if concerns(keyword, old, new):
            yield from _bound(old, new, keyword)
    for keyword in _TEXTS:
        if concerns(keyword, old, new):
            yield from _text(old, new, keyword)
    if concerns("multipleOf", old, new):
        yield from _multiple(old, new)
    if concerns("uniqueItems", old, new):
        yield from _unique(old, new)
    if concerns("required", old, new):
        yield from _required(old, new, hidden)
        yield from _dependent_required(old, new)
    yield from _conditions(old, new)


def type_constraint(old: EffectiveSchema, new: EffectiveSchema, *, written: bool) -> Constraint | None:
    """Return the change of the types. With `written`, values are sent as text, so a string may contain a number."""
    before, now = old.kinds, new.kinds
    if before == now or (old.enum is not None and new.enum is not None):
        return None
    if written:
        # Outside JSON, values of all types are written as strings.
        written_before, written_now = (EVERYTHING if "string" in kinds else kinds for kinds in (before, now))
        if written_before == written_now and not before < now:
            return None
        if written_before != written_now:
            before, now = written_before, written_now
    described = _describe_type(old), _describe_type(new)
    if described[0] == described[1] or before == now:
        return None
    what = f"type {described[0]} becomes {described[1]}"
    return Constraint(
        related(before, now), what, _WHY["type"], *pointers(old, new, "type", "nullable", "anyOf", "oneOf")
    )


def related(before: frozenset[str], now: frozenset[str]) -> Relation:
    """Return the relation of two different sets of allowed values."""
    if now < before:
        return Relation.NARROWED
    return Relation.WIDENED if now > before else Relation.REPLACED


def pointers(old: EffectiveSchema, new: EffectiveSchema, *keywords: str) -> tuple[str | None, str | None]:
    """Return the pointer of a keyword on each side, preferably with a value that the other side does not have."""

    def first(one: EffectiveSchema, other: EffectiveSchema) -> str | None:
        there = [(pointer, value) for keyword in keywords for pointer, value in one.having(keyword)]
        elsewhere = [describe_constraint(value) for keyword in keywords for value in other.values(keyword)]
        return next(
            (pointer for pointer, value in there if describe_constraint(value) not in elsewhere),
            there[0][0] if there else None,
        )

    return first(old, new), first(new, old)


def describe_constraint(value: Any) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def join_values(values: Any) -> str:
    """Return values with commas between, in their order."""
    return ", ".join(values)


def _describe_type(of: EffectiveSchema) -> str:
    if of.kinds == EVERYTHING:
        return "of any kind"
    names = of.types
    if "number" in names and "integer" in names:
        names = [name for name in names if name != "integer"]
    covered = frozenset().union(*({"integer", "fraction"} if name == "number" else {name} for name in names))
    names = [*names, *sorted("number" if name == "fraction" else name for name in of.kinds - covered)]
    return " or ".join(dict.fromkeys(names)) or "that no value has"


def _closed_list(of: EffectiveSchema) -> list[str] | None:
    """Return the values of `enum` and `const` as JSON; None without these keywords."""
    return None if of.enum is None else list(map(describe_constraint, of.enum))


def _values(old: EffectiveSchema, new: EffectiveSchema) -> Iterator[Constraint]:
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


def _bound(old: EffectiveSchema, new: EffectiveSchema, keyword: str) -> Iterator[Constraint]:
    before, now = old.bound(keyword), new.bound(keyword)
    if keyword in ("minLength", "minItems", "minProperties", "minContains"):
        before, now = (None if each and not each.value else each for each in (before, now))  # 0 forbids nothing
    if before == now:
        return
    if before is None:
        relation, what = Relation.NARROWED, f"{keyword} {now} is new"
    elif now is None:
        relation, what = Relation.WIDENED, f"{keyword} {before} is gone"
    else:
        sign = 1 if keyword in _LOWER else -1
        tighter = (sign * now.value, now.excluded) > (sign * before.value, before.excluded)
        relation = Relation.NARROWED if tighter else Relation.WIDENED
        what = f"{keyword} {before} becomes {now}"
    exclusive = f"exclusive{keyword.capitalize()}"
    yield Constraint(relation, what, _WHY["bound"], *pointers(old, new, keyword, exclusive))


def _text(old: EffectiveSchema, new: EffectiveSchema, keyword: str) -> Iterator[Constraint]:
    before, now = (frozenset(map(str, of.values(keyword))) for of in (old, new))
    if keyword == "pattern":
        before, now = before - ANY_TEXT, now - ANY_TEXT
    if keyword == "format" and not old.kinds & new.kinds & {"integer", "fraction"}:
        before, now = before - _NUMBERS, now - _NUMBERS
    if keyword == "contentMediaType":
        before, now = (frozenset(map(str.lower, each)) for each in (before, now))
    if before == now:
        return
    # It is not decided whether one pattern includes another: a different pattern replaces the old one.
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


def _multiple(old: EffectiveSchema, new: EffectiveSchema) -> Iterator[Constraint]:
    before, now = (frozenset(of.values("multipleOf")) for of in (old, new))
    if before == now:
        return
    relation = related(now, before) if before and now else (Relation.NARROWED if now else Relation.WIDENED)
    if len(before) == len(now) == 1 and all(before | now):
        (one,), (other,) = before, now
        if other % one == 0:
            relation = Relation.NARROWED
        elif one % other == 0:
            relation = Relation.WIDENED
    texts = [join_values(sorted(map(str, each))) or "none" for each in (before, now)]
    what = f"multipleOf {texts[0]} becomes {texts[1]}"
    yield Constraint(relation, what, _WHY["bound"], *pointers(old, new, "multipleOf"))


def _unique(old: EffectiveSchema, new: EffectiveSchema) -> Iterator[Constraint]:
    before, now = (True in of.values("uniqueItems") for of in (old, new))
    if before != now:
        relation = Relation.NARROWED if now else Relation.WIDENED
        what = "items must be unique now" if now else "items may be equal now"
        yield Constraint(relation, what, _WHY["values"], *pointers(old, new, "uniqueItems"))


def _required(old: EffectiveSchema, new: EffectiveSchema, hidden: str) -> Iterator[Constraint]:
    before, now = (
        [name for name in of.required if not (name in of.properties and of.member(name).first(hidden) is True)]
        for of in (old, new)
    )
    where = pointers(old, new, "required")
    for name in now:
        if name not in before:
            yield Constraint(Relation.NARROWED, f"{name} is required now", _WHY["required"], *where)
    for name in before:
        if name not in new.required:
            yield Constraint(Relation.WIDENED, f"{name} is no longer required", _WHY["required"], *where)


def _dependent_required(old: EffectiveSchema, new: EffectiveSchema) -> Iterator[Constraint]:
    before, now = (_demanded_beside(of) for of in (old, new))
    where = pointers(old, new, "dependentRequired")
    for pair in now - before:
        yield Constraint(Relation.NARROWED, f"{pair[1]} is required beside {pair[0]} now", _WHY["required"], *where)
    for pair in before - now:
        what = f"{pair[1]} is no longer required beside {pair[0]}"
        yield Constraint(Relation.WIDENED, what, _WHY["required"], *where)


def _demanded_beside(of: EffectiveSchema) -> set[tuple[str, str]]:
    values = [value for value in of.values("dependentRequired") if isinstance(value, dict)]
    return {(name, each) for value in values for name, others in value.items() for each in others}


_CONDITIONAL = ("if", "then", "else", "not", "dependentSchemas")


def _conditions(old: EffectiveSchema, new: EffectiveSchema) -> Iterator[Constraint]:
    """Compare the conditions. Those with the same field and the same `if` are pairs."""
    before, now = ({(each.field, each.when_key, each.path): each for each in of.conditions} for of in (old, new))
    found = False
    for key in {**before, **now}:
        one, other = before.get(key), now.get(key)
        where = (one.pointer if one else None, other.pointer if other else None)
        found |= one is None or other is None
        if one is None and other is not None:
            what = f"the condition {other.text(describe_constraint)} is new"
            yield Constraint(Relation.NARROWED, what, _WHY["condition"], *where)
        elif one is not None and other is None:
            what = f"the condition {one.text(describe_constraint)} is gone"
            yield Constraint(Relation.WIDENED, what, _WHY["condition"], *where)
        elif one is not None and other is not None:
            values = [frozenset(map(describe_constraint, each.values)) for each in (one, other)]
            if values[0] != values[1]:
                found = True
                what = f"the condition {one.text(describe_constraint)} becomes {other.text(describe_constraint)}"
                yield Constraint(related(*values), what, _WHY["condition"], *where)
    if not found:
        yield from _opaque(old, new)


def _opaque(old: EffectiveSchema, new: EffectiveSchema) -> Iterator[Constraint]:
    """Compare conditions of other forms. It is not known whether one of them includes the other."""
    for keyword in _CONDITIONAL:
        before, now = ({canonical(of.document, value): None for value in of.values(keyword)} for of in (old, new))
        if before == now or (keyword in ("then", "else") and not (old.values("if") and new.values("if"))):
            continue
        where = pointers(old, new, keyword)
        if not before:
            yield Constraint(Relation.NARROWED, f"{keyword} is new", _WHY["condition"], *where)
        elif not now:
            yield Constraint(Relation.WIDENED, f"{keyword} is gone", _WHY["condition"], *where)
        elif keyword == "dependentSchemas":
            yield from _dependents(old, new, where)
        else:
            yield Constraint(Relation.REPLACED, f"{keyword} changes", _WHY["condition"], *where)


def _dependents(
    old: EffectiveSchema, new: EffectiveSchema, where: tuple[str | None, str | None]
) -> Iterator[Constraint]:
    before, now = (
        {name: canonical(of.document, value) for each in of.values("dependentSchemas") for name, value in each.items()}
        for of in (old, new)
    )
    for name in {**before, **now}:
        if before.get(name) != now.get(name):
            relation = Relation.REPLACED
            if name not in before or name not in now:
                relation = Relation.NARROWED if name in now else Relation.WIDENED
            yield Constraint(relation, f"dependentSchemas: {name} changes", _WHY["condition"], *where)


_TEXT_KEYS = frozenset({"description", "title", "example", "examples", "$comment"})


def canonical(document: dict[str, Any], schema: Any) -> str:
    """Return a schema as text that is equal for schemas with the same keywords, with references resolved."""

    def plain(value: Any, around: tuple[str, ...], names: bool) -> Any:
        if isinstance(value, list):
            return [plain(item, around, False) for item in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and not names:
            if reference in around:
                return {"$ref": len(around) - around.index(reference)}
            from_there = plain(schema_at(document, target(reference)), (*around, reference), False)
            rest = {key: member for key, member in value.items() if key != "$ref"}
            if not set(rest) - _TEXT_KEYS:
                return from_there
            return {"allOf": [from_there], **plain(rest, around, False)}
        members = {
            key: plain(member, around, key in ("properties", "patternProperties", "dependentSchemas") and not names)
            for key, member in value.items()
            if names or key not in _TEXT_KEYS
        }
        if not names:
            if "const" in members:
                members.setdefault("enum", [members.pop("const")])
            for key in ("enum", "required"):
                if isinstance(members.get(key), list):
                    members[key] = sorted(members[key], key=describe_constraint)
        return members

    return describe_constraint(plain(schema, (), False))
