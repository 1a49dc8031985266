"""Sender over aiohttp, for asynchronous clients without an `http_client` or `transport` of the caller.

With many concurrent requests, httpx's connection pool takes more time than everything else together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import lru_cache
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx
import msgspec
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ._forks import keep_open, reset_in_child
from ._messages import BodyReader, DecompressionError, PreparedRequest, RequestSpec, Response
from ._operations import Opaque, Secret
from ._proxies import Network
from ._senders import ANOTHER_LOOP, CLOSED, MAX_IDLE, close_with_loop
from ._stacks import AnyAuth
from .errors import ClientStateError

_LONGEST_HEAD = 100 * 1024
"""Longest line and field of a head in bytes, as in httpx. aiohttp's default is 8190; IAM tokens have up to 16384."""


class AiohttpSender:
    """One pool of connections, made in the event loop of the first request."""

    stack: ModuleType = httpx
    auth: AnyAuth | None = None

    def __init__(self, network: Network) -> None:
        self._network = network
        self._session: aiohttp.ClientSession | None = None
        self._routes: dict[str, _Route] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_end: AsyncGenerator[None] | None = None
        self._closed = False
        reset_in_child(self)

    def after_fork(self) -> None:
        if self._session is not None:
            keep_open((self._session, self._loop_end))
            self._session = self._loop_end = None

    def build(self, spec: RequestSpec) -> RequestSpec:
        return spec

    async def send(self, request: Any, body: BodyReader) -> Response:
        sent = _prepared(request)
        head = _Head()
        route = self._route(sent.url)
        session = await self._opened(body)
        try:
            async with session.request(
                sent.method,
                URL(sent.url, encoded=True),
                headers={**sent.headers.reveal(), **route.headers.reveal()},
                data=sent.content.reveal() or None,
                allow_redirects=False,
                timeout=_timeout(*map(sent.timeout.get, ("connect", "read", "pool"))),
                **route.options.reveal(),
            ) as head.response:
                _require_framing(head.response)
                encodings = head.response.headers.getall("Content-Encoding", ())
                body.begin(head.response.status, ", ".join(encodings))
                async for chunk in head.response.content.iter_any():
                    if not await body.feed_async(chunk):
                        head.response.close()
                        break
                else:
                    body.end()
        except (aiohttp.ClientError, TimeoutError, OSError, DecompressionError) as error:
            _hide_headers(error)
            failure = body.failure(error, in_time=not isinstance(error, TimeoutError))
            if failure is not None or head.response is None:
                raise failure or error from error
        if head.response is None:
            raise RuntimeError("a request without a response raises")
        return Response(
            head.response.status,
            head.response.reason or "",
            head.response.raw_headers,
            body.content,
            sent.headers.reveal(),
        )

    async def aclose(self) -> None:
        """Close the pool, if there is one. Later requests are refused."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _opened(self, body: BodyReader) -> aiohttp.ClientSession:
        if self._closed:
            raise ClientStateError.of(body.operation, CLOSED)
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is not loop:
            await self._leave_loop(body)
        if self._session is None or self._session.closed:
            self._loop = loop
            # aiohttp keeps each connection alive. A call waits for a free connection, and then its timeouts begin.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_IDLE),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=_LONGEST_HEAD,
                max_field_size=_LONGEST_HEAD,
            )
            self._loop_end = await close_with_loop(self._session.close)
        return self._session

    async def _leave_loop(self, body: BodyReader) -> None:
        """Release the connections of another event loop. Raises `ClientStateError` if that is in use."""
        assert self._session is not None
        if self._loop is not None and not self._loop.is_closed():
            raise ClientStateError.of(body.operation, ANOTHER_LOOP)
        connector = self._session.connector
        self._session.detach()
        self._session = None
        if connector is not None:
            await connector.close()

    def _route(self, url: str) -> _Route:
        """Return the proxy and the certificates for an address."""
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._routes:
            server = httpx.URL(url)
            proxy = self._network.proxy(server)
            options: dict[str, Any] = {}
            login: dict[str, str] = {}
            if proxy is not None:
                if proxy.is_socks:
                    raise ValueError(
                        "a SOCKS proxy must be used with httpx, got aiohttp: pass http_client to the client"
                    )
                options["proxy"], login = URL(proxy.url), proxy.login_header()
            if server.scheme == "https":
                options["proxy_headers"], login = login, {}
            if "https" in (server.scheme, proxy and proxy.scheme):
                options["ssl"] = self._network.certificates()
            self._routes[origin] = _Route(Secret(options), Secret(login))
        return self._routes[origin]


class _Route(Opaque, msgspec.Struct, frozen=True):
    """The connections to a server."""

    options: Secret[dict[str, Any]]
    headers: Secret[dict[str, str]]
    """Headers for a proxy that reads the requests themselves."""


def _prepared(request: RequestSpec | Any) -> PreparedRequest:
    if isinstance(request, RequestSpec):
        url = f"{request.url}?{urlencode(request.query)}" if request.query else request.url
        content = Secret(request.content.reveal() or b"")
        return PreparedRequest(request.method, url, request.headers, request.timeouts, content)
    headers = Secret(dict(request.headers))
    return PreparedRequest(
        request.method, str(request.url), headers, request.extensions.get("timeout", {}), Secret(request.content)
    )


def _response(reply: Response, request: httpx.Request) -> httpx.Response:
    """Return a response for an authentication flow. Its body is decompressed, so httpx must not decompress it."""
    plain = Secret([pair for pair in reply.headers if pair[0].lower() != b"content-encoding"])
    return httpx.Response(reply.status_code, headers=plain.reveal(), content=reply.content, request=request)


def _require_framing(response: aiohttp.ClientResponse) -> None:
    """Refuse what httpx refuses: a body with another transfer encoding than `chunked`."""
    encodings = response.headers.getall("Transfer-Encoding", ())
    if encodings and (len(encodings) > 1 or encodings[0].strip().lower() != "chunked"):
        raise aiohttp.ClientPayloadError("the transfer encoding of the response is not supported")


class _Head:
    """Keeps a response out of the variables of a frame, because its repr shows its headers."""

    __slots__ = ("response",)

    def __init__(self) -> None:
        self.response: aiohttp.ClientResponse | None = None


def _hide_headers(error: Exception) -> None:
    """Remove headers and the credentials of a proxy from the error's repr."""
    if isinstance(error, aiohttp.ClientResponseError):
        asked = error.request_info
        # If a proxy failed, this is the address of the proxy, with its password.
        real_url = asked.real_url.with_user(None)
        error.request_info = asked._replace(headers=CIMultiDictProxy(CIMultiDict()), real_url=real_url)
        error.headers = None
        error.args = (error.request_info, *error.args[1:])
    elif isinstance(error, aiohttp.ClientConnectorError):
        proxy = error._conn_key.proxy
        clean = None if proxy is None else proxy.with_user(None)
        error._conn_key = error._conn_key._replace(proxy=clean, proxy_auth=None, proxy_headers_hash=None)
        error.args = (error._conn_key, *error.args[1:])
    elif isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str):
        # The message is the head of a response.
        error.message = type(error).__name__
        error.args = (error.message,)
    elif isinstance(error, aiohttp.InvalidURL):
        # The URL can be that of a proxy, with its password.
        error.args = ()


@lru_cache
def _timeout(connect: float | None, read: float | None, pool: float | None) -> aiohttp.ClientTimeout:
    # aiohttp's `connect` includes the wait for a free connection, and alone limits a proxy's response to CONNECT.
    whole = None if connect is None or pool is None else connect + pool
    return aiohttp.ClientTimeout(total=None, connect=whole, sock_connect=connect, sock_read=read)
