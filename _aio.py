"""Sends requests over aiohttp, for asynchronous clients without an httpx client or transport of the caller's.

With many requests under way at once, httpx's connection pool takes more time than everything else together. Credentials
stay `httpx.Auth`: its flow is run here, with httpx's requests and responses.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx
from yarl import URL

from ._http import Body, Outgoing, Reply
from .auth import SCHEMES_EXTENSION, Token


class AiohttpSender:
    """One pool of connections, made in the event loop of the first request."""

    def __init__(self, timeout: httpx.Timeout) -> None:
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def send(self, outgoing: Outgoing, auth: httpx.Auth | None, body: Body) -> Reply:
        """Send a request with its credentials, and read the reply's body."""
        if auth is None:
            return await self._exchange(outgoing, outgoing.headers, body)
        if isinstance(auth, Token):
            headers = {**outgoing.headers, **auth.headers(outgoing.schemes)}
            return await self._exchange(outgoing, headers, body)
        extensions = {SCHEMES_EXTENSION: outgoing.schemes}
        request = httpx.Request(
            outgoing.method, outgoing.url, params=outgoing.query or None, headers=outgoing.headers, extensions=extensions
        )
        flow = auth.async_auth_flow(request)
        try:
            request = await anext(flow)
            while True:
                reply = await self._exchange(outgoing, dict(request.headers), body.again(), str(request.url))
                response = httpx.Response(
                    reply.status_code, headers=reply.headers, content=reply.content, request=request
                )
                try:
                    request = await flow.asend(response)
                except StopAsyncIteration:
                    return reply
        finally:
            await flow.aclose()

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, outgoing: Outgoing, headers: dict[str, str], body: Body, url: str | None = None) -> Reply:
        if url is None:
            url = f"{outgoing.url}?{urlencode(outgoing.query)}" if outgoing.query else outgoing.url
        options: dict[str, Any] = {} if outgoing.timeout is None else {"timeout": _timeout(outgoing.timeout)}
        sent, head = headers, None
        try:
            async with self._opened().request(
                outgoing.method, URL(url, encoded=True), headers=headers, allow_redirects=False, **options
            ) as response:
                head, body.status_code = response, response.status
                async for chunk in response.content.iter_any():
                    if not body.add(chunk):
                        response.close()
                        break
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            failure = body.failure(
                error, in_time=not isinstance(error, asyncio.TimeoutError), undecodable=_is_undecodable(error)
            )
            if failure is not None or head is None:
                raise failure or error from error
        assert head is not None
        return Reply(head.status, head.reason or "", head.raw_headers, body.content, sent)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=httpx.create_ssl_context()),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_timeout(self._timeout),
                trust_env=True,
            )
        return self._session


def _timeout(timeout: httpx.Timeout) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=timeout.connect, sock_read=timeout.read)


def _is_undecodable(error: Exception) -> bool:
    return isinstance(error, aiohttp.ClientPayloadError) and isinstance(error.__cause__, aiohttp.ContentEncodingError)
