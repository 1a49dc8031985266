# Generated from generator/client/runtime/_httpx.py. Do not edit: change that, and run `make generate`.
"""Senders over httpx and httpx2, synchronous and asynchronous.

They send over a client or a transport of the caller, or over transports of our own: one for each proxy. An httpx client
would only add redirects, cookies and a log record to our transports.

Two faults of httpcore and httpcore2 are corrected by the backends below. Each read of a socket begins the full timeout
again, so a server that sends single bytes can delay a call for hours: `Backend` limits each read, write and attempt to
connect to the time before the deadline of the call. And a cancelled handshake leaves its socket open: `AsyncBackend`
closes it.
"""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, ClassVar, Self

import httpx

from ._clock import RemainingTime
from ._forks import PerProcess, refused_in_child
from ._messages import BodyReader, DecompressionError, RequestSpec, Response
from ._operations import Secret
from ._proxies import Network
from ._senders import ANOTHER_LOOP, CLOSED, MAX_CONNECTIONS, MAX_IDLE, close_with_loop, stack_request
from ._stacks import AnyAuth, in_stack, is_error, own_stack, require_stack
from .errors import ClientStateError

_PIECE = 16 * 1024


class Backend:
    """Opens connections by another backend, and ends their reads and writes with the deadline of the call.

    Args:
        backend: The other backend.
        library: httpcore or httpcore2, for its exceptions.
    """

    def __init__(self, backend: Any, library: ModuleType) -> None:
        self._backend = backend
        self._library = library

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> _Stream | _TlsInTls:
        # A name with several addresses is given the timeout for each of them, so they are tried one by one.
        failure: Exception | None = None
        for address in self._addresses(host, port) if isinstance(timeout, RemainingTime) else (host,):
            try:
                left = _left(timeout, self._library.ConnectTimeout)
                return _Stream(
                    self._backend.connect_tcp(address, port, left, local_address, socket_options), self._library
                )
            except (self._library.ConnectError, self._library.ConnectTimeout) as error:
                failure = error
        raise failure or self._library.ConnectError("the host has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> _Stream | _TlsInTls:
        left = _left(timeout, self._library.ConnectTimeout)
        return _Stream(self._backend.connect_unix_socket(path, left, socket_options), self._library)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host. The system's resolver has its own timeout, which cannot be made shorter."""
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except OSError as error:
            raise self._library.ConnectError(str(error)) from error
        return [str(address[0]) for *_, address in found]


class _Stream:
    def __init__(self, stream: Any, library: ModuleType) -> None:
        self._stream = stream
        self._library = library

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        received: bytes = self._stream.read(max_bytes, _left(timeout, self._library.ReadTimeout))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not isinstance(timeout, RemainingTime) or len(buffer) <= _PIECE:
            self._stream.write(buffer, _left(timeout, self._library.WriteTimeout))
            return
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(timeout, self._library.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream | _TlsInTls:
        if isinstance(timeout, RemainingTime) and self.get_extra_info("ssl_object") is not None:
            return _TlsInTls(self, ssl_context, server_hostname, timeout)
        left = _left(timeout, self._library.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._library)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncBackend:
    """Opens asynchronous connections by another backend, and closes those of a cancelled TLS handshake.

    httpcore and httpcore2 leave their sockets to the garbage collector.
    """

    def __init__(self, backend: Any, library: ModuleType) -> None:
        self._backend = backend
        self.sleep = backend.sleep

    async def connect_tcp(self, *arguments: Any, **keywords: Any) -> _AsyncStream:
        return _AsyncStream(await self._backend.connect_tcp(*arguments, **keywords))

    async def connect_unix_socket(self, *arguments: Any, **keywords: Any) -> _AsyncStream:
        return _AsyncStream(await self._backend.connect_unix_socket(*arguments, **keywords))


class _AsyncStream:
    def __init__(self, stream: Any) -> None:
        self._stream = stream
        # Assigned directly, because a function in between would take time in each read.
        self.read, self.write, self.aclose = stream.read, stream.write, stream.aclose
        self.get_extra_info = stream.get_extra_info

    async def start_tls(self, *arguments: Any, **keywords: Any) -> _AsyncStream:
        try:
            return _AsyncStream(await self._stream.start_tls(*arguments, **keywords))
        except BaseException:
            await self._stream.aclose()
            raise


class _TlsInTls:
    """TLS to a service through a proxy that is spoken to over TLS. The class of httpcore reads in an endless loop."""

    def __init__(self, stream: _Stream, context: ssl.SSLContext, hostname: str | None, timeout: float | None) -> None:
        self._stream = stream
        self._library = stream._library
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            self._exchange(timeout, self._tls.do_handshake)
        except BaseException as error:
            self.close()
            if isinstance(error, self._library.TimeoutException):
                raise self._library.ConnectTimeout(str(error)) from error
            if isinstance(error, (OSError, self._library.NetworkError)):
                raise self._library.ConnectError(str(error)) from error
            raise

    def _exchange(self, timeout: float | None, step: Any, *arguments: Any) -> Any:
        """Make a step of the protocol, with the reads and writes that it needs."""
        while True:
            try:
                result = step(*arguments)
            except ssl.SSLWantReadError:
                self._flush(timeout)
                received = self._stream.read(_PIECE, timeout)
                if received:
                    self._incoming.write(received)
                else:
                    self._incoming.write_eof()
            else:
                self._flush(timeout)
                return result

    def _flush(self, timeout: float | None) -> None:
        if written := self._outgoing.read():
            self._stream.write(written, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            received: bytes = self._exchange(timeout, self._tls.read, max_bytes)
        except ssl.SSLZeroReturnError:
            return b""
        except OSError as error:
            raise self._library.ReadError(str(error)) from error
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                buffer = buffer[self._exchange(timeout, self._tls.write, buffer) :]
        except OSError as error:
            raise self._library.WriteError(str(error)) from error

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._stream.get_extra_info(info)


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    if not isinstance(timeout, RemainingTime):
        return timeout
    left = timeout.now()
    if left <= 0:
        raise late("the deadline of the call expired")
    return left


class _OwnTransports:
    """The transports of one process: one for each proxy, and one for direct connections.

    Args:
        make: Makes a transport of a stack from its keywords.
        stack: The stack.
        network: The proxies and certificates of the environment.
        limits: The limits of each transport's pool.
    """

    def __init__(self, make: Callable[..., Any], stack: ModuleType, network: Network, limits: Any) -> None:
        self._make = make
        self._stack = stack
        self._network = network
        self._by_origin: dict[tuple[bytes, bytes, int | None], Any] = {}
        self._made: dict[tuple[str, str], Any] = {}
        self.is_closed = False
        self._limits = limits

    def transport(self, url: Any) -> Any:
        """Return the transport for a URL. Raises `ValueError` if its proxy or its certificates cannot be used."""
        key = url.raw_scheme, url.raw_host, url.port
        found = self._by_origin.get(key)
        if found is None:
            found = self._by_origin[key] = self._of(url)
        return found

    def _of(self, url: Any) -> Any:
        proxy = self._network.proxy(url)
        key = url.scheme, "" if proxy is None else proxy.url
        if key not in self._made:
            is_private = url.scheme == "https" or (proxy is not None and proxy.scheme == "https")
            # Without TLS, a context without certificates, because loading them takes longer than a call.
            context = self._network.certificates() if is_private else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            stack_proxy = None
            if proxy is not None:
                tls = context if proxy.scheme == "https" else None
                stack_proxy = self._stack.Proxy(proxy.url, auth=proxy.login.reveal(), ssl_context=tls)
            made = self._make(verify=context, trust_env=False, proxy=stack_proxy, limits=self._limits)
            # Another thread may have made one meanwhile.
            self._made.setdefault(key, made)
        return self._made[key]

    def close(self) -> None:
        self.is_closed = True
        for transport in self._made.values():
            transport.close()

    async def aclose(self) -> None:
        self.is_closed = True
        await self.release()

    async def release(self) -> None:
        """Close all connections."""
        for transport in self._made.values():
            await transport.aclose()


class _Base:
    """Base class of both senders.

    Args:
        stack: The stack of the connections.
        connections: A client, a transport or `_OwnTransports`, for each process.
        given: Name of the argument that has the caller's connections; empty for our own.
    """

    _client_kind: ClassVar[str]
    _transport_kind: ClassVar[str]
    _http_transport: ClassVar[str]
    _backend: ClassVar[type[Backend | AsyncBackend]]

    def __init__(self, stack: ModuleType, connections: PerProcess[Any], given: str) -> None:
        self.stack = stack
        self._connections = connections
        self._is_client = given == "http_client"
        self._is_own = not given

    @classmethod
    def make(cls, http_client: Any, transport: Any, network: Network | None) -> Self:
        """Return a sender over the caller's client or transport, or else over our own connections, which need
        `network`.

        Raises:
            TypeError: `http_client` or `transport` is of another kind.
        """
        kinds = {"http_client": (http_client, cls._client_kind), "transport": (transport, cls._transport_kind)}
        for argument, (value, kind) in kinds.items():
            if value is not None:
                stack = require_stack(argument, Secret(value), kind)
                cls._prepare(value)
                return cls(stack, PerProcess(value, refused_in_child(argument)), argument)
        assert network is not None
        stack = own_stack()

        def make(**keywords: Any) -> Any:
            made = getattr(stack, cls._http_transport)(**keywords)
            cls._prepare(made)
            return made

        def own() -> _OwnTransports:
            return _OwnTransports(make, stack, network, cls._limits(stack))

        return cls(stack, PerProcess(own(), own), "")

    @classmethod
    def _limits(cls, stack: ModuleType) -> Any:
        """Return the limits of a pool of our own."""
        return stack.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_IDLE)

    @classmethod
    def _prepare(cls, connections: Any) -> None:
        """Let the pools of a client or a transport open connections by our backend."""
        # None of these attributes is public: without them there is nothing to change.
        mounted = getattr(connections, "_mounts", {}).values()
        for transport in (connections, getattr(connections, "_transport", None), *mounted):
            pool: Any = getattr(transport, "_pool", None)
            backend = getattr(pool, "_network_backend", None)
            if backend is not None and not isinstance(backend, Backend | AsyncBackend):
                library = sys.modules[type(pool).__module__.partition(".")[0]]
                pool._network_backend = cls._backend(backend, library)

    @property
    def auth(self) -> AnyAuth | None:
        auth: AnyAuth | None = self._connected().auth if self._is_client else None
        return auth

    def build(self, spec: RequestSpec) -> Any:
        if not self._is_client:
            return stack_request(self.stack, spec)
        timeout = {} if spec.timeout is None else {"timeout": self.stack.Timeout(**spec.timeouts)}
        request = self._connected().build_request(
            spec.method,
            spec.url,
            params=spec.query or None,
            headers=spec.headers.reveal(),
            content=spec.content.reveal(),
            **timeout,
        )
        request.extensions.update(spec.extensions)
        return request

    def _connected(self) -> Any:
        return self._connections.client or self._connections.make_again()

    def _opened(self, body: BodyReader) -> Any:
        connected = self._connected()
        self._connections.is_used = True
        if getattr(connected, "is_closed", False):
            raise ClientStateError.of(body.operation, CLOSED)
        return connected


# Redirects are not followed, because they could send credentials to another host. Authentication ran before.
_OF_CLIENT: Any = {"auth": None, "follow_redirects": False, "stream": True}


class HttpxSender(_Base):
    """Sender of a synchronous client."""

    _client_kind = "Client"
    _transport_kind = "BaseTransport"
    _http_transport = "HTTPTransport"
    _backend = Backend

    @classmethod
    def _limits(cls, stack: ModuleType) -> Any:
        if stack is httpx:
            # httpx counts busy connections as idle. Above this limit it closes each connection after its request.
            return stack.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
        return super()._limits(stack)

    def send(self, request: Any, body: BodyReader, check: Callable[[], object]) -> Response:
        connected = self._opened(body)
        if not isinstance(request, self.stack.Request):
            request = in_stack(request, self.stack)
        response: Any = None
        try:
            if self._is_client:
                response = connected.send(request, **_OF_CLIENT)
            else:
                transport = connected.transport(request.url) if self._is_own else connected
                response = transport.handle_request(request)
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    for chunk in response.iter_raw():
                        if not body.feed(chunk, check):
                            break
                    else:
                        body.end()
            finally:
                response.close()
        except (self.stack.HTTPError, DecompressionError) as error:
            _require_open(connected, error, body)
            _raise_unless_status_error(error, body)
            # A truncated body of an error is accepted, but not one that lasts longer than the call.
            check()
        return _response(response, request, body)

    def close(self) -> None:
        if self._is_own:
            self._connected().close()


class AsyncHttpxSender(_Base):
    """Sender of an asynchronous client."""

    _client_kind = "AsyncClient"
    _transport_kind = "AsyncBaseTransport"
    _http_transport = "AsyncHTTPTransport"
    _backend = AsyncBackend

    async def send(self, request: Any, body: BodyReader) -> Response:
        await self._enter_loop(body)
        connected = self._opened(body)
        if not isinstance(request, self.stack.Request):
            request = in_stack(request, self.stack)
        response: Any = None
        try:
            if self._is_client:
                response = await connected.send(request, **_OF_CLIENT)
            else:
                transport = connected.transport(request.url) if self._is_own else connected
                response = await transport.handle_async_request(request)
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    async for chunk in response.aiter_raw():
                        if not await body.feed_async(chunk):
                            break
                    else:
                        body.end()
            finally:
                await response.aclose()
        except (self.stack.HTTPError, DecompressionError) as error:
            _require_open(connected, error, body)
            _raise_unless_status_error(error, body)
        return _response(response, request, body)

    async def _enter_loop(self, body: BodyReader) -> None:
        """Release the connections of an event loop that was closed. Raises `ClientStateError` for one in use."""
        import asyncio  # slow to import, and synchronous programs do not need it

        loop = asyncio.get_running_loop()
        connections = self._connections
        if connections.loop is loop:
            return
        if self._is_own and connections.loop is not None and not self._connected().is_closed:
            if not connections.loop.is_closed():
                raise ClientStateError.of(body.operation, ANOTHER_LOOP)
            connections.forget()
        connections.loop = loop
        if self._is_own:
            connections.loop_end = await close_with_loop(self._connected().release)

    async def aclose(self) -> None:
        if not self._is_own:
            return
        loop = self._connections.loop
        if loop is not None and loop.is_closed():
            # Its connections cannot be closed any more.
            self._connections.forget()
        await self._connected().aclose()


def _encoding(response: Any) -> str:
    return "" if response.is_stream_consumed else response.headers.get("Content-Encoding", "")


def _require_open(connected: Any, error: Exception, body: BodyReader) -> None:
    """Raise `ClientStateError` if the connections were closed while they were used."""
    if getattr(connected, "is_closed", False):
        raise ClientStateError.of(body.operation, CLOSED) from error


def _raise_unless_status_error(error: Exception, body: BodyReader) -> None:
    """Raise the error of a failed request, unless the response has an error status: then its body is not needed."""
    failure = body.failure(error, in_time=not is_error(error, "TimeoutException"))
    if failure is not None:
        raise failure from error


def _response(response: Any, request: Any, body: BodyReader) -> Response:
    if response is None:
        raise RuntimeError("a request without a response raises")
    return Response(response.status_code, response.reason_phrase, response.headers.raw, body.content, request.headers)
