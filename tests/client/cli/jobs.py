"""Jobs with sub-jobs at any depth, in the form of their service, as a test needs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ..transports import reply

Job = dict[str, Any]


def job(
    name: str,
    phase: str = "Running",
    *parts: Job,
    kind: str = "CreateNode",
    reason: str = "",
    began: str = "2026-01-01 00:00:00 +0000 UTC",
    changed: str = "2026-01-01 00:01:35 +0000 UTC",
) -> Job:
    """Return a job and its sub-jobs."""
    return {
        "kind": "Job",
        "apiVersion": "v3",
        "metadata": {"uid": name, "creationTimestamp": began, "updateTimestamp": changed},
        "spec": {"type": kind, "subJobs": list(parts)},
        "status": {"phase": phase, "reason": reason},
    }


def responses_in_sequence(jobs: Sequence[Job]) -> Callable[[str], bytes]:
    """Return the responses of a server: a job in one state after another, which stays in the last state."""
    left = list(jobs)

    def answer(path: str) -> bytes:
        return reply("200 OK", json.dumps(left.pop(0) if len(left) > 1 else left[0]).encode())

    return answer
