"""A secret that is sent, and quoted by the server wherever it can, is in nothing that is shown, logged or pickled."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import sentry_sdk
from rich.traceback import Traceback
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.utils import event_from_exception

import cloudjobs
from cloudjobs import _deviations, errors
from cloudjobs.auth import AkSk, BasicAuth, ClientCredentials, IamPassword, Token
from cloudjobs.auth._fetched import REFUSALS

from .malformed_bodies import CALLS, Call
from .mutations import text
from .transports import reply, serving

pytestmark = pytest.mark.anyio
CANARY = "canary-8f14e45fceea167a"
HERE = str(Path(__file__).parent)


# How the secret is sent

PASSWORD = "password-8f14e45fceea167a"


def iam_user(url: str, password: str) -> httpx.Auth:
    """Return a user of the IAM that the server is too."""
    return IamPassword("jane", password, "acme", "p", iam_url=url, header="X-Own")


class CustomAuth(httpx.Auth):
    """An authentication of the caller's own, with a header that no document names."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["X-Custom-Key"] = CANARY
        yield request


class SigningAuth(httpx.Auth):
    """One that asks twice, as a signature or a login does."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield request
        request.headers["Authorization"] = f"Custom key={CANARY}, signature=abcdef"
        yield request


@attrs.frozen
class CredentialSender:
    """A way in which a secret is sent."""

    name: str
    auth: Callable[[str], httpx.Auth] | None = None
    """Made for the server's address."""
    headers: dict[str, str] = attrs.field(factory=dict)


CARRIERS = [
    CredentialSender("token", lambda url: Token(CANARY)),
    CredentialSender("token in another header", lambda url: Token(CANARY, header="X-Own")),
    CredentialSender("token of a function", lambda url: Token(lambda: CANARY, header="X-Own")),
    CredentialSender("token that IAM gives", lambda url: iam_user(url, PASSWORD)),
    CredentialSender("password of a user", lambda url: BasicAuth("jane", CANARY)),
    CredentialSender("token for a client", lambda url: ClientCredentials("app", PASSWORD, token_url=url + IAM)),
    CredentialSender("temporary key", lambda url: AkSk("AK", PASSWORD, CANARY, header="Authorization")),
    CredentialSender("access key", lambda url: AkSk(CANARY, PASSWORD, header="Authorization")),
    CredentialSender("an auth of the caller's own", lambda url: CustomAuth()),
    CredentialSender("an auth that asks twice", lambda url: SigningAuth()),
    CredentialSender("header", headers={"X-Api-Key": CANARY}),
    CredentialSender("cookie", headers={"Cookie": f"session={CANARY}; theme=dark"}),
    CredentialSender("bearer", headers={"authorization": f"Bearer {CANARY}"}),
]


def carries(value: str) -> bool:
    """Return whether the value of a header has the secret, or HTTP basic authentication with it."""
    encoded = value.removeprefix("Basic ")
    return CANARY in value or (encoded != value and CANARY in b64decode(encoded).decode())


# Responses of the server

QUOTED = f"no access for {CANARY}, it says"
PARTS = ("errorCode", "error_code", "errorMessage", "error_msg", "message", "reason", "request_id")
QUOTING = (f"Set-Cookie: session={CANARY}", f"X-Request-Id: {CANARY}", f"X-Auth-Token: {CANARY}")


def departing(call: Call) -> bytes:
    """Return a success that departs wherever it can, with the secret in each value."""
    wrong = {"a": CANARY, "b": [CANARY]}
    schema = cloudjobs.document(call.service)["components"]["schemas"][call.model.__name__]
    fields = {name: CANARY if index % 2 else wrong for index, name in enumerate(schema["properties"])}
    fields.update({name: [dict(fields), CANARY, wrong] for name in ("jobs", "tasks") if name in fields})
    return text({**fields, "not known": CANARY, "nor this": wrong})


ANSWERS: dict[str, Callable[[Call], bytes]] = {
    "error": lambda call: reply("403 Forbidden", text(dict.fromkeys(PARTS, QUOTED)), *QUOTING),
    "string": lambda call: reply("404 Not Found", text(QUOTED), *QUOTING),
    "text": lambda call: reply("500 Oh", QUOTED.encode(), *QUOTING),
    "escaped": lambda call: reply("400 Bad", text(QUOTED).replace(b"canary", b"\\u0063anary"), *QUOTING),
    "redirect": lambda call: reply("302 Found", b"", f"Location: /{CANARY}", *QUOTING),
    "no JSON": lambda call: reply("200 OK", QUOTED.encode(), *QUOTING),
    "no object": lambda call: reply("200 OK", text(QUOTED), *QUOTING),
    "departing": lambda call: reply("200 OK", departing(call), *QUOTING),
    "no gzip": lambda call: reply("200 OK", QUOTED.encode(), "Content-Encoding: gzip", *QUOTING),
    "half a body": lambda call: f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 999\r\n\r\n{QUOTED}".encode(),
    "nothing": lambda call: b"",
}


IAM = "/v3/auth/tokens"
GIVEN = reply("201 Created", text({"access_token": CANARY}), f"X-Subject-Token: {CANARY}")


# Who sends it

SENDERS = ("sync", "httpx", "aiohttp")


@asynccontextmanager
async def calling(call: Call, sender: str, url: str, carrier: CredentialSender) -> AsyncIterator[tuple[Call, Any]]:
    """Yield a call, and a client that sends the secret."""
    if sender == "aiohttp":
        pytest.importorskip("aiohttp", reason="needs the [aio] extra")
    call = attrs.evolve(call, asynchronous=sender != "sync")
    # Without certificates, which take long to load, and with a pool of connections as httpx makes it.
    transport = {"sync": httpx.HTTPTransport, "httpx": httpx.AsyncHTTPTransport}.get(sender)
    own = transport(verify=False) if transport else None
    client = call.client(own, url, auth=carrier.auth(url) if carrier.auth else None)
    try:
        yield call, client.with_options(headers=carrier.headers)
    finally:
        await call.close(client)
        if isinstance(own, httpx.AsyncHTTPTransport):
            await own.aclose()
        elif own is not None:
            own.close()


# The remaining readable text


@attrs.define
class Traces:
    """All that a call leaves to be read, but for its model, which is there to show its data."""

    shown: dict[str, str]
    error: BaseException | None = None

    def leaks(self, *but: str) -> list[str]:
        """Return the places of the secret."""
        return [place for place, text in self.shown.items() if CANARY in text and place not in but]


async def leave(call: Call, client: Any) -> Traces:
    """Call, and keep the results that could contain the secret."""
    left = Traces({"client": f"{client!r} {client} {client._options!r} {client._auth!r} {client.with_raw_response!r}"})
    left.shown["pickled client"] = pickled(client, client._options, client._auth, client.with_raw_response)
    try:
        raw = await call.raw(client)
        left.shown["raw"] = f"{raw!r} {raw}"
        left.shown["pickled raw"] = pickled(raw, raw._response)
        rows = getattr(raw.parse(), "jobs", None)
        assert rows is None or rows[0] is not None
        left.shown["deviations"] = " ".join(f"{found!r} {found}" for found in raw.deviations)
    except errors.CloudJobsError as error:
        left.error = error
        left.shown["error"] = f"{error!r} {error} {error.args!r}"
        left.shown["attributes"] = repr(vars(error))
        left.shown["pickle"] = pickle.dumps(error).decode("latin-1")
        left.shown["traceback"] = "".join(traceback.format_exception(error))
        left.shown["chain"] = texts(error)
    return left


def pickled(*values: Any) -> str:
    """Return the content of pickles of the values, or the reason why they cannot be pickled."""
    shown = []
    for value in values:
        try:
            shown.append(pickle.dumps(value).decode("latin-1"))
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            shown.append(f"{error!r}")
    return " ".join(shown)


def variables(error: BaseException | None) -> str:
    """Return the variables of all frames but those of these tests, as tools show them that report errors."""
    shown = []
    for each in chain(error):
        told = traceback.TracebackException.from_exception(each, capture_locals=True, compact=True)
        shown += [f"{frame.name}: {frame.locals}" for frame in told.stack if not frame.filename.startswith(HERE)]
        shown += [sentry_frames(each), rich_frames(each)]
    return "\n".join(shown)


def chain(error: BaseException | None) -> list[BaseException]:
    """Return an error, its causes and its context, whether or not a traceback would show them."""
    found: list[BaseException] = []
    left = [error]
    while left:
        each = left.pop()
        if each is not None and not any(each is other for other in found):
            found.append(each)
            left += [each.__cause__, each.__context__]
    return found


def texts(error: BaseException | None) -> str:
    """Return all that an error and what led to it say of themselves."""
    return "\n".join(
        f"{each!r} {each} {each.args!r} {vars(each)!r} {getattr(each, 'object', '')!r}" for each in chain(error)
    )


class SentryTransport(sentry_sdk.transport.Transport):
    """Keeps what would be sent to Sentry."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events += [json.loads(item.payload.get_bytes()) for item in envelope.items]


KEPT = SentryTransport()
SENTRY = sentry_sdk.Client(
    dsn="http://key@127.0.0.1:9/1",
    transport=KEPT,
    default_integrations=False,
    # A value that it removes by the name of a variable would not be found under another name.
    event_scrubber=EventScrubber(denylist=[], pii_denylist=[]),
)


def sentry_frames(error: BaseException) -> str:
    """Return the frames that sentry-sdk reports of an error, as its serializer writes them."""
    KEPT.events.clear()
    event, hint = event_from_exception(error, client_options=SENTRY.options)
    SENTRY.capture_event(event, hint)
    (sent,) = KEPT.events
    frames = [frame for value in sent["exception"]["values"] for frame in value.get("stacktrace", {}).get("frames", ())]
    return "\n".join(
        f"{frame['function']}: {json.dumps(frame.get('vars'))}"
        for frame in frames
        if not frame["abs_path"].startswith(HERE)
    )


def rich_frames(error: BaseException) -> str:
    """Return the frames that rich shows of an error, with their variables."""
    shown = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=None,  # type: ignore[arg-type]
        locals_max_string=None,  # type: ignore[arg-type]
    )
    return "\n".join(
        f"{frame.name}: { {name: str(node) for name, node in (frame.locals or {}).items()} }"
        for stack in shown.trace.stacks
        for frame in stack.frames
        if not frame.filename.startswith(HERE)
    )


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log at DEBUG, at a moment at which nothing has been logged."""
    monkeypatch.setattr(_deviations.DeviationReporter, "_logged", set())
    for logger in ("", "cloudjobs", "httpx", "httpcore", "hpack", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=logger)
    return caplog


def logged(log: pytest.LogCaptureFixture) -> str:
    """Return all that the records of all loggers hold."""
    return " ".join(f"{record.getMessage()} {vars(record)}" for record in log.records)


def with_token(call: Call) -> bool:
    """Return whether its document declares a token."""
    return bool(cloudjobs.document(call.service)["components"].get("securitySchemes"))


async def leaves(
    carrier: CredentialSender,
    sender: str,
    answers: Mapping[str, Callable[[Call], bytes]],
    calls: Iterable[Call] = CALLS,
) -> AsyncIterator[tuple[str, Traces]]:
    """Yield the results of calls with these responses, each tolerant and strict."""
    for call in filter(with_token, calls) if carrier.name == "token" else calls:
        answer = b""
        with serving(lambda path: GIVEN if IAM in path else answer) as server:  # noqa: B023 - the answer of the moment
            async with calling(call, sender, server.url, carrier) as (made, client):
                for name, make in answers.items():
                    answer = make(call)
                    for strict in (False, True) if name == "departing" else (False,):
                        left = await leave(made, client.with_options(strict=strict))
                        yield f"{call.service}, {name}, {'strict' if strict else 'tolerant'}", left
        assert any(carries(value) for headers in server.headers for value in headers.values()), "it is sent"


every_carrier = pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.name)
every_sender = pytest.mark.parametrize("sender", SENDERS)


@every_carrier
@every_sender
async def test_secret_quoted_by_server_is_nowhere(
    carrier: CredentialSender, sender: str, log: pytest.LogCaptureFixture
) -> None:
    found, kinds = [], set()
    async for name, left in leaves(carrier, sender, ANSWERS):
        # The content of a violation is checked by the test below.
        violations = ["pickle"] if isinstance(left.error, errors.ContractViolationError) else []
        found += [f"{name}: {place}" for place in left.leaks(*violations)]
        kinds.add(type(left.error))
    assert not found
    assert CANARY not in logged(log)
    assert kinds >= {
        type(None),
        errors.PermissionDeniedError,
        errors.NotFoundError,
        errors.InvalidResponseError,
        errors.ContractViolationError,
    }
    assert errors.APIConnectionError in kinds


@every_carrier
@every_sender
async def test_secret_in_deviation_is_in_no_pickle(carrier: CredentialSender, sender: str) -> None:
    answers = {"departing": ANSWERS["departing"]}
    assert not [name async for name, left in leaves(carrier, sender, answers) if left.leaks()]


@every_carrier
@every_sender
async def test_secret_in_reason_phrase_is_nowhere(
    carrier: CredentialSender, sender: str, log: pytest.LogCaptureFixture
) -> None:
    answers = {"a reason": lambda call: reply(f"499 {CANARY}", b"")}
    assert not [name async for name, left in leaves(carrier, sender, answers, CALLS[:1]) if left.leaks()]
    assert CANARY not in logged(log)


@every_carrier
@every_sender
async def test_secret_in_broken_header_is_not_in_error(carrier: CredentialSender, sender: str) -> None:
    if carrier.name == "an auth that asks twice":
        pytest.skip("its first request fails, before the secret is sent")
    answers = {
        "no HTTP": lambda call: f"{QUOTED}\r\n\r\n".encode(),
        "no header": lambda call: f"HTTP/1.1 200 OK\r\n{QUOTED} \r\n\r\n".encode(),
    }
    found = [left.leaks() async for _, left in leaves(carrier, sender, answers, CALLS[:1])]
    assert found == [[]] * len(answers)


QUIET: dict[str, Callable[[Call], bytes]] = {
    "error": lambda call: reply("403 Forbidden", b'{"errorCode": "X.1"}'),
    "no JSON": lambda call: reply("200 OK", b"what?"),
    "departing": lambda call: reply("200 OK", b'{"a": 1}'),
    "nothing": lambda call: b"",
    "no gzip": lambda call: reply("200 OK", b"what?", "Content-Encoding: gzip"),
}


@every_carrier
@every_sender
async def test_secret_sent_is_in_no_traceback_variable(carrier: CredentialSender, sender: str) -> None:
    found = [(name, variables(left.error)) async for name, left in leaves(carrier, sender, QUIET)]
    assert sum("_send: " in shown for _, shown in found) >= 4, "there are variables of ours"
    assert not [name for name, shown in found if CANARY in shown]


@every_sender
@pytest.mark.parametrize("value", [f"{CANARY}\n", f"{CANARY} ", f"é{CANARY}", f"{CANARY}\0"], ids=ascii)
async def test_secret_unsendable_is_not_in_error(sender: str, value: str) -> None:
    class Careless(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
            request.headers["X-Custom-Key"] = value
            yield request

    with serving(lambda path: reply("200 OK", b"{}")) as server:
        async with calling(CALLS[0], sender, server.url, CredentialSender("careless", lambda url: Careless())) as (
            call,
            client,
        ):
            try:
                await call.parsed(client)
            except (errors.APIConnectionError, ValueError) as error:
                shown = f"{error!r} {error} {vars(error)!r}"
            else:
                shown = ""  # the server takes it
    assert CANARY not in shown


@every_sender
async def test_secret_like_words_in_message_are_kept(sender: str) -> None:
    said = b'{"errorCode": "X.1", "errorMessage": "Bearer of a session: Custom signature of theme"}'
    for carrier in CARRIERS:
        async for _, left in leaves(carrier, sender, {"words": lambda call: reply("401 No", said)}, CALLS[:1]):
            assert isinstance(left.error, errors.AuthenticationError)
            assert left.error.body == said
            assert left.error.message == "Bearer of a session: Custom signature of theme"


@every_sender
async def test_request_id_quoted_by_server_is_kept(sender: str) -> None:
    mine = CredentialSender("bearer", headers={"Authorization": f"Bearer {CANARY}", "X-Request-Id": "of-the-caller-1"})
    answers = {"quoted": lambda call: reply("403 No", b'{"errorMessage": "no"}', "X-Request-Id: of-the-caller-1")}
    async for _, left in leaves(mine, sender, answers, filter(with_token, CALLS)):
        assert isinstance(left.error, errors.PermissionDeniedError)
        assert left.error.request_id == "of-the-caller-1"


# Secrets that are not sent to the service


def unsent_credentials(secret: str, url: str) -> list[httpx.Auth]:
    """Return credentials with a secret that is never sent to the service."""
    return [AkSk("AK", secret, header="Authorization"), iam_user(url, secret)]


@every_sender
async def test_secret_not_sent_is_nowhere(sender: str, log: pytest.LogCaptureFixture) -> None:
    for number in range(2):
        carrier = CredentialSender("not sent", lambda url, number=number: unsent_credentials(PASSWORD, url)[number])  # type: ignore[misc]
        answer = b""
        with serving(lambda path: GIVEN if IAM in path else answer) as server:  # noqa: B023 - the answer of the moment
            async with calling(CALLS[0], sender, server.url, carrier) as (call, client):
                for make in ANSWERS.values():
                    answer = make(call)
                    left = await leave(call, client)
                    assert not [place for place, text in left.shown.items() if PASSWORD in text]
                    assert PASSWORD not in variables(left.error)
        of_service = [headers for path, headers in zip(server.paths, server.headers, strict=True) if IAM not in path]
        assert not [value for headers in of_service for value in headers.values() if PASSWORD in value]
    assert PASSWORD not in logged(log)


def oauth_client(url: str, secret: str) -> httpx.Auth:
    """Return a client of the token URL that the server is too."""
    return ClientCredentials("app", secret, token_url=url + IAM, client="body")


@pytest.mark.parametrize("auth", [iam_user, oauth_client])
@every_sender
async def test_password_quoted_by_server_of_tokens_is_nowhere(
    sender: str, auth: Callable[[str, str], httpx.Auth], log: pytest.LogCaptureFixture
) -> None:
    odd = f'{CANARY}"\\ä'
    for password in (CANARY, odd):
        answer = b""
        with serving(lambda path: answer) as server:  # noqa: B023 - the answer of the moment
            carrier = CredentialSender("password", lambda url, password=password: auth(url, password))  # type: ignore[misc]
            async with calling(CALLS[0], sender, server.url, carrier) as (call, client):
                explained = f"no such user: {password}"
                said: dict[str, object] = {"error": password, "error_description": explained, "token_type": "Bearer"}
                if auth is iam_user:
                    said = {"error": {"code": password, "message": explained}}
                for status in ("401 No", "500 Oh", "200 OK"):
                    for body in (text(said), f"no: {password}".encode()):
                        answer = reply(status, body)
                        # A refusal is remembered, and raised by the second call.
                        for _ in range(2):
                            left = await leave(call, client)
                            assert isinstance(left.error, errors.TokenError)
                            assert not left.leaks()
                            assert CANARY not in variables(left.error)
                        REFUSALS.clear()
                for broken in (b"", b"what?\r\n\r\n"):
                    answer = broken
                    left = await leave(call, client)
                    assert isinstance(left.error, errors.APIConnectionError)
                    assert not left.leaks()
                    assert CANARY not in variables(left.error)
        assert all(CANARY.encode() in body for body in server.bodies), "it is sent"
    assert CANARY not in logged(log)


@every_sender
async def test_signature_quoted_by_server_is_in_no_error(sender: str) -> None:
    carrier = CredentialSender("key", lambda url: AkSk("AK-OF-NOBODY", PASSWORD, header="Authorization"))

    def quoting(path: str) -> bytes:
        return reply(
            "403 No", text({"errorMessage": f"x-sdk-date of {server.headers[-1]['Authorization']} content-type"})
        )

    with serving(quoting) as server:
        async with calling(CALLS[0], sender, server.url, carrier) as (call, client):
            left = await leave(call, client)
    assert isinstance(left.error, errors.PermissionDeniedError)
    # The names of the headers that are signed are words like others.
    assert left.error.message == "x-sdk-date of *** content-type"
    assert "Signature=" not in "".join(left.shown.values())
