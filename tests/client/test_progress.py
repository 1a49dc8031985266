"""How far a job is: a share that never says done before the service does, and nothing where there is no basis."""

from __future__ import annotations

from typing import Any

import pytest

from cloudjobs import JobSnapshot, cce, ges, ief


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
    assert progress(job("Failed", job("Failed"), {})) == 0.5
    assert progress(job("Success", {}, {})) == 1.0
    assert progress(job("Initializing", {})) == 0.0


@pytest.mark.parametrize(
    ("value", "progress"),
    [(0, 0.0), (40, 0.4), ("40", 0.4), (99, 0.99), (100, 0.99), ("100", 0.99), (250, 0.99), (-5, 0.0), (12.5, 0.125),
     ("", None), (None, None), ("soon", None), (True, None), (False, None), ([], None), ({}, None), ("nan", None),
     ("inf", None), ("1e999", None), (10**400, None)],
)  # fmt: skip
def test_progress_of_row_is_its_percentage(value: object, progress: float | None) -> None:
    for status in ("running", "pending", "failed", "next Tuesday's", ""):
        snapshot = JobSnapshot.from_job(ges.Job.from_dict({"status": status, "progress": value}))
        assert snapshot.progress == pytest.approx(progress)
        assert snapshot.progress is None or snapshot.progress <= 0.99
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
    for status in ("Running", "Waiting", "Stopping", "Partially_successful", "Failed", "Stopped", "Timed_out"):
        snapshot = JobSnapshot.from_job(ief.BatchJob.from_dict({"status": status, **counts}))
        assert snapshot.progress == pytest.approx(progress)
    assert JobSnapshot.from_job(ief.BatchJob.from_dict({"status": "Successful", **counts})).progress == 1.0
