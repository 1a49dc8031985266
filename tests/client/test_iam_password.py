"""A user's password: sent to IAM alone, for a token that is kept, renewed in time, and once where it is refused."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import IamPassword

from .doc_examples import CARRIED, WAYS, Carried, Way, named
from .iam import HEADER, IAM_URL, PASSWORD, PATH, Iam, password_auth
from .scripted_transport import FakeClock
from .transports import reply, serving

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
ONE_SERVICE = [carried for carried in CARRIED if carried.way.operation == CARRIED[0].way.operation]
"""Each library that carries requests, once: their purpose makes no difference there."""


class Seen(httpx.MockTransport):
    """Keeps the requests that it answers, and the tokens among them as they were sent."""

    def __init__(self, answer: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.paths: list[str] = []
        self.tokens: list[str] = []

        def handle(request: httpx.Request) -> httpx.Response:
            of_iam = request.url.path == PATH
            self.requests.append(request)
            self.paths.append("IAM" if of_iam else "service")
            # A request that is sent again is the same object.
            self.tokens += [] if of_iam else [request.headers[HEADER]]
            found: httpx.Response = answer(request)
            return found

        super().__init__(handle)


def calling(way: Way, iam: Iam, **keywords: Any) -> tuple[Any, Seen]:
    """Return a client with a password as its credentials."""
    transport = Seen(iam.answer)
    return way.client(transport=transport, auth=password_auth(iam.clock, **keywords)), transport


# What IAM is asked


@every_way
async def test_iam_password_requests_token_once_as_documented(way: Way) -> None:
    iam = Iam()
    client, seen = calling(way, iam)
    await way.call(client)
    await way.call(client)
    assert seen.paths == ["IAM", "service", "service"]
    assert seen.tokens == ["token-1", "token-1"]
    question = seen.requests[0]
    assert (question.method, str(question.url)) == ("POST", f"{IAM_URL}{PATH}?nocatalog=true")
    assert question.headers["Content-Type"] == "application/json"
    assert question.headers["User-Agent"] == seen.requests[1].headers["User-Agent"]
    user = {"name": "jane", "password": PASSWORD, "domain": {"name": "acme"}}
    assert iam.asked == [
        {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "south-1"}},
            }
        }
    ]


async def test_iam_password_project_id_scopes_token() -> None:
    iam = Iam()
    client, _ = calling(WAYS[0], iam, project=None, project_id="0123")
    await WAYS[0].call(client)
    assert iam.asked[0]["auth"]["scope"] == {"project": {"id": "0123"}}


@pytest.mark.parametrize("url", [IAM_URL, f"{IAM_URL}/", f"{IAM_URL}/v3", f"{IAM_URL}:443/v3/"])
async def test_iam_password_url_with_v3_suffix_is_accepted(url: str) -> None:
    client, seen = calling(WAYS[0], Iam(), iam_url=url)
    await WAYS[0].call(client)
    assert seen.requests[0].url.path == PATH


@every_way
async def test_iam_password_is_sent_to_iam_alone(way: Way) -> None:
    iam = Iam()
    seen: list[httpx.Request] = []
    client = way.answering(
        lambda request: seen.append(request) or iam.answer(request), auth=password_auth(iam.clock, header=None)
    )
    if way.operation.token_scheme is None:
        with pytest.raises(ValueError, match="IamPassword must have a header, since the service declares no token"):
            await way.call(client)
        return
    await way.call(client)
    question, call = seen
    assert call.headers[way.operation.token_scheme["name"]] == "token-1"
    assert HEADER not in question.headers
    assert not call.content
    assert not any(PASSWORD in value for value in (*call.headers.values(), str(call.url)))


@every_way
async def test_iam_request_uses_timeout_of_call(way: Way) -> None:
    client, seen = calling(way, Iam())
    await way.call(client.with_options(timeout=7))
    assert [request.extensions["timeout"]["read"] for request in seen.requests] == [7, 7]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": ""}, "user of IamPassword must not be empty"),
        ({"password": ""}, "password of IamPassword must not be empty"),
        ({"domain": "", "project": None}, "domain, project or project_id of IamPassword must not be empty"),
        ({"project_id": "x"}, "must be given without project_id, got both"),
        ({"iam_url": "http://iam.example.com"}, "plain HTTP"),
        ({"iam_url": "iam.example.com"}, "must be an http or https URL"),
        ({"iam_url": "https://a:b@iam.example.com"}, "without user, password, query and fragment"),
        ({"iam_url": "https://iam.example.com?"}, "without user, password, query and fragment"),
        ({"iam_url": "https://iam..com"}, "must be an http or https URL"),
        ({"iam_url": "https://iam.example.com:65536"}, "must be an http or https URL"),
        ({"iam_url": None}, "iam_url must be a str"),
        ({"password": 12345678}, "password of IamPassword must be a str"),
        ({"iam_url": "https://iam.example.com:port"}, "one that cannot be parsed"),
        ({"header": "X A"}, "header"),
    ],
)
async def test_iam_password_invalid_argument_is_rejected_unshown(given: dict[str, Any], said: str) -> None:
    whole: dict[str, Any] = {"user": "jane", "password": PASSWORD, "domain": "acme", "project": "p", **given}
    with pytest.raises(ValueError, match=said) as raised:
        IamPassword(**whole)
    assert PASSWORD not in str(raised.value)
    IamPassword("jane", PASSWORD, "acme", "p", iam_url="http://iam.example.com", allow_insecure=True)
    IamPassword("jane", PASSWORD, "acme", "p", iam_url="http://127.0.0.1:5000")


# How long a token is kept


@every_way
@pytest.mark.parametrize("ahead", [0, -3600, 3600])
async def test_iam_token_is_refreshed_five_minutes_before_expiry(way: Way, ahead: float) -> None:
    iam = Iam(ahead=ahead)
    client, seen = calling(way, iam)
    await way.call(client)
    iam.clock.time += iam.life - 301
    await way.call(client)
    assert seen.tokens == ["token-1"] * 2
    iam.clock.time += 2
    await way.call(client)
    assert seen.tokens == ["token-1", "token-1", "token-2"]


@every_way
@pytest.mark.parametrize("trouble", [httpx.Response(503), httpx.Response(401), httpx.ConnectError("no")], ids=str)
async def test_iam_token_still_valid_is_used_if_refresh_fails(way: Way, trouble: Any) -> None:
    iam, well, asked = Iam(), [True], [0]

    def answer(request: httpx.Request) -> httpx.Response:
        asked[0] += request.url.path == PATH
        if request.url.path != PATH or well[0]:
            return iam.answer(request)
        if isinstance(trouble, Exception):
            raise trouble
        return httpx.Response(trouble.status_code)

    client = way.answering(answer, auth=password_auth(iam.clock), max_retries=1)
    await way.call(client)
    iam.clock.time += iam.life - 100
    well[0] = False
    for _ in range(3):
        await way.call(client)
    assert asked == [2], "not for each call"
    iam.clock.time += 31
    await way.call(client)
    # What IAM refused, it would refuse again, and lock the user.
    assert asked == [2 if getattr(trouble, "status_code", 0) == 401 else 3]
    iam.clock.time += 100  # now it has ended
    with pytest.raises(errors.CloudJobsError):
        await way.call(client)


async def test_iam_token_short_lived_is_refreshed_at_half_life() -> None:
    iam, way = Iam(life=60), WAYS[0]
    client, seen = calling(way, iam)
    for _ in range(4):
        await way.call(client)
        iam.clock.time += 29
    assert seen.tokens == ["token-1", "token-1", "token-2", "token-2"]


@every_way
async def test_iam_token_after_401_is_refreshed_once(way: Way) -> None:
    iam = Iam()
    client, seen = calling(way, iam)
    await way.call(client)
    iam.refused = {"token-1"}
    await way.call(client)
    assert seen.paths == ["IAM", "service", "service", "IAM", "service"]
    assert seen.tokens == ["token-1", "token-1", "token-2"]
    # A fresh one that is refused, too, is not the reason: nothing is renewed again for this call.
    iam.refused = {"token-2", "token-3"}
    with pytest.raises(errors.AuthenticationError):
        await way.call(client)
    assert seen.tokens[3:] == ["token-2", "token-3"]


async def test_iam_token_after_401_sends_request_twice_at_most() -> None:
    iam, way, sent = Iam(), WAYS[0], list[str]()
    auth = password_auth(iam.clock)
    other = way.answering(iam.answer, auth=auth)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers[HEADER])
        if sent == ["token-1"]:
            # Another call finds out first, and renews.
            iam.refused = {"token-1"}
            getattr(other, way.operation.name)(**way.operation.arguments())
            iam.refused.add("token-2")
        return iam.answer(request)

    await way.call(other)
    with pytest.raises(errors.AuthenticationError):
        await way.call(way.answering(answer, auth=auth))
    assert sent == ["token-1", "token-2"]
    assert len(iam.given) == 2


@every_way
async def test_iam_token_401_at_first_use_is_not_refreshed(way: Way) -> None:
    iam = Iam(refused={"token-1"})
    client, seen = calling(way, iam)
    with pytest.raises(errors.AuthenticationError):
        await way.call(client)
    assert seen.paths == ["IAM", "service"]


UNKNOWN_LIVES = (b"", b"{}", b"[", b'{"token": 5}', *(
    b'{"token": {"expires_at": "%s"}}' % text for text in (b"soon", b"2001-01-01T00:00:00Z")
))  # fmt: skip


@pytest.mark.parametrize("body", UNKNOWN_LIVES)
async def test_iam_token_of_unknown_life_is_kept_until_401(body: bytes) -> None:
    iam, way = Iam(), WAYS[0]

    def answer(request: httpx.Request) -> httpx.Response:
        found = iam.answer(request)
        return httpx.Response(201, headers=found.headers, content=body) if request.url.path == PATH else found

    seen = Seen(answer)
    client = way.client(transport=seen, auth=password_auth(iam.clock))
    await way.call(client)
    iam.clock.time += iam.life - 1
    await way.call(client)
    iam.clock.time += 2
    await way.call(client)
    assert seen.tokens == ["token-1", "token-1", "token-1", "token-2"]


async def test_iam_token_is_shared_by_clients() -> None:
    iam = Iam()
    auth = password_auth(iam.clock)
    for way in WAYS:
        await way.call(way.client(transport=Seen(iam.answer), auth=auth))
    assert len(iam.given) == 1


# What IAM may answer


@every_way
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, json={"error": {"code": 401, "message": "wrong password"}}), "401: 401 wrong password"),
        (httpx.Response(403, json={"error_code": "IAM.1", "error_msg": "locked"}), "403: IAM.1 locked"),
        (httpx.Response(404, html="<html>"), "404: no explanation"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example.com/"}), "302: no explanation"),
        (httpx.Response(201, json={}), "X-Subject-Token must be a non-empty string of printable ASCII"),
        (
            httpx.Response(201, json={}, headers={"X-Subject-Token": "a\tb"}),
            "X-Subject-Token must be a non-empty string of printable ASCII",
        ),
        (httpx.Response(503, text="busy", headers={"Retry-After": "7"}), "503: no explanation"),
    ],
)
async def test_iam_response_without_token_raises_token_error(way: Way, answer: httpx.Response, said: str) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.host}{request.url.path}")
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    client = way.answering(handle, auth=password_auth(FakeClock()))
    with pytest.raises(errors.TokenError, match=said) as raised:
        await way.call(client)
    for error in (raised.value, pickle.loads(pickle.dumps(raised.value))):
        assert isinstance(error, errors.APIStatusError)
        assert not isinstance(error, errors.NotFoundError | errors.AuthenticationError)
        assert (error.service, error.status_code) == ("iam", answer.status_code)
        assert error.body == answer.content
    assert raised.value.retry_after == (7 if answer.status_code == 503 else None)
    # Only IAM gets a request: neither the service nor the target of a redirect.
    assert asked == [f"iam.example.com{PATH}"]


@every_way
async def test_iam_request_transient_error_is_retried(way: Way) -> None:
    iam, clock = Iam(), FakeClock()
    troubles: list[Any] = [httpx.Response(503, headers={"Retry-After": "4"}), httpx.ConnectError("no"), iam.answer]

    def handle(request: httpx.Request) -> httpx.Response:
        found = troubles.pop(0) if request.url.path == PATH else iam.answer
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, httpx.Response) else found(request)  # type: ignore[no-any-return]

    client = way.answering(handle, auth=password_auth(iam.clock), max_retries=2)
    client._clock = clock
    await way.call(client)
    assert clock.slept == [4, 0]
    assert not troubles


@every_way
async def test_iam_request_401_is_not_retried(way: Way) -> None:
    asked: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(401, json={})

    with pytest.raises(errors.TokenError):
        await way.call(way.answering(refuse, auth=password_auth(FakeClock()), max_retries=2))
    assert asked == [PATH]


@every_way
async def test_iam_request_timeout_error_names_iam(way: Way) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow", request=request)

    client = way.answering(handle, auth=password_auth(FakeClock()))
    with pytest.raises(errors.APITimeoutError, match=r"got no response from iam\.example\.com in time"):
        await way.call(client)


# On the wire


@pytest.mark.parametrize("carried", CARRIED, ids=named)
async def test_iam_request_uses_connections_of_client(carried: Carried) -> None:
    token = "MIIF.x+y/z=="
    told = iter([reply("201 Created", b"{}", f"X-Subject-Token: {token}"), reply("200 OK", b"{}")])
    with serving(lambda path: next(told)) as iam, serving(lambda path: reply("200 OK", b"{}")) as service:
        auth = IamPassword("jane", PASSWORD, "acme", "p", iam_url=iam.url, header=HEADER)
        async with carried.client(service.url, auth=auth) as client:
            await carried.way.call(client)
            await carried.way.call(client)
    assert iam.paths == [f"{PATH}?nocatalog=true"]
    assert iam.headers[0]["Host"] == iam.url.removeprefix("http://")
    assert HEADER not in iam.headers[0]
    assert [headers[HEADER] for headers in service.headers] == [token] * 2


@pytest.mark.parametrize("carried", ONE_SERVICE, ids=named)
async def test_iam_request_unreachable_error_names_iam(carried: Carried) -> None:
    with serving(lambda path: b"") as gone:
        port = gone.url.rpartition(":")[2]
    auth = IamPassword("jane", PASSWORD, "acme", "p", iam_url=gone.url, header=HEADER)
    with serving(lambda path: reply("200 OK", b"{}")) as service:
        async with carried.client(service.url, auth=auth) as client:
            with pytest.raises(errors.APIConnectionError, match=rf"got no response from 127\.0\.0\.1:{port} "):
                await carried.way.call(client)
    assert not service.paths


# A redirect leads nowhere


@pytest.mark.parametrize("carried", ONE_SERVICE, ids=named)
@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
async def test_redirect_target_receives_no_credential(carried: Carried, status: str) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as elsewhere:
        leads = reply(status, b"", f"Location: {elsewhere.url}/there")
        token = reply("201 Created", b"{}", "X-Subject-Token: t")
        with serving(lambda path: token if PATH in path else leads) as service, serving(lambda path: leads) as iam:
            for of_iam, expected in ((service.url, errors.APIStatusError), (iam.url, errors.TokenError)):
                auth = IamPassword("jane", PASSWORD, "acme", "p", iam_url=of_iam, header=HEADER)
                async with carried.client(service.url, auth=auth) as client:
                    with pytest.raises(expected, match="returned status 30"):
                        await carried.way.call(client)
    assert not elsewhere.paths


@every_way
async def test_http_client_following_redirects_is_overridden(way: Way) -> None:
    iam, asked = Iam(), []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.path == PATH:
            return iam.answer(request)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example.com/"})

    http = way.http_client(transport=httpx.MockTransport(handle), follow_redirects=True)
    with pytest.raises(errors.APIStatusError):
        await way.call(way.client(http_client=http, auth=password_auth(iam.clock)))
    assert asked == ["iam.example.com", "service.example.com"]
    await way.close(http)


async def test_iam_password_repr_and_pickle_hide_password() -> None:
    auth = password_auth(FakeClock())
    assert repr(auth) == str(auth) == "IamPassword('***')"
    assert PASSWORD not in repr(vars(auth))
    assert PASSWORD not in repr(vars(auth._login))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(auth)
