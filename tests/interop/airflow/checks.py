"""The checks of a run, and its figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from .cluster import SECRET, Cluster, Failed

__all__ = ["Failed", "Report", "check_polls", "check_tasks"]

WINDOW = 10
"""Seconds over which a burst is measured."""
_ALLOWED = 1.5
"""The busiest window after the kill, as a multiple of the busiest before."""


@attrs.define
class Report:
    """The figures of a run. Polls are counts of consecutive seconds."""

    count: int
    deferred_after: float = 0
    two_triggerers: list[int] = attrs.field(factory=list)
    """With all waits."""
    two_half: list[int] = attrs.field(factory=list)
    """With half of the waits, like the fields below."""
    one_half: list[int] = attrs.field(factory=list)
    after: list[int] = attrs.field(factory=list)
    """From the take-over on."""
    taken_over: int = 0
    taken_over_after: float = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the figures."""
        return {
            "waits": self.count,
            "seconds_until_deferred": round(self.deferred_after, 1),
            "polls_per_second_of_all": round(_mean(self.two_triggerers), 2),
            "polls_per_second_of_half_with_two": round(_mean(self.two_half), 2),
            "polls_per_second_of_half_with_one": round(_mean(self.one_half), 2),
            "waits_taken_over": self.taken_over,
            "seconds_until_taken_over": round(self.taken_over_after, 1),
            "busiest_window_before": busiest(self.two_half),
            "busiest_window_after": busiest(self.after),
        }

    @staticmethod
    def table(reports: Iterable[Report]) -> Iterator[str]:
        """Yield the lines of a table."""
        columns = [report.to_dict() for report in reports]
        for name in columns[0]:
            yield f"{name:36}" + "".join(f"{column[name]:>10}" for column in columns)


def busiest(polls: Sequence[int]) -> int:
    """Return the most requests in a window of consecutive seconds."""
    return max(sum(polls[start : start + WINDOW]) for start in range(max(1, len(polls) - WINDOW + 1)))


def _mean(polls: Sequence[int]) -> float:
    return sum(polls) / len(polls) if polls else 0.0


def check_polls(report: Report) -> None:
    """Raise `Failed` if the triggerer that takes over polls in a burst."""
    before, after = busiest(report.two_half), busiest(report.after)
    # With few waits, a window has so few polls that random differences matter.
    limit = before * _ALLOWED + WINDOW
    if after > limit:
        raise Failed(f"polls in {WINDOW} s after the take-over must be at most {limit:g}, got {after}")


def check_tasks(cluster: Cluster) -> None:
    """Raise `Failed` unless each task ended as its job did, with the snapshot as XCom and the reason in its log."""
    rows = cluster.query("SELECT task_id, map_index, state FROM task_instance").splitlines()
    states = {(task, int(index)): state for task, index, state in (row.split("|") for row in rows)}
    stored = cluster.query("SELECT task_id, map_index, value FROM xcom WHERE key = 'return_value'").splitlines()
    xcoms = {(task, int(index)): json.loads(value) for task, index, value in (row.split("|", 2) for row in stored)}
    wrong = []
    for task, jobs in cluster.plan["jobs"].items():
        for index, job in enumerate(jobs):
            key = (task, index)
            expected = "success" if job["state"] == "succeeded" else "failed"
            xcom = xcoms.get(key)
            if isinstance(xcom, str):
                xcom = json.loads(xcom)
            if states.get(key) != expected:
                wrong.append(f"{task} {index} is {states.get(key)}, its job {job['state']}")
            elif not isinstance(xcom, dict) or (xcom["id"], xcom["state"]) != (job["id"], job["state"]):
                wrong.append(f"{task} {index} has the XCom {str(xcom)[:100]}")
            elif expected == "failed":
                reason = xcom["reason"]
                text = f"ended as {job['state']}: {reason or ''}"
                if text not in cluster.task_log(task, index):
                    wrong.append(f"{task} {index} lacks {text!r} in its log")
    if wrong:
        raise Failed(f"each task must end as its job, got {len(wrong)} that did not: {'; '.join(wrong[:5])}")
    if files := cluster.files_with(SECRET):
        raise Failed(f"no log may have the credential of the connection, got it in {files[0]}")
