"""Waiting for one job: every service, synchronously and asynchronously, in no real time.

The table in `waiting_table.py` has the result of a wait for each course of a job and each fault.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import pickle
import threading
from typing import Any

import httpx
import pytest

from cloudjobs import JobState, errors

from .scripted_transport import (
    JOB,
    WAYS,
    FakeClock,
    Script,
    Step,
    TruncatedStream,
    Way,
    collected,
    is_listing,
    job,
    job_shape,
    missing,
    operation,
    put,
    reply,
    states,
)

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=str)


def ways_with_fields(*parts: str) -> pytest.MarkDecorator:
    """For the services with such fields of jobs."""
    fitting = [way for way in WAYS if set(parts) <= job_shape(way.service).keys()]
    return pytest.mark.parametrize("way", fitting, ids=str)


BAD = ("failed", "partial", "stopped")


def steps(way: Way, *sequence: str) -> list[Step]:
    return [reply(way.service, job(way.service, state)) for state in sequence]


HTML = "<html><body>Bad gateway</body></html>"


# Outcomes


@ways_with_fields("reason")
async def test_wait_failed_job_raises_with_snapshot_and_reason(way: Way) -> None:
    failed = job(way.service, "failed", reason="no room on\nthe shelf")
    with pytest.raises(errors.JobFailedError) as raised:
        await way.wait(way.client(Script([reply(way.service, failed)]), FakeClock()))
    error = pickle.loads(pickle.dumps(raised.value))
    for each in (raised.value, error):
        assert each.snapshot.state is JobState.FAILED
        assert each.snapshot.id == JOB
        assert each.reason == "no room on\nthe shelf"
        assert str(each).endswith(f"job '{JOB}' ended as failed: no room on the shelf")
        assert each.service == way.service


async def test_wait_failed_job_without_reason_uses_child_reason() -> None:
    for way in WAYS:
        shape = job_shape(way.service)
        if "children" not in shape:
            continue
        failed = job(way.service, "failed")
        fine, bad, worse = ({} for _ in range(3))
        for part, state, reason in ((fine, "succeeded", "all well"), (bad, "failed", ""), (worse, "failed", "no disk")):
            _describe(way.service, part, state, reason)
        if way.service == "cce":  # the one with nested children
            put(bad, shape["children"], [{}, {}])
            _describe(way.service, bad["spec"]["subJobs"][1], "failed", "deep down")
        put(failed, shape["children"], [fine, bad, worse])
        with pytest.raises(errors.JobFailedError) as raised:
            await way.wait(way.client(Script([reply(way.service, failed)]), FakeClock()))
        why = "deep down" if way.service == "cce" else "no disk"
        assert raised.value.reason == why
        assert raised.value.failed_child is not None
        assert raised.value.failed_child.reason == why
        assert str(raised.value).endswith(f"ended as failed: {why}")


@pytest.mark.parametrize(
    "way", [way for way in WAYS if {"children", "reason"} <= job_shape(way.service).keys()], ids=str
)
async def test_wait_failed_job_with_reason_names_failed_child(way: Way) -> None:
    shape = job_shape(way.service)
    failed, part = job(way.service, "failed", reason="it failed"), {}
    _describe(way.service, part, "failed", "no room on\nthe shelf")
    put(part, shape["id"], "part-7")
    put(failed, shape["children"], [part])
    with pytest.raises(errors.JobFailedError) as raised:
        await way.wait(way.client(Script([reply(way.service, failed)]), FakeClock()))
    for error in (raised.value, pickle.loads(pickle.dumps(raised.value))):
        assert error.reason == "it failed"
        assert (error.failed_child.id, error.failed_child.reason) == ("part-7", "no room on\nthe shelf")
        assert str(error).endswith("ended as failed: it failed; its child 'part-7': no room on the shelf")


def _describe(service: str, part: dict[str, Any], state: str, reason: str) -> None:
    """Write into a part; its own fields are those of its job, or the plain ones."""
    shape = job_shape(service)
    put(part, shape["state"]["field"], states(service)[state])
    put(part, shape.get("reason", "reason"), reason)


# Pauses


@every_way
async def test_wait_poll_delay_grows_to_thirty_seconds(way: Way) -> None:
    clock = FakeClock(chance=0.0)
    await way.wait(way.client(Script(steps(way, *["running"] * 12, "succeeded")), clock))
    assert clock.slept[:3] == [1, 1.5, 2.25]
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[-1] == 30


async def test_wait_jitter_only_shortens_poll_delay() -> None:
    way, clock = WAYS[0], FakeClock(chance=0.999)
    await way.wait(way.client(Script(steps(way, *["running"] * 12, "succeeded")), clock))
    assert clock.slept[0] == pytest.approx(0.75, abs=0.01)
    assert clock.slept[-1] == pytest.approx(22.5, abs=0.1)


@every_way
@pytest.mark.parametrize(("given", "slept"), [(5, 5), (0.2, 0.2), (0.01, 0.2), (0, 0.2), (100, 100)])
async def test_wait_poll_interval_has_a_minimum(way: Way, given: float, slept: float) -> None:
    clock = FakeClock(chance=0.7)
    await way.wait(way.client(Script(steps(way, *["running"] * 3, "succeeded")), clock), poll_interval=given)
    assert clock.slept == [slept] * 3


@every_way
@pytest.mark.parametrize("name", ["timeout", "poll_interval", "not_found_grace"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 1e300, "5"])
async def test_wait_invalid_seconds_are_rejected_at_once(way: Way, name: str, value: float) -> None:
    script = Script(steps(way, "succeeded"))
    client = way.client(script, FakeClock())
    with pytest.raises(ValueError, match=name):
        await way.wait(client, **{name: value})
    with pytest.raises(ValueError, match=name):
        # At once, and not when the first snapshot is asked for.
        client.watch_job(*way.where, JOB, **{name: value})
    with pytest.raises(ValueError, match="id"):
        await way.wait(client, "")
    assert not script.requests


# Faults


@every_way
@pytest.mark.parametrize(
    "fault", [httpx.ReadError("reset"), httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(200, html=HTML)]
)
async def test_wait_survives_ten_transient_faults_in_a_row(way: Way, fault: Any) -> None:
    running, done = steps(way, "running", "succeeded")
    ten = Script([running, *[fault] * 10, running, *[fault] * 10, done])
    assert (await way.wait(way.client(ten, FakeClock(), max_retries=0))).is_success
    eleven = Script([running, *[fault] * 11, done])
    with pytest.raises(errors.CloudJobsError) as raised:
        await way.wait(way.client(eleven, FakeClock(), max_retries=0))
    assert not isinstance(raised.value, errors.WaitTimeoutError | errors.JobFailedError)
    assert len(eleven.requests) == 12


@every_way
async def test_wait_without_retries_honours_retry_after(way: Way) -> None:
    clock = FakeClock()
    busy = httpx.Response(429, headers={"Retry-After": "44"})
    await way.wait(way.client(Script([busy, *steps(way, "succeeded")]), clock, max_retries=0))
    assert clock.slept == [44]


@every_way
async def test_wait_missing_job_fails_after_not_found_grace(way: Way) -> None:
    script, clock = Script([missing(way.service)]), FakeClock()
    with pytest.raises(errors.NotFoundError):
        await way.wait(way.client(script, clock), not_found_grace=20)
    assert sum(clock.slept[:-1]) < 20 <= sum(clock.slept)
    assert len(script.requests) == len(clock.slept) + 1


@every_way
async def test_wait_retries_of_a_poll_are_logged_with_the_job(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cloudjobs")
    script = Script([httpx.Response(503), *steps(way, "running"), httpx.ConnectError("x"), *steps(way, "succeeded")])
    await way.wait(way.client(script, FakeClock(), max_retries=1))
    logged = [record.getMessage() for record in caplog.records if "attempt" in record.msg or "retry" in record.msg]
    assert len([line for line in logged if "; retry 1 of 1 in " in line]) == 2
    assert len([line for line in logged if ", attempt " in line]) == 4
    assert all(f": job '{JOB}': " in line for line in logged)


@every_way
async def test_wait_seen_job_may_be_missing_three_polls_in_a_row(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cloudjobs")
    running, done = steps(way, "running", "succeeded")
    gone = missing(way.service)
    script = Script([running, *[gone] * 3, running, *[gone] * 3, done])
    seen: list[Any] = []
    assert (await way.wait(way.client(script, FakeClock()), on_progress=seen.append)).is_success
    assert [snapshot.state for snapshot in seen] == ["running", "succeeded"]
    logged = [record.getMessage() for record in caplog.records if "is missing" in record.getMessage()]
    assert [line.partition(": ")[2] for line in logged] == [
        f"job '{JOB}' is missing, {number} in a row; last state: running" for number in (1, 2, 3, 1, 2, 3)
    ]
    for grace in (0, 1):
        four = Script([running, *[gone] * 4, done])
        with pytest.raises(errors.NotFoundError, match=f"'{JOB}'"):
            await way.wait(way.client(four, FakeClock()), not_found_grace=grace)
        assert len(four.requests) == 5


@every_way
async def test_wait_never_seen_job_is_not_found_at_once(way: Way) -> None:
    script = Script([missing(way.service), *steps(way, "succeeded")])
    with pytest.raises(errors.NotFoundError, match=f"'{JOB}'"):
        await way.wait(way.client(script, FakeClock()))
    assert len(script.requests) == 1


UNREACHABLE = [
    httpx.ConnectError("[Errno -2] Name or service not known"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("illegal status line"),
]


@every_way
@pytest.mark.parametrize("fault", UNREACHABLE, ids=lambda fault: type(fault).__name__)
async def test_wait_unreachable_service_fails_after_retries_of_call(way: Way, fault: Exception) -> None:
    for retries in (0, 2, 4):
        script, clock = Script([fault, *[fault] * retries, *steps(way, "succeeded")]), FakeClock(chance=0.5)
        with pytest.raises(errors.APIConnectionError) as raised:
            await way.wait(way.client(script, clock, max_retries=retries), timeout=600)
        assert len(script.requests) == retries + 1
        assert clock.slept == [0.25 * 2**retry for retry in range(retries)]
        if not is_listing(way.service):
            assert str(raised.value).endswith(f"(job '{JOB}')")


@every_way
@pytest.mark.parametrize("first", [httpx.Response(503), httpx.Response(200, html=HTML), "running"])
async def test_wait_connection_may_fail_after_first_response(way: Way, first: Any) -> None:
    refused = httpx.ConnectError("refused")
    before = steps(way, first)[0] if isinstance(first, str) else first
    # The response may come in the same call, before its last attempt.
    script = Script([before, *[refused] * 15, *steps(way, "succeeded")])
    assert (await way.wait(way.client(script, FakeClock()))).is_success


@every_way
async def test_wait_body_that_breaks_off_is_a_response(way: Way) -> None:
    broken = httpx.Response(200, stream=TruncatedStream())
    script = Script([*[broken] * 5, *steps(way, "succeeded")])
    assert (await way.wait(way.client(script, FakeClock()))).is_success


@every_way
async def test_wait_timeout_before_first_response_is_the_timeout_of_the_wait(way: Way) -> None:
    clock = FakeClock(chance=0.5)

    def slow(request: httpx.Request) -> httpx.Response:
        clock.time += 4
        raise httpx.ConnectTimeout("slow")

    with pytest.raises(errors.WaitTimeoutError, match=r"the timeout of 5 s expired: job .* was never seen$") as raised:
        await way.wait(way.client(Script([slow]), clock), timeout=5)
    assert isinstance(raised.value.__cause__, errors.APITimeoutError)


@every_way
@pytest.mark.parametrize(("header", "pause"), [("7", 7), ("900", 60), ("0", 1), ("soon", 1)])
async def test_wait_retry_after_of_success_sets_next_poll(way: Way, header: str, pause: float) -> None:
    running, done = steps(way, "running", "succeeded")
    running.headers["Retry-After"] = header
    clock = FakeClock()
    await way.wait(way.client(Script([running, done]), clock))
    assert clock.slept == [pause]
    # The caller's interval is the shortest, and the schedule goes on without the header.
    clock = FakeClock()
    plain, _ = steps(way, "running", "succeeded")
    await way.wait(way.client(Script([running, plain, done]), clock), poll_interval=10)
    assert clock.slept == [max(pause, 10), 10]
    clock = FakeClock()
    await way.wait(way.client(Script([running, plain, done]), clock))
    assert clock.slept == [pause, 1.5]


@every_way
async def test_wait_retry_after_of_success_respects_timeout(way: Way) -> None:
    (running,) = steps(way, "running")
    running.headers["Retry-After"] = "50"
    clock = FakeClock()
    with pytest.raises(errors.WaitTimeoutError):
        await way.wait(way.client(Script([running]), clock), timeout=20)
    assert clock.time == pytest.approx(1020)
    assert len(clock.slept) == 1


class Progress:
    """A callable object with a coroutine function."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, snapshot: Any) -> None:
        await asyncio.sleep(0)
        self.seen.append(snapshot.state)


@every_way
async def test_wait_coroutine_on_progress_is_awaited_or_rejected(way: Way) -> None:
    progress = Progress()

    async def function(snapshot: Any) -> None:
        await progress(snapshot)

    for given in (function, progress, functools.partial(function)):
        for wait, jobs in ((way.wait, JOB), (way.wait_many, [JOB])):
            script = Script(steps(way, "running", "succeeded"))
            client = way.client(script, FakeClock())
            if way.asynchronous:
                await wait(client, jobs, on_progress=given)  # type: ignore[operator]
                assert progress.seen == ["running", "succeeded"]
                progress.seen.clear()
            else:
                with pytest.raises(TypeError, match="on_progress must be a function, got a coroutine function"):
                    await wait(client, jobs, on_progress=given)  # type: ignore[operator]
                assert not script.requests


@every_way
async def test_wait_strict_violation_raises(way: Way) -> None:
    wrong = job(way.service, "running")
    put(wrong, job_shape(way.service)["id"], 5)
    put(wrong, "undocumented", 1)
    if is_listing(way.service):
        put(wrong, job_shape(way.service)["id"], JOB)
    with pytest.raises(errors.ContractViolationError):
        await way.wait(way.client(Script([reply(way.service, wrong)]), FakeClock(), strict=True))


@every_way
async def test_wait_unknown_state_is_logged_once(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "cloudjobs")
    fields = job_shape(way.service)["state"]["field"]
    field = " or ".join([fields] if isinstance(fields, str) else fields)
    for _ in range(2):
        await way.wait(way.client(Script(steps(way, *["unknown"] * 4, "succeeded")), FakeClock()))
    text = f": job '{JOB}' has the state 'Levitating', which the document does not list, at {field}; "
    text += "it counts as not ended"
    assert len([record for record in caplog.records if record.getMessage().endswith(text)]) == 2


# One look


@every_way
async def test_snapshot_of_job_in_any_state_needs_one_request(way: Way) -> None:
    for state in ("running", "succeeded", "failed", "unknown"):
        script, clock = Script(steps(way, state, "stopped")), FakeClock()
        snapshot = await way.snapshot(way.client(script, clock))
        assert (snapshot.id, snapshot.state) == (JOB, state)
        assert len(script.requests) == 1
        assert not clock.slept


@every_way
async def test_snapshot_of_missing_job_is_not_found(way: Way) -> None:
    script = Script([missing(way.service)])
    with pytest.raises(errors.NotFoundError, match=f"'{JOB}'"):
        await way.snapshot(way.client(script, FakeClock()))
    assert len(script.requests) == 1


@every_way
@pytest.mark.parametrize(
    ("fault", "kind", "requests"),
    [
        (httpx.Response(403), errors.PermissionDeniedError, 1),
        (httpx.Response(503), errors.InternalServerError, 3),
        (httpx.ReadTimeout("slow"), errors.APITimeoutError, 3),
        (httpx.Response(200, html=HTML), errors.InvalidResponseError, 1),
    ],
)
async def test_snapshot_raises_error_after_retries_of_call(way: Way, fault: Any, kind: Any, requests: int) -> None:
    script = Script([fault])
    with pytest.raises(kind) as raised:
        await way.snapshot(way.client(script, FakeClock()))
    assert len(script.requests) == requests
    if not is_listing(way.service):
        assert f"'{JOB}'" in str(raised.value)


@every_way
async def test_snapshot_invalid_id_is_rejected_at_once(way: Way) -> None:
    script = Script(steps(way, "running"))
    for wrong in ("", 5):
        with pytest.raises(ValueError, match="id"):
            await way.snapshot(way.client(script, FakeClock()), wrong)  # type: ignore[arg-type]
    assert not script.requests


LISTED = [way for way in WAYS if is_listing(way.service)]


class Capped(httpx.MockTransport):
    """A listing with a few rows per page, for any requested limit; it may ignore the offset."""

    def __init__(self, way: Way, ids: list[str], *, page: int, ignores_offset: bool = False) -> None:
        self.states = dict.fromkeys(ids, "running")
        self.offsets: list[int] = []
        self._way, self._page, self._ignores = way, page, ignores_offset
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params.get(operation(self._way.service)["x-pagination"]["offset"], 0))
        self.offsets.append(offset)
        begin = 0 if self._ignores else offset
        rows = list(self.states.items())[begin : begin + self._page]
        return reply(self._way.service, *(job(self._way.service, state, job_id) for job_id, state in rows))


@pytest.mark.parametrize("way", LISTED, ids=str)
async def test_snapshot_of_job_on_a_later_page_is_found(way: Way) -> None:
    listing = Capped(way, [f"job-{number}" for number in range(25)], page=10)
    for job_id, offsets in (("job-3", [0]), ("job-24", [0, 10, 20]), ("none", [0, 10, 20, 25])):
        listing.offsets.clear()
        client = way.client(listing, FakeClock())
        if job_id == "none":
            with pytest.raises(errors.NotFoundError, match="'none'"):
                await way.snapshot(client, job_id)
        else:
            assert (await way.snapshot(client, job_id)).id == job_id
        assert listing.offsets == offsets


@pytest.mark.parametrize("way", LISTED, ids=str)
async def test_snapshot_of_listing_that_ignores_offset_ends(way: Way) -> None:
    listing = Capped(way, [f"job-{number}" for number in range(25)], page=10, ignores_offset=True)
    with pytest.raises(errors.NotFoundError):
        await way.snapshot(way.client(listing, FakeClock()), "job-20")
    assert listing.offsets == [0, 10]


@pytest.mark.parametrize("way", LISTED, ids=str)
async def test_wait_many_of_limited_pages_finds_all_jobs(way: Way) -> None:
    listing, clock = Capped(way, [f"job-{number}" for number in range(25)], page=10), FakeClock()
    ends = iter(["job-24", "job-2", "job-12"])

    def end() -> None:
        listing.states[next(ends)] = "succeeded"
        listing.offsets.append(-1)

    clock.on_sleep = end
    found = await way.wait_many(way.client(listing, clock), ["job-2", "job-12", "job-24"])
    assert [snapshot.id for snapshot in found.values()] == ["job-2", "job-12", "job-24"]
    # Later pages are requested only for the jobs that are still awaited.
    assert listing.offsets == [0, 10, 20, -1, 0, 10, 20, -1, 0, 10, -1, 0, 10]


@pytest.mark.parametrize("way", LISTED, ids=str)
async def test_wait_failed_later_page_keeps_changes_of_first(way: Way) -> None:
    listing = Capped(way, [JOB, *(f"job-{number}" for number in range(2, 15))], page=10)
    answer, failures = listing.handler, iter([True])

    def fail(request: httpx.Request) -> httpx.Response:
        found = answer(request)
        return httpx.Response(503) if listing.offsets[-1] and next(failures, False) else found  # type: ignore[return-value]

    listing.handler = fail
    clock, seen = FakeClock(), list[Any]()
    clock.on_sleep = lambda: listing.states.update(dict.fromkeys(listing.states, "succeeded"))
    client = way.client(listing, clock, max_retries=0)
    await way.wait_many(client, [JOB, "job-14"], on_progress=seen.append)
    assert [(each.id, str(each.state)) for each in seen] == [
        (JOB, "running"),
        (JOB, "succeeded"),
        ("job-14", "succeeded"),
    ]
    assert listing.offsets == [0, 10, 0, 10]


# Ends


@every_way
async def test_wait_timeout_raises_with_last_snapshot(way: Way) -> None:
    script, clock = Script(steps(way, "running")), FakeClock()
    with pytest.raises(errors.WaitTimeoutError, match=r"the timeout of 100 s expired: job .* is running$") as raised:
        await way.wait(way.client(script, clock), timeout=100)
    assert clock.time == pytest.approx(1100)
    for error in (raised.value, pickle.loads(pickle.dumps(raised.value))):
        assert error.snapshot.state is JobState.RUNNING
        assert error.snapshots == {JOB: error.snapshot}
        assert error.timeout == 100
    # The last look is a second before the end.
    assert clock.slept[-1] == pytest.approx(1)


@every_way
async def test_wait_job_ending_just_before_timeout_is_seen(way: Way) -> None:
    clock = FakeClock()
    late = Script(
        [lambda request: steps(way, "succeeded" if clock.time >= 1098 else "running")[0]]  # type: ignore[list-item, return-value]
    )
    assert (await way.wait(way.client(late, clock), timeout=100)).is_success


@every_way
async def test_wait_timeout_zero_polls_once(way: Way) -> None:
    script = Script(steps(way, "running"))
    with pytest.raises(errors.WaitTimeoutError):
        await way.wait(way.client(script, FakeClock()), timeout=0)
    assert len(script.requests) == 1
    assert (await way.wait(way.client(Script(steps(way, "succeeded")), FakeClock()), timeout=0)).is_success


@every_way
async def test_wait_timeout_for_missing_job_has_cause(way: Way) -> None:
    with pytest.raises(errors.WaitTimeoutError, match="never seen") as raised:
        await way.wait(way.client(Script([missing(way.service)]), FakeClock()), timeout=9, not_found_grace=99)
    assert raised.value.snapshot is None
    assert isinstance(raised.value.__cause__, errors.NotFoundError)


@every_way
async def test_wait_timeout_limits_last_request(way: Way) -> None:
    clock = FakeClock()

    def busy(request: httpx.Request) -> httpx.Response:
        clock.time += 3
        return httpx.Response(429, headers={"Retry-After": "60"})

    with pytest.raises(errors.WaitTimeoutError):
        await way.wait(way.client(Script([busy]), clock, max_retries=50), timeout=20)
    assert clock.time <= 1000 + 20 + 3


@pytest.mark.parametrize("way", [way for way in WAYS if not way.asynchronous], ids=str)
@pytest.mark.parametrize("seen", [0, 2])
def test_wait_sync_cancel_event_raises(way: Way, seen: int) -> None:
    script, clock, cancel = Script(steps(way, "running")), FakeClock(), threading.Event()
    if seen:
        clock.on_sleep = lambda: len(clock.slept) == seen and cancel.set()
    else:
        cancel.set()
    client = way.client(script, clock)
    with pytest.raises(errors.WaitCancelledError) as raised:
        client.wait_for_job(*way.where, JOB, timeout=3, cancel=cancel)
    assert len(script.requests) == seen
    assert (raised.value.snapshot is None) == (seen == 0)
    assert pickle.loads(pickle.dumps(raised.value)).snapshot == raised.value.snapshot
    with pytest.raises(errors.WaitCancelledError):
        list(client.watch_job(*way.where, JOB, cancel=cancel))
    with pytest.raises(errors.WaitCancelledError):
        client.wait_for_jobs(*way.where, [JOB], cancel=cancel)


def test_wait_cancel_event_ends_real_sleep() -> None:
    way, cancel = WAYS[0], threading.Event()
    client = way.client(Script(steps(way, "running")), FakeClock())
    del client._clock
    from cloudjobs._clock import Clock

    client._clock = Clock()
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(errors.WaitCancelledError):
        client.wait_for_job(*way.where, JOB, poll_interval=60, cancel=cancel)


@pytest.mark.parametrize("way", [way for way in WAYS if way.asynchronous], ids=str)
async def test_wait_async_task_is_cancelled(way: Way) -> None:
    script, clock = Script(steps(way, "running")), FakeClock()
    task = asyncio.ensure_future(way.wait(way.client(script, clock)))
    while len(script.requests) < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    seen = len(script.requests)
    await asyncio.sleep(0)
    assert len(script.requests) == seen


# Watching


@every_way
async def test_watch_yields_each_change_and_ends(way: Way) -> None:
    script = Script(steps(way, "running", "running", "unknown", "running", "running", "failed", "succeeded"))
    seen = await way.watch(way.client(script, FakeClock()))
    assert [snapshot.state for snapshot in seen] == ["running", "unknown", "running", "failed"]
    assert len(script.requests) == 6


@ways_with_fields("progress")
async def test_watch_progress_never_falls(way: Way) -> None:
    shape = job_shape(way.service)

    def at(share: float) -> httpx.Response:
        found = job(way.service, "running")
        how = shape["progress"]
        if "field" in how:
            put(found, how["field"], share * how["of"])
        elif "total" in how:
            put(found, how["total"], 10)
            put(found, how["done"][0], int(share * 10))
            put(found, how["done"][1], 0)
        else:
            parts: list[dict[str, Any]] = [{} for _ in range(10)]
            for number, part in enumerate(parts):
                put(part, shape["id"], f"part-{number}")
                put(
                    part,
                    shape["state"]["field"],
                    states(way.service)["succeeded" if number < share * 10 else "running"],
                )
            put(found, shape["children"], parts)
        return reply(way.service, found)

    script = Script([at(0.2), at(0.5), at(0.3), at(0.4), at(0.6), *steps(way, "succeeded")])
    seen = [snapshot.progress for snapshot in await way.watch(way.client(script, FakeClock()))]
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(0.2)
    assert seen[-1] == 1
    assert 0.3 not in seen


@ways_with_fields("children")
async def test_watch_child_change_yields_snapshot(way: Way) -> None:
    shape = job_shape(way.service)
    replies: list[Step] = []
    for state in ("running", "running", "succeeded", "succeeded"):
        found, part = job(way.service, "running"), {}
        put(part, shape["state"]["field"], states(way.service)[state])
        put(found, shape["children"], [part])
        replies.append(reply(way.service, found))
    seen = await way.watch(way.client(Script([*replies, *steps(way, "succeeded")]), FakeClock()))
    assert [[part.state for part in snapshot.children][:1] for snapshot in seen[:2]] == [["running"], ["succeeded"]]
    assert len(seen) == 3


@every_way
async def test_watch_closed_early_stops_polling(way: Way) -> None:
    script = Script(steps(way, "running", "succeeded"))
    watch = way.client(script, FakeClock()).watch_job(*way.where, JOB)
    if way.asynchronous:
        assert (await anext(watch)).state is JobState.RUNNING
        await watch.aclose()
    else:
        assert next(watch).state is JobState.RUNNING
        watch.close()
    assert len(script.requests) == 1
    assert await collected(watch) == []
