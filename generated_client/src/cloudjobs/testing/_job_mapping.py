# Generated from generator/client/runtime/testing/_job_mapping.py. Do not edit: change that, and run `make generate`.
"""Bodies with a job: the smallest one of a schema, and the fields of a job in it by `x-job`, for writing them.

The client has its own code for reading them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import attrs
import jsonschema_rs

from .._documents import FlatSchema, Location
from .._jobs import FieldTest, JobMapping, JobState, StateCase, holds, parse_timestamp, state_of
from .._models import Step, as_text, steps, value_at


def validator(schema: FlatSchema) -> jsonschema_rs.Draft202012Validator:
    """Make a validator of a schema. It ignores `format`, and its messages do not contain the value."""
    # The schema refers to the document's components from its own root.
    components = schema.schemas.document.get("components", {})
    rooted = {"allOf": [True, *schema.parts], "components": components}
    return jsonschema_rs.Draft202012Validator(rooted, mask="the value", validate_formats=False)


def minimal_instance(schema: FlatSchema | None) -> Any:
    """Return the smallest value that keeps to a schema, patterns excepted."""
    if schema is None:
        return {}
    if schema.allowed:
        return schema.allowed[0]
    match next(iter(schema.types), "object"):
        case "object":
            body = {name: minimal_instance(schema.properties.get(name)) for name in schema.required}
            keep_conditions(schema, body)
            return body
        case "array":
            return [minimal_instance(schema.items) for _ in range(max(_values(schema, "minItems"), default=0))]
        case "string":
            return "x" * max(_values(schema, "minLength"), default=0)
        case "integer" | "number":
            # Zero, or the bound that is nearest to it.
            return min(max([0, *_values(schema, "minimum")]), *_values(schema, "maximum"), math.inf)
        case "boolean":
            return False
    return None


def keep_conditions(schema: FlatSchema, body: dict[str, Any]) -> None:
    """Drop fields that conditions forbid, and write the values that conditions require."""
    for condition in schema.conditions:
        if condition.field is None:
            if condition.applies(body):
                _write_allowed(condition.then, body)
        elif any(condition.deviations(body, Location())):
            del body[condition.field]


def _write_allowed(schema: FlatSchema, value: Any) -> None:
    if isinstance(value, list) and schema.items is not None:
        for item in value:
            _write_allowed(schema.items, item)
    if not isinstance(value, dict):
        return
    for name, member in schema.properties.items():
        if name not in value:
            continue
        if member.allowed is not None and value[name] not in member.allowed:
            value[name] = member.allowed[0]
        _write_allowed(member, value[name])


def _values(schema: FlatSchema, keyword: str) -> list[Any]:
    return [part[keyword] for part in schema.parts if keyword in part]


TERMINAL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.STOPPED})

_NEAREST: Mapping[JobState, tuple[JobState, ...]] = {
    JobState.PENDING: (JobState.RUNNING,),
    JobState.RUNNING: (JobState.PENDING,),
    JobState.FAILED: (JobState.STOPPED, JobState.PARTIAL),
    JobState.STOPPED: (JobState.FAILED,),
    JobState.PARTIAL: (JobState.FAILED,),
}
"""Substitutes for a state that the children of a job do not have."""


class StateLabels:
    """The labels of the states that a job can have, with their meanings."""

    def __init__(self, kinds: Mapping[str, JobState], unmapped: Sequence[str] = ()) -> None:
        self.kinds = kinds
        """The labels of states, with their meanings."""
        self.listed: list[str] = [*kinds, *unmapped]
        """The labels of states, and the values that the document lists without a meaning."""

    def kind(self, label: str | None) -> JobState:
        """Return the meaning of a label."""
        return self.kinds.get(label or "", JobState.UNKNOWN)

    def value(self, kind: JobState) -> str | None:
        """Return the first label with a meaning, or else with the nearest one; None without either."""
        for each in (kind, *_NEAREST.get(kind, ())):
            for value, meaning in self.kinds.items():
                if meaning is each:
                    return value
        return None


class BodyMapping(StateLabels):
    """The `x-job` of a job, sub-job, task or row.

    A state is written by its label: its value where that is a string, else a name of `JobState`.

    Args:
        schema: The schema of the job; it has an `x-job`.
        examples: Recorded jobs of this schema.
    """

    def __init__(self, schema: FlatSchema, examples: Sequence[dict[str, Any]]) -> None:
        self.schema = schema
        self.examples = list(examples)
        self.declared: dict[str, Any] = schema.annotation("x-job")
        progress = self.declared.get("progress", {})
        self.id = BodyField.from_schema(schema, self.declared["id"])
        self._states = JobStates(schema, self.declared["state"])
        super().__init__(self._states.kinds, self._states.unmapped)
        self.state = self._states.fields[0]
        self.reason = self._optional(self.declared.get("reason"))
        self.code = self._optional(self.declared.get("code"))
        children = self.declared.get("children", ())
        self.children = [
            BodyField.from_schema(schema, name) for name in ([children] if isinstance(children, str) else children)
        ]
        self.started, self.ended = self._timestamp("started"), self._timestamp("ended")
        self.progress = self._optional(progress.get("field"))
        self.progress_format: str = progress.get("format", "")
        self.full: float = progress.get("of", 100 if self.progress_format else 1)
        self.done = [BodyField.from_schema(schema, name) for name in progress.get("done", ())]
        self.total = self._optional(progress.get("total"))

    @cached_property
    def child_mappings(self) -> list[BodyMapping]:
        """The mapping of the children in each field, which can be the same again."""
        found = []
        for field in self.children:
            recorded = [child for job in self.examples for _, child in children_in(field.get(job), field)]
            mapping = BodyMapping(field.child_schema, recorded)
            if mapping.declared == self.declared:
                mapping.examples += self.examples
            found.append(mapping)
        return found

    def kind_of(self, body: dict[str, Any]) -> JobState:
        """Return the state of a job."""
        return self._states.kind_of(body)

    def label_of(self, body: dict[str, Any]) -> str | None:
        """Return the label of a job's state; None for a state without one."""
        return self._states.label_of(body)

    def write_state(self, body: dict[str, Any], label: str) -> None:
        """Write a state. Raises `ValueError` if the schema has no fields for it."""
        self._states.write(body, label)

    def _optional(self, names: str | Sequence[str] | None) -> BodyField | None:
        return None if names is None else BodyField.from_schema(self.schema, names)

    def _timestamp(self, name: str) -> BodyTimestamp | None:
        declared = self.declared.get(name)
        if declared is None:
            return None
        field = BodyField.from_schema(self.schema, declared["field"])
        return BodyTimestamp(field, tuple(declared["formats"]), declared.get("zone"))


class JobStates:
    """The states of an `x-job`, for writing them.

    Args:
        schema: The schema of the job.
        declared: The `state` of its `x-job`.
    """

    def __init__(self, schema: FlatSchema, declared: Mapping[str, Any]) -> None:
        known = [kind for kind in JobState if kind is not JobState.UNKNOWN]
        self.kinds: dict[str, JobState] = {}
        self.unmapped: list[str] = []
        self._writes: dict[str, tuple[FieldTest, ...]] = {}
        """The tests that a body with a state passes, by the label of the state."""
        otherwise = JobState(declared["otherwise"]) if "otherwise" in declared else JobState.UNKNOWN
        if "field" in declared:
            fields = (declared["field"],) if isinstance(declared["field"], str) else tuple(declared["field"])
            values = [(kind, value) for kind in known for value in declared.get(kind.value, ())]
            cases = [
                StateCase(kind, (_of_values(schema, fields, declared[kind.value]),))
                for kind in known
                if kind.value in declared
            ]
            for kind, value in values:
                self._add(value if isinstance(value, str) else kind.value, kind, (FieldTest(fields, (value,)),))
            self.fields = [BodyField.from_schema(schema, fields)]
            of_values = self.fields[0].schema.items or self.fields[0].schema
            listed = [*(of_values.allowed or ()), *(of_values.known_values or ())]
            self.unmapped = [value for value in listed if isinstance(value, str) and value not in self.kinds]
            if otherwise is not JobState.UNKNOWN:
                others = self.unmapped or [otherwise.value]
                self.kinds |= dict.fromkeys(others, otherwise)
                self.unmapped = []
        else:
            cases = [_case(schema, case) for case in declared["cases"]]
            names = dict.fromkeys(test.fields[0] for case in cases for test in case.tests)
            fields = tuple(names)
            self.fields = [BodyField.from_schema(schema, name) for name in names]
            for case in cases:
                self._add(case.state.value, case.state, case.tests)
            if otherwise is not JobState.UNKNOWN:
                self._add(otherwise.value, otherwise, ())
        self._mapping = JobMapping(id=(), state=fields, cases=tuple(cases), otherwise=otherwise)
        self._is_of_values = "field" in declared

    def _add(self, label: str, kind: JobState, tests: tuple[FieldTest, ...]) -> None:
        # The first way to write a state is enough.
        if label not in self.kinds:
            self.kinds[label] = kind
            self._writes[label] = tests

    def kind_of(self, body: dict[str, Any]) -> JobState:
        """Return the state of a job."""
        return state_of(body, self._mapping)

    def label_of(self, body: dict[str, Any]) -> str | None:
        """Return the label of a job's state; None for a state without one."""
        value = self.fields[0].get(body)
        if isinstance(value, list) and value:
            value = value[0]
        if self._is_of_values and isinstance(value, str):
            return value
        kind = self.kind_of(body)
        return None if kind is JobState.UNKNOWN else kind.value

    def write(self, body: dict[str, Any], label: str) -> None:
        """Write a state. Raises `ValueError` if the schema has no fields for it."""
        if self._is_of_values:
            (test,) = self._writes.get(label, (FieldTest((), (label,)),))
            self.fields[0].put_value(body, test.values[0])
            return
        tests = {test.fields[0]: test for test in self._writes[label]}
        for field in self.fields:
            if field.name not in tests:
                field.clear(body)
        for field in self.fields:
            if field.name in tests:
                _write_test(field, body, tests[field.name])
        for case in self._mapping.cases:
            if case.tests == self._writes[label]:
                break
            self._break(case, body, tests)
        if self.kind_of(body) is not self.kinds[label]:
            raise ValueError(f"a body in the state {label!r} cannot be written: it matches another case of x-job")

    def _break(self, case: StateCase, body: dict[str, Any], kept: Mapping[str, FieldTest]) -> None:
        """Change a field so that this case no longer matches the body, and a later case gives the state."""
        changeable = [field for field in self.fields if field.name not in kept]
        for field in (each for each in changeable if each.name in {test.fields[0] for test in case.tests}):
            for value in (True, False, *(field.schema.allowed or ()), "x", 0, minimal_instance(field.schema)):
                if not holds(body, case):
                    return
                if field.is_valid(value):
                    field.put(body, value)


def _case(schema: FlatSchema, declared: Mapping[str, Any]) -> StateCase:
    return StateCase(JobState(declared["is"]), tuple(_test(schema, *each) for each in declared["when"].items()))


def _test(schema: FlatSchema, field: str, declared: Any) -> FieldTest:
    if declared == "present":
        return FieldTest((field,), present=True)
    if isinstance(declared, dict):
        return FieldTest((field,), minimum=declared.get("minimum"), maximum=declared.get("maximum"))
    return _of_values(schema, (field,), [None] if declared == "absent" else declared)


def _of_values(schema: FlatSchema, fields: tuple[str, ...], values: list[Any]) -> FieldTest:
    is_list = any("array" in BodyField.from_schema(schema, field).schema.types for field in fields)
    return FieldTest(fields, tuple(values), of_items=is_list)


def _write_test(field: BodyField, body: dict[str, Any], test: FieldTest) -> None:
    """Write a value that passes a test."""
    if test.present:
        if field.get(body) in (None, ""):
            value = minimal_instance(field.schema)
            field.put(body, "x" if value in (None, "") else value)
    elif test.values:
        if not any(value == field.get(body) for value in test.values):
            field.put_value(body, test.values[0])
    else:
        field.put(body, test.maximum if test.minimum is None else test.minimum)


def children_in(value: Any, field: BodyField) -> list[tuple[str | int | None, dict[str, Any]]]:
    """Return the children in the value of a field, each with its key: of a list, of a map, or the value itself."""
    if isinstance(value, dict) and field.is_child:
        return [(None, value)]
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    return [(key, child) for key, child in pairs if isinstance(child, dict)]


@attrs.frozen
class BodyField:
    """A field of a body."""

    name: str
    """Its path."""
    path: tuple[Step, ...]
    schema: FlatSchema = attrs.field(repr=False)
    is_valid: Callable[[Any], bool] = attrs.field(repr=False)
    """Whether the schema allows a value."""
    required: bool

    @classmethod
    def from_schema(cls, schema: FlatSchema, names: str | Sequence[str]) -> BodyField:
        """Find the field of a path. Of several paths, this is the first, which is used unless it is empty."""
        name = names if isinstance(names, str) else names[0]
        required = False
        for step in steps(name):
            found = schema.items
            if isinstance(step, str):
                required = step in schema.required
                found = schema.properties.get(step) or schema.values
            schema = found or schema.schemas.node({})
        return cls(name, steps(name), schema, validator(schema).is_valid, required)

    @property
    def is_child(self) -> bool:
        """Whether the field is itself a child, rather than a list or map of children."""
        return self.schema.annotation("x-job") is not None

    @property
    def child_schema(self) -> FlatSchema:
        """The schema of its children."""
        found = self.schema if self.is_child else self.schema.items or self.schema.values
        assert found is not None
        return found

    def get(self, body: Any) -> Any:
        """Return its value, or None."""
        return value_at(body, self.name)

    def put(self, body: dict[str, Any], value: Any) -> None:
        """Write a value, and the objects and lists around it."""
        put(body, self.path, value)

    def put_value(self, body: dict[str, Any], value: Any) -> None:
        """Write a value of a state: into a list, where the field has one; null as an absent field."""
        if value is None:
            self.clear(body)
        elif "array" in self.schema.types:
            self.put(body, [value])
        else:
            self.put(body, value)

    def drop(self, body: Any) -> None:
        """Remove it, if it is present; of a path through a list the item."""
        path = self.path
        while any(not isinstance(step, str) for step in path) and isinstance(path[-1], str):
            path = path[:-1]
        *outer, last = path
        for step in outer:
            body = _get(body, _key(body, step))
        key = _key(body, last)
        if isinstance(body, dict):
            body.pop(key, None)
        elif isinstance(body, list) and isinstance(key, int) and key < len(body):
            del body[key]

    def clear(self, body: dict[str, Any]) -> None:
        """Remove it, or write the emptiest value that the schema allows."""
        if not self.required or not all(isinstance(step, str) for step in self.path):
            self.drop(body)
        elif not self.put_first(body, [None, "", False, 0, []]):
            self.put(body, minimal_instance(self.schema))

    def put_first(self, body: dict[str, Any], values: Sequence[Any]) -> bool:
        """Write the first of the values that the schema allows. Returns whether there was one."""
        for value in values:
            if self.is_valid(value):
                self.put(body, value)
                return True
        return False


def put(place: Any, path: Sequence[Step], value: Any) -> None:
    """Write a value at the end of a path, and the objects and lists on the way."""
    for step, following in zip(path, (*path[1:], None), strict=True):
        key = _place(place, step)
        if following is None:
            place[key] = value
            return
        kind = dict if isinstance(following, str) else list
        if not isinstance(_get(place, key), kind):
            place[key] = kind()
        place = place[key]


def _key(place: Any, step: Step) -> str | int | None:
    """Return the key of a step in an object or list; None where that lacks it."""
    if isinstance(step, tuple):
        items = enumerate(place if isinstance(place, list) else ())
        return next((index for index, item in items if as_text(value_at(item, f'"{step[0]}"')) == step[1]), None)
    return step


def _get(place: Any, key: str | int | None) -> Any:
    if isinstance(place, list):
        return place[key] if isinstance(key, int) and key < len(place) else None
    return place.get(key) if isinstance(place, dict) else None


def _place(place: Any, step: Step) -> str | int:
    """Return the key of a step in an object or list, which gets the item if it lacks that."""
    if isinstance(step, str):
        return step
    key = _key(place, step)
    if isinstance(step, tuple):
        if key is None:
            place.append({step[0]: step[1]})
        return len(place) - 1 if key is None else key
    place += [{}] * (step + 1 - len(place))
    return step


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
