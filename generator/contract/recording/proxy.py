"""A recording reverse proxy: it passes each request to one provider and writes the exchange to a HAR file."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeGuard
from urllib.parse import urlsplit

import attrs
import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...errors import Problem, ValidationError
from ..live.http_client import below, certificates_problem, environment_proxy, tls_problem
from .har_writer import HarWriter, RecordedExchange


def reach(upstream: str, *, timeout: float = 10.0) -> None:
    """Open a connection to a provider, with TLS where its address says so, and close it.

    Of a provider behind a proxy of the environment, the connection is to the proxy.

    Args:
        upstream: The provider's address.
        timeout: Seconds that it may take.

    Raises:
        ValidationError: The provider cannot be reached, or the TLS handshake with it fails.
    """
    proxy = environment_proxy(upstream)
    if proxy is not None:
        upstream = f"{proxy.url.scheme}://{proxy.url.netloc.decode('ascii')}"
    parts = urlsplit(upstream)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout) as plain:
            if parts.scheme == "https" and proxy is None:
                with _certificates().wrap_socket(plain, server_hostname=host):
                    pass
    except ssl.SSLError as error:
        raise ValidationError(tls_problem(upstream, error)) from None
    except TimeoutError:
        raise ValidationError(Problem(upstream, "does not answer in time", "Look whether it is up")) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such host"
        raise ValidationError(
            Problem(upstream, f"cannot be reached ({reason})", "Look at the address, and whether it is up")
        ) from None


def _certificates() -> ssl.SSLContext:
    """The certificates that the recorder trusts, too."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise ValidationError(certificates_problem(error)) from None


_GRACE = 0.3
"""Seconds that a pending response may take once the recorder is to end."""


class _Server(uvicorn.Server):
    """A server that ends within a second, even if the provider does not respond for minutes."""

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


def listen(port: int) -> socket.socket:
    """Return a socket of 127.0.0.1 that callers can connect to. Raises `OSError` if it cannot be had."""
    bound = socket.create_server(("127.0.0.1", port))
    # As asyncio does only for sockets that say their protocol: otherwise each response waits 40 ms for its body.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve on a socket. Returns after SIGINT."""

    async def cancellable(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    config = uvicorn.Config(
        cancellable,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        ws="none",
        date_header=False,
        server_header=False,
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config).run(sockets=[bound])


_OF_THE_CONNECTION = {
    *("connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"),
    *("trailer", "upgrade"),
}
"""Headers of one connection, not of the message: each connection has its own (RFC 9110, 7.6.1)."""

_DECODED = ("gzip", "deflate", "identity")
"""Content codings that the recorder reads."""

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

RawHeaders = list[tuple[bytes, bytes]]


@attrs.frozen
class _Signature:
    """An AK/SK signature in the header `Authorization`."""

    access: str
    """ID of the access key."""
    headers: frozenset[bytes]
    """Names of the signed headers, in lower case."""

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> _Signature | None:
        """Return the signature of a request; None without one."""
        value = next((value for name, value in headers if _is(name, b"authorization")), b"")
        scheme, _, rest = value.partition(b" ")
        if not scheme.upper().startswith(b"SDK-HMAC"):
            return None
        parts = dict(each.strip().partition(b"=")[::2] for each in rest.split(b","))
        names = parts.get(b"SignedHeaders", b"").lower().split(b";")
        return cls(parts.get(b"Access", b"").decode("latin-1"), frozenset(names))


class SigningKeys:
    """Access keys of the environment, by their IDs, to sign requests for the provider's host.

    A client signs for the host that it sends to, which is the recorder. A provider that reads its own host from the
    request would refuse that.
    """

    def __init__(self, keys: Mapping[str, httpx.Auth]) -> None:
        self._keys = dict(keys)

    def __repr__(self) -> str:
        return f"<SigningKeys: {len(self._keys)}>"

    def signed(self, method: str, url: httpx.URL, headers: RawHeaders, body: bytes) -> RawHeaders | None:
        """The headers with a new signature; None without a signature of a known key."""
        signature = _Signature.of(headers)
        auth = self._keys.get(signature.access) if signature else None
        if auth is None:
            return None
        request = httpx.Request(method, url, headers=headers, content=body)
        made = next(auth.sync_auth_flow(request))
        fresh = {name.lower(): value for name, value in made.headers.raw}
        return [(name, fresh.get(name.lower(), value)) for name, value in headers]


def recorder(
    upstream: str,
    writer: HarWriter,
    *,
    named: Callable[[str, str], str] = lambda method, path: "",
    transport: httpx.AsyncBaseTransport | None = None,
    timeout: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
    keys: SigningKeys | None = None,
    failed: Callable[[ValidationError], object] = lambda error: None,
) -> Router:
    """Make the application. It sends to the provider's address alone, for any target of a request.

    Requests and responses keep their headers, with their spelling. Three may change: `Host` is the provider's, unless
    it is signed with a key that is not in `keys`; `Accept-Encoding` loses codings that the recorder cannot read, unless
    it is signed; headers of the connection are those of each connection. A response is passed on once it is recorded.

    Args:
        upstream: The provider's address, as `provider_address` returns it, with a path prefix where it has one.
        writer: Where exchanges are written.
        named: Says which operation a method and path are, for the entry's comment.
        transport: Used in place of the network.
        timeout: Seconds that the provider may be silent.
        clock: Seconds, for how long a response took.
        keys: Access keys to sign requests again with, for the provider's host.
        failed: Called for each exchange that cannot be written. The caller gets the response even so.
    """
    base = httpx.URL(upstream)
    carrier = transport or _network(upstream)
    timeouts = httpx.Timeout(timeout).as_dict()

    async def passed(request: Request) -> Response:
        # As it came: decoding would lose %2F.
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        query = request.scope["query_string"].decode("latin-1")
        try:
            url = below(base, path + (f"?{query}" if query else ""))
        except ValueError as error:
            hint = "Give the client the recorder's address in place of the provider's."
            return Response(f"{error}. Nothing was sent. {hint}\n", 400, media_type="text/plain")
        if request.method not in _METHODS:
            return Response(f"the method must be one of {', '.join(_METHODS)}, got {request.method}\n", 405)
        body = await request.body()
        sent = _to_provider(request.scope["headers"], request.method, url, body, keys)
        started, since = datetime.now(UTC), clock()
        try:
            passing = httpx.Request(
                request.method, url, headers=sent, stream=httpx.ByteStream(body), extensions={"timeout": timeouts}
            )
            response = await carrier.handle_async_request(passing)
            raw = b"".join([chunk async for chunk in response.stream]) if _is_async(response.stream) else b""
            await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            return Response(f"the recorder could not reach the provider: {type(error).__name__} {why}\n", 502)
        got = [
            (name, value)
            for name, value in response.headers.raw
            if name.lower().decode("latin-1") not in _OF_THE_CONNECTION
        ]
        plain, is_plain = _plain(got, raw)
        exchange = RecordedExchange(
            started=started,
            seconds=clock() - since,
            method=request.method,
            url=str(url),
            request_headers=_text_of(sent, ()),
            request_body=body,
            status=response.status_code,
            reason=response.extensions.get("reason_phrase", b"").decode("latin-1"),
            response_headers=_text_of(got, ("content-encoding", "content-length") if is_plain else ()),
            response_body=plain,
            comment=named(request.method, path),
        )
        try:
            writer.add(exchange)
        except ValidationError as error:
            failed(error)
        answer = Response(raw, response.status_code)
        answer.raw_headers = [(name, value) for name, value in got if not _is(name, b"transfer-encoding")]
        return answer

    return Router(default=request_response(passed))


def _to_provider(
    came: Iterable[tuple[bytes, bytes]], method: str, url: httpx.URL, body: bytes, keys: SigningKeys | None
) -> RawHeaders:
    """The headers of a request as the provider gets them."""
    headers = [(name, value) for name, value in came if name.lower().decode("latin-1") not in _OF_THE_CONNECTION]
    host = httpx.Request(method, url).headers["host"].encode("ascii")
    for_provider = [(name, host if _is(name, b"host") else value) for name, value in headers]
    signature = _Signature.of(headers)
    names = signature.headers if signature else frozenset()
    if keys is not None and (signed := keys.signed(method, url, for_provider, body)) is not None:
        for_provider = signed
    elif b"host" in names:
        for_provider = headers
    readable = [
        (name, _readable(value) if _is(name, b"accept-encoding") and b"accept-encoding" not in names else value)
        for name, value in for_provider
    ]
    if any(_is(name, b"host") for name, _ in readable):
        return readable
    return [(b"host", host), *readable]  # HTTP/1.0 has no Host, and 1.1 requires it


def _is(name: bytes, other: bytes) -> bool:
    return name.lower() == other


def _readable(value: bytes) -> bytes:
    """The codings of an `Accept-Encoding` that the recorder can read."""
    wanted = [each.strip() for each in value.decode("latin-1").split(",")]
    kept = [each for each in wanted if each.partition(";")[0].strip().lower() in _DECODED]
    return ", ".join(kept or ["identity"]).encode("latin-1")


def _plain(headers: RawHeaders, raw: bytes) -> tuple[bytes, bool]:
    """A body without its content coding, and whether that could be taken off."""
    codings = [value for name, value in headers if _is(name, b"content-encoding")]
    names = {each.strip().lower() for value in codings for each in value.decode("latin-1").split(",")}
    if not codings or not names <= {"", *_DECODED}:
        return raw, False
    try:
        return httpx.Response(
            200, headers=[(b"content-encoding", value) for value in codings], content=raw
        ).content, True
    except httpx.DecodingError:
        return raw, False


def _text_of(headers: RawHeaders, without: Container[str]) -> list[tuple[str, str]]:
    """Headers as text: UTF-8 where they are, or else Latin-1."""
    found = []
    for pair in headers:
        name, value = (_decoded(each) for each in pair)
        if name.lower() not in without:
            found.append((name, value))
    return found


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _is_async(stream: object) -> TypeGuard[httpx.AsyncByteStream]:
    return isinstance(stream, httpx.AsyncByteStream)


def _network(upstream: str) -> httpx.AsyncBaseTransport:
    """Connections to the provider, over the proxy of the environment where there is one."""
    try:
        return httpx.AsyncHTTPTransport(proxy=environment_proxy(upstream), trust_env=True)
    except OSError as error:
        raise ValidationError(certificates_problem(error)) from None
