"""The jobs that a replay makes up, each on its walk: what a reply shows of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any

import attrs

from .._clock import is_span
from .._snapshots import JobState
from ._identities import Identities
from ._schemas import smallest
from ._shapes import Shape
from ._staging import staged
from ._walks import Scene, Walk, states, utc

_SOME_PARTS = 2
"""Of a job whose parts nobody recorded."""


@attrs.frozen(kw_only=True)
class Wish:
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
        if self.seconds is not None and not is_span(self.seconds):
            raise ValueError(f"seconds is {self.seconds!r}: give the seconds that a state lasts, 0 or more")
        if self.children is not None and not (isinstance(self.children, int) and self.children >= 0):
            raise ValueError(f"children is {self.children!r}: give a number, 0 or more")
        if not isinstance(self.reason, str):
            raise ValueError(f"reason is {self.reason!r}: give a text")


@attrs.define(eq=False)
class Job:
    """A job that is replayed."""

    service: str
    id: str
    where: Mapping[str, str]
    """The path parameters that it is found with; whatever they are where none are given."""
    _walk: Walk = attrs.field(repr=False)
    _stage: Callable[[Sequence[Scene]], dict[str, Any]] = attrs.field(repr=False)
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


class Maker:
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
        shape: Shape,
        match: str | None,
        document: dict[str, Any],
        schema: dict[str, Any],
        problem: Callable[[Any], str | None],
        seed: int,
    ) -> None:
        self.shape = shape
        self._service, self._match, self._problem, self._seed = service, match, problem, seed
        self._document, self._schema = document, schema

    def make(self, job_id: str, wish: Wish, now: float) -> Job:
        """A job. Raises `ValueError` where the document has no such state, or allows no such job."""
        who = f"{self._service} job {job_id!r}"
        if not isinstance(job_id, str) or not job_id:
            raise ValueError(f"a job's id is {job_id!r}: give a text that is not empty")
        values, kinds = states(self.shape, wish.states, who)
        walk = Walk(values, kinds, utc(now), wish.polls, wish.seconds)
        template = self._template(job_id, values[-1], kinds[-1], wish.children)

        def stage(scenes: Sequence[Scene]) -> dict[str, Any]:
            return staged(self.shape, template, scenes, wish.reason)

        self._check(stage, walk, utc(now), who)
        return Job(self._service, job_id, wish.where, walk, stage)

    def _check(self, stage: Callable[[Sequence[Scene]], dict[str, Any]], walk: Walk, begun: Any, who: str) -> None:
        trial = Walk(walk.values, walk.kinds, begun)
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
        body = copy.deepcopy(chance.choice(fitting)) if fitting else smallest(self._document, self._schema)
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
        models = recorded or self.shape.child.examples[:1] or [smallest(self._document, items)]
        parts = []
        for number in range(count):
            part = copy.deepcopy(models[number % len(models)])
            identity = self.shape.child.id.get(part)
            known = identity if isinstance(identity, str) and identity else "part"
            if number >= len(recorded) or known != identity or seed_matters(known):
                known = Identities(known, seed)(number)
            self.shape.child.id.put_first(part, [known, number])
            parts.append(part)
        field.put(body, parts)


def seed_matters(identity: str) -> bool:
    """Whether an ID looks like one that a service draws by chance; any other is a name, and kept."""
    return Identities(identity, 0)(0) != f"{identity}-0"


def found(jobs: Iterable[Job], path: Mapping[str, str]) -> list[Job]:
    """The jobs that are found with these path parameters."""
    return [job for job in jobs if job.where.items() <= path.items()]
