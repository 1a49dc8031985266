"""A login that IAM refuses is not sent again: IAM locks a user after some failed logins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.auth import IamPassword
from cloudjobs.auth._fetched import REFUSALS, REMEMBERED

from .doc_examples import CARRIED, WAYS, Carried, named
from .iam import HEADER, PASSWORD, PATH, Iam, password_auth
from .scripted_transport import FakeClock
from .test_forks import Child, held
from .test_token_cache import in_threads
from .transports import Server, reply, serving

pytestmark = pytest.mark.anyio
ONE_SERVICE = [carried for carried in CARRIED if carried.way.operation == CARRIED[0].way.operation]
every_sender = pytest.mark.parametrize("carried", ONE_SERVICE, ids=named)
SYNC = WAYS[0]
REFUSAL = json.dumps({"error": {"code": 401, "message": "The username or password is wrong."}}).encode()


@contextmanager
def refusing(status: str = "401 Unauthorized", body: bytes = REFUSAL) -> Iterator[Server]:
    """Yield IAM, which takes the password `right` alone, and a service."""

    def answer(path: str) -> bytes:
        if PATH not in path:
            return reply("200 OK", b"{}")
        given = json.loads(server.bodies[-1])["auth"]["identity"]["password"]["user"]["password"]
        return reply("201 Created", b"{}", "X-Subject-Token: t") if given == "right" else reply(status, body)

    with serving(answer) as server:
        yield server


def auth_of(server: Server, password: str = PASSWORD, **keywords: Any) -> IamPassword:
    given = {"user": "jane", "domain": "acme", "project": "p", "iam_url": server.url, **keywords}
    return IamPassword(password=password, header=HEADER, **given)


def logins(server: Server) -> int:
    return sum(PATH in path for path in server.paths)


async def refused(carried: Carried, client: Any) -> errors.TokenError:
    with pytest.raises(errors.TokenError) as raised:
        await carried.way.call(client)
    return raised.value


@every_sender
async def test_wrong_password_in_fifty_calls_is_sent_once(carried: Carried) -> None:
    with refusing() as server:
        async with carried.client(server.url, auth=auth_of(server), max_retries=2) as client:
            raised = [await refused(carried, client) for _ in range(50)]
        assert logins(server) == len(server.paths) == 1
    told = {(error.status_code, error.code, error.message, error.body, str(error)) for error in raised}
    assert [each[:3] for each in told] == [(401, "401", "The username or password is wrong.")]
    assert "not sent again for 30 minutes" in str(raised[0])
    # Each call has its own exception with its own traceback.
    assert len({id(error) for error in raised}) == 50


@every_sender
async def test_wrong_password_of_many_clients_is_sent_once(carried: Carried) -> None:
    with refusing() as server:
        shared = auth_of(server)
        for auth in [shared] * 5 + [auth_of(server) for _ in range(5)]:
            async with carried.client(server.url, auth=auth) as client:
                await refused(carried, client)
        assert logins(server) == 1


def test_wrong_password_in_threads_is_sent_once() -> None:
    with refusing() as server, SYNC.client(base_url=server.url, auth=auth_of(server)) as client:
        get = getattr(client, SYNC.operation.name)
        for _ in range(3):
            told = in_threads(20, lambda: get(**SYNC.operation.arguments()))
            assert {type(each) for each in told} == {errors.TokenError}
        assert logins(server) == 1


@every_sender
async def test_corrected_credentials_are_sent_at_once(carried: Carried) -> None:
    with refusing() as server, refusing() as other:
        async with carried.client(server.url, auth=auth_of(server)) as client:
            await refused(carried, client)
        async with carried.client(server.url, auth=auth_of(server, "right")) as client:
            await carried.way.call(client)
        assert logins(server) == 2
        changes: list[dict[str, Any]] = [{"user": "joe"}, {"domain": "b"}, {"project": "q"}]
        changes += [{"project": None, "project_id": "p"}, {"iam_url": other.url}]
        for change in changes:
            async with carried.client(server.url, auth=auth_of(server, **change)) as client:
                await refused(carried, client)
        assert logins(server) + logins(other) == 2 + len(changes)


@every_sender
@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found"])
async def test_refused_login_with_definite_status_is_remembered(carried: Carried, status: str) -> None:
    with refusing(status) as server:
        async with carried.client(server.url, auth=auth_of(server)) as client:
            for _ in range(3):
                assert (await refused(carried, client)).status_code == int(status[:3])
        assert logins(server) == 1


@every_sender
@pytest.mark.parametrize(
    "status", ["302 Found", "407 Proxy", "408 Timeout", "429 Too Many", "500 Oh", "503 Busy", "201 Created"]
)
async def test_login_with_transient_status_is_not_remembered(carried: Carried, status: str) -> None:
    with refusing(status) as server:
        async with carried.client(server.url, auth=auth_of(server)) as client:
            for _ in range(3):
                await refused(carried, client)
        assert logins(server) == 3


@every_sender
async def test_login_with_connection_error_is_not_remembered(carried: Carried) -> None:
    with ExitStack() as open_, serving(lambda path: b"") as iam:
        server = open_.enter_context(refusing())
        async with carried.client(server.url, auth=auth_of(iam)) as client:
            for _ in range(3):
                with pytest.raises(errors.APIConnectionError):
                    await carried.way.call(client)
        assert logins(iam) == 3


@every_sender
async def test_refused_login_is_forgotten_after_half_an_hour(carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(REFUSALS, "clock", clock)
    with refusing() as server:
        async with carried.client(server.url, auth=auth_of(server)) as client:
            await refused(carried, client)
            clock.time += REMEMBERED - 1
            await refused(carried, client)
            assert logins(server) == 1
            clock.time += 2
            await refused(carried, client)
            await refused(carried, client)
        assert logins(server) == 2


def test_refused_logins_are_limited_and_hold_no_password() -> None:
    iam = Iam()
    for number in range(100):
        auth = password_auth(iam.clock, project=f"p{number}")
        client = SYNC.answering(lambda request: httpx.Response(401), auth=auth)
        with pytest.raises(errors.TokenError):
            getattr(client, SYNC.operation.name)(**SYNC.operation.arguments())
    assert len(REFUSALS._refused) == 64
    assert PASSWORD not in repr(vars(REFUSALS))
    assert all(PASSWORD.encode() not in key for key in REFUSALS._refused)


def test_refused_login_before_fork_is_remembered_in_child() -> None:
    with refusing() as server, SYNC.client(base_url=server.url, auth=auth_of(server)) as client:
        get = getattr(client, SYNC.operation.name)

        def work() -> object:
            try:
                get(**SYNC.operation.arguments())
            except errors.TokenError as error:
                return error.status_code
            return None

        assert work() == 401
        with held(REFUSALS._lock):
            child = Child(work)
        assert child.result() == 401
        assert logins(server) == 1
