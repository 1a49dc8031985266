"""Suite of all cases that follow from the evidence of a service.

The extensions of a document are compared with the interpretations of its evidence here, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs

from ..contract.checker import Contract, Contracts
from ..contract.exchange import Exchange
from ..contract.findings import Finding
from ..contract.job_view import extract_error, extract_job, extract_page, extract_schemes
from ..contract.sequence_rules import check_sequence
from ..documents import Service
from ..documents.json_pointer import child, find
from ..documents.workspace import operations
from ..errors import Problem
from .cases import AnyCase, Baseline, Case, ClosedSet, ExtractionCase, baselines
from .job_cases import InterpretationCases, example_cases, page_cases, page_extraction
from .request_cases import AuthenticationCases, RequestCases
from .response_cases import (
    body_cases,
    body_sets,
    error_cases,
    error_sets,
    header_cases,
    request_sets,
    response_sets,
    status_cases,
)
from .statements import EvidenceIndex


@attrs.frozen
class CaseSuite:
    """The cases of a service, and the closed sets of its document."""

    cases: tuple[AnyCase, ...]
    closed_sets: tuple[ClosedSet, ...]

    @classmethod
    def from_service(cls, service: Service) -> CaseSuite:
        """Return the cases that follow from a service's evidence, in its order, each once.

        Raises `ValidationError` for a row with an unknown type name.
        """
        cases: dict[str, AnyCase] = {}
        closed_sets: list[ClosedSet] = []
        for operation in _operation_cases(service, EvidenceIndex(service)):
            cases |= {case.id: case for case in operation.cases()}
            closed_sets += operation.closed_sets()
        return cls(tuple(cases.values()), tuple(closed_sets))

    @classmethod
    def from_interpretations(cls, service: Service) -> CaseSuite:
        """Return only the extractions of the interpretations; rows with an unknown type name are left out."""
        operations = list(_operation_cases(service, EvidenceIndex(service, skip_unknown_types=True)))
        return cls(
            tuple(case for operation in operations for case in operation.extraction_cases()),
            tuple(each for operation in operations for each in operation.interpretation_sets()),
        )

    def all_cases(self, document: dict[str, Any]) -> Iterator[AnyCase]:
        """Yield the cases of members of closed sets that only the document has, then all other cases."""
        for closed_set in self.closed_sets:
            yield from closed_set.cases(document)
        yield from self.cases


def _operation_cases(service: Service, index: EvidenceIndex) -> Iterator[_OperationCases]:
    found = list(baselines(service, index))
    for operation in service.operations:
        if own := [baseline for baseline in found if baseline.operation == operation]:
            yield _OperationCases(service, index, own)


class _OperationCases:
    def __init__(self, service: Service, index: EvidenceIndex, baselines: list[Baseline]) -> None:
        self.service, self.index, self.baselines = service, index, baselines
        self.success = next((each for each in baselines if each.draft.status < 400), None)
        self.interpretations = [
            (interpretation, each)
            for interpretation in service.evidence.data.get("interpretations", [])
            for each in baselines
            if each.name == interpretation["recording"]
        ]
        errors = [each for each in reversed(baselines) if each.draft.status >= 400]
        self.errors = list({each.schema.pointers[1:]: each for each in errors}.values())
        """One error of each schema."""

    def cases(self) -> Iterator[AnyCase]:
        if self.success:
            yield from RequestCases(self.service, self.index, self.success).cases()
            authentication = AuthenticationCases(self.index, self.success)
            yield from authentication.cases()
            yield from authentication.extraction_cases()
        for baseline in self.baselines:
            yield from body_cases(baseline)
            yield from header_cases(self.index, baseline)
        yield from status_cases(self.baselines)
        yield from self.interpretation_cases()
        for baseline in self.errors:
            yield from error_cases(self.index, baseline)

    def interpretation_cases(self) -> Iterator[AnyCase]:
        for interpretation, baseline in self.interpretations:
            if "expect" in interpretation:
                yield from InterpretationCases(interpretation, baseline).cases()
            yield from example_cases(interpretation, baseline)
            if "pagination" in interpretation:
                yield from page_cases(self.index, interpretation, baseline)

    def extraction_cases(self) -> Iterator[ExtractionCase]:
        for interpretation, baseline in self.interpretations:
            cases = InterpretationCases(interpretation, baseline).cases() if "expect" in interpretation else ()
            yield from (case for case in cases if isinstance(case, ExtractionCase))
            yield from example_cases(interpretation, baseline)
            if "pagination" in interpretation:
                yield page_extraction(interpretation, baseline)

    def interpretation_sets(self) -> Iterator[ClosedSet]:
        for interpretation, baseline in self.interpretations:
            if "expect" in interpretation:
                yield from InterpretationCases(interpretation, baseline).closed_sets()

    def closed_sets(self) -> Iterator[ClosedSet]:
        if self.success:
            requests = RequestCases(self.service, self.index, self.success)
            yield from request_sets(requests, AuthenticationCases(self.index, self.success))
        yield from response_sets(self.baselines)
        for baseline in self.baselines:
            yield from body_sets(baseline)
        yield from self.interpretation_sets()
        for baseline in self.errors:
            yield from error_sets(self.index, baseline)


_EXTRACT = {"page": extract_page, "error": extract_error, "schemes": extract_schemes}


@attrs.frozen(slots=False)
class DocumentUnderTest:
    """A document, such as a mutant, that the cases are run against."""

    document: dict[str, Any]

    def holds(self, case: AnyCase) -> bool:
        """Return whether a case has the expected result with this document."""
        return case.holds(self.extract(case)) if isinstance(case, ExtractionCase) else case.holds(self.findings(case))

    def extract(self, case: ExtractionCase) -> dict[str, Any] | None:
        """Return the values that this document extracts from the exchange of a case; None where it extracts nothing."""
        [exchange] = case.exchanges
        try:
            if case.of == "job":
                return extract_job(self._documented, exchange, case.pointer)
            return _EXTRACT[case.of](self._documented, exchange)
        except LookupError:
            # The extension names a field or parameter that does not exist.
            return None

    def findings(self, case: Case) -> list[Finding]:
        """Return the findings of the checker for a case with this document."""
        contract = self.contract(of_whole=case.of_whole)
        if case.is_sequence:
            return check_sequence(Contracts([contract]), case.exchanges)
        return [finding for exchange in case.exchanges for finding in contract.check(exchange)]

    def contract(self, *, of_whole: bool) -> Contract:
        """Return the contract of the document, as checks use it or with the responses that are only inferred."""
        return self._whole if of_whole else self._documented

    def rules(self, exchange: Exchange) -> list[tuple[str, str | None]]:
        """Return the rules that an exchange breaks by this document, each with the pointer."""
        return [(each.rule, each.pointer) for each in self._documented.check(exchange)]

    @cached_property
    def _documented(self) -> Contract:
        return Contract(self.document)

    @cached_property
    def _whole(self) -> Contract:
        document = {**self.document, "paths": {path: dict(item) for path, item in self.document["paths"].items()}}
        for operation in operations(document):
            responses = {
                status: {key: value for key, value in response.items() if key != "x-confidence"}
                for status, response in operation.definition["responses"].items()
            }
            document["paths"][operation.path][operation.method] = {**operation.definition, "responses": responses}
        return Contract(document)


_KEYWORDS = ("x-job", "x-pagination", "x-poll")


def interpretation_problems(service: Service) -> Iterator[Problem]:
    """Yield problems: extensions without an interpretation, and examples that the document decodes differently.

    An imported document needs no interpretations.
    """
    suite = CaseSuite.from_interpretations(service)
    if service.is_imported and not suite.cases:
        return
    interpreted = {pointer for case in suite.cases for pointer in case.pointers}
    for pointer in _extensions(service):
        if pointer not in interpreted and pointer.rpartition("/")[0] not in interpreted:
            yield service.document.problem(
                pointer,
                "must have an interpretation in the evidence, got none",
                f"Add one to {service.evidence.path.name}, or remove the extension",
            )
    document = DocumentUnderTest(service.document.data)
    for case in suite.all_cases(service.document.data):
        if not document.holds(case):
            yield service.document.problem(
                _place(service, case),
                f"must agree with the interpretation {case}{_found(document, case)}",
                f"Correct the extension, or the interpretation in {service.evidence.path.name}",
            )


def _extensions(service: Service) -> Iterator[str]:
    yield from (pointer for pointer, _ in find(service.document.data, "/components/schemas/*/x-job"))
    for operation in service.operations:
        keywords = [key for key in _KEYWORDS if key in operation.definition]
        successes = {status for status in operation.definition["responses"] if status.startswith("2")}
        if "x-poll" in keywords and successes <= operation.definition.get("x-poll", {}).get("statuses", {}).keys():
            # Status codes are the states: a body has no job to interpret.
            keywords.remove("x-poll")
        yield from (child(operation.pointer, key) for key in keywords)


def _place(service: Service, case: AnyCase) -> str:
    """Return the pointer of the extension that a case tests, or else of the first part that it tests."""
    places = [place for pointer in case.pointers for place in (pointer, *(child(pointer, key) for key in _KEYWORDS))]
    existing = set(_extensions(service))
    return next((place for place in places if place in existing), case.pointers[0])


def _found(document: DocumentUnderTest, case: AnyCase) -> str:
    if not isinstance(case, ExtractionCase) or (extracted := document.extract(case)) is None:
        return ", got no values"
    return ", got " + ", ".join(f"{key} {extracted[key]!r}" for key in case.expected)
