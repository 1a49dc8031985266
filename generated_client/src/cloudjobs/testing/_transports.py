# Generated from generator/client/runtime/testing/_transports.py. Do not edit: change that, and run `make generate`.
"""Transports of a replay: an ASGI application, a server on a port, an httpx transport, a patch of all clients.

ASGI cannot break a connection: a server with the extension `replay.break`, such as ours, is called; any other gets an
exception, and closes the connection in its own way. The httpx transport raises the exceptions that httpx raises for
the same faults on a port.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import inspect
import json
import os
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from types import ModuleType, TracebackType
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

import httpx
import uvicorn
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .._client import BaseClient
from .._clock import Clock
from .._httpx import AsyncHttpxSender, HttpxSender
from .._messages import BodyReader, RequestSpec, Response
from .._senders import CLOSED, AsyncSender, Sender, stack_request
from .._stacks import AnyAuth
from ..errors import ClientStateError
from ._responses import CannedResponse
from ._router import IncomingRequest, Router

EXTENSION = "replay.break"
"""An extension of a scope: a function that resets the connection if its argument is true, or else closes it."""


_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")

_LONGEST_BODY = 10_000_000
"""Bytes of a request body that are read; the rest is ignored."""


async def _body(receive: Receive) -> bytes:
    """Read the body of a request."""
    content = b""
    while len(content) < _LONGEST_BODY:
        message = await receive()
        content += message.get("body", b"")
        if not message.get("more_body"):
            break
    return content


class ReplayApp:
    """An ASGI application."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._respond(scope, receive, send)
        elif scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await send({"type": "websocket.close"})

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        # raw_path is optional in ASGI; the servers and test clients that are in use give it.
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        content = b"" if scope["method"] in _WITHOUT_BODY else await _body(receive)
        headers = Headers(raw=scope["headers"])
        request = IncomingRequest(scope["method"], raw_path, scope["query_string"], headers, content)
        # The path of a mounted application begins with the path that it is mounted at.
        response = self._router.respond(request, quote(scope.get("root_path", "")).encode())
        if response.delay:
            await self._router.clock.sleep_async(response.delay)
        if response.reset:
            self._break(scope, reset=True)
            return
        head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": head})
        if response.slow_body or response.truncate:
            await self._send_slowly(response, scope, send)
        else:
            await send({"type": "http.response.body", "body": response.sent_body})

    async def _send_slowly(self, response: CannedResponse, scope: Scope, send: Send) -> None:
        for each in response.stream():
            if isinstance(each, bytes):
                await send({"type": "http.response.body", "body": each, "more_body": True})
            else:
                await self._router.clock.sleep_async(each)
        if response.truncate:
            self._break(scope, reset=False)
        else:
            await send({"type": "http.response.body", "body": b""})

    def _break(self, scope: Scope, *, reset: bool) -> None:
        break_connection: Callable[[bool], object] | None = scope.get("extensions", {}).get(EXTENSION)
        if break_connection is None:
            raise ConnectionResetError("the replay reset this connection")
        break_connection(reset)


_RESET = struct.pack("ii", 1, 0)
"""A value of SO_LINGER: a close sends RST."""

_GRACE = 0.3
"""Seconds that a pending response may take after the signal to end."""


class Server(uvicorn.Server):
    """A server that ends within a second, even with pending responses, which may be delayed for minutes."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections."""
        asyncio.get_running_loop().call_later(_GRACE, self._abort)
        await super().shutdown(sockets)

    def _abort(self) -> None:
        # The connections first, so that uvicorn does not log a task that ended without a response.
        for connection in self.server_state.connections:
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins, or of all with `*`, read the responses."""
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "HEAD", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["*"],
    )


def serve(app: ASGIApp, bound: socket.socket, *, quiet: bool) -> None:
    """Serve until SIGINT or SIGTERM. A `quiet` server logs no requests."""
    connections: dict[tuple[str, int], asyncio.Transport] = {}

    class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self._peer = transport.get_extra_info("peername")[:2]
            connections[self._peer] = cast(asyncio.Transport, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self._peer, None)
            super().connection_lost(exc)

    async def breakable(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            transport = connections[tuple(scope["client"])]
            scope = {**scope, "extensions": {**scope.get("extensions", {}), EXTENSION: _breaker(transport)}}
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    # A response is written as head and body. asyncio switches Nagle's algorithm off only for sockets with an explicit
    # protocol, which this one does not have; with it each response on a kept connection takes 40 ms longer.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(breakable, http=Connection, access_log=not quiet, proxy_headers=False, ws="none")
    Server(config).run(sockets=[bound])


def _breaker(transport: asyncio.Transport) -> Any:
    def break_connection(reset: bool) -> None:
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        else:
            transport.close()

    return break_connection


class ReplayTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for synchronous and asynchronous clients.

    Args:
        router: The replay.
        mounted_at: The path that the paths of the services begin with.
    """

    def __init__(self, router: Router, mounted_at: bytes = b"") -> None:
        self._router = router
        self._mounted_at = mounted_at

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response, limit = self._respond(request)
        if response.delay:
            self._router.clock.sleep(min(response.delay, limit))
        return _response(response, request, limit, self._router.clock)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response, limit = self._respond(request)
        if response.delay:
            await self._router.clock.sleep_async(min(response.delay, limit))
        return _response(response, request, limit, self._router.clock)

    def _respond(self, request: httpx.Request) -> tuple[CannedResponse, float]:
        """Return the response, and the read timeout in seconds."""
        raw_path, _, query = request.url.raw_path.partition(b"?")
        raw = [(name.lower(), value) for name, value in request.headers.raw]
        incoming = IncomingRequest(request.method, raw_path, query, Headers(raw=raw), request.content)
        response = self._router.respond(incoming, self._mounted_at)
        limit = request.extensions.get("timeout", {}).get("read")
        return response, float("inf") if limit is None else limit


def _response(response: CannedResponse, request: httpx.Request, limit: float, clock: Clock) -> httpx.Response:
    if response.delay > limit:
        raise httpx.ReadTimeout("timed out", request=request)
    if response.reset:
        reset = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        raise httpx.ReadError(str(reset), request=request) from reset
    return httpx.Response(response.status, headers=response.headers, stream=_Body(response, limit, clock))


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response, in chunks and pauses."""

    def __init__(self, response: CannedResponse, limit: float, clock: Clock) -> None:
        self._response, self._limit, self._clock = response, limit, clock

    def __iter__(self) -> Iterator[bytes]:
        for each in self._response.stream():
            if isinstance(each, bytes):
                yield each
            else:
                self._clock.sleep(min(each, self._limit))
                self._check_timeout(each)
        self._check_complete()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self._response.stream():
            if isinstance(each, bytes):
                yield each
            else:
                await self._clock.sleep_async(min(each, self._limit))
                self._check_timeout(each)
        self._check_complete()

    def _check_timeout(self, pause: float) -> None:
        if pause > self._limit:
            raise httpx.ReadTimeout("timed out")

    def _check_complete(self) -> None:
        if self._response.truncate and not self._response.is_head:
            whole = len(self._response.body)
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {whole // 2} bytes, expected {whole})"
            )


# Patching all clients

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_TOKEN_LIFE = timedelta(days=1)


class Patch(Generic[T]):
    """Sends the requests of all clients of this process to a replay, on its clock; a context manager and a decorator.

    Args:
        replay: The replay, which a `with` block gets.
        router: Its router.
        variables: Returns variables of the environment to set, which clients need and the environment lacks.
    """

    def __init__(self, replay: T, router: Router, variables: Callable[[], dict[str, str]]) -> None:
        self._replay, self._router, self._variables = replay, router, variables

    def __enter__(self) -> T:
        with _lock:
            for name, value in self._variables().items():
                os.environ[name] = _variables_set[name] = value
            _active.append(self)
            if len(_active) == 1:
                for name, attribute in _ATTRIBUTES.items():
                    setattr(BaseClient, name, attribute)
        return self._replay

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with _lock:
            # Not always the last one: threads end in any order.
            _active.reverse()
            _active.remove(self)
            _active.reverse()
            if _active:
                return
            for name in _ATTRIBUTES:
                delattr(BaseClient, name)
            for name, value in _variables_set.items():
                if os.environ.get(name) == value:
                    del os.environ[name]
            _variables_set.clear()

    def __call__(self, function: F) -> F:
        """Decorate a function, synchronous or asynchronous: the patch is active while it runs."""
        if not callable(function) or inspect.isclass(function):
            raise TypeError(f"a patch must decorate a function, got {function!r}: decorate the methods of a class")
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def run_async(*args: Any, **keywords: Any) -> Any:
                with self:
                    return await function(*args, **keywords)

            return cast(F, run_async)

        @wraps(function)
        def run(*args: Any, **keywords: Any) -> Any:
            with self:
                return function(*args, **keywords)

        return cast(F, run)

    @property
    def clock(self) -> Clock:
        """The clock of the replay."""
        return self._router.clock

    def sender(self, client: BaseClient, original: Any) -> Sender | AsyncSender:
        """Return the sender of a client while the patch is active."""
        mounted_at = httpx.URL(client._base_url).raw_path.rstrip(b"/")
        transport = _PatchTransport(self._router, mounted_at, client._base_url)
        if hasattr(original, "aclose"):
            return _AsyncPatchedSender(original, transport)
        return _PatchedSender(original, transport)


_lock = threading.Lock()
_active: list[Patch[Any]] = []
"""The patches, of which the last one counts."""
_variables_set: dict[str, str] = {}


class _ClientAttribute:
    """An attribute of all clients, made before or during the patch, with another value while that is active."""

    def __init__(self, name: str, patched: Callable[[Patch[Any], BaseClient, Any], Any]) -> None:
        self._name, self._patched = name, patched

    def __get__(self, client: BaseClient | None, owner: type[BaseClient]) -> Any:
        if client is None:
            return self
        held = vars(client)
        if self._name not in held:
            raise AttributeError(self._name)
        active = _active[-1:]
        if not active or _is_replayed(held.get("_sender")):
            return held[self._name]
        return self._patched(active[0], client, held[self._name])

    def __set__(self, client: BaseClient, value: object) -> None:
        vars(client)[self._name] = value


_ATTRIBUTES = {
    "_sender": _ClientAttribute("_sender", Patch.sender),
    "_clock": _ClientAttribute("_clock", lambda patch, client, original: patch.clock),
}


def _is_replayed(sender: object) -> bool:
    """Return whether a client was made to send to a replay, as by `Replay.client`."""
    return isinstance(sender, HttpxSender | AsyncHttpxSender) and isinstance(sender._connected(), ReplayTransport)


class _PatchTransport(ReplayTransport):
    """A transport that issues tokens too, as IAM does, to the credentials of a client."""

    def __init__(self, router: Router, mounted_at: bytes, base_url: str) -> None:
        super().__init__(router, mounted_at)
        self._base_url = base_url

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._token(request) or super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._token(request) or await super().handle_async_request(request)

    def _token(self, request: httpx.Request) -> httpx.Response | None:
        from ..auth._iam import PATH, TOKEN_HEADER  # not at the top: it imports every kind of credentials

        if request.method != "POST" or request.url.path != PATH:
            return None
        expires = datetime.fromtimestamp(Clock().now(), UTC) + _TOKEN_LIFE
        body = json.dumps({"token": {"expires_at": expires.isoformat()}})
        return httpx.Response(201, headers={TOKEN_HEADER: "token-of-a-replay"}, text=body)


class _BasePatchedSender:
    """Base of both patched senders: requests are built as before, and sent to the replay."""

    stack: ModuleType = httpx

    def __init__(self, original: Any, transport: ReplayTransport) -> None:
        self._original, self._transport = original, transport

    @property
    def auth(self) -> AnyAuth | None:
        auth: AnyAuth | None = self._original.auth
        return auth

    def build(self, spec: RequestSpec) -> Any:
        request = self._original.build(spec)
        return stack_request(httpx, spec) if isinstance(request, RequestSpec) else request

    def _require_open(self, body: BodyReader) -> None:
        original = self._original
        connected = original._connected() if isinstance(original, HttpxSender | AsyncHttpxSender) else original
        if getattr(connected, "is_closed", False) or getattr(connected, "_closed", False):
            raise ClientStateError.of(body.operation, CLOSED)


class _PatchedSender(_BasePatchedSender):
    def send(self, request: Any, body: BodyReader, check: Callable[[], object]) -> Response:
        self._require_open(body)
        return HttpxSender.make(None, self._transport, None).send(request, body, check)

    def close(self) -> None:
        self._original.close()


class _AsyncPatchedSender(_BasePatchedSender):
    async def send(self, request: Any, body: BodyReader) -> Response:
        self._require_open(body)
        return await AsyncHttpxSender.make(None, self._transport, None).send(request, body)

    async def aclose(self) -> None:
        await self._original.aclose()
