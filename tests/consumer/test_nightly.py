"""Tests of the user's project: no network, no waiting, and nothing of the client but its public names."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest
from nightly import exists, outcome, progress, report

from cloudjobs import CceClient, NotFoundError, RateLimitError
from cloudjobs.testing import Replay


def test_report_has_the_end_of_each_job(replay: Replay) -> None:
    done = replay.add_job("cce", seconds=600)
    failed = replay.add_job("cce", states=["running", "failed"], seconds=60, reason="no quota left")
    endless = replay.add_job("cce", states=["running"])
    with replay.patch():
        found = report([done.id, failed.id, endless.id, "never"])
    assert found[done.id].endswith(" succeeded")
    assert found[failed.id].endswith(" failed: no quota left")
    assert found[endless.id] == "WaitTimeoutError"
    assert found["never"] == "does not exist"
    assert replay.clock.monotonic() >= 3600


def test_exists_asks_once(replay: Replay) -> None:
    job = replay.add_job("cce")
    with replay.client("cce") as client:
        assert exists(client, job.id)
        assert not exists(client, "never")
    replay.assert_requested("cce", times=2)


def test_exists_with_a_mock_that_raises() -> None:
    client = Mock(spec=CceClient)
    client.snapshot.side_effect = [NotFoundError("gone"), RateLimitError(retry_after=3)]
    assert not exists(client, "job-1")
    with pytest.raises(RateLimitError) as caught:
        exists(client, "job-1")
    assert (caught.value.status_code, caught.value.retry_after) == (429, 3)
    assert outcome(caught.value) == "RateLimitError"


def test_progress_follows_a_job_that_the_test_ends() -> None:
    replay = Replay("cce")
    job = replay.add_job("cce", states=["running"], children=2)

    @replay.patch()
    async def collect() -> list[float]:
        found = []
        async for share in progress(job.id):
            found.append(share)
            if len(found) == 1:
                replay.clock.advance(30)
                replay.finish(job)
        return found

    assert asyncio.run(collect())[-1] == 1.0
