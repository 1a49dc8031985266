# Generated from generator/client/runtime/_client.py. Do not edit: change that, and run `make generate`.
"""The engine of every client: one base, and a synchronous and an asynchronous client over it."""

from __future__ import annotations

import copy
import ipaddress
import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar

import attrs
import httpx

from ._decompression import ACCEPTED, Undecodable
from ._deviations import Deviation
from ._http import Body, Outgoing, Reply
from ._models import Model
from ._operations import Operation, header_value, target
from ._options import DEFAULT_TIMEOUT, UNCHANGED, Options, Unchanged
from ._replies import RawResponse
from ._version import VERSION
from .auth import SCHEMES_EXTENSION

if TYPE_CHECKING:
    from ._aio import AiohttpSender

M = TypeVar("M", bound=Model)


class Send(Protocol):
    """Makes a call and gives its reply, whatever its status."""

    def __call__(self, operation: Operation[M], **arguments: object) -> RawResponse[M]: ...


class AsyncSend(Protocol):
    """Makes a call and gives its reply, whatever its status."""

    async def __call__(self, operation: Operation[M], **arguments: object) -> RawResponse[M]: ...


PACKAGE = __name__.partition(".")[0]
_LONGEST_PATH = 60_000
"""Characters. httpx refuses a longer address, in words of its own."""
_AGENT = f"{PACKAGE}/{VERSION} httpx/{httpx.__version__}"


@attrs.frozen
class Service:
    """What a client knows of its service as a whole."""

    name: str
    """Module name."""
    title: str

    @property
    def url_variable(self) -> str:
        """The environment variable that stands in for `base_url`."""
        return f"{PACKAGE}_{self.name}_URL".upper()


class _Base:
    """What the synchronous and the asynchronous client share: where requests go, and what becomes of failures."""

    _service: ClassVar[Service]
    _owns_http: bool
    _agent: str

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        allow_insecure: bool,
    ) -> None:
        self._base_url = _checked_base_url(self._service, base_url)
        if auth is not None and not allow_insecure:
            _must_be_private(self._base_url)
        self._of_client = dict(of_client)
        self._auth = auth
        self._options = Options(strict=strict, on_deviation=on_deviation)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | Unchanged | None = UNCHANGED,
        headers: Mapping[str, str] | Unchanged = UNCHANGED,
        strict: bool | Unchanged = UNCHANGED,
        on_deviation: Callable[[Deviation], object] | Unchanged | None = UNCHANGED,
        max_response_size: int | Unchanged = UNCHANGED,
    ) -> Self:
        """A client with other options, over the same connections; this one stays as it is.

        Args:
            timeout: Seconds for each connect, write and read; None for no limit.
            headers: Further headers of each request, such as a User-Agent to stand before the client's own.
            strict: Raise `ContractViolation` where a reply departs from its document.
            on_deviation: Called with each departure.
            max_response_size: Bytes of a body after decompression, beyond which it is refused. By default 256 MiB.

        Raises:
            ValueError: A header's value cannot be sent.
        """
        if not isinstance(headers, Unchanged):
            headers = {name: header_value(name, value) for name, value in headers.items()}
        client = copy.copy(self)
        client._owns_http = False
        client._options = self._options.changed(
            {
                "timeout": timeout,
                "headers": headers,
                "strict": strict,
                "on_deviation": on_deviation,
                "max_response_size": max_response_size,
            }
        )
        return client

    def _outgoing(self, operation: Operation[Any], arguments: Mapping[str, object]) -> Outgoing:
        call = target(operation, arguments, self._of_client)
        options = self._options
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "User-Agent": self._agent,
            **call.headers,
        }
        for name, value in options.headers.items():
            headers[name] = f"{value} {_AGENT}" if name == "User-Agent" else value
        if len(call.path) > _LONGEST_PATH:
            raise ValueError(
                f"The address of {operation.id} would be too long: an argument has thousands of characters"
            )
        timeout = None if isinstance(options.timeout, Unchanged) else httpx.Timeout(options.timeout)
        return Outgoing(operation.method, self._base_url + call.path, call.query, headers, operation.schemes, timeout)

    def _built(self, http: httpx.Client | httpx.AsyncClient, outgoing: Outgoing) -> httpx.Request:
        return http.build_request(
            outgoing.method,
            outgoing.url,
            params=outgoing.query or None,
            headers=outgoing.headers,
            timeout=outgoing.timeout or httpx.USE_CLIENT_DEFAULT,
            extensions={SCHEMES_EXTENSION: outgoing.schemes},
        )

    def _sending(self) -> dict[str, Any]:
        """How requests are sent. A redirect is a reply like another: following it could take credentials elsewhere."""
        return {"auth": self._auth or httpx.USE_CLIENT_DEFAULT, "follow_redirects": False, "stream": True}


class Client(_Base):
    """Base of the synchronous clients. Safe to share between threads."""

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        timeout: float | httpx.Timeout | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(
            base_url, of_client, auth=auth, strict=strict, on_deviation=on_deviation, allow_insecure=allow_insecure
        )
        _one_of(http_client, transport)
        # A client or transport of the caller's is the caller's to close.
        self._owns_http = http_client is None and transport is None
        self._http = http_client or httpx.Client(timeout=timeout, transport=transport)
        self._agent = _agent_beside(http_client)

    def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        outgoing = self._outgoing(operation, arguments)
        body = Body(operation, self._options.max_response_size)
        response: httpx.Response | None = None
        try:
            response = self._http.send(self._built(self._http, outgoing), **self._sending())
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    for chunk in response.iter_raw():
                        if not body.feed(chunk):
                            break
                    else:
                        body.end()
            finally:
                response.close()
        except (httpx.HTTPError, Undecodable) as error:
            _raise_unless_answered(error, body)
        return RawResponse(operation, self._options, _reply(body, response))

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


class AsyncClient(_Base):
    """Base of the asynchronous clients. Safe to share between tasks of one event loop."""

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        timeout: float | httpx.Timeout | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(
            base_url, of_client, auth=auth, strict=strict, on_deviation=on_deviation, allow_insecure=allow_insecure
        )
        _one_of(http_client, transport)
        # A client or transport of the caller's is the caller's to close.
        self._owns_http = http_client is None and transport is None
        self._aio = _fast_sender(timeout) if self._owns_http else None
        self._http = http_client or httpx.AsyncClient(timeout=timeout, transport=transport)
        self._agent = _agent_beside(http_client)

    async def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        body = Body(operation, self._options.max_response_size)
        if self._aio is not None:
            reply = await self._aio.send(self._outgoing(operation, arguments), self._auth, body)
            return RawResponse(operation, self._options, reply)
        outgoing = self._outgoing(operation, arguments)
        response: httpx.Response | None = None
        try:
            response = await self._http.send(self._built(self._http, outgoing), **self._sending())
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    async for chunk in response.aiter_raw():
                        if not body.feed(chunk):
                            break
                    else:
                        body.end()
            finally:
                await response.aclose()
        except (httpx.HTTPError, Undecodable) as error:
            _raise_unless_answered(error, body)
        return RawResponse(operation, self._options, _reply(body, response))

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


def _encoding(response: httpx.Response) -> str:
    return "" if response.is_stream_consumed else response.headers.get("Content-Encoding", "")


def _raise_unless_answered(error: httpx.HTTPError | Undecodable, body: Body) -> None:
    """What a failure means to a caller. A reply that says failure itself is enough, whatever became of its body."""
    failure = body.failure(error, in_time=not isinstance(error, httpx.TimeoutException))
    if failure is not None:
        raise failure from error


def _reply(body: Body, response: httpx.Response | None) -> Reply:
    if response is None:
        raise RuntimeError("a request without a reply raises")
    return Reply(response.status_code, response.reason_phrase, response.headers, body.content, response.request.headers)


def _fast_sender(timeout: float | httpx.Timeout | None) -> AiohttpSender | None:
    """The sender of the `[aio]` extra, where that is installed."""
    try:
        from ._aio import AiohttpSender
    except ImportError:
        return None
    return AiohttpSender(httpx.Timeout(timeout))


def _checked_base_url(service: Service, given: str | None) -> str:
    text = given or os.environ.get(service.url_variable)
    if not text:
        raise ValueError(f"base_url is missing: give it to the client, or set {service.url_variable}")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        # What httpx says of it could quote a password.
        raise ValueError("base_url cannot be read: write https://host, with a path if there is one") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url is no address of a server: write https://host, with a path if there is one")
    if url.userinfo or "?" in text or "#" in text:
        raise ValueError("base_url has more than a host and a path: give credentials as auth, and no query or fragment")
    return str(url).rstrip("/")


def _must_be_private(base_url: str) -> None:
    url = httpx.URL(base_url)
    if url.scheme == "https" or _is_loopback(url.host):
        return
    raise ValueError("Credentials would be sent in the clear: use https, or give allow_insecure=True")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _agent_beside(http: httpx.Client | httpx.AsyncClient | None) -> str:
    """The User-Agent: ours, after that of a caller's httpx client if it has one of its own."""
    callers = "" if http is None else http.headers.get("User-Agent", "")
    return _AGENT if not callers or callers.startswith("python-httpx/") else f"{callers} {_AGENT}"


def _one_of(http_client: object, transport: object) -> None:
    if http_client is not None and transport is not None:
        raise ValueError("Give http_client or transport, not both: an httpx client has a transport of its own")


__all__ = ["DEFAULT_TIMEOUT", "AsyncClient", "AsyncSend", "Client", "Send", "Service"]
