"""Who notices a mutant: the recordings, the cases from evidence, or the checks of a contradiction."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from generator.contract.cases import Case, Demands, Judge, Told
from generator.contract.checker import Grounds
from generator.contract.exchange import recorded
from generator.contract.mutation.meaning import meaning
from generator.contract.mutation.mutants import Document, Mutant
from generator.contract.mutation.operators import mutants
from generator.documents import Service
from generator.evidence import broken_checks

_HEAVY = 100_000
"""Bytes of a body that takes long to check."""


@attrs.frozen
class Outcome:
    """What became of a mutant."""

    service: str
    mutant: Mutant
    is_equivalent: bool = False
    """Whether it says the same as the original in other words."""
    by_recordings: bool = False
    """Whether the recordings alone notice it."""
    noticed_by: str | None = None
    """What noticed it first; None where nothing did."""
    about: tuple[str, ...] = ()
    """Ids of the evidence that the changed place rests on."""

    @property
    def id(self) -> str:
        """Unique among all mutants."""
        return f"{self.service} {self.mutant.name}"


class Witnesses:
    """Everything that a service has to notice a mutant with."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._grounds = Grounds(service)
        self._meaning = meaning(service.document.data)
        self._demands = Demands.of(service)
        self._recordings = [recorded(service, recording) for recording in service.recordings.values()]
        self._original = Judge(service.document.data)
        self._usual = [self._original.rules(exchange) for exchange in self._recordings]
        self._groups: dict[tuple[str, ...], list[Case | Told]] = {}
        for case in self._demands.cases:
            self._groups.setdefault(case.places, []).append(case)

    def outcomes(self) -> Iterator[Outcome]:
        """What becomes of each mutant of the service's document."""
        for mutant in mutants(self._service.document.data):
            yield self.outcome(mutant)

    def outcome(self, mutant: Mutant) -> Outcome:
        """What becomes of one mutant."""
        document = mutant.document(self._service.document.data)
        if meaning(document) == self._meaning:
            return Outcome(self._service.name, mutant, is_equivalent=True)
        judge = Judge(document)
        recording = self._recording(judge)
        noticed_by = recording or self._case(judge, mutant) or self._contradiction(document)
        about = () if noticed_by else self._grounds.evidence(mutant.pointer)
        return Outcome(
            self._service.name, mutant, by_recordings=recording is not None, noticed_by=noticed_by, about=about
        )

    def _recording(self, judge: Judge) -> str | None:
        """The recording that the document departs from."""
        for exchange, usual in zip(self._recordings, self._usual, strict=True):
            if judge.rules(exchange) != usual:
                return exchange.source
        return None

    def _case(self, judge: Judge, mutant: Mutant) -> str | None:
        """A case that the document fails. Those about the changed place are tried first."""
        for listing in self._demands.listings:
            for case in listing.cases(judge.document):
                if self._tells_apart(judge, case):
                    return case.id
        for places in sorted(self._groups, key=lambda places: self._distance(places, mutant.pointer)):
            for case in self._groups[places]:
                if self._tells_apart(judge, case):
                    return case.id
        return None

    def _tells_apart(self, judge: Judge, case: Case | Told) -> bool:
        """Whether a case convicts a document, and not the original as well."""
        return not judge.holds(case) and self._original.holds(case)

    def _contradiction(self, document: Document) -> str | None:
        """The contradiction of which a check no longer holds."""
        service = attrs.evolve(self._service, document=attrs.evolve(self._service.document, data=document))
        broken = next(iter(broken_checks(service)), None)
        return None if broken is None else broken.message

    def _distance(self, places: tuple[str, ...], pointer: str) -> tuple[bool, int]:
        near = max((_common(place, pointer) for place in places), default=0)
        sizes = (len(exchange.body or b"") for case in self._groups[places] for exchange in case.exchanges)
        return max(sizes) > _HEAVY and not any(pointer.startswith(place) for place in places), -near


def _common(one: str, other: str) -> int:
    """How many segments two pointers begin with alike."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next(
        (index for index, (left, right) in enumerate(pairs) if left != right), min(one.count("/"), other.count("/")) + 1
    )
