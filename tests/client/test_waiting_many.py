"""Waiting for many jobs at once: how many requests, how often, in which order, and the results when some fail."""

from __future__ import annotations

import asyncio
import pickle
import re
import threading
import time
from collections import Counter
from typing import Any

import attrs
import httpx
import pytest

import cloudjobs
from cloudjobs import JobSnapshot, errors
from cloudjobs._options import WaitOptions
from cloudjobs._poller import Poller
from cloudjobs.cce.operations import GET_JOB
from cloudjobs.testing import Replay
from tests.exhaustive import sample

from .scripted_transport import WAYS, FakeClock, Script, Way, awaited, is_listing, job, operation, reply

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=str)
POLLED = [way for way in WAYS if not is_listing(way.service)]
LISTED = [way for way in WAYS if is_listing(way.service)]
MANY = [way for way in POLLED if way.asynchronous]
THOUSANDS = sample(10_000, 2)


@attrs.define
class Service:
    """A service with jobs that end after some polls each, and counters of its requests."""

    way: Way
    clock: FakeClock
    lasts: dict[str, int]
    """Polls until each job has ended."""
    ends: dict[str, str] = attrs.field(factory=dict)
    polls: Counter[str] = attrs.field(factory=Counter)
    order: list[str] = attrs.field(factory=list)
    times: list[float] = attrs.field(factory=list)
    fails: dict[str, httpx.Response] = attrs.field(factory=dict)
    """What some jobs are answered with."""
    refuses_from: float = float("inf")
    """When credentials are no longer valid."""
    refuses_until: float = 0
    """When connections are accepted."""
    turns: int = 5
    """Of the event loop, until a response comes."""
    under_way: int = 0
    most_under_way: int = 0

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer_later if self.way.asynchronous else self.answer)

    async def answer_later(self, request: httpx.Request) -> httpx.Response:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        self.under_way -= 1
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.times.append(self.clock.time)
        if self.clock.time < self.refuses_until:
            raise httpx.ConnectError("refused")
        if self.clock.time >= self.refuses_from:
            return httpx.Response(401)
        if is_listing(self.way.service):
            self.polls.update(list(self.lasts))
            return reply(self.way.service, *(self._job(each) for each in self.lasts))
        asked = self._asked(request)
        self.polls[asked] += 1
        self.order.append(asked)
        if asked in self.fails:
            return httpx.Response(self.fails[asked].status_code)
        return reply(self.way.service, self._job(asked))

    def _asked(self, request: httpx.Request) -> str:
        template = operation(self.way.service)["path"]
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        match = re.fullmatch(pattern, request.url.path)
        assert match
        return match[operation(self.way.service)["x-poll"]["argument"]]

    def _job(self, job_id: str) -> dict[str, Any]:
        over = self.polls[job_id] > self.lasts[job_id]
        return job(self.way.service, self.ends.get(job_id, "succeeded") if over else "running", job_id)


def service_and_client(way: Way, lasts: dict[str, int], **ends: str) -> tuple[Service, Any]:
    service = Service(way, FakeClock(chance=0.5), lasts, ends)
    return service, way.client(service.transport(), service.clock)


# Arguments


@every_way
async def test_wait_many_returns_final_snapshot_of_each_job(way: Way) -> None:
    _, client = service_and_client(way, {"a": 0, "b": 3, "c": 1}, b="failed")
    told: list[tuple[str, str]] = []
    found = await way.wait_many(
        client, ["a", "b", "c", "a"], on_progress=lambda each: told.append((each.id, each.state))
    )
    assert {job_id: each.state for job_id, each in found.items()} == {"a": "succeeded", "b": "failed", "c": "succeeded"}
    assert list(found) == ["a", "b", "c"]
    assert sorted(told) == [
        ("a", "succeeded"),
        ("b", "failed"),
        ("b", "running"),
        ("c", "running"),
        ("c", "succeeded"),
    ]


@every_way
async def test_wait_many_without_ids_returns_at_once(way: Way) -> None:
    service, client = service_and_client(way, {})
    assert await way.wait_many(client, []) == {}
    assert not service.times


@every_way
@pytest.mark.parametrize(
    ("keywords", "name"),
    [
        *(({"max_polls_per_second": value}, "max_polls_per_second") for value in (0, "5", 5e-324)),
        ({"timeout": -1}, "timeout"),
        ({"max_concurrency": 0}, "max_concurrency"),
    ],
)
async def test_wait_many_invalid_arguments_are_rejected(way: Way, keywords: dict[str, Any], name: str) -> None:
    if name == "max_concurrency" and not way.asynchronous:
        keywords, name = {"max_polls_per_second": float("nan")}, "max_polls_per_second"
    service, client = service_and_client(way, {"a": 0})
    with pytest.raises(ValueError, match=name):
        await way.wait_many(client, ["a"], **keywords)
    with pytest.raises(ValueError, match="got one str"):
        await way.wait_many(client, "abc")
    with pytest.raises(ValueError, match="id"):
        await way.wait_many(client, ["a", ""])
    assert not service.times


@pytest.mark.parametrize("way", LISTED, ids=str)
async def test_wait_many_of_listing_shares_each_request(way: Way) -> None:
    service, client = service_and_client(way, {f"job-{number}": number for number in range(10)})
    found = await way.wait_many(client, list(service.lasts))
    assert all(each.is_success for each in found.values())
    assert len(found) == 10
    assert len(service.times) == 10


@pytest.mark.parametrize("way", LISTED, ids=str)
async def test_wait_many_unlisted_job_fails_after_grace(way: Way) -> None:
    service, client = service_and_client(way, {"a": 0})
    with pytest.raises(
        errors.WaitFailedError, match=r"failed for 2 of 3 jobs: job 'gone' and 1 more: NotFound"
    ) as raised:
        await way.wait_many(client, ["a", "gone", "other"], not_found_grace=10)
    assert list(raised.value.results) == ["a", "gone", "other"]
    assert raised.value.results["a"].is_success
    for job_id in ("gone", "other"):
        error = raised.value.errors[job_id]
        assert isinstance(error, errors.NotFoundError)
        assert error.status_code == 200
        assert repr(job_id) in str(error)
    assert service.clock.time >= 1010
    assert len(service.times) > 3


# What fails


@pytest.mark.parametrize("way", POLLED, ids=str)
async def test_wait_many_one_lost_job_raises_with_results_of_all(way: Way) -> None:
    service, client = service_and_client(
        way, {f"job-{number}": number % 4 for number in range(40)}, **{"job-9": "failed"}
    )
    service.fails = {"job-7": httpx.Response(404), "job-8": httpx.Response(403)}
    ids = list(service.lasts)
    with pytest.raises(errors.WaitFailedError, match=r"2 of 40 .*: job 'job-7' and 1 more: NotFound") as raised:
        await way.wait_many(client, ids)
    for error in (raised.value, pickle.loads(pickle.dumps(raised.value))):
        assert list(error.results) == ids
        assert {job_id: type(each) for job_id, each in error.errors.items()} == {
            "job-7": errors.NotFoundError,
            "job-8": errors.PermissionDeniedError,
        }
        others = {job_id: each for job_id, each in error.results.items() if job_id not in error.errors}
        assert {job_id for job_id, each in others.items() if not each.is_success} == {"job-9"}
        assert error.snapshots == others
    assert raised.value.__cause__ is raised.value.errors["job-7"]
    for job_id, each in raised.value.errors.items():
        assert str(each).endswith(f"(job '{job_id}')")
    # Each of the others was awaited to its end.
    assert all(service.polls[job_id] == service.lasts[job_id] + 1 for job_id in others)
    assert service.under_way == 0


@every_way
async def test_wait_many_return_exceptions_returns_errors_and_snapshots(way: Way) -> None:
    service, client = service_and_client(way, {"a": 1, "b": 2, "c": 10_000}, a="failed")
    ids = ["gone", "a", "b", "c"]
    service.fails = {"gone": httpx.Response(404)}
    found = await way.wait_many(client, ids, timeout=50, return_exceptions=True)
    assert list(found) == ids
    assert isinstance(found["gone"], errors.NotFoundError)
    assert "'gone'" in str(found["gone"])
    assert [found["a"].state, found["b"].state] == ["failed", "succeeded"]
    late = found["c"]
    assert isinstance(late, errors.WaitTimeoutError)
    assert "the timeout of 50 s expired: job 'c' is running" in str(late)
    assert late.snapshot.state == "running"
    assert late.snapshots == {"c": late.snapshot}


@every_way
async def test_wait_many_refused_credentials_end_the_wait(way: Way) -> None:
    script = Script([httpx.Response(401)])
    with pytest.raises(errors.AuthenticationError):
        await way.wait_many(way.client(script, FakeClock()), ["a", "b", "c"])
    found = await way.wait_many(way.client(script, FakeClock()), ["a", "b", "c"], return_exceptions=True)
    assert [type(each) for each in found.values()] == [errors.AuthenticationError] * 3


@every_way
async def test_wait_many_credentials_refused_later_keep_results(way: Way) -> None:
    service, client = service_and_client(way, {"a": 0, "b": 10_000, "c": 10_000})
    service.refuses_from = 1020
    with pytest.raises(errors.WaitFailedError, match="2 of 3 jobs") as raised:
        await way.wait_many(client, ["a", "b", "c"])
    assert raised.value.results["a"].is_success
    assert isinstance(raised.value.__cause__, errors.AuthenticationError)
    assert raised.value.errors == {"b": raised.value.__cause__, "c": raised.value.__cause__}
    assert {job_id: str(each.state) for job_id, each in raised.value.snapshots.items()} == {
        "a": "succeeded",
        "b": "running",
        "c": "running",
    }


@every_way
async def test_wait_many_closed_client_raises_its_own_error(way: Way) -> None:
    client = getattr(cloudjobs, f"{'Async' if way.asynchronous else ''}{way.service.capitalize()}Client")
    client = client("https://service.example.com", auth=None, **way._of_client)
    await awaited(client.aclose() if way.asynchronous else client.close())
    with pytest.raises(errors.ClientStateError):
        await way.wait_many(client, ["a", "b"])
    found = await way.wait_many(client, ["a", "b"], return_exceptions=True)
    assert [type(each) for each in found.values()] == [errors.ClientStateError] * 2


@pytest.mark.parametrize("way", POLLED, ids=str)
async def test_wait_many_id_that_cannot_be_sent_is_rejected_at_once(way: Way) -> None:
    service, client = service_and_client(way, {"a": 0})
    for wrong in ("..", "x" * 100_000):
        with pytest.raises(ValueError, match=r"path|too long"):
            await way.wait_many(client, ["a", wrong], return_exceptions=True)
    assert not service.times


@every_way
async def test_wait_many_exception_of_on_progress_ends_wait(way: Way) -> None:
    _, client = service_and_client(way, {"a": 0, "b": 10_000})

    def stop(snapshot: JobSnapshot) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await way.wait_many(client, ["a", "b"], on_progress=stop, return_exceptions=True)


@every_way
async def test_wait_many_unreachable_service_fails_within_seconds(way: Way) -> None:
    clock, ids = FakeClock(chance=0.5), [f"job-{number}" for number in range(500)]
    script = Script([httpx.ConnectError("refused")])
    with pytest.raises(errors.APIConnectionError):
        await way.wait_many(way.client(script, clock), ids)
    assert clock.time - 1000 < 3
    # Those in flight at the same time, and the repetitions of one.
    assert len(script.requests) <= (52 if way.asynchronous and way in POLLED else 3)
    single = Script([httpx.ConnectError("refused")])
    with pytest.raises(errors.APIConnectionError):
        await way.wait_many(way.client(single, FakeClock(), max_retries=0), ids[:1])
    assert len(single.requests) == 1


@every_way
async def test_wait_many_connection_failures_after_a_response_do_not_end_wait(way: Way) -> None:
    refused = httpx.ConnectError("refused")
    running, done = (reply(way.service, job(way.service, state, "a")) for state in ("running", "succeeded"))
    for first in (running, httpx.Response(503), httpx.Response(200, html="<p>no JSON")):
        script = Script([refused, refused, first, *[refused] * 7, done])
        found = await way.wait_many(way.client(script, FakeClock()), ["a"])
        assert found["a"].is_success


@pytest.mark.parametrize("way", POLLED, ids=str)
async def test_wait_many_first_failed_connections_hold_others_until_response(way: Way) -> None:
    service, client = service_and_client(way, {f"job-{number}": 1 for number in range(200)})
    service.refuses_until = 1000.6
    found = await way.wait_many(client, list(service.lasts))
    assert all(each.is_success for each in found.values())
    assert len(found) == 200
    assert sum(moment < 1000.6 for moment in service.times) <= (52 if way.asynchronous else 2)


@every_way
async def test_wait_many_survives_ten_transient_errors(way: Way) -> None:
    done = reply(way.service, job(way.service, "succeeded", "a"))
    script = Script([httpx.Response(503)] * 10 + [done])
    found = await way.wait_many(way.client(script, FakeClock()), ["a"])
    assert found["a"].is_success
    running = reply(way.service, job(way.service, "running", "a"))
    never = Script([running, httpx.ReadTimeout("slow")])
    with pytest.raises((errors.WaitFailedError, errors.APITimeoutError)) as raised:
        await way.wait_many(way.client(never, FakeClock()), ["a"])
    assert isinstance(raised.value.__cause__ or raised.value, errors.APITimeoutError | httpx.ReadTimeout)
    assert len(never.requests) == 12


@every_way
async def test_wait_many_timeout_raises_with_known_snapshots(way: Way) -> None:
    service, client = service_and_client(way, {"a": 0, "b": 10_000})
    with pytest.raises(
        errors.WaitTimeoutError, match=r"the timeout of 50 s expired: 1 of 2 jobs have ended$"
    ) as raised:
        await way.wait_many(client, ["a", "b"], timeout=50)
    assert service.clock.time == pytest.approx(1050, abs=0.3)
    assert {job_id: each.state for job_id, each in raised.value.snapshots.items()} == {"a": "succeeded", "b": "running"}
    assert raised.value.snapshot is None
    assert raised.value.results == {"a": raised.value.snapshots["a"]}


@every_way
async def test_wait_many_timeout_zero_polls_each_job_once(way: Way) -> None:
    service, client = service_and_client(way, {"a": 0, "b": 10_000, "c": 10_000})
    with pytest.raises(errors.WaitTimeoutError, match=r"the timeout of 0 s expired: 1 of 3 jobs have ended$") as raised:
        await way.wait_many(client, ["a", "b", "c"], timeout=0)
    assert service.polls == {"a": 1, "b": 1, "c": 1}
    assert list(raised.value.snapshots) == ["a", "b", "c"]
    _, client = service_and_client(way, {"a": 0, "b": 0})
    assert len(await way.wait_many(client, ["a", "b"], timeout=0)) == 2


@pytest.mark.parametrize("way", [way for way in WAYS if not way.asynchronous], ids=str)
def test_wait_many_sync_cancel_event_raises(way: Way) -> None:
    service, client = service_and_client(way, {"a": 0, "b": 10_000})
    cancel = threading.Event()
    service.clock.on_sleep = lambda: service.clock.time > 1020 and cancel.set()
    with pytest.raises(errors.WaitCancelledError) as raised:
        client.wait_for_jobs(*way.where, ["a", "b"], cancel=cancel)
    assert raised.value.snapshots["a"].is_success
    assert raised.value.results == {"a": raised.value.snapshots["a"]}


@pytest.mark.parametrize("way", [way for way in WAYS if way.asynchronous], ids=str)
async def test_wait_many_cancelled_task_leaves_no_task(way: Way) -> None:
    service, client = service_and_client(way, {f"job-{number}": 10_000 for number in range(20)})
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(way.wait_many(client, list(service.lasts)))
    while len(service.times) < 30:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before


# How many, and how often


@pytest.mark.parametrize("way", POLLED, ids=str)
async def test_wait_many_max_polls_per_second_is_kept(way: Way) -> None:
    service, client = service_and_client(way, {f"job-{number}": 3 for number in range(40)})
    await way.wait_many(client, list(service.lasts), max_polls_per_second=10, poll_interval=0)
    assert service.polls.total() == 160
    for start in service.times:
        assert sum(start <= moment < start + 1 for moment in service.times) <= 11
    assert service.clock.time - 1000 == pytest.approx(16, abs=1)


@pytest.mark.parametrize("way", POLLED, ids=str)
async def test_wait_many_polls_every_job_in_turn(way: Way) -> None:
    service, client = service_and_client(way, {f"job-{number}": 20 for number in range(30)})
    await way.wait_many(client, list(service.lasts), max_polls_per_second=10, poll_interval=0.2)
    # More is due than may be asked for, so the rounds follow each other.
    for place in range(0, 300, 30):
        assert len(set(service.order[place : place + 30])) >= 28
    assert set(service.polls.values()) == {21}


@pytest.mark.parametrize("way", MANY, ids=str)
@pytest.mark.parametrize("max_concurrency", [1, 7, 50])
async def test_wait_many_max_concurrency_is_kept(way: Way, max_concurrency: int) -> None:
    service, client = service_and_client(way, {f"job-{number}": 2 for number in range(100)})
    service.turns = 300
    await way.wait_many(client, list(service.lasts), max_concurrency=max_concurrency, max_polls_per_second=1e6)
    assert service.most_under_way == max_concurrency


@pytest.mark.parametrize("way", MANY[-1:], ids=str)
async def test_wait_many_of_thousands_of_jobs_ends(way: Way) -> None:
    service, client = service_and_client(way, {f"job-{number}": number % 3 for number in range(THOUSANDS)})
    service.turns = 100
    begun = time.perf_counter()
    found = await way.wait_many(client, list(service.lasts))
    taken = time.perf_counter() - begun
    polls, simulated = service.polls.total(), service.clock.time - 1000
    print(
        f"\n{THOUSANDS} jobs: {polls} polls in {taken:.1f} s ({polls / taken:.0f} a second), {simulated:.0f} simulated"
        f" seconds ({polls / simulated:.0f} polls in each), at most {service.most_under_way} at once",
        end="",
    )
    assert len(found) == THOUSANDS
    assert all(each.is_success for each in found.values())
    assert polls == sum(each + 1 for each in service.lasts.values())
    assert 20 <= service.most_under_way <= 50
    assert polls / simulated <= 101
    assert polls / simulated >= 80
    bins = Counter(int(moment) for moment in service.times)
    assert max(bins.values()) <= 103


# Continued by another process


@pytest.mark.parametrize("elapsed", [0, 600])
def test_wait_continued_after_another_process_spreads_first_polls(elapsed: float) -> None:
    with Replay("cce", seed=1) as replay:
        ids = [replay.add_job("cce", states=["running"]).id for _ in range(100)]
        options = WaitOptions(timeout=50, elapsed=elapsed)
        found = replay.client("cce")._wait_for_jobs(GET_JOB, {}, ids, options, 1e6, None, return_exceptions=True)
        assert {type(each) for each in found.values()} == {errors.WaitTimeoutError}
        moments = Counter(int(each.at) for each in replay.requests if each.at < 30)
    assert (max(moments.values()) <= 15) == (elapsed == 600)
    # As many as the schedule has after ten minutes, a poll each 26 seconds, or as at the beginning.
    assert (moments.total() < 200) == (elapsed == 600)


@pytest.mark.parametrize(("elapsed", "interval"), [(0, 1), (0.9, 1), (1, 1.5), (2.5, 2.25), (60, 30), (1e8, 30)])
def test_wait_continued_has_the_pause_of_its_age(elapsed: float, interval: float) -> None:
    clock = FakeClock()
    poller = Poller(GET_JOB, {}, ["a"], WaitOptions(elapsed=elapsed), clock)  # type: ignore[arg-type]
    pause = poller.pause()
    assert pause is not None
    assert interval * 0.75 <= pause <= interval
