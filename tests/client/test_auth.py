"""Credentials: sent where the document says, refused where it forbids, and seen nowhere else."""

from __future__ import annotations

import gzip
import logging
import pickle
import traceback
from typing import Any

import httpx
import pytest

from cloudjobs import YuanrongClient, errors
from cloudjobs.auth import Token

from .doc_examples import ANY_URL, CARRIED, WAYS, Carried, Way, named
from .transports import Answers, never, raising, reply, serving

every_way = pytest.mark.parametrize("way", WAYS, ids=named)
every_carried = pytest.mark.parametrize("carried", CARRIED, ids=named)
WITH_TOKEN = [way for way in WAYS if way.operation.token_scheme]
WITHOUT_TOKEN = [way for way in WAYS if not way.operation.token_scheme]
LIMITED = [way for way in WITH_TOKEN if "maxLength" in (way.operation.token_scheme or {})["x-auth"]]
every_token_way = pytest.mark.parametrize("way", WITH_TOKEN, ids=named)
CANARY = "canary-5f2d8c1e"
IN_A_HEADER = "X-Where-The-Caller-Wants-It"


def header_of(way: Way) -> str:
    assert way.operation.token_scheme is not None
    return str(way.operation.token_scheme["name"])


def test_services_with_and_without_token_exist() -> None:
    assert WITH_TOKEN
    assert WITHOUT_TOKEN
    assert LIMITED


@every_token_way
@pytest.mark.anyio
async def test_token_with_declared_header_is_sent_only_there(way: Way) -> None:
    for token in ("t", "MIIF.x+y/z==", "with inner spaces", "x" * 10_000):
        transport = Answers()
        await way.call(way.client(transport=transport, auth=Token(token)))
        assert transport.request.headers.get_list(header_of(way)) == [token]
        assert [name.lower() for name, value in transport.request.headers.items() if value == token] == [
            header_of(way).lower()
        ]
        assert "Authorization" not in transport.request.headers


@every_way
@pytest.mark.anyio
async def test_auth_none_sends_no_credential(way: Way) -> None:
    transport = Answers()
    await way.call(way.client(transport=transport))
    assert not {"x-auth-token", "authorization", "cookie"} & set(transport.request.headers)


@every_way
@pytest.mark.anyio
async def test_auth_of_http_client_is_used_unless_overridden(way: Way) -> None:
    transport = Answers()
    http = way.http_client(transport=transport, auth=("user", "password"))
    await way.call(way.client(http_client=http))
    assert transport.request.headers["Authorization"].startswith("Basic ")
    transport.requests.clear()
    await way.call(way.client(http_client=http, auth=Token("t", header=IN_A_HEADER)))
    assert "Authorization" not in transport.request.headers
    assert transport.request.headers[IN_A_HEADER] == "t"
    await way.close(http)


@every_way
@pytest.mark.parametrize("auth", [CANARY, ("user", CANARY), lambda request: request], ids=["text", "pair", "function"])
def test_auth_of_wrong_type_is_rejected_unshown(way: Way, auth: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^auth must be a Token, .*httpx\.Auth or httpx2\.Auth, got (str|tuple|function)$"
    ) as caught:
        way.client(transport=Answers(), auth=auth)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("way", LIMITED, ids=named)
@pytest.mark.anyio
async def test_token_longer_than_documented_is_rejected_unshown(way: Way) -> None:
    assert way.operation.token_scheme is not None
    most = way.operation.token_scheme["x-auth"]["maxLength"]
    transport = Answers()
    await way.call(way.client(transport=transport, auth=Token("x" * most)))
    assert len(transport.request.headers[header_of(way)]) == most
    token = CANARY + "x" * (most + 1 - len(CANARY))
    with pytest.raises(ValueError, match=f"^the token must have at most {most} characters, got {most + 1}$") as caught:
        await way.call(way.client(transport=never(), auth=Token(token)))
    assert "x" * 20 not in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "token",
    ["", " ", f"{CANARY}\r\nX-Other: 1", f"{CANARY}\n", f"\r{CANARY}", f"{CANARY}\0", f"{CANARY}\t", f"{CANARY} ",
     f" {CANARY}", f"{CANARY}é", f"{CANARY}ключ", f"{CANARY}\u2028", f"{CANARY}\x7f", f"{CANARY}\ud800"],
)  # fmt: skip
def test_token_invalid_in_header_is_rejected_unshown(token: str) -> None:
    with pytest.raises(ValueError, match="token") as caught:
        Token(token)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("way", WITHOUT_TOKEN, ids=named)
@pytest.mark.anyio
async def test_token_without_declared_header_is_rejected(way: Way) -> None:
    with pytest.raises(ValueError, match="header") as caught:
        await way.call(way.client(transport=never(), auth=Token(CANARY)))
    assert CANARY not in str(caught.value)


@every_way
@pytest.mark.anyio
async def test_token_with_given_header_is_sent_only_there(way: Way) -> None:
    transport = Answers()
    await way.call(way.client(transport=transport, auth=Token("t", header=IN_A_HEADER)))
    assert [name for name, value in transport.request.headers.items() if value == "t"] == [IN_A_HEADER.lower()]


@pytest.mark.parametrize("header", ["X-A\r\nX-B", "X-A\n", "X A", "X-A:", "X-é"])
def test_token_invalid_header_name_is_rejected_unsent(header: str) -> None:
    transport = Answers()
    with pytest.raises(ValueError, match="header"):
        YuanrongClient(ANY_URL, transport=transport, auth=Token("t", header=header)).get_job("j")
    assert not transport.requests


def test_token_repr_and_str_hide_value() -> None:
    for token in (Token(CANARY), Token(CANARY, header="X-Auth-Token")):
        for text in (repr(token), str(token), f"{token}", f"{token!r}", f"{[token]}"):
            assert CANARY not in text
        assert repr(token) == "Token('***')"


@every_way
@pytest.mark.anyio
async def test_token_shared_by_two_clients_is_sent_by_both(way: Way) -> None:
    token = Token("t", header=IN_A_HEADER)
    first, second = Answers(), Answers()
    await way.call(way.client(transport=first, auth=token))
    await way.call(way.client(transport=second, auth=token))
    assert first.request.headers[IN_A_HEADER] == second.request.headers[IN_A_HEADER] == "t"


# On the wire


@every_carried
@pytest.mark.anyio
async def test_token_on_real_server_is_sent_unchanged(carried: Carried) -> None:
    token = "MIIF.x+y/z== with inner spaces"
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        async with carried.client(server.url, auth=Token(token, header=IN_A_HEADER)) as client:
            await carried.way.call(client)
        async with carried.client(server.url) as client:
            await carried.way.call(client)
    with_token, without = server.headers
    assert with_token.get_list(IN_A_HEADER) == [token]
    assert [name for name, value in with_token.items() if value == token] == [IN_A_HEADER.lower()]
    assert not {IN_A_HEADER.lower(), "x-auth-token", "authorization", "cookie"} & set(without)


@every_carried
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "compressed"])
@pytest.mark.anyio
async def test_httpx_auth_basic_and_digest_are_sent(carried: Carried, compressed: bool) -> None:
    body, headers = (gzip.compress(b"{}"), ("Content-Encoding: gzip",)) if compressed else (b"{}", ())
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'
    answers = iter([
        reply("200 OK", body, *headers),
        reply("401 Unauthorized", body, challenge, *headers),
        reply("200 OK", body, *headers),
    ])  # fmt: skip
    with serving(lambda path: next(answers)) as server:
        for auth in (httpx.BasicAuth("user", "password"), httpx.DigestAuth("user", "password")):
            async with carried.client(server.url, auth=auth) as client:
                assert (await carried.way.call(client)).to_dict() == {}
    kinds = [headers.get("Authorization", "").partition(" ")[0] for headers in server.headers]
    assert kinds == ["Basic", "", "Digest"]
    assert len({headers["User-Agent"] for headers in server.headers}) == 1
    assert len(set(server.paths)) == 1


# The canary


async def failure_texts(way: Way, client: Any, expected: type[Exception], **arguments: object) -> list[str]:
    """Return all readable text of a failed call: its exception, logs and frames."""
    with pytest.raises(expected) as caught:
        await way.call(client, **arguments)
    error = caught.value
    shown = [str(error), repr(error), *traceback.format_exception(error)]
    cause = error.__cause__
    while cause is not None:
        shown += [str(cause), repr(cause), repr(cause.args), repr(vars(cause))]
        cause = cause.__cause__
    if isinstance(error, errors.CloudJobsError):
        shown += [repr(vars(error)), pickle.dumps(error).decode("latin-1")]
    return shown


@every_carried
@pytest.mark.anyio
async def test_token_in_failing_calls_is_nowhere(carried: Carried, caplog: pytest.LogCaptureFixture) -> None:
    way = carried.way
    caplog.set_level(logging.DEBUG)
    for name in ("cloudjobs", "httpx", "httpcore", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    auth = Token(CANARY, header=None if way.operation.token_scheme else IN_A_HEADER)
    shown = [repr(auth), str(auth)]
    answers = {
        reply("401 Unauthorized", b'{"errorCode": "C", "error_code": "C"}'): errors.AuthenticationError,
        reply("302 Found", b"", "Location: /elsewhere"): errors.APIStatusError,
        reply("200 OK", b"["): errors.InvalidResponseError,
        reply("200 OK", b"no gzip", "Content-Encoding: gzip", "Connection: close"): errors.InvalidResponseError,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{": errors.APIConnectionError,
        b"what?\r\n\r\n": errors.APIConnectionError,
    }
    told = iter([reply("200 OK", b"{}"), *answers])
    with serving(lambda path: next(told)) as server:
        url = server.url
        async with carried.client(url, auth=auth) as client:
            shown += [repr(client), str(client), repr(vars(client))]
            await way.call(client)
            for error in answers.values():
                shown += await failure_texts(way, client, error)
            path_argument = next(iter(way.operation.arguments()))
            shown += await failure_texts(way, client, ValueError, **{path_argument: ".."})
    assert len(server.paths) == 1 + len(answers)
    async with carried.client(url, auth=auth) as client:
        shown += await failure_texts(way, client, errors.APIConnectionError)
    for cause in (httpx.ReadTimeout("slow"), httpx.ReadError("broken"), httpx.RemoteProtocolError("odd")):
        shown += await failure_texts(way, way.answering(raising(cause), auth=auth), errors.CloudJobsError)
    logged = [logging.Formatter().format(record) for record in caplog.records]
    cores = {"httpx": {"httpcore"}, "httpx2": {"httpcore2"}}
    logging_libraries = {record.name.partition(".")[0] for record in caplog.records} & {"httpcore", "httpcore2"}
    assert logging_libraries == cores.get(carried.library, set())
    assert not [text for text in [*shown, *logged] if CANARY in text]


def test_token_canary_reaches_server() -> None:
    """So that the canary is not missing merely because it was never sent."""
    transport = Answers()
    YuanrongClient(ANY_URL, transport=transport, auth=Token(CANARY, header=IN_A_HEADER)).get_job("j")
    assert transport.request.headers[IN_A_HEADER] == CANARY
