# Generated from generator/client/runtime/testing/_jobs.py. Do not edit: change that, and run `make generate`.
"""Jobs of a replay: their lifecycle, and a recorded body changed at the fields that `x-job` names.

Knows nothing of requests. Parts are written like the whole, each on a walk that follows from that of the whole, so that
state, parts, counters and times agree at every step.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import blake2b
from random import Random
from typing import Any

import attrs

from .._clock import is_duration
from .._jobs import JobState
from ._job_mapping import TERMINAL, BodyMapping, written
from ._schemas import minimal_instance

_RUN = re.compile(r"[0-9a-f]{4,}")

_NUMBER = 8
"""Hexadecimal digits, the last ones of an ID, that hold its number."""

_STEP = 0x9E3779B1
"""An odd number: multiplied by it, numbers of so many digits look drawn by chance and are still all different."""


class IdFactory:
    """IDs of the form of one.

    Args:
        like: The recorded ID.
        seed: What the IDs follow from.
    """

    def __init__(self, like: str, seed: object) -> None:
        self._like = like
        self._key = str(seed).encode()
        self._places = [match.span() for match in _RUN.finditer(like)]
        self._digits = sum(end - start for start, end in self._places)

    def __call__(self, number: int) -> str:
        """The ID of that number."""
        if self._digits < 2 * _NUMBER or number >= 16**_NUMBER:
            return f"{self._like}-{number}"
        digits = self._digest(number)[: self._digits - _NUMBER] + f"{number * _STEP % 16**_NUMBER:0{_NUMBER}x}"
        found, rest = [], 0
        for start, end in self._places:
            found += [self._like[rest:start], digits[: end - start]]
            digits, rest = digits[end - start :], end
        return "".join([*found, self._like[rest:]])

    def _digest(self, number: int) -> str:
        digest = blake2b(f"{self._like}/{number}".encode(), key=self._key[:64]).hexdigest()
        return digest * (self._digits // len(digest) + 1)


_RANKS = {JobState.PENDING: 0, JobState.RUNNING: 1, **dict.fromkeys(TERMINAL, 2)}

_MOST_RUNNING = 4
"""States of running that a walk drawn by chance has at most."""


@attrs.frozen
class LifecycleStep:
    """A job in one of the states of its walk."""

    value: str | None
    """As on the wire; None for a part whose document has no word for it."""
    kind: JobState
    share: Fraction
    """How much of the work is done, from 0 to 1."""
    at: datetime
    """Since when."""


@attrs.define
class JobLifecycle:
    """A job's way through its states.

    It goes on with every `polls` replies that show it; or, where `seconds` are given, with time. In its last state it
    stays.
    """

    values: Sequence[str]
    kinds: Sequence[JobState]
    begun: datetime
    polls: int = 1
    seconds: float | None = None
    _shown: int = 0
    _moments: list[datetime] = attrs.field(factory=list)

    def look(self, now: datetime, *, counts: bool = True) -> int:
        """The number of the state that a reply shows now. One that `counts` brings the next state nearer."""
        last = len(self.values) - 1
        if self.seconds is not None:
            passed = (now - self.begun).total_seconds()
            step = last if self.seconds == 0 else min(max(int(passed / self.seconds + 1e-9), 0), last)
            while len(self._moments) <= step:
                self._moments.append(self.begun + timedelta(seconds=self.seconds * len(self._moments)))
            return step
        step = min(self._shown // self.polls, last)
        # A clock that is set back takes nothing back.
        self._moments += [max([now, *self._moments[-1:]])] * (step + 1 - len(self._moments))
        self._shown += counts
        return step

    def scenes(self, step: int) -> list[LifecycleStep]:
        """What has been, up to that state."""
        return [
            LifecycleStep(self.values[each], self.kinds[each], share, self._moments[each])
            for each, share in enumerate(self._shares()[: step + 1])
        ]

    def _shares(self) -> list[Fraction]:
        """The work done in each state: none while pending, then equal steps up to all of it at the end."""
        passed = [sum(kind is not JobState.PENDING for kind in self.kinds[: n + 1]) for n in range(len(self.kinds))]
        whole = passed[-1] + (self.kinds[-1] not in TERMINAL)
        return [Fraction(each, whole) if whole else Fraction(0) for each in passed]


def states(shape: BodyMapping, wanted: Iterable[str] | None, who: str) -> tuple[list[str], list[JobState]]:
    """The values of a walk and what they mean.

    Args:
        shape: The job's.
        wanted: Values as on the wire, or names of `JobState`; without, the plain way to success.
        who: What the job is called in an error.

    Raises:
        ValueError: There is no such state, or a job cannot go from one of them to the next.
    """
    if isinstance(wanted, str):
        raise ValueError(f"{who}: states is one text: give a list of them")
    if wanted is None:
        plain = (JobState.PENDING, JobState.RUNNING, JobState.SUCCEEDED)
        values = list(dict.fromkeys(value for kind in plain if (value := shape.value(kind)) is not None))
    else:
        values = [_value(shape, each, who) for each in wanted]
    if not values:
        raise ValueError(f"{who}: a job has at least one state; there are {_known(shape)}")
    kinds = [shape.kind(value) for value in values]
    _check_order(values, kinds, who)
    return values, kinds


def random_lifecycle(shape: BodyMapping, chance: Random) -> list[str]:
    """A walk by chance: some states that are not final, then one that is."""
    ends = [value for value, kind in shape.kinds.items() if kind in TERMINAL]
    pending, running = shape.value(JobState.PENDING), shape.value(JobState.RUNNING)
    middle = [running] * chance.randint(1, _MOST_RUNNING)
    found = [value for value in (pending, *middle) if value is not None]
    return [*found, chance.choice(ends)] if ends else found


def _value(shape: BodyMapping, wanted: str, who: str) -> str:
    if wanted in shape.listed and not isinstance(wanted, JobState):
        return str(wanted)
    kind = next((kind for kind in JobState if kind.value == wanted), None)
    named = [value for value, meaning in shape.kinds.items() if meaning is kind]
    if not named:
        raise ValueError(f"{who} is never {str(wanted)!r}; its states are {_known(shape)}")
    return named[0]


def _known(shape: BodyMapping) -> str:
    known = dict.fromkeys(shape.listed)
    names = dict.fromkeys(kind.value for kind in shape.kinds.values())
    return f"{', '.join(repr(value) for value in known)}; or, of JobState, {', '.join(names)}"


def _check_order(values: Sequence[str], kinds: Sequence[JobState], who: str) -> None:
    furthest, before = 0, values[0]
    for number, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        # A state that the document does not explain may be anything but what follows an end.
        rank = _RANKS.get(kind, min(furthest, 1))
        if furthest == 2 or rank < furthest:
            if value == before and number:
                raise ValueError(f"{who}: {before!r} is final, and stays without being named again")
            raise ValueError(f"{who}: no job goes from {before!r} to {value!r}")
        furthest, before = rank if furthest < rank else furthest, value


def utc(seconds: float) -> datetime:
    """Seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, UTC)


_GOOD = frozenset({JobState.SUCCEEDED, JobState.RUNNING, JobState.PENDING, JobState.UNKNOWN})

_PARTS = 10
"""Of a job that counts its parts without listing them, and has no recorded number."""


def build_job_body(
    shape: BodyMapping, template: dict[str, Any], scenes: Sequence[LifecycleStep], reason: str
) -> dict[str, Any]:
    """The body of a job.

    Args:
        shape: The job's.
        template: What it starts from, which is left as it is.
        scenes: Its walk up to now.
        reason: What it says if it has not gone well.
    """
    body = copy.deepcopy(template)
    now = scenes[-1]
    if now.value is not None:
        shape.state.put(body, now.value)
    _say_reason(shape, body, template, now, reason)
    _say_times(shape, body, template, scenes)
    _say_progress(shape, body, template, scenes, _stage_parts(shape, body, scenes, reason))
    return body


def _stage_parts(
    shape: BodyMapping, body: dict[str, Any], scenes: Sequence[LifecycleStep], reason: str
) -> list[JobState] | None:
    """Write the parts. Gives the state of each."""
    parts = shape.children.get(body) if shape.children else None
    if not isinstance(parts, list):
        return None
    found = []
    for place, part in enumerate(parts):
        walk = [_part_of(shape.child, scenes[: step + 1], place, len(parts)) for step in range(len(scenes))]
        parts[place] = build_job_body(shape.child, part, walk, reason) if isinstance(part, dict) else part
        found.append(walk[-1].kind)
    return found


def _part_of(shape: BodyMapping, scenes: Sequence[LifecycleStep], place: int, count: int) -> LifecycleStep:
    """Where a part is when the whole is there: parts run one after another."""
    now = scenes[-1]
    share = min(max(now.share * count - place, Fraction(0)), Fraction(1))
    if now.kind in TERMINAL:
        share, kind = Fraction(1), _end_of_part(scenes, place, count)
    elif share == 1:
        kind = JobState.SUCCEEDED
    else:
        kind = JobState.RUNNING if share > 0 else JobState.PENDING
    value = shape.value(kind)
    return LifecycleStep(value, shape.kind(value) if value is not None else kind, share, now.at)


def _end_of_part(scenes: Sequence[LifecycleStep], place: int, count: int) -> JobState:
    end = scenes[-1].kind
    if end is JobState.SUCCEEDED or _had_ended(scenes, place, count):
        return JobState.SUCCEEDED
    if end is JobState.PARTIAL:
        return JobState.SUCCEEDED if place == 0 and count > 1 else JobState.FAILED
    return end


def _had_ended(scenes: Sequence[LifecycleStep], place: int, count: int) -> bool:
    return len(scenes) > 1 and scenes[-2].share * count >= place + 1


def _say_reason(
    shape: BodyMapping, body: dict[str, Any], template: dict[str, Any], now: LifecycleStep, reason: str
) -> None:
    field = shape.reason
    if field is None:
        return
    if now.kind not in _GOOD:
        recorded = field.get(template) if shape.kind(shape.state.get(template)) is now.kind else None
        if not reason and recorded:
            return
        field.put_first(body, [reason or "the replay lets it end so"])
        return
    # An empty reason, or none at all: as it was recorded of a job that is well.
    well = [each for each in shape.examples if shape.kind(shape.state.get(each)) in _GOOD]
    if field.get(body) is None or (any(field.get(each) is not None for each in well) and field.put_first(body, [""])):
        return
    if not field.required:
        field.drop(body)


def _say_times(
    shape: BodyMapping, body: dict[str, Any], template: dict[str, Any], scenes: Sequence[LifecycleStep]
) -> None:
    now = scenes[-1]
    if shape.started is not None:
        field, like = shape.started.field, shape.started.field.get(template)
        begun = next((scene.at for scene in scenes if scene.kind is not JobState.PENDING), None)
        # Where a time is never empty, it is there from the first, and tells when the job came to be.
        if begun is None and field.takes(""):
            field.put(body, "")
        else:
            moment = begun if begun is not None and field.takes("") else scenes[0].at
            field.put_first(body, written(moment, shape.started, like))
    if shape.ended is not None:
        field, like = shape.ended.field, shape.ended.field.get(template)
        if now.kind in TERMINAL:
            moment = next(scene.at for scene in scenes if scene.kind in TERMINAL)
            field.put_first(body, written(moment, shape.ended, like))
        elif _tells_changes(shape) or (field.required and not field.takes("")):
            field.put_first(body, written(now.at, shape.ended, like))
        elif field.takes(""):
            field.put(body, "")
        else:
            field.drop(body)


def _tells_changes(shape: BodyMapping) -> bool:
    """Whether the time of the end was recorded before there was one: then it is that of the last change."""
    assert shape.ended is not None
    return any(
        shape.ended.field.get(each) not in (None, "")
        for each in shape.examples
        if shape.kind(shape.state.get(each)) not in TERMINAL
    )


def _say_progress(
    shape: BodyMapping,
    body: dict[str, Any],
    template: dict[str, Any],
    scenes: Sequence[LifecycleStep],
    parts: list[JobState] | None,
) -> None:
    now = scenes[-1]
    if shape.total is not None:
        recorded = shape.total.get(template)
        total = len(parts) if parts is not None else recorded if isinstance(recorded, int) and recorded > 0 else _PARTS
        shape.total.put(body, total)
        _count(shape, body, template, _finished(now, scenes, total, parts))
    if shape.progress is not None:
        like = shape.progress.get(template)
        if now.kind in TERMINAL and now.kind is not JobState.SUCCEEDED:
            if like is not None and shape.state.get(template) == now.value:
                return  # as it was recorded of a job that ended so
            share = scenes[-2].share if len(scenes) > 1 else Fraction(0)
        else:
            share = now.share
        number = share * Fraction(shape.full)
        value: float = float(number) if shape.full <= 1 else int(number)
        shape.progress.put_first(body, [str(value), value] if isinstance(like, str) else [value, str(value)])


def _finished(now: LifecycleStep, scenes: Sequence[LifecycleStep], total: int, parts: list[JobState] | None) -> int:
    """How many parts have succeeded or failed. One that was stopped has done neither."""
    if parts is not None:
        return sum(kind in TERMINAL and kind is not JobState.STOPPED for kind in parts)
    if now.kind is JobState.STOPPED:
        return int(scenes[-2].share * total) if len(scenes) > 1 else 0
    return int(now.share * total)


def _count(shape: BodyMapping, body: dict[str, Any], template: dict[str, Any], finished: int) -> None:
    """Which counter counts what, `x-job` does not say: the one that was recorded highest has all, the others none."""
    recorded = [value if isinstance(value := field.get(template), int) else 0 for field in shape.done]
    highest = recorded.index(max(recorded))
    for place, field in enumerate(shape.done):
        field.put(body, finished if place == highest else 0)


_SOME_PARTS = 2
"""Of a job whose parts nobody recorded."""


@attrs.frozen(kw_only=True)
class JobSpec:
    """What somebody wants of a job."""

    states: Sequence[str] | None = None
    polls: int = 1
    seconds: float | None = None
    children: int | None = None
    reason: str = ""
    where: Mapping[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.polls, bool) or not isinstance(self.polls, int) or self.polls < 1:
            raise ValueError(f"polls is {self.polls!r}: give the replies that show a state, 1 or more")
        if self.seconds is not None and not is_duration(self.seconds):
            raise ValueError(f"seconds is {self.seconds!r}: give the seconds that a state lasts, 0 or more")
        if self.children is not None and not (isinstance(self.children, int) and self.children >= 0):
            raise ValueError(f"children is {self.children!r}: give a number, 0 or more")
        if not isinstance(self.reason, str):
            raise ValueError(f"reason is {self.reason!r}: give a text")


@attrs.define(eq=False)
class ReplayJob:
    """A job that is replayed."""

    service: str
    id: str
    where: Mapping[str, str]
    """The path parameters that it is found with; whatever they are where none are given."""
    _walk: JobLifecycle = attrs.field(repr=False)
    _stage: Callable[[Sequence[LifecycleStep]], dict[str, Any]] = attrs.field(repr=False)
    _texts: dict[int, str] = attrs.field(factory=dict, repr=False)
    _step: int = attrs.field(default=0, repr=False)

    @property
    def states(self) -> tuple[str, ...]:
        """The states of its walk, as on the wire."""
        return tuple(self._walk.values)

    @property
    def state(self) -> str:
        """The state that it was last shown in; the first, if it never was."""
        return self._walk.values[self._step]

    def text(self, now: float, *, counts: bool = True) -> str:
        """Its body. A reply that `counts` brings its next state nearer."""
        self._step = step = self._walk.look(utc(now), counts=counts)
        if step not in self._texts:
            self._texts[step] = json.dumps(self._stage(self._walk.scenes(step)), ensure_ascii=False)
        return self._texts[step]


class JobFactory:
    """Makes the jobs of one operation.

    Args:
        service: Its service.
        shape: The form of a job, with the recorded ones.
        match: Name of the field that a listing's rows are found by; None for a job that is a whole reply.
        document: The document.
        schema: The schema of a job within it.
        problem: What is wrong with a body by its schema, or None.
        seed: What is left to chance follows from it.
    """

    def __init__(
        self,
        service: str,
        shape: BodyMapping,
        match: str | None,
        document: dict[str, Any],
        schema: dict[str, Any],
        problem: Callable[[Any], str | None],
        seed: int,
    ) -> None:
        self.shape = shape
        self._service, self._match, self._problem, self._seed = service, match, problem, seed
        self._document, self._schema = document, schema

    def make(self, job_id: str, wish: JobSpec, now: float) -> ReplayJob:
        """A job. Raises `ValueError` where the document has no such state, or allows no such job."""
        who = f"{self._service} job {job_id!r}"
        if not isinstance(job_id, str) or not job_id:
            raise ValueError(f"a job's id is {job_id!r}: give a text that is not empty")
        values, kinds = states(self.shape, wish.states, who)
        walk = JobLifecycle(values, kinds, utc(now), wish.polls, wish.seconds)
        template = self._template(job_id, values[-1], kinds[-1], wish.children)

        def stage(scenes: Sequence[LifecycleStep]) -> dict[str, Any]:
            return build_job_body(self.shape, template, scenes, wish.reason)

        self._check(stage, walk, utc(now), who)
        return ReplayJob(self._service, job_id, wish.where, walk, stage)

    def _check(
        self, stage: Callable[[Sequence[LifecycleStep]], dict[str, Any]], walk: JobLifecycle, begun: Any, who: str
    ) -> None:
        trial = JobLifecycle(walk.values, walk.kinds, begun)
        for value in walk.values:
            problem = self._problem(stage(trial.scenes(trial.look(begun))))
            if problem is not None:
                raise ValueError(f"{who} cannot be {value!r}, the document does not allow it: {problem}")

    def _template(self, job_id: str, end: str, kind: JobState, children: int | None) -> dict[str, Any]:
        """What its bodies start from: a recorded job, best of all one that ended so."""
        chance = Random(f"{self._seed}/{self._service}/{job_id}")
        examples = self.shape.examples
        same = [each for each in examples if self.shape.state.get(each) == end]
        alike = [each for each in examples if self.shape.kind(self.shape.state.get(each)) is kind]
        fitting = same or alike or examples
        body = copy.deepcopy(chance.choice(fitting)) if fitting else minimal_instance(self._document, self._schema)
        self._put_id(body, job_id)
        self._put_children(body, children, chance.getrandbits(32))
        return dict(body)

    def _put_id(self, body: dict[str, Any], job_id: str) -> None:
        values = [job_id, int(job_id)] if job_id.isascii() and job_id.isdigit() else [job_id]
        if not self.shape.id.put_first(body, values):
            raise ValueError(f"{self._service}: no job can have the id {job_id!r}")
        if self._match is not None:
            body[self._match] = self.shape.id.get(body)

    def _put_children(self, body: dict[str, Any], count: int | None, seed: int) -> None:
        field = self.shape.children
        if field is None:
            if count:
                raise ValueError(f"{self._service}: a job here has no children that are listed")
            return
        recorded = [each for each in field.get(body) or () if isinstance(each, dict)]
        if count is None:
            count = len(recorded) if self.shape.examples else _SOME_PARTS
        items = field.schema.get("items", {})
        models = recorded or self.shape.child.examples[:1] or [minimal_instance(self._document, items)]
        parts = []
        for number in range(count):
            part = copy.deepcopy(models[number % len(models)])
            identity = self.shape.child.id.get(part)
            known = identity if isinstance(identity, str) and identity else "part"
            if number >= len(recorded) or known != identity or needs_seed(known):
                known = IdFactory(known, seed)(number)
            self.shape.child.id.put_first(part, [known, number])
            parts.append(part)
        field.put(body, parts)


def needs_seed(identity: str) -> bool:
    """Whether an ID looks like one that a service draws by chance; any other is a name, and kept."""
    return IdFactory(identity, 0)(0) != f"{identity}-0"


def found(jobs: Iterable[ReplayJob], path: Mapping[str, str]) -> list[ReplayJob]:
    """The jobs that are found with these path parameters."""
    return [job for job in jobs if job.where.items() <= path.items()]
