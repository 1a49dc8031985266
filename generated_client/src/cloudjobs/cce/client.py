# Generated from openapi/cce.yaml. Do not edit: change that, and run `make generate`.
"""Clients of Huawei CCE job query, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from .._client import DEFAULT_TIMEOUT, AsyncClient, AsyncSend, Client, Send, Service
from .._deviations import Deviation
from .._replies import RawResponse
from .models import Job
from .operations import GET_JOB

_SERVICE = Service(name="cce", title="Huawei CCE job query")


class CceClient(Client):
    """Huawei CCE job query, synchronous.

    Progress of an asynchronous Cloud Container Engine job. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_CCE_URL` stands in.
        project_id: ID of the project that owns the job. Used by calls that do not give their own.
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
    def with_raw_response(self) -> CceClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return CceClientWithRawResponse(self._send)

    def get_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
    ) -> Job:
        """Get a job.

        Returns the state of one job and of all its sub-jobs. A request that creates or deletes a cluster or a node
        answers with the ID of such a job. The job is complete only when all its sub-jobs are.

        Args:
            job_id: ID of the job, as the request that started it returned it.
            project_id: ID of the project that owns the job. By default the client's.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: cce.uri, cce.header.Content-Type, cce.fact.signing
        """
        raw = self._send(
            GET_JOB,
            job_id=job_id,
            project_id=project_id,
        )
        return raw.parse()


class CceClientWithRawResponse:
    """The calls of `CceClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
    ) -> RawResponse[Job]:
        """As `CceClient.get_job`. What the reply means is not looked at until `parse()`."""
        return self._send(
            GET_JOB,
            job_id=job_id,
            project_id=project_id,
        )


class AsyncCceClient(AsyncClient):
    """Huawei CCE job query, asynchronous.

    Progress of an asynchronous Cloud Container Engine job. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_CCE_URL` stands in.
        project_id: ID of the project that owns the job. Used by calls that do not give their own.
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
    def with_raw_response(self) -> AsyncCceClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return AsyncCceClientWithRawResponse(self._send)

    async def get_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
    ) -> Job:
        """Get a job.

        Returns the state of one job and of all its sub-jobs. A request that creates or deletes a cluster or a node
        answers with the ID of such a job. The job is complete only when all its sub-jobs are.

        Args:
            job_id: ID of the job, as the request that started it returned it.
            project_id: ID of the project that owns the job. By default the client's.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: cce.uri, cce.header.Content-Type, cce.fact.signing
        """
        raw = await self._send(
            GET_JOB,
            job_id=job_id,
            project_id=project_id,
        )
        return raw.parse()


class AsyncCceClientWithRawResponse:
    """The calls of `AsyncCceClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def get_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
    ) -> RawResponse[Job]:
        """As `AsyncCceClient.get_job`. What the reply means is not looked at until `parse()`."""
        return await self._send(
            GET_JOB,
            job_id=job_id,
            project_id=project_id,
        )
