"""Suite of all cases that the evidence of a service demands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs

from generator.contract.checker import Contract, Contracts
from generator.contract.exchange import Exchange
from generator.contract.findings import Finding
from generator.contract.job_view import told_of_caller, told_of_error, told_of_job, told_of_page
from generator.contract.sequence_rules import check_history
from generator.documents import Service
from generator.documents.workspace import operations
from generator.quality.cases import Base, Case, Told, bases
from generator.quality.job_cases import ReadingCases, page_cases
from generator.quality.request_cases import CallerCases, RequestCases
from generator.quality.response_cases import (
    Listing,
    error_cases,
    error_listings,
    listings_of_replies,
    listings_of_reply,
    listings_of_requests,
    reply_cases,
    status_cases,
)
from generator.quality.statements import Stated


@attrs.frozen
class Demands:
    """The cases of a service, and the places where its document lists all there is."""

    cases: tuple[Case | Told, ...]
    listings: tuple[Listing, ...]

    @classmethod
    def of(cls, service: Service) -> Demands:
        """Those that follow from a service's evidence, in its order, each once.

        Raises `Refused` where a row has a type word of which nobody has said what it means.
        """
        stated = Stated(service)
        found = list(bases(service, stated))
        cases: list[Case | Told] = []
        listings: list[Listing] = []
        for operation in service.operations:
            own = [base for base in found if base.operation == operation]
            if own:
                cases += _cases(service, stated, own)
                listings += _listings(service, stated, own)
        return cls(tuple({case.id: case for case in cases}.values()), tuple(listings))

    def all_cases(self, document: dict[str, Any]) -> Iterator[Case | Told]:
        """The cases, before them those that follow from what a document lists and no evidence knows."""
        for listing in self.listings:
            yield from listing.cases(document)
        yield from self.cases


@attrs.frozen(slots=False)
class Judge:
    """A document under test."""

    document: dict[str, Any]

    def holds(self, case: Case | Told) -> bool:
        """Whether the document says of a case what the evidence says."""
        return case.holds(self.told(case)) if isinstance(case, Told) else case.holds(self.findings(case))

    def told(self, case: Told) -> dict[str, Any] | None:
        """What the exchange of a case tells by this document; None where it tells nothing."""
        try:
            [exchange] = case.exchanges
            if case.of == "job":
                return told_of_job(self._view, exchange, case.pointer)
            return _TOLD[case.of](self._view, exchange)
        except LookupError:
            # The extension names what is not there.
            return None

    def findings(self, case: Case) -> list[Finding]:
        """What the checker says of a case by this document."""
        contract = self.contract(of_whole=case.of_whole)
        if case.is_history:
            return check_history(Contracts([contract]), case.exchanges)
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


_TOLD = {"page": told_of_page, "error": told_of_error, "caller": told_of_caller}


def _cases(service: Service, stated: Stated, own: list[Base]) -> Iterator[Case | Told]:
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
        yield from ReadingCases(stated, reading, base).cases()
        if "pages" in reading:
            yield from page_cases(stated, reading, base)
    for base in _failures(own):
        yield from error_cases(stated, base)


def _listings(service: Service, stated: Stated, own: list[Base]) -> Iterator[Listing]:
    success = _success(own)
    if success is not None:
        yield from listings_of_requests(RequestCases(service, stated, success), CallerCases(stated, success))
    yield from listings_of_replies(own)
    for base in own:
        yield from listings_of_reply(base)
    for reading, base in _readings(service, own):
        yield from ReadingCases(stated, reading, base).listings()
    for base in _failures(own):
        yield from error_listings(stated, base)


def _readings(service: Service, own: list[Base]) -> list[tuple[dict[str, Any], Base]]:
    """The readings of the evidence, each with the recorded reply that its examples are made of."""
    readings = service.evidence.data.get("readings", [])
    return [(reading, base) for reading in readings for base in own if base.name == reading["recording"]]


def _failures(own: list[Base]) -> list[Base]:
    """A failure of each form."""
    failures = {base.node.parts[1:]: base for base in reversed(own) if base.draft.status >= 400}
    return list(failures.values())


def _success(own: list[Base]) -> Base | None:
    return next((base for base in own if base.draft.status < 400), None)
