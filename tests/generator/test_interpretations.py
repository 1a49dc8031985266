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
        (put("/interpretations/0/recording", "lost"), "/recording", "recording must exist, got lost"),
        (
            put("/interpretations/0/job", "/jobs/9"),
            "/job",
            "job must be the pointer of an object in list-jobs-page, got '/jobs/9'",
        ),
        (
            put("/interpretations/0/job", "/jobs"),
            "/job",
            "job must be the pointer of an object in list-jobs-page, got '/jobs'",
        ),
        (
            put("/interpretations/0/expect/id/pointer", "/uid"),
            "/expect/id/pointer",
            "pointer must have a value in list-jobs-page, got /jobs/0/uid",
        ),
        (
            put("/interpretations/0/expect/state/pointer", "/a/b"),
            "/expect/state/pointer",
            "pointer must have a value in list-jobs-page, got /jobs/0/a/b",
        ),
        (
            put("/interpretations/0/pagination/items", "/rows"),
            "/pagination/items",
            "pointer must have a value in list-jobs-page, got /rows",
        ),
        (
            put("/interpretations/0/id_parameter", "job_id"),
            "/id_parameter",
            "id_parameter must be a path parameter of list-jobs-page, got job_id",
        ),
        (
            put("/interpretations/0/expect/started/examples/0/equals", "2024-05-23 01:33:21"),
            "/expect/started/examples/0/equals",
            "must be a timestamp with its zone, by ISO 8601, got '2024-05-23 01:33:21'",
        ),
        (
            put("/interpretations/0/expect/progress/0/set", {"/a/b": 1}),
            "/expect/progress/0/set/~1a~1b",
            "pointer must have a value in list-jobs-page, got /jobs/0/a/b",
        ),
    ],
)
def test_trace_interpretation_not_in_recording_is_reported(
    edit: Edit, place: str, message: str, services: Services
) -> None:
    found = trace(with_evidence(services["ges"], edit)).problems
    assert has_problem_at(f"/interpretations/0{place}", found, f"ges.interpretation.row: {message}")
