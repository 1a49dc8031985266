"""Which keywords, properties, values, statuses and parameters of a document its recordings and cases exercise."""

from __future__ import annotations

from typing import Any

import attrs

from generator.contract.cases import Case, Demands, Judge
from generator.contract.coverage.items import KINDS, Item, items
from generator.contract.coverage.tracing import Trace
from generator.contract.exchange import recorded
from generator.documents import Service

__all__ = ["KINDS", "Coverage", "Item", "coverage"]


@attrs.frozen
class Coverage:
    """What is exercised of a service's document."""

    service: str
    items: tuple[Item, ...]
    by_recordings: frozenset[Item]
    by_all: frozenset[Item]
    """By recordings and cases."""

    def counts(self, kind: str) -> tuple[int, int, int]:
        """Of one kind: what the recordings exercise, what they and the cases do, and all there is."""
        every = [item for item in self.items if item.kind == kind]
        return sum(item in self.by_recordings for item in every), sum(item in self.by_all for item in every), len(every)

    @property
    def missing(self) -> list[Item]:
        """What nothing exercises."""
        return [item for item in self.items if item not in self.by_all]

    @property
    def as_data(self) -> dict[str, Any]:
        """The counts as JSON data."""
        names = ("recordings", "all", "total")
        kinds = {kind.replace(" ", "_"): dict(zip(names, self.counts(kind), strict=True)) for kind in KINDS}
        return {"service": self.service, **kinds}


def coverage(service: Service) -> Coverage:
    """What the recordings and the cases of a service exercise of its document."""
    document = service.document.data
    judge, trace = Judge(document), Trace()
    for recording in service.recordings.values():
        trace.follow(judge.contract(of_whole=False), recorded(service, recording))
    by_recordings = frozenset(trace.items)
    for case in Demands.of(service).cases:
        # What several replies say together, and what one tells, is no keyword.
        if isinstance(case, Case) and not case.is_history:
            for exchange in case.exchanges:
                trace.follow(judge.contract(of_whole=case.of_whole), exchange)
    return Coverage(service.name, tuple(dict.fromkeys(items(document))), by_recordings, frozenset(trace.items))
