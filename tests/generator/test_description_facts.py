"""Descriptions, headers and examples state nothing that the evidence does not have."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.documents import Service
from generator.documents.json_pointer import find, resolve
from generator.evidence import trace
from generator.evidence.descriptions import DescriptionEvidence, descriptions, list_of_facts, named_things, stated_facts
from tests.generator.edits import all_of, put, with_evidence
from tests.generator.traceability_helpers import each_service, has_problem_at, is_named, problems_with

Services = dict[str, Service]

_MICROSECONDS = "/components/schemas/ImportedFile/properties/startTime"


@pytest.mark.parametrize(
    ("name", "pointer", "old", "new", "fact"),
    [
        ("ges", _MICROSECONDS, "microseconds", "milliseconds", "milliseconds"),
        ("ges", _MICROSECONDS, "UTC", "local time", "local"),
        ("ges", _MICROSECONDS, "1970-01-01", "2000-01-01", "2000-01-01"),
        ("ges", "/components/schemas/Job/properties/progress", "percent", "per mille", "per mille"),
        ("ges", "/components/schemas/Job/properties/failReason", "`failed`", "`success`", "success"),
        ("ges", "/components/schemas/ImportedFile/properties/totalLines", "lines", "labels", "labels"),
        ("ges", "/components/schemas/Job/properties/canStop", "stopped", "updated", "updated"),
        ("ges", "/components/parameters/offset", "first", "last", "last"),
        ("cce", "/components/schemas/Job/properties/kind", "`Job`", "`Task`", "Task"),
        ("cce", "/components/schemas/Job/properties/apiVersion", "always", "never", "never"),
        ("cce", "/components/schemas/JobMetadata/properties/creationTimestamp", "nine", "six", "six"),
        ("ief", "/components/schemas/BatchJob/properties/created_at", "Seconds", "Milliseconds", "Milliseconds"),
        ("ief", "/components/parameters/ief-instance-id", "empty", "null", "null"),
        ("yuanrong", "/components/schemas/Job/properties/driver_exit_code", "0 as", "1 as", "1"),
        ("yuanrong", "/components/schemas/Job/properties/start_time", "in seconds", "in minutes", "minutes"),
        ("yuanrong", "/components/headers/Retry-After", "seconds", "days", "days"),
        ("cce", "/components/parameters/project_id", "the job", "the cluster", "cluster"),
        ("cce", "/components/schemas/JobSpec/properties/clusterUID", "cluster", "project", "project"),
        ("ges", "/components/parameters/offset", "before", "after", "after"),
        ("ges", "/components/schemas/Job/properties/canStop", "Whether", "Whether not", "not"),
        ("ief", "/components/schemas/BatchJob/properties/targets", "targets", "tasks", "tasks"),
        ("yuanrong", "/components/schemas/DriverInfo/properties/id", "same as", "same, or another, as", "another"),
    ],
)
def test_trace_changed_fact_of_a_description_is_reported(
    name: str, pointer: str, old: str, new: str, fact: str, services: Services
) -> None:
    text = resolve(services[name].document.data, pointer)["description"]
    assert old in text
    here = f"{pointer}/description"
    assert has_problem_at(here, problems_with(services[name], put(here, text.replace(old, new))), fact)


@each_service
@pytest.mark.parametrize("sentence", ["The default is 7.", "Between 12 and 99 bytes.", "It is in per mille."])
def test_unsupported_added_fact_is_a_problem_everywhere(name: str, sentence: str, services: Services) -> None:
    service = services[name]
    evidence = DescriptionEvidence(service, trace(service).support)
    described = [each for each in descriptions(service.document.data) if each[0].startswith(("/paths", "/components"))]
    assert len(described) > 20
    for pointer, part in described:
        wider = {**part, "description": f"{part['description']} {sentence}"}
        assert list(evidence.unsupported(pointer, wider)), pointer


def test_trace_reworded_description_with_the_same_facts_passes(services: Services) -> None:
    here = f"{_MICROSECONDS}/description"
    reworded = "The moment at which the import of this file started: microseconds, counted from 1970-01-01 UTC on."
    assert problems_with(services["ges"], put(here, reworded)) == []


def test_trace_listed_facts_with_another_list_are_reported(services: Services) -> None:
    facts = services["ges"].evidence.data["facts"]
    index = next(index for index, entry in enumerate(facts) if entry["id"] == "ges.fact.distinct-descriptions")
    pattern = "/facts/{}/supports/~1components~1schemas~1Job~1properties~1startTime~1description"
    found = trace(with_evidence(services["ges"], put(pattern.format(index), "started, seconds"))).problems
    place = "/components/schemas/Job/properties/startTime/description"
    assert has_problem_at(place, found, "facts must be started, seconds")
    assert has_problem_at(pattern.format(index), found, "the document must have 'started, seconds'")


def test_trace_listed_facts_of_a_missing_place_are_reported(services: Services) -> None:
    changed = with_evidence(services["cce"], put("/facts/0/supports/~1components~1nothing~1description", "one"))
    message = "the document must have 'one' at /components/nothing/description"
    [found] = [each for each in trace(changed).problems if message in each.message]
    assert found.pointer == "/facts/0/supports/~1components~1nothing~1description"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Number of bytes, at most 5.", ["bytes", "most", "5"]),
        ("`failed` or `success`, never empty", ["failed", "success", "never", "empty"]),
        ("From 2.5 to 10:30 on 1970-01-01.", ["2.5", "10:30", "1970-01-01"]),
        ("The lasting succession of the endpoint", []),
        ("Absent unless `a.b` is 0", ["Absent", "a.b", "0"]),
        ("Not before the others, but some of them more", ["Not", "before", "others", "some", "more"]),
    ],
)
def test_stated_facts_of_a_text(text: str, facts: list[str]) -> None:
    assert [fact for fact, _ in stated_facts(text)] == facts


def test_stated_facts_things_of_the_document_are_among_them() -> None:
    document = {
        "paths": {"/v1/graphs/{graph_id}/jobs": {}},
        "components": {"schemas": {"SubTask": {"properties": {"clusterUID": {}, "statusCode": {}}}, "FailedJob": {}}},
    }
    things = named_things(document)
    assert list(things) == ["cluster", "graph", "job", "sub", "task"]
    assert (
        list_of_facts("Jobs of a graph, and the code of the `task` in a Cluster", things)
        == "Jobs, graph, task, Cluster"
    )


@each_service
def test_trace_dropped_or_added_response_header_is_reported(name: str, services: Services) -> None:
    data = services[name].document.data
    known = [pointer.rpartition("/")[2] for pointer, _ in find(data, "/components/headers/*")]
    edits, places = [], set()
    for pointer, response in find(data, "/paths/*/*/responses/*"):
        headers: dict[str, Any] = response.get("headers", {})
        added = {header: {"$ref": f"#/components/headers/{header}"} for header in known if header not in headers}
        edits.append(put(f"{pointer}/headers", added))
        places |= {f"{pointer}/headers/{header}" for header in known}
    found = problems_with(services[name], all_of(*edits))
    unnoticed = [
        place
        for place in places
        if not is_named(re.sub(r"^/paths/[^/]+/", "/paths/*/", place), found) and not is_named(place, found)
    ]
    assert unnoticed == []


@each_service
def test_trace_changed_example_is_reported(name: str, services: Services) -> None:
    data = services[name].document.data
    places = [place for place, _ in find(data, "/paths/*/*/responses/*/content/*/examples/*")]
    assert places
    places = [f"{place}/value" for place in places]
    places += [place for place, _ in find(data, "/components/schemas/*/properties/*/examples")]
    places += [place for place, _ in find(data, "/components/headers/*/schema/examples")]
    found = problems_with(services[name], all_of(*(put(place, ["another"]) for place in places)))
    assert set(places) <= {problem.pointer for problem in found}
