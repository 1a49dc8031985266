"""The engine of every client: one base, and a synchronous and an asynchronous client over it."""

from __future__ import annotations

import copy
import ipaddress
import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Protocol, Self, TypeVar

import attrs
import httpx

from ._deviations import Deviation
from ._models import Model
from ._operations import Operation, header_value, target
from ._options import DEFAULT_TIMEOUT, UNCHANGED, Options, Unchanged
from ._replies import RawResponse
from ._version import VERSION
from .auth import SCHEMES_EXTENSION
from .errors import ConnectionFailed, InvalidResponse, RequestTimeout

M = TypeVar("M", bound=Model)


class Send(Protocol):
    """Makes a call and gives its reply, whatever its status."""

    def __call__(self, operation: Operation[M], **arguments: object) -> RawResponse[M]: ...


class AsyncSend(Protocol):
    """Makes a call and gives its reply, whatever its status."""

    async def __call__(self, operation: Operation[M], **arguments: object) -> RawResponse[M]: ...


PACKAGE = __name__.partition(".")[0]


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

    def _request(
        self, http: httpx.Client | httpx.AsyncClient, operation: Operation[Any], arguments: Mapping[str, object]
    ) -> httpx.Request:
        call = target(operation, arguments, self._of_client)
        options = self._options
        given = httpx.Headers(options.headers)
        callers_agent = given.pop("User-Agent", None) or http.headers.get("User-Agent", "")
        headers = {"Accept": "application/json", **call.headers, **given, "User-Agent": _user_agent(callers_agent)}
        timeout = httpx.USE_CLIENT_DEFAULT if isinstance(options.timeout, Unchanged) else options.timeout
        return http.build_request(
            operation.method,
            self._base_url + call.path,
            params=call.query or None,
            headers=headers,
            timeout=timeout,
            extensions={SCHEMES_EXTENSION: operation.schemes},
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

    def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        request = self._request(self._http, operation, arguments)
        body = _Body(operation, self._options.max_response_size)
        try:
            response = self._http.send(request, **self._sending())
            try:
                body.begin(response)
                for chunk in response.iter_bytes():
                    body.add(response, chunk)
            finally:
                response.close()
        except httpx.HTTPError as error:
            body.fail(error)
        return RawResponse(operation, self._options, body.response, body.content)

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
        self._http = http_client or httpx.AsyncClient(timeout=timeout, transport=transport)

    async def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        request = self._request(self._http, operation, arguments)
        body = _Body(operation, self._options.max_response_size)
        try:
            response = await self._http.send(request, **self._sending())
            try:
                body.begin(response)
                async for chunk in response.aiter_bytes():
                    body.add(response, chunk)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            body.fail(error)
        return RawResponse(operation, self._options, body.response, body.content)

    async def aclose(self) -> None:
        """Close the connections, unless they are of an `http_client` or `transport` of the caller's."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class _Body:
    """A body as it arrives, held to its largest size, and what becomes of a connection that fails meanwhile."""

    def __init__(self, operation: Operation[Any], largest: int) -> None:
        self._operation = operation
        self._largest = largest
        self._chunks: list[bytes] = []
        self._size = 0
        self._response: httpx.Response | None = None

    @property
    def response(self) -> httpx.Response:
        assert self._response is not None
        return self._response

    @property
    def content(self) -> bytes:
        return b"".join(self._chunks) if len(self._chunks) != 1 else self._chunks[0]

    def begin(self, response: httpx.Response) -> None:
        """Status and headers are here."""
        self._response = response

    def add(self, response: httpx.Response, chunk: bytes) -> None:
        """Take the next part. Raises `InvalidResponse` where it becomes too much."""
        self._size += len(chunk)
        if self._size > self._largest:
            if not response.is_success:
                # Enough of an error to tell what it is.
                chunk = chunk[: len(chunk) - (self._size - self._largest)]
            else:
                raise self._refused(f"more than {self._largest} bytes: give with_options a larger max_response_size")
        self._chunks.append(chunk)

    def fail(self, error: httpx.HTTPError) -> None:
        """Raise what the failure means to a caller. A reply that says failure itself is enough, whatever came of it."""
        operation, response = self._operation, self._response
        if response is not None and not response.is_success:
            return
        place = {"service": operation.service, "operation": operation.id}
        call = f"{operation.service}.{operation.id}"
        if isinstance(error, httpx.DecodingError):
            raise self._refused("a body that cannot be decompressed") from error
        if isinstance(error, httpx.TimeoutException):
            raise RequestTimeout(f"{call} was not answered in time ({type(error).__name__})", **place) from error
        raise ConnectionFailed(f"{call} was not answered ({type(error).__name__}: {error})", **place) from error

    def _refused(self, what: str) -> InvalidResponse:
        operation, status = self._operation, self.response.status_code
        return InvalidResponse(
            f"{operation.service}.{operation.id} was answered with {status} and {what}",
            service=operation.service,
            operation=operation.id,
            status_code=status,
            body=b"",
        )


def _checked_base_url(service: Service, given: str | None) -> str:
    text = given or os.environ.get(service.url_variable)
    if not text:
        raise ValueError(f"base_url is missing: give it to the client, or set {service.url_variable}")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"base_url cannot be read: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url is no address of a server: write https://host, with a path if there is one")
    if url.userinfo or url.query or url.fragment:
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


def _user_agent(callers: str) -> str:
    ours = f"{PACKAGE}/{VERSION} httpx/{httpx.__version__}"
    return ours if not callers or callers.startswith("python-httpx/") else f"{callers} {ours}"


def _one_of(http_client: object, transport: object) -> None:
    if http_client is not None and transport is not None:
        raise ValueError("Give http_client or transport, not both: an httpx client has a transport of its own")


__all__ = ["DEFAULT_TIMEOUT", "AsyncClient", "AsyncSend", "Client", "Send", "Service"]
