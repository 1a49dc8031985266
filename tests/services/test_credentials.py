"""Credentials that a document declares as OpenAPI does: bearer, basic, and OAuth 2 client credentials."""

from __future__ import annotations

import asyncio
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

import attrs
import httpx
import pytest

from tests.client.scripted_transport import FakeClock

Import = Callable[[str], ModuleType]

SECRET = "canary/8f14e+45=fc"


@pytest.fixture(autouse=True)
def _no_credentials(kinds: Import, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for setting in ("TOKEN", "USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "TOKEN_URL", "SCOPES"):
        monkeypatch.delenv(f"KINDS_{setting}", raising=False)
    yield
    kinds("auth._fetched").REFUSALS.clear()


@attrs.define(slots=False)
class TokenServer:
    """A token URL and a service that takes its tokens, over a replay."""

    kinds: Import
    service: str
    life: object = 3600
    tokens: list[dict[str, list[str]]] = attrs.field(factory=list)
    """The forms of the token requests."""
    headers: list[str] = attrs.field(factory=list)
    """`Authorization` of each request, of a token or of the service."""
    refused: set[str] = attrs.field(factory=set)
    error: tuple[int, dict[str, str]] | None = None

    def __attrs_post_init__(self) -> None:
        self.replay = self.kinds("testing").Replay(self.service)
        self.lock = threading.Lock()

    def answer(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            self.headers.append(request.headers.get("Authorization", ""))
            if request.method == "POST":
                self.tokens.append(parse_qs(request.content.decode()))
                if self.error:
                    return httpx.Response(self.error[0], json=self.error[1])
                token = f"token-{len(self.tokens)}"
                return httpx.Response(
                    200, json={"access_token": token, "token_type": "bearer", "expires_in": self.life}
                )
        if self.headers[-1].removeprefix("Bearer ") in self.refused:
            return httpx.Response(401, json={"code": "expired"})
        response: httpx.Response = self.replay.transport.handle_request(request)
        return response

    def client(self, auth: object, kind: str = "") -> Any:
        made = getattr(self.kinds(""), f"{kind}{self.service.capitalize()}Client")
        arguments = {"api_version": "1"} if self.service == "brine" else {}
        return made("https://service.example.com", auth=auth, transport=httpx.MockTransport(self.answer), **arguments)


def call(client: Any, service: str) -> Any:
    return client.get_operation("salt", "op-1") if service == "brine" else client.get_run(71)


def oauth(kinds: Import, **options: Any) -> Any:
    return kinds("auth").ClientCredentials("the app", SECRET, **options)


@pytest.fixture
def brine(kinds: Import) -> TokenServer:
    server = TokenServer(kinds, "brine")
    server.replay.add_job("brine", "op-1", states=["running"])
    return server


def test_client_credentials_send_what_document_says_and_cache_token(kinds: Import, brine: TokenServer) -> None:
    with brine.client(oauth(kinds)) as client:
        call(client, "brine")
        call(client, "brine")
    assert brine.headers == ["", "Bearer token-1", "Bearer token-1"]
    (form,) = brine.tokens
    assert form == {
        "grant_type": ["client_credentials"],
        "scope": ["operations.read"],
        "resource": ["brine"],
        "client_id": ["the app"],
        "client_secret": [SECRET],
    }


def test_client_credentials_of_caller_go_before_document(kinds: Import, brine: TokenServer) -> None:
    url = "https://tokens.example.com/other"
    auth = oauth(kinds, token_url=url, scopes=["a", "b"], client="header", parameters={"resource": "mine"})
    with brine.client(auth) as client:
        call(client, "brine")
    assert brine.tokens == [{"grant_type": ["client_credentials"], "scope": ["a b"], "resource": ["mine"]}]
    # Both parts are encoded as in a form first: RFC 6749, section 2.3.1.
    assert brine.headers[0] == "Basic " + b64encode(b"the+app:canary%2F8f14e%2B45%3Dfc").decode()


@pytest.mark.parametrize(
    ("life", "after", "requests"), [(3600, 3000, 1), (3600, 3301, 2), ("60", 31, 2), (None, 9e9, 1)]
)
def test_client_credentials_refresh_token_before_it_expires(
    kinds: Import, brine: TokenServer, life: object, after: float, requests: int
) -> None:
    brine.life, auth, clock = life, oauth(kinds), FakeClock()
    auth._clock = clock
    with brine.client(auth) as client:
        call(client, "brine")
        clock.time += after
        call(client, "brine")
    assert len(brine.tokens) == requests


def test_client_credentials_fetch_another_token_after_401(kinds: Import, brine: TokenServer) -> None:
    with brine.client(oauth(kinds)) as client:
        call(client, "brine")
        brine.refused = {"token-1"}
        call(client, "brine")
        brine.refused = {"token-2", "token-3"}
        with pytest.raises(kinds("errors").AuthenticationError):
            call(client, "brine")
    assert brine.headers[2:] == ["Bearer token-1", "", "Bearer token-2", "Bearer token-2", "", "Bearer token-3"]


def test_client_credentials_in_many_threads_share_one_fetch(kinds: Import, brine: TokenServer) -> None:
    with brine.client(oauth(kinds)) as client, ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda _: call(client, "brine"), range(40)))
    assert (len(brine.tokens), len(brine.headers)) == (1, 41)


def test_client_credentials_in_many_tasks_share_one_fetch(kinds: Import, brine: TokenServer) -> None:
    async def run() -> None:
        async with brine.client(oauth(kinds), "Async") as client:
            await asyncio.gather(*(call(client, "brine") for _ in range(40)))

    asyncio.run(run())
    assert (len(brine.tokens), len(brine.headers)) == (1, 41)


@pytest.mark.parametrize("place", ["header", "body"])
def test_refused_client_credentials_are_named_not_shown_and_not_sent_again(
    kinds: Import, brine: TokenServer, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    brine.error = (401, {"error": "invalid_client", "error_description": f"no client with {SECRET}"})
    with brine.client(oauth(kinds, client=place)) as client:
        for _ in range(2):
            with pytest.raises(kinds("errors").TokenError, match="invalid_client") as raised:
                call(client, "brine")
            assert SECRET not in f"{raised.value!r}{raised.value}{raised.value.body!r}{raised.value.message}"
    assert len(brine.tokens) == 1
    assert SECRET not in caplog.text + repr(client._auth)


@pytest.mark.parametrize(
    "body", [{}, {"access_token": ""}, {"access_token": "t", "token_type": "mac"}, {"access_token": 1.5}]
)
def test_token_response_without_bearer_token_raises(kinds: Import, brine: TokenServer, body: dict[str, Any]) -> None:
    brine.error = (200, body)
    with brine.client(oauth(kinds)) as client, pytest.raises(kinds("errors").TokenError) as raised:
        call(client, "brine")
    assert raised.value.body == b""


def test_token_url_without_tls_is_refused(kinds: Import, brine: TokenServer) -> None:
    with pytest.raises(ValueError, match="credentials must not be sent over plain HTTP"):
        oauth(kinds, token_url="http://tokens.example.com/token")
    oauth(kinds, token_url="http://tokens.example.com/token", allow_insecure=True)
    oauth(kinds, token_url="http://127.0.0.1:80/token")


@pytest.mark.parametrize(
    ("service", "auth", "expected"),
    [
        ("kiln", lambda auth: auth.Token("t"), "Bearer t"),
        ("brine", lambda auth: auth.Token("t"), "Bearer t"),
        ("quarry", lambda auth: auth.BasicAuth("jane", "pässword"), "Basic amFuZTpww6Rzc3dvcmQ="),
    ],
)
def test_credentials_are_sent_in_the_form_of_the_document(
    kinds: Import, service: str, auth: Callable[[ModuleType], object], expected: str
) -> None:
    server = TokenServer(kinds, service)
    with server.client(auth(kinds("auth"))) as client:
        if service == "quarry":
            next(client.iter_dag_runs("blast"))
        else:
            server.replay.add_job(service, "op-1" if service == "brine" else "71", states=["running"])
            call(client, service)
    assert server.headers == [expected]


def test_client_credentials_without_token_url_raise_before_any_request(kinds: Import) -> None:
    server = TokenServer(kinds, "kiln")
    with server.client(oauth(kinds)) as client, pytest.raises(ValueError, match="must have a token_url"):
        call(client, "kiln")
    assert server.headers == []


@pytest.mark.parametrize("service", ["kiln", "brine", "forge", "quarry"])
@pytest.mark.parametrize("sent", ["", "Token t", "Bearer", "Bearer ", "Basic", "Basic no-base64", "Basic bm9jb2xvbg=="])
def test_replay_refuses_credentials_of_another_form(kinds: Import, service: str, sent: str) -> None:
    replay = kinds("testing").Replay(service)
    document = kinds("").document(service)
    path = next(path for path, item in document["paths"].items() if "get" in item)
    with httpx.Client(transport=replay.transport, base_url="https://service.example.com") as http:
        url = path.replace("{", "").replace("}", "")
        query = {"run_id": "71", "api-version": "1"}
        headers = {"Authorization": sent} if sent else {}
        assert http.get(url, params=query if service in ("kiln", "brine") else {}, headers=headers).status_code == 401


def test_replay_issues_tokens_at_the_token_url(kinds: Import) -> None:
    replay = kinds("testing").Replay("forge")
    with httpx.Client(transport=replay.transport, base_url="https://tokens.example.com") as http:
        form = {"grant_type": "client_credentials"}
        assert http.post("/token", data=form).status_code == 401
        assert http.post("/token", data={}, auth=("app", "secret")).json()["error"] == "unsupported_grant_type"
        given = http.post("/token", data=form, auth=("app", "secret"))
    assert (given.status_code, given.json()["token_type"]) == (200, "Bearer")


@pytest.mark.parametrize(
    ("service", "variables", "name"),
    [
        ("kiln", {"KINDS_TOKEN": "t"}, "Token"),
        ("brine", {"KINDS_CLIENT_ID": "app", "KINDS_BRINE_CLIENT_SECRET": SECRET}, "ClientCredentials"),
        ("brine", {"KINDS_TOKEN": "t", "KINDS_CLIENT_ID": "app", "KINDS_CLIENT_SECRET": SECRET}, "Token"),
        ("quarry", {"KINDS_USERNAME": "jane", "KINDS_PASSWORD": SECRET, "KINDS_TOKEN": "t"}, "BasicAuth"),
    ],
)
def test_environment_gives_credentials_that_the_service_takes(
    kinds: Import, service: str, variables: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    made = kinds("auth").from_environment(service)
    assert type(made).__name__ == name
    assert SECRET not in repr(made)


def test_environment_error_names_variables_of_the_service_alone(kinds: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ValueError, match="set KINDS_QUARRY_USERNAME or KINDS_USERNAME and KINDS_QUARRY_PASSWORD or "
    ) as error:
        kinds("auth").from_environment("quarry")
    assert "TOKEN" not in str(error.value)
    monkeypatch.setenv("KINDS_USERNAME", "jane")
    with pytest.raises(ValueError, match="incomplete: set KINDS_QUARRY_PASSWORD or KINDS_PASSWORD too"):
        kinds("auth").from_environment("quarry")


def test_cli_takes_client_credentials_of_environment(
    kinds: Import, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDS_CLIENT_ID", "app")
    monkeypatch.setenv("KINDS_CLIENT_SECRET", SECRET)
    replay = kinds("testing").Replay("brine")
    replay.add_job("brine", "op-1", states=["succeeded"])
    with replay.patch():
        assert (
            kinds("cli").main(
                ["get", "brine", "get-operation", "salt", "op-1", "--api-version", "1", "--output", "json"]
            )
            == 0
        )
    assert json.loads(capsys.readouterr().out)["status"] == "Succeeded"
    sent = [request.incoming.headers["authorization"] for request in replay.requests if request.operation]
    assert sent == ["Bearer token-of-a-replay"]


@pytest.mark.parametrize("name", ["BasicAuth", "ClientCredentials"])
def test_credentials_are_not_shown_and_not_pickled(kinds: Import, name: str) -> None:
    import pickle

    made = getattr(kinds("auth"), name)("jane", SECRET)
    assert SECRET not in repr(made) + str(made)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(made)
