"""Guesses from a response: schemas that it satisfies, the ID and the state of a job, and the meaning of its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

_BITS = 63
INT64 = {"type": "integer", "format": "int64", "minimum": -(2**_BITS), "maximum": 2**_BITS - 1}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_FIELDS = 200
"""Names of the fields of an object. An object with more fields, or with other names, is a map."""

Schema = dict[str, Any]


@attrs.define
class Components:
    """The component schemas of a document, by name."""

    schemas: dict[str, Schema] = attrs.field(factory=dict)

    def of_object(self, name: str, values: list[dict[str, Any]]) -> Schema:
        """Add the component of an object, and return the reference to it."""
        unique = self._unique(name)
        schema: Schema = {"description": f"TODO: describe `{unique}`.", "type": "object", "properties": {}}
        self.schemas[unique] = schema
        for key in dict.fromkeys(key for value in values for key in value):
            samples = [value[key] for value in values if key in value]
            schema["properties"][key] = {"description": f"TODO: describe `{key}`."} | self.infer(key, samples)
        return {"$ref": f"#/components/schemas/{unique}"}

    def infer(self, name: str, values: list[Any]) -> Schema:
        """Return the schema of the values of one field, without its description."""
        present = [value for value in values if value is not None]
        kinds = {_kind(value) for value in present}
        if not kinds:
            return {"type": ["string", "null"]}
        if kinds == {"object"}:
            if len(present) == len(values) and not _is_map(present):
                return self.of_object(class_name(name), present)
            members = [member for value in present for member in value.values()]
            return _nullable(self._map(members), values)
        if kinds == {"array"}:
            items = [item for value in present for item in value]
            return _nullable({"type": "array", "items": self.infer(singular(name), items or [""])}, values)
        if kinds <= {"integer", "number"}:
            return _nullable(dict(INT64) if kinds == {"integer"} else {"type": "number"}, values)
        if len(kinds) == 1:
            return _nullable({"type": kinds.pop()}, values)
        if kinds <= {"string", "integer", "number", "boolean"}:
            schemas = [dict(INT64) if kind == "integer" else {"type": kind} for kind in sorted(kinds)]
            return {"anyOf": [*schemas, *([{"type": "null"}] if len(present) < len(values) else [])]}
        return {}

    def _map(self, members: list[Any]) -> Schema:
        kinds = {_kind(member) for member in members}
        is_plain = len(kinds) == 1 and kinds <= {"string", "boolean", "number"}
        return {"type": "object", "additionalProperties": {"type": kinds.pop()} if is_plain else True}

    def _unique(self, name: str) -> str:
        number = 2
        unique = name
        while unique in self.schemas:
            unique, number = f"{name}{number}", number + 1
        return unique


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _nullable(schema: Schema, values: list[Any]) -> Schema:
    return {**schema, "type": [schema["type"], "null"]} if None in values else schema


def _is_map(values: list[dict[str, Any]]) -> bool:
    """Return whether names of the objects are data: an identifier, or too many of them."""
    keys = {key for value in values for key in value}
    return not keys or len(keys) > _MOST_FIELDS or not all(map(_NAME.fullmatch, keys))


def class_name(name: str) -> str:
    """Return a name in CapWords: `driver_info` is `DriverInfo`."""
    words = [word for part in re.split(r"[^A-Za-z0-9]+", name) for word in re.split(r"(?<=[a-z0-9])(?=[A-Z])", part)]
    joined = "".join(word[:1].upper() + word[1:] for word in words if word)
    return joined if joined[:1].isalpha() else f"Item{joined}"


def singular(name: str) -> str:
    """Return the name of one item of a list: `jobs` has a `job`, `statuses` a `status`."""
    for plural, one in (("ies", "y"), ("sses", "ss"), ("uses", "us"), ("ss", "ss"), ("us", "us"), ("s", "")):
        if name.lower().endswith(plural) and len(name) > len(plural) + 1:
            return name[: -len(plural)] + one
    return name


_STATE = re.compile(r"(?:.*[_a-z])?(?:state|status|phase)", re.IGNORECASE)
_ID = re.compile(r"(?:.*_)?(?:id|uid|uuid)|.*[a-z](?:Id|ID|Uid|UUID)", re.ASCII)
_WORDS = {
    "pending": "pending|queue|wait|init|creat|new|submit|accept|schedul|start",
    "partial": "partial",
    "failed": "fail|error|broken|reject|invalid|timed?_?out|expired|abnormal",
    "stopped": "stop|cancel|abort|kill|terminat|suspend|delet",
    "succeeded": "succe|complet|done|finish|^ok$|ready|ended",
    "running": "run|activ|process|progress|execut|work|going|stopping|cancell?ing",
}
"""Words in the values of each state. The first state with a fitting word is used."""
_DEEPEST = 3


@attrs.frozen
class JobFields:
    """Paths of a job and its fields in a response."""

    items: str | None
    """The field of the list that has the job; None if the response is the job."""
    id: tuple[str, ...]
    state: tuple[str, ...]


def find_job(body: dict[str, Any], ids: Iterable[str] = ()) -> JobFields | None:
    """Return where a response has a job, or None.

    Args:
        body: The response.
        ids: Values of the path parameters. A field with one of them as its value is the ID.
    """
    known = set(ids)
    if found := _fields(body, known):
        return JobFields(None, *found)
    for name, value in body.items():
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        if rows and len(rows) == len(value) and (found := _fields(rows[0], known)):
            return JobFields(name, *found)
    return None


def _fields(job: dict[str, Any], ids: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    texts = sorted(_texts(job), key=lambda each: len(each[0]))
    states = [path for path, value in texts if _STATE.fullmatch(path[-1]) and value and isinstance(value, str)]
    named = [(path, value) for path, value in texts if _ID.fullmatch(path[-1])]
    found = [path for path, value in named if str(value) in ids] or [path for path, _ in named]
    return (found[0], states[0]) if states and found else None


def _texts(value: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str | int]]:
    """Yield the strings and integers of an object and of those within it, with their paths."""
    for name, member in value.items():
        if isinstance(member, str | int) and not isinstance(member, bool):
            yield (*before, name), member
        elif isinstance(member, dict) and len(before) < _DEEPEST:
            yield from _texts(member, (*before, name))


def states(values: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of each state, by their words. A value without a known word counts as running.

    Without a final value, which every wait needs, two are added, with the capitals of the first value.
    """
    values = list(values)
    found: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value).lower()
        going = re.search(r"ing$", word) is not None and re.search("stopp|cancel|terminat|delet|abort", word)
        state = next((state for state, words in _WORDS.items() if re.search(words, word)), "running")
        found.setdefault("running" if going else state, []).append(value)
    if values and not found.keys() & {"succeeded", "partial", "failed", "stopped"}:
        style = str.upper if values[0].isupper() else str.lower if values[0].islower() else str.capitalize
        found |= {state: [style(state)] for state in ("succeeded", "failed")}
    order = ("pending", "running", "succeeded", "partial", "failed", "stopped")
    return {state: found[state] for state in order if state in found}
