"""A function that gives the token: called for each request, and once more where its token is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import Token

from .documented import CARRIED, WAYS, Carried, Way, named
from .iam import HEADER
from .wire import Answers, never, reply, serving

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
    """The same, asynchronously."""

    async def given() -> str:
        return give()

    return given


def taking(*tokens: str, sent: list[str]) -> Callable[[httpx.Request], httpx.Response]:
    """A service that takes these tokens."""

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers[HEADER])
        return httpx.Response(200 if sent[-1] in tokens else 401, json={})

    return answer


@every_way
async def test_each_request_has_the_token_that_the_function_gives_then(way: Way) -> None:
    sent: list[str] = []
    client = way.answering(taking("a", "b", sent=sent), auth=Token(source(["a", "b", "b"]), header=HEADER))
    for _ in range(3):
        await way.call(client)
    assert sent == ["a", "b", "b"]


@every_async_way
async def test_in_an_asynchronous_client_the_function_may_be_asynchronous(way: Way) -> None:
    sent: list[str] = []
    auth = Token(awaited(source(["a", "b", "c", "d"])), header=HEADER)
    client = way.answering(taking("a", "c", "d", sent=sent), auth=auth)
    for _ in range(3):
        await way.call(client)
    assert sent == ["a", "b", "c", "d"]


@every_sync_way
async def test_in_a_synchronous_client_an_asynchronous_function_is_refused(way: Way) -> None:
    client = way.client(transport=never(), auth=Token(awaited(lambda: CANARY), header=HEADER))
    with pytest.raises(ValueError, match="asynchronous: give it to an asynchronous client"):
        await way.call(client)


@every_way
async def test_after_a_refusal_another_token_is_tried_and_the_same_is_not(way: Way) -> None:
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
async def test_a_fixed_token_is_sent_once_and_not_again_after_a_refusal(way: Way) -> None:
    transport = Answers(401)
    with pytest.raises(errors.AuthenticationError):
        await way.call(way.client(transport=transport, auth=Token("t", header=HEADER)))
    assert len(transport.requests) == 1


@every_way
async def test_what_the_function_raises_goes_through_and_nothing_is_sent(way: Way) -> None:
    def broken() -> str:
        raise KeyError("no vault")

    with pytest.raises(KeyError, match="no vault"):
        await way.call(way.client(transport=never(), auth=Token(broken, header=HEADER)))


@every_way
@pytest.mark.parametrize("given", ["", f"{CANARY}\n", f" {CANARY}", None, 5, CANARY.encode()])
async def test_what_is_no_token_is_refused_without_being_shown(way: Way, given: str) -> None:
    with pytest.raises(ValueError, match="The token that the function gave is empty, or has") as raised:
        await way.call(way.client(transport=never(), auth=Token(lambda: given, header=HEADER)))
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "way", [way for way in WAYS if "maxLength" in (way.operation.token_scheme or {}).get("x-auth", {})], ids=named
)
async def test_a_token_of_a_function_is_held_to_the_documented_length(way: Way) -> None:
    assert way.operation.token_scheme is not None
    most = way.operation.token_scheme["x-auth"]["maxLength"]
    with pytest.raises(ValueError, match=str(most)):
        await way.call(way.client(transport=never(), auth=Token(lambda: "x" * (most + 1))))


@pytest.mark.parametrize("carried", CARRIED, ids=named)
async def test_a_function_is_asked_again_on_the_wire_too(carried: Carried) -> None:
    answers = iter([reply("401 No", b"{}"), reply("200 OK", b"{}")])
    with serving(lambda path: next(answers)) as server:
        give = source(["a", "b"])
        auth = Token(awaited(give) if carried.way.asynchronous else give, header=HEADER)
        async with carried.client(server.url, auth=auth) as client:
            await carried.way.call(client)
    assert [headers[HEADER] for headers in server.headers] == ["a", "b"]


def test_a_function_is_in_no_repr() -> None:
    assert repr(Token(lambda: CANARY)) == "Token('***')"
