"""`timeout` and `extra_headers` of single calls."""

from __future__ import annotations

import inspect
import traceback
from typing import Any

import httpx
import pytest

from .doc_examples import WAYS, Way, named
from .transports import Answers

pytestmark = pytest.mark.anyio
CANARY = "canary-7ab30c51"
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
CALLS = ("get_", "list_", "iter_", "snapshot")
WAITS = ("wait_", "watch_")


def methods(way: Way, *prefixes: str) -> dict[str, Any]:
    found = inspect.getmembers(way.client_class, inspect.isfunction)
    return {name: method for name, method in found if name.startswith(prefixes)}


async def run(way: Way, client: Any, name: str, **arguments: Any) -> None:
    """Call a method, and consume its iterator."""
    wanted = inspect.signature(getattr(client, name)).parameters
    positional = {
        each.name: ["j"] if each.name == "ids" else "j" for each in wanted.values() if each.default is each.empty
    }
    keywords = {"project_id": "p"} if "project_id" in wanted else {}
    result = getattr(client, name)(**positional, **keywords, **arguments)
    if inspect.isawaitable(result):
        await result
    elif hasattr(result, "__aiter__"):
        async for _ in result:
            pass
    elif name.startswith(("iter_", "watch_")):
        for _ in result:
            pass


class Ended(Answers):
    """Responds with a finished job, for any service, and then with an empty page."""


@every_way
def test_every_method_has_options_of_one_call(way: Way) -> None:
    calls, waits = methods(way, *CALLS), methods(way, *WAITS)
    assert calls
    assert len(waits) == 3
    for name, method in {**calls, **waits}.items():
        parameters = inspect.signature(method).parameters
        assert parameters["extra_headers"].kind is inspect.Parameter.KEYWORD_ONLY, name
        assert repr(parameters["timeout"].default) == ("None" if name in waits else "unchanged")
    raw = inspect.signature(getattr(way.client().with_raw_response, way.operation.name)).parameters
    assert {"timeout", "extra_headers"} <= raw.keys()


@every_way
@pytest.mark.parametrize("kind", [*CALLS, *WAITS])
async def test_extra_headers_are_sent_with_each_request_of_the_call(way: Way, kind: str) -> None:
    for name in methods(way, kind):
        transport = Answers(401)
        client = way.client(transport=transport).with_options(headers={"X-One": "1", "X-Two": "2", "User-Agent": "me"})
        with pytest.raises(Exception, match="401"):
            await run(way, client, name, extra_headers={"x-two": "two", "X-Three": "3", "user-agent": "you"})
        sent = transport.request.headers
        assert [sent[f"X-{name}"] for name in ("One", "Two", "Three")] == ["1", "two", "3"]
        assert sent["User-Agent"].startswith("you cloudjobs/")
        with pytest.raises(Exception, match="401"):
            await run(way, client, name)
        assert transport.requests[1].headers["X-Two"] == "2"
        assert "X-Three" not in transport.requests[1].headers


@every_way
async def test_timeout_of_a_call_overrides_that_of_the_client(way: Way) -> None:
    for name in methods(way, *CALLS):
        transport = Answers(401)
        client = way.client(transport=transport, timeout=7)
        options = ({}, {"timeout": 3}, {"timeout": httpx.Timeout(4, connect=1)}, {"timeout": None})
        for each in options:
            with pytest.raises(Exception, match="401"):
                await run(way, client, name, **each)
        timeouts = [request.extensions["timeout"] for request in transport.requests]
        assert [timeout["read"] for timeout in timeouts] == [7, 3, 4, None]
        assert timeouts[2]["connect"] == 1
        with pytest.raises(ValueError, match="timeout"):
            await run(way, client, name, timeout=-1)


@every_way
async def test_options_of_a_raw_call_are_those_of_the_call(way: Way) -> None:
    transport = Answers(401)
    raw = way.client(transport=transport).with_raw_response
    assert (await way.call(raw, timeout=3, extra_headers={"X-One": "1"})).status_code == 401
    assert transport.request.headers["X-One"] == "1"
    assert transport.request.extensions["timeout"]["read"] == 3


@every_way
@pytest.mark.parametrize("kind", [*CALLS, *WAITS])
async def test_extra_headers_invalid_or_in_the_clear_are_refused_unseen(way: Way, kind: str) -> None:
    for name in methods(way, kind):
        transport = Answers(401)
        client = way.client(base_url="http://service.example.com", transport=transport)
        for headers in ({"X-One": f"{CANARY}\n"}, {"X-Auth-Token": CANARY}):
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                await run(way, client, name, extra_headers=headers)
            frames = list(traceback.walk_tb(caught.value.__traceback__))
            ours = [frame.f_locals for frame, _ in frames if "cloudjobs" in str(frame.f_globals.get("__name__"))]
            assert ours
            assert CANARY not in f"{ours!r}{caught.value}"
        assert transport.requests == []
