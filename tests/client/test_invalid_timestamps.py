"""A time in no form that its document knows: not a moment, and reported like every other deviation, with its
pointer."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cloudjobs import Deviation, DeviationKind, JobSnapshot, Severity, _deviations, cce, ges

from .malformed_bodies import at
from .scripted_transport import (
    JOB,
    WAYS,
    FakeClock,
    Script,
    Way,
    _first,
    is_listing,
    job,
    job_shape,
    operation,
    put,
    reply,
)

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize(
    "way", [way for way in WAYS if {"started", "ended"} <= job_shape(way.service).keys()], ids=str
)
SECRET = "hunter2hunter2"


def field_of(way: Way, part: str) -> str:
    """Return the wire name of the start or the end of a job, dotted."""
    return _first(job_shape(way.service)[part]["field"])


def job_with_invalid_timestamps(way: Way, job_id: str = JOB, state: str = "succeeded") -> dict[str, Any]:
    """Return a job with an invalid start and end."""
    found = job(way.service, state, job_id)
    for part in ("started", "ended"):
        put(found, field_of(way, part), f"{SECRET} of {part}")
    return found


def items(way: Way) -> str:
    return str(operation(way.service)["x-poll"]["items"])


def timestamp_deviations(seen: list[Deviation]) -> list[Deviation]:
    return [found for found in seen if found.kind is DeviationKind.TIME]


@every_way
async def test_wait_reports_invalid_timestamps_with_pointer(way: Way) -> None:
    other = job(way.service, "running", "another")
    answer = reply(way.service, *([other, other] if is_listing(way.service) else []), job_with_invalid_timestamps(way))
    seen: list[Deviation] = []
    client = way.client(Script([answer]), FakeClock(), on_deviation=seen.append, strict=False)
    snapshot = await way.wait(client)
    assert (snapshot.started_at, snapshot.ended_at, snapshot.is_success) == (None, None, True)
    before = f"/{items(way)}/2/" if is_listing(way.service) else "/"
    names = [field_of(way, part).replace(".", "/") for part in ("started", "ended")]
    assert [found.pointer for found in timestamp_deviations(seen)] == [f"{before}{name}" for name in names]
    for found in timestamp_deviations(seen):
        assert at(answer.json(), found.pointer) == found.actual
        assert found.severity is Severity.NOTICE
        assert all(form in found.expected for form in job_shape(way.service)["started"]["formats"])
    assert [found.pointer for found in snapshot.deviations] == [f"/{name}" for name in names]


@every_way
async def test_wait_many_reports_invalid_timestamps_per_job(way: Way) -> None:
    ids = ["job-1", "job-2", "job-3"]
    seen: list[Deviation] = []
    if is_listing(way.service):
        script = Script([reply(way.service, *(job_with_invalid_timestamps(way, job_id) for job_id in ids))])
        before = [f"/{items(way)}/{place}/" for place in range(3)]
    else:
        script = Script([reply(way.service, job_with_invalid_timestamps(way, job_id)) for job_id in ids])
        before = ["/"] * 3
    await way.wait_many(way.client(script, FakeClock(), on_deviation=seen.append), ids)
    names = [field_of(way, part).replace(".", "/") for part in ("started", "ended")]
    assert sorted(found.pointer for found in timestamp_deviations(seen)) == sorted(
        f"{one}{name}" for one in before for name in names
    )


@pytest.mark.parametrize("way", [way for way in WAYS if way.service == "ges"], ids=str)
async def test_wait_strict_with_invalid_timestamps_does_not_raise(way: Way) -> None:
    seen: list[Deviation] = []
    found = job_with_invalid_timestamps(way)
    # Only a failed job has it.
    del found["failReason"]
    client = way.client(Script([reply(way.service, found)]), FakeClock(), on_deviation=seen.append, strict=True)
    assert (await way.wait(client)).is_success
    assert seen == timestamp_deviations(seen) != []


@every_way
async def test_wait_empty_timestamp_is_none_without_deviation(way: Way) -> None:
    for empty in ("", None):
        ended = job(way.service, "succeeded")
        put(ended, field_of(way, "started"), empty)
        seen: list[Deviation] = []
        client = way.client(Script([reply(way.service, ended)]), FakeClock(), on_deviation=seen.append)
        assert (await way.wait(client)).started_at is None
        assert not timestamp_deviations(seen)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, at a moment at which nothing has been logged."""
    monkeypatch.setattr(_deviations.DeviationReporter, "_logged", set())
    caplog.set_level(logging.INFO, logger="cloudjobs")
    return caplog


def test_invalid_timestamp_is_logged_once_without_value(log: pytest.LogCaptureFixture) -> None:
    class Own(ges.Job):
        """A model that a caller has extended."""

    for number in range(3):
        for kind in (ges.Job, Own):
            JobSnapshot.from_job(kind.from_dict({"jobId": str(number), "startTime": SECRET, "status": "failed"}))
    (record,) = log.records
    assert record.getMessage().startswith("ges: response deviates at /startTime: time, expected a timestamp as ")
    assert SECRET not in str(vars(record))


def test_invalid_timestamp_of_child_is_reported_by_its_job(log: pytest.LogCaptureFixture) -> None:
    part = {"metadata": {"creationTimestamp": SECRET}, "status": {"phase": "Running"}}
    outer = {**part, "spec": {"subJobs": [None, {"spec": {"subJobs": [part]}}, part]}}
    snapshot = JobSnapshot.from_job(cce.Job.from_dict(outer))
    assert {found.pointer for found in snapshot.deviations} == {
        "/metadata/creationTimestamp",
        "/spec/subJobs/2/metadata/creationTimestamp",
        "/spec/subJobs/1/spec/subJobs/0/metadata/creationTimestamp",
    }
    assert all(at(outer, found.pointer) == found.actual == SECRET for found in snapshot.deviations)
    assert [found.pointer for found in snapshot.children[1].deviations] == ["/metadata/creationTimestamp"]
    assert len(log.records) == 3, "a job, a part and a part of a part are three places"
