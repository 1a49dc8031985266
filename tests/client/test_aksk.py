"""An access key: its secret is never sent, its clock is the service's where the two differ, and keys are checked."""

from __future__ import annotations

import asyncio
import logging
import pickle
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import AkSk

from .doc_examples import CARRIED, WAYS, Carried, Way, named
from .scripted_transport import FakeClock
from .transports import Answers, never, reply, serving

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
SIGNED = [way for way in WAYS if way.operation.token_scheme]
AK, SK = "AKIDEXAMPLE0123456", "secret/of+the=key"
FORMAT = "%Y%m%dT%H%M%SZ"
LONGEST_SKEW = 300.0
"""Seconds by which a signature's time may be off for this service."""


def key(clock: FakeClock, **keywords: Any) -> AkSk:
    """Return a key with the time of the clock."""
    auth = AkSk(AK, SK, **{"header": "Authorization", **keywords})
    auth._clock = clock  # type: ignore[assignment]
    return auth


class Gateway(httpx.MockTransport):
    """A service that refuses a signature of another time than its own."""

    def __init__(self, clock: FakeClock, ahead: float, status: int = 401) -> None:
        self.clock, self.ahead, self.status = clock, ahead, status
        self.signatures: list[tuple[float, str]] = []
        """The seconds by which each was off, and its value."""
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.now() + self.ahead
        signed = datetime.strptime(request.headers["X-Sdk-Date"], FORMAT).replace(tzinfo=UTC)
        off = signed.timestamp() - int(now)
        self.signatures.append((off, request.headers["Authorization"]))
        fine = abs(off) <= LONGEST_SKEW
        return httpx.Response(200 if fine else self.status, headers={"Date": _date(now)}, json={})


@every_way
@pytest.mark.parametrize("ahead", [600, -600, 3600 * 24 * 365])
@pytest.mark.parametrize("status", [401, 403])
async def test_aksk_wrong_clock_is_corrected_from_error_response(
    way: Way, ahead: float, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "cloudjobs")
    clock = FakeClock()
    gateway = Gateway(clock, ahead, status=status)
    client = way.client(transport=gateway, auth=key(clock))
    await way.call(client)
    clock.time += 100
    await way.call(client)
    assert [off for off, _ in gateway.signatures] == [-ahead, 0, 0]
    assert len({signature for _, signature in gateway.signatures}) == 3
    said = [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]
    assert said == [f"the local clock is {-ahead:.0f} s ahead of the service's: signing with the service's time"]


@every_way
@pytest.mark.parametrize("dates", [{}, {"Date": "now"}, {"Date": "a minute ahead"}, {"Date": "soon"}], ids=str)
async def test_aksk_401_without_clock_offset_is_not_retried(way: Way, dates: dict[str, str]) -> None:
    clock, asked = FakeClock(), []
    told = {"now": _date(clock.now()), "a minute ahead": _date(clock.now() + 59), "soon": "soon"}

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(401, headers={name: told[value] for name, value in dates.items()}, json={})

    with pytest.raises(errors.AuthenticationError):
        await way.call(way.answering(refuse, auth=key(clock)))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "date",
    [
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359"),
        *("Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 31 Dec 2019 23:59:59 GMT"),
        *("Sat, 01 Jan -2026 00:00:00 GMT", "Thu, 01 Jan 2100 00:00:00 GMT", "9" * 400, "\u0669, \u0661 Jan", "", "-1"),
        *("Mon, 01 Jan 2026 99:99:99 GMT", "Mon, 01 Jan 2026 00:00:00 +999999999999", "Mon, 01 Jan 2026"),
    ],
)
async def test_aksk_absurd_date_changes_no_signature(date: str) -> None:
    way, clock, asked = SIGNED[0], FakeClock(), list[str]()

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["X-Sdk-Date"])
        return httpx.Response(401, headers=[(b"Date", date.encode())], json={})

    client = way.answering(refuse, auth=key(clock))
    for _ in range(2):
        with pytest.raises(errors.AuthenticationError):
            await way.call(client)
    assert asked[0] == asked[-1] == datetime.fromtimestamp(clock.now(), UTC).strftime(FORMAT)


def _date(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


@every_way
async def test_aksk_resigned_request_omits_first_signature(way: Way) -> None:
    clock = FakeClock()
    gateway, seen = Gateway(clock, 600), list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["X-Signature"])
        request.headers["Authorization"] = ""
        found = gateway.handler(request)
        del request.headers["Authorization"]
        return found  # type: ignore[return-value]

    await way.call(way.answering(answer, auth=key(clock, header="X-Signature")))
    assert len(seen) == 2
    assert not [each for each in seen if "x-signature" in each]


@every_way
async def test_aksk_wrong_key_sends_two_requests_at_most(way: Way) -> None:
    clock, asked = FakeClock(), []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["X-Sdk-Date"])
        # Another time each time, so that there would always be a reason to try again.
        return httpx.Response(401, headers={"Date": _date(clock.now() + 1000 * len(asked))}, json={})

    with pytest.raises(errors.AuthenticationError):
        await way.call(way.answering(refuse, auth=key(clock)))
    assert len(asked) == 2


async def test_aksk_wrong_clock_in_concurrent_calls_resigns_each() -> None:
    way, clock = WAYS[1], FakeClock()
    gateway = Gateway(clock, 600)

    async def answer(request: httpx.Request) -> httpx.Response:
        found = gateway.handler(request)
        await asyncio.sleep(0)
        return found  # type: ignore[return-value]

    client = way.answering(answer, auth=key(clock))
    await asyncio.gather(*(way.call(client) for _ in range(20)))
    assert [off for off, _ in gateway.signatures] == [-600] * 20 + [0] * 20


@pytest.mark.parametrize("carried", CARRIED, ids=named)
async def test_aksk_on_real_server_signs_the_sent_request(carried: Carried) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    date = f"Date: {format_datetime(now, usegmt=True)}"
    answers = iter([reply("401 No", b"{}", date), reply("200 OK", b"{}", date)])
    with serving(lambda path: next(answers)) as server:
        async with carried.client(server.url, auth=AkSk(AK, SK, "temporary", header="Authorization")) as client:
            await carried.way.call(client)
    first, second = server.headers
    assert second["X-Sdk-Date"].startswith("20300101T0000")
    assert second["X-Sdk-Date"] != first["X-Sdk-Date"]
    for path, headers in zip(server.paths, server.headers, strict=True):
        # Signed again from the received request.
        request = httpx.Request("GET", f"{server.url}{path}", headers=headers)
        del request.headers["Authorization"]
        auth = AkSk(AK, SK, header="Authorization")
        auth._clock = FakeClock()  # type: ignore[assignment]
        moment = datetime.strptime(headers["X-Sdk-Date"], FORMAT).replace(tzinfo=UTC).timestamp()
        auth._clock.time = moment - 1_700_000_000.0  # type: ignore[attr-defined]
        assert next(auth.auth_flow(request)).headers["Authorization"] == headers["Authorization"]
        assert headers["X-Security-Token"] == "temporary"


@every_way
async def test_aksk_without_declared_scheme_needs_header(way: Way) -> None:
    if way in SIGNED:
        transport = Answers()
        await way.call(way.client(transport=transport, auth=AkSk(AK, SK)))
        assert transport.request.headers["Authorization"].startswith(f"SDK-HMAC-SHA256 Access={AK}, SignedHeaders=")
        assert "X-Auth-Token" not in transport.request.headers
    else:
        with pytest.raises(
            ValueError, match="AkSk must have a header, since the service declares no signature by an access key"
        ):
            await way.call(way.client(transport=never(), auth=AkSk(AK, SK)))
    transport = Answers()
    await way.call(way.client(transport=transport, auth=AkSk(AK, SK, header="X-Signature")))
    assert transport.request.headers["X-Signature"].startswith("SDK-HMAC-SHA256 ")
    assert "Authorization" not in transport.request.headers


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ak": ""}, "access key"),
        ({"ak": "a b"}, "comma or a space"),
        ({"ak": "a,b"}, "comma or a space"),
        ({"ak": "ключ"}, "access key"),
        ({"sk": ""}, "secret key"),
        ({"sk": f"{SK}\n"}, "secret key"),
        ({"security_token": ""}, "security_token"),
        ({"security_token": f"{SK}\r\nX: y"}, "security_token"),
        ({"project_id": " "}, "project_id"),
        ({"header": "X A"}, "header"),
    ],
)
async def test_aksk_invalid_argument_is_rejected_unshown(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        AkSk(**{"ak": AK, "sk": SK, **given})  # type: ignore[arg-type]
    assert SK not in str(raised.value)


async def test_aksk_repr_and_pickle_hide_secret() -> None:
    auth = AkSk(AK, SK, "temporary-not-real", project_id="p1")
    assert repr(auth) == str(auth) == "AkSk('***')"
    for secret in (SK, "temporary-not-real"):
        assert secret not in repr(vars(auth))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(auth)
