"""Servers over real sockets that send given bytes, wait, close and reset, and a proxy that tunnels or forwards."""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import attrs

LONGEST = 8.0
"""Seconds after which a connection ends, in each case."""


@attrs.frozen
class Pause:
    """Send nothing for some seconds."""

    seconds: float


@attrs.frozen
class Drip:
    """Send bytes over and over, with pauses, until the client has gone."""

    content: bytes
    pause: float = 0.04


@attrs.frozen
class Close:
    """Close the connection; with a RST segment if it is a reset."""

    reset: bool = False


Step = bytes | Pause | Drip | Close
Steps = tuple[Step, ...]
Handler = Callable[["Request"], Iterable[Step]]


@attrs.frozen
class Request:
    """A request as it was received."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    connection: int
    """Number of the connection, from 1."""

    def header(self, name: str) -> str | None:
        """Return the values of a header, joined by a comma; None without the header."""
        found = [value for each, value in self.headers if each.lower() == name.lower()]
        return ", ".join(found) if found else None

    @property
    def text(self) -> str:
        """Everything that was received."""
        return f"{self.method} {self.target} {self.headers} {self.body!r}"


class RawServer:
    """Accepts connections, and sends for each request the steps that a function returns.

    Args:
        handler: Returns the steps for a request.
        tls: Context of a server that speaks TLS.
        before: Steps of each connection before anything is read; a `Close` in them ends it.
        host: The address to listen at.
    """

    def __init__(
        self, handler: Handler, tls: ssl.SSLContext | None = None, before: Steps = (), host: str = "127.0.0.1"
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._handler = handler
        self._tls = tls
        self._before = before
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(
            (host, 0), backlog=256, family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept)

    def start(self) -> None:
        self._acceptor.start()

    def close(self) -> None:
        """End all connections and threads."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        used = connection
        try:
            connection.settimeout(LONGEST)
            if self._play(connection, self._before):
                if self._tls is not None:
                    used = self._tls.wrap_socket(connection, server_side=True)
                self.exchange(used, number)
        except OSError:
            pass  # the client has gone, or refused the certificate
        finally:
            with self._lock:
                self._open.discard(connection)
            with suppress(OSError):
                used.close()
            connection.close()

    def exchange(self, connection: socket.socket, number: int) -> None:
        """Read requests and send responses until the connection ends."""
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                more = connection.recv(65536)
                if not more:
                    return
                received += more
            head, _, received = received.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
            length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
            while len(received) < length:
                received += connection.recv(65536)
            body, received = received[:length], received[length:]
            method, target = first.split(" ")[:2]
            request = Request(method, target, headers, body, number)
            with self._lock:
                self.requests.append(request)
            if not self.answer(connection, request):
                return

    def answer(self, connection: socket.socket, request: Request) -> bool:
        """Send the steps for a request. Returns whether the connection stays open."""
        return self._play(connection, self._handler(request))

    def _play(self, connection: socket.socket, steps: Iterable[Step]) -> bool:
        for step in steps:
            match step:
                case bytes():
                    connection.sendall(step)
                case Pause(seconds):
                    _wait(connection, seconds)
                case Drip(content, pause):
                    ends = time.monotonic() + LONGEST
                    while time.monotonic() < ends:
                        connection.sendall(content)
                        time.sleep(pause)
                case Close(reset):
                    if reset:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return False
        return True


class Proxy(RawServer):
    """An HTTP and SOCKS5 proxy: tunnels each CONNECT to one server, and responds to other requests itself.

    Args:
        handler: Returns the steps for a request; no steps for a CONNECT that is tunnelled.
        upstream: Port on this machine that each tunnel leads to.
        tls: Context of a proxy that uses TLS itself.
    """

    def __init__(self, handler: Handler, upstream: int | None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(handler, tls)
        self._upstream = upstream

    def exchange(self, connection: socket.socket, number: int) -> None:
        if self._tls is not None or connection.recv(1, socket.MSG_PEEK) != b"\x05" or self._upstream is None:
            super().exchange(connection, number)
            return
        _, count = _exactly(connection, 2)
        with_login = 2 in _exactly(connection, count)
        connection.sendall(b"\x05\x02" if with_login else b"\x05\x00")
        if with_login:
            _exactly(connection, _exactly(connection, 2)[1])
            _exactly(connection, _exactly(connection, 1)[0])
            connection.sendall(b"\x01\x00")
        host = _exactly(connection, _exactly(connection, 5)[4]).decode()
        port = int.from_bytes(_exactly(connection, 2))
        self.requests.append(Request("SOCKS5", f"{host}:{port}", (), b"", number))
        with socket.create_connection(("127.0.0.1", self._upstream)) as upstream:
            connection.sendall(b"\x05\x00\x00\x01" + bytes(6))
            _tunnel(connection, upstream)

    def answer(self, connection: socket.socket, request: Request) -> bool:
        steps = tuple(self._handler(request))
        if request.method != "CONNECT" or steps or self._upstream is None:
            return self._play(connection, steps)
        with socket.create_connection(("127.0.0.1", self._upstream)) as upstream:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _tunnel(connection, upstream)
        return False


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        more = connection.recv(size - len(received))
        if not more:
            raise ConnectionError("the client has gone")
        received += more
    return received


def _tunnel(one: socket.socket, other: socket.socket) -> None:
    ends = {one: other, other: one}
    with suppress(OSError):
        while True:
            pending = [end for end in ends if isinstance(end, ssl.SSLSocket) and end.pending()]
            ready = pending or select.select([*ends], [], [], LONGEST)[0]
            if not ready:
                return
            for end in ready:
                received = end.recv(65536)
                if not received:
                    return
                ends[end].sendall(received)


def _wait(connection: socket.socket, seconds: float) -> None:
    """Wait, at most until the client closes the connection."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        if isinstance(connection, ssl.SSLSocket) or not select.select([connection], [], [], left)[0]:
            time.sleep(min(left, 0.02))
        elif not connection.recv(1, socket.MSG_PEEK):
            return
        else:
            time.sleep(min(left, 0.02))


@contextmanager
def running(*servers: RawServer) -> Iterator[None]:
    """Run servers until the block ends."""
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.close)
        yield


def in_order(answers: Sequence[Steps]) -> Handler:
    """Return one response after another; the last one is repeated."""
    lock = threading.Lock()
    count = 0

    def handle(request: Request) -> Steps:
        nonlocal count
        with lock:
            found = answers[min(count, len(answers) - 1)]
            count += 1
        return found

    return handle


def by_path(routes: dict[str, Sequence[Steps]]) -> Handler:
    """Return the responses for the first expression that matches the target."""
    handlers = {pattern: in_order(answers) for pattern, answers in routes.items()}

    def handle(request: Request) -> Iterable[Step]:
        return next(handler for pattern, handler in handlers.items() if re.search(pattern, request.target))(request)

    return handle


def server_context(certificate: Any) -> ssl.SSLContext:
    """Return the TLS context of a server with a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
