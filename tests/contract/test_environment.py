"""The tests of this folder reach no network, those that serve this machine alone, and cases are the same."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exhaustive import sample

ELSEWHERE = "192.0.2.1"  # an address that is never assigned (RFC 5737)


def _datagram(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", (host, 9))


def _socket(host: str) -> None:
    with socket.socket() as client:
        client.settimeout(1)
        client.connect((host, 9))


def _socket_ex(host: str) -> None:
    with socket.socket() as client:
        client.settimeout(1)
        client.connect_ex((host, 9))


USES: dict[str, Callable[[str], object]] = {
    "connect": _socket,
    "connect_ex": _socket_ex,
    "sendto": _datagram,
    "create_connection": lambda host: socket.create_connection((host, 9), timeout=1),
    "getaddrinfo": lambda host: socket.getaddrinfo(host, 9),
    "gethostbyname": lambda host: socket.gethostbyname(str(host)),  # looked up when it is called
    "httpx": lambda host: httpx.get(f"http://{host}:9/", timeout=1),
    "urllib": lambda host: urllib.request.urlopen(f"http://{host}:9/", timeout=1),
    "asyncio": lambda host: asyncio.run(asyncio.wait_for(asyncio.open_connection(host, 9), 1)),
}


@pytest.mark.parametrize("host", [ELSEWHERE, "127.0.0.1", "localhost"])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_network_guard_without_serves_blocks_all_hosts(use: Callable[[str], object], host: str) -> None:
    with pytest.raises(AssertionError, match="must connect to this machine alone"):
        use(host)


@pytest.mark.usefixtures("serves")
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_network_guard_with_serves_blocks_other_hosts(use: Callable[[str], object]) -> None:
    with pytest.raises(AssertionError, match="must connect to this machine alone"):
        use(ELSEWHERE)


@pytest.mark.usefixtures("serves")
def test_network_guard_with_serves_allows_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"x")
            assert accepted.recv(1) == b"x"


def test_network_guard_allows_socket_pairs() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"


def generated() -> list[str]:
    texts = []

    @settings(derandomize=True, database=None, deadline=None, max_examples=sample(300))
    @given(st.text())
    def run(text: str) -> None:
        texts.append(text)

    run()
    return texts


def test_hypothesis_examples_do_not_depend_on_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = generated()
    names = [f"constant {number}" for number in range(200)]
    (tmp_path / "some_module_of_ours.py").write_text(f"NAMES = {names}\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("some_module_of_ours")
    try:
        assert generated() == before
    finally:
        del sys.modules["some_module_of_ours"]
