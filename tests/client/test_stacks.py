"""httpx and httpx2: a client takes the objects of both, and refuses others; credentials work in clients of both."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest

from cloudjobs import AsyncCceClient, CceClient, errors
from cloudjobs.auth import AkSk, IamPassword, Token

from .doc_examples import ANY_URL, WAYS, Way, named
from .iam import PASSWORD, PATH

pytestmark = pytest.mark.anyio
HEADER = "X-Auth-Token"
STACKS = (httpx, httpx2)
every_stack = pytest.mark.parametrize("stack", STACKS, ids=lambda stack: str(stack.__name__))
every_way = pytest.mark.parametrize("way", [way for way in WAYS if way.operation.service == "cce"], ids=named)


def password() -> IamPassword:
    return IamPassword("jane", PASSWORD, "acme", "south-1", header=HEADER)


AUTHS: dict[str, Callable[[], Any]] = {
    "token": lambda: Token("t" * 20, header=HEADER),
    "function": lambda: Token(lambda: "t" * 20, header=HEADER),
    "aksk": lambda: AkSk("AK", "secret", header=HEADER),
    "password": password,
}
every_auth = pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)


class Wire:
    """Answers requests of one stack, and keeps them."""

    def __init__(self, stack: ModuleType, status: int = 200) -> None:
        self.stack = stack
        self.status = status
        self.requests: list[Any] = []
        self.transport = stack.MockTransport(self._answer)

    def _answer(self, request: Any) -> Any:
        assert isinstance(request, self.stack.Request)
        if request.url.path == PATH:
            return self.stack.Response(201, headers={"X-Subject-Token": "issued"}, content=b"{}")
        self.requests.append(request)
        return self.stack.Response(self.status, content=b"{}")

    def client(self, way: Way, **options: Any) -> Any:
        return getattr(self.stack, "AsyncClient" if way.asynchronous else "Client")(transport=self.transport, **options)


@every_way
@every_stack
@every_auth
@pytest.mark.parametrize("given", ["http_client", "transport"])
async def test_client_over_either_stack_sends_credentials(way: Way, stack: ModuleType, auth: Any, given: str) -> None:
    wire = Wire(stack)
    options = {"http_client": wire.client(way)} if given == "http_client" else {"transport": wire.transport}
    await way.call(way.client(auth=auth(), **options))
    (request,) = wire.requests
    assert request.headers[HEADER].startswith(("t" * 20, "issued", "SDK-HMAC-SHA256 "))


@every_way
@every_stack
@every_auth
async def test_credentials_in_plain_client_of_either_stack_are_sent(way: Way, stack: ModuleType, auth: Any) -> None:
    wire = Wire(stack)
    http = wire.client(way, auth=auth())
    response = http.get(ANY_URL)
    assert (await response if way.asynchronous else response).status_code == 200
    (request,) = wire.requests
    assert request.headers[HEADER].startswith(("t" * 20, "issued", "SDK-HMAC-SHA256 "))


@every_stack
@every_auth
def test_credentials_are_auth_of_either_stack(stack: ModuleType, auth: Any) -> None:
    made = auth()
    assert isinstance(made, stack.Auth)
    assert isinstance(made, type(made))
    of_stacks = [each for each in type(made).__mro__ if each in (httpx.Auth, httpx2.Auth)]
    assert of_stacks in ([httpx.Auth], [httpx.Auth, httpx2.Auth])


@every_way
@every_stack
@pytest.mark.parametrize("other", STACKS, ids=lambda stack: str(stack.__name__))
async def test_auth_of_one_stack_over_connections_of_the_other_is_sent(
    way: Way, stack: ModuleType, other: ModuleType
) -> None:
    wire = Wire(stack)
    await way.call(way.client(auth=other.BasicAuth("u", "p"), http_client=wire.client(way)))
    await way.call(way.client(auth=other.BasicAuth("u", "p"), transport=wire.transport))
    assert [request.headers["Authorization"] for request in wire.requests] == ["Basic dTpw"] * 2


@every_way
@every_stack
async def test_http_client_of_either_stack_keeps_its_defaults(way: Way, stack: ModuleType) -> None:
    wire = Wire(stack)
    defaults = {"headers": {"User-Agent": "theirs/1", "X-A": "b"}, "params": {"c": "d"}, "timeout": 7}
    http = wire.client(way, auth=("u", "p"), **defaults)
    await way.call(way.client(http_client=http))
    await way.call(way.client(http_client=http).with_options(timeout=stack.Timeout(3)))
    first, _ = wire.requests
    assert first.headers["User-Agent"].startswith("theirs/1 cloudjobs/")
    assert (first.headers["X-A"], first.url.params["c"]) == ("b", "d")
    assert first.headers["Authorization"] == "Basic dTpw"
    assert [request.extensions["timeout"]["read"] for request in wire.requests] == [7, 3]


@every_way
async def test_http_client_default_user_agent_of_httpx2_is_omitted(way: Way) -> None:
    wire = Wire(httpx2)
    await way.call(way.client(http_client=wire.client(way)))
    assert wire.requests[0].headers["User-Agent"].startswith("cloudjobs/")


@every_way
@every_stack
async def test_errors_of_either_stack_are_ours(way: Way, stack: ModuleType) -> None:
    for kind, expected in (("ConnectError", errors.APIConnectionError), ("ReadTimeout", errors.APITimeoutError)):

        def fail(request: Any, kind: str = kind) -> Any:
            raise getattr(stack, kind)("no")

        for auth in (None, Token(lambda: "t", header=HEADER)):
            with pytest.raises(errors.APIConnectionError) as caught:
                await way.call(way.client(auth=auth, transport=stack.MockTransport(fail)))
            assert type(caught.value) is expected
            assert isinstance(caught.value.__cause__, getattr(stack, kind))


class Other:
    """As an object of another library, such as `requests.Session`."""


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "asynchronous client": (
        {"http_client": httpx.AsyncClient()},
        r"httpx\.Client or httpx2\.Client, got httpx\.A",
    ),
    "asynchronous client of httpx2": (
        {"http_client": httpx2.AsyncClient()},
        r"httpx2\.Client, got httpx2\.AsyncClient",
    ),
    "asynchronous transport": (
        {"transport": httpx.AsyncHTTPTransport()},
        r"httpx\.BaseTransport or httpx2\.BaseTransport, got httpx\.AsyncHTTPTransport",
    ),
    "client as transport": ({"transport": httpx2.Client()}, r"got httpx2\.Client"),
    "transport as client": ({"http_client": httpx.HTTPTransport()}, r"got httpx\.HTTPTransport"),
    "session": ({"http_client": Other()}, r"got \w+\.Other$"),
    "string": ({"http_client": "https://proxy.example.com"}, "got str$"),
    "timeout": ({"timeout": "5"}, r"a number of seconds, httpx\.Timeout or httpx2\.Timeout, got str$"),
    "auth": ({"auth": "a token"}, r"a Token, .*, a ClientCredentials, httpx\.Auth or httpx2\.Auth, got str$"),
}


@pytest.mark.parametrize(("options", "text"), WRONG.values(), ids=WRONG)
def test_argument_of_wrong_type_is_rejected(options: dict[str, Any], text: str) -> None:
    (name,) = options
    with pytest.raises(TypeError, match=f"^{name} must be .*{text}"):
        CceClient(ANY_URL, project_id="p", **options)


def test_async_client_with_synchronous_object_is_rejected() -> None:
    for options in ({"http_client": httpx.Client()}, {"http_client": httpx2.Client()}):
        with pytest.raises(TypeError, match=r"^http_client must be httpx\.AsyncClient or httpx2\.AsyncClient, got"):
            AsyncCceClient(ANY_URL, project_id="p", **options)
    with pytest.raises(TypeError, match=r"^transport must be"):
        AsyncCceClient(ANY_URL, project_id="p", transport=httpx2.HTTPTransport())  # type: ignore[arg-type]


@every_way
def test_client_copied_or_pickled_is_rejected(way: Way) -> None:
    client = way.client()
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match=r"cannot be copied or pickled.*with_options"):
            duplicate(client)
