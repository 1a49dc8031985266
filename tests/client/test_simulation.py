"""The simulation of `make simulation`, with few jobs."""

from __future__ import annotations

import pytest

from benchmarks.simulation import LATENCY, SERVICES, Scenario, Worker, simulate

JOBS = 40


def requests(worker: Worker) -> int:
    return sum(map(sum, worker.polls.values()))


def test_simulation_reports_every_job_within_a_pause_of_its_end() -> None:
    worker = simulate(Scenario(None, 1000, 50), JOBS, seed=1)
    assert worker.polls.keys() == set(SERVICES)
    assert len(worker.delays) == JOBS
    assert min(worker.delays) >= LATENCY / 2
    assert max(worker.delays) <= 30 + LATENCY


@pytest.mark.parametrize("interval", [5, 30])
def test_simulation_of_fixed_interval_reports_within_it(interval: float) -> None:
    worker = simulate(Scenario(interval, 1000, 50), JOBS, seed=1)
    assert len(worker.delays) == JOBS
    # The response is a part of the interval between two requests of a job.
    assert max(worker.delays) <= interval + 2 * LATENCY


def test_simulation_with_low_limit_spreads_polls() -> None:
    worker, other = (simulate(Scenario(5, limit, 50), JOBS, seed=1) for limit in (0.5, 1000))
    assert len(worker.delays) == JOBS
    assert max(max(seconds) for seconds in worker.polls.values()) == 1
    # The wait for 10 jobs of a service polls each of them every 20 seconds.
    assert 5 < max(worker.delays) <= 21
    assert requests(worker) < requests(other) / 2
