"""Rules of `x-job`: each path leads to a field of the schema, of a type and with values that it can have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from ..errors import Problem
from .field_paths import KeyedItem, Step, as_text, steps
from .mappings import FINAL_STATES, FieldTest, JobMapping, TimestampMapping, Value, text_of_value
from .schema_view import KINDS, FlatSchema, flatten
from .strict_yaml import Source

_TEXT = frozenset({"string", "integer"})
_NUMBER = frozenset({"integer", "fraction"})
_SCALAR = frozenset({"string", "integer", "fraction", "boolean"})

_FIX = "Name a property, dotted from the schema"


def job_problems(source: Source, here: str, declared: dict[str, Any]) -> Iterator[Problem]:
    """Yield each problem of an `x-job` of valid form.

    Args:
        source: The document.
        here: Pointer of the `x-job`.
        declared: Its value.
    """
    job = JobMapping.from_extension(declared)
    fields = _Fields(source, here, flatten(source.data, here.rpartition("/")[0]))
    yield from fields.check("id", job.id, _TEXT, "a string or an integer")
    yield from fields.check("reason", job.reason, _TEXT | _NUMBER, "a string or a number")
    yield from fields.check("code", job.code, _TEXT | _NUMBER, "a string or a number")
    yield from _children(fields, job)
    for key, time in (("started", job.started), ("ended", job.ended)):
        yield from _time(fields, key, time)
    yield from _progress(fields, job)
    yield from _states(fields, job, declared["state"])


@attrs.frozen
class _Fields:
    """The fields of one schema, and where their problems are reported."""

    source: Source
    here: str
    schema: FlatSchema

    def problem(self, place: str, message: str, fix: str) -> Problem:
        return self.source.problem(f"{self.here}/{place}", message, fix)

    def check(self, place: str, names: Iterable[str], kinds: frozenset[str], expected: str) -> Iterator[Problem]:
        """Yield the problems of paths that lead to no field, or to one of other types."""
        for name in names:
            if lack := self.lack(name):
                yield self.problem(place, f"names the field {name}, which {lack}", _FIX)
            elif not self.schema.at(name).kinds & kinds:
                found = " or ".join(self.schema.at(name).types) or "nothing"
                yield self.problem(place, f"must name {expected}, got {name}, which is {found}", "Name another field")

    def lack(self, path: str) -> str:
        """Why a path leads to nothing, as the end of a sentence; empty if it leads to a field."""
        view, gone = self.schema, ""
        for step in steps(path):
            if isinstance(step, str) and view.kinds.isdisjoint({"object"}):
                return f"the schema lacks: {gone or 'it'} is not an object"
            if not isinstance(step, str) and view.kinds.isdisjoint({"array"}):
                return f"the schema lacks: {gone or 'it'} is not an array"
            view = view.step(step)
            if not view.roots:
                return "the schema lacks"
            if isinstance(step, KeyedItem):
                key = view.step(step.name)
                if not key.roots:
                    return f"the schema lacks: the items of {gone} have no {step.name}"
                if key.enum is not None and step.text not in map(as_text, key.enum):
                    return f"the schema lacks: {step.name} is never {step.text}"
            gone = f"{gone}{_written(step, bool(gone))}"
        return ""


def _written(step: Step, is_inner: bool) -> str:
    if isinstance(step, KeyedItem):
        return f"[{step.name}={step.text}]"
    return f"[{step}]" if isinstance(step, int) else f"{'.' * is_inner}{step}"


def _children(fields: _Fields, job: JobMapping) -> Iterator[Problem]:
    for name in job.children:
        if lack := fields.lack(name):
            yield fields.problem("children", f"names the field {name}, which {lack}", _FIX)
            continue
        view = fields.schema.at(name)
        if not any(each.first("x-job") for each in (view.items, view.others, view)):
            message = f"must name a list or map of jobs, or a job, got {name}, which has no x-job"
            yield fields.problem("children", message, "Give the schema of a child an x-job")
    if job.progress_of_children and not job.children:
        yield fields.problem("progress", "counts children, and none are declared", "Add children")


def _time(fields: _Fields, key: str, time: TimestampMapping | None) -> Iterator[Problem]:
    if time is not None:
        kinds = frozenset({"string"} if set(time.formats) <= {"go-time", "datetime"} else {"string", *_NUMBER})
        expected = "a string" if len(kinds) == 1 else "a string or a number"
        yield from fields.check(f"{key}/field", time.fields, kinds, expected)


def _progress(fields: _Fields, job: JobMapping) -> Iterator[Problem]:
    is_fraction = job.progress_format == "fraction"
    kinds, expected = (
        (frozenset({"string"}), "a string") if is_fraction else (_NUMBER | {"string"}, "a number or a string")
    )
    yield from fields.check("progress/field", job.progress, kinds, expected)
    yield from fields.check("progress/done", job.done, _NUMBER | {"string"}, "a number or a string")
    yield from fields.check(
        "progress/total", [job.total] if job.total else [], _NUMBER | {"string"}, "a number or a string"
    )


def _states(fields: _Fields, job: JobMapping, declared: dict[str, Any]) -> Iterator[Problem]:
    values = [json.dumps(value) for listed in job.values.values() for value in listed]
    for text in dict.fromkeys(text for text in values if values.count(text) > 1):
        yield fields.problem("state", f"gives {text_of_value(json.loads(text))} two states", "Give it one")
    if not job.known_states & set(FINAL_STATES):
        message = f"must declare a final state, got {', '.join(sorted(job.known_states))}"
        yield fields.problem(
            "state", message, f"Add values of one of {', '.join(FINAL_STATES)}: no wait ends otherwise"
        )
    if "field" in declared:
        missing = list(fields.check("state/field", job.state, _SCALAR | {"array"}, "a value or a list of values"))
        yield from missing
        for state, listed in job.values.items() if not missing else ():
            yield from _values(fields, f"state/{state}", job.state, listed)
        return
    for index, case in enumerate(job.cases):
        for test in case.tests:
            (name,) = test.fields
            place = f"state/cases/{index}/when"
            if lack := fields.lack(name):
                yield fields.problem(place, f"names the field {name}, which {lack}", _FIX)
            elif test.minimum is not None or test.maximum is not None:
                yield from fields.check(place, test.fields, _NUMBER | {"string"}, "a number")
            else:
                yield from _test(fields, place, test)


def _test(fields: _Fields, place: str, test: FieldTest) -> Iterator[Problem]:
    if not test.present:
        yield from _values(fields, place, test.fields, test.values)


def _values(fields: _Fields, place: str, names: tuple[str, ...], values: Iterable[Value]) -> Iterator[Problem]:
    """Yield a problem for each value that none of the fields can have."""
    views = [fields.schema.at(name) for name in names]
    for value in values:
        if value == "":
            yield fields.problem(place, 'must be a value of a field that is not empty, got ""', "Write null")
            continue
        # Null is for a field that is missing, too.
        if value is not None and not any(
            _can_be(view, value) or _can_be(view.items, value, item=True) for view in views
        ):
            listed = [each for view in views for each in (view.enum or view.items.enum or ())]
            known = f": its values are {', '.join(map(text_of_value, listed))}" if listed else ""
            types = " or ".join(dict.fromkeys(kind for view in views for kind in view.types))
            message = f"must be a value that {' or '.join(names)} can have, got {text_of_value(value)}"
            yield fields.problem(place, message, f"The field is {types or 'of another type'}{known}")


def _can_be(view: FlatSchema, value: Value, *, item: bool = False) -> bool:
    if item and not view.roots:
        return False
    kind = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"
    if not view.kinds & KINDS[kind]:
        return False
    return view.enum is None or any(json.dumps(value) == json.dumps(each) for each in view.enum)
