"""A recording reverse proxy: it passes each request to one provider and writes the exchange to a HAR file."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...errors import Problem, ValidationError
from ..har import HarWriter, RecordedExchange
from ..live.http_client import below, certificates_problem, tls_problem


def reach(upstream: str, *, timeout: float = 10.0) -> None:
    """Open a connection to a provider, with TLS where its address says so, and close it.

    Args:
        upstream: The provider's address.
        timeout: Seconds that it may take.

    Raises:
        ValidationError: The provider cannot be reached, or the TLS handshake with it fails.
    """
    parts = urlsplit(upstream)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout) as plain:
            if parts.scheme == "https":
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
    """What the recorder trusts, too."""
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


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve on a socket. Returns after SIGINT."""

    async def cancellable(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    # As asyncio does only for sockets that say their protocol: otherwise each response waits 40 ms for its body.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(cancellable, access_log=False, log_level="warning", proxy_headers=False, ws="none")
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config).run(sockets=[bound])


_OF_THE_CONNECTION = {
    *("connection", "content-length", "host", "keep-alive", "proxy-authenticate", "proxy-authorization"),
    *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
}

_DECODED = {"deflate", "gzip", "identity"}
"""Encodings of a response that httpx takes off."""

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def recorder(
    upstream: str,
    writer: HarWriter,
    *,
    named: Callable[[str, str], str] = lambda method, path: "",
    transport: httpx.AsyncBaseTransport | None = None,
    timeout: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
) -> Router:
    """Make the application. It sends to the provider's address alone, whatever a request names as its target.

    Args:
        upstream: The provider's address, as `provider_address` returns it, with a path prefix where it has one.
        writer: Where exchanges are written.
        named: Says which operation a method and path are, for the entry's comment.
        transport: Stands in for the network.
        timeout: Seconds that the provider may be silent.
        clock: Seconds, for how long a response took.
    """
    base = httpx.URL(upstream)
    # The proxies and .netrc of the environment are for the person's own programs; .netrc would add credentials that no
    # one sent. SSL_CERT_FILE is obeyed: it names an authority that a provider of one's own has.
    carrier = transport or httpx.AsyncHTTPTransport()
    client = httpx.AsyncClient(
        transport=carrier,
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        # Store no cookies: those of one client must not be sent with the requests of another.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )

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
        sent = [(name, value) for name, value in request.headers.items() if name not in _OF_THE_CONNECTION]
        # What httpx can decode, so that the record has text.
        sent = [(name, "gzip, deflate" if name == "accept-encoding" else value) for name, value in sent]
        body = await request.body()
        started, since = datetime.now(UTC), clock()
        try:
            response = await client.request(request.method, url, headers=sent, content=body)
        except httpx.HTTPError as error:
            return Response(f"the recorder could not reach the provider: {type(error).__name__}", 502)
        got = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_CONNECTION]
        codings = {each.strip().lower() for each in response.headers.get("content-encoding", "").split(",")}
        if codings <= {"", *_DECODED}:
            got = [(name, value) for name, value in got if name != "content-encoding"]
        exchange = RecordedExchange(
            started=started,
            seconds=clock() - since,
            method=request.method,
            url=str(url),
            request_headers=sent,
            request_body=body,
            status=response.status_code,
            reason=response.reason_phrase,
            response_headers=got,
            response_body=response.content,
            comment=named(request.method, path),
        )
        writer.add(exchange)
        answer = Response(response.content, response.status_code)
        answer.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in got]
        if request.method != "HEAD":
            answer.raw_headers.append((b"content-length", str(len(response.content)).encode()))
        return answer

    return Router(default=request_response(passed))
