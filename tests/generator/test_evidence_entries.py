"""Rows, observations and facts: each has one form, one id, and a place that bears it out."""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service, Workspace
from generator.documents.json_pointer import child, find, matches
from generator.evidence import trace
from tests.generator.accounts import (
    ENTRIES,
    SUPPORT,
    each_service,
    is_at,
    problems_with,
)
from tests.generator.edits import Edit, drop, put, with_evidence, with_recording

Services = dict[str, Service]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(drop("/rows/0/documents"), id="neither"),
        pytest.param(put("/rows/0/rejected_by", "ges.job-id-in-a-listing"), id="both"),
    ],
)
def test_a_row_has_exactly_one_of_carrier_and_rejection(edit: Edit, workspace: Workspace, services: Services) -> None:
    [problem] = workspace.violations("evidence", with_evidence(services["ges"], edit).evidence)
    assert (problem.file, problem.pointer) == (services["ges"].evidence.path, "/rows/0")
    assert problem.line == services["ges"].evidence.line("/rows/0")
    assert problem.remedy == "See openapi/schemas/evidence.json"


def test_a_row_with_neither_says_what_it_lacks(workspace: Workspace, services: Services) -> None:
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
def test_evidence_of_another_form_is_refused_at_its_place(
    edit: Edit, pointer: str, workspace: Workspace, services: Services
) -> None:
    source = with_evidence(services["ges"], edit).evidence
    assert pointer in {problem.pointer for problem in workspace.violations("evidence", source)}


def test_a_row_carried_by_nothing_fails(services: Services) -> None:
    service = with_evidence(services["ges"], put("/rows/0/documents/0", "/components/parameters/tenant_id"))
    found = trace(service).problems
    assert is_at("/rows/0/documents/0", found, "ges.path.project_id: the document has no /components/parameters/t")


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
def test_a_row_carried_under_another_name_fails(row: str, place: str, services: Services) -> None:
    service = services[row.partition(".")[0]]
    entry = next(each for each in service.evidence.data["rows"] if each["id"] == row)
    index = service.evidence.data["rows"].index(entry)
    found = trace(with_evidence(service, put(f"/rows/{index}/documents/0", place))).problems
    assert any(
        problem.pointer == f"/rows/{index}" and problem.message.endswith(f" is not named {entry['name']}")
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
            "/components/schemas/BatchJob/properties/job_type/x-enum-open",
        ),
        ("cce.metadata.uid", "type", "int64", "/components/schemas/JobMetadata/properties/uid/type"),
        ("cce.metadata.uid", "type", "int64", "/components/schemas/JobMetadata/properties/uid/format"),
        ("cce.metadata.uid", "type", "number", "/components/schemas/JobMetadata/properties/uid/type"),
        ("cce.metadata.uid", "type", "uid object", "/components/schemas/JobMetadata/properties/uid/type"),
        ("cce.metadata.uid", "maximum", 36, "/components/schemas/JobMetadata/properties/uid/maxLength"),
        ("yuanrong.driver.pid", "minimum", 1, "/components/schemas/DriverInfo/properties/pid/minLength"),
    ],
)
def test_a_row_that_states_something_else_than_the_document_fails_there(
    row: str, key: str, value: Any, pointer: str, services: Services
) -> None:
    service = services[row.partition(".")[0]]
    index = next(index for index, each in enumerate(service.evidence.data["rows"]) if each["id"] == row)
    found = trace(with_evidence(service, put(f"/rows/{index}/{key}", value))).problems
    [problem] = [problem for problem in found if problem.pointer and matches(pointer, problem.pointer)][:1]
    assert problem.file == service.document.path
    assert problem.message.startswith(f"{row}: the row states ")
    assert problem.remedy == "Follow the row, or decide otherwise in a contradiction that lists it"


@pytest.mark.parametrize("word", ["Array of strings", "map[string]string"])
def test_a_row_whose_type_has_more_parts_than_the_document_fails_there(word: str, services: Services) -> None:
    index = next(i for i, row in enumerate(services["cce"].evidence.data["rows"]) if row["id"] == "cce.metadata.uid")
    service = with_evidence(services["cce"], put(f"/rows/{index}/type", word))
    assert is_at("/components/schemas/JobMetadata/properties/uid/type", trace(service).problems, "the row states")


@pytest.mark.parametrize("contradiction", ["ges.no-such-thing", "ges.uri-is-lost"])
def test_a_row_rejected_by_a_contradiction_that_does_not_list_it_fails(contradiction: str, services: Services) -> None:
    rows = services["ges"].evidence.data["rows"]
    index = next(index for index, row in enumerate(rows) if "rejected_by" in row)
    service = with_evidence(services["ges"], put(f"/rows/{index}/rejected_by", contradiction))
    message = f"{rows[index]['id']}: no contradiction {contradiction} lists it"
    assert is_at(f"/rows/{index}/rejected_by", trace(service).problems, message)


def test_a_rejected_row_that_stands_in_the_document_fails(services: Services) -> None:
    parameter = {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}}
    found = problems_with(services["ges"], put("/components/parameters/job_id", parameter))
    assert is_at("/components/parameters/job_id", found, "ges.path.job_id is rejected, and stands here")


def test_a_parameter_of_another_kind_may_bear_the_name_of_a_rejected_row(services: Services) -> None:
    parameter = {"name": "job_id", "in": "query", "schema": {"type": "string"}}
    found = problems_with(services["ges"], put("/components/parameters/job_id", parameter))
    assert not [problem for problem in found if "is rejected" in problem.message]


def test_a_row_is_waived_only_by_a_contradiction_that_lists_it(services: Services) -> None:
    entries = services["ges"].evidence.data["contradictions"]
    index = [entry["id"] for entry in entries].index("ges.progress-is-text")
    service = with_evidence(services["ges"], put(f"/contradictions/{index}/rows", []))
    message = "ges.job.progress: the row states 'integer' where the document has ['integer', 'string']"
    assert is_at("/components/schemas/Job/properties/progress/type", trace(service).problems, message)


def test_a_response_without_any_evidence_is_named_once(services: Services) -> None:
    found = problems_with(services["ges"], put("/paths/*/get/responses/418", {"description": "I'm a teapot."}))
    assert [problem.message for problem in found] == ["nothing in the evidence supports this"]


def test_a_response_without_a_body_needs_no_evidence_of_having_none(services: Services) -> None:
    pattern = "/paths/*/get/responses/404"
    found = problems_with(services["cce"], drop(f"{pattern}/content"))
    assert not [problem for problem in found if problem.pointer and matches(f"{pattern}/content", problem.pointer)]


@each_service
def test_an_observation_that_its_recording_does_not_show_fails(name: str, services: Services) -> None:
    service = services[name]
    for index, entry in enumerate(service.evidence.data["observed"]):
        for number, place in enumerate(entry["observed_in"]):
            blind = with_recording(service, place["recording"], drop(place["pointer"]))
            found = trace(blind).problems
            message = f"{entry['id']}: is not to be seen in {place['recording']} at {place['pointer']}"
            assert is_at(f"/observed/{index}/observed_in/{number}", found, message)


def test_an_observation_in_a_recording_that_is_not_there_fails(services: Services) -> None:
    service = with_evidence(services["ges"], put("/observed/1/observed_in/0/recording", "lost"))
    assert is_at("/observed/1/observed_in/0", trace(service).problems, "is not to be seen in lost")


@each_service
def test_a_fact_about_something_else_than_the_document_has_fails(name: str, services: Services) -> None:
    service = services[name]
    for index, fact in enumerate(service.evidence.data["facts"]):
        for pattern in fact["supports"]:
            here = child(f"/facts/{index}/supports", pattern)
            found = trace(with_evidence(service, put(here, "something else"))).problems
            assert is_at(here, found, f"{fact['id']}: the document does not have 'something else' at {pattern}")


@each_service
def test_a_decision_that_the_document_does_not_follow_fails(name: str, services: Services) -> None:
    service = services[name]
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for pattern in entry.get("resolution", {}):
            here = child(f"/contradictions/{index}/resolution", pattern)
            found = trace(with_evidence(service, put(here, "something else"))).problems
            assert is_at(here, found, f"{entry['id']}: the document does not have 'something else' at {pattern}")


@each_service
def test_a_fact_that_is_taken_out_leaves_what_it_alone_supported(name: str, services: Services) -> None:
    service, alone = services[name], 0
    support = trace(service).support
    for index, fact in enumerate(service.evidence.data["facts"]):
        only = [place for place, by in support.items() if {supporter for supporter, _ in by} == {fact["id"]}]
        found = trace(with_evidence(service, drop(f"/facts/{index}"))).problems
        assert all(is_at(place, found, SUPPORT) for place in only)
        alone += len(only)
    assert alone


@pytest.mark.parametrize("part", ENTRIES)
def test_an_id_given_twice_fails(part: str, services: Services) -> None:
    evidence = services["ges"].evidence.data
    index = len(evidence[part]) - 1
    first = evidence["rows"][0]["id"]
    service = with_evidence(services["ges"], put(f"/{part}/{index}/id", first))
    assert is_at(f"/{part}/{index}/id", trace(service).problems, f"repeats the id {first}")


def test_an_id_of_another_service_fails(services: Services) -> None:
    service = with_evidence(services["ges"], put("/facts/0/id", "cce.fact.reply"))
    assert is_at("/facts/0/id", trace(service).problems, "does not begin with the service's name")


def test_a_contradiction_about_a_row_that_is_not_there_fails(services: Services) -> None:
    service = with_evidence(services["ges"], put("/contradictions/0/rows/-", "ges.nothing"))
    assert is_at("/contradictions/0/rows", trace(service).problems, "names ges.nothing, which is no row")


@each_service
def test_a_response_whose_confidence_disagrees_with_its_evidence_fails(name: str, services: Services) -> None:
    for pointer, response in find(services[name].document.data, "/paths/*/*/responses/*"):
        known = response.get("x-confidence", "documented")
        for word in {"documented", "observed", "inferred"} - {known}:
            found = problems_with(services[name], put(f"{pointer}/x-confidence", word))
            assert is_at(pointer, found, f"is said to be {word}, and its evidence is {known}")
        if known != "documented":
            found = problems_with(services[name], drop(f"{pointer}/x-confidence"))
            assert is_at(pointer, found, f"is said to be documented, and its evidence is {known}")


def test_the_order_of_a_list_is_no_statement(services: Services) -> None:
    def reverse(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["JobStatus"]["properties"]["phase"]["enum"].reverse()

    assert problems_with(services["cce"], reverse) == []


def test_true_is_not_one(services: Services) -> None:
    found = problems_with(services["ges"], put("/components/parameters/limit/schema/minimum", True))
    assert is_at("/components/parameters/limit/schema/minimum", found, f"{SUPPORT} True")
