"""Cases come from the evidence and nothing else, hold for the documents, and convict one that departs from a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from generator.documents import Service
from generator.documents.json_pointer import child, find, resolve
from generator.errors import ValidationError
from generator.quality.cases import Case
from generator.quality.suite import CaseSuite, DocumentUnderTest
from tests.generator.edits import Edit, all_of, drop, edited, put, with_evidence
from tests.quality.services import each_service, services

_WITHOUT_A_CASE = {"server"}
"""Kinds of rows that say nothing of an exchange: the path selects the document, not the host."""
_ANNOTATIONS = ("contentMediaType", "description", "examples", "format")
"""Keywords that assert nothing."""


@each_service
def test_suite_every_case_holds_for_its_document(name: str) -> None:
    service = services()[name]
    judge = DocumentUnderTest(service.document.data)
    broken = [str(case) for case in demands(name).all_cases(service.document.data) if not judge.holds(case)]
    assert broken == []


@each_service
def test_suite_cases_have_unique_ids_and_cover_all_rules(name: str) -> None:
    cases = demands(name).cases
    assert len({case.id for case in cases}) == len(cases)
    expected = {case.expected.rule if case.expected else None for case in cases if isinstance(case, Case)}
    rules = {"schema", "open-list", "undocumented-field", "unknown-parameter", "status", "media-type"}
    assert {None, *rules} <= expected
    assert all(case.id.startswith(f"{case.evidence}: ") and case.evidence.startswith(f"{name}.") for case in cases)


@each_service
def test_suite_every_evidence_entry_has_a_case(name: str) -> None:
    evidence = services()[name].evidence.data
    known = {case.evidence for case in demands(name).cases}
    entries = [row for row in evidence["rows"] if row["kind"] not in _WITHOUT_A_CASE and "rejected_by" not in row]
    entries += [*evidence["observed"], *evidence.get("interpretations", [])]
    entries += [each for each in evidence["facts"] if asserts(each["supports"])]
    entries += [each for each in evidence["contradictions"] if asserts(each.get("resolution", {}))]
    entries += [{"id": row["rejected_by"]} for row in evidence["rows"] if "rejected_by" in row]
    assert [entry["id"] for entry in entries if entry["id"] not in known] == []


@each_service
def test_suite_changed_document_gives_the_same_cases(name: str) -> None:
    service = services()[name]
    silent = all_of(
        *(put(pointer, {}) for pointer, _ in find(service.document.data, "/components/schemas/*")),
        *(drop(f"{pointer}/schema") for pointer, _ in find(service.document.data, "/components/parameters/*")),
        *(put(f"{pointer}/responses", {}) for pointer, _ in find(service.document.data, "/paths/*/*")),
        *(drop(f"{pointer}/security") for pointer, _ in find(service.document.data, "/paths/*/*")),
    )
    other = attrs.evolve(service, document=edited(service.document, silent))
    assert [str(case) for case in CaseSuite.from_service(other).cases] == [str(case) for case in demands(name).cases]


@each_service
def test_suite_document_differing_from_row_fails_its_case(name: str) -> None:
    service, acquitted, tried = services()[name], [], 0
    for row in service.evidence.data["rows"]:
        for what, edit in differing_edits(service, row):
            tried += 1
            if not fails_with(service, edit, row["id"]):
                acquitted.append(f"{row['id']}: {what}")
    assert tried
    assert acquitted == []


def test_suite_decision_overrides_the_listed_row() -> None:
    service = services()["ges"]
    row_alone = put("/components/schemas/Job/properties/progress/type", "integer")
    assert fails_with(service, row_alone, "ges.progress-is-text")


def test_suite_enum_value_or_field_without_evidence_fails() -> None:
    service = services()["cce"]
    longer = put("/components/schemas/JobStatus/properties/phase/enum/-", "Cancelled")
    assert fails_with(service, longer, "cce.status.phase")
    more = put("/components/schemas/JobStatus/properties/since", {"type": "string"})
    assert fails_with(service, more, "cce.response.status")


def test_suite_unknown_type_name_raises_error() -> None:
    service = with_evidence(services()["yuanrong"], put("/rows/4/type", "Decimal"))
    with pytest.raises(ValidationError) as refused:
        CaseSuite.from_service(service)
    [problem] = refused.value.problems
    assert problem.file == service.evidence.path
    assert problem.pointer == "/rows/4/type"
    assert "type must be one with known examples, got 'Decimal'" in problem.message


def test_case_str_shows_evidence_and_expected_finding() -> None:
    texts = [str(case) for case in demands("cce").cases]
    assert any(text.startswith("cce.status.phase: get-job-running /status/phase = 'text': ") for text in texts)
    assert any(text.endswith("must be a violation schema at /status/phase") for text in texts)


_DEMANDS: dict[str, CaseSuite] = {}


def demands(name: str) -> CaseSuite:
    """Return the demands of a service, made once."""
    if name not in _DEMANDS:
        _DEMANDS[name] = CaseSuite.from_service(services()[name])
    return _DEMANDS[name]


def fails_with(service: Service, edit: Edit, entry: str) -> bool:
    """Return whether a document is convicted by an entry of the evidence once it is edited."""
    document = edited(service.document, edit).data
    judge = DocumentUnderTest(document)
    cases = demands(service.name).all_cases(document)
    return any(case.evidence == entry and not judge.holds(case) for case in cases)


def differing_edits(service: Service, row: dict[str, Any]) -> Iterator[tuple[str, Edit]]:
    """Yield edits of the document by which it departs from a row, each of one of the row's columns."""
    document = service.document.data
    decided = {pointer for each in service.evidence.data["contradictions"] for pointer in each.get("resolution", {})}
    for pointer in row.get("documents", ()):
        if row["kind"] == "status":
            for place, _ in find(document, pointer):
                yield "drop the status", drop(place)
        schema = child(pointer, "schema") if pointer.startswith("/components/parameters/") else pointer
        if row["kind"] not in ("field", "path", "query", "header") or not schema.startswith("/components/"):
            continue
        if row["kind"] == "field":
            yield "drop the field", drop(pointer)
        stated = resolve(document, schema)
        if "minimum" in row and "anyOf" in stated:
            # The row is about one of two types.
            schema = f"{schema}/anyOf/0"
        if "type" in row and "type" in stated and f"{schema}/type" not in decided and "const" not in stated:
            # A text in the path can be read as anything that it may be.
            yield "another type", put(f"{schema}/type", "boolean" if stated["type"] != "boolean" else "string")
        for keyword in ("const", "enum"):
            if keyword in stated:
                yield "no list", drop(f"{schema}/{keyword}")
        for bound in ("minimum", "maximum"):
            if bound in row:
                yield f"no {bound}", drop(f"{schema}/{bound}")
        if row.get("mandatory") is False:
            yield "mandatory", put(f"{pointer}/required", True)


def asserts(claims: dict[str, Any]) -> bool:
    return any(
        pointer.rpartition("/")[2] not in _ANNOTATIONS
        and pointer.split("/")[1] not in ("servers", "externalDocs")
        and "/examples/" not in pointer
        for pointer in claims
    )
