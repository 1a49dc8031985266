"""The checks of a contradiction are true as long as it stands: each can fail, and names the statement that is no longer
true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.documents import Service
from generator.documents.json_pointer import find
from generator.evidence import broken_checks, trace
from tests.generator.edits import drop, nothing, put, with_document, with_evidence, with_recording
from tests.generator.traceability_helpers import (
    each_service,
    has_problem_at,
)

Services = dict[str, Service]


@each_service
def test_broken_checks_changed_data_fails_each_check(name: str, services: Services) -> None:
    service, cannot_fail, tried = services[name], [], 0
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for number, check in enumerate(entry["checks"]):
            place = f"/contradictions/{index}/checks/{number}"
            tried += 1
            if not any(has_problem_at(place, list(broken_checks(other))) for other in changed(service, check)):
                cannot_fail.append(f"{entry['id']}: {check}")
    assert tried
    assert cannot_fail == []


@each_service
def test_broken_checks_missing_recording_is_reported(name: str, services: Services) -> None:
    service = services[name]
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for number, check in enumerate(entry["checks"]):
            if "recording" in check:
                place = f"/contradictions/{index}/checks/{number}"
                other = with_evidence(service, put(f"{place}/recording", "lost"))
                assert has_problem_at(place, list(broken_checks(other)), "got no recording lost")


def test_broken_checks_missing_pointer_is_reported(services: Services) -> None:
    place = "/contradictions/0/checks/0"
    service = with_evidence(services["ges"], put(f"{place}/pointer", "/body/nothing"))
    assert has_problem_at(place, list(broken_checks(service)), "got no value in list-jobs-page at /body/nothing")


def test_broken_checks_invalid_schema_is_reported(services: Services) -> None:
    place = "/contradictions/0/checks/0"
    service = with_evidence(services["ges"], put(f"{place}/schema", {"properties": {"jobs": "many"}}))
    assert has_problem_at(place, list(broken_checks(service)), "got an invalid schema")


def test_broken_checks_problem_has_reason_and_fix(services: Services) -> None:
    service = with_recording(services["ges"], "list-jobs-page", put("/body/jobs/1/progress", 100))
    [problem] = [each for each in broken_checks(service) if "ges.progress-is-text" in each.message]
    assert problem.file == service.evidence.path
    assert "the check must pass, got 2 valid values of 3 instead of 3 in list-jobs-page" in problem.message
    assert problem.remedy == "Compare the page and the recording, and correct the contradiction"


def test_trace_runs_the_contradiction_checks(services: Services) -> None:
    service = with_recording(services["ges"], "graph-not-found", put("/body/errorCode", "GES.8001"))
    assert any("ges.missing-graph-is-400" in problem.message for problem in trace(service).problems)


def changed(service: Service, check: dict[str, Any]) -> Iterator[Service]:
    """Yield the service with the thing changed that a check looks at, in one way after another."""
    if "raw" in check:
        yield with_recording(service, check["recording"], put("/raw", "{}"))
        yield with_recording(service, check["recording"], drop("/raw"))
        return
    pattern = check.get("document") or check["pointer"]
    data = service.recordings[check["recording"]].as_data if "recording" in check else service.document.data
    for pointer, value in find(data, pattern):
        # A recording always has its status, content type and body: the schema of recordings sees to that.
        without = (drop(pointer),) if "document" in check or pointer.count("/") > 1 else ()
        for edit in (*without, *(put(pointer, other) for other in others(value, check["schema"]))):
            if "recording" in check:
                yield with_recording(service, check["recording"], edit)
            else:
                yield with_document(service, edit)
    if "document" in check and not list(find(data, pattern)):
        yield with_document(service, nothing)


def others(value: Any, schema: Any) -> Iterator[Any]:
    """Yield values near that one, values far from it, and values made of the words of the check itself."""
    words = list(words_of(schema))
    plain = (None, "", "made up", -1, 0, 10**17, [], {}, words, *words)
    yield from plain
    if isinstance(value, str):
        yield value[::-1]
    elif isinstance(value, list):
        yield from (value[:-1], value[::-1], [*value, *value, *words])
    elif isinstance(value, dict):
        for key in dict.fromkeys([*value, *map(str, words)]):
            yield {name: member for name, member in value.items() if name != key}
            yield from ({**value, key: other} for other in plain)


def words_of(schema: Any) -> Iterator[Any]:
    """Yield every name and value in a JSON Schema, patterns without their anchors."""
    if isinstance(schema, dict):
        for key, member in schema.items():
            yield key
            yield from words_of(member)
    elif isinstance(schema, list):
        for item in schema:
            yield from words_of(item)
    else:
        yield schema.strip("^$") if isinstance(schema, str) else schema
