"""Fields of a job in a response body, by `x-job`, for writing them. The client has its own code for reading them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import attrs

from .._jobs import JobState, parse_timestamp
from ._schemas import merge_all_of, validator

_KINDS = tuple(kind for kind in JobState if kind is not JobState.UNKNOWN)

TERMINAL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.STOPPED})

_NEAREST: Mapping[JobState, tuple[JobState, ...]] = {
    JobState.PENDING: (JobState.RUNNING,),
    JobState.RUNNING: (JobState.PENDING,),
    JobState.FAILED: (JobState.STOPPED, JobState.PARTIAL),
    JobState.STOPPED: (JobState.FAILED,),
    JobState.PARTIAL: (JobState.FAILED,),
}
"""What stands in for a kind of state that a part of a job does not have."""


@attrs.frozen
class BodyField:
    """One place of a body."""

    path: tuple[str, ...]
    schema: Mapping[str, Any] = attrs.field(repr=False)
    takes: Callable[[Any], bool] = attrs.field(repr=False)
    """Whether a value may stand there."""
    required: bool

    @classmethod
    def from_schema(cls, document: dict[str, Any], schema: dict[str, Any], names: str | Sequence[str]) -> BodyField:
        """The field of that dotted name. Of several names it is the first, which wins wherever it is not empty."""
        path = tuple((names if isinstance(names, str) else names[0]).split("."))
        required = False
        for name in path:
            outer = merge_all_of(document, schema)
            schema, required = outer.get("properties", {}).get(name, {}), name in outer.get("required", ())
        return cls(path, schema, validator(document, schema).is_valid, required)

    def get(self, body: Any) -> Any:
        """What stands there, or None."""
        for name in self.path:
            body = body.get(name) if isinstance(body, dict) else None
        return body

    def put(self, body: dict[str, Any], value: Any) -> None:
        """Write a value, and the objects that it stands in."""
        *outer, last = self.path
        for name in outer:
            if not isinstance(body.get(name), dict):
                body[name] = {}
            body = body[name]
        body[last] = value

    def drop(self, body: Any) -> None:
        """Take it out, if it is there."""
        *outer, last = self.path
        for name in outer:
            body = body.get(name) if isinstance(body, dict) else None
        if isinstance(body, dict):
            body.pop(last, None)

    def put_first(self, body: dict[str, Any], values: Sequence[Any]) -> bool:
        """Write the first of the values that may stand there. False where none may."""
        for value in values:
            if self.takes(value):
                self.put(body, value)
                return True
        return False


@attrs.frozen
class BodyTimestamp:
    """A moment of a job."""

    field: BodyField
    formats: tuple[str, ...]
    zone: str | None


class BodyMapping:
    """A job, sub-job, task or row, as its document declares it.

    Args:
        document: The whole document.
        schema: The schema of the job; it has an `x-job`.
        examples: Recorded jobs of this schema.
    """

    def __init__(self, document: dict[str, Any], schema: dict[str, Any], examples: Sequence[dict[str, Any]]) -> None:
        self._document, self._schema = document, schema
        self.examples = list(examples)
        self.declared: dict[str, Any] = merge_all_of(document, schema)["x-job"]
        state, progress = self.declared["state"], self.declared.get("progress", {})
        self.id = self._field(self.declared["id"])
        self.state = self._field(state["field"])
        self.kinds: dict[str, JobState] = {value: kind for kind in _KINDS for value in state.get(kind.value, ())}
        """The values of the state, and what they mean."""
        listed = merge_all_of(document, dict(self.state.schema))
        self.listed: list[str] = [*self.kinds, *listed.get("enum", ()), *listed.get("x-enum-open", ())]
        """The values of the state that the document knows, whether it says what they mean or not."""
        self.reason = self._maybe(self.declared.get("reason"))
        self.children = self._maybe(self.declared.get("children"))
        self.started, self.ended = self._time("started"), self._time("ended")
        self.progress = self._maybe(progress.get("field"))
        self.full: float = progress.get("of", 1)
        self.done = [self._field(name) for name in progress.get("done", ())]
        self.total = self._maybe(progress.get("total"))

    @cached_property
    def child(self) -> BodyMapping:
        """The shape of its parts, which can be the same again."""
        assert self.children is not None
        schema = merge_all_of(self._document, dict(self.children.schema)).get("items", {})
        parts = [part for each in self.examples for part in self.children.get(each) or () if isinstance(part, dict)]
        shape = BodyMapping(self._document, schema, parts)
        if shape.declared == self.declared:
            shape.examples += self.examples
        return shape

    def kind(self, value: object) -> JobState:
        """What a value of the state means."""
        return self.kinds.get(value, JobState.UNKNOWN) if isinstance(value, str) else JobState.UNKNOWN

    def value(self, kind: JobState) -> str | None:
        """The first value of a kind of state, or of the kind that is nearest to it; None where there is none."""
        for each in (kind, *_NEAREST.get(kind, ())):
            for value, meaning in self.kinds.items():
                if meaning is each:
                    return value
        return None

    def _field(self, names: str | Sequence[str]) -> BodyField:
        return BodyField.from_schema(self._document, self._schema, names)

    def _maybe(self, names: str | Sequence[str] | None) -> BodyField | None:
        return None if names is None else self._field(names)

    def _time(self, name: str) -> BodyTimestamp | None:
        declared = self.declared.get(name)
        if declared is None:
            return None
        return BodyTimestamp(self._field(declared["field"]), tuple(declared["formats"]), declared.get("zone"))


_UNITS = {"epoch-s": 1, "epoch-ms": 1_000, "epoch-us": 1_000_000}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def written(moment: datetime, time: BodyTimestamp, like: Any) -> list[Any]:
    """The ways to write a moment into a field, the one that is most like a recorded value first."""
    recorded = [name for name in time.formats if parse_timestamp(like, (name,), time.zone)]
    formats = dict.fromkeys([*recorded[:1], *time.formats])
    return [text for name in formats for text in _forms(name, moment, time.zone, like)]


def _forms(name: str, moment: datetime, zone: str | None, like: Any) -> Iterator[Any]:
    if name in _UNITS:
        number = (moment - _EPOCH) // timedelta(microseconds=1) * _UNITS[name] // 1_000_000
        yield from (str(number), number) if isinstance(like, str) else (number, str(number))
    elif name == "go-time":
        yield f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}000 +0000 UTC"
    else:
        yield from _dates(moment, zone, like if isinstance(like, str) else "")


def _dates(moment: datetime, zone: str | None, like: str) -> Iterator[str]:
    separator = like[10:11] or ("T" if zone is None else " ")
    fine = "microseconds" if "." in like else "seconds"
    local = moment.astimezone(_offset(zone))
    plain = local.replace(tzinfo=None).isoformat(separator, fine)
    if like.endswith("Z"):
        yield moment.astimezone(UTC).replace(tzinfo=None).isoformat(separator, fine) + "Z"
    elif zone is not None and not _has_offset(like):
        yield plain
    yield local.isoformat(separator, fine)


def _has_offset(text: str) -> bool:
    return "+" in text[10:] or "-" in text[10:]


def _offset(zone: str | None) -> timezone:
    if zone is None:
        return UTC
    sign = -1 if zone.startswith("-") else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))
