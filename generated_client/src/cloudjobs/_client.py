# Generated from generator/client/runtime/_client.py. Do not edit: change that, and run `make generate`.
"""The engine of every client: one base, and a synchronous and an asynchronous client over it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

import attrs
import httpx

from . import _replies
from ._models import Model
from ._operations import Operation, target
from ._version import VERSION
from .auth import SCHEMES_EXTENSION
from .errors import CloudJobsError, ConnectionFailed, InvalidResponse, RequestTimeout

M = TypeVar("M", bound=Model)

PACKAGE = __name__.partition(".")[0]
DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""A minute for each read, five seconds for the connection. A listing may be large."""


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

    def __init__(self, base_url: str | None, of_client: Mapping[str, object], *, auth: httpx.Auth | None) -> None:
        self._base_url = _checked_base_url(self._service, base_url)
        self._of_client = dict(of_client)
        self._auth = auth

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def _request(
        self, http: httpx.Client | httpx.AsyncClient, operation: Operation[Any], arguments: Mapping[str, object]
    ) -> httpx.Request:
        call = target(operation, arguments, self._of_client)
        headers = {**call.headers, "Accept": "application/json", "User-Agent": _user_agent(http)}
        return http.build_request(
            operation.method,
            self._base_url + call.path,
            params=call.query or None,
            headers=headers,
            extensions={SCHEMES_EXTENSION: operation.schemes},
        )

    def _sending(self) -> dict[str, Any]:
        """How requests are sent. A redirect is a reply like another: following it could take credentials elsewhere."""
        return {"auth": self._auth or httpx.USE_CLIENT_DEFAULT, "follow_redirects": False}


class Client(_Base):
    """Base of the synchronous clients. Safe to share between threads."""

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        timeout: float | httpx.Timeout | None,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
    ) -> None:
        super().__init__(base_url, of_client, auth=auth)
        _one_of(http_client, transport)
        # A client or transport of the caller's is the caller's to close.
        self._owns_http = http_client is None and transport is None
        self._http = http_client or httpx.Client(timeout=timeout, transport=transport)

    def _call(self, operation: Operation[M], **arguments: object) -> M:
        request = self._request(self._http, operation, arguments)
        try:
            response = self._http.send(request, **self._sending())
        except httpx.HTTPError as error:
            raise _failure(operation, error) from error
        return _replies.read(operation, response)

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
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        super().__init__(base_url, of_client, auth=auth)
        _one_of(http_client, transport)
        # A client or transport of the caller's is the caller's to close.
        self._owns_http = http_client is None and transport is None
        self._http = http_client or httpx.AsyncClient(timeout=timeout, transport=transport)

    async def _call(self, operation: Operation[M], **arguments: object) -> M:
        request = self._request(self._http, operation, arguments)
        try:
            response = await self._http.send(request, **self._sending())
        except httpx.HTTPError as error:
            raise _failure(operation, error) from error
        return _replies.read(operation, response)

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


def _user_agent(http: httpx.Client | httpx.AsyncClient) -> str:
    ours = f"{PACKAGE}/{VERSION} httpx/{httpx.__version__}"
    callers = http.headers.get("User-Agent", "")
    return ours if not callers or callers.startswith("python-httpx/") else f"{callers} {ours}"


def _one_of(http_client: object, transport: object) -> None:
    if http_client is not None and transport is not None:
        raise ValueError("Give http_client or transport, not both: an httpx client has a transport of its own")


def _failure(operation: Operation[Any], error: httpx.HTTPError) -> CloudJobsError:
    place = {"service": operation.service, "operation": operation.id}
    call = f"{operation.service}.{operation.id}"
    if isinstance(error, httpx.TimeoutException):
        return RequestTimeout(f"{call} was not answered in time ({type(error).__name__})", **place)
    if isinstance(error, httpx.DecodingError):
        message = f"{call} was answered with a body that cannot be decompressed"
        return InvalidResponse(message, **place, status_code=0, body=b"")
    return ConnectionFailed(f"{call} was not answered ({type(error).__name__}: {error})", **place)
