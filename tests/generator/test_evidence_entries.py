"""Rows, observations and facts: each has one form, one id, and a place that bears it out."""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service, Workspace
from generator.documents.json_pointer import child, find, matches
from generator.evidence import trace
from generator.evidence.traceability import claims
from tests.generator.edits import Edit, drop, put, with_evidence, with_recording
from tests.generator.traceability_helpers import (
    ENTRIES,
    SUPPORT,
    each_service,
    has_problem_at,
    problems_with,
)

pytestmark = pytest.mark.sampled(3)

Services = dict[str, Service]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(drop("/rows/0/documents"), id="neither"),
        pytest.param(put("/rows/0/rejected_by", "ges.job-id-in-a-listing"), id="both"),
    ],
)
def test_evidence_schema_row_needs_carrier_or_rejection(edit: Edit, workspace: Workspace, services: Services) -> None:
    [problem] = workspace.violations("evidence", with_evidence(services["ges"], edit).evidence)
    assert (problem.file, problem.pointer) == (services["ges"].evidence.path, "/rows/0")
    assert problem.line == services["ges"].evidence.line("/rows/0")
    assert problem.remedy == "See openapi/schemas/evidence.json"


def test_evidence_schema_incomplete_row_names_missing_key(workspace: Workspace, services: Services) -> None:
    source = with_evidence(services["ges"], drop("/rows/0/documents")).evidence
    [problem] = workspace.violations("evidence", source)
    assert "documents" in f"{problem.message} {problem.remedy}"


@pytest.mark.parametrize(
    ("edit", "pointer"),
    [
        (put("/page/sha256", "unknown"), "/page/sha256"),
        (put("/rows/0/kind", "cookie"), "/rows/0/kind"),
        (put("/rows/0/maximum", "100"), "/rows/0/maximum"),
        (put("/rows/0/open", True), "/rows/0"),
        (put("/rows/0/values", [{}]), "/rows/0/values/0"),
        (put("/rows/0/documents", ["components/schemas/Job"]), "/rows/0/documents/0"),
        (put("/observed/0/observed_in", []), "/observed/0/observed_in"),
        (put("/facts/0/confidence", "certain"), "/facts/0/confidence"),
        (put("/facts/0/supports", {}), "/facts/0/supports"),
        (put("/contradictions/0/checks", []), "/contradictions/0/checks"),
        (drop("/contradictions/0/confidence"), "/contradictions/0"),
    ],
)
def test_evidence_schema_invalid_value_is_reported(
    edit: Edit, pointer: str, workspace: Workspace, services: Services
) -> None:
    source = with_evidence(services["ges"], edit).evidence
    assert pointer in {problem.pointer for problem in workspace.violations("evidence", source)}


def test_trace_row_with_missing_carrier_is_reported(services: Services) -> None:
    service = with_evidence(services["ges"], put("/rows/0/documents/0", "/components/parameters/tenant_id"))
    found = trace(service).problems
    assert has_problem_at(
        "/rows/0/documents/0", found, "ges.path.project_id: the document must have /components/parameters/t"
    )


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("ges.path.project_id", "/components/parameters/graph_name"),
        ("ges.query.offset", "/components/parameters/limit"),
        ("ief.header.ief-instance-id", "/components/parameters/job_id"),
        ("ges.job.jobId", "/components/schemas/Job/properties/status"),
        ("ges.code.400", "/paths/*/get/responses/401"),
    ],
)
def test_trace_row_carried_under_other_name_is_reported(row: str, place: str, services: Services) -> None:
    service = services[row.partition(".")[0]]
    entry = next(each for each in service.evidence.data["rows"] if each["id"] == row)
    index = service.evidence.data["rows"].index(entry)
    found = trace(with_evidence(service, put(f"/rows/{index}/documents/0", place))).problems
    assert any(
        problem.pointer == f"/rows/{index}" and f"the pointer must end in {entry['name']}, got " in problem.message
        for problem in found
    )


@pytest.mark.parametrize(
    ("row", "key", "value", "pointer"),
    [
        ("cce.uri", "name", "POST /api/v3/jobs", "/paths/*/get"),
        ("ges.path.project_id", "mandatory", False, "/components/parameters/project_id/required"),
        ("ges.path.project_id", "type", "Integer", "/components/parameters/project_id/schema/type"),
        ("ges.query.offset", "default", 1, "/components/parameters/offset/schema/default"),
        ("ges.query.offset", "maximum", 9, "/components/parameters/offset/schema/maximum"),
        ("ges.query.offset", "kind", "path", "/components/parameters/offset/in"),
        ("cce.header.X-Auth-Token", "maximum", 1, "/components/securitySchemes/token/x-auth/maxLength"),
        ("cce.header.X-Auth-Token", "name", "X-Token", "/components/securitySchemes/token/name"),
        ("cce.header.Content-Type", "default", "text/html", "/paths/*/get/x-request-headers/Content-Type"),
        ("cce.response.kind", "values", ["Task"], "/components/schemas/Job/properties/kind/const"),
        ("cce.status.phase", "values", ["Running"], "/components/schemas/JobStatus/properties/phase/enum"),
        (
            "ief.response.job_type",
            "values",
            ["node"],
            "/components/schemas/BatchJob/properties/job_type/anyOf/0/enum",
        ),
        ("cce.metadata.uid", "type", "int64", "/components/schemas/JobMetadata/properties/uid/type"),
        ("cce.metadata.uid", "type", "int64", "/components/schemas/JobMetadata/properties/uid/format"),
        ("cce.metadata.uid", "type", "number", "/components/schemas/JobMetadata/properties/uid/type"),
        ("cce.metadata.uid", "type", "uid object", "/components/schemas/JobMetadata/properties/uid/type"),
        ("cce.metadata.uid", "maximum", 36, "/components/schemas/JobMetadata/properties/uid/maxLength"),
        ("yuanrong.driver.pid", "minimum", 1, "/components/schemas/DriverInfo/properties/pid/minLength"),
    ],
)
def test_trace_row_differing_from_document_is_reported(
    row: str, key: str, value: Any, pointer: str, services: Services
) -> None:
    service = services[row.partition(".")[0]]
    index = next(index for index, each in enumerate(service.evidence.data["rows"]) if each["id"] == row)
    found = trace(with_evidence(service, put(f"/rows/{index}/{key}", value))).problems
    [problem] = [problem for problem in found if problem.pointer and matches(pointer, problem.pointer)][:1]
    assert problem.file == service.document.path
    assert problem.message.startswith(f"{row}: must be ")
    assert problem.remedy == "Follow the row, or decide otherwise in a contradiction that lists it"


@pytest.mark.parametrize("word", ["Array of strings", "map[string]string"])
def test_trace_row_type_with_more_levels_is_reported(word: str, services: Services) -> None:
    index = next(i for i, row in enumerate(services["cce"].evidence.data["rows"]) if row["id"] == "cce.metadata.uid")
    service = with_evidence(services["cce"], put(f"/rows/{index}/type", word))
    assert has_problem_at(
        "/components/schemas/JobMetadata/properties/uid/type", trace(service).problems, " as the row states, got "
    )


@pytest.mark.parametrize("contradiction", ["ges.no-such-thing", "ges.uri-is-lost"])
def test_trace_row_rejected_without_listing_is_reported(contradiction: str, services: Services) -> None:
    rows = services["ges"].evidence.data["rows"]
    index = next(index for index, row in enumerate(rows) if "rejected_by" in row)
    service = with_evidence(services["ges"], put(f"/rows/{index}/rejected_by", contradiction))
    message = f"{rows[index]['id']}: rejected_by must be a contradiction that lists the row, got {contradiction}"
    assert has_problem_at(f"/rows/{index}/rejected_by", trace(service).problems, message)


def test_trace_rejected_row_in_document_is_reported(services: Services) -> None:
    parameter = {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}}
    found = problems_with(services["ges"], put("/components/parameters/job_id", parameter))
    assert has_problem_at("/components/parameters/job_id", found, "ges.path.job_id: must not be a parameter")


def test_trace_rejected_name_of_other_kind_is_accepted(services: Services) -> None:
    parameter = {"name": "job_id", "in": "query", "schema": {"type": "string"}}
    found = problems_with(services["ges"], put("/components/parameters/job_id", parameter))
    assert not [problem for problem in found if "is rejected" in problem.message]


def test_trace_row_without_listing_is_not_waived(services: Services) -> None:
    entries = services["ges"].evidence.data["contradictions"]
    index = [entry["id"] for entry in entries].index("ges.jobs-is-a-list")
    service = with_evidence(services["ges"], put(f"/contradictions/{index}/rows", []))
    message = "ges.response.jobs: must be 'object' as the row states, got 'array'"
    assert has_problem_at("/components/schemas/JobList/properties/jobs/type", trace(service).problems, message)


def test_trace_response_without_evidence_is_reported_once(services: Services) -> None:
    found = problems_with(services["ges"], put("/paths/*/get/responses/418", {"description": "I'm a teapot."}))
    assert [problem.message for problem in found] == ["must have evidence, got none for this part"]


def test_trace_response_without_body_needs_no_evidence(services: Services) -> None:
    pattern = "/paths/*/get/responses/404"
    found = problems_with(services["cce"], drop(f"{pattern}/content"))
    assert not [problem for problem in found if problem.pointer and matches(f"{pattern}/content", problem.pointer)]


@each_service
def test_trace_observation_not_in_recording_is_reported(name: str, services: Services) -> None:
    service = services[name]
    for index, entry in enumerate(service.evidence.data["observed"]):
        for number, place in enumerate(entry["observed_in"]):
            blind = with_recording(service, place["recording"], drop(place["pointer"]))
            found = trace(blind).problems
            message = f"{entry['id']}: must name a field of a recording, got {place['pointer']} of {place['recording']}"
            assert has_problem_at(f"/observed/{index}/observed_in/{number}", found, message)


def test_trace_observation_of_lost_recording_is_reported(services: Services) -> None:
    service = with_evidence(services["ges"], put("/observed/1/observed_in/0/recording", "lost"))
    assert has_problem_at("/observed/1/observed_in/0", trace(service).problems, " of lost")


@each_service
def test_trace_fact_differing_from_document_is_reported(name: str, services: Services) -> None:
    service = services[name]
    for index, fact in enumerate(service.evidence.data["facts"]):
        for pattern in fact["supports"]:
            here = child(f"/facts/{index}/supports", pattern)
            found = trace(with_evidence(service, put(here, "something else"))).problems
            assert has_problem_at(here, found, f"{fact['id']}: the document must have 'something else' at {pattern}")


@each_service
def test_trace_decision_differing_from_document_is_reported(name: str, services: Services) -> None:
    service = services[name]
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for pattern in entry.get("resolution", {}):
            here = child(f"/contradictions/{index}/resolution", pattern)
            found = trace(with_evidence(service, put(here, "something else"))).problems
            assert has_problem_at(here, found, f"{entry['id']}: the document must have 'something else' at {pattern}")


@each_service
def test_trace_deleted_fact_leaves_elements_unsupported(name: str, services: Services) -> None:
    service, alone = services[name], 0
    support = trace(service).support
    for index, fact in enumerate(service.evidence.data["facts"]):
        only = [place for place, by in support.items() if {supporter for supporter, _ in by} == {fact["id"]}]
        # A server without its own host has no statement that needs evidence.
        only = [place for place in only if claims(service.document.data)[place] != "https://{endpoint}"]
        found = trace(with_evidence(service, drop(f"/facts/{index}"))).problems
        assert all(has_problem_at(place, found, SUPPORT) for place in only)
        alone += len(only)
    assert alone


@pytest.mark.parametrize("part", ENTRIES)
def test_trace_repeated_id_is_reported(part: str, services: Services) -> None:
    evidence = services["ges"].evidence.data
    index = len(evidence[part]) - 1
    first = evidence["rows"][0]["id"]
    service = with_evidence(services["ges"], put(f"/{part}/{index}/id", first))
    assert has_problem_at(f"/{part}/{index}/id", trace(service).problems, f"id must be unique in the file, got {first}")


def test_trace_id_of_other_service_is_reported(services: Services) -> None:
    service = with_evidence(services["ges"], put("/facts/0/id", "cce.fact.reply"))
    assert has_problem_at("/facts/0/id", trace(service).problems, "id must begin with ges.")


def test_trace_contradiction_of_unknown_row_is_reported(services: Services) -> None:
    service = with_evidence(services["ges"], put("/contradictions/0/rows/-", "ges.nothing"))
    assert has_problem_at(
        "/contradictions/0/rows", trace(service).problems, "must name rows or observations, got ges.nothing"
    )


@each_service
def test_trace_wrong_response_confidence_is_reported(name: str, services: Services) -> None:
    for pointer, response in find(services[name].document.data, "/paths/*/*/responses/*"):
        known = response.get("x-confidence", "documented")
        for word in {"documented", "observed", "inferred"} - {known}:
            found = problems_with(services[name], put(f"{pointer}/x-confidence", word))
            assert has_problem_at(pointer, found, f"x-confidence must be {known} as its evidence is, got {word}")
        if known != "documented":
            found = problems_with(services[name], drop(f"{pointer}/x-confidence"))
            assert has_problem_at(pointer, found, f"x-confidence must be {known} as its evidence is, got documented")


def test_trace_reordered_enum_is_accepted(services: Services) -> None:
    def reverse(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["JobStatus"]["properties"]["phase"]["enum"].reverse()

    assert problems_with(services["cce"], reverse) == []


def test_trace_true_differs_from_one(services: Services) -> None:
    found = problems_with(services["ges"], put("/components/parameters/limit/schema/minimum", True))
    assert has_problem_at("/components/parameters/limit/schema/minimum", found, f"{SUPPORT} True")
