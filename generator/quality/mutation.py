"""Mutation testing of the contracts: runs the cases on each mutant and reports the survivors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

import attrs

from ..contract.checker import Provenance
from ..contract.exchange import exchange_from_recording
from ..documents import Service, Source, load, read, violations
from ..documents.json_pointer import resolve
from ..errors import Problem, ValidationError
from ..evidence import broken_checks, trace
from ..evidence.descriptions import DescriptionEvidence
from .cases import AnyCase
from .mutant import Document, Mutant, meaning
from .operators import OPERATORS, STATEMENT_OPERATORS, mutants
from .suite import CaseSuite, DocumentUnderTest

_LARGE = 100_000
"""Size in bytes from which a body takes long to check."""


@attrs.frozen
class Outcome:
    """The result of the tests for one mutant."""

    service: str
    mutant: Mutant
    is_equivalent: bool = False
    by_recordings: bool = False
    """Whether the recordings alone kill it."""
    killed_by: str | None = None
    """The recording, case, contradiction or missing evidence that killed it; None for a survivor."""
    about: tuple[str, ...] = ()
    """Ids of the evidence that supports the changed value."""

    @property
    def id(self) -> str:
        """Unique among all mutants."""
        return f"{self.service} {self.mutant.name}"


class MutationRunner:
    """Runs recordings, cases and contradictions of a service on mutants of its document."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._provenance = Provenance(service)
        self._meaning = meaning(service.document.data)
        self._suite = CaseSuite.from_service(service)
        self._recordings = [exchange_from_recording(service, recording) for recording in service.recordings.values()]
        self._original = DocumentUnderTest(service.document.data)
        self._original_rules = [self._original.rules(exchange) for exchange in self._recordings]
        self._groups: dict[tuple[str, ...], list[AnyCase]] = {}
        for case in self._suite.cases:
            self._groups.setdefault(case.pointers, []).append(case)

    def outcomes(self) -> Iterator[Outcome]:
        """Return the outcome of each mutant of the service's document."""
        return map(self.outcome, mutants(self._service.document.data))

    def outcome(self, mutant: Mutant) -> Outcome:
        """Return the outcome of one mutant."""
        document, service = mutant.document(self._service.document.data), self._service.name
        if mutant.operator in STATEMENT_OPERATORS:
            killed_by = self._evidence(mutant, document)
            about = () if killed_by else self._provenance.evidence(mutant.pointer)
            return Outcome(service, mutant, killed_by=killed_by, about=about)
        if meaning(document) == self._meaning:
            return Outcome(service, mutant, is_equivalent=True)
        tested = DocumentUnderTest(document)
        recording = self._recording(tested)
        killed_by = recording or self._case(tested, mutant) or self._contradiction(document)
        about = () if killed_by else self._provenance.evidence(mutant.pointer)
        return Outcome(service, mutant, by_recordings=recording is not None, killed_by=killed_by, about=about)

    def _evidence(self, mutant: Mutant, document: Document) -> str | None:
        """Return the first difference between a changed header, example or description and the evidence."""
        if mutant.operator == "descriptions":
            pointer = mutant.pointer.rpartition("/")[0]
            problems = self._described.unsupported(pointer, resolve(document, pointer))
        else:
            problems = iter(trace(self._with(document)).problems)
        found = next(problems, None)
        return None if found is None else found.message

    @cached_property
    def _described(self) -> DescriptionEvidence:
        return DescriptionEvidence(self._service, trace(self._service).support)

    def _with(self, document: Document) -> Service:
        return attrs.evolve(self._service, document=attrs.evolve(self._service.document, data=document))

    def _recording(self, tested: DocumentUnderTest) -> str | None:
        """Return the first recording that has other findings with the mutant than with the original."""
        for exchange, rules in zip(self._recordings, self._original_rules, strict=True):
            if tested.rules(exchange) != rules:
                return exchange.source
        return None

    def _case(self, tested: DocumentUnderTest, mutant: Mutant) -> str | None:
        """Return the first case that fails for the mutant and passes for the original."""
        cases = self._cases(tested.document, mutant.pointer)
        return next((case.id for case in cases if not tested.holds(case) and self._original.holds(case)), None)

    def _cases(self, document: Document, changed: str) -> Iterator[AnyCase]:
        """Yield the cases of closed sets, then the others, of which those about the changed value come first."""
        for closed_set in self._suite.closed_sets:
            yield from closed_set.cases(document)
        for pointers in sorted(self._groups, key=lambda pointers: self._distance(pointers, changed)):
            yield from self._groups[pointers]

    def _contradiction(self, document: Document) -> str | None:
        """Return the first contradiction with a check that fails."""
        broken = next(iter(broken_checks(self._with(document))), None)
        return None if broken is None else broken.message

    def _distance(self, pointers: tuple[str, ...], changed: str) -> tuple[bool, int]:
        """Return the sort key of a group of cases: cases with a large body about another value come last."""
        shared = max((_common_segments(pointer, changed) for pointer in pointers), default=0)
        sizes = (len(exchange.body or b"") for case in self._groups[pointers] for exchange in case.exchanges)
        is_near = any(changed.startswith(pointer) for pointer in pointers)
        return max(sizes) > _LARGE and not is_near, -shared


def _common_segments(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


_SCHEMA = {
    "type": "object",
    "required": ["survivors"],
    "additionalProperties": False,
    "properties": {
        "survivors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "why", "case"],
                "additionalProperties": False,
                "properties": {
                    "id": {"description": "Id of the mutant, as `contract mutate` prints it.", "type": "string"},
                    "why": {"description": "Reason why nothing kills it.", "type": "string", "minLength": 1},
                    "case": {"description": "The case that would kill it.", "type": "string", "minLength": 1},
                },
            },
        }
    },
}


@attrs.frozen
class Explanation:
    """The reason why a mutant survives, and the case that would kill it."""

    why: str
    case: str


@attrs.frozen
class Explanations:
    """The explanations of survivors, by the mutant's id."""

    source: Source
    known: dict[str, Explanation]

    @classmethod
    def read(cls, file: Path) -> Explanations:
        """Read the list. Raises `ValidationError` if it is invalid or names a mutant twice."""
        source = load(file)
        problems = [
            source.problem(where, message, "Correct the list") for where, message in violations(_SCHEMA, source.data)
        ]
        known: dict[str, Explanation] = {}
        for index, entry in enumerate([] if problems else source.data["survivors"]):
            if entry["id"] in known:
                message = f"id must be unique in the list, got {entry['id']} again"
                problems.append(source.problem(f"/survivors/{index}", message, "Remove one of the entries"))
            known[entry["id"]] = Explanation(entry["why"], entry["case"])
        if problems:
            raise ValidationError(problems)
        return cls(source, known)

    @classmethod
    def none(cls, file: Path) -> Explanations:
        """Return an empty list, to be written to a file."""
        return cls(read("survivors: []\n", file), {})

    def problems(self, outcomes: Iterable[Outcome], survivors: Iterable[Outcome]) -> list[Problem]:
        """Return problems: survivors without an explanation, and explanations of mutants that are not survivors."""
        tried = {outcome.id for outcome in outcomes}
        services = {outcome.service for outcome in outcomes}
        left = {outcome.id for outcome in survivors}
        fix = "Add evidence that kills it, or explain it here"
        found = [
            Problem(self.source.path, f"must explain each survivor, got no entry for {name}", fix)
            for name in sorted(left - self.known.keys())
        ]
        for index, name in enumerate(self.known):
            if name.partition(" ")[0] in services and name not in left:
                what = "is killed now" if name in tried else "is no longer a mutant"
                message = f"id must be that of a survivor, got {name}, which {what}"
                found.append(self.source.problem(f"/survivors/{index}", message, "Remove the entry"))
        return found


@attrs.frozen
class Score:
    """A count of mutants."""

    name: str
    mutants: int
    """Number of mutants, without the equivalent ones."""
    equivalent: int
    killed: int
    killed_by_recordings: int

    @classmethod
    def from_outcomes(cls, name: str, outcomes: Iterable[Outcome]) -> Score:
        """Return the count of some outcomes."""
        found = list(outcomes)
        real = [outcome for outcome in found if not outcome.is_equivalent]
        killed = sum(outcome.killed_by is not None for outcome in real)
        return cls(name, len(real), len(found) - len(real), killed, sum(outcome.by_recordings for outcome in real))

    @property
    def share(self) -> float | None:
        """The share of killed mutants, from 0 to 1; None without mutants."""
        return self.killed / self.mutants if self.mutants else None

    @property
    def share_of_recordings(self) -> float | None:
        """The share that the recordings alone kill."""
        return self.killed_by_recordings / self.mutants if self.mutants else None

    @property
    def cells(self) -> tuple[Any, ...]:
        """The cells of a row in a table."""
        shares = (self.share_of_recordings, self.share)
        alone, all_ = ("-" if share is None else f"{share:.1%}" for share in shares)
        return self.name, self.mutants, self.equivalent, self.killed_by_recordings, alone, self.killed, all_

    def as_data(self, key: str) -> dict[str, Any]:
        """Return the count as JSON data, with the name under that key."""
        return {
            key: self.name,
            "mutants": self.mutants,
            "equivalent": self.equivalent,
            "noticed": self.killed,
            "score": _rounded(self.share),
            "noticed_by_recordings_alone": self.killed_by_recordings,
            "score_recordings": _rounded(self.share_of_recordings),
        }


COLUMNS = ("mutants", "equivalent", "by recordings alone", "", "by recordings and cases", "")
"""Headings of `Score.cells` after the name."""


def by_service(outcomes: Sequence[Outcome]) -> list[Score]:
    """Return a score for each service, in the order of the outcomes."""
    return _scores(dict.fromkeys(outcome.service for outcome in outcomes), outcomes, lambda each: each.service)


def by_operator(outcomes: Sequence[Outcome]) -> list[Score]:
    """Return a score for each operator that made a mutant."""
    used = {outcome.mutant.operator for outcome in outcomes}
    return _scores(filter(used.__contains__, OPERATORS), outcomes, lambda each: each.mutant.operator)


def survivors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the mutants that are neither equivalent nor killed."""
    return [outcome for outcome in outcomes if not outcome.is_equivalent and outcome.killed_by is None]


def _scores(names: Iterable[str], outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[Score]:
    return [Score.from_outcomes(name, (outcome for outcome in outcomes if key(outcome) == name)) for name in names]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
