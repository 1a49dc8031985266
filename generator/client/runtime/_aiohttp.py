"""Sender over aiohttp, for asynchronous clients without an `http_client` or `transport` of the caller.

With many requests under way at once, httpx's connection pool takes more time than everything else together. Credentials
stay `httpx.Auth`: its flow is run here, with httpx's requests and responses.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx
import msgspec
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ._forks import keep_open, reset_in_child
from ._messages import SIZE_EXTENSION, BodyReader, DecompressionError, PreparedRequest, RequestSpec, Response
from ._operations import SCHEMES_EXTENSION, Opaque, Secret
from ._proxies import Network
from .auth import Token

_LONGEST_HEAD = 100 * 1024
"""Bytes, as httpx has it. aiohttp takes 8190 where nothing is said, and a token of IAM has up to 16384."""


class AiohttpSender:
    """One pool of connections, made in the event loop of the first request."""

    def __init__(self, timeout: httpx.Timeout, network: Network) -> None:
        self._timeout = timeout
        self._network = network
        self._session: aiohttp.ClientSession | None = None
        self._routes: dict[str, _Route] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        reset_in_child(self)

    def after_fork(self) -> None:
        if self._session is not None:
            keep_open(self._session)
            self._session = None

    async def send(self, outgoing: RequestSpec, auth: httpx.Auth | None, body: BodyReader) -> Response:
        """Send a request with its credentials, and read the reply's body."""
        if auth is None or (isinstance(auth, Token) and auth.is_fixed):
            headers = outgoing.headers
            if auth is not None:
                headers = Secret({**headers.reveal(), **auth.headers(outgoing.schemes)})
            url = f"{outgoing.url}?{urlencode(outgoing.query)}" if outgoing.query else outgoing.url
            return await self._exchange(PreparedRequest(outgoing.method, url, headers, outgoing.timeout), body)
        request = asked = httpx.Request(
            outgoing.method,
            outgoing.url,
            params=outgoing.query or None,
            headers=outgoing.headers.reveal(),
            extensions={
                SCHEMES_EXTENSION: outgoing.schemes,
                SIZE_EXTENSION: outgoing.largest,
                "timeout": (outgoing.timeout or self._timeout).as_dict(),
            },
        )
        flow = auth.async_auth_flow(request)
        try:
            request = await anext(flow)
            while True:
                # Not always the same request: the flow may ask another server for a token first.
                await request.aread()
                own = request is asked
                next_body = body.fresh_body() if own else body.aside(request, request.url.netloc.decode())
                reply = await self._exchange(_sent(request), next_body)
                try:
                    request = await flow.asend(_response(reply, request))
                except StopAsyncIteration:
                    return reply
        except httpx.HTTPError as error:
            raise (
                body.fresh_body().failure(error, in_time=not isinstance(error, httpx.TimeoutException)) or error
            ) from error
        finally:
            await flow.aclose()

    async def aclose(self) -> None:
        """Close the pool, if there is one. Nothing is sent any more."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, sent: PreparedRequest, body: BodyReader) -> Response:
        options: dict[str, Any] = {} if sent.timeout is None else {"timeout": _timeout(sent.timeout)}
        head = _Head()
        route = self._route(sent.url)
        try:
            async with self._opened().request(
                sent.method,
                URL(sent.url, encoded=True),
                headers={**sent.headers.reveal(), **route.headers.reveal()},
                data=sent.content.reveal() or None,
                allow_redirects=False,
                **route.options.reveal(),
                **options,
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

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("The client has been closed")
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is not loop:
            raise RuntimeError("The client was used in another event loop: make one in each, as each asyncio.run has")
        if self._session is None or self._session.closed:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_timeout(self._timeout),
                auto_decompress=False,
                max_line_size=_LONGEST_HEAD,
                max_field_size=_LONGEST_HEAD,
            )
        return self._session

    def _route(self, url: str) -> _Route:
        """The proxy and the certificates for an address."""
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._routes:
            server = httpx.URL(url)
            proxy = self._network.proxy(server)
            options: dict[str, Any] = {}
            login: dict[str, str] = {}
            if proxy is not None:
                if proxy.is_socks:
                    raise ValueError(
                        "A SOCKS proxy must be used with httpx, got aiohttp: give the client an http_client"
                    )
                options["proxy"], login = URL(proxy.url), proxy.login_header()
            if server.scheme == "https":
                options["proxy_headers"], login = login, {}
            if "https" in (server.scheme, proxy and proxy.scheme):
                options["ssl"] = self._network.certificates()
            self._routes[origin] = _Route(Secret(options), Secret(login))
        return self._routes[origin]


class _Route(Opaque, msgspec.Struct, frozen=True):
    """How requests reach a server."""

    options: Secret[dict[str, Any]]
    headers: Secret[dict[str, str]]
    """Headers for a proxy that reads the requests themselves."""


def _sent(request: httpx.Request) -> PreparedRequest:
    timeout = request.extensions.get("timeout")
    return PreparedRequest(
        request.method,
        str(request.url),
        Secret(dict(request.headers)),
        None if timeout is None else httpx.Timeout(**timeout),
        Secret(request.content),
    )


def _response(reply: Response, request: httpx.Request) -> httpx.Response:
    """A reply as the flow takes it. The body is decompressed, so that httpx must not try to."""
    plain = Secret([pair for pair in reply.headers if pair[0].lower() != b"content-encoding"])
    return httpx.Response(reply.status_code, headers=plain.reveal(), content=reply.content, request=request)


def _require_framing(response: aiohttp.ClientResponse) -> None:
    """Refuse what httpx refuses: a body with another transfer encoding than `chunked`."""
    encodings = response.headers.getall("Transfer-Encoding", ())
    if encodings and (len(encodings) > 1 or encodings[0].strip().lower() != "chunked"):
        raise aiohttp.ClientPayloadError("the transfer encoding of the response is not supported")


class _Head:
    """Holds a response, whose repr shows its headers, out of the variables of a frame."""

    __slots__ = ("response",)

    def __init__(self) -> None:
        self.response: aiohttp.ClientResponse | None = None


def _hide_headers(error: Exception) -> None:
    """Take headers and the credentials of a proxy out of what the error's repr shows."""
    if isinstance(error, aiohttp.ClientResponseError):
        asked = error.request_info
        # For a proxy it is its address, with its password.
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
        # The head of a response.
        error.message = type(error).__name__
        error.args = (error.message,)
    elif isinstance(error, aiohttp.InvalidURL):
        # It can be that of a proxy.
        error.args = ()


def _timeout(timeout: httpx.Timeout) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=timeout.connect, sock_read=timeout.read)
