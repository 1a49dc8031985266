"""Strict comparison of JSON, transports that record requests, and a server on a local port."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import httpx
import pytest

from cloudjobs import LazyList


def differences(left: object, right: object, place: str = "$") -> Iterator[str]:
    """Yield the first difference of two JSON values; an integer, a float and a boolean are never the same."""
    if type(left) is not type(right):
        yield f"{place}: {left!r} is not {right!r}"
    elif isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            if key not in left or key not in right:
                yield f"{place}: {key!r} is on one side only"
            else:
                yield from differences(left[key], right[key], f"{place}.{key}")
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield f"{place}: {len(left)} items, and {len(right)}"
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            yield from differences(one, other, f"{place}[{index}]")
    elif left != right:
        yield f"{place}: {left!r} is not {right!r}"


def rows_as_list(value: object) -> object:
    """Return the rows of a page as a list, anything else as it is."""
    return list(value) if isinstance(value, LazyList) else value


def assert_same_json(left: object, right: object) -> None:
    """Fail unless two JSON values are the same, types included."""
    found = list(differences(left, right))
    assert not found, "\n".join(found)


def one_line(error: Exception) -> bool:
    """Return whether the text of an error is one line that is not empty."""
    return bool(str(error).strip()) and len(str(error).splitlines()) == 1


class Answers(httpx.MockTransport):
    """Sends the same response to every request, keeps the requests, and records whether it was closed."""

    def __init__(self, status: int = 200, **reply: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.closed = False
        self._status = status
        self._reply = reply or {"json": {}}
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, **self._reply)

    @property
    def request(self) -> httpx.Request:
        """The only request so far."""
        (request,) = self.requests
        return request

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that httpx decodes only when it is read, as one from the network."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    async def __aiter__(self) -> Any:
        for chunk in self._chunks:
            yield chunk


def _fail(request: httpx.Request) -> httpx.Response:
    pytest.fail(f"a request was sent: {request.method} {request.url}")


def never() -> httpx.MockTransport:
    """Return a transport that no request may reach."""
    return httpx.MockTransport(_fail)


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler that raises instead of returning a response."""

    def handle(request: httpx.Request) -> httpx.Response:
        raise error

    return handle


@attrs.define
class Server:
    """A server on a local port, with the requests it received."""

    url: str
    answer: Callable[[str], bytes]
    """The whole response, from the status line on, to a request for that path. No bytes: the connection is closed."""
    paths: list[str] = attrs.field(factory=list)
    headers: list[httpx.Headers] = attrs.field(factory=list)
    bodies: list[bytes] = attrs.field(factory=list)
    connections: int = 0


def reply(status: str, body: bytes, *headers: str) -> bytes:
    """Return a whole HTTP response."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(head).encode() + body


@contextmanager
def serving(answer: Callable[[str], bytes], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Yield a server on a local port, which responds with a function's result for the path; over TLS if given."""

    counting = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with counting:
                state.connections += 1

        def do_GET(self) -> None:
            state.paths.append(self.path)
            state.headers.append(httpx.Headers(self.headers.items()))
            state.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            whole = state.answer(self.path)
            self.wfile.write(whole)
            self.close_connection = not whole.startswith(b"HTTP/") or b"Connection: close" in whole

        do_POST = do_CONNECT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        request_queue_size = 128  # many threads connect at once

    with Listener(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        state = Server(f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}", answer)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
