"""Proxies and certificates of the environment mean the same to every sender."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import cloudjobs
from cloudjobs._proxies import Network
from cloudjobs.auth import IamPassword

from .doc_examples import CARRIED, Carried, named
from .transports import Server, reply, serving

pytestmark = pytest.mark.anyio
CARRIERS = [carried for carried in CARRIED if carried.way.operation == CARRIED[0].way.operation]
every_carrier = pytest.mark.parametrize("carried", CARRIERS, ids=named)
CERTIFICATE = str(Path(__file__).with_name("localhost.pem"))
CANARY = "canary-3e81f0b2"
PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().endswith("_PROXY") or name in ("REQUEST_METHOD", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)


def made(carried: Carried, url: str, **keywords: Any) -> None:
    """Make a client with the connections of a sender."""
    with carried.sender.chosen():
        carried.way.client(base_url=url, **keywords)


def proxy_for(url: str) -> str | None:
    found = Network().proxy(httpx.URL(url))
    return None if found is None else found.url


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({"HTTP_PROXY": PROXY}, "http://a.example", PROXY),
        ({"HTTP_PROXY": PROXY}, "https://a.example", None),
        ({"HTTPS_PROXY": PROXY}, "https://a.example", PROXY),
        ({"https_proxy": PROXY}, "https://a.example", PROXY),
        ({"ALL_PROXY": PROXY}, "http://a.example", PROXY),
        ({"ALL_PROXY": "http://b:1", "HTTPS_PROXY": PROXY}, "https://a.example", PROXY),
        ({"ALL_PROXY": PROXY, "HTTPS_PROXY": ""}, "https://a.example", PROXY),
        ({"HTTPS_PROXY": "http://b:1", "https_proxy": PROXY}, "https://a.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "https_proxy": ""}, "https://a.example", None),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "https://a.example", PROXY),
        ({"HTTPS_PROXY": f" {PROXY}/ "}, "https://a.example", f"{PROXY}/"),
        ({"HTTPS_PROXY": "HTTP://Proxy.Example:3128"}, "https://a.example", PROXY),
        ({"HTTPS_PROXY": "http://u:p%40ss@proxy.example:3128"}, "https://a.example", PROXY),
        ({"HTTPS_PROXY": "https://proxy.example"}, "https://a.example", "https://proxy.example"),
        ({"HTTPS_PROXY": "socks5h://[fd07::1]:1080"}, "https://a.example", "socks5h://[fd07::1]:1080"),
        ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "http://a.example", None),
        ({"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, "http://a.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "https://a.example", PROXY),
    ],
)
def test_proxy_variable_decides_by_scheme(
    variables: dict[str, str], url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == expected


@pytest.mark.parametrize(
    ("no_proxy", "direct", "proxied"),
    [
        ("a.example", ["a.example", "b.a.example", "A.EXAMPLE", "a.example.", "a.example:8443"], ["ba.example"]),
        (".a.example", ["a.example", "b.a.example"], ["ba.example"]),
        ("*.a.example", ["a.example", "b.a.example"], ["ba.example"]),
        ("nal.example", [], ["internal.example"]),
        ("A.Example", ["a.example"], ["b.example"]),
        ("a.example:8443", ["a.example:8443"], ["a.example", "a.example:8444"]),
        ("a.example:443", ["a.example"], ["a.example:8443"]),
        ("b.example, a.example", ["a.example", "b.example"], ["c.example"]),
        ("b.example a.example ,", ["a.example", "b.example"], ["c.example"]),
        ("b.example,*", ["a.example", "10.0.0.1", "[fd07::1]"], []),
        ("作业.example", ["xn--vhq83a.example", "作业.example"], ["a.example"]),
        ("10.0.0.1", ["10.0.0.1"], ["10.0.0.2", "a10.0.0.1"]),
        ("10.0.0.1:8443", ["10.0.0.1:8443"], ["10.0.0.1"]),
        ("10.0.0.0/8", ["10.1.2.3", "[::ffff:10.1.2.3]"], ["11.0.0.1", "[fd07::1]", "a.example"]),
        ("10.9.9.9/8", ["10.1.2.3"], ["11.0.0.1"]),
        ("fd07:b51a:cc66:f0::/64", ["[fd07:b51a:cc66:f0::1]"], ["[fd07:b51a:cc66:f1::1]", "10.0.0.1"]),
        ("[fd07::]/16", ["[fd07::1]"], ["[fd08::1]"]),
        ("fd07::1", ["[fd07::1]", "[fd07:0:0::1]"], ["[fd07::2]"]),
        ("[fd07::1]", ["[fd07::1]", "[fd07::1]:8443"], ["[fd07::2]"]),
        ("[fd07::1]:8443", ["[fd07::1]:8443"], ["[fd07::1]"]),
        ("localhost,[::1]", ["[::1]", "127.0.0.1", "localhost"], ["a.example"]),
        ("", ["127.8.9.10", "[::ffff:127.0.0.1]", "jobs.localhost"], ["a.example"]),
    ],
)
def test_no_proxy_entry_decides_by_host_and_port(
    no_proxy: str, direct: list[str], proxied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert {host: proxy_for(f"https://{host}") for host in direct} == dict.fromkeys(direct)
    assert {host: proxy_for(f"https://{host}") for host in proxied} == dict.fromkeys(proxied, PROXY)


@pytest.mark.parametrize(
    "invalid",
    [
        *("http://u:canary-3e81f0b2@a.example", "a.example:port", "a.example:70000", "10.0.0.0/33", "[fd07::", "a..b"),
        *("a.*.example", "[::1]x", "é" * 70, "a.example/path", "%", ":8080", "."),
    ],
)
def test_no_proxy_invalid_entry_is_ignored_with_warning(
    invalid: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", f"b.example,{invalid},c.example")
    with caplog.at_level(logging.WARNING, "cloudjobs"):
        assert (proxy_for("https://a.example"), proxy_for("https://c.example")) == (PROXY, None)
        Network()
    assert [record.getMessage()[:30] for record in caplog.records] == ["NO_PROXY: entry 2 is ignored: "]
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (f"gopher://u:{CANARY}@proxy.example", "got the scheme gopher"),
        (f"http://u:{CANARY}@proxy.example:port", "one that cannot be parsed"),
        (f"http://u:1/{CANARY}@proxy.example", "one that cannot be parsed"),
        (f"http://u:1#{CANARY}@proxy.example", "one that cannot be parsed"),
        (f"http://u:{CANARY}@", "one that cannot be parsed"),
        (f"http://u:{CANARY}@proxy.example:70000", "one that cannot be parsed"),
        (f"{CANARY} {CANARY}", "one that cannot be parsed"),
    ],
)
@every_carrier
def test_proxy_invalid_is_one_error_where_it_would_be_used(
    carried: Carried, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ValueError, match=f"^HTTPS_PROXY must be .*{complaint}") as caught:
        made(carried, "https://a.example")
    assert CANARY not in str(caught.value)
    made(carried, "http://a.example")
    made(carried, "https://127.0.0.1")
    monkeypatch.setenv("NO_PROXY", "a.example")
    made(carried, "https://a.example")


@every_carrier
def test_proxy_socks_without_package_is_one_error(carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", f"socks5://u:{CANARY}@proxy.example")
    with pytest.raises(
        ValueError, match=r"^ALL_PROXY must be an HTTP proxy, got socks5: install httpx\[socks\]"
    ) as caught:
        made(carried, "https://a.example")
    assert CANARY not in str(caught.value)


def test_proxy_of_iam_is_decided_for_its_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy.example")
    monkeypatch.setenv("NO_PROXY", "a.example")
    auth = IamPassword("u", CANARY, "d", "p", iam_url="https://iam.example")
    with pytest.raises(ValueError, match=r"^HTTPS_PROXY must be"):
        cloudjobs.CceClient("https://a.example", auth=auth)
    monkeypatch.setenv("NO_PROXY", "a.example,iam.example")
    cloudjobs.CceClient("https://a.example", auth=auth).close()


async def call(carried: Carried, url: str) -> None:
    """Call over each sender."""
    async with carried.client(url) as client:
        with contextlib.suppress(cloudjobs.errors.APIError):
            await carried.way.call(client.with_options(timeout=5, max_retries=0))


@pytest.fixture
def proxy() -> Iterator[Server]:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        yield server


@every_carrier
@pytest.mark.parametrize(
    ("variables", "is_used"),
    [
        ({"HTTP_PROXY": "{host}"}, True),
        ({"all_proxy": "http://{host}"}, True),
        ({"ALL_PROXY": "http://{host}", "NO_PROXY": "jobs.invalid:8265"}, False),
        ({"ALL_PROXY": "http://{host}", "NO_PROXY": "jobs.invalid:80,[::1],fd07::/64"}, True),
        ({"HTTP_PROXY": "http://{host}", "NO_PROXY": "*"}, False),
        ({"HTTP_PROXY": "http://{host}", "REQUEST_METHOD": "GET"}, False),
    ],
)
async def test_proxy_decision_is_equal_for_every_sender(
    carried: Carried, variables: dict[str, str], is_used: bool, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(host=proxy.url.removeprefix("http://")))
    await call(carried, "http://jobs.invalid:8265")
    assert [path.split("/")[2] for path in proxy.paths] == ["jobs.invalid:8265"] * is_used


@every_carrier
@pytest.mark.parametrize("url", ["http://jobs.invalid:8265", "https://jobs.invalid:8265"])
async def test_proxy_login_is_sent_decoded_by_every_sender(
    carried: Carried, url: str, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", CERTIFICATE)
    monkeypatch.setenv("ALL_PROXY", proxy.url.replace("http://", "http://us%3Aer:p%40ss-%E4%BD%9C@"))
    await call(carried, url)
    assert proxy.headers[0]["Proxy-Authorization"] == f"Basic {b64encode('us:er:p@ss-作'.encode()).decode()}"


class Socks:
    """A SOCKS5 proxy that answers each connection itself."""

    def __init__(self) -> None:
        self.targets: list[tuple[str, int]] = []
        self.logins: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"socks5://us%3Aer:{CANARY}@127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, connection.makefile("rb") as file:
                    methods = file.read(file.read(2)[1])
                    connection.sendall(b"\5" + (b"\2" if b"\2" in methods else b"\0"))
                    user = file.read(file.read(2)[1])
                    self.logins += [user, file.read(file.read(1)[0])]
                    connection.sendall(b"\1\0")
                    name = file.read(file.read(5)[4])
                    self.targets.append((name.decode(), struct.unpack(">H", file.read(2))[0]))
                    connection.sendall(b"\5\0\0\1\0\0\0\0\0\0")
                    while file.readline().strip():
                        pass
                    connection.sendall(reply("200 OK", b"{}", "Connection: close"))

    def __enter__(self) -> Socks:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@every_carrier
async def test_proxy_socks_is_used_by_every_sender(carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    with Socks() as socks:
        monkeypatch.setenv("ALL_PROXY", socks.url)
        await call(carried, "http://jobs.invalid:8265")
    assert socks.targets == [("jobs.invalid", 8265)]
    assert socks.logins == [b"us:er", CANARY.encode()]


@every_carrier
@pytest.mark.parametrize(
    ("name", "value"),
    [("SSL_CERT_FILE", "missing.pem"), ("SSL_CERT_FILE", "."), ("SSL_CERT_FILE", "empty.pem"), ("SSL_CERT_DIR", "no")],
)
def test_certificates_invalid_are_one_error_for_https_only(
    carried: Carried, name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").touch()
    path = str(tmp_path / value)
    monkeypatch.setenv(name, path)
    with pytest.raises(ValueError, match=f"^{name} must be a ") as caught:
        made(carried, "https://a.example")
    assert path in str(caught.value)
    auth: Any = IamPassword("u", CANARY, "d", "p", iam_url="https://iam.example", header="X-T")
    with pytest.raises(ValueError, match=f"^{name} must be a "):
        made(carried, "http://127.0.0.1", auth=auth)
    made(carried, "http://a.example")
