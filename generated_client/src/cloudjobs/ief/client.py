# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Clients of Huawei IEF batch job query, synchronous and asynchronous."""

from __future__ import annotations

import httpx

from .._client import DEFAULT_TIMEOUT, AsyncClient, Client, Service
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
        http_client: An `httpx.Client` of your own, with its own timeout and transport; it is left open.
        transport: A transport for the client's own `httpx.Client`; it is left open.

    Raises:
        ValueError: There is no base URL, or it is none; or both http_client and transport are given.
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
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(
            base_url,
            {
                "project_id": project_id,
                "ief_instance_id": ief_instance_id,
            },
            auth=auth,
            timeout=timeout,
            http_client=http_client,
            transport=transport,
        )

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

        Source: ief.uri, ief.header.Content-Type, ief.token-or-signature
        """
        return self._call(
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
        http_client: An `httpx.AsyncClient` of your own, with its own timeout and transport; it is left open.
        transport: A transport for the client's own `httpx.AsyncClient`; it is left open.

    Raises:
        ValueError: There is no base URL, or it is none; or both http_client and transport are given.
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
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(
            base_url,
            {
                "project_id": project_id,
                "ief_instance_id": ief_instance_id,
            },
            auth=auth,
            timeout=timeout,
            http_client=http_client,
            transport=transport,
        )

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

        Source: ief.uri, ief.header.Content-Type, ief.token-or-signature
        """
        return await self._call(
            GET_BATCH_JOB,
            job_id=job_id,
            project_id=project_id,
            ief_instance_id=ief_instance_id,
        )
