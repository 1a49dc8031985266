"""A call ends with its deadline and a wait with its timeout, however slowly a server sends."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from cloudjobs import CceClient, errors
from cloudjobs._clock import RemainingTime
from cloudjobs._httpx import Backend
from cloudjobs.auth import IamPassword

from .doc_examples import ANY_URL, CARRIED, Carried, named

pytestmark = pytest.mark.anyio
CCE = [carried for carried in CARRIED if carried.way.operation.service == "cce"]
every_sender = pytest.mark.parametrize("carried", CCE, ids=named)
BUDGET = 0.3
"""Seconds that a call may take."""
LATE = 2.5
"""Seconds within which it must have ended, on a machine with much else to do."""
LASTS = 6.0
"""Seconds for which a server drips."""
OWN = Path(__file__).with_name("localhost.pem")

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "first line": (b"HTTP/1.1 200 O", b"K"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "informational": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    "chunk size": (CHUNKED + b"5;", b"x"),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: y\r\n"),
    "error": (b"HTTP/1.1 503 Busy\r\n", b"X: y\r\n"),
}
every_part = pytest.mark.parametrize(("first", "drip"), SLOW.values(), ids=SLOW)


@contextmanager
def handling(handle: Callable[[socket.socket], object]) -> Iterator[int]:
    """Yield a server with a function that serves each connection in its own thread; return its port."""
    threads, connections = [], []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            threads.append(threading.Thread(target=one, args=(connection,)))
            threads[-1].start()

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(LASTS)
            with suppress(OSError):  # the client has gone
                handle(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=serve)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def slow_sender(first: bytes, drip: bytes) -> Callable[[socket.socket], object]:
    """Sends some bytes at once and others over and over, for some seconds."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(first)
        ends = time.monotonic() + LASTS
        while time.monotonic() < ends:
            connection.sendall(drip)
            time.sleep(0.04)

    return handle


@contextmanager
def in_time(error: type[Exception], match: str | None = "deadline of 0.3 s") -> Iterator[None]:
    """Fail unless a call ends with an error soon after its budget."""
    began = time.monotonic()
    with pytest.raises(error, match=match):
        yield
    assert time.monotonic() - began < LATE


@every_sender
@every_part
async def test_deadline_slow_response_ends_the_call(carried: Carried, first: bytes, drip: bytes) -> None:
    with handling(slow_sender(first, drip)) as port:
        async with carried.client(f"http://127.0.0.1:{port}", deadline=BUDGET) as client:
            with in_time(errors.APITimeoutError):
                await carried.way.call(client)


@every_sender
@pytest.mark.parametrize("part", ["headers", "body"])
async def test_deadline_slow_iam_response_ends_the_call(carried: Carried, part: str) -> None:
    with handling(slow_sender(*SLOW[part])) as port:
        auth = IamPassword("jane", "secret", "acme", "south-1", iam_url=f"http://127.0.0.1:{port}")
        async with carried.client(ANY_URL, deadline=BUDGET, auth=auth) as client:
            with in_time(errors.APITimeoutError):
                await carried.way.call(client)


@every_sender
async def test_deadline_slow_tls_handshake_ends_the_call(carried: Carried) -> None:
    with handling(slow_sender(b"\x16\x03\x03\x40\x00", b"\x02")) as port:
        async with carried.client(f"https://127.0.0.1:{port}", deadline=BUDGET) as client:
            with in_time(errors.APITimeoutError):
                await carried.way.call(client)


@every_sender
async def test_deadline_slow_proxy_ends_the_call(carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    with handling(slow_sender(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with carried.client("https://service.example.com", deadline=BUDGET) as client:
            with in_time(errors.APITimeoutError):
                await carried.way.call(client)


@every_sender
async def test_wait_slow_response_ends_with_its_timeout(carried: Carried) -> None:
    with handling(slow_sender(*SLOW["headers"])) as port:
        async with carried.client(f"http://127.0.0.1:{port}") as client:
            with in_time(errors.WaitTimeoutError, r"the timeout of 0\.3 s expired"):
                done = client.wait_for_job("j", project_id="p", timeout=BUDGET)
                await done if carried.way.asynchronous else done


@pytest.mark.parametrize("given", ["http_client", "transport"])
def test_deadline_slow_response_ends_given_http_client(given: str) -> None:
    kind: Any = httpx.Client if given == "http_client" else httpx.HTTPTransport
    with handling(slow_sender(*SLOW["headers"])) as port, kind() as callers:
        client = CceClient(f"http://127.0.0.1:{port}", project_id="p", deadline=BUDGET, **{given: callers})
        with in_time(errors.APITimeoutError):
            client.get_job("j")


def test_deadline_host_with_many_addresses_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.setblocking(False)
            connection.connect_ex(address)
        resolved = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *given: resolved("127.0.0.1", *given) * (20 if host == "many.example.com" else 1),
        )
        client = CceClient(
            f"http://many.example.com:{address[1]}", project_id="p", auth=None, deadline=BUDGET, max_retries=0
        )
        with client, in_time(errors.APITimeoutError):
            client.get_job("j")
        for connection in waiting:
            connection.close()


def test_deadline_none_slow_response_is_read() -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
            connection.sendall(bytes([byte]))
            time.sleep(0.01)

    with (
        handling(handle) as port,
        CceClient(f"http://127.0.0.1:{port}", project_id="p", auth=None, timeout=0.3) as client,
    ):
        assert client.get_job("j").to_dict() == {}


# TLS within TLS: a proxy that is spoken to over TLS


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(OWN)
    return context


def left(seconds: float) -> RemainingTime:
    ends = time.monotonic() + seconds
    return RemainingTime(None, lambda: ends - time.monotonic())


def test_tls_within_tls_slow_handshake_ends_in_time() -> None:
    def handle(connection: socket.socket) -> None:
        with server_context().wrap_socket(connection, server_side=True) as outer:
            slow_sender(b"\x16\x03\x03\x40\x00", b"\x02")(outer)

    trusting = ssl.create_default_context(cafile=str(OWN))
    with handling(handle) as port:
        plain = Backend(httpcore.SyncBackend(), httpcore).connect_tcp("127.0.0.1", port, left(5))
        outer = plain.start_tls(trusting, "localhost", left(5))
        with in_time(httpcore.ConnectTimeout, None):
            outer.start_tls(trusting, "localhost", left(BUDGET))


def test_tls_within_tls_transfers_data_unchanged() -> None:
    sent = b"x" * 100_000

    def handle(connection: socket.socket) -> None:
        with server_context().wrap_socket(connection, server_side=True) as outer:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            inner = server_context().wrap_bio(incoming, outgoing, server_side=True)
            received = b""

            def done(step: Callable[..., Any], *arguments: Any) -> Any:
                while True:
                    try:
                        result = step(*arguments)
                    except ssl.SSLWantReadError:
                        outer.sendall(outgoing.read())
                        incoming.write(outer.recv(65536))
                    else:
                        outer.sendall(outgoing.read())
                        return result

            done(inner.do_handshake)
            while len(received) < len(sent):
                received += done(inner.read, 65536)
            done(inner.write, received[::-1])

    trusting = ssl.create_default_context(cafile=str(OWN))
    with handling(handle) as port:
        plain = Backend(httpcore.SyncBackend(), httpcore).connect_tcp("127.0.0.1", port, left(5))
        stream = plain.start_tls(trusting, "localhost", left(5)).start_tls(trusting, "localhost", left(5))
        stream.write(sent, left(5))
        received = b""
        while len(received) < len(sent):
            received += stream.read(65536, left(5))
        assert received == sent
        stream.close()
        with pytest.raises(httpcore.ReadError):
            stream.read(1, left(5))
