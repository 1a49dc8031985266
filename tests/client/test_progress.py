"""Progress of a job: never complete before the service reports the end, and None without data."""

from __future__ import annotations

from typing import Any

import pytest

from cloudjobs import JobSnapshot, cce, ges, ief
from cloudjobs._poller import JobTracker
from cloudjobs.cce.operations import GET_JOB


def test_progress_of_job_with_children_is_their_mean() -> None:
    def job(phase: str, *children: dict[str, Any]) -> dict[str, Any]:
        return {"status": {"phase": phase}, "spec": {"subJobs": list(children)}}

    def progress(data: dict[str, Any]) -> float | None:
        return JobSnapshot.from_job(cce.Job.from_dict(data)).progress

    assert progress(job("Running")) is None
    assert progress(job("Running", job("Running"), job("Success"))) == 0.5
    assert progress(job("Running", job("Failed"), job("Success"))) == 0.99
    assert progress(job("Running", {}, {}, {}, job("Success"))) == 0.25
    assert progress(job("Running", job("Running", job("Success"), {}), {})) == 0.25
    assert progress(job("Failed", job("Failed"), {})) == 0.0
    assert progress(job("Failed", job("Failed"), job("Success"))) == 0.5
    assert progress(job("Failed", job("Failed", job("Success"), job("Failed")), job("Success"))) == 0.75
    assert progress(job("Failed", job("Success"))) == 0.99
    assert progress(job("Running", job("Failed", job("Failed")), job("Running"))) == 0.5
    assert progress(job("Success", {}, {})) == 1.0
    assert progress(job("Initializing", {})) == 0.0


@pytest.mark.parametrize(
    ("value", "progress"),
    [(0, 0.0), (40, 0.4), ("40", 0.4), (99, 0.99), (100, 0.99), ("100", 0.99), (250, 0.99), (-5, 0.0), (12.5, 0.125),
     ("", None), (None, None), ("soon", None), (True, None), (False, None), ([], None), ({}, None), ("nan", None),
     ("inf", None), ("1e999", None), (10**400, None)],
)  # fmt: skip
def test_progress_of_row_is_its_percentage(value: object, progress: float | None) -> None:
    for status in ("running", "pending", "next Tuesday's", ""):
        snapshot = JobSnapshot.from_job(ges.Job.from_dict({"status": status, "progress": value}))
        assert snapshot.progress == pytest.approx(progress)
        assert snapshot.progress is None or snapshot.progress <= 0.99
    # A failed job that is said to be complete does not say how much of it succeeded.
    failed = JobSnapshot.from_job(ges.Job.from_dict({"status": "failed", "progress": value})).progress
    assert failed == (None if value in (100, "100", 250) else pytest.approx(progress))
    for status in ("success", "complete"):
        assert JobSnapshot.from_job(ges.Job.from_dict({"status": status, "progress": value})).progress == 1.0


@pytest.mark.parametrize("text", ["4_0", " 40\n", "\uff14\uff10"])
def test_progress_of_invalid_number_string_is_none(text: str) -> None:
    assert JobSnapshot.from_job(ges.Job.from_dict({"status": "running", "progress": text})).progress is None


@pytest.mark.parametrize(
    ("success", "failed", "total", "progress"),
    [(1, 1, 4, 0.5), (0, 2, 4, 0.5), (2, 0, 4, 0.5), (4, 0, 4, 0.99), (0, 0, 4, 0.0), (0, 0, 0, None), (2, 2, 0, None),
     (None, None, 4, None), (1, None, 4, 0.25), (1, 1, None, None), ("1", "1", "4", 0.5), (9, 9, 4, 0.99),
     (-3, 0, 4, 0.0), (True, True, 4, None), (1, 1, "0", None), (1, 1, [], None), (1e308, 1e308, 4, 0.99)],
)  # fmt: skip
def test_progress_of_batch_job_is_finished_task_share(
    success: object, failed: object, total: object, progress: float | None
) -> None:
    counts = {"task_success_count": success, "task_failed_count": failed, "task_total_count": total}
    for status in ("Running", "Waiting", "Stopping"):
        snapshot = JobSnapshot.from_job(ief.BatchJob.from_dict({"status": status, **counts}))
        assert snapshot.progress == pytest.approx(progress)
    assert JobSnapshot.from_job(ief.BatchJob.from_dict({"status": "Successful", **counts})).progress == 1.0


@pytest.mark.parametrize("status", ["Partially_successful", "Failed", "Stopped", "Timed_out"])
def test_progress_of_batch_job_without_success_is_share_of_successful_tasks(status: str) -> None:
    def progress(total: object, *tasks: str) -> float | None:
        data = {"status": status, "task_total_count": total, "task_failed_count": 2, "task_success_count": 2}
        return JobSnapshot.from_job(
            ief.BatchJob.from_dict({**data, "tasks": [{"status": task} for task in tasks]})
        ).progress

    assert progress(4, "Successful", "Failed", "Failed", "Running") == 0.25
    assert progress(4, "Successful", "Failed") == 0.25
    assert progress(1, "Successful", "Failed") == 0.5
    assert progress(None, "Successful", "Failed") == 0.5
    assert progress(4, "Failed", "Failed") == 0.0
    # Which of the counters counts successful tasks is not known, so they say nothing of the share.
    assert progress(4) is None


def test_progress_of_watched_job_falls_only_when_it_fails() -> None:
    def job(phase: str, *children: str) -> cce.Job:
        sub_jobs = [
            {"metadata": {"uid": f"{index}"}, "status": {"phase": child}} for index, child in enumerate(children)
        ]
        return cce.Job.from_dict({"status": {"phase": phase}, "spec": {"subJobs": sub_jobs}})

    tracker = JobTracker(GET_JOB, "one")
    seen = [
        tracker.update(each)[0].progress
        for each in (
            job("Running", "Success", "Running", "Running", "Failed"),
            job("Running", "Running", "Running", "Running", "Running"),
            job("Failed", "Success", "Running", "Running", "Failed"),
        )
    ]
    assert seen == [0.5, 0.5, 0.25]
