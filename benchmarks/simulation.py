"""Simulates waits for a million jobs on sixteen workers, with the client's own schedule and a fake clock.

`python -m benchmarks.simulation` prints a table and writes build/simulation.json. Nothing is sent and nothing sleeps: a
service is simulated as a response after a delay. Each worker is a process that starts one wait for each service, and
one for each graph of a service that lists jobs.

The workers differ in their random numbers only. By default a tenth of one worker is simulated: a tenth of its jobs
with a tenth of its limits, and the figures are multiplied. `--all-workers` simulates each job, which takes hours.
"""

from __future__ import annotations

import argparse
import heapq
import json
import multiprocessing
import os
import statistics
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any

import attrs
import msgspec

from benchmarks.memory import peak
from cloudjobs._clock import Clock
from cloudjobs._decoding import response_decoder
from cloudjobs._deviations import DeviationReporter
from cloudjobs._jobs import JobSnapshot
from cloudjobs._models import Model
from cloudjobs._operations import Operation
from cloudjobs._options import WaitOptions
from cloudjobs._poller import Poller, PollScheduler
from cloudjobs.testing import Replay

BUILD = Path(__file__).parent.parent / "build"

SERVICES = ("cce", "yuanrong", "ief", "ges")
JOBS = 1_000_000
WORKERS = 16
MEDIAN_DURATION = 600.0
"""Seconds. The durations have a logarithmic normal distribution: 5 % of the jobs last longer than 37 minutes."""
SIGMA = 0.8
LONGEST_DURATION = 7200.0
LATENCY = 0.08
"""Seconds from a request to its response. The service reads the state of the job in the middle."""
JOBS_OF_GRAPH = 125
FRACTION = 10
"""The part of a worker that is simulated by default."""
_STILL_RUNNING = 202
"""A status code that means a running job without a body, which some services have."""


@attrs.frozen
class Scenario:
    """A schedule and the limits of each wait."""

    poll_interval: float | None
    max_polls_per_second: float
    max_concurrency: int

    @property
    def name(self) -> str:
        """The schedule."""
        return "growing" if self.poll_interval is None else f"every {self.poll_interval:g} s"


SCENARIOS = tuple(
    Scenario(interval, rate, at_once)
    for rate, at_once in ((100.0, 50), (1000.0, 200))
    for interval in (None, 1.0, 5.0, 30.0)
)


@attrs.define
class Worker:
    """The measurements of one worker."""

    polls: dict[str, list[int]] = attrs.field(factory=dict)
    """Polls of each second, by service."""
    delays: array[float] = attrs.field(factory=lambda: array("d"))
    """Seconds from the end of each job to its report."""
    memory: int = 0
    """Bytes that the waits added to the process."""

    def add_poll(self, service: str, moment: float) -> None:
        """Count a request."""
        seconds, second = self.polls[service], int(moment)
        if second >= len(seconds):
            seconds.extend([0] * (second + 1 - len(seconds)))
        seconds[second] += 1


class SimulatedClock(Clock):
    """A clock that the simulation sets."""

    def __init__(self, seed: int) -> None:
        self.time = 0.0
        self._random = Random(seed)

    def monotonic(self) -> float:
        return self.time

    def random(self) -> float:
        return self._random.random()


class Service:
    """The responses of one service, made from recorded ones."""

    def __init__(self, name: str) -> None:
        held = vars(import_module(f"cloudjobs.{name}.operations")).values()
        self.name = name
        self.operation: Operation[Any] = next(each for each in held if isinstance(each, Operation) and each.poll)
        assert self.operation.poll is not None
        self.is_listing = self.operation.poll.is_listing
        if not self.is_listing:
            poll = msgspec.structs.replace(self.operation.poll, statuses={_STILL_RUNNING: "running"})
            self.operation = msgspec.structs.replace(self.operation, poll=poll)
        self._decoder = response_decoder(self.operation.response, self.operation.id)
        self._reporter = DeviationReporter(name, self.operation.id, None)
        self._models: dict[object, Model] = {}
        """The models that a client would have: the last one of each job."""
        self._bodies = [self._body(state) for state in ("running", "succeeded")]

    def _body(self, state: str) -> tuple[bytes, bytes, bytes]:
        """Return a body in three parts: before, within and after the part that each job of a listing repeats."""
        with Replay(self.name) as replay:
            replay.add_job(self.name, "the-job", states=[state])
            client = replay.client(self.name)
            raw = getattr(client.with_raw_response, self.operation.method_name)
            body = raw("movie" if self.is_listing else "the-job").content
        if not self.is_listing:
            return b"", body, b""
        assert self.operation.poll is not None
        items = self.operation.poll.items
        data = json.loads(body)
        rows = [row for row in data[items] if row[self.operation.poll.match] == "the-job"]
        before, _, after = json.dumps({**data, items: ["ROW"]}).encode().partition(b'"ROW"')
        return before, json.dumps(rows[0]).encode(), after

    def respond(self, poller: Poller[Any], ends: Mapping[Any, float], moment: float) -> list[JobSnapshot[Any]]:
        """Give a poller the response that shows its jobs as they are at that moment. Returns those that changed."""
        if not self.is_listing:
            (job_id,) = poller.jobs
            has_ended = ends[job_id] <= moment
            if not has_ended and poller.jobs[job_id].snapshot is not None:
                # Without a body, because decoding an equal body again takes most of the time and changes nothing.
                return poller.on_response(None, status=_STILL_RUNNING)
            job = self._read(self._bodies[has_ended][1])
            self._models[job_id] = job
            return poller.on_response(job)
        rows = (
            self._bodies[end <= moment][1].replace(b"the-job", str(job_id).encode()) for job_id, end in ends.items()
        )
        before, _, after = self._bodies[0]
        return poller.on_response(self._read(before + b", ".join(rows) + after))

    def _read(self, body: bytes) -> Model:
        model: Model = self._decoder.read(body, self._reporter)
        return model


def simulate(scenario: Scenario, jobs: int, seed: int) -> Worker:
    """Wait for jobs of all services in one worker, until all have been reported."""
    worker, clock, chance = Worker(), SimulatedClock(seed), Random(seed)
    services = [Service(name) for name in SERVICES]
    before = peak()
    waits: list[tuple[float, int, Iterator[float]]] = []
    for service in services:
        worker.polls[service.name] = []
        count = jobs // len(SERVICES)
        size = JOBS_OF_GRAPH if service.is_listing else count
        for start in range(0, count, size):
            ends = {
                f"{service.name}-{number}": min(chance.lognormvariate(0, SIGMA) * MEDIAN_DURATION, LONGEST_DURATION)
                for number in range(start, min(start + size, count))
            }
            scheduler = PollScheduler(
                service.operation,
                {},
                ends,
                WaitOptions(poll_interval=scenario.poll_interval),
                clock,
                scenario.max_polls_per_second,
            )
            wait = _wait(scheduler, clock, service, ends, scenario.max_concurrency, worker)
            waits.append((0.0, len(waits), wait))
    while waits:
        clock.time, number, wait = waits[0]
        following = next(wait, None)
        if following is None:
            heapq.heappop(waits)
        else:
            heapq.heapreplace(waits, (following, number, wait))
    worker.memory = peak() - before
    return worker


def _wait(
    scheduler: PollScheduler[Any],
    clock: SimulatedClock,
    service: Service,
    ends: Mapping[str, float],
    at_once: int,
    worker: Worker,
) -> Iterator[float]:
    """Run one wait as the asynchronous client does. Yields the next moment at which the wait continues."""
    in_flight: list[tuple[float, int, Poller[Any]]] = []
    count = 0
    while (due := scheduler.next_due()) is not None:
        if isinstance(due, Poller):
            worker.add_poll(service.name, clock.time)
            count += 1
            heapq.heappush(in_flight, (clock.time + LATENCY, count, due))
            if len(in_flight) < at_once:
                continue
            until = in_flight[0][0]
        else:
            until = clock.time + due
        while in_flight and in_flight[0][0] <= until:
            moment, _, poller = heapq.heappop(in_flight)
            yield moment
            for snapshot in service.respond(poller, ends, moment - LATENCY / 2):
                if snapshot.is_terminal:
                    job_id = snapshot.id if service.is_listing else next(iter(poller.jobs))
                    worker.delays.append(moment - ends[str(job_id)])
            scheduler.finish(poller)
        yield until


def start(scenario: Scenario, jobs: int, simulated: int, fraction: int, pool: Any) -> Any:
    """Start to simulate some workers, or a fraction of them, with so many jobs each. Returns an `AsyncResult`."""
    part = attrs.evolve(
        scenario,
        max_polls_per_second=scenario.max_polls_per_second / fraction,
        max_concurrency=max(1, scenario.max_concurrency // fraction),
    )
    return pool.starmap_async(simulate, [(part, jobs // fraction, seed) for seed in range(simulated)], chunksize=1)


def row(scenario: Scenario, done: Sequence[Worker], workers: int, jobs: int, fraction: int) -> dict[str, Any]:
    """Return the figures of all workers, from those that were simulated."""
    simulated, share = len(done), jobs // fraction
    factor = workers / simulated * fraction
    delays = sorted(delay for worker in done for delay in worker.delays)
    polls = sum(sum(seconds) for worker in done for seconds in worker.polls.values())
    missing = simulated * (share // len(SERVICES)) * len(SERVICES) - len(delays)
    if missing:
        raise SystemExit(f"simulation: each job must be reported as ended, got {missing} that were not")
    of_service = {name: _added(worker.polls[name] for worker in done) for name in SERVICES}
    of_worker = [_added(worker.polls.values()) for worker in done]
    return {
        "schedule": scenario.name,
        "max_polls_per_second": scenario.max_polls_per_second,
        "max_concurrency": scenario.max_concurrency,
        "simulated_jobs": len(delays),
        "polls_per_job": round(polls / len(delays), 1),
        "worker_polls_per_second": round(max(_busiest_minute(each) for each in of_worker) * fraction),
        "service_requests_per_second": {
            name: round(factor * _busiest_minute(seconds)) for name, seconds in of_service.items()
        },
        "memory_megabytes": round(statistics.median(worker.memory for worker in done) * fraction / 1e6),
        "delay_median": round(delays[len(delays) // 2], 1),
        "delay_95": round(delays[len(delays) * 95 // 100], 1),
        "delay_longest": round(delays[-1], 1),
    }


def _added(series: Iterable[Sequence[int]]) -> list[int]:
    return [sum(seconds) for seconds in zip_longest(*series, fillvalue=0)]


def _busiest_minute(seconds: Sequence[int]) -> float:
    """Return the polls a second in the busiest minute."""
    return max(sum(seconds[start : start + 60]) for start in range(0, max(len(seconds), 1), 60)) / 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate all scenarios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulation", description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--all-workers", action="store_true", help="simulate each job: takes hours")
    parser.add_argument("--fraction", type=int, default=FRACTION, help="simulate this part of one worker")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    simulated, fraction = (options.workers, 1) if options.all_workers else (1, options.fraction)
    if min(options.workers, options.processes, fraction) < 1:
        parser.error(
            "--workers, --processes and --fraction must be >= 1, "
            f"got {options.workers}, {options.processes} and {options.fraction}"
        )
    if options.jobs < (least := options.workers * fraction * len(SERVICES)):
        parser.error(f"--jobs must be >= {least}, got {options.jobs}")
    jobs = options.jobs // options.workers
    rows = []
    print(_LINE.format(*_COLUMNS), flush=True)
    # A process for each worker, since memory is the highest value that a process has had.
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        started = [start(scenario, jobs, simulated, fraction, pool) for scenario in SCENARIOS]
        for scenario, result in zip(SCENARIOS, started, strict=True):
            found = row(scenario, result.get(), options.workers, jobs, fraction)
            rows.append(found)
            print(_LINE.format(*_cells(found)), flush=True)
    BUILD.mkdir(exist_ok=True)
    measured = {"jobs": options.jobs, "workers": options.workers, "rows": rows}
    (BUILD / "simulation.json").write_text(json.dumps(measured, indent=2) + "\n")
    return 0


_COLUMNS = (
    *("limit", "schedule", "polls a job", "polls/s of a worker", *(f"{name}/s" for name in SERVICES), "MB"),
    *("delay s: median", "95 %", "longest"),
)
_LINE = "{:>6}  {:10}" + "  {:>11}" + "  {:>19}" + "  {:>10}" * len(SERVICES) + "  {:>4}  {:>15}  {:>6}  {:>7}"


def _cells(found: Mapping[str, Any]) -> list[object]:
    return [
        f"{found['max_polls_per_second']:g}",
        *(found[name] for name in ("schedule", "polls_per_job", "worker_polls_per_second")),
        *found["service_requests_per_second"].values(),
        *(found[name] for name in ("memory_megabytes", "delay_median", "delay_95", "delay_longest")),
    ]


if __name__ == "__main__":
    sys.exit(main())
