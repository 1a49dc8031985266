# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Clients of Huawei IEF batch job query, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from .._client import DEFAULT_TIMEOUT, AsyncClient, AsyncSend, Client, Send, Service
from .._deviations import Deviation
from .._replies import RawResponse
from .models import BatchJob
from .operations import GET_BATCH_JOB

_SERVICE = Service(name="ief", title="Huawei IEF batch job query")


class IefClient(Client):
    """Huawei IEF batch job query, synchronous.

    Progress of a batch job of Intelligent EdgeFabric. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_IEF_URL` stands in.
        project_id: ID of the project that owns the job. Used by calls that do not give their own.
        ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty, with
            an instance of the professional edition. Used by calls that do not give their own.
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
        ief_instance_id: str | None = None,
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
                "ief_instance_id": ief_instance_id,
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
    def with_raw_response(self) -> IefClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return IefClientWithRawResponse(self._send)

    def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
    ) -> BatchJob:
        """Get a batch job.

        Returns the state of one batch job, with a task for each of its targets. Tell success by `status`, never by the
        two counters, whose meaning is in doubt.

        Args:
            job_id: ID of the batch job, as the request that started it returned it.
            project_id: ID of the project that owns the job. By default the client's.
            ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty,
                with an instance of the professional edition. By default the client's.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: ief.uri, ief.header.Content-Type, ief.token-or-signature
        """
        raw = self._send(
            GET_BATCH_JOB,
            job_id=job_id,
            project_id=project_id,
            ief_instance_id=ief_instance_id,
        )
        return raw.parse()


class IefClientWithRawResponse:
    """The calls of `IefClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
    ) -> RawResponse[BatchJob]:
        """As `IefClient.get_batch_job`. What the reply means is not looked at until `parse()`."""
        return self._send(
            GET_BATCH_JOB,
            job_id=job_id,
            project_id=project_id,
            ief_instance_id=ief_instance_id,
        )


class AsyncIefClient(AsyncClient):
    """Huawei IEF batch job query, asynchronous.

    Progress of a batch job of Intelligent EdgeFabric. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_IEF_URL` stands in.
        project_id: ID of the project that owns the job. Used by calls that do not give their own.
        ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty, with
            an instance of the professional edition. Used by calls that do not give their own.
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
        ief_instance_id: str | None = None,
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
                "ief_instance_id": ief_instance_id,
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
    def with_raw_response(self) -> AsyncIefClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return AsyncIefClientWithRawResponse(self._send)

    async def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
    ) -> BatchJob:
        """Get a batch job.

        Returns the state of one batch job, with a task for each of its targets. Tell success by `status`, never by the
        two counters, whose meaning is in doubt.

        Args:
            job_id: ID of the batch job, as the request that started it returned it.
            project_id: ID of the project that owns the job. By default the client's.
            ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty,
                with an instance of the professional edition. By default the client's.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: ief.uri, ief.header.Content-Type, ief.token-or-signature
        """
        raw = await self._send(
            GET_BATCH_JOB,
            job_id=job_id,
            project_id=project_id,
            ief_instance_id=ief_instance_id,
        )
        return raw.parse()


class AsyncIefClientWithRawResponse:
    """The calls of `AsyncIefClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
    ) -> RawResponse[BatchJob]:
        """As `AsyncIefClient.get_batch_job`. What the reply means is not looked at until `parse()`."""
        return await self._send(
            GET_BATCH_JOB,
            job_id=job_id,
            project_id=project_id,
            ief_instance_id=ief_instance_id,
        )
