"""Which calls are made again, when, and when no more."""

from __future__ import annotations

import asyncio
import logging
import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudjobs import errors
from cloudjobs._options import backoff, retry_after

from .malformed_bodies import DETERMINISTIC
from .scripted_transport import WAYS, FakeClock, Script, TruncatedStream, Way, job, reply

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=str)
RETRIED = (408, 429, 500, 502, 503, 504)
PASSING: dict[str, Any] = {
    "refused": httpx.ConnectError("refused"),
    "reset": httpx.ReadError("reset"),
    "connect timeout": httpx.ConnectTimeout("slow"),
    "read timeout": httpx.ReadTimeout("slow"),
    "truncated": httpx.Response(200, stream=TruncatedStream()),
    **{str(status): httpx.Response(status) for status in RETRIED},
}


def ok_response(way: Way) -> httpx.Response:
    return reply(way.service, job(way.service, "succeeded"))


@every_way
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_retry_of_transient_fault_is_made_twice_by_default(way: Way, fault: Any) -> None:
    script, clock = Script([fault, fault, ok_response(way)]), FakeClock(chance=0.5)
    assert await way.get(way.client(script, clock))
    assert len(script.requests) == 3
    assert clock.slept == [0.25, 0.5]


@every_way
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_retry_exhausted_raises_the_fault(way: Way, fault: Any) -> None:
    script, clock = Script([fault]), FakeClock()
    with pytest.raises(errors.CloudJobsError):
        await way.get(way.client(script, clock, max_retries=4))
    assert len(script.requests) == 5


@every_way
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 501, 505, 302])
async def test_retry_of_other_status_is_not_made(way: Way, status: int) -> None:
    script, clock = Script([httpx.Response(status), ok_response(way)]), FakeClock()
    with pytest.raises(errors.APIStatusError) as raised:
        await way.get(way.client(script, clock))
    assert raised.value.status_code == status
    assert len(script.requests) == 1
    assert not clock.slept


@every_way
async def test_retry_disabled_sends_one_request(way: Way) -> None:
    script = Script([httpx.Response(503), ok_response(way)])
    with pytest.raises(errors.InternalServerError):
        await way.get(way.client(script, FakeClock(), max_retries=0))
    script.requests.clear()
    with pytest.raises(errors.InternalServerError):
        await way.get(way.client(script, FakeClock(), max_retries=5).with_options(max_retries=0))
    assert len(script.requests) == 1


async def test_raw_response_after_retries_is_the_last_one() -> None:
    way = WAYS[0]
    client = way.client(Script([httpx.Response(503), httpx.Response(502), httpx.Response(500)]), FakeClock())
    assert (await way.get(client.with_raw_response)).status_code == 500


@pytest.mark.parametrize("keywords", [{"max_retries": -1}, {"max_retries": True}, {"max_retries": 1.5}])
@pytest.mark.parametrize("of_client", [True, False])
def test_max_retries_invalid_is_rejected(keywords: dict[str, Any], of_client: bool) -> None:
    way, script = WAYS[0], Script([httpx.Response(200)])
    with pytest.raises(ValueError, match="max_retries"):
        way.client(script, FakeClock(), **keywords) if of_client else way.client(script, FakeClock()).with_options(
            **keywords
        )


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), float("inf")])
def test_deadline_invalid_is_rejected(deadline: float) -> None:
    with pytest.raises(ValueError, match="deadline"):
        WAYS[0].client(Script([httpx.Response(200)]), FakeClock(), deadline=deadline)


# Pauses


@DETERMINISTIC
@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_stays_within_bounds(retry: int, chance: float) -> None:
    longest = min(8.0, 0.5 * 2.0 ** min(retry, 4))
    assert 0 <= backoff(retry, chance) <= longest
    assert backoff(retry, chance) == pytest.approx(longest * chance)


FAR = datetime(2023, 11, 14, 22, 30, tzinfo=UTC)
FORMS: dict[str, tuple[dict[str, str], float | None]] = {
    "seconds": ({"Retry-After": "7"}, 7),
    "spaces": ({"Retry-After": "  7 "}, 7),
    "fraction": ({"Retry-After": "1.5"}, 1.5),
    "none": ({}, None),
    "empty": ({"Retry-After": ""}, None),
    "words": ({"Retry-After": "soon"}, None),
    "negative": ({"Retry-After": "-5"}, None),
    "huge": ({"Retry-After": "9" * 400}, None),
    "date": ({"Retry-After": format_datetime(FAR + timedelta(seconds=9), usegmt=True)}, 9),
    "date in the past": ({"Retry-After": format_datetime(FAR - timedelta(days=9), usegmt=True)}, 0),
    "date and another clock": (
        {
            "Date": format_datetime(FAR - timedelta(minutes=10), usegmt=True),
            "Retry-After": format_datetime(FAR - timedelta(minutes=9), usegmt=True),
        },
        60,
    ),
    "impossible date": ({"Retry-After": "Wed, 99 Nov 2023 99:30:00 GMT"}, None),
}


@pytest.mark.parametrize(("headers", "expected"), FORMS.values(), ids=FORMS)
def test_retry_after_of_each_form_is_parsed(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after(httpx.Headers(headers), FAR.timestamp()) == expected


@DETERMINISTIC
@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40))
def test_retry_after_of_any_string_is_parsed_or_ignored(text: str) -> None:
    found = retry_after(httpx.Headers({b"Retry-After": text.encode("latin-1")}), FAR.timestamp())
    assert found is None or found >= 0


@every_way
@pytest.mark.parametrize(("asked", "slept"), [("7", 7), ("3600", 60), ("0", 0.25), ("soon", 0.25)])
async def test_retry_after_sets_sleep_before_retry(way: Way, asked: str, slept: float) -> None:
    busy, clock = httpx.Response(429, headers={"Retry-After": asked}), FakeClock(chance=0.5)
    assert await way.get(way.client(Script([busy, ok_response(way)]), clock))
    assert clock.slept == [slept]


async def test_status_error_has_retry_after() -> None:
    way = WAYS[0]
    client = way.client(Script([httpx.Response(429, headers={"Retry-After": "3600"})]), FakeClock(), max_retries=0)
    with pytest.raises(errors.RateLimitError) as raised:
        await way.get(client)
    assert raised.value.retry_after == 3600
    assert pickle.loads(pickle.dumps(raised.value)).retry_after == 3600


# Deadlines


@every_way
async def test_deadline_covers_sleep(way: Way) -> None:
    script = Script([httpx.Response(429, headers={"Retry-After": "4"})])
    clock = FakeClock()
    with pytest.raises(errors.APITimeoutError, match=r"deadline of 10 s.*status 429"):
        await way.get(way.client(script, clock, max_retries=50, deadline=10))
    # At 0, 4 and 8 seconds; the next would be too late, and is not slept for.
    assert len(script.requests) == 3
    assert sum(clock.slept) == 8


async def test_deadline_shrinks_timeouts_of_sync_call() -> None:
    way, clock = WAYS[0], FakeClock(chance=0.5)
    timeouts: list[dict[str, float]] = []

    def slow(request: httpx.Request) -> httpx.Response:
        timeouts.append(request.extensions["timeout"])
        clock.time += 4
        raise httpx.ReadTimeout("slow")

    with pytest.raises(errors.APITimeoutError, match="deadline"):
        await way.get(way.client(Script([slow]), clock, max_retries=9, deadline=10, timeout=6))
    assert [timeout["read"] for timeout in timeouts] == [6, 5.75, 1.25]


async def test_deadline_covers_reading_in_sync_call() -> None:
    way, clock = WAYS[0], FakeClock()

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            while True:
                clock.time += 1
                yield b" "

    with pytest.raises(errors.APITimeoutError, match="deadline"):
        await way.get(way.client(Script([lambda request: httpx.Response(200, stream=Drip())]), clock, deadline=5))
    assert clock.time == 1005


@pytest.mark.parametrize("hangs", ["head", "body"])
async def test_deadline_covers_reading_in_async_call(hangs: str) -> None:
    way = WAYS[1]
    assert way.asynchronous

    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b"{"
            await asyncio.sleep(60)

    async def answer(request: httpx.Request) -> httpx.Response:
        if hangs == "head":
            await asyncio.sleep(60)
        return httpx.Response(200, stream=Drip())

    client = way.client(httpx.MockTransport(answer), FakeClock(), deadline=0.02)
    with pytest.raises(errors.APITimeoutError, match="deadline"):
        await way.get(client)


async def test_asyncio_timeout_of_caller_propagates() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    client = WAYS[1].client(httpx.MockTransport(answer), FakeClock(), deadline=60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await WAYS[1].get(client)


# Log records


async def test_retry_is_logged_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cloudjobs")
    way = WAYS[0]
    script = Script([httpx.Response(503, text="secret-body"), httpx.ConnectError("secret-host"), ok_response(way)])
    await way.get(way.client(script, FakeClock(chance=0.5)).with_options(headers={"X-Auth-Token": "secret-token"}))
    lines = [record.getMessage() for record in caplog.records if record.name == "cloudjobs"]
    assert [line.partition(": ")[2] for line in lines if "retry" in line] == [
        "status 503; retry 1 of 2 in 0.25 s",
        "APIConnectionError; retry 2 of 2 in 0.50 s",
    ]
    assert "secret" not in caplog.text
