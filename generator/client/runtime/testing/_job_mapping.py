"""Fields of a job in a response body, by `x-job`, for writing them. The client has its own code for reading them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import attrs

from .._jobs import JobState, parse_timestamp
from .._validation import FlatSchema
from ._schemas import validator

TERMINAL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.STOPPED})

_NEAREST: Mapping[JobState, tuple[JobState, ...]] = {
    JobState.PENDING: (JobState.RUNNING,),
    JobState.RUNNING: (JobState.PENDING,),
    JobState.FAILED: (JobState.STOPPED, JobState.PARTIAL),
    JobState.STOPPED: (JobState.FAILED,),
    JobState.PARTIAL: (JobState.FAILED,),
}
"""Substitutes for a state that the children of a job do not have."""


class BodyMapping:
    """The `x-job` of a job, sub-job, task or row.

    Args:
        schema: The schema of the job; it has an `x-job`.
        examples: Recorded jobs of this schema.
    """

    def __init__(self, schema: FlatSchema, examples: Sequence[dict[str, Any]]) -> None:
        self.schema = schema
        self.examples = list(examples)
        self.declared: dict[str, Any] = schema.annotation("x-job")
        state, progress = self.declared["state"], self.declared.get("progress", {})
        self.id = BodyField.from_schema(schema, self.declared["id"])
        self.state = BodyField.from_schema(schema, state["field"])
        known = (kind for kind in JobState if kind is not JobState.UNKNOWN)
        self.kinds: dict[str, JobState] = {value: kind for kind in known for value in state.get(kind.value, ())}
        """The values of the state, with their meanings."""
        listed = self.state.schema
        self.listed: list[str] = [*self.kinds, *(listed.allowed or ()), *(listed.known_values or ())]
        """The values of the state that the document lists, with or without a meaning."""
        self.reason = self._optional(self.declared.get("reason"))
        self.children = self._optional(self.declared.get("children"))
        self.started, self.ended = self._timestamp("started"), self._timestamp("ended")
        self.progress = self._optional(progress.get("field"))
        self.full: float = progress.get("of", 1)
        self.done = [BodyField.from_schema(schema, name) for name in progress.get("done", ())]
        self.total = self._optional(progress.get("total"))

    @cached_property
    def child(self) -> BodyMapping:
        """The mapping of its children, which can be the same again."""
        assert self.children is not None
        assert self.children.schema.items is not None
        recorded = [each for job in self.examples for each in self.children.get(job) or () if isinstance(each, dict)]
        mapping = BodyMapping(self.children.schema.items, recorded)
        if mapping.declared == self.declared:
            mapping.examples += self.examples
        return mapping

    def kind(self, value: object) -> JobState:
        """Return the meaning of a value of the state."""
        return self.kinds.get(value, JobState.UNKNOWN) if isinstance(value, str) else JobState.UNKNOWN

    def value(self, kind: JobState) -> str | None:
        """Return the first value with a meaning, or else with the nearest one; None without either."""
        for each in (kind, *_NEAREST.get(kind, ())):
            for value, meaning in self.kinds.items():
                if meaning is each:
                    return value
        return None

    def _optional(self, names: str | Sequence[str] | None) -> BodyField | None:
        return None if names is None else BodyField.from_schema(self.schema, names)

    def _timestamp(self, name: str) -> BodyTimestamp | None:
        declared = self.declared.get(name)
        if declared is None:
            return None
        field = BodyField.from_schema(self.schema, declared["field"])
        return BodyTimestamp(field, tuple(declared["formats"]), declared.get("zone"))


@attrs.frozen
class BodyField:
    """A field of a body."""

    path: tuple[str, ...]
    schema: FlatSchema = attrs.field(repr=False)
    is_valid: Callable[[Any], bool] = attrs.field(repr=False)
    """Whether the schema allows a value."""
    required: bool

    @classmethod
    def from_schema(cls, schema: FlatSchema, names: str | Sequence[str]) -> BodyField:
        """Find the field of a dotted name; of several names, the first, which wins wherever it is not empty."""
        path = tuple((names if isinstance(names, str) else names[0]).split("."))
        required = False
        for name in path:
            required = name in schema.required
            schema = schema.properties.get(name) or schema.schemas.node({})
        return cls(path, schema, validator(schema).is_valid, required)

    def get(self, body: Any) -> Any:
        """Return its value, or None."""
        for name in self.path:
            body = body.get(name) if isinstance(body, dict) else None
        return body

    def put(self, body: dict[str, Any], value: Any) -> None:
        """Write a value, and the objects around it."""
        *outer, last = self.path
        for name in outer:
            if not isinstance(body.get(name), dict):
                body[name] = {}
            body = body[name]
        body[last] = value

    def drop(self, body: Any) -> None:
        """Remove it, if it is present."""
        *outer, last = self.path
        for name in outer:
            body = body.get(name) if isinstance(body, dict) else None
        if isinstance(body, dict):
            body.pop(last, None)

    def put_first(self, body: dict[str, Any], values: Sequence[Any]) -> bool:
        """Write the first of the values that the schema allows. Returns whether there was one."""
        for value in values:
            if self.is_valid(value):
                self.put(body, value)
                return True
        return False


_UNITS = {"epoch-s": 1, "epoch-ms": 1_000, "epoch-us": 1_000_000}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen
class BodyTimestamp:
    """A field of a job that holds a timestamp."""

    field: BodyField
    formats: tuple[str, ...]
    zone: str | None

    def encodings(self, timestamp: datetime, like: Any) -> list[Any]:
        """Return the ways to write a timestamp, the one that is most like a recorded value first."""
        recorded = [name for name in self.formats if parse_timestamp(like, (name,), self.zone)]
        formats = dict.fromkeys([*recorded[:1], *self.formats])
        return [value for name in formats for value in self._encodings(name, timestamp, like)]

    def _encodings(self, name: str, timestamp: datetime, like: Any) -> Iterator[Any]:
        if name in _UNITS:
            number = (timestamp - _EPOCH) // timedelta(microseconds=1) * _UNITS[name] // 1_000_000
            yield from (str(number), number) if isinstance(like, str) else (number, str(number))
        elif name == "go-time":
            yield f"{timestamp.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}000 +0000 UTC"
        else:
            yield from _dates(timestamp, self.zone, like if isinstance(like, str) else "")


def _dates(timestamp: datetime, zone: str | None, like: str) -> Iterator[str]:
    separator = like[10:11] or ("T" if zone is None else " ")
    precision = "microseconds" if "." in like else "seconds"
    local = timestamp.astimezone(_offset(zone))
    if like.endswith("Z"):
        yield timestamp.astimezone(UTC).replace(tzinfo=None).isoformat(separator, precision) + "Z"
    elif zone is not None and not ("+" in like[10:] or "-" in like[10:]):
        yield local.replace(tzinfo=None).isoformat(separator, precision)
    yield local.isoformat(separator, precision)


def _offset(zone: str | None) -> timezone:
    if zone is None:
        return UTC
    sign = -1 if zone.startswith("-") else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))
