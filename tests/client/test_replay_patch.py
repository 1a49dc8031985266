"""`Replay.patch`: clients that the code under test makes itself send to the replay, on its clock."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import httpx2
import pytest

import cloudjobs
from cloudjobs import (
    AkSk,
    APIConnectionError,
    AsyncCceClient,
    CceClient,
    ClientStateError,
    IamPassword,
    NotFoundError,
    Token,
    YuanrongClient,
)
from cloudjobs.cli import main
from cloudjobs.testing import Replay
from tests.reference import REFERENCE

from .senders import SENDERS, Sender
from .transports import reply, serving

NOWHERE = "http://127.0.0.1:9"
"""No server listens here: a request that leaves the process is an error."""
VARIABLES = ("CLOUDJOBS_", "HUAWEICLOUD_", "HW_")
every_sender = pytest.mark.parametrize("sender", SENDERS, ids=str)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(VARIABLES):
            monkeypatch.delenv(name)


def settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(VARIABLES)}


def run(result: Any) -> Any:
    """Return the result of a call, synchronous or asynchronous."""
    return asyncio.run(_await(result)) if inspect.isawaitable(result) else result


async def _await(result: Awaitable[Any]) -> Any:
    return await result


def require(sender: Sender) -> None:
    if not sender.is_installed:
        pytest.skip(f"{sender.library} is not installed")


# Which clients are reached


@every_sender
def test_patch_client_of_each_sender_waits_on_the_replay(sender: Sender) -> None:
    require(sender)
    replay = Replay()
    job = replay.add_job("yuanrong", seconds=600)
    began = time.monotonic()
    with replay.patch() as patched:
        assert patched is replay
        client = sender.client("yuanrong", NOWHERE)
        snapshot = run(client.wait_for_job(job.id, timeout=3600))
    assert snapshot.is_success
    assert replay.clock.monotonic() >= 1200
    assert time.monotonic() - began < 60
    replay.assert_requested("yuanrong", job=job.id)


@every_sender
def test_patch_client_made_before_it_is_reached_and_restored(sender: Sender) -> None:
    require(sender)
    with serving(lambda path: reply("200 OK", b'{"submission_id": "real"}')) as server:
        client = sender.client("yuanrong", server.url)

        async def asked() -> list[str]:
            found = []
            for patched in (False, True, False):
                context: Any = replay.patch() if patched else Replay()
                with context:
                    result = client.get_job("job-1")
                    found.append((await result if inspect.isawaitable(result) else result).submission_id)
            closed = client.aclose() if sender.asynchronous else client.close()
            if inspect.isawaitable(closed):
                await closed
            return found

        replay = Replay()
        replay.add_job("yuanrong")
        assert asyncio.run(asked()) == ["real", "job-1", "real"]
        assert len(server.paths) == 2


@pytest.mark.parametrize("stack", [httpx, httpx2], ids=lambda stack: stack.__name__)
@pytest.mark.parametrize("kind", ["http_client", "transport"])
def test_patch_client_over_callers_connections_is_reached(stack: Any, kind: str) -> None:
    token = {"X-Auth-Token": "of-the-caller"}
    made = {
        "http_client": lambda: stack.Client(headers=token),
        "transport": stack.HTTPTransport,
    }[kind]()
    replay = Replay()
    replay.add_job("cce")
    auth = None if kind == "http_client" else Token("of-the-caller")
    with replay.patch(), CceClient(NOWHERE, project_id="p", auth=auth, **{kind: made}) as cce:
        assert cce.get_job("job-1").metadata.uid == "job-1"  # type: ignore[union-attr]
    assert replay.requests[0].headers["x-auth-token"] == "of-the-caller"


def test_patch_base_url_with_path_is_reached() -> None:
    replay = Replay()
    replay.add_job("yuanrong")
    with replay.patch(), YuanrongClient("https://gateway.example.com/prefix/v1") as yuanrong:
        assert yuanrong.get_job("job-1").submission_id == "job-1"


def test_patch_copy_of_a_client_is_reached() -> None:
    replay = Replay()
    replay.fail_next(503, times=2)
    replay.add_job("yuanrong")
    with replay.patch():
        job = YuanrongClient(NOWHERE).with_options(max_retries=2).with_raw_response.get_job("job-1")
    assert job.status_code == 200
    assert len(replay.requests) == 3


def test_patch_service_that_is_not_replayed_is_404() -> None:
    with Replay("cce").patch(), pytest.raises(NotFoundError, match="no operation has this path"):
        YuanrongClient(NOWHERE).get_job("job-1")


def test_patch_fault_is_the_error_of_a_real_connection() -> None:
    replay = Replay()
    replay.reset_connection_next(times=3)
    with replay.patch(), pytest.raises(APIConnectionError, match="Connection reset by peer"):
        YuanrongClient(NOWHERE).get_job("job-1")
    assert len(replay.requests) == 3


@every_sender
def test_patch_closed_client_stays_closed(sender: Sender) -> None:
    require(sender)

    async def call() -> None:
        client = sender.client("yuanrong", NOWHERE)
        if sender.asynchronous:
            await client.aclose()
            await client.get_job("job-1")
        else:
            client.close()
            client.get_job("job-1")

    with Replay().patch(), pytest.raises(ClientStateError, match="has been closed"):
        asyncio.run(call())


# Credentials and settings


def test_patch_environment_has_settings_only_meanwhile() -> None:
    replay = Replay()
    with replay.patch():
        for service in REFERENCE:
            client: Any = getattr(cloudjobs, f"{service.capitalize()}Client")()
            with client:
                assert repr(client).endswith("https://replay.invalid>")
        replay.add_job("cce")
        CceClient().get_job("job-1")
    assert settings() == {}
    with pytest.raises(ValueError, match="base_url is missing"):
        CceClient()


def test_patch_settings_of_the_environment_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "CLOUDJOBS_CCE_URL": "https://cce.example.com",
        "CLOUDJOBS_PROJECT_ID": "mine",
        "HUAWEICLOUD_SDK_AK": "ak",
        "HUAWEICLOUD_SDK_SK": "sk",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    replay = Replay("cce")
    replay.add_job("cce")
    with replay.patch():
        assert settings() == given
        CceClient().get_job("job-1")
    assert settings() == given
    (request,) = replay.requests
    assert "/projects/mine/" in request.path
    assert request.headers["authorization"].startswith("SDK-HMAC-SHA256 Access=ak,")


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (Token("a-token"), "x-auth-token"),
        (AkSk("ak", "sk"), "authorization"),
        (IamPassword("u", "p", "d", "project"), "x-auth-token"),
    ],
    ids=["token", "aksk", "iam"],
)
def test_patch_credentials_of_each_kind_are_accepted(auth: Any, header: str) -> None:
    replay = Replay()
    replay.add_job("cce")
    with replay.patch():
        assert CceClient(NOWHERE, project_id="p", auth=auth).get_job("job-1").kind == "Job"

        async def call() -> object:
            async with AsyncCceClient(NOWHERE, project_id="p", auth=auth) as cce:
                return await cce.get_job("job-1")

        asyncio.run(call())
    assert [header in request.headers for request in replay.requests] == [True, True]


# Nesting, threads, decorators


def test_patch_inner_one_counts_and_outer_one_is_restored() -> None:
    outer, inner = Replay(), Replay()
    outer.add_job("yuanrong", "of-outer")
    inner.add_job("yuanrong", "of-inner")
    client = YuanrongClient(NOWHERE, max_retries=0)
    with outer.patch():
        with inner.patch():
            client.get_job("of-inner")
        client.get_job("of-outer")
        # A client of a replay keeps its own.
        assert inner.client("yuanrong").get_job("of-inner").submission_id == "of-inner"
    with pytest.raises(APIConnectionError):
        client.get_job("of-outer")


def test_patch_exit_in_another_order_keeps_the_other() -> None:
    first, second = Replay(), Replay()
    second.add_job("yuanrong", "of-second")
    one, other = first.patch(), second.patch()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    try:
        assert YuanrongClient().get_job("of-second").submission_id == "of-second"
    finally:
        other.__exit__(None, None, None)
    assert settings() == {}


def test_patch_exit_after_an_error_restores() -> None:
    client = YuanrongClient(NOWHERE, max_retries=0)
    with pytest.raises(KeyError), Replay().patch():
        raise KeyError
    with pytest.raises(APIConnectionError):
        client.get_job("job-1")


def test_patch_reaches_other_threads() -> None:
    replay = Replay()
    jobs = [replay.add_job("yuanrong", seconds=60) for _ in range(8)]
    states: list[str] = []

    def work(job_id: str) -> None:
        with YuanrongClient(NOWHERE) as yuanrong:
            states.append(yuanrong.wait_for_job(job_id).state)

    with replay.patch():
        threads = [threading.Thread(target=work, args=(job.id,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert states == ["succeeded"] * 8


def test_patch_decorator_is_active_while_the_function_runs() -> None:
    replay = Replay()
    replay.add_job("yuanrong", seconds=60)
    client = YuanrongClient(NOWHERE, max_retries=0)

    @replay.patch()
    def code(job_id: str) -> str:
        """Wait."""
        return str(client.wait_for_job(job_id).state)

    with pytest.raises(APIConnectionError):
        client.get_job("job-1")
    assert code("job-1") == code(job_id="job-1") == "succeeded"
    assert (code.__name__, code.__doc__, list(inspect.signature(code).parameters)) == ("code", "Wait.", ["job_id"])
    with pytest.raises(APIConnectionError):
        client.get_job("job-1")


def test_patch_decorator_of_coroutine_function_is_active_while_it_runs() -> None:
    replay = Replay()
    replay.add_job("cce", seconds=60)

    @replay.patch()
    async def code() -> str:
        async with AsyncCceClient() as cce:
            return str((await cce.wait_for_job("job-1")).state)

    assert inspect.iscoroutinefunction(code)
    made = code()
    assert settings() == {}  # not yet active
    assert asyncio.run(made) == "succeeded"
    assert settings() == {}


@pytest.mark.parametrize("wrong", [dict, 7])
def test_patch_decorator_of_a_class_is_rejected(wrong: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="a patch must decorate a function, got"):
        Replay().patch()(wrong)


def test_patch_command_line_in_process_is_reached(capsys: pytest.CaptureFixture[str]) -> None:
    replay = Replay()
    job = replay.add_job("cce", states=["running", "failed"], reason="no quota left", seconds=60, children=0)
    with replay.patch():
        assert main(["wait", "cce", job.id]) == 1
    assert "no quota left" in capsys.readouterr().out
