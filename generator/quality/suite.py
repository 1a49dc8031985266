"""Suite of all cases that the evidence of a service demands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs

from generator.contract.checker import Contract, Contracts
from generator.contract.exchange import Exchange
from generator.contract.findings import Finding
from generator.contract.job_view import extract_error, extract_job, extract_page, extract_schemes
from generator.contract.sequence_rules import check_sequence
from generator.documents import Service
from generator.documents.workspace import operations
from generator.quality.cases import Baseline, Case, ExtractionCase, baselines
from generator.quality.job_cases import InterpretationCases, page_cases
from generator.quality.request_cases import CallerCases, RequestCases
from generator.quality.response_cases import (
    ClosedSet,
    error_cases,
    error_listings,
    listings_of_replies,
    listings_of_reply,
    listings_of_requests,
    reply_cases,
    status_cases,
)
from generator.quality.statements import EvidenceIndex


@attrs.frozen
class CaseSuite:
    """The cases of a service, and the places where its document lists all there is."""

    cases: tuple[Case | ExtractionCase, ...]
    listings: tuple[ClosedSet, ...]

    @classmethod
    def from_service(cls, service: Service) -> CaseSuite:
        """Those that follow from a service's evidence, in its order, each once.

        Raises `Refused` where a row has a type word of which nobody has said what it means.
        """
        stated = EvidenceIndex(service)
        found = list(baselines(service, stated))
        cases: list[Case | ExtractionCase] = []
        listings: list[ClosedSet] = []
        for operation in service.operations:
            own = [base for base in found if base.operation == operation]
            if own:
                cases += _cases(service, stated, own)
                listings += _listings(service, stated, own)
        return cls(tuple({case.id: case for case in cases}.values()), tuple(listings))

    def all_cases(self, document: dict[str, Any]) -> Iterator[Case | ExtractionCase]:
        """The cases, before them those that follow from what a document lists and no evidence knows."""
        for listing in self.listings:
            yield from listing.cases(document)
        yield from self.cases


@attrs.frozen(slots=False)
class DocumentUnderTest:
    """A document under test."""

    document: dict[str, Any]

    def holds(self, case: Case | ExtractionCase) -> bool:
        """Whether the document says of a case what the evidence says."""
        return case.holds(self.told(case)) if isinstance(case, ExtractionCase) else case.holds(self.findings(case))

    def told(self, case: ExtractionCase) -> dict[str, Any] | None:
        """What the exchange of a case tells by this document; None where it tells nothing."""
        try:
            [exchange] = case.exchanges
            if case.of == "job":
                return extract_job(self._view, exchange, case.pointer)
            return _TOLD[case.of](self._view, exchange)
        except LookupError:
            # The extension names what is not there.
            return None

    def findings(self, case: Case) -> list[Finding]:
        """What the checker says of a case by this document."""
        contract = self.contract(of_whole=case.of_whole)
        if case.is_history:
            return check_sequence(Contracts([contract]), case.exchanges)
        return [finding for exchange in case.exchanges for finding in contract.check(exchange)]

    def contract(self, *, of_whole: bool) -> Contract:
        """What checks are made with: the document as checks see it, or with the responses that are only inferred."""
        return self._whole if of_whole else self._view

    def rules(self, exchange: Exchange) -> list[tuple[str, str | None]]:
        """The rules that an exchange breaks, and where, by this document."""
        return [(each.rule, each.pointer) for each in self._view.check(exchange)]

    @cached_property
    def _view(self) -> Contract:
        return Contract(self.document)

    @cached_property
    def _whole(self) -> Contract:
        document = {**self.document, "paths": {path: dict(item) for path, item in self.document["paths"].items()}}
        for operation in operations(document):
            responses = operation.definition["responses"]
            stated = {
                status: {key: value for key, value in response.items() if key != "x-confidence"}
                for status, response in responses.items()
            }
            document["paths"][operation.path][operation.method] = {**operation.definition, "responses": stated}
        return Contract(document)


_TOLD = {"page": extract_page, "error": extract_error, "caller": extract_schemes}


def _cases(service: Service, stated: EvidenceIndex, own: list[Baseline]) -> Iterator[Case | ExtractionCase]:
    success = _success(own)
    if success is not None:
        yield from RequestCases(service, stated, success).cases()
        callers = CallerCases(stated, success)
        yield from callers.cases()
        yield from callers.told()
    for base in own:
        yield from reply_cases(base)
    yield from status_cases(own)
    for reading, base in _readings(service, own):
        yield from InterpretationCases(stated, reading, base).cases()
        if "pagination" in reading:
            yield from page_cases(stated, reading, base)
    for base in _failures(own):
        yield from error_cases(stated, base)


def _listings(service: Service, stated: EvidenceIndex, own: list[Baseline]) -> Iterator[ClosedSet]:
    success = _success(own)
    if success is not None:
        yield from listings_of_requests(RequestCases(service, stated, success), CallerCases(stated, success))
    yield from listings_of_replies(own)
    for base in own:
        yield from listings_of_reply(base)
    for reading, base in _readings(service, own):
        yield from InterpretationCases(stated, reading, base).listings()
    for base in _failures(own):
        yield from error_listings(stated, base)


def _readings(service: Service, own: list[Baseline]) -> list[tuple[dict[str, Any], Baseline]]:
    """The readings of the evidence, each with the recorded reply that its examples are made of."""
    readings = service.evidence.data.get("interpretations", [])
    return [(reading, base) for reading in readings for base in own if base.name == reading["recording"]]


def _failures(own: list[Baseline]) -> list[Baseline]:
    """A failure of each form."""
    failures = {base.node.parts[1:]: base for base in reversed(own) if base.draft.status >= 400}
    return list(failures.values())


def _success(own: list[Baseline]) -> Baseline | None:
    return next((base for base in own if base.draft.status < 400), None)
