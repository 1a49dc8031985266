"""The httpx client behind a client: its owner, its settings, and concurrent use."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest

import cloudjobs
from cloudjobs import AsyncYuanrongClient, JobSnapshot, YuanrongClient, errors
from cloudjobs.auth import Token
from tests.exhaustive import sample
from tests.reference import REFERENCE

from .doc_examples import ANY_URL, CARRIED, WAYS, Carried, Way, named, operation_of, pascal
from .senders import SENDERS, Sender
from .transports import Answers, Server, never, reply, serving

every_way = pytest.mark.parametrize("way", WAYS, ids=named)
every_carried = pytest.mark.parametrize("carried", CARRIED, ids=named)
OURS = f"cloudjobs/{cloudjobs.__version__} httpx/{httpx.__version__}"


@every_way
@pytest.mark.anyio
async def test_http_client_given_is_used_and_left_open(way: Way) -> None:
    transport = Answers()
    http = way.http_client(transport=transport, headers={"X-Of-The-Caller": "yes"}, params={"key": "value"})
    client = way.client(http_client=http)
    await way.call(client)
    await way.close(client)
    assert not http.is_closed
    assert not transport.closed
    assert transport.request.headers["X-Of-The-Caller"] == "yes"
    assert transport.request.url.params["key"] == "value"
    await way.call(way.client(http_client=http))
    assert len(transport.requests) == 2
    await way.close(http)


@every_way
@pytest.mark.anyio
async def test_transport_given_is_left_open(way: Way) -> None:
    transport = Answers()
    client = way.client(transport=transport)
    await way.call(client)
    await way.close(client)
    assert not transport.closed


@every_way
@pytest.mark.anyio
async def test_client_context_closes_own_connections(way: Way) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        client = way.client(base_url=server.url)
        if way.asynchronous:
            async with client as entered:
                await way.call(client)
        else:
            with client as entered:
                await way.call(client)
        assert entered is client
        with pytest.raises(errors.ClientStateError, match="has been closed"):
            await way.call(client)
        assert len(server.paths) == 1


@every_way
@pytest.mark.anyio
async def test_client_closed_unused_sends_nothing(way: Way) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        client = way.client(base_url=server.url)
        await way.close(client)
        await way.close(client)
        with pytest.raises(errors.ClientStateError, match="has been closed"):
            await way.call(client)
        with pytest.raises(errors.ClientStateError, match="has been closed"):
            await way.call(client.with_options(timeout=1))
        assert not server.paths


@every_way
@pytest.mark.anyio
async def test_client_options_copy_closed_keeps_connections_open(way: Way) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        client = way.client(base_url=server.url)
        await way.close(client.with_options(timeout=1))
        await way.call(client)
        await way.close(client)


@pytest.mark.anyio
async def test_client_sends_over_chosen_library(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The connections of httpx and httpx2 log each of their steps; those of aiohttp log nothing."""
    logged: dict[str, set[str]] = {}
    for carried in CARRIED:
        with serving(lambda path: reply("200 OK", b"{}")) as server, caplog.at_level("DEBUG"):
            caplog.clear()
            async with carried.client(server.url) as client:
                await carried.way.call(client)
        names = {record.name.partition(".")[0] for record in caplog.records if record.name.startswith("http")}
        logged.setdefault(carried.library, set()).update(names)
    assert logged == {"httpx": {"httpcore"}, "httpx2": {"httpcore2"}, "aiohttp": set()}


@every_way
@pytest.mark.anyio
async def test_client_context_leaves_given_http_client_open(way: Way) -> None:
    transport = Answers()
    http = way.http_client(transport=Answers())
    for client in (way.client(transport=transport), way.client(http_client=http)):
        if way.asynchronous:
            async with client:
                await way.call(client)
        else:
            with client:
                await way.call(client)
        await way.call(client)
    assert not transport.closed
    assert not http.is_closed
    await way.close(http)


@every_way
@pytest.mark.anyio
async def test_client_with_http_client_and_transport_is_rejected(way: Way) -> None:
    http = way.http_client(transport=never())
    with pytest.raises(ValueError, match=r"http_client.*transport"):
        way.client(http_client=http, transport=never())
    await way.close(http)


@every_way
@pytest.mark.anyio
async def test_http_client_user_agent_precedes_ours(way: Way) -> None:
    transport = Answers()
    http = way.http_client(transport=transport, headers={"User-Agent": "their-program/2.0"})
    await way.call(way.client(http_client=http))
    assert transport.request.headers.get_list("User-Agent") == [f"their-program/2.0 {OURS}"]
    await way.close(http)
    transport.requests.clear()
    http = way.http_client(transport=transport)
    await way.call(way.client(http_client=http))
    assert transport.request.headers.get_list("User-Agent") == [OURS]
    await way.close(http)


@every_way
@pytest.mark.anyio
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "callers"])
async def test_response_cookies_are_kept_by_callers_http_client_only(way: Way, is_own: bool) -> None:
    transport = Answers(json={}, headers={"Set-Cookie": "session=abc"})
    options = {"transport": transport} if is_own else {"http_client": way.http_client(transport=transport)}
    client = way.client(**options)
    await way.call(client)
    await way.call(client)
    assert [request.headers.get("Cookie") for request in transport.requests] == [
        None,
        None if is_own else "session=abc",
    ]


@every_carried
@pytest.mark.anyio
async def test_request_headers_are_equal_over_every_library(carried: Carried) -> None:
    with serving(lambda path: reply("200 OK", b"{}", "Set-Cookie: a=b")) as server:
        async with carried.client(f"{server.url}/below") as client:
            await carried.way.call(client)
            await carried.way.call(client.with_options(headers={"User-Agent": "their-program/2.0"}))
    first, second = server.headers
    assert first.get_list("User-Agent") == [OURS]
    assert second.get_list("User-Agent") == [f"their-program/2.0 {OURS}"]
    demanded = {name.lower(): value for name, value in carried.way.operation.request_headers.items()}
    expected = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": OURS} | demanded
    assert {name: value for name, value in first.items() if name not in ("host", "connection")} == expected
    assert "Cookie" not in second, "a cookie of one response is not sent with the next request"
    assert first.get_list("Host") == [server.url.removeprefix("http://")]
    values = {parameter["name"]: f"some-{parameter['name']}" for parameter in carried.way.operation.located("path")}
    assert server.paths == [f"/below{carried.way.operation.raw_path(values)}"] * 2


@every_way
@pytest.mark.anyio
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("owner", ["ours", "theirs"])
async def test_redirect_raises_status_error(way: Way, status: int, owner: str) -> None:
    transport = Answers(status, headers={"Location": "https://elsewhere.example.com/"}, content=b"gone")
    http = way.http_client(transport=transport, follow_redirects=True)
    client = way.client(transport=transport) if owner == "ours" else way.client(http_client=http)
    with pytest.raises(errors.APIStatusError) as caught:
        await way.call(client)
    assert type(caught.value) is errors.APIStatusError
    assert (caught.value.status_code, caught.value.body) == (status, b"gone")
    assert len(transport.requests) == 1
    await way.close(http)


@every_carried
@pytest.mark.anyio
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_by_real_server_raises_status_error(carried: Carried, status: int) -> None:
    with serving(lambda path: reply(f"{status} Elsewhere", b"gone", "Location: /elsewhere")) as server:
        async with carried.client(server.url, auth=Token("t", header="X-Token")) as client:
            with pytest.raises(errors.APIStatusError) as caught:
                await carried.way.call(client)
    assert type(caught.value) is errors.APIStatusError
    assert (caught.value.status_code, caught.value.body) == (status, b"gone")
    assert len(server.paths) == 1


@every_way
@pytest.mark.anyio
async def test_client_timeout_default_and_given_are_applied(way: Way) -> None:
    transport = Answers()
    for given_timeout, applied in [
        ({}, {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}),
        ({"timeout": 3}, dict.fromkeys(("connect", "read", "write", "pool"), 3)),
        ({"timeout": None}, dict.fromkeys(("connect", "read", "write", "pool"))),
        ({"timeout": httpx.Timeout(9, read=1)}, {"connect": 9, "read": 1, "write": 9, "pool": 9}),
    ]:
        transport.requests.clear()
        await way.call(way.client(transport=transport, **given_timeout))
        assert transport.request.extensions["timeout"] == applied


@every_way
@pytest.mark.anyio
async def test_http_client_timeout_is_kept(way: Way) -> None:
    transport = Answers()
    http = way.http_client(transport=transport, timeout=7)
    await way.call(way.client(http_client=http))
    assert transport.request.extensions["timeout"]["read"] == 7
    await way.close(http)


@every_way
def test_client_repr_has_address_and_no_credentials(way: Way) -> None:
    client = way.client(base_url=f"{ANY_URL}/below/", auth=Token("S3CRET"), transport=never())
    assert repr(client) == f"<{way.client_class.__name__} {ANY_URL}/below>"


@every_way
def test_client_options_are_keyword_only(way: Way) -> None:
    with pytest.raises(TypeError):
        way.client_class(ANY_URL, "p")
    with pytest.raises(TypeError):
        way.client_class(ANY_URL, no_such_option=1)


@pytest.mark.parametrize("service", REFERENCE)
def test_client_methods_are_service_operations(service: str) -> None:
    for name in (f"{pascal(service)}Client", f"Async{pascal(service)}Client"):
        client = getattr(cloudjobs, name)
        own = {key for key, value in vars(client).items() if callable(value) and not key.startswith("_")}
        assert own >= {operation_of(service).name}


# Sharing


def echo(path: str) -> bytes:
    return reply("200 OK", b'{"submission_id": "%s"}' % path.rpartition("/")[2].encode())


@pytest.fixture
def echo_server() -> Iterator[Server]:
    with serving(echo) as server:
        yield server


def test_client_in_sixteen_threads_returns_own_responses(echo_server: Server) -> None:
    asked = [f"job-{number}" for number in range(320)]
    with YuanrongClient(echo_server.url) as yuanrong, ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(yuanrong.get_job, asked))
    assert [JobSnapshot.from_job(job).id for job in replies] == asked
    assert sorted(echo_server.paths) == sorted(f"/api/jobs/{job_id}" for job_id in asked)


@pytest.mark.anyio
async def test_aiohttp_client_in_hundred_tasks_returns_own_responses(echo_server: Server) -> None:
    replies: dict[str, str | None] = {}
    async with AsyncYuanrongClient(echo_server.url) as yuanrong:

        async def ask(job_id: str) -> None:
            replies[job_id] = (await yuanrong.get_job(job_id)).submission_id

        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(ask, f"job-{number}")
    assert replies == {f"job-{number}": f"job-{number}" for number in range(100)}


every_sync_sender = pytest.mark.parametrize("sender", [each for each in SENDERS if not each.asynchronous], ids=str)
THREADS = sample(200)
every_async_sender = pytest.mark.parametrize("sender", [each for each in SENDERS if each.asynchronous], ids=str)


@every_sync_sender
def test_client_in_many_threads_keeps_connections(sender: Sender) -> None:
    asked = [f"job-{number}" for number in range(10 * THREADS)]
    with (
        # Slow enough for all threads to have a call under way.
        serving(lambda path: time.sleep(0.1) or echo(path)) as server,  # type: ignore[func-returns-value]
        sender.client("yuanrong", server.url, timeout=30) as yuanrong,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        found = list(threads.map(lambda job_id: yuanrong.get_job(job_id).submission_id, asked))
    assert found == asked
    # One for each thread, and some for those that found their connection closed by the limit of idle ones.
    assert server.connections <= 3 * THREADS


@every_async_sender
def test_async_client_in_second_event_loop_makes_new_connections(sender: Sender, echo_server: Server) -> None:
    yuanrong = sender.client("yuanrong", echo_server.url)

    async def ask() -> str | None:
        return (await yuanrong.get_job("job-1")).submission_id

    async def ask_and_close() -> str | None:
        found = await ask()
        await yuanrong.aclose()
        return found

    with warnings.catch_warnings():
        # asyncio reports the transports of the first loop, which the program closed before its connections.
        warnings.simplefilter("ignore", ResourceWarning)
        assert [asyncio.run(ask()), asyncio.run(ask()), asyncio.run(ask_and_close())] == ["job-1"] * 3
        gc.collect()
    assert echo_server.connections == 3


@every_async_sender
def test_async_client_closed_in_second_event_loop_is_closed(sender: Sender, echo_server: Server) -> None:
    yuanrong = sender.client("yuanrong", echo_server.url)

    async def ask() -> str | None:
        return (await yuanrong.get_job("job-1")).submission_id

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(ask())
        asyncio.run(yuanrong.aclose())
        with pytest.raises(errors.ClientStateError, match="has been closed"):
            asyncio.run(ask())
        gc.collect()


@every_async_sender
def test_async_client_in_another_running_event_loop_raises(sender: Sender, echo_server: Server) -> None:
    yuanrong = sender.client("yuanrong", echo_server.url)

    async def ask() -> str | None:
        return (await yuanrong.get_job("job-1")).submission_id

    with asyncio.Runner() as its, asyncio.Runner() as another:
        assert its.run(ask()) == "job-1"
        with pytest.raises(errors.ClientStateError, match=r"^yuanrong\.get_job was not sent: .* another event loop"):
            another.run(ask())
        assert its.run(ask()) == "job-1"
        its.run(yuanrong.aclose())


@every_async_sender
def test_async_client_without_asyncio_raises_at_first_await(sender: Sender) -> None:
    """As in an event loop of another library."""
    yuanrong = sender.client("yuanrong", "http://127.0.0.1:1")
    with pytest.raises(errors.ClientStateError, match="needs a running event loop of asyncio"):
        yuanrong.get_job("job-1").send(None)


@pytest.mark.anyio
async def test_async_client_in_hundred_tasks_returns_own_responses() -> None:
    max_concurrency = most_at_once = 0

    async def service(scope: Any, receive: Any, send: Any) -> None:
        nonlocal max_concurrency, most_at_once
        max_concurrency += 1
        most_at_once = max(most_at_once, max_concurrency)
        await anyio.sleep(0.01)
        max_concurrency -= 1
        body = b'{"submission_id": "%s"}' % scope["path"].rpartition("/")[2].encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    replies: dict[str, str | None] = {}
    async with AsyncYuanrongClient(ANY_URL, transport=httpx.ASGITransport(service)) as yuanrong:

        async def ask(job_id: str) -> None:
            replies[job_id] = (await yuanrong.get_job(job_id)).submission_id

        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(ask, f"job-{number}")
    assert replies == {f"job-{number}": f"job-{number}" for number in range(100)}
    assert most_at_once == 100
