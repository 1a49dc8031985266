"""Proxies of the environment: credentials never go to one in the clear, and this machine is asked without one."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import cloudjobs
from cloudjobs.auth import IamPassword, Token

from .doc_examples import CARRIED, WAYS, Carried, Way, named
from .transports import Server, never, reply, serving

pytestmark = pytest.mark.anyio
CANARY = "canary-20c5f1a3"
CERTIFICATE = str(Path(__file__).with_name("localhost.pem"))
HEADER = "X-T"
IAM = "/v3/auth/tokens"
CARRIERS = [carried for carried in CARRIED if carried.way.operation == CARRIED[0].way.operation]
SERVICE = [way for way in WAYS if way.operation == WAYS[0].operation]
every_carrier = pytest.mark.parametrize("carried", CARRIERS, ids=named)
every_way = pytest.mark.parametrize("way", SERVICE, ids=named)
ASKED = "127.0.0.1"
"""Where the servers of these tests listen."""
VARIABLES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
HERE = (ASKED, "127.8.9.10", "localhost", "jobs.localhost", "[::1]", "[::ffff:127.0.0.1]")


def fixed(url: str) -> httpx.Auth:
    return Token(CANARY, header=HEADER)


def called(url: str) -> httpx.Auth:
    return Token(lambda: CANARY, header=HEADER)


def logged_in(url: str) -> httpx.Auth:
    return IamPassword("jane", CANARY, "acme", "p", iam_url=url, header=HEADER)


AUTHS = (fixed, called, logged_in)


def answered(path: str) -> bytes:
    return reply("201 Created", b"{}", f"X-Subject-Token: {CANARY}") if IAM in path else reply("200 OK", b"{}")


def refused(path: str) -> bytes:
    return reply("502 Bad Gateway", b"")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A proxy that responds to any request, and that no variable names yet."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", CERTIFICATE)  # loaded sooner than those of all authorities
    look_up = socket.getaddrinfo

    def here(host: Any, *args: Any, **keywords: Any) -> Any:
        return look_up("127.0.0.1" if "localhost" in str(host) else host, *args, **keywords)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    with serving(answered) as server:
        yield server


def of_host(host: str, server: Server) -> str:
    return server.url.replace("127.0.0.1", host)


async def call(carried: Carried, url: str, **keywords: Any) -> None:
    """Call over each library, with a client of ours that has the proxies of the environment."""
    way = carried.way
    with carried.sender.chosen():
        client = way.client(base_url=url, **keywords)
    # Some of the addresses have no listener: the test checks only the address that the client connects to.
    with contextlib.suppress(cloudjobs.errors.APIConnectionError):
        await way.call(client.with_options(timeout=5))
    await way.close(client)


@every_carrier
@pytest.mark.parametrize("make", AUTHS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("host", HERE)
async def test_proxy_for_loopback_gets_no_request(
    carried: Carried, make: Callable[[str], httpx.Auth], host: str, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in VARIABLES if host == ASKED else VARIABLES[:1]:
        with monkeypatch.context() as patch, serving(answered) as service:
            patch.setenv(variable, proxy.url)
            url = of_host(host, service)
            await call(carried, url, auth=make(url))
            assert proxy.paths == []
            if host == ASKED:
                assert service.headers[-1][HEADER] == CANARY


@every_carrier
@pytest.mark.parametrize("host", HERE)
async def test_proxy_for_loopback_iam_gets_no_password(
    carried: Carried, host: str, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service itself is elsewhere: a token for it goes through the proxy, encrypted."""
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    proxy.answer = refused
    with serving(answered) as iam:
        await call(carried, "https://service.example.com", auth=logged_in(of_host(host, iam)))
        if host == ASKED:
            assert CANARY in iam.bodies[-1].decode()
    assert not [path for path in proxy.paths if IAM in path]
    assert CANARY not in repr((proxy.headers, proxy.bodies))


@every_carrier
async def test_proxy_for_remote_plain_host_is_used(
    carried: Carried, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in VARIABLES:
        proxy.paths.clear()
        with monkeypatch.context() as patch:
            patch.setenv(variable, proxy.url)
            await call(carried, "http://service.example.com", auth=fixed(""), allow_insecure=True)
        assert proxy.paths[0].startswith("http://service.example.com/")


@every_way
async def test_http_client_with_proxy_and_loopback_is_rejected(
    way: Way, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with serving(answered) as service:
        http = way.http_client()
        for auth in (fixed(service.url), logged_in(service.url)):
            for url in (service.url, "https://service.example.com"):
                if url == service.url or isinstance(auth, IamPassword):
                    with pytest.raises(ValueError, match=r"^http_client must .*127.*proxy.*allow_insecure") as caught:
                        way.client(base_url=url, http_client=http, auth=auth)
                    assert CANARY not in str(caught.value)
        with pytest.raises(ValueError, match="http_client must"):
            way.client(base_url=service.url, http_client=http).with_options(headers={"Authorization": CANARY})
        await way.call(way.client(base_url=service.url, http_client=http))
        assert len(proxy.paths) == 1, "without credentials the caller's client goes its own way"
        await way.call(way.client(base_url=service.url, http_client=http, auth=fixed(""), allow_insecure=True))
        assert len(proxy.paths) == 2
        await way.close(http)
        direct = way.http_client(trust_env=False)
        await way.call(way.client(base_url=service.url, http_client=direct, auth=logged_in(service.url)))
        assert len(proxy.paths) == 2
        await way.close(direct)


@every_way
@pytest.mark.parametrize("name", ["Authorization", "x-auth-token", "Cookie", "X-Api-Key", "Proxy-Authorization"])
async def test_credential_header_over_plain_http_is_rejected(way: Way, name: str) -> None:
    url = "http://service.example.com"
    client = way.client(base_url=url, transport=never())
    with pytest.raises(ValueError, match="allow_insecure=True") as caught:
        client.with_options(headers={name: CANARY})
    assert CANARY not in str(caught.value)
    client.with_options(headers={"X-Request-Id": "1", "User-Agent": "a"})
    way.client(base_url=url, transport=never(), allow_insecure=True).with_options(headers={name: CANARY})
    for keywords in ({"headers": {name: CANARY}}, {"auth": ("user", CANARY)}):
        http = way.http_client(transport=never(), **keywords)
        with pytest.raises(ValueError, match="allow_insecure=True") as caught:
            way.client(base_url=url, http_client=http)
        assert CANARY not in str(caught.value)
        way.client(base_url=url, http_client=http, allow_insecure=True)
        way.client(base_url="http://localhost", http_client=http)
        await way.close(http)


def test_cli_for_loopback_uses_no_proxy(proxy: Server) -> None:
    pytest.importorskip("click", reason="needs the [cli] extra")
    from .cli.shells import shell_for_url

    login = {
        "CLOUDJOBS_TOKEN": None,
        "HW_USER_NAME": "jane",
        "HW_USER_PASSWORD": CANARY,
        "HW_DOMAIN_NAME": "acme",
        "HW_PROJECT_NAME": "p",
    }
    with serving(answered) as service:
        shell = shell_for_url(service.url)
        for credentials in ({"CLOUDJOBS_TOKEN": CANARY}, {**login, "HW_AUTH_URL": service.url}):
            ran = shell("get", "cce", "j", **dict.fromkeys(VARIABLES, proxy.url), **credentials)
            assert ran.code == 0, ran.err
            assert service.headers[-1]["X-Auth-Token"] == CANARY
    assert proxy.paths == []
