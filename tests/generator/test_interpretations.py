"""A reading of the evidence of which no example can be made is an error that names its place, and no omission."""

from __future__ import annotations

import pytest

from generator.documents import Service
from generator.evidence import trace
from tests.generator.edits import Edit, put, with_evidence
from tests.generator.traceability_helpers import each_service, has_problem_at

Services = dict[str, Service]


@each_service
def test_interpretations_each_declared_job_has_one(name: str, services: Services) -> None:
    service = services[name]
    declared = sum("x-job" in schema for schema in service.document.data["components"]["schemas"].values())
    assert len(service.evidence.data["interpretations"]) == declared


@pytest.mark.parametrize(
    ("edit", "place", "message"),
    [
        (put("/interpretations/0/recording", "lost"), "/recording", "the recording lost does not exist"),
        (put("/interpretations/0/job", "/jobs/9"), "/job", "list-jobs-page has no object at /jobs/9"),
        (put("/interpretations/0/job", "/jobs"), "/job", "list-jobs-page has no object at /jobs"),
        (
            put("/interpretations/0/expect/id/pointer", "/uid"),
            "/expect/id/pointer",
            "list-jobs-page has nothing at /jobs/0/uid",
        ),
        (
            put("/interpretations/0/expect/state/pointer", "/a/b"),
            "/expect/state/pointer",
            "list-jobs-page has nothing at /jobs/0/a/b",
        ),
        (
            put("/interpretations/0/pagination/items", "/rows"),
            "/pagination/items",
            "list-jobs-page has nothing at /rows",
        ),
        (
            put("/interpretations/0/id_parameter", "job_id"),
            "/id_parameter",
            "the request of list-jobs-page has no job_id in its path",
        ),
        (
            put("/interpretations/0/expect/started/examples/0/equals", "2024-05-23 01:33:21"),
            "/expect/started/examples/0/equals",
            "'2024-05-23 01:33:21' is not a moment with its zone, by ISO 8601",
        ),
        (
            put("/interpretations/0/expect/progress/0/set", {"/a/b": 1}),
            "/expect/progress/0/set/~1a~1b",
            "list-jobs-page has nothing at /jobs/0/a/b",
        ),
    ],
)
def test_trace_interpretation_not_in_recording_is_reported(
    edit: Edit, place: str, message: str, services: Services
) -> None:
    found = trace(with_evidence(services["ges"], edit)).problems
    assert has_problem_at(f"/interpretations/0{place}", found, f"ges.interpretation.row: {message}")
