"""Edits of JSON values: each edit of a fixed list, and random edits."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .malformed_bodies import at

REPLACEMENTS: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 101, 100.0, 0.5, 2**64, 10**400),
    *("", "x\n", "100", "100\n", "0100", "Success", "successful", "１", "\ud800"),
    *("2020-02-02 08:12:40 +0000 UTC", "2020-02-02 08:12:40.672772389 +0000 UTC\n"),
    *([], [None], ["x"], [{}]),
    *({}, {"x": 1}, {"": None}, {"a/b": {"c~d": 1}}),
)
"""The replacements of a value."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, 100, 101, -1, 2**63, 2**64])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, 1.0, 100.0, 100.5])
    | st.text(max_size=5)
    | st.sampled_from([one for one in REPLACEMENTS if isinstance(one, str)])
)
anything: SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
"""Any JSON value."""


@attrs.frozen
class Edited:
    """The JSON text that is the result of an edit."""

    edit: str
    content: bytes


def places(value: Any, here: str = "") -> Iterator[str]:
    """Yield pointers to a value and everything in it."""
    yield here
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, f"{here}/{escape(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, f"{here}/{index}")


def escape(name: str) -> str:
    """Return a name as a segment of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def single_edits(whole: dict[str, Any]) -> Iterator[Edited]:
    """Yield every single edit of an object below its top: replace, retype, delete, add, duplicate."""
    for pointer in places(whole):
        if pointer:
            old = at(whole, pointer)
            for new in (*REPLACEMENTS, *_retyped(old)):
                yield Edited(f"{pointer} = {new!r}", text(replaced(whole, pointer, new)))
            yield Edited(f"{pointer} deleted", text(without(whole, pointer)))
        inside = at(whole, pointer)
        if isinstance(inside, dict):
            yield Edited(f"{pointer} gets a field", text(replaced(whole, pointer, {**inside, "not known": 1})))
            yield Edited(f"{pointer} gets a model's own", text(replaced(whole, pointer, {"_nulls": [], **inside})))
            for name in inside:
                for new in (None, 1, "x"):
                    for first, last in ((new, inside[name]), (inside[name], new)):
                        yield Edited(f"{pointer}/{name} twice: {new!r}", twice(whole, pointer, name, first, last))
        elif isinstance(inside, list):
            yield Edited(f"{pointer} doubled", text(replaced(whole, pointer, inside * 2)))
            yield Edited(f"{pointer} gets an item", text(replaced(whole, pointer, [*inside, None])))


def _retyped(value: Any) -> Iterator[Any]:
    """Yield the value in other types."""
    yield [value]
    yield {"value": value}
    yield json.dumps(value)
    if isinstance(value, str):
        yield f"{value}\n"
        yield f" {value}"
        yield value.swapcase()
    if isinstance(value, int) and not isinstance(value, bool):
        yield float(value)
        yield value + 0.5
    if isinstance(value, dict):
        yield list(value.values())


def replaced(whole: Any, pointer: str, new: Any) -> Any:
    """Return a copy with another value at the pointer."""
    if not pointer:
        return new
    whole = copy.deepcopy(whole)
    above, _, last = pointer.rpartition("/")
    container = at(whole, above)
    container[_key(container, last)] = new
    return whole


def without(whole: Any, pointer: str) -> Any:
    """Return a copy without the value at the pointer."""
    whole = copy.deepcopy(whole)
    above, _, last = pointer.rpartition("/")
    container = at(whole, above)
    del container[_key(container, last)]
    return whole


def _key(container: Any, segment: str) -> Any:
    return int(segment) if isinstance(container, list) else segment.replace("~1", "/").replace("~0", "~")


def text(value: Any) -> bytes:
    """Return the JSON text of a value."""
    return json.dumps(value).encode()


_FIRST = "the first of two keys"


def twice(whole: Any, pointer: str, name: str, first: Any, last: Any) -> bytes:
    """Return the JSON text of a copy in which an object has a key twice."""
    members: dict[str, Any] = {}
    for key, value in at(whole, pointer).items():
        if key == name:
            members[_FIRST] = first
        members[key] = last if key == name else value
    written = text(replaced(whole, pointer, members))
    return written.replace(json.dumps(_FIRST).encode(), json.dumps(name).encode())


@st.composite
def mutations(draw: st.DrawFn, whole: Any) -> bytes:
    """The JSON text of an object after a few random edits."""
    for _ in range(draw(st.integers(1, 4))):
        pointer = draw(st.sampled_from(list(places(whole))))
        inside = at(whole, pointer)
        match draw(st.sampled_from(["replace", "delete", "add", "move", "double"])):
            case "delete" if pointer:
                whole = without(whole, pointer)
            case "add" if isinstance(inside, dict):
                whole = replaced(whole, pointer, {**inside, draw(st.text(max_size=3)): draw(anything)})
            case "double" if isinstance(inside, list):
                whole = replaced(whole, pointer, inside + inside)
            case "move" if pointer:
                other = draw(st.sampled_from(list(places(whole))))
                whole = replaced(whole, pointer, at(whole, other))
            case _ if pointer:
                whole = replaced(whole, pointer, draw(anything))
    return text(whole)
