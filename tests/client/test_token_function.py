"""A function that gives the token: called for each request, and once more where its token is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import Token

from .doc_examples import CARRIED, WAYS, Carried, Way, named
from .iam import HEADER
from .transports import Answers, never, reply, serving

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
every_async_way = pytest.mark.parametrize("way", [way for way in WAYS if way.asynchronous], ids=named)
every_sync_way = pytest.mark.parametrize("way", [way for way in WAYS if not way.asynchronous], ids=named)
CANARY = "canary-91ab5d"


def source(tokens: Iterable[str]) -> Callable[[], str]:
    """Gives one token after the other."""
    left = iter(tokens)
    return lambda: next(left)


def awaited(give: Callable[[], str]) -> Callable[[], Awaitable[str]]:
    """Return the same, asynchronously."""

    async def given() -> str:
        return give()

    return given


def taking(*tokens: str, sent: list[str]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a service that takes these tokens."""

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers[HEADER])
        return httpx.Response(200 if sent[-1] in tokens else 401, json={})

    return answer


@every_way
async def test_token_function_is_called_for_each_request(way: Way) -> None:
    sent: list[str] = []
    client = way.answering(taking("a", "b", sent=sent), auth=Token(source(["a", "b", "b"]), header=HEADER))
    for _ in range(3):
        await way.call(client)
    assert sent == ["a", "b", "b"]


@every_async_way
async def test_token_function_async_in_async_client_is_awaited(way: Way) -> None:
    sent: list[str] = []
    auth = Token(awaited(source(["a", "b", "c", "d"])), header=HEADER)
    client = way.answering(taking("a", "c", "d", sent=sent), auth=auth)
    for _ in range(3):
        await way.call(client)
    assert sent == ["a", "b", "c", "d"]


@every_sync_way
async def test_token_function_async_in_sync_client_is_rejected(way: Way) -> None:
    client = way.client(transport=never(), auth=Token(awaited(lambda: CANARY), header=HEADER))
    with pytest.raises(ValueError, match="must be synchronous, got an asynchronous one"):
        await way.call(client)


@every_way
async def test_token_function_after_401_retries_only_new_token(way: Way) -> None:
    sent: list[str] = []
    client = way.answering(
        taking("new", sent=sent), auth=Token(source(["old", "new", "x", "x", "y", "z"]), header=HEADER)
    )
    await way.call(client)
    assert sent == ["old", "new"]
    with pytest.raises(errors.AuthenticationError):
        await way.call(client)
    assert sent[2:] == ["x"]
    with pytest.raises(errors.AuthenticationError):
        await way.call(client)
    assert sent[3:] == ["y", "z"]


@every_way
async def test_fixed_token_after_401_is_not_retried(way: Way) -> None:
    transport = Answers(401)
    with pytest.raises(errors.AuthenticationError):
        await way.call(way.client(transport=transport, auth=Token("t", header=HEADER)))
    assert len(transport.requests) == 1


@every_way
async def test_token_function_exception_propagates_unsent(way: Way) -> None:
    def broken() -> str:
        raise KeyError("no vault")

    with pytest.raises(KeyError, match="no vault"):
        await way.call(way.client(transport=never(), auth=Token(broken, header=HEADER)))


@every_way
@pytest.mark.parametrize("given", ["", f"{CANARY}\n", f" {CANARY}", None, 5, CANARY.encode()])
async def test_token_function_invalid_token_is_rejected_unshown(way: Way, given: str) -> None:
    with pytest.raises(
        ValueError, match="the token that the function returned must be a non-empty string of printable ASCII"
    ) as raised:
        await way.call(way.client(transport=never(), auth=Token(lambda: given, header=HEADER)))
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "way", [way for way in WAYS if "maxLength" in (way.operation.token_scheme or {}).get("x-auth", {})], ids=named
)
async def test_token_function_token_too_long_is_rejected(way: Way) -> None:
    assert way.operation.token_scheme is not None
    most = way.operation.token_scheme["x-auth"]["maxLength"]
    with pytest.raises(ValueError, match=str(most)):
        await way.call(way.client(transport=never(), auth=Token(lambda: "x" * (most + 1))))


@pytest.mark.parametrize("carried", CARRIED, ids=named)
async def test_token_function_on_real_server_is_called_again(carried: Carried) -> None:
    answers = iter([reply("401 No", b"{}"), reply("200 OK", b"{}")])
    with serving(lambda path: next(answers)) as server:
        give = source(["a", "b"])
        auth = Token(awaited(give) if carried.way.asynchronous else give, header=HEADER)
        async with carried.client(server.url, auth=auth) as client:
            await carried.way.call(client)
    assert [headers[HEADER] for headers in server.headers] == ["a", "b"]


def test_token_function_repr_hides_token() -> None:
    assert repr(Token(lambda: CANARY)) == "Token('***')"
