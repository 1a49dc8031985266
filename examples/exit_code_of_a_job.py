"""Waits for a job in a script of a pipeline: progress to the log, one exit code per outcome.

With CLOUDJOBS_CCE_URL, CLOUDJOBS_PROJECT_ID and credentials in the environment:
`python examples/exit_code_of_a_job.py JOB_ID`. Without an argument it shows the outcomes of jobs of a replayed service,
which needs `pip install 'cloudjobs[testing]'` and no network.
"""

from __future__ import annotations

import logging
import sys

from cloudjobs import CceClient, JobSnapshot
from cloudjobs.errors import APIStatusError, CloudJobsError, JobFailedError, WaitTimeoutError

log = logging.getLogger("deploy")


def report(snapshot: JobSnapshot) -> None:
    done = "unknown progress" if snapshot.progress is None else f"{snapshot.progress:.0%}"
    log.info("job %s is %s, %s", snapshot.id, snapshot.state, done)


def exit_code(cce: CceClient, job_id: str) -> int:
    """Wait for a job at most an hour. Return 0 if it succeeded, 1 if it failed, 3 after an hour, 4 for other errors."""
    try:
        cce.wait_for_job(job_id, timeout=3600, on_progress=report)
    except JobFailedError as failure:
        log.error("job %s failed: %s", job_id, failure.reason)
        if failure.failed_child is not None:
            log.error("the first failed sub-job is %s", failure.failed_child.id)
        return 1
    except WaitTimeoutError as late:
        log.error("job %s is still %s", job_id, late.snapshot.state if late.snapshot else "unknown")
        return 3
    except APIStatusError as error:
        # The vendor's support asks for the request ID.
        log.error("refused with %s %s, request %s", error.status_code, error.code, error.request_id)
        return 4
    except CloudJobsError as error:
        log.error("%s", error)
        return 4
    return 0


def show_outcomes() -> None:
    from cloudjobs.testing import Replay

    with Replay("cce") as replay, replay.client("cce") as cce:
        succeeding = replay.add_job("cce", states=["Running", "Success"])
        failing = replay.add_job("cce", states=["Running", "Failed"], reason="no quota left")
        lasting = replay.add_job("cce", states=["Running"])
        for job_id in (succeeding.id, failing.id, lasting.id, "no-such-job"):
            print(f"{job_id}: exit code {exit_code(cce, job_id)}")


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.WARNING)
    log.setLevel(logging.INFO)
    if len(sys.argv) > 1:
        with CceClient() as client:
            sys.exit(exit_code(client, sys.argv[1]))
    show_outcomes()
