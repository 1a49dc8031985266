# Generated from generator/client/runtime/_client.py. Do not edit: change that, and run `make generate`.
"""The engine of every client: a synchronous and an asynchronous client that make calls, and make them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

import httpx

from ._addresses import own_http
from ._base import Base, agent_beside
from ._decompression import Undecodable
from ._deviations import Deviation
from ._forks import PerProcess, refused_in_child
from ._guard import Guard
from ._http import Body, Outgoing, Reply
from ._models import Model
from ._operations import Operation
from ._options import Options, checked_timeout
from ._replies import RawResponse
from ._retries import Tries
from .errors import AuthenticationFailed, ConnectionFailed, RequestTimeout

if TYPE_CHECKING:
    from ._aio import AiohttpSender

M = TypeVar("M", bound=Model)


class Send(Protocol):
    """Makes a call and gives its reply, whatever its status."""

    def __call__(self, operation: Operation[M], **arguments: object) -> RawResponse[M]: ...


class AsyncSend(Protocol):
    """Makes a call and gives its reply, whatever its status."""

    async def __call__(self, operation: Operation[M], **arguments: object) -> RawResponse[M]: ...


class Client(Base):
    """Base of the synchronous clients. Safe to share between threads, and to use in a child process that is forked."""

    _shared_http: PerProcess[httpx.Client]

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        timeout: float | httpx.Timeout | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        max_retries: int,
        deadline: float | None,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(
            base_url,
            of_client,
            auth=auth,
            strict=strict,
            on_deviation=on_deviation,
            max_retries=max_retries,
            deadline=deadline,
            allow_insecure=allow_insecure,
        )
        _one_of(http_client, transport)
        # A client or transport of the caller's is the caller's to close.
        self._is_callers_http = http_client is not None
        self._owns_http = http_client is None and transport is None
        make = partial(_made, timeout=checked_timeout(timeout), mounts=self._mounts())
        self._shared_http = PerProcess(
            _bound(http_client) if http_client else make(transport=transport),
            make if self._owns_http else refused_in_child("transport" if http_client is None else "http_client"),
        )
        self._agent = agent_beside(http_client)
        self._check_credentials()

    @property
    def _http(self) -> httpx.Client:
        return self._shared_http.get()

    def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        return self._call(operation, arguments, self._options)

    def _call(self, operation: Operation[M], arguments: Mapping[str, object], options: Options) -> RawResponse[M]:
        """Make a call, with its retries."""
        outgoing = self._outgoing(operation, arguments, options)
        tries = Tries(operation, options, self._clock)
        while True:
            tries.begin()
            try:
                with Guard():
                    reply = self._try(outgoing, Body(operation, options.max_response_size), tries)
            except (ConnectionFailed, RequestTimeout, AuthenticationFailed) as error:
                pause = tries.after_failure(error)
                if pause is None:
                    raise
            else:
                pause = tries.after_reply(reply)
                if pause is None:
                    return RawResponse(operation, options, reply, outgoing.job_id)
            self._clock.sleep(pause)

    def _try(self, outgoing: Outgoing, body: Body, tries: Tries) -> Reply:
        response: httpx.Response | None = None
        request = self._built(self._http, outgoing, outgoing.timeout)
        tries.bound(request)
        try:
            response = self._http.send(request, **self._sending())
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    for chunk in response.iter_raw():
                        if not body.feed(chunk, tries.check):
                            break
                    else:
                        body.end()
            finally:
                response.close()
        except (httpx.HTTPError, Undecodable) as error:
            _raise_unless_answered(error, body, request)
        return _reply(body, response)

    def close(self) -> None:
        """Close the connections, unless they are of an `http_client` or `transport` of the caller's."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Base):
    """Base of the asynchronous clients. Safe to share between tasks of one event loop; others are refused.

    A child process that is forked can use it in an event loop of its own.
    """

    _shared_http: PerProcess[httpx.AsyncClient]

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        timeout: float | httpx.Timeout | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        max_retries: int,
        deadline: float | None,
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(
            base_url,
            of_client,
            auth=auth,
            strict=strict,
            on_deviation=on_deviation,
            max_retries=max_retries,
            deadline=deadline,
            allow_insecure=allow_insecure,
        )
        _one_of(http_client, transport)
        # A client or transport of the caller's is the caller's to close.
        self._is_callers_http = http_client is not None
        self._owns_http = http_client is None and transport is None
        self._aio = _fast_sender(checked_timeout(timeout)) if self._owns_http else None
        make = partial(own_http, httpx.AsyncClient, timeout=checked_timeout(timeout), mounts=self._mounts())
        self._shared_http = PerProcess(
            http_client or make(transport=transport),
            make if self._owns_http else refused_in_child("transport" if http_client is None else "http_client"),
        )
        self._agent = agent_beside(http_client)
        self._check_credentials()

    @property
    def _http(self) -> httpx.AsyncClient:
        return self._shared_http.get()

    async def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        return await self._call(operation, arguments, self._options)

    async def _call(self, operation: Operation[M], arguments: Mapping[str, object], options: Options) -> RawResponse[M]:
        """Make a call, with its retries."""
        outgoing = self._outgoing(operation, arguments, options)
        tries = Tries(operation, options, self._clock)
        if options.deadline is None:
            return await self._tries(outgoing, operation, options, tries)
        import asyncio  # not at the top: it takes a while, and synchronous programs do without

        limit = asyncio.timeout(options.deadline)
        try:
            async with limit:
                return await self._tries(outgoing, operation, options, tries)
        except TimeoutError:
            if limit.expired():
                raise tries.late() from None
            raise

    async def _tries(
        self, outgoing: Outgoing, operation: Operation[M], options: Options, tries: Tries
    ) -> RawResponse[M]:
        while True:
            tries.begin()
            try:
                with Guard():
                    reply = await self._try(outgoing, Body(operation, options.max_response_size))
            except (ConnectionFailed, RequestTimeout, AuthenticationFailed) as error:
                pause = tries.after_failure(error)
                if pause is None:
                    raise
            else:
                pause = tries.after_reply(reply)
                if pause is None:
                    return RawResponse(operation, options, reply, outgoing.job_id)
            await self._clock.sleep_async(pause)

    async def _try(self, outgoing: Outgoing, body: Body) -> Reply:
        if self._aio is not None:
            return await self._aio.send(outgoing, self._auth, body)
        response: httpx.Response | None = None
        request = self._built(self._http, outgoing, outgoing.timeout)
        try:
            response = await self._http.send(request, **self._sending())
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
        except (httpx.HTTPError, Undecodable) as error:
            _raise_unless_answered(error, body, request)
        return _reply(body, response)

    async def aclose(self) -> None:
        """Close the connections, unless they are of an `http_client` or `transport` of the caller's."""
        if self._owns_http:
            if self._aio is not None:
                await self._aio.aclose()
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _made(**keywords: Any) -> httpx.Client:
    return _bound(own_http(httpx.Client, **keywords))


def _bound(http: httpx.Client) -> httpx.Client:
    """Let an httpx client's reads end with the deadline of a call. Requests of others stay as they are."""
    mounted = getattr(http, "_mounts", {}).values()  # neither is public: without them there is nothing to change
    for transport in (getattr(http, "_transport", None), *mounted):
        pool: Any = getattr(transport, "_pool", None)
        if hasattr(pool, "_network_backend"):
            from ._network import Backend  # not at the top: without a pool nothing of it is needed

            if not isinstance(pool._network_backend, Backend):
                pool._network_backend = Backend(pool._network_backend)
    return http


def _encoding(response: httpx.Response) -> str:
    return "" if response.is_stream_consumed else response.headers.get("Content-Encoding", "")


def _raise_unless_answered(error: httpx.HTTPError | Undecodable, body: Body, request: httpx.Request) -> None:
    """What a failure means to a caller. A reply that says failure itself is enough, whatever became of its body."""
    failed: httpx.Request | None = getattr(error, "_request", None)
    if failed is not None and failed.url.netloc != request.url.netloc:
        body = body.again(failed.url.netloc.decode())
    failure = body.failure(error, in_time=not isinstance(error, httpx.TimeoutException))
    if failure is not None:
        raise failure from error


def _reply(body: Body, response: httpx.Response | None) -> Reply:
    if response is None:
        raise RuntimeError("a request without a reply raises")
    return Reply(response.status_code, response.reason_phrase, response.headers, body.content, response.request.headers)


def _fast_sender(timeout: httpx.Timeout | None) -> AiohttpSender | None:
    """The sender of the `[aio]` extra, where that is installed."""
    try:
        from ._aio import AiohttpSender
    except ImportError:
        return None
    return AiohttpSender(httpx.Timeout(timeout))


def _one_of(http_client: object, transport: object) -> None:
    if http_client is not None and transport is not None:
        raise ValueError("Give http_client or transport, not both: an httpx client has a transport of its own")
