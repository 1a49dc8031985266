"""Compares two schemas in one direction: what they allow, what they name, and what their extensions declare."""

from __future__ import annotations

from typing import Any

from ...documents.schema_view import COMPONENTS, FlatSchema
from . import extensions
from .changes import Changes, Direction, Relation
from .keywords import (
    concerns,
    constraints,
    describe_constraint,
    join_values,
    pointers,
    type_constraint,
)

_MORE = {
    Direction.REQUEST: "a caller that sends further fields is refused",
    Direction.RESPONSE: "a caller that holds responses to the old document refuses the new ones",
}
_ANYTHING = {
    Direction.REQUEST: "a caller that sends something else is refused",
    Direction.RESPONSE: "a caller that relies on the documented values may receive others",
}


class SchemaComparison:
    """Compares views of an old document with views of a new one. Every pair is compared once."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._seen: set[Any] = set()

    def compare(
        self,
        old: FlatSchema,
        new: FlatSchema,
        direction: Direction,
        *,
        models: bool,
        old_at: str | None,
        new_at: str | None,
    ) -> None:
        """Compare what stands at `old_at` with what stands at `new_at`.

        `models` says that a client makes classes of these schemas: those of successful responses.
        """
        # No schema at all is everywhere the same, and a change from or to it is another at each place.
        position = (old_at, new_at) if old.is_anything or new.is_anything else None
        key = direction, models, old.identity, new.identity, position
        if key in self._seen:
            return
        self._seen.add(key)
        if models:
            self._model(old, new)
        if old.is_false or new.is_false or old.is_anything or new.is_anything:
            self._all_or_nothing(old, new, direction, old_at, new_at)
            return
        typed = type_constraint(old, new)
        for each in [*([typed] if typed else []), *constraints(old, new)]:
            self._changes.related(
                direction, each.relation, each.what, each.why[direction], old=each.old or old_at, new=each.new or new_at
            )
        self._default(old, new, direction)
        self._open_list(old, new, direction)
        if direction is Direction.RESPONSE:
            for extension, compare in (("x-job", extensions.job), ("x-error", extensions.error)):
                compare(self._changes, _declared(old, extension), _declared(new, extension))
        self._alternatives(old, new, direction, models)
        if concerns("properties", old, new):
            self._properties(old, new, direction, models)
        for part in ("items", "additionalProperties"):
            before, now = (old.items, new.items) if part == "items" else (old.others, new.others)
            if concerns(part, old, new) and not (before.is_anything and now.is_anything):
                where = pointers(old, new, part)
                self.compare(
                    before, now, direction, models=models, old_at=where[0] or old_at, new_at=where[1] or new_at
                )

    def _all_or_nothing(
        self, old: FlatSchema, new: FlatSchema, direction: Direction, old_at: str | None, new_at: str | None
    ) -> None:
        """One side allows anything, or nothing at all: what the other consists of need not be told."""
        if old.is_false != new.is_false:
            relation = Relation.WIDENED if old.is_false else Relation.NARROWED
            what = "something is allowed here now" if old.is_false else "nothing is allowed here any more"
            why = _MORE[direction]
        elif old.is_anything != new.is_anything:
            relation = Relation.WIDENED if new.is_anything else Relation.NARROWED
            what = "anything is allowed here now" if new.is_anything else "not everything is allowed here any more"
            why = _ANYTHING[direction]
        else:
            return
        self._changes.related(direction, relation, what, why, old=old_at, new=new_at)

    def _default(self, old: FlatSchema, new: FlatSchema, direction: Direction) -> None:
        before, now = (list(map(describe_constraint, of.values("default"))) for of in (old, new))
        where = dict(zip(("old", "new"), pointers(old, new, "default"), strict=True))
        if before == now:
            return
        if not before:
            why = "what is left out has a stated meaning now"
            self._changes.compatible(direction, f"default {join_values(now)} is new", why, **where)
            return
        if direction is Direction.REQUEST:
            why = "a caller that leaves it out gets another result"
        else:
            why = "a caller that takes the default for an absent value takes the wrong one"
        what = f"default {join_values(before)} " + (f"becomes {join_values(now)}" if now else "is gone")
        self._changes.breaking(direction, what, why, **where)

    def _open_list(self, old: FlatSchema, new: FlatSchema, direction: Direction) -> None:
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
            why = "the list is open: others were to be expected"
            self._changes.compatible(concerned, f"the known values gain {join_values(more)}", why, **where)
        if gone:
            if direction is Direction.REQUEST:
                why = "a caller that sends it may be refused"
            else:
                why = "a caller that names its constant finds none"
            self._changes.breaking(concerned, f"the known values lose {join_values(gone)}", why, **where)

    def _alternatives(self, old: FlatSchema, new: FlatSchema, direction: Direction, models: bool) -> None:
        """Compare the alternatives of each name; those of a type are compared as parts of the whole."""
        before, now = ({each.component: each for each in of.alternatives if each.component} for of in (old, new))
        if not before or not now:
            return
        for name in {**before, **now}:
            at = [f"{COMPONENTS}{name}" if name in side else of.pointer for side, of in ((before, old), (now, new))]
            if name in before and name in now:
                self.compare(before[name], now[name], direction, models=models, old_at=at[0], new_at=at[1])
            else:
                relation = Relation.WIDENED if name in now else Relation.NARROWED
                what = f"the alternative {name} is {'new' if name in now else 'gone'}"
                self._changes.related(direction, relation, what, _ANYTHING[direction], old=at[0], new=at[1])

    def _model(self, old: FlatSchema, new: FlatSchema) -> None:
        if old.model and new.model and old.model != new.model:
            what = f"the object {old.model} is {new.model} now"
            why = "a caller that names the model's class finds another"
            self._changes.breaking(Direction.CLIENT, what, why, old=COMPONENTS + old.model, new=COMPONENTS + new.model)
        elif old.model and not new.model:
            what, why = f"the object {old.model} is gone", "a caller that names the model's class finds none"
            self._changes.breaking(Direction.CLIENT, what, why, old=COMPONENTS + old.model, new=new.pointer)

    def _properties(self, old: FlatSchema, new: FlatSchema, direction: Direction, models: bool) -> None:
        before, now = old.properties, new.properties
        for name in before:
            if name not in now:
                if direction is Direction.REQUEST:
                    why = "a caller that sends it is no longer understood"
                else:
                    why = "a caller that reads it finds nothing"
                self._changes.breaking(
                    direction, f"the field {name} is gone", why, old=old.declares(name), new=new.pointer
                )
        for name in now:
            if name not in before:
                self._added(old, new, name, direction, models)
            else:
                self.compare(
                    old.member(name),
                    new.member(name),
                    direction,
                    models=models,
                    old_at=old.declares(name),
                    new_at=new.declares(name),
                )

    def _added(self, old: FlatSchema, new: FlatSchema, name: str, direction: Direction, models: bool) -> None:
        """A property that has a schema now. Before, it was one of the others, whatever those had to be."""
        where = {"old": None, "new": new.declares(name)}
        before = old.member(name)
        if not before.is_false or direction is Direction.REQUEST:
            if direction is Direction.RESPONSE:
                why = "a response may hold fields that no document describes, and this one is described now"
                self._changes.compatible(direction, f"the field {name} is new", why, **where)
            elif name not in new.required:
                self._changes.compatible(direction, f"the field {name} is new", "it may be left out", **where)
        if not before.is_anything and not (before.is_false and direction is Direction.REQUEST):
            at, _ = pointers(old, new, "additionalProperties")
            self.compare(before, new.member(name), direction, models=models, old_at=at, new_at=where["new"])


def _declared(of: FlatSchema, extension: str) -> tuple[str | None, Any]:
    """Where an extension stands and what it says; where it is not there, the place where it would be."""
    for pointer, value in of.having(extension):
        return pointer, value
    return of.pointer, None
