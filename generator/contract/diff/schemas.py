"""Compare effective schemas: the allowed values, the names, and the extensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...documents.json_pointer import PointerNotFound, child, resolve
from ...documents.schema_view import COMPONENTS
from . import extensions
from .changes import Changes, Direction, Effect, Relation, compare_lifecycle
from .effective_schema import EffectiveSchema, effective, schema_at
from .keywords import (
    canonical,
    concerns,
    constraints,
    describe_constraint,
    join_values,
    pointers,
    type_constraint,
)

_MORE = {
    Direction.REQUEST: "a caller that sends further fields is rejected",
    Direction.RESPONSE: "a caller that validates responses by the old document rejects the new ones",
}
_ANYTHING = {
    Direction.REQUEST: "a caller that sends another value is rejected",
    Direction.RESPONSE: "a caller that relies on the documented values may receive others",
}
_HIDDEN = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}
"""The keyword of properties that a direction does not have."""

_SUBSCHEMAS = ("contains", "propertyNames", "contentSchema", "unevaluatedItems", "unevaluatedProperties")
"""Keywords with a schema as their value, besides `items` and `additionalProperties`."""


class SchemaComparison:
    """Compares views of an old document with views of a new one. Every pair is compared once."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._seen: set[Any] = set()
        self._trials = 0

    def compare(
        self,
        old: EffectiveSchema,
        new: EffectiveSchema,
        direction: Direction,
        *,
        models: bool,
        old_at: str | None,
        new_at: str | None,
        parameter: bool = False,
        written: bool = False,
    ) -> None:
        """Compare the schemas of a value at `old_at` and `new_at`.

        `models`: a client has classes for these schemas, which are those of 2xx responses. `parameter`: the value is
        that of a parameter. `written`: the value is sent as text, as in a parameter or a form.
        """
        # Missing schemas are equal at all places, but adding or removing one is a change of each place.
        position = (old_at, new_at) if old.is_anything or new.is_anything else None
        key = direction, models, parameter, written, old.identity, new.identity, position
        if key in self._seen:
            return
        self._seen.add(key)
        if models:
            self._model(old, new)
        if old.is_false or new.is_false or old.is_anything or new.is_anything:
            self._all_or_nothing(old, new, direction, old_at, new_at)
            return
        if old.unions or new.unions:
            self._variants(old, new, direction, models=models, old_at=old_at, new_at=new_at, written=written)
            return
        self._value(old, new, direction, old_at, new_at, written)
        self._default(old, new, direction, parameter)
        self._open_list(old, new, direction)
        if direction is Direction.RESPONSE:
            for extension, compare in (("x-job", extensions.job), ("x-error", extensions.error)):
                compare(self._changes, _declared(old, extension), _declared(new, extension))
        if concerns("properties", old, new):
            self._properties(old, new, direction, models, written)
        for part in ("items", "additionalProperties"):
            before, now = (old.items, new.items) if part == "items" else (old.others, new.others)
            if concerns(part, old, new) and not (before.is_anything and now.is_anything):
                where = pointers(old, new, part)
                self.compare(
                    before,
                    now,
                    direction,
                    models=models,
                    old_at=where[0] or old_at,
                    new_at=where[1] or new_at,
                    written=written,
                )
        self._subschemas(old, new, direction)

    def _value(
        self,
        old: EffectiveSchema,
        new: EffectiveSchema,
        direction: Direction,
        old_at: str | None,
        new_at: str | None,
        written: bool,
    ) -> None:
        """Compare the types and the constraining keywords."""
        typed = type_constraint(old, new, written=written)
        for each in [*([typed] if typed else []), *constraints(old, new, _HIDDEN[direction])]:
            where = {"old": each.old or old_at, "new": each.new or new_at}
            if direction is Direction.RESPONSE and each.what.startswith("pattern "):
                why = "callers can read a string with any pattern"
                self._changes.compatible(direction, each.what, why, **where)
            else:
                self._changes.related(direction, each.relation, each.what, each.why[direction], **where)

    def _all_or_nothing(
        self, old: EffectiveSchema, new: EffectiveSchema, direction: Direction, old_at: str | None, new_at: str | None
    ) -> None:
        """Compare two schemas if one of them allows every value, or no value."""
        if old.is_false != new.is_false:
            relation = Relation.WIDENED if old.is_false else Relation.NARROWED
            what = "values are allowed here now" if old.is_false else "no value is allowed here any more"
            why = _MORE[direction]
        elif old.is_anything != new.is_anything:
            relation = Relation.WIDENED if new.is_anything else Relation.NARROWED
            what = "every value is allowed here now" if new.is_anything else "not every value is allowed here any more"
            why = _ANYTHING[direction]
        else:
            return
        self._changes.related(direction, relation, what, why, old=old_at, new=new_at)

    def _default(self, old: EffectiveSchema, new: EffectiveSchema, direction: Direction, parameter: bool) -> None:
        before, now = (list(map(describe_constraint, of.values("default"))) for of in (old, new))
        where = dict(zip(("old", "new"), pointers(old, new, "default"), strict=True))
        if before == now:
            return
        if not before:
            what = f"default {join_values(now)} is new"
        else:
            what = f"default {join_values(before)} " + (f"becomes {join_values(now)}" if now else "is gone")
        if parameter:
            why = "a caller that leaves it out gets another result"
            self._changes.breaking(direction, what, why, **where)
        else:
            why = "a default describes an absent value; each body that was valid before is still valid"
            self._changes.compatible(direction, what, why, **where)

    def _open_list(self, old: EffectiveSchema, new: EffectiveSchema, direction: Direction) -> None:
        before, now = (
            dict.fromkeys(describe_constraint(value) for _, values in of.known_values for value in values)
            for of in (old, new)
        )
        where = {
            side: next((pointer for pointer, _ in of.known_values), None) for side, of in (("old", old), ("new", new))
        }
        more = [value for value in now if value not in before]
        gone = [value for value in before if value not in now]
        concerned = Direction.REQUEST if direction is Direction.REQUEST else Direction.CLIENT
        if more:
            why = "the list is open, so callers expect unknown values"
            self._changes.compatible(concerned, f"the known values gain {join_values(more)}", why, **where)
        if gone:
            if direction is Direction.REQUEST:
                why = "a caller that sends it may be rejected"
            else:
                why = "code that uses its constant fails"
            self._changes.breaking(concerned, f"the known values lose {join_values(gone)}", why, **where)

    def _variants(
        self,
        old: EffectiveSchema,
        new: EffectiveSchema,
        direction: Direction,
        *,
        models: bool,
        old_at: str | None,
        new_at: str | None,
        written: bool,
    ) -> None:
        """Compare the alternatives of both sides. A valid value satisfies any one of them.

        Alternatives with the same name, contents or type are compared as pairs. Another alternative is new or gone,
        unless a single alternative of the other side allows all its values.
        """
        before, now = ([each for variant in of.variants for each in variant.by_type] for of in (old, new))
        if direction is Direction.RESPONSE:
            self._lost_extensions(before, now)
        pairs = _pairs(before, now)
        for one, other in pairs:
            self.compare(one, other, direction, models=models, old_at=old_at, new_at=new_at, written=written)
        one_of = bool(old.values("oneOf") or new.values("oneOf"))
        if new.values("oneOf") and len(before) == 1 and direction is Direction.REQUEST:
            matching = sum(self._includes(each, before[0]) for each in now)
            if matching > 1:
                what = f"{matching} alternatives of oneOf match the same value, which oneOf forbids"
                self._changes.breaking(direction, what, _ANYTHING[direction], old=old_at, new=new_at)
        for here, there, relation in ((before, now, Relation.NARROWED), (now, before, Relation.WIDENED)):
            paired = {id(pair[0 if here is before else 1]) for pair in pairs}
            for variant in here:
                if id(variant) in paired:
                    continue
                is_named = bool(variant.component) and len(here) > 1 and variant.kinds == {"object"}
                if not is_named and any(self._includes(other, variant) for other in there):
                    continue
                word = "gone" if relation is Relation.NARROWED else "new"
                what = f"the alternative {_name(variant)} is {word}"
                own = variant.parts[-1][0] if variant.parts else None
                if own and not variant.component and "type" in schema_at(variant.document, own):
                    own = child(own, "type")
                elif variant.component:
                    own = COMPONENTS + variant.component
                where = {
                    "old": (own or old_at) if here is before else old_at,
                    "new": (own or new_at) if here is now else new_at,
                }
                scalar = not variant.kinds & {"object", "array"}
                if direction is Direction.RESPONSE and relation is Relation.WIDENED and not one_of and not scalar:
                    why = "anyOf allows values of several alternatives, so callers do not distinguish them"
                    self._changes.compatible(direction, what, why, **where)
                else:
                    self._changes.related(direction, relation, what, _ANYTHING[direction], **where)

    def _lost_extensions(self, before: Sequence[EffectiveSchema], now: Sequence[EffectiveSchema]) -> None:
        """Report an extension that alternatives of only one side declare."""
        for extension, compare in (("x-job", extensions.job), ("x-error", extensions.error)):
            sides = [
                next((_declared(each, extension) for each in of if each.values(extension)), (of[0].pointer, None))
                for of in (before, now)
            ]
            if (sides[0][1] is None) != (sides[1][1] is None):
                compare(self._changes, *sides)

    def _includes(self, wide: EffectiveSchema, narrow: EffectiveSchema) -> bool:
        """Return whether a schema allows each value that another allows, if the comparison can decide that."""
        if self._trials > 2:  # alternatives within alternatives within alternatives
            return False
        found = Changes()
        trial = SchemaComparison(found)
        trial._trials = self._trials + 1
        trial.compare(narrow, wide, Direction.REQUEST, models=False, old_at="", new_at="")
        return all(change.effect is not Effect.BREAKING or change.what.startswith("default ") for change in found)

    def _model(self, old: EffectiveSchema, new: EffectiveSchema) -> None:
        if old.model and new.model and old.model != new.model:
            what = f"the object {old.model} is {new.model} now"
            why = "code that uses the name of its class fails"
            self._changes.breaking(Direction.CLIENT, what, why, old=COMPONENTS + old.model, new=COMPONENTS + new.model)
        elif old.model and not new.model:
            what, why = f"the object {old.model} is gone", "code that uses the name of its class fails"
            self._changes.breaking(Direction.CLIENT, what, why, old=COMPONENTS + old.model, new=new.pointer)

    def _properties(
        self, old: EffectiveSchema, new: EffectiveSchema, direction: Direction, models: bool, written: bool
    ) -> None:
        before, now = old.properties, new.properties
        hidden = _HIDDEN[direction]
        for name in before:
            if name not in now:
                self._gone(old, new, name, direction, hidden)
        for name in now:
            if name not in before:
                self._added(old, new, name, direction, models)
                continue
            one, other = old.member(name), new.member(name)
            where = {"old_at": old.declares(name), "new_at": new.declares(name)}
            states = [each.first(hidden) is True for each in (one, other)]
            if all(states):
                continue
            if any(states):
                what = f"the field {name} is {hidden} now" if states[1] else f"the field {name} is no longer {hidden}"
                side = "requests" if direction is Direction.REQUEST else "responses"
                at = {"old": where["old_at"], "new": where["new_at"]}
                if states[0] and direction is Direction.RESPONSE and name in old.required:
                    self._changes.breaking(direction, what, "a caller that sent it did not expect it back", **at)
                else:
                    self._changes.compatible(direction, what, f"{side} may lack it", **at)
            self.compare(
                one,
                other,
                direction,
                models=models,
                written=written,
                old_at=where["old_at"],
                new_at=where["new_at"],
            )
            before_and_now = [
                {key: each.first(key) for key in ("deprecated", "x-sunset", "x-stability-level")}
                for each in (one, other)
            ]
            at = {"old": where["old_at"], "new": where["new_at"]}
            compare_lifecycle(self._changes, before_and_now[0], before_and_now[1], f"the field {name}", at, direction)

    def _gone(self, old: EffectiveSchema, new: EffectiveSchema, name: str, direction: Direction, hidden: str) -> None:
        where = {"old": old.declares(name), "new": new.pointer}
        what = f"the field {name} is gone"
        if old.member(name).first(hidden) is True:
            self._changes.compatible(direction, what, f"it was {hidden}", **where)
        elif direction is Direction.REQUEST:
            self._changes.breaking(direction, what, "a caller that sends it is no longer understood", **where)
        else:
            self._changes.breaking(direction, what, "a caller that reads it finds nothing", **where)

    def _added(self, old: EffectiveSchema, new: EffectiveSchema, name: str, direction: Direction, models: bool) -> None:
        """Compare a property that is declared now. Before, `additionalProperties` described it."""
        where = {"old": None, "new": new.declares(name)}
        before = old.member(name)
        hidden = new.member(name).first(_HIDDEN[direction]) is True
        if not before.is_false or direction is Direction.REQUEST:
            if direction is Direction.RESPONSE:
                why = "responses may have undocumented fields, and this one is documented now"
                self._changes.compatible(direction, f"the field {name} is new", why, **where)
            elif name not in new.required or hidden:
                self._changes.compatible(direction, f"the field {name} is new", "it may be left out", **where)
        if not before.is_anything and not hidden and not (before.is_false and direction is Direction.REQUEST):
            at, _ = pointers(old, new, "additionalProperties")
            self.compare(before, new.member(name), direction, models=models, old_at=at, new_at=where["new"])

    def _subschemas(self, old: EffectiveSchema, new: EffectiveSchema, direction: Direction) -> None:
        """Compare the schemas of keywords other than `properties`, `items` and `additionalProperties`."""
        for keyword in _SUBSCHEMAS:
            if concerns(keyword, old, new):
                self._subschema(old, new, direction, keyword)
        for name in dict.fromkeys(key for of in (old, new) for each in of.values("patternProperties") for key in each):
            if concerns("properties", old, new):
                self._subschema(old, new, direction, "patternProperties", name)
        if concerns("prefixItems", old, new):
            before, now = (max(map(len, of.values("prefixItems")), default=0) for of in (old, new))
            for index in range(min(before, now)):
                self._subschema(old, new, direction, "prefixItems", index)
            if before != now:
                relation = Relation.WIDENED if now > before else Relation.NARROWED
                what = f"prefixItems has {now} item(s) now, and had {before}"
                where = dict(zip(("old", "new"), pointers(old, new, "prefixItems"), strict=True))
                self._changes.related(direction, relation, what, _ANYTHING[direction], **where)

    def _subschema(self, old: EffectiveSchema, new: EffectiveSchema, direction: Direction, *keys: str | int) -> None:
        before, now = (
            [child(pointer, *keys) for pointer, schema in of.parts if _has(schema, keys)] for of in (old, new)
        )
        views = effective(old.document, *before), effective(new.document, *now)
        if before and now:
            texts = [canonical(of.document, _at(of, keys)) for of in (old, new)]
            if texts[0] != texts[1]:
                self.compare(*views, direction, models=False, old_at=before[0], new_at=now[0])
        elif before or now:
            if (views[0] if before else views[1]).is_anything:
                return
            relation = Relation.NARROWED if now else Relation.WIDENED
            what = f"{'/'.join(map(str, keys))} is {'new' if now else 'gone'}"
            where = {"old": before[0] if before else old.pointer, "new": now[0] if now else new.pointer}
            self._changes.related(direction, relation, what, _ANYTHING[direction], **where)


def _has(schema: dict[str, Any], keys: Sequence[str | int]) -> bool:
    try:
        resolve(schema, child("", *keys))
    except PointerNotFound:
        return False
    return True


def _at(of: EffectiveSchema, keys: Sequence[str | int]) -> Any:
    return next((resolve(schema, child("", *keys)) for _, schema in of.parts if _has(schema, keys)), True)


def _pairs(
    before: Sequence[EffectiveSchema], now: Sequence[EffectiveSchema]
) -> list[tuple[EffectiveSchema, EffectiveSchema]]:
    """Return the alternatives to compare: with the same name or contents, or the only ones of their type."""
    pairs: list[tuple[EffectiveSchema, EffectiveSchema]] = []
    left, right = list(before), list(now)
    for same in (_named, _contents, _type):
        for one in list(left):
            key = same(one)
            candidates = [other for other in right if same(other) == key] if key else []
            rivals = [each for each in left if same(each) == key]
            if candidates and len(candidates) == len(rivals) and (len(candidates) == 1 or same is not _type):
                pairs.append((one, candidates[0]))
                left = [each for each in left if each is not one]
                right = [each for each in right if each is not candidates[0]]
    return pairs


def _named(of: EffectiveSchema) -> str:
    """Return the names of the components that an alternative consists of, and their title."""
    names = [pointer for pointer, _ in of.parts if pointer.startswith(COMPONENTS) and pointer.count("/") == 3]
    return describe_constraint(names) if names else str(of.first("title", ""))


def _contents(of: EffectiveSchema) -> str:
    return describe_constraint([canonical(of.document, schema) for _, schema in of.parts])


def _type(of: EffectiveSchema) -> str:
    kinds = of.kinds - {"null"}
    # Two objects with different names are different alternatives.
    return "" if of.component and "object" in kinds else describe_constraint(sorted(kinds))


def _name(of: EffectiveSchema) -> str:
    return of.component or str(of.first("title", "")) or " or ".join(of.types) or "without a type"


def _declared(of: EffectiveSchema, extension: str) -> tuple[str | None, Any]:
    """Return pointer and value of an extension; if it is missing, the pointer of its schema and None."""
    for pointer, value in of.having(extension):
        return pointer, value
    return of.pointer, None
