"""A credential is in no variable, error or log record where a call is refused, interrupted, cancelled or proxied."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from cloudjobs import YuanrongClient, errors
from cloudjobs.auth import AkSk, BasicAuth, ClientCredentials, IamPassword, Token, from_environment
from cloudjobs.cli._app import program
from cloudjobs.testing import Replay

from .doc_examples import ANY_URL, CARRIED, Carried, named
from .mutations import text
from .senders import SENDERS, Sender
from .test_secret_guard import CANARY, IAM, chain, log, logged, texts, variables
from .transports import Server, never, reply, serving

pytestmark = pytest.mark.anyio
CERTIFICATE = str(Path(__file__).with_name("localhost.pem"))
CARRIERS = [carried for carried in CARRIED if carried.way.operation == CARRIED[0].way.operation]
ASYNC_SENDERS = [sender for sender in SENDERS if sender.asynchronous]
every_carrier = pytest.mark.parametrize("carried", CARRIERS, ids=named)
__all__ = ["log"]
TOKEN_BODY = text({"access_token": CANARY})
GIVEN = reply("201 Created", TOKEN_BODY, f"X-Subject-Token: {CANARY}")

AUTHS: dict[str, Callable[[str], httpx.Auth]] = {
    "token": lambda url: Token(CANARY, header="X-T"),
    "function": lambda url: Token(lambda: CANARY, header="X-T"),
    "access key": lambda url: AkSk(CANARY, CANARY, CANARY, header="Authorization"),
    "password": lambda url: IamPassword("jane", CANARY, "acme", "p", iam_url=url, header="X-T"),
    "user": lambda url: BasicAuth("jane", CANARY),
    "client": lambda url: ClientCredentials("app", CANARY, token_url=url + IAM),
    "client in the body": lambda url: ClientCredentials("app", CANARY, token_url=url + IAM, client="body"),
}
every_auth = pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)


@pytest.fixture(autouse=True)
def _cached_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", CERTIFICATE)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


def nowhere(error: BaseException) -> None:
    """Fail if an error shows the credential, or a frame below these tests does."""
    shown = variables(error)
    assert "cloudjobs" in repr([frame for each in chain(error) for frame in modules(each)]), "there are frames of ours"
    assert not [line for line in shown.splitlines() if CANARY in line or SIGNED in line]
    assert CANARY not in texts(error)


SIGNED = "Signature="


def modules(error: BaseException) -> Iterator[str]:
    """Yield the modules of the frames of an error."""
    traceback = error.__traceback__
    while traceback is not None:
        yield str(traceback.tb_frame.f_globals["__name__"])
        traceback = traceback.tb_next


# A call that is ended from outside


@contextmanager
def stalling_server(part: str) -> Iterator[tuple[Server, threading.Event]]:
    """Yield a server, also for IAM, with incomplete responses; and whether it has received a request."""
    asked, over = threading.Event(), threading.Event()

    def answer(path: str) -> bytes:
        if IAM in path and part != "login":
            return GIVEN
        asked.set()
        if part == "body":
            return f"HTTP/1.1 200 OK\r\nX-Subject-Token: {CANARY}\r\nContent-Length: 9\r\n\r\n{{".encode()
        over.wait(30)
        return b""

    with serving(answer) as server:
        try:
            yield server, asked
        finally:
            over.set()


_FETCHED = ("password", "client", "client in the body")
ENDED = [(name, part) for name in AUTHS for part in ("login", "head", "body") if part != "login" or name in _FETCHED]
every_end = pytest.mark.parametrize(("name", "part"), ENDED)


@every_end
def test_credential_of_interrupted_call_is_nowhere(
    name: str, part: str, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = threading.main_thread().ident
    assert main is not None
    with stalling_server(part) as (server, asked):

        def interrupt() -> None:
            asked.wait(30)
            time.sleep(0.05)
            signal.pthread_kill(main, signal.SIGINT)

        client = YuanrongClient(server.url, auth=AUTHS[name](server.url), max_retries=0)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            client.with_options(headers={"X-Key": CANARY}).get_job("j")
            time.sleep(30)
        except KeyboardInterrupt as error:
            nowhere(error)
        finally:
            thread.join()
            signal.signal(signal.SIGINT, before)
    client.close()
    assert CANARY not in logged(log)


@pytest.mark.parametrize(
    ("name", "part", "how"),
    [*((*end, "cancelled") for end in ENDED), *((*end, "late") for end in ENDED if end[0] == "password")],
)
@pytest.mark.parametrize("sender", ASYNC_SENDERS, ids=str)
async def test_credential_of_cancelled_call_is_nowhere(
    name: str, part: str, how: str, sender: Sender, log: pytest.LogCaptureFixture
) -> None:
    caught: list[BaseException] = []
    with stalling_server(part) as (server, asked):
        client = sender.client("yuanrong", server.url, auth=AUTHS[name](server.url), max_retries=0)

        async def call() -> None:
            options: dict[str, Any] = {"deadline": 0.3} if how == "late" else {}
            try:
                await client.with_options(headers={"X-Key": CANARY}, **options).get_job("j")
            except BaseException as error:
                caught.append(error)

        task = asyncio.create_task(call())
        await asyncio.to_thread(asked.wait, 30)
        if how == "cancelled":
            await asyncio.sleep(0.05)
            task.cancel()
        await task
        await client.aclose()
    (error,) = caught
    assert isinstance(error, asyncio.CancelledError if how == "cancelled" else errors.APITimeoutError)
    nowhere(error)
    assert CANARY not in logged(log)


@every_carrier
@every_auth
@pytest.mark.parametrize("part", ["head", "body"])
async def test_credential_of_timed_out_call_is_nowhere(
    carried: Carried, auth: Callable[[str], httpx.Auth], part: str, log: pytest.LogCaptureFixture
) -> None:
    with stalling_server(part) as (server, _):
        async with carried.client(server.url, auth=auth(server.url)) as client:
            with pytest.raises(errors.APITimeoutError) as caught:
                await carried.way.call(client.with_options(timeout=0.2, headers={"X-Key": CANARY}))
    nowhere(caught.value)
    assert CANARY not in logged(log)


# Arguments that are rejected before sending

SURROGATES = f"{CANARY}\udcff"
REFUSED: dict[str, Callable[[], object]] = {
    "token": lambda: Token(f"{CANARY}\n"),
    "token's header": lambda: Token(CANARY, header="X T"),
    "access key": lambda: AkSk(f"{CANARY},", CANARY),
    "secret key": lambda: AkSk("AK", f"{CANARY}\udcff", CANARY),
    "security token": lambda: AkSk("AK", CANARY, f"{CANARY}\n"),
    "password": lambda: IamPassword("jane", SURROGATES, "acme", "p"),
    "user": lambda: IamPassword("jane\udcff", CANARY, "acme", "p"),
    "domain": lambda: IamPassword("jane", CANARY, "acme\udcff", "p"),
    "project": lambda: IamPassword("jane", CANARY, "acme", "p\udcff"),
    "no project": lambda: IamPassword("jane", CANARY, "acme"),
    "IAM": lambda: IamPassword("jane", CANARY, "acme", "p", iam_url="http://iam.example.com"),
    "user's password": lambda: BasicAuth("jane", SURROGATES),
    "user with a colon": lambda: BasicAuth(f"{CANARY}:", CANARY),
    "client secret": lambda: ClientCredentials("app", SURROGATES),
    "no client": lambda: ClientCredentials("", CANARY),
    "token URL": lambda: ClientCredentials("app", CANARY, token_url=f"https://u:{CANARY}@host/token"),
    "token URL over plain HTTP": lambda: ClientCredentials("app", CANARY, token_url="http://example.com/token"),
    "header": lambda: YuanrongClient(ANY_URL).with_options(headers={"X-Key": SURROGATES}),
    "header's name": lambda: YuanrongClient(ANY_URL).with_options(headers={"X Key": CANARY}),
    "header over plain HTTP": lambda: YuanrongClient("http://example.com").with_options(headers={"X-Key": CANARY}),
    "timeout": lambda: YuanrongClient(ANY_URL).with_options(headers={"X-Key": CANARY}, timeout=-1),
    "long path": lambda: YuanrongClient(ANY_URL).with_options(headers={"X-Key": CANARY}).get_job("j" * 99_999),
    "token of a function": lambda: YuanrongClient(
        ANY_URL, transport=never(), auth=Token(lambda: SURROGATES, header="X-T")
    ).get_job("j"),
    "asynchronous function": lambda: YuanrongClient(
        ANY_URL, transport=never(), auth=Token(later, header="X-T")
    ).get_job("j"),
}


async def later() -> str:
    return CANARY


@pytest.mark.parametrize("name", REFUSED)
def test_credential_that_is_rejected_is_nowhere(name: str) -> None:
    error: BaseException | None = None
    try:
        REFUSED[name]()
    except ValueError as raised:
        error = raised
    assert type(error) is ValueError
    nowhere(error)


@pytest.mark.parametrize("sender", ASYNC_SENDERS, ids=str)
async def test_credential_of_async_function_is_nowhere(sender: Sender) -> None:
    async def surrogates() -> str:
        return SURROGATES

    async with sender.client("yuanrong", ANY_URL, auth=Token(surrogates, header="X-T")) as client:
        with pytest.raises(ValueError, match="must be a non-empty string of printable ASCII") as caught:
            await client.get_job("j")
    nowhere(caught.value)


@every_carrier
async def test_password_not_utf8_is_named_and_not_shown(carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HW_USER_PASSWORD", "HW_USER_NAME", "HW_DOMAIN_NAME", "HW_PROJECT_NAME")
    for wrong in names:
        with monkeypatch.context() as patch:
            for name in names:
                text = CANARY if name == "HW_USER_PASSWORD" else name
                patch.setenv(name, f"{text}\udcff" if name == wrong else text)
            with pytest.raises(ValueError, match="must be valid Unicode, got a lone surrogate") as caught:
                carried.way.client(auth=from_environment())
        nowhere(caught.value)
        assert chain(caught.value) == [caught.value]


# Credentials in an address

INVALID = {
    "userinfo": f"https://{CANARY}:{CANARY}@host",
    "query": f"https://host/?token={CANARY}",
    "scheme": f"ftp://{CANARY}:{CANARY}@host",
    "port": f"https://u:{CANARY}@host:port",
    "delimiter": f"https://u:{CANARY}/@host",
    "control character": f"https://u:{CANARY}\n@host",
    "lone surrogate": f"https://u:{SURROGATES}@host",
    "host": f"https://u:{CANARY}@a..b",
    "bytes": f"https://u:{CANARY}@host".encode(),
    "httpx": httpx.URL(f"https://{CANARY}:{CANARY}@host"),
}
every_invalid = pytest.mark.parametrize("url", INVALID.values(), ids=INVALID)


@every_invalid
@every_carrier
def test_credential_in_base_url_is_nowhere(carried: Carried, url: Any) -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        carried.way.client(base_url=url)
    nowhere(caught.value)


@every_carrier
def test_credential_in_base_url_of_environment_is_nowhere(carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = carried.way.client_class._service.url_variable
    for url in INVALID.values():
        if isinstance(url, str):
            monkeypatch.setenv(variable, url)
            with pytest.raises(ValueError, match="base_url") as caught:
                carried.way.client(base_url=None)
            nowhere(caught.value)


@every_carrier
def test_credential_given_as_string_is_nowhere(carried: Carried) -> None:
    with pytest.raises(TypeError, match=r"^auth must be .*, got str$") as caught:
        carried.way.client(auth=CANARY)
    nowhere(caught.value)


@every_invalid
def test_credential_in_iam_url_is_nowhere(url: Any) -> None:
    with pytest.raises(ValueError, match="iam_url") as caught:
        IamPassword("jane", CANARY, "acme", "p", iam_url=url)
    nowhere(caught.value)


@pytest.mark.parametrize("variable", ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"])
def test_credential_in_iam_url_of_environment_is_nowhere(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HW_USER_NAME", "HW_DOMAIN_NAME", "HW_PROJECT_NAME"):
        monkeypatch.setenv(name, name)
    monkeypatch.setenv("HW_USER_PASSWORD", CANARY)
    for url in INVALID.values():
        if isinstance(url, str):
            monkeypatch.setenv(variable, url)
            with pytest.raises(ValueError, match="iam_url") as caught:
                from_environment()
            nowhere(caught.value)


@every_invalid
@pytest.mark.parametrize("kind", ["client", "async_client"])
def test_credential_in_base_url_for_replay_is_nowhere(kind: str, url: Any) -> None:
    replay = Replay("yuanrong")
    with pytest.raises(ValueError, match="base_url") as caught:
        getattr(replay, kind)("yuanrong", base_url=url)
    nowhere(caught.value)


@pytest.mark.parametrize("given", ["option", "variable"])
def test_credential_in_base_url_of_command_is_nowhere(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is created apart from its group: the group's frames are click's and contain all given arguments."""
    root = program()
    services = root.get_command(click.Context(root), "get")
    assert isinstance(services, click.Group)
    command = services.get_command(click.Context(services), "yuanrong")
    assert command is not None
    for url in INVALID.values():
        if not isinstance(url, str):
            continue
        arguments = ["j"]
        if given == "option":
            arguments += ["--base-url", url]
        else:
            monkeypatch.setenv("CLOUDJOBS_YUANRONG_URL", url)
        with command.make_context("yuanrong", arguments) as context, pytest.raises(click.UsageError) as caught:
            command.invoke(context)
        assert "base_url" in caught.value.message
        nowhere(caught.value)


LOCATIONS = {
    **{name: url for name, url in INVALID.items() if isinstance(url, str) and url.isascii() and url.isprintable()},
    "no host": f"//u:{CANARY}@",
    "IPv6": f"https://u:{CANARY}@[::",
    "userinfo of this server": "SERVER",
}


@every_carrier
@pytest.mark.parametrize("location", LOCATIONS.values(), ids=LOCATIONS)
async def test_credential_in_location_is_nowhere(
    carried: Carried, location: str, log: pytest.LogCaptureFixture
) -> None:
    def answer(path: str) -> bytes:
        target = location.replace("SERVER", server.url.replace("//", f"//u:{CANARY}@"))
        return reply("302 Found", b"", f"Location: {target}", f"Link: <{target}>; rel=next")

    with serving(answer) as server:
        async with carried.client(server.url, auth=Token(CANARY, header="X-T")) as client:
            with pytest.raises(errors.CloudJobsError) as caught:
                await carried.way.call(client)
    nowhere(caught.value)
    assert len(server.paths) == 1
    assert CANARY not in logged(log)


# The password of a proxy


@every_carrier
@pytest.mark.parametrize(
    "proxy",
    [
        f"http://u:{SURROGATES}@127.0.0.1:1",
        f"http://u:1{CANARY}#@127.0.0.1:1",
        f"gopher://u:{CANARY}@127.0.0.1:1",
    ],
    ids=ascii,
)
def test_proxy_password_of_invalid_url_is_nowhere(
    carried: Carried, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ValueError, match=r"PROXY|proxy") as caught:
        carried.way.client()
    nowhere(caught.value)


PROXIES: dict[str, Callable[[str], bytes]] = {
    "refuses": lambda path: reply("407 Proxy Authentication Required", b"", f"X-Subject-Token: {CANARY}"),
    "says nothing": lambda path: b"",
    "says no HTTP": lambda path: f"what? {CANARY}\r\n\r\n".encode(),
}


@every_carrier
@pytest.mark.parametrize("says", [*PROXIES, "is not there"])
async def test_proxy_password_of_any_proxy_is_nowhere(
    carried: Carried, says: str, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(PROXIES.get(says, lambda path: b"")) as proxy:
        at = proxy.url.replace("http://", f"http://{CANARY}:{CANARY}@") if says in PROXIES else NOBODY
        monkeypatch.setenv("ALL_PROXY", at)
        for url in ("https://service.example.com", "http://service.example.com"):
            with carried.sender.chosen():
                client = carried.way.client(base_url=url, auth=Token(CANARY, header="X-T"), allow_insecure=True)
            with pytest.raises(errors.CloudJobsError) as caught:
                await carried.way.call(client)
            nowhere(caught.value)
            await carried.way.close(client)
    assert CANARY not in logged(log)


NOBODY = f"http://{CANARY}:{CANARY}@127.0.0.1:1"


# Log records


@every_carrier
@every_auth
async def test_credential_is_in_no_log_record_of_a_library(
    carried: Carried, auth: Callable[[str], httpx.Auth], log: pytest.LogCaptureFixture
) -> None:
    """The event loop is in debug mode, in which it logs each callback that is slow."""
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().slow_callback_duration = 0

    def answer(path: str) -> bytes:
        quoting = (f"X-Subject-Token: {CANARY}", f"Set-Cookie: {CANARY}", f"X-Other: '\"{CANARY}")
        return reply(f"201 {CANARY}" if IAM in path else f"200 {CANARY}", TOKEN_BODY, *quoting)

    try:
        with serving(answer) as server:
            async with carried.client(server.url, auth=auth(server.url)) as client:
                await carried.way.call(client.with_options(headers={"X-Key": CANARY}))
    finally:
        asyncio.get_running_loop().set_debug(False)
        asyncio.get_running_loop().slow_callback_duration = 0.1
    shown = logged(log)
    assert CANARY not in shown
    assert SIGNED not in shown
    assert ("asyncio" if carried.library == "aiohttp" else "X-Subject-Token") in shown


@pytest.mark.parametrize("library", ["httpx", "httpcore.http11"])
def test_log_record_of_another_request_is_unchanged(library: str, log: pytest.LogCaptureFixture) -> None:
    with serving(lambda path: reply("200 Sure", b"{}", f"X-Subject-Token: {CANARY}")) as server:
        with YuanrongClient(server.url) as client:
            client.get_job("j")
        log.clear()
        httpx.get(server.url, trust_env=False)
    said = [record.getMessage() for record in log.records if record.name == library]
    assert any((CANARY if library == "httpcore.http11" else "200 Sure") in text for text in said)
