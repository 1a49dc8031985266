"""Compare `x-` extensions. Clients are generated from them, so users of clients depend on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ...documents.json_pointer import child
from ...documents.mappings import JobMapping
from .changes import Changes, Direction
from .keywords import describe_constraint

Declared = tuple[str | None, Any]
"""Pointer and value of an extension. The value is None if it is missing."""

_OTHERWISE = "the generated client behaves differently"

_NOT_READ = {"x-job": ("resumable", "constant", "empty_before_end"), "x-pagination": ("count",)}
"""Keys of an extension that no client reads. They are for the checker, the replay and the site."""


class _Extension:
    """One extension of both documents, and the list for its changes."""

    def __init__(self, changes: Changes, name: str, old: Declared, new: Declared) -> None:
        self._changes, self.name = changes, name
        self.old, self.new = old, new

    def breaking(self, what: str, why: str, *keys: str) -> None:
        self._add(self._changes.breaking, what, why, keys)

    def compatible(self, what: str, why: str, *keys: str) -> None:
        self._add(self._changes.compatible, what, why, keys)

    def _add(self, add: Callable[..., None], what: str, why: str, keys: tuple[str, ...]) -> None:
        old, new = self._pointer(self.old, keys), self._pointer(self.new, keys)
        add(Direction.CLIENT, f"{self.name}: {what}", why, old=old, new=new)

    @staticmethod
    def _pointer(side: Declared, keys: tuple[str, ...]) -> str | None:
        pointer, value = side
        for key in keys:
            if pointer is None or not isinstance(value, dict) or key not in value:
                break
            pointer, value = child(pointer, key), value[key]
        return pointer

    def is_on_both_sides(self, gives: str, breaks: str) -> bool:
        """Return whether both sides have the extension and differ. If only one has it, report that with its reason."""
        before, now = self.old[1], self.new[1]
        if before is None and now is not None:
            self.compatible("is declared now", gives)
        elif before is not None and now is None:
            self.breaking("is no longer declared", breaks)
        return before is not None and now is not None and bool(before != now)

    def fallbacks(self, before: Any, now: Any, what: str, why: str, *keys: str) -> None:
        """Compare lists of fields, of which the first with a value is used. Adding fields at the end is compatible."""
        one, other = (value if isinstance(value, list) else [value] for value in (before, now))
        if one == other:
            return
        what = f"{what} {describe_constraint(before)} becomes {describe_constraint(now)}"
        if other[: len(one)] == one:
            self.compatible(what, "the new ones are used only if the others have no value", *keys)
        else:
            self.breaking(what, why, *keys)

    def members(self, why: dict[str, str]) -> list[str]:
        """Report members that are new or gone. Returns those that are on both sides and differ."""
        before, now = self.old[1], self.new[1]
        changed = [key for key in dict.fromkeys([*now, *before]) if before.get(key) != now.get(key)]
        for key in changed:
            if key in _NOT_READ.get(self.name, ()):
                what = f"{self.name}: {key} {describe_constraint(before.get(key))} becomes"
                old, new = self._pointer(self.old, (key,)), self._pointer(self.new, (key,))
                self._changes.neutral(f"{what} {describe_constraint(now.get(key))}", old=old, new=new)
            elif key not in before:
                self.compatible(f"{key} is declared now", "it was unknown before", key)
            elif key not in now:
                self.breaking(f"{key} is no longer declared", why.get(key, _OTHERWISE), key)
        read = set(changed) - {*_NOT_READ.get(self.name, ())}
        return [key for key in before if key in now and key in read]


def job(changes: Changes, old: Declared, new: Declared) -> None:
    """Compare two `x-job`."""
    here = _Extension(changes, "x-job", old, new)
    if not here.is_on_both_sides(
        "a client reads a job from it", "a caller can no longer read it as a job, or wait for it"
    ):
        return
    breaks = {
        "id": "a caller gets another ID",
        "state": "a caller that waits sees other states",
        "reason": "a caller gets another reason, or none",
        "code": "a caller gets another error code, or none",
        "children": "a caller gets other sub-jobs, or none",
        "started": "a caller gets another start, or none",
        "ended": "a caller gets another end, or none",
        "progress": "a caller gets another progress, or none",
    }
    before, now = old[1], new[1]
    for key in here.members(breaks):
        if key in ("id", "reason", "code"):
            here.fallbacks(before[key], now[key], key, breaks[key], key)
        elif key == "state":
            _states(here, before, now)
        elif key in ("started", "ended"):
            _time(here, key, before[key], now[key], breaks[key])
        else:
            here.breaking(
                f"{key} {describe_constraint(before[key])} becomes {describe_constraint(now[key])}",
                breaks.get(key, _OTHERWISE),
                key,
            )


def _states(here: _Extension, before: dict[str, Any], now: dict[str, Any]) -> None:
    if "cases" in before["state"] or "cases" in now["state"]:
        _cases(here, before, now)
        return
    fields = (before["state"]["field"], now["state"]["field"])
    here.fallbacks(*fields, "state", "a caller that waits sees other states", "state", "field")
    old, new = (JobMapping.from_extension(side) for side in (before, now))
    one, other = ({json.dumps(value): state for value, state in side.states.items()} for side in (old, new))
    for text, state in other.items():
        value = json.loads(text)
        if text not in one and old.otherwise in (None, state):
            here.compatible(f"{value!r} is {state} now", "it was an unknown state, which ends no wait", "state", state)
        elif text not in one:
            what = f"{value!r} was {old.otherwise}, as any other value, and is {state} now"
            here.breaking(what, "a wait of a caller ends differently", "state", state)
    for text, state in one.items():
        value = json.loads(text)
        if text not in other and new.otherwise is None:
            here.breaking(f"{value!r} is no longer a known state", "a wait of a caller does not end", "state", state)
        elif other.get(text, new.otherwise) != state:
            found = other.get(text, new.otherwise)
            here.breaking(f"{value!r} was {state} and is {found} now", "a wait of a caller ends differently", "state")
    if old.otherwise != new.otherwise:
        what = f"any other value was {old.otherwise or 'unknown'} and is {new.otherwise or 'unknown'} now"
        if old.otherwise is None:
            here.compatible(what, "it was an unknown state, which ends no wait", "state", "otherwise")
        else:
            here.breaking(what, "a caller that waits sees other states", "state", "otherwise")


def _cases(here: _Extension, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Compare states if at least one side has `cases`."""
    old, new = (JobMapping.from_extension(side) for side in (before, now))
    if (old.rules, old.otherwise) == (new.rules, new.otherwise):
        here.compatible("state is declared in another form", "it means the same", "state")
        return
    kept = new.rules[: len(old.rules)] == old.rules
    if kept and old.otherwise is None:
        here.compatible("state has further cases", "the jobs were in an unknown state before", "state")
    else:
        here.breaking("state has other cases", "a caller that waits sees other states", "state")


def _time(here: _Extension, key: str, before: dict[str, Any], now: dict[str, Any], why: str) -> None:
    here.fallbacks(before["field"], now["field"], f"{key} field", why, key, "field")
    here.fallbacks(before["formats"], now["formats"], f"{key} formats", "a caller gets another time", key, "formats")
    for member in sorted((before.keys() | now.keys()) - {"field", "formats"}):
        one, other = before.get(member), now.get(member)
        if one == other:
            continue
        what = f"{key} {member} {describe_constraint(one)} becomes {describe_constraint(other)}"
        if member == "zone" and one is None:
            here.compatible(what, "a text without a zone was not a time before", key, member)
        else:
            here.breaking(what, "a caller gets another time, or gets it earlier or later", key, member)


def error(changes: Changes, old: Declared, new: Declared) -> None:
    """Compare two `x-error`."""
    here = _Extension(changes, "x-error", old, new)
    why = "a caller that reads it from the exception gets another, or none"
    if here.is_on_both_sides("the exception has more details of an error", why):
        for key in here.members(dict.fromkeys(old[1], why)):
            here.fallbacks(old[1][key], new[1][key], key, why, key)


def poll(changes: Changes, old: Declared, new: Declared) -> None:
    """Compare two `x-poll`."""
    here = _Extension(changes, "x-poll", old, new)
    if here.is_on_both_sides("a client can wait for a job", "a client has no method to wait for a job or watch it"):
        what = f"{describe_constraint(old[1])} becomes {describe_constraint(new[1])}"
        here.breaking(what, "a wait sends or reads the ID in another place")


def start(changes: Changes, old: Declared, new: Declared) -> None:
    """Compare two `x-start`."""
    here = _Extension(changes, "x-start", old, new)
    if here.is_on_both_sides("a client can start a job and wait for it", "a client has no method for it"):
        what = f"{describe_constraint(old[1])} becomes {describe_constraint(new[1])}"
        here.breaking(what, "a client waits for another job, or for none")


def pagination(changes: Changes, old: Declared, new: Declared) -> None:
    """Compare two `x-pagination`."""
    here = _Extension(changes, "x-pagination", old, new)
    why = "a caller that iterates over all pages gets others"
    if here.is_on_both_sides("a client can iterate over all pages", "a client can no longer iterate over all pages"):
        for key in here.members(dict.fromkeys(old[1], why)):
            here.breaking(f"{key} {old[1][key]} becomes {new[1][key]}", why, key)


def authentication(changes: Changes, old: Declared, new: Declared) -> None:
    """Compare the `x-auth` of two schemes that are sent in the same way."""
    here = _Extension(changes, "x-auth", old, new)
    if not here.is_on_both_sides("a client can send it", "no scheme takes the caller's credentials any more"):
        return
    before, now = old[1], new[1]
    for key, default, why in (
        ("method", "token", "a caller needs credentials of another kind"),
        ("client", "header", "a token is requested in another way"),
        ("parameters", {}, "a token is requested with other parameters"),
    ):
        if (value := before.get(key, default)) != (changed := now.get(key, default)):
            here.breaking(f"{key} {value} becomes {changed}", why, key)
    one, other = before.get("maxLength"), now.get("maxLength")
    if one != other:
        what = f"maxLength {describe_constraint(one)} becomes {describe_constraint(other)}"
        if other is not None and (one is None or other < one):
            here.breaking(what, "a caller with longer credentials is rejected", "maxLength")
        else:
            here.compatible(what, "credentials that were valid before are still valid", "maxLength")
