# Generated from openapi/ges.yaml. Do not edit: change that, and run `make generate`.
"""Clients of Huawei GES job query, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from .._client import DEFAULT_TIMEOUT, AsyncClient, AsyncSend, Client, Send, Service
from .._deviations import Deviation
from .._replies import RawResponse
from .models import JobList
from .operations import LIST_JOBS

_SERVICE = Service(name="ges", title="Huawei GES job query")


class GesClient(Client):
    """Huawei GES job query, synchronous.

    Listing of the asynchronous jobs of a Graph Engine Service graph. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_GES_URL` stands in.
        project_id: ID of the project that owns the graph. Used by calls that do not give their own.
        auth: Credentials: a `Token`, or another `httpx.Auth`.
        timeout: Seconds for each connect, write and read, or an `httpx.Timeout`. By default 5 to connect and 60 else.
        strict: Raise `ContractViolation` where a reply departs from its document, in place of reading it as it is.
        on_deviation: Called with each departure of a reply from its document.
        http_client: An `httpx.Client` of your own, with its own timeout and transport; it is left open.
        transport: A transport for the client's own `httpx.Client`; it is left open.
        allow_insecure: Send credentials over plain HTTP to another host than this one.

    Raises:
        ValueError: There is no base URL, or it is none; credentials would go over plain HTTP; or both http_client and
            transport are given.
    """

    _service = _SERVICE

    def __init__(
        self,
        base_url: str | None = None,
        *,
        project_id: str | None = None,
        auth: httpx.Auth | None = None,
        timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
        strict: bool = False,
        on_deviation: Callable[[Deviation], object] | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        allow_insecure: bool = False,
    ) -> None:
        super().__init__(
            base_url,
            {
                "project_id": project_id,
            },
            auth=auth,
            timeout=timeout,
            strict=strict,
            on_deviation=on_deviation,
            http_client=http_client,
            transport=transport,
            allow_insecure=allow_insecure,
        )

    @property
    def with_raw_response(self) -> GesClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return GesClientWithRawResponse(self._send)

    def list_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> JobList:
        """List the jobs of a graph.

        Returns the asynchronous jobs that the engine has stored for one graph: queries by algorithm, imports and
        whatever else runs in the background. It is the way back to a job whose ID is lost, and the way to ask for the
        state of a job whose ID is known. Without `limit` up to 100000 jobs come in one reply, which can be tens of
        megabytes; read a long list in pages.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            project_id: ID of the project that owns the graph. By default the client's.
            offset: How many jobs to pass over before the first one that is returned. Where it is not given the
                service takes 0.
            limit: How many jobs to return at most. The default is also the most that can be asked for, and asks for
                everything most graphs have; a reply of that length can be tens of megabytes. Where it is not given the
                service takes 100000.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: ges.uri-is-lost, ges.no-authentication
        """
        raw = self._send(
            LIST_JOBS,
            graph_name=graph_name,
            project_id=project_id,
            offset=offset,
            limit=limit,
        )
        return raw.parse()


class GesClientWithRawResponse:
    """The calls of `GesClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def list_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> RawResponse[JobList]:
        """As `GesClient.list_jobs`. What the reply means is not looked at until `parse()`."""
        return self._send(
            LIST_JOBS,
            graph_name=graph_name,
            project_id=project_id,
            offset=offset,
            limit=limit,
        )


class AsyncGesClient(AsyncClient):
    """Huawei GES job query, asynchronous.

    Listing of the asynchronous jobs of a Graph Engine Service graph. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_GES_URL` stands in.
        project_id: ID of the project that owns the graph. Used by calls that do not give their own.
        auth: Credentials: a `Token`, or another `httpx.Auth`.
        timeout: Seconds for each connect, write and read, or an `httpx.Timeout`. By default 5 to connect and 60 else.
        strict: Raise `ContractViolation` where a reply departs from its document, in place of reading it as it is.
        on_deviation: Called with each departure of a reply from its document.
        http_client: An `httpx.AsyncClient` of your own, with its own timeout and transport; it is left open.
        transport: A transport for the client's own `httpx.AsyncClient`; it is left open.
        allow_insecure: Send credentials over plain HTTP to another host than this one.

    Raises:
        ValueError: There is no base URL, or it is none; credentials would go over plain HTTP; or both http_client and
            transport are given.
    """

    _service = _SERVICE

    def __init__(
        self,
        base_url: str | None = None,
        *,
        project_id: str | None = None,
        auth: httpx.Auth | None = None,
        timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
        strict: bool = False,
        on_deviation: Callable[[Deviation], object] | None = None,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        allow_insecure: bool = False,
    ) -> None:
        super().__init__(
            base_url,
            {
                "project_id": project_id,
            },
            auth=auth,
            timeout=timeout,
            strict=strict,
            on_deviation=on_deviation,
            http_client=http_client,
            transport=transport,
            allow_insecure=allow_insecure,
        )

    @property
    def with_raw_response(self) -> AsyncGesClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return AsyncGesClientWithRawResponse(self._send)

    async def list_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> JobList:
        """List the jobs of a graph.

        Returns the asynchronous jobs that the engine has stored for one graph: queries by algorithm, imports and
        whatever else runs in the background. It is the way back to a job whose ID is lost, and the way to ask for the
        state of a job whose ID is known. Without `limit` up to 100000 jobs come in one reply, which can be tens of
        megabytes; read a long list in pages.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            project_id: ID of the project that owns the graph. By default the client's.
            offset: How many jobs to pass over before the first one that is returned. Where it is not given the
                service takes 0.
            limit: How many jobs to return at most. The default is also the most that can be asked for, and asks for
                everything most graphs have; a reply of that length can be tens of megabytes. Where it is not given the
                service takes 100000.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: ges.uri-is-lost, ges.no-authentication
        """
        raw = await self._send(
            LIST_JOBS,
            graph_name=graph_name,
            project_id=project_id,
            offset=offset,
            limit=limit,
        )
        return raw.parse()


class AsyncGesClientWithRawResponse:
    """The calls of `AsyncGesClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def list_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> RawResponse[JobList]:
        """As `AsyncGesClient.list_jobs`. What the reply means is not looked at until `parse()`."""
        return await self._send(
            LIST_JOBS,
            graph_name=graph_name,
            project_id=project_id,
            offset=offset,
            limit=limit,
        )
