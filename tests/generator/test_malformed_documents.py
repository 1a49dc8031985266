"""For any value in a wrong place, lint reports problems and never crashes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from generator.documents import Service, Workspace, lint
from generator.documents.json_pointer import child
from tests.exhaustive import sample
from tests.generator.broken_documents import GET, JOB, OK, single_problem
from tests.generator.edits import Edit, drop, put, with_document

pytestmark = pytest.mark.sampled(3)

Services = dict[str, Service]

CRASHES = [
    ("no paths", drop("/paths")),
    ("path that is null", put("/paths/*", None)),
    ("parameters that are null", put(f"{GET}/parameters", None)),
    ("responses that are a list", put(f"{GET}/responses", ["200"])),
    ("no operationId", drop(f"{GET}/operationId")),
    ("content that is null", put(f"{OK}/content", None)),
    ("properties that are null", put(f"{JOB}/properties", None)),
    ("tag without a name", put("/tags", [{"description": "Jobs"}])),
    ("schema that is a boolean", put(f"{JOB}/properties/jobId", True)),
    ("reply of any form", put(f"{OK}/content/*/schema", True)),
    ("items of any form", put("/components/schemas/JobList/properties/jobs/items", True)),
    ("recordings that are a number", put(f"{OK}/x-recordings", 5)),
    ("recordings that are null", put(f"{OK}/x-recordings", None)),
]


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in CRASHES])
def test_lint_malformed_document_is_a_problem(edit: Edit, workspace: Workspace, services: Services) -> None:
    problems = lint(workspace, with_document(services["ges"], edit))
    assert problems
    assert all(problem.file == services["ges"].document.path for problem in problems)


def test_lint_media_type_without_schema_is_rejected(workspace: Workspace, services: Services) -> None:
    assert lint(workspace, with_document(services["ges"], drop(f"{GET}/responses/404/content/*/schema")))


def test_lint_undeclared_security_scheme_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], put(f"{GET}/security/-", {"basic": []}))
    assert "basic" in single_problem(lint(workspace, service)).message


def places_of(value: Any, pointer: str = "") -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(place for key, member in members for place in places_of(member, child(pointer, key)))]


def test_lint_problem_is_one_line(workspace: Workspace, services: Services) -> None:
    problem = single_problem(lint(workspace, with_document(services["ges"], drop("/info/title"))))
    assert len(str(problem).splitlines()) == 1


def test_lint_any_value_at_any_pointer_does_not_crash(workspace: Workspace, services: Services) -> None:
    places = [(name, place) for name, service in services.items() for place in places_of(service.document.data)[1:]]
    values: st.SearchStrategy[Any] = st.sampled_from(
        [None, 5, "x", "", True, [], {}, ["x"], [{}], {"x": 1}, {"$ref": 5}]
    )

    @settings(derandomize=True, database=None, deadline=None, max_examples=sample(100), phases=[Phase.generate])
    @given(place=st.sampled_from(places), value=values)
    def check(place: tuple[str, str], value: Any) -> None:
        name, pointer = place
        for problem in lint(workspace, with_document(services[name], put(pointer, value))):
            assert problem.message
            assert problem.remedy

    check()
