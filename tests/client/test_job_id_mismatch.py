"""Responses about another job than the requested one: always a violation, and never the end of a wait."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cloudjobs import AsyncCceClient, CceClient, Deviation, DeviationKind, JobState, Severity, errors

from .scripted_transport import JOB, WAYS, FakeClock, Script, Way, is_listing, job, job_shape, put, reply
from .transports import reply as sent
from .transports import serving

pytestmark = pytest.mark.anyio
OTHER = "job-2"
every_way = pytest.mark.parametrize("way", [way for way in WAYS if not is_listing(way.service)], ids=str)
every_listing = pytest.mark.parametrize("way", [way for way in WAYS if is_listing(way.service)], ids=str)


def about(way: Way, job_id: object, state: str = "succeeded") -> httpx.Response:
    """Return a response about a job of that ID."""
    body = job(way.service, state)
    put(body, job_shape(way.service)["id"], job_id)
    return reply(way.service, body)


@every_way
@pytest.mark.parametrize("state", ["succeeded", "failed", "running"])
async def test_wait_for_another_job_raises_after_eleven_responses(way: Way, state: str) -> None:
    script, seen, told = Script([about(way, OTHER, state)]), list[Any](), list[Deviation]()
    client = way.client(script, FakeClock(), on_deviation=told.append)
    with pytest.raises(
        errors.InvalidResponseError, match=f"the body must be of the requested job '{JOB}', got job '{OTHER}'"
    ):
        await way.wait(client, on_progress=seen.append)
    assert len(script.requests) == 11
    assert not seen
    pointer = "/" + job_shape(way.service)["id"].replace(".", "/")
    found = [each for each in told if each.kind is DeviationKind.IDENTITY]
    assert [(each.pointer, each.severity, each.actual) for each in found] == [
        (pointer, Severity.VIOLATION, OTHER)
    ] * len(script.requests)


@every_way
async def test_wait_after_another_job_ends_with_requested_one(way: Way) -> None:
    steps = [about(way, OTHER), about(way, JOB, "running"), about(way, OTHER, "failed"), about(way, JOB)]
    seen: list[Any] = []
    done = await way.wait(way.client(Script(steps), FakeClock()), on_progress=seen.append)
    assert (done.id, done.state) == (JOB, JobState.SUCCEEDED)
    assert [(each.id, each.state) for each in seen] == [(JOB, JobState.RUNNING), (JOB, JobState.SUCCEEDED)]


@every_way
async def test_watch_another_job_is_not_yielded(way: Way) -> None:
    client = way.client(Script([about(way, OTHER), about(way, JOB)]), FakeClock())
    assert [each.id for each in await way.watch(client)] == [JOB]


@every_way
async def test_wait_many_swapped_responses_are_not_accepted(way: Way) -> None:
    # Each response is about the job that was requested before.
    before = OTHER

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal before
        asked = JOB if request.url.path.endswith(JOB) else OTHER
        found, before = before, asked
        return about(way, found)

    client = way.client(httpx.MockTransport(answer), FakeClock())
    with pytest.raises((errors.InvalidResponseError, errors.WaitTimeoutError)) as raised:
        await way.wait_many(client, [JOB, OTHER], timeout=60)
    error = raised.value
    assert isinstance(
        error if isinstance(error, errors.InvalidResponseError) else error.__cause__, errors.InvalidResponseError
    )


@every_way
async def test_wait_for_another_job_times_out_with_cause(way: Way) -> None:
    client = way.client(Script([about(way, OTHER)]), FakeClock())
    with pytest.raises(errors.WaitTimeoutError, match="was never seen") as raised:
        await way.wait(client, timeout=5)
    assert isinstance(raised.value.__cause__, errors.InvalidResponseError)


@every_way
async def test_wait_strict_for_another_job_raises_at_once(way: Way) -> None:
    script = Script([about(way, OTHER)])
    with pytest.raises(errors.ContractViolationError) as raised:
        await way.wait(way.client(script, FakeClock(), strict=True))
    assert DeviationKind.IDENTITY in {each.kind for each in raised.value.violations}
    assert len(script.requests) == 1


@every_way
async def test_get_response_about_another_job_is_a_violation(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Deviation] = []
    with caplog.at_level(logging.WARNING, "cloudjobs"):
        await way.get(way.client(Script([about(way, OTHER)]), FakeClock(), on_deviation=told.append))
    assert [each.severity for each in told if each.kind is DeviationKind.IDENTITY] == [Severity.VIOLATION]
    with pytest.raises(errors.ContractViolationError, match=f"identity, expected the requested ID '{JOB}'"):
        await way.get(way.client(Script([about(way, OTHER)]), FakeClock(), strict=True))


@every_way
@pytest.mark.parametrize("missing", [None, "", [], {}, 1.5])
async def test_wait_response_without_id_ends(way: Way, missing: object) -> None:
    done = await way.wait(way.client(Script([about(way, missing)]), FakeClock()))
    assert done.is_success


@every_way
@pytest.mark.parametrize(
    ("requested", "found", "is_same"),
    [
        ("17", 17, True),
        ("a b/c%41", "a b/c%41", True),
        ("0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-70867728950e", True),
        ("Job-1", "job-1", False),
        ("17", 18, False),
        ("job", "job-1", False),
    ],
)
async def test_wait_id_in_another_spelling_matches(way: Way, requested: str, found: object, is_same: bool) -> None:
    client = way.client(Script([about(way, found)]), FakeClock())
    if is_same:
        assert (await way.wait(client, requested)).is_success
    else:
        with pytest.raises(errors.InvalidResponseError):
            await way.wait(client, requested)


@every_listing
async def test_wait_listing_of_other_jobs_times_out(way: Way) -> None:
    rows = [job(way.service, "succeeded", each) for each in (OTHER, "job-11", JOB.upper())]
    with pytest.raises(errors.WaitTimeoutError, match="was never seen"):
        await way.wait(way.client(Script([reply(way.service, *rows)]), FakeClock()), timeout=60, not_found_grace=90)


async def over_httpx(url: str) -> None:
    with CceClient(url, project_id="p", auth=None) as cce:
        await asyncio.to_thread(cce.wait_for_job, JOB)


async def over_aiohttp(url: str) -> None:
    async with AsyncCceClient(url, project_id="p", auth=None) as cce:
        await cce.wait_for_job(JOB)


async def over_async_httpx(url: str) -> None:
    async with httpx.AsyncClient() as http:
        await AsyncCceClient(url, project_id="p", http_client=http).wait_for_job(JOB)


@pytest.mark.parametrize("wait", [over_httpx, over_aiohttp, over_async_httpx])
async def test_wait_for_another_job_over_any_transport_raises(wait: Callable[[str], Any]) -> None:
    body = json.dumps(job("cce", "succeeded", OTHER)).encode()
    with serving(lambda path: sent("200 OK", body)) as server, pytest.raises(errors.InvalidResponseError):
        await wait(server.url)
