"""However many calls need a token at once, threads and tasks alike, one of them renews it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import IamPassword

from .doc_examples import WAYS
from .iam import HEADER, PASSWORD, PATH, Iam, password_auth
from .scripted_transport import FakeClock
from .transports import reply, serving

pytestmark = pytest.mark.anyio
MANY = 1000
SYNC, ASYNC = WAYS[0], WAYS[1]

Answering = Callable[[httpx.Request], Awaitable[httpx.Response]]


def slow_responses(iam: Iam, seconds: float = 0.01) -> Answering:
    """Answers that let all other tasks go on first."""

    async def answer(request: httpx.Request) -> httpx.Response:
        found = iam.answer(request)
        await asyncio.sleep(seconds if request.url.path == PATH else 0)
        return found

    return answer


def in_threads(count: int, call: Callable[[], object]) -> list[object]:
    """Return the result or exception of a call in each of so many threads that start together."""
    begin = threading.Barrier(count)

    def run(_: int) -> object:
        begin.wait(30)
        try:
            return call()
        except errors.CloudJobsError as error:
            return error

    before = threading.stack_size(256 * 1024)
    try:
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))
    finally:
        threading.stack_size(before)


async def test_token_cache_expiry_in_thousand_tasks_refreshes_once() -> None:
    iam = Iam()
    client = ASYNC.answering(slow_responses(iam), auth=password_auth(iam.clock))
    for number in range(1, 4):
        await asyncio.gather(*(ASYNC.call(client) for _ in range(MANY)))
        assert len(iam.given) == number
        iam.clock.time += iam.life  # now it has ended


async def test_token_cache_401_in_thousand_tasks_refreshes_once() -> None:
    iam, sent = Iam(), Counter[str]()
    answer = slow_responses(iam)

    async def counted(request: httpx.Request) -> httpx.Response:
        sent[request.headers.get(HEADER, "IAM")] += 1
        return await answer(request)

    client = ASYNC.answering(counted, auth=password_auth(iam.clock))
    await ASYNC.call(client)
    iam.refused = {"token-1"}
    sent.clear()
    await asyncio.gather(*(ASYNC.call(client) for _ in range(MANY)))
    assert sent == {"token-1": MANY, "IAM": 1, "token-2": MANY}


def test_token_cache_expiry_in_threads_refreshes_once() -> None:
    iam = Iam()

    def answer(request: httpx.Request) -> httpx.Response:
        found = iam.answer(request)
        time.sleep(0.05 if request.url.path == PATH else 0)
        return found

    client = SYNC.answering(answer, auth=password_auth(iam.clock))
    get = getattr(client, SYNC.operation.name)
    for number in range(1, 3):
        told = in_threads(MANY, lambda: get(**SYNC.operation.arguments()))
        assert not [each for each in told if isinstance(each, Exception)]
        assert len(iam.given) == number
        iam.clock.time += iam.life


def test_token_cache_401_in_threads_refreshes_once() -> None:
    iam, sent = Iam(), Counter[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        sent[request.headers.get(HEADER, "IAM")] += 1
        found = iam.answer(request)
        time.sleep(0.02)
        return found

    client = SYNC.answering(answer, auth=password_auth(iam.clock))
    get = getattr(client, SYNC.operation.name)
    get(**SYNC.operation.arguments())
    iam.refused = {"token-1"}
    sent.clear()
    in_threads(50, lambda: get(**SYNC.operation.arguments()))
    assert (sent["IAM"], sent["token-2"]) == (1, 50)


async def test_token_cache_over_aiohttp_refreshes_once() -> None:
    pytest.importorskip("aiohttp", reason="needs the [aio] extra")
    asked, tokens = [0], Counter[str]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            headers = httpx.Headers([tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:-2]])  # type: ignore[misc]
            if head.startswith(b"POST"):
                await reader.readexactly(int(headers["Content-Length"]))
                await asyncio.sleep(0.05)
                asked[0] += 1
                writer.write(reply("201 Created", b"{}", f"X-Subject-Token: token-{asked[0]}"))
            else:
                tokens[headers[HEADER]] += 1
                writer.write(reply("200 OK" if headers[HEADER] == f"token-{asked[0]}" else "401 No", b"{}"))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=256)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = ASYNC.client(base_url=url, auth=IamPassword("jane", PASSWORD, "acme", "p", iam_url=url, header=HEADER))
    async with server:
        await asyncio.gather(*(ASYNC.call(client) for _ in range(MANY)))
        assert (asked, tokens) == ([1], {"token-1": MANY})
        await ASYNC.close(client)


async def test_token_cache_threads_and_tasks_share_refresh() -> None:
    iam = Iam()
    auth, begun, go_on = password_auth(iam.clock), asyncio.Event(), asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        found = iam.answer(request)
        if request.url.path == PATH:
            begun.set()
            await go_on.wait()
        return found

    tasks = [asyncio.create_task(ASYNC.call(ASYNC.answering(answer, auth=auth))) for _ in range(10)]
    await begun.wait()
    client = SYNC.answering(iam.answer, auth=auth)
    get = getattr(client, SYNC.operation.name)
    threads = asyncio.create_task(asyncio.to_thread(in_threads, 10, lambda: get(**SYNC.operation.arguments())))
    await asyncio.sleep(0.05)
    assert not threads.done()
    go_on.set()
    await asyncio.gather(*tasks, threads)
    assert len(iam.given) == 1


# Who gives up


async def test_token_cache_cancelled_refresh_moves_to_other_task() -> None:
    iam = Iam()
    client = ASYNC.answering(slow_responses(iam, 0.02), auth=password_auth(iam.clock))
    first, *others = [asyncio.create_task(ASYNC.call(client)) for _ in range(20)]
    while not iam.asked:
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(*others)
    assert first.cancelled()
    assert len(iam.asked) == 2


async def test_token_cache_waiting_task_is_cancelled_alone() -> None:
    iam = Iam()
    client = ASYNC.answering(slow_responses(iam, 0.02), auth=password_auth(iam.clock))
    first, second, *others = [asyncio.create_task(ASYNC.call(client)) for _ in range(20)]
    while not iam.asked:
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, *others)
    assert second.cancelled()
    assert len(iam.asked) == 1


async def test_token_cache_cancelled_aiohttp_refresh_moves_on() -> None:
    pytest.importorskip("aiohttp", reason="needs the [aio] extra")
    asked = threading.Event()

    def answer(path: str) -> bytes:
        if PATH not in path:
            return reply("200 OK", b"{}")
        if not asked.is_set():
            asked.set()
            time.sleep(0.1)
        return reply("201 Created", b"{}", "X-Subject-Token: t")

    with serving(answer) as server:
        auth = IamPassword("jane", PASSWORD, "acme", "p", iam_url=server.url, header=HEADER)
        client = ASYNC.client(base_url=server.url, auth=auth)
        first, *others = [asyncio.create_task(ASYNC.call(client)) for _ in range(5)]
        while not asked.is_set():
            await asyncio.sleep(0.001)
        first.cancel()
        await asyncio.gather(*others)
        await ASYNC.close(client)
    assert sum(PATH in path for path in server.paths) == 2


# What fails


async def test_token_cache_refresh_401_fails_all_waiters_once() -> None:
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        await asyncio.sleep(0.01)
        return httpx.Response(401, json={"error": {"message": "wrong password"}})

    client = ASYNC.answering(answer, auth=password_auth(FakeClock()))
    told = await asyncio.gather(*(ASYNC.call(client) for _ in range(MANY)), return_exceptions=True)
    assert {type(each) for each in told} == {errors.TokenError}
    # Each has its own error with its own traceback.
    assert len({id(each) for each in told}) == MANY
    assert asked == [PATH]


async def test_token_cache_refresh_connection_error_fails_all_once() -> None:
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        await asyncio.sleep(0.01)
        raise httpx.ConnectError("no", request=request)

    client = ASYNC.answering(answer, auth=password_auth(FakeClock()))
    told = await asyncio.gather(*(ASYNC.call(client) for _ in range(100)), return_exceptions=True)
    assert {type(each) for each in told} == {errors.APIConnectionError}
    assert asked == [PATH]


def test_token_cache_threads_share_refresh_failure() -> None:
    for trouble in (httpx.Response(500), httpx.ConnectError("no")):
        asked: list[str] = []

        def answer(request: httpx.Request, trouble: Any = trouble, asked: list[str] = asked) -> httpx.Response:
            asked.append(request.url.path)
            time.sleep(0.1)
            if isinstance(trouble, Exception):
                raise trouble
            return httpx.Response(trouble.status_code)

        client = SYNC.answering(answer, auth=password_auth(FakeClock()))
        get = getattr(client, SYNC.operation.name)
        told = in_threads(20, lambda get=get: get(**SYNC.operation.arguments()))  # type: ignore[misc]
        assert {type(each) for each in told} <= {errors.TokenError, errors.APIConnectionError}
        assert asked == [PATH]


async def test_token_cache_over_aiohttp_shares_refresh_failure() -> None:
    pytest.importorskip("aiohttp", reason="needs the [aio] extra")
    with serving(lambda path: time.sleep(0.1) or b"") as server:  # type: ignore[func-returns-value]
        auth = IamPassword("jane", PASSWORD, "acme", "p", iam_url=server.url, header=HEADER)
        client = ASYNC.client(base_url=server.url, auth=auth)
        told = await asyncio.gather(*(ASYNC.call(client) for _ in range(20)), return_exceptions=True)
        await ASYNC.close(client)
    assert {type(each) for each in told} == {errors.APIConnectionError}
    assert len(server.paths) == 1


# No call waits for ever


async def test_token_cache_thread_does_not_wait_for_task_of_its_loop() -> None:
    iam = Iam()
    auth = password_auth(iam.clock)
    task = asyncio.create_task(ASYNC.call(ASYNC.answering(slow_responses(iam), auth=auth)))
    while not iam.asked:
        await asyncio.sleep(0)
    # The loop stands meanwhile, and the task with it.
    await SYNC.call(SYNC.answering(iam.answer, auth=auth, timeout=5))
    await task
    assert len(iam.given) == 2


async def test_token_cache_thread_waits_until_its_timeout() -> None:
    iam = Iam()
    auth = password_auth(iam.clock)
    task = asyncio.create_task(ASYNC.call(ASYNC.answering(slow_responses(iam, 0.5), auth=auth)))
    while not iam.asked:
        await asyncio.sleep(0)
    client = SYNC.answering(iam.answer, auth=auth, timeout=0.05)
    with pytest.raises(errors.APITimeoutError):
        await asyncio.to_thread(getattr(client, SYNC.operation.name), **SYNC.operation.arguments())
    await task
    assert len(iam.given) == 1


async def test_token_cache_valid_token_is_used_during_refresh() -> None:
    iam = Iam()
    renewing = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        found = iam.answer(request)
        if request.url.path == PATH and len(iam.given) == 2:
            renewing.set()
            await asyncio.sleep(60)
        return found

    client = ASYNC.answering(answer, auth=password_auth(iam.clock))
    await ASYNC.call(client)
    iam.clock.time += iam.life - 100
    task = asyncio.create_task(ASYNC.call(client))
    await renewing.wait()
    await asyncio.wait_for(ASYNC.call(client), 5)
    task.cancel()
    assert len(iam.given) == 2
