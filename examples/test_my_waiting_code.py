"""Test your own code that waits for jobs: without network or real waiting, in a few lines per test.

Where `pip install 'cloudjobs[testing]' pytest` was run, `pytest examples/test_my_waiting_code.py` runs it. The fixture
`replay` comes with the package.
"""

from __future__ import annotations

from cloudjobs import CceClient
from cloudjobs.errors import APIStatusError, JobFailedError, WaitTimeoutError
from cloudjobs.testing import Replay

# The code under test.


def outcome(cce: CceClient, job_id: str) -> str:
    """Wait for a job, and return one line about its result."""
    try:
        job = cce.wait_for_job(job_id, timeout=600)
    except JobFailedError as failure:
        return f"failed: {failure.reason}"
    except WaitTimeoutError:
        return "not done in time"
    except APIStatusError as error:
        return f"refused: {error.status_code}"
    return f"done with {len(job.children)} parts"


# How it is tested.


def test_a_job_that_succeeds_is_done(replay: Replay) -> None:
    job = replay.add_job("cce", states=["Initializing", "Running", "Success"], children=2)
    with replay.client("cce") as cce:
        assert outcome(cce, job.id) == "done with 2 parts"
    replay.assert_requested("cce", job=job.id, times=3)


def test_a_job_that_fails_tells_why(replay: Replay) -> None:
    job = replay.add_job("cce", states=["Running", "Failed"], reason="no quota left")
    with replay.client("cce") as cce:
        assert outcome(cce, job.id) == "failed: no quota left"


def test_a_job_that_never_ends_is_given_up(replay: Replay) -> None:
    job = replay.add_job("cce", states=["Running"])
    with replay.client("cce") as cce:
        assert outcome(cce, job.id) == "not done in time"


def test_a_service_that_is_busy_for_a_moment_is_asked_again(replay: Replay) -> None:
    job = replay.add_job("cce", states=["Success"])
    replay.fail_next(503, retry_after=1)
    with replay.client("cce") as cce:
        assert outcome(cce, job.id).startswith("done")
    replay.assert_requested("cce", status=503, times=1)


def test_a_job_that_is_not_there_is_no_crash(replay: Replay) -> None:
    with replay.client("cce") as cce:
        assert outcome(cce, "no-such-job") == "refused: 404"
