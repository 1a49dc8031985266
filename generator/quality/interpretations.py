"""Comparison of the extensions of a document with the interpretations of its evidence."""

from __future__ import annotations

from collections.abc import Iterator

from ..documents import Service
from ..documents.json_pointer import child, find
from ..errors import Problem
from .cases import AnyCase, ExtractionCase
from .suite import CaseSuite, DocumentUnderTest

_KEYWORDS = ("x-job", "x-pagination", "x-poll")


def interpretation_problems(service: Service) -> Iterator[Problem]:
    """Extensions without an interpretation, and examples of interpretations that a document decodes in another way.

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
                "no interpretation of the evidence is about this",
                f"Add one to {service.evidence.path.name}, or take it out",
            )
    document = DocumentUnderTest(service.document.data)
    for case in suite.all_cases(service.document.data):
        if not document.holds(case):
            yield service.document.problem(
                _place(service, case),
                f"disagrees with {case}{_found(document, case)}",
                f"Follow the interpretation, or correct it in {service.evidence.path.name}",
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
    """The extension that a case is about, or else the first place that it tests."""
    places = [place for pointer in case.pointers for place in (pointer, *(child(pointer, key) for key in _KEYWORDS))]
    existing = set(_extensions(service))
    return next((place for place in places if place in existing), case.pointers[0])


def _found(document: DocumentUnderTest, case: AnyCase) -> str:
    if not isinstance(case, ExtractionCase) or (extracted := document.extract(case)) is None:
        return "; nothing is extracted"
    return "; extracted " + ", ".join(f"{key} {extracted[key]!r}" for key in case.expected)
