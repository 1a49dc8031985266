# Generated from generator/client/runtime/testing/_jobs.py. Do not edit: change that, and run `make generate`.
"""Jobs of a replay: their lifecycle, and a recorded body changed at the fields that `x-job` names.

Children are written like the job that they belong to, each with a lifecycle that follows from that of the whole, so
that state, children, counters and timestamps agree at every step.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import blake2b
from random import Random
from typing import Any

import attrs

from .._clock import is_duration
from .._documents import FlatSchema
from .._jobs import JobState
from ._job_mapping import (
    TERMINAL,
    BodyField,
    BodyMapping,
    StateLabels,
    children_in,
    keep_conditions,
    minimal_instance,
    validator,
)

_CHILDREN = 2
"""Children of a job without a recorded example."""

_UNLISTED_CHILDREN = 10
"""Children of a job that counts them without listing them, and has no recorded number."""

_MOST_RUNNING = 4
"""Running states of a random lifecycle at most."""

_RANKS = {JobState.PENDING: 0, JobState.RUNNING: 1, **dict.fromkeys(TERMINAL, 2)}

_HEALTHY = frozenset({JobState.SUCCEEDED, JobState.RUNNING, JobState.PENDING, JobState.UNKNOWN})


@attrs.frozen(kw_only=True)
class AddedJobSpec:
    """The properties that a job is to have."""

    states: Sequence[str] | None = None
    polls: int = 1
    seconds: float | None = None
    children: int | None = None
    reason: str = ""
    where: Mapping[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.polls, bool) or not isinstance(self.polls, int) or self.polls < 1:
            raise ValueError(f"polls must be an integer >= 1, got {self.polls!r}")
        if self.seconds is not None and not is_duration(self.seconds):
            raise ValueError(f"seconds must be a number >= 0, got {self.seconds!r}")
        if self.children is not None and not (isinstance(self.children, int) and self.children >= 0):
            raise ValueError(f"children must be an integer >= 0, got {self.children!r}")
        if not isinstance(self.reason, str):
            raise ValueError(f"reason must be a str, got {self.reason!r}")


@attrs.define(eq=False)
class ReplayJob:
    """A job that is replayed."""

    service: str
    id: str
    where: Mapping[str, str]
    """The path parameters that a request for it must have; empty for any."""
    _lifecycle: JobLifecycle = attrs.field(repr=False)
    _build: Callable[[Sequence[LifecycleStep], str], dict[str, Any]] = attrs.field(repr=False)
    _reason: str = attrs.field(repr=False)
    _bodies: dict[int, str] = attrs.field(factory=dict, repr=False)
    _index: int = attrs.field(default=0, repr=False)

    @property
    def states(self) -> tuple[str, ...]:
        """The states of its lifecycle, as on the wire."""
        return tuple(self._lifecycle.values)

    @property
    def state(self) -> str:
        """The state in the last response; the first state before any response."""
        return self._lifecycle.values[self._index]

    def body(self, now: float, *, counts: bool = True) -> str:
        """Return its body. A response that `counts` brings its next state nearer."""
        self._index = index = self._lifecycle.advance(datetime.fromtimestamp(now, UTC), counts=counts)
        if index not in self._bodies:
            body = self._build(self._lifecycle.steps(index), self._reason)
            self._bodies[index] = json.dumps(body, ensure_ascii=False)
        return self._bodies[index]

    def end(self, value: str, kind: JobState, reason: str, now: float, validate: Callable[[Any], object]) -> None:
        """End it in that state, from its next response on. Raises `ValueError` if it has ended, or from `validate`."""
        reason = reason or self._reason
        lifecycle = self._lifecycle.ended(value, kind, datetime.fromtimestamp(now, UTC))
        last = len(lifecycle.values) - 1
        if lifecycle.kinds[last - 1] in TERMINAL:
            raise ValueError(f"{self.service} job {self.id!r} has already ended as {lifecycle.values[last - 1]!r}")
        validate(self._build(lifecycle.steps(last), reason))
        self._lifecycle, self._reason = lifecycle, reason


_Build = Callable[[Sequence["LifecycleStep"], str], dict[str, Any]]
"""Builds the body of a job, from its lifecycle up to now and its reason."""


class StatusJobFactory:
    """Makes jobs with states that are status codes: their document has no fields of a job.

    Args:
        service: Its service.
        labels: The status codes, with their meanings.
        is_id: Whether a request can have an ID.
    """

    def __init__(self, service: str, labels: StateLabels, is_id: Callable[[str], bool]) -> None:
        self.labels = labels
        self._service = service
        self.is_id = is_id

    def make(self, job_id: str, spec: AddedJobSpec, now: float) -> ReplayJob:
        """Make a job. Raises `ValueError` if the document has no such state, or does not allow such a job."""
        label = f"{self._service} job {job_id!r}"
        if not isinstance(job_id, str) or not job_id:
            raise ValueError(f"the id of a job must be a non-empty str, got {job_id!r}")
        values, kinds = _states(self.labels, spec.states, label)
        start = datetime.fromtimestamp(now, UTC)
        build = self._build(job_id, values[-1], kinds[-1], spec.children)
        trial = JobLifecycle(values, kinds, start)
        for value in values:
            self._validate(build(trial.steps(trial.advance(start)), spec.reason), label, value)
        lifecycle = JobLifecycle(values, kinds, start, spec.polls, spec.seconds)
        return ReplayJob(self._service, job_id, spec.where, lifecycle, build, spec.reason)

    def end(self, job: ReplayJob, state: str, reason: str, now: float) -> None:
        """End a job. Raises `ValueError` if it has ended, or the document has no such terminal state."""
        label = f"{self._service} job {job.id!r}"
        value = _value(self.labels, state, label)
        kind = self.labels.kind(value)
        if kind not in TERMINAL:
            raise ValueError(
                f"{label} must end in a terminal state, got {state!r}; the states are {_known(self.labels)}"
            )
        job.end(value, kind, reason, now, lambda body: self._validate(body, label, value))

    def _build(self, job_id: str, end: str, kind: JobState, children: int | None) -> _Build:
        """Return a function that builds the body of a job."""
        if not self.is_id(job_id):
            raise ValueError(
                f"the id of a job of {self._service} must match the schema of the document, got {job_id!r}"
            )
        self._has_no_children(children)
        return lambda steps, reason: {}

    def _validate(self, body: dict[str, Any], label: str, value: str) -> None:
        """Raise `ValueError` unless the schema of a job allows its body."""

    def _has_no_children(self, count: int | None) -> None:
        if count:
            raise ValueError(
                f"children must be 0, since the document of {self._service} lists no children, got {count}"
            )


class JobFactory(StatusJobFactory):
    """Makes the jobs of one operation, with the states of a field.

    Args:
        service: Its service.
        mapping: The `x-job` of a job, with the recorded jobs.
        match: Name of the field that a listing's rows are found by; None for a job that is a whole response.
        schema: The schema of a job.
        seed: Random choices follow from it.
    """

    def __init__(self, service: str, mapping: BodyMapping, match: str | None, schema: FlatSchema, seed: int) -> None:
        super().__init__(service, mapping, mapping.id.is_valid)
        self.mapping = mapping
        self._match, self._schema, self._seed = match, schema, seed
        self._validator = validator(schema)

    def _build(self, job_id: str, end: str, kind: JobState, children: int | None) -> _Build:
        template = self._template(job_id, end, kind, children)
        return lambda steps, reason: build_job_body(self.mapping, template, steps, reason)

    def _validate(self, body: dict[str, Any], label: str, value: str) -> None:
        error = next(self._validator.iter_errors(body), None)
        if error is not None:
            problem = f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            raise ValueError(f"{label} in state {value!r} must match the schema of the document: {problem}")

    def _template(self, job_id: str, end: str, kind: JobState, children: int | None) -> dict[str, Any]:
        """Return the body to start from: a recorded job, preferably one that ended in the same state."""
        chance = Random(f"{self._seed}/{self._service}/{job_id}")
        examples = self.mapping.examples
        same_value = [each for each in examples if self.mapping.label_of(each) == end]
        same_kind = [each for each in examples if self.mapping.kind_of(each) is kind]
        candidates = same_value or same_kind or examples
        body = copy.deepcopy(chance.choice(candidates)) if candidates else minimal_instance(self._schema)
        ids = [job_id, int(job_id)] if job_id.isascii() and job_id.isdigit() else [job_id]
        if not self.mapping.id.put_first(body, ids):
            raise ValueError(
                f"the id of a job of {self._service} must match the schema of the document, got {job_id!r}"
            )
        if self._match is not None:
            body[self._match] = self.mapping.id.get(body)
        self._put_children(body, children, chance.getrandbits(32))
        return dict(body)

    def _put_children(self, body: dict[str, Any], count: int | None, seed: int) -> None:
        if not self.mapping.children:
            self._has_no_children(count)
            return
        for field, mapping in zip(self.mapping.children, self.mapping.child_mappings, strict=True):
            number = 1 if field.is_child else count
            self._put_children_of(field, mapping, body, number, seed)
            # The number is that of all children: those of the first list or map.
            count = count if field.is_child or count is None else 0

    def _put_children_of(
        self, field: BodyField, mapping: BodyMapping, body: dict[str, Any], count: int | None, seed: int
    ) -> None:
        recorded = children_in(field.get(body), field)
        if count is None:
            count = len(recorded) if self.mapping.examples else _CHILDREN
        models = [child for _, child in recorded] or mapping.examples[:1] or [minimal_instance(field.child_schema)]
        children: list[tuple[Any, dict[str, Any]]] = []
        for index in range(count):
            child = copy.deepcopy(models[index % len(models)])
            old_id = mapping.id.get(child)
            new_id = old_id if isinstance(old_id, str) and old_id else "part"
            if index >= len(recorded) or new_id != old_id or _is_random(new_id):
                new_id = IdFactory(new_id, seed)(index)
            mapping.id.put_first(child, [new_id, index])
            children.append((recorded[index][0] if index < len(recorded) else new_id, child))
        if field.is_child:
            field.put(body, children[0][1])
        elif "object" in field.schema.types:
            field.put(body, dict(children))
        else:
            field.put(body, [child for _, child in children])


@attrs.frozen
class LifecycleStep:
    """One state of a lifecycle."""

    value: str | None
    """As on the wire; None for a child if its document has no value for the state."""
    kind: JobState
    share: Fraction
    """The share of the work that is done, from 0 to 1."""
    timestamp: datetime
    """The time at which this state began."""


@attrs.define
class JobLifecycle:
    """A job's sequence of states.

    It advances with every `polls` responses that show it; or, if `seconds` are given, with time. It stays in its last
    state.
    """

    values: Sequence[str]
    kinds: Sequence[JobState]
    start: datetime
    polls: int = 1
    seconds: float | None = None
    _responses: int = attrs.field(default=0, alias="responses")
    _timestamps: list[datetime] = attrs.field(factory=list, alias="timestamps")

    def advance(self, now: datetime, *, counts: bool = True) -> int:
        """Return the index of the state that a response shows now. One that `counts` brings the next state nearer."""
        last = len(self.values) - 1
        if self.seconds is not None:
            passed = (now - self.start).total_seconds()
            index = last if self.seconds == 0 else min(max(int(passed / self.seconds + 1e-9), 0), last)
            while len(self._timestamps) <= index:
                self._timestamps.append(self.start + timedelta(seconds=self.seconds * len(self._timestamps)))
            return index
        index = min(self._responses // self.polls, last)
        # Timestamps never decrease, even if the clock is set back.
        self._timestamps += [max([now, *self._timestamps[-1:]])] * (index + 1 - len(self._timestamps))
        self._responses += counts
        return index

    def ended(self, value: str, kind: JobState, now: datetime) -> JobLifecycle:
        """Return a lifecycle with the states that were shown, then that state, in which the job stays."""
        timestamps = list(self._timestamps)
        if self.seconds is not None:
            timestamps = [self.start + timedelta(seconds=self.seconds * n) for n in range(self.advance(now) + 1)]
        timestamps = timestamps or [self.start]
        shown = len(timestamps)
        return JobLifecycle(
            [*self.values[:shown], value],
            [*self.kinds[:shown], kind],
            self.start,
            responses=shown,
            timestamps=[*timestamps, max(now, timestamps[-1])],
        )

    def steps(self, index: int) -> list[LifecycleStep]:
        """Return the steps up to that state. No work is done while pending; the other states share it equally."""
        done = [sum(kind is not JobState.PENDING for kind in self.kinds[: n + 1]) for n in range(len(self.kinds))]
        whole = done[-1] + (self.kinds[-1] not in TERMINAL) or 1
        return [
            LifecycleStep(self.values[n], self.kinds[n], Fraction(done[n], whole), self._timestamps[n])
            for n in range(index + 1)
        ]


def random_states(labels: StateLabels, chance: Random) -> list[str]:
    """Choose states for a job: some that are not terminal, then one that is."""
    ends = [value for value, kind in labels.kinds.items() if kind in TERMINAL]
    pending, running = labels.value(JobState.PENDING), labels.value(JobState.RUNNING)
    middle = [running] * chance.randint(1, _MOST_RUNNING)
    values = [value for value in (pending, *middle) if value is not None]
    return [*values, chance.choice(ends)] if ends else values


def _states(labels: StateLabels, states: Sequence[str] | None, label: str) -> tuple[list[str], list[JobState]]:
    """Return the values of a lifecycle and their meanings.

    Args:
        labels: The states that a job can have.
        states: Values as on the wire, or names of `JobState`; by default pending, running, succeeded.
        label: The job's name in an error.

    Raises:
        ValueError: The state is unknown, or a job cannot go from one of them to the next.
    """
    if isinstance(states, str):
        raise ValueError(f"{label}: states must be a list of states, got the str {states!r}")
    if states is None:
        success = (JobState.PENDING, JobState.RUNNING, JobState.SUCCEEDED)
        values = list(dict.fromkeys(value for kind in success if (value := labels.value(kind)) is not None))
    else:
        values = [_value(labels, each, label) for each in states]
    if not values:
        raise ValueError(f"{label}: states must have at least one state, got none; the states are {_known(labels)}")
    kinds = [labels.kind(value) for value in values]
    _check_order(values, kinds, label)
    return values, kinds


def _value(labels: StateLabels, state: str, label: str) -> str:
    if state in labels.listed and not isinstance(state, JobState):
        return str(state)
    for value, meaning in labels.kinds.items():
        if meaning.value == state:
            return value
    raise ValueError(f"{label} must have a state of its document, got {str(state)!r}; the states are {_known(labels)}")


def _known(labels: StateLabels) -> str:
    values = ", ".join(repr(value) for value in dict.fromkeys(labels.listed))
    return f"{values}; or the JobState {', '.join(dict.fromkeys(kind.value for kind in labels.kinds.values()))}"


def _check_order(values: Sequence[str], kinds: Sequence[JobState], label: str) -> None:
    furthest, before = 0, values[0]
    for index, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        # A state without a meaning may follow any state but a terminal one.
        rank = _RANKS.get(kind, min(furthest, 1))
        if furthest == 2 or rank < furthest:
            if value == before and index:
                raise ValueError(f"{label}: states must have the terminal state {before!r} once, got it twice")
            raise ValueError(f"{label}: states must be in the order of a job's life, got {value!r} after {before!r}")
        furthest, before = max(rank, furthest), value


def build_job_body(
    mapping: BodyMapping, template: dict[str, Any], steps: Sequence[LifecycleStep], reason: str
) -> dict[str, Any]:
    """Build the body of a job.

    Args:
        mapping: The `x-job`.
        template: The body to start from; it is not changed.
        steps: The job's lifecycle up to now.
        reason: The reason of a failure.
    """
    body = copy.deepcopy(template)
    now = steps[-1]
    if now.value is not None:
        mapping.write_state(body, now.value)
    _write_reason(mapping, body, template, now, reason)
    _write_timestamps(mapping, body, template, steps)
    children = _write_children(mapping, body, steps, reason)
    _write_progress(mapping, body, template, steps, children)
    if now.value is not None:
        # A state can depend on a timestamp or a counter.
        mapping.write_state(body, now.value)
    keep_conditions(mapping.schema, body)
    return body


def _write_reason(
    mapping: BodyMapping, body: dict[str, Any], template: dict[str, Any], now: LifecycleStep, reason: str
) -> None:
    field = mapping.reason
    if field is None:
        return
    if now.kind not in _HEALTHY:
        recorded = field.get(template) if mapping.kind_of(template) is now.kind else None
        if reason or not recorded:
            field.put_first(body, [reason or "simulated failure (replay)"])
        return
    # An empty or missing reason, as recorded for a job without a failure.
    healthy = [each for each in mapping.examples if mapping.kind_of(each) in _HEALTHY]
    has_field = any(field.get(each) is not None for each in healthy)
    if field.get(body) is not None and not (has_field and field.put_first(body, [""])) and not field.required:
        field.drop(body)


def _write_timestamps(
    mapping: BodyMapping, body: dict[str, Any], template: dict[str, Any], steps: Sequence[LifecycleStep]
) -> None:
    now = steps[-1]
    if mapping.started is not None:
        field = mapping.started.field
        started = next((step.timestamp for step in steps if step.kind is not JobState.PENDING), None)
        # A start that is never empty is present from the first response, as the time at which the job was created.
        if not field.is_valid(""):
            started = steps[0].timestamp
        values = [""] if started is None else mapping.started.encodings(started, field.get(template))
        field.put_first(body, values)
    if mapping.ended is not None:
        field = mapping.ended.field
        if now.kind in TERMINAL:
            ended = next(step.timestamp for step in steps if step.kind in TERMINAL)
            field.put_first(body, mapping.ended.encodings(ended, field.get(template)))
        elif _is_update_time(mapping) or (field.required and not field.is_valid("")):
            field.put_first(body, mapping.ended.encodings(now.timestamp, field.get(template)))
        elif not field.put_first(body, [""]):
            field.drop(body)


def _is_update_time(mapping: BodyMapping) -> bool:
    """Return whether the time of the end was recorded before the end: then it is the time of the last change."""
    assert mapping.ended is not None
    return any(
        mapping.ended.field.get(each) not in (None, "")
        for each in mapping.examples
        if mapping.kind_of(each) not in TERMINAL
    )


def _write_children(
    mapping: BodyMapping, body: dict[str, Any], steps: Sequence[LifecycleStep], reason: str
) -> list[JobState] | None:
    """Write the children. Returns the state of each."""
    places = [
        (mapping.child_mappings[number], field, key, child)
        for number, field in enumerate(mapping.children)
        for key, child in children_in(field.get(body), field)
    ]
    if not any(isinstance(field.get(body), list | dict) for field in mapping.children):
        return None
    kinds = []
    for index, (inner, field, key, child) in enumerate(places):
        lifecycle = [_child_step(inner, steps[: n + 1], index, len(places)) for n in range(len(steps))]
        made = build_job_body(inner, child, lifecycle, reason)
        if key is None:
            field.put(body, made)
        else:
            field.get(body)[key] = made
        kinds.append(lifecycle[-1].kind)
    return kinds


def _child_step(mapping: BodyMapping, steps: Sequence[LifecycleStep], index: int, count: int) -> LifecycleStep:
    """Return the state of a child when the job is in the last of its steps: children run one after another."""
    now = steps[-1]
    share = min(max(now.share * count - index, Fraction(0)), Fraction(1))
    if now.kind in TERMINAL:
        share, kind = Fraction(1), _child_end(steps, index, count)
    elif share == 1:
        kind = JobState.SUCCEEDED
    else:
        kind = JobState.RUNNING if share > 0 else JobState.PENDING
    value = mapping.value(kind)
    return LifecycleStep(value, mapping.kind(value) if value is not None else kind, share, now.timestamp)


def _child_end(steps: Sequence[LifecycleStep], index: int, count: int) -> JobState:
    end = steps[-1].kind
    ended_before = len(steps) > 1 and steps[-2].share * count >= index + 1
    if end is JobState.SUCCEEDED or ended_before:
        return JobState.SUCCEEDED
    if end is JobState.PARTIAL:
        return JobState.SUCCEEDED if index == 0 and count > 1 else JobState.FAILED
    return end


def _write_progress(
    mapping: BodyMapping,
    body: dict[str, Any],
    template: dict[str, Any],
    steps: Sequence[LifecycleStep],
    children: list[JobState] | None,
) -> None:
    now = steps[-1]
    share_before = steps[-2].share if len(steps) > 1 else Fraction(0)
    if mapping.total is not None:
        recorded = mapping.total.get(template)
        total = recorded if isinstance(recorded, int) and recorded > 0 else _UNLISTED_CHILDREN
        # A stopped child has neither succeeded nor failed.
        finished = int((share_before if now.kind is JobState.STOPPED else now.share) * total)
        if children is not None:
            total = len(children)
            finished = sum(kind in TERMINAL and kind is not JobState.STOPPED for kind in children)
        mapping.total.put(body, total)
        # `x-job` does not state the meaning of each counter: the one with the highest recorded value gets all children.
        counts = [count if isinstance(count := field.get(template), int) else 0 for field in mapping.done]
        highest = counts.index(max(counts))
        for index, field in enumerate(mapping.done):
            field.put(body, finished if index == highest else 0)
    if mapping.progress is not None:
        recorded = mapping.progress.get(template)
        share = now.share
        if now.kind in TERMINAL and now.kind is not JobState.SUCCEEDED:
            if recorded is not None and mapping.label_of(template) == now.value:
                return  # as it was recorded of a job that ended in this state
            share = share_before
        number = share * Fraction(mapping.full)
        value: float = float(number) if mapping.full <= 1 else int(number)
        texts = [f"{value}%"] if mapping.progress_format == "percent" else [str(value)]
        if mapping.progress_format == "fraction":
            mapping.progress.put(body, f"{share.numerator}/{share.denominator}")
        else:
            mapping.progress.put_first(body, [*texts, value] if isinstance(recorded, str) else [value, *texts])


_RUN = re.compile(r"[0-9a-f]{4,}")

_NUMBER = 8
"""Hexadecimal digits, the last ones of an ID, that hold its number."""

_STEP = 0x9E3779B1
"""An odd number: multiplied by it, numbers of so many digits look random and are still all different."""


class IdFactory:
    """IDs of the form of a recorded one.

    Args:
        like: The recorded ID.
        seed: The IDs follow from it.
    """

    def __init__(self, like: str, seed: object) -> None:
        self._like = like
        self._key = str(seed).encode()
        self._spans = [match.span() for match in _RUN.finditer(like)]
        self._digits = sum(end - start for start, end in self._spans)

    def __call__(self, number: int) -> str:
        """Return the ID of that number."""
        if self._digits < 2 * _NUMBER or number >= 16**_NUMBER:
            return f"{self._like}-{number}"
        digest = blake2b(f"{self._like}/{number}".encode(), key=self._key[:64]).hexdigest()
        digest *= self._digits // len(digest) + 1
        digits = digest[: self._digits - _NUMBER] + f"{number * _STEP % 16**_NUMBER:0{_NUMBER}x}"
        pieces, rest = [], 0
        for start, end in self._spans:
            pieces += [self._like[rest:start], digits[: end - start]]
            digits, rest = digits[end - start :], end
        return "".join([*pieces, self._like[rest:]])


def _is_random(identity: str) -> bool:
    """Return whether an ID looks like one that a service draws at random; any other is a name."""
    return IdFactory(identity, 0)(0) != f"{identity}-0"
