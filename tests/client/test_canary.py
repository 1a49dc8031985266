"""A secret that is sent, and quoted by the server wherever it can: it is in nothing that is shown, logged or pickled."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

import cloudjobs
from cloudjobs import _deviations, errors
from cloudjobs.auth import Token

from .hostile import CALLS, Call
from .mutations import text
from .wire import reply, serving

pytestmark = pytest.mark.anyio
CANARY = "canary-8f14e45fceea167a"
OWN = str(Path(cloudjobs.__file__).parent)


# How the secret is sent


class CustomAuth(httpx.Auth):
    """An authentication of the caller's own, with a header that no document names."""

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["X-Custom-Key"] = CANARY
        yield request


class SigningAuth(httpx.Auth):
    """One that asks twice, as a signature or a login does."""

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        yield request
        request.headers["Authorization"] = f"Custom key={CANARY}, signature=abcdef"
        yield request


@attrs.frozen
class Carrier:
    """A way in which a secret is sent."""

    name: str
    auth: Callable[[], httpx.Auth] | None = None
    headers: dict[str, str] = attrs.field(factory=dict)


CARRIERS = [
    Carrier("token", lambda: Token(CANARY)),
    Carrier("token in a header of its own", lambda: Token(CANARY, header="X-Own")),
    Carrier("an auth of the caller's own", CustomAuth),
    Carrier("an auth that asks twice", SigningAuth),
    Carrier("header", headers={"X-Api-Key": CANARY}),
    Carrier("cookie", headers={"Cookie": f"session={CANARY}; theme=dark"}),
    Carrier("bearer", headers={"authorization": f"Bearer {CANARY}"}),
]


# What the server says of it

QUOTED = f"no access for {CANARY}, it says"
PARTS = ("errorCode", "error_code", "errorMessage", "error_msg", "message", "reason", "request_id")
QUOTING = (f"Set-Cookie: session={CANARY}", f"X-Request-Id: {CANARY}", f"X-Auth-Token: {CANARY}")


def departing(call: Call) -> bytes:
    """A success that departs wherever it can, with the secret in each value."""
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
    "a reason": lambda call: reply(f"499 {CANARY}", b""),
    "no HTTP": lambda call: f"{QUOTED}\r\n\r\n".encode(),
}


# Who sends it

SENDERS = ("sync", "httpx", "aiohttp")


@asynccontextmanager
async def calling(
    call: Call, sender: str, url: str, carrier: Carrier, **options: Any
) -> AsyncIterator[tuple[Call, Any]]:
    """A call, and a client that sends the secret."""
    if sender == "aiohttp":
        pytest.importorskip("aiohttp", reason="needs the [aio] extra")
    own: dict[str, Any] = {"http_client": httpx.AsyncClient()} if sender == "httpx" else {}
    call = attrs.evolve(call, asynchronous=sender != "sync")
    auth = carrier.auth() if carrier.auth else None
    client = call.client(None, url, auth=auth, **own, **options)
    async with own.get("http_client") or _Nothing():
        try:
            yield call, client.with_options(headers=carrier.headers)
        finally:
            await call.close(client)


class _Nothing:
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, *exc: object) -> None: ...


# What is left to be read


@attrs.define
class Left:
    """All that a call leaves."""

    shown: dict[str, str] = attrs.field(factory=dict)
    error: BaseException | None = None
    pickled: bytes = b""


async def leave(call: Call, client: Any) -> Left:
    """Call in every way, and keep what is left of it."""
    left = Left()
    left.shown["client"] = f"{client!r} {client} {client._options!r} {client._auth!r} {client.with_raw_response!r}"
    try:
        raw = await call.raw(client)
        left.shown["raw"] = f"{raw!r} {raw}"
        model = raw.parse()
        for row in getattr(model, "jobs", None) or ():
            assert row is not None
        left.shown["deviations"] = " ".join(f"{found!r} {found}" for found in raw.deviations)
    except errors.CloudJobsError as error:
        left.error = error
        left.shown["error"] = f"{error!r} {error} {error.args!r}"
        left.shown["its attributes"] = repr(vars(error))
        left.pickled = pickle.dumps(error)
        left.shown["raw"] = repr(raw) if "raw" in locals() else ""
    return left


def tracebacks(error: BaseException | None) -> str:
    """The traceback as it is printed."""
    return "" if error is None else "".join(traceback.format_exception(error))


def locals_of_ours(error: BaseException | None) -> str:
    """The variables of the library's own frames, as tools show them that report errors."""
    shown = []
    while error is not None:
        told = traceback.TracebackException.from_exception(error, capture_locals=True, compact=True)
        shown += [f"{frame.name}: {frame.locals}" for frame in told.stack if frame.filename.startswith(OWN)]
        error = error.__cause__ or error.__context__
    return "\n".join(shown)


every_carrier = pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.name)
every_sender = pytest.mark.parametrize("sender", SENDERS)


@every_carrier
@every_sender
async def test_a_secret_is_nowhere(
    carrier: Carrier, sender: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_deviations.Reporter, "_logged", set())
    for logger in ("cloudjobs", "httpx"):
        caplog.set_level(logging.DEBUG, logger=logger)
    found, told = [], []
    for call in CALLS:
        if carrier.name == "token" and not cloudjobs.document(call.service)["components"].get("securitySchemes"):
            continue
        with serving(lambda path: told[-1]) as server:
            async with calling(call, sender, server.url, carrier) as (made, client):
                for name, answer in ANSWERS.items():
                    told.append(answer(call))
                    for strict in (False, True):
                        caplog.clear()
                        left = await leave(made, client.with_options(strict=strict))
                        places = {
                            **left.shown,
                            "traceback": tracebacks(left.error),
                            "locals": locals_of_ours(left.error),
                            "pickle": left.pickled.decode("latin-1"),
                            "log": logged(caplog),
                        }
                        found += [(name, place, shown) for place, shown in places.items() if CANARY in shown]
        assert all(any(CANARY in value for value in each.values()) for each in server.headers[-1:])
    for f in found:
        i=f[2].index(CANARY)
        print("@@",*f[:2], repr(f[2][max(0,i-150):i+10]))
    assert not found


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(
                                f"{record.getMessage()} {record.__dict__}"
                                for record in caplog.records
                                if record.name.split(".")[0] in ("cloudjobs", "httpx")
                            )
