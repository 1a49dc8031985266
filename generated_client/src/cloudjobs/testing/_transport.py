# Generated from generator/client/runtime/testing/_transport.py. Do not edit: change that, and run `make generate`.
"""Carries the requests of an httpx client to a replay in this process: no socket, no event loop of its own.

What goes wrong on a port goes wrong here too, with the exceptions that httpx raises there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator, Iterator

import httpx
from starlette.datastructures import Headers

from .._clock import Clock
from ._answers import Answer
from ._asked import Question
from ._replay import Engine


class ReplayTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For synchronous and asynchronous clients."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer, limit = self._answer(request)
        if answer.delay:
            self._engine.clock.sleep(min(answer.delay, limit))
        return _response(answer, request, limit, self._engine.clock)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer, limit = self._answer(request)
        if answer.delay:
            await self._engine.clock.sleep_async(min(answer.delay, limit))
        return _response(answer, request, limit, self._engine.clock)

    def _answer(self, request: httpx.Request) -> tuple[Answer, float]:
        """The reply, and the seconds that each part of it may take."""
        raw_path, _, query = request.url.raw_path.partition(b"?")
        raw = [(name.lower(), value) for name, value in request.headers.raw]
        answer = self._engine.answer(Question(request.method, raw_path, query, Headers(raw=raw)))
        limit = request.extensions.get("timeout", {}).get("read")
        return answer, float("inf") if limit is None else limit


def _response(answer: Answer, request: httpx.Request, limit: float, clock: Clock) -> httpx.Response:
    if answer.delay > limit:
        raise httpx.ReadTimeout("timed out", request=request)
    if answer.reset:
        reset = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        raise httpx.ReadError(str(reset), request=request) from reset
    return httpx.Response(answer.status, headers=answer.head, stream=_Body(answer, limit, clock))


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body as it comes."""

    def __init__(self, answer: Answer, limit: float, clock: Clock) -> None:
        self._answer, self._limit, self._clock = answer, limit, clock

    def __iter__(self) -> Iterator[bytes]:
        for each in self._answer.course():
            if isinstance(each, bytes):
                yield each
            else:
                self._clock.sleep(min(each, self._limit))
                self._in_time(each)
        self._whole()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self._answer.course():
            if isinstance(each, bytes):
                yield each
            else:
                await self._clock.sleep_async(min(each, self._limit))
                self._in_time(each)
        self._whole()

    def _in_time(self, pause: float) -> None:
        if pause > self._limit:
            raise httpx.ReadTimeout("timed out")

    def _whole(self) -> None:
        if self._answer.truncate:
            whole = len(self._answer.body)
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {whole // 2} bytes, expected {whole})"
            )
