"""A reading of the evidence of which no example can be made is an error that names its place, and no omission."""

from __future__ import annotations

import pytest

from generator.documents import Service
from generator.evidence import trace
from tests.generator.accounts import each_service, is_at
from tests.generator.edits import Edit, put, with_evidence

Services = dict[str, Service]


@each_service
def test_every_job_that_a_document_declares_has_a_reading(name: str, services: Services) -> None:
    service = services[name]
    declared = sum("x-job" in schema for schema in service.document.data["components"]["schemas"].values())
    assert len(service.evidence.data["readings"]) == declared


@pytest.mark.parametrize(
    ("edit", "place", "message"),
    [
        (put("/readings/0/recording", "lost"), "/recording", "there is no recording lost"),
        (put("/readings/0/job", "/jobs/9"), "/job", "list-jobs-page has no object at /jobs/9"),
        (put("/readings/0/job", "/jobs"), "/job", "list-jobs-page has no object at /jobs"),
        (put("/readings/0/tells/id/at", "/uid"), "/tells/id/at", "list-jobs-page has nothing at /jobs/0/uid"),
        (put("/readings/0/tells/state/at", "/a/b"), "/tells/state/at", "list-jobs-page has nothing at /jobs/0/a/b"),
        (put("/readings/0/pages/items", "/rows"), "/pages/items", "list-jobs-page has nothing at /rows"),
        (put("/readings/0/asked", "job_id"), "/asked", "the request of list-jobs-page has no job_id in its path"),
        (
            put("/readings/0/tells/started/examples/0/is", "2024-05-23 01:33:21"),
            "/tells/started/examples/0/is",
            "'2024-05-23 01:33:21' is no moment with its zone, by ISO 8601",
        ),
        (
            put("/readings/0/tells/progress/0/set", {"/a/b": 1}),
            "/tells/progress/0/set/~1a~1b",
            "list-jobs-page has nothing at /jobs/0/a/b",
        ),
    ],
)
def test_a_reading_that_does_not_fit_its_recording_is_an_error(
    edit: Edit, place: str, message: str, services: Services
) -> None:
    found = trace(with_evidence(services["ges"], edit)).problems
    assert is_at(f"/readings/0{place}", found, f"ges.reading.row: {message}")
