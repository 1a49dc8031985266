"""Observability of a client: log lines of requests and retries, and the hooks of a caller's httpx client."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import Token

from .doc_examples import CARRIED, WAYS, Carried, Way, named
from .iam import HEADER, PATH, Iam, password_auth
from .scripted_transport import FakeClock
from .transports import reply, serving

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
CANARY = "canary-d2f1c0"


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    """Return the log records of the client, of that level."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.split(".")[0] == "cloudjobs" and record.levelno == level
    ]


def answering(*statuses: int, clock: FakeClock | None = None) -> Callable[[httpx.Request], httpx.Response]:
    """Gives these statuses, each after a quarter of a second."""
    left = iter(statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        if clock is not None:
            clock.time += 0.25
        if (status := next(left)) == 0:
            raise httpx.ReadError(CANARY)
        return httpx.Response(status, json={})

    return answer


@every_way
async def test_log_of_request_has_method_path_status_and_attempt(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cloudjobs")
    clock = FakeClock()
    client = way.answering(answering(503, 0, 200, clock=clock), auth=Token(CANARY, header=HEADER), max_retries=2)
    client._clock = clock
    arguments = {name: f"{CANARY}-{name}" for name in way.operation.arguments()}
    await way.call(client.with_options(headers={"X-Key": CANARY}), **arguments)
    operation = way.operation
    begin = f"{operation.service}.{operation.name}: GET {operation.path}: "
    assert lines(caplog, logging.DEBUG) == [
        f"{begin}status 503 in 0.250 s, attempt 1",
        f"{begin}APIConnectionError in 0.250 s, attempt 2",
        f"{begin}status 200 in 0.250 s, attempt 3",
    ]
    assert lines(caplog, logging.INFO) == [
        f"{operation.service}.{operation.name}: status 503; retry 1 of 2 in 0.00 s",
        f"{operation.service}.{operation.name}: APIConnectionError; retry 2 of 2 in 0.00 s",
    ]
    # Neither credentials nor the values of the path: an id may be a secret of the caller.
    assert CANARY not in "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)


@every_way
async def test_log_above_debug_omits_successful_request(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cloudjobs")
    await way.call(way.answering(answering(200)))
    assert not lines(caplog, logging.DEBUG) + lines(caplog, logging.INFO)


async def test_logger_by_default_has_no_level_and_null_handler(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("cloudjobs")
    assert logger.level == logging.NOTSET
    assert all(isinstance(handler, logging.NullHandler) for handler in logger.handlers)


@pytest.mark.parametrize("carried", CARRIED, ids=named)
async def test_log_of_request_is_equal_for_every_transport(carried: Carried, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cloudjobs")
    answers = iter([reply("503 Busy", b"{}"), reply("200 OK", b"{}")])
    with serving(lambda path: next(answers)) as server:
        async with carried.client(server.url, max_retries=1) as client:
            await carried.way.call(client)
    outcomes = [
        re.findall(r": (status \d+) in \d+\.\d{3} s, (attempt \d)", line) for line in lines(caplog, logging.DEBUG)
    ]
    assert outcomes == [[("status 503", "attempt 1")], [("status 200", "attempt 2")]]


@every_way
async def test_log_of_token_refresh_omits_token(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cloudjobs")
    iam = Iam()
    await way.call(way.answering(iam.answer, auth=password_auth(iam.clock)))
    assert lines(caplog, logging.INFO) == [f"iam: POST {PATH}: a token for 86400 s"]
    assert "token-1" not in caplog.text


# The hooks of a caller's httpx client


@every_way
async def test_event_hooks_run_for_each_request_and_retry(way: Way) -> None:
    seen: list[str] = []

    def asked(request: httpx.Request) -> None:
        seen.append(f"-> {request.method}")

    def answered(response: httpx.Response) -> None:
        seen.append(f"<- {response.status_code}")

    async def asked_async(request: httpx.Request) -> None:
        asked(request)

    async def answered_async(response: httpx.Response) -> None:
        answered(response)

    hooks: dict[str, list[Any]] = {
        "request": [asked_async if way.asynchronous else asked],
        "response": [answered_async if way.asynchronous else answered],
    }
    http = way.http_client(transport=httpx.MockTransport(answering(429, 0, 200)), event_hooks=hooks)
    await way.call(way.client(http_client=http, max_retries=2))
    # A request without a response cannot log one.
    assert seen == ["-> GET", "<- 429", "-> GET", "-> GET", "<- 200"]
    seen.clear()
    iam = Iam()
    http = way.http_client(transport=httpx.MockTransport(iam.answer), event_hooks=hooks)
    await way.call(way.client(http_client=http, auth=password_auth(iam.clock)))
    assert seen == ["-> POST", "<- 201", "-> GET", "<- 200"]
    await way.close(http)


@every_way
async def test_event_hook_exception_propagates(way: Way) -> None:
    class Stop(Exception):
        pass

    def stop(request: httpx.Request) -> None:
        raise Stop

    async def stop_async(request: httpx.Request) -> None:
        raise Stop

    hooks: dict[str, list[Any]] = {"request": [stop_async if way.asynchronous else stop]}
    http = way.http_client(transport=httpx.MockTransport(answering(200)), event_hooks=hooks)
    with pytest.raises(Stop):
        await way.call(way.client(http_client=http, max_retries=2))
    await way.close(http)


@every_way
async def test_log_of_last_status_error_equals_the_others(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cloudjobs")
    with pytest.raises(errors.InternalServerError):
        await way.call(way.answering(answering(503, 503), max_retries=1))
    assert [line.rpartition(" ")[2] for line in lines(caplog, logging.DEBUG)] == ["1", "2"]
    assert len(lines(caplog, logging.INFO)) == 1
