# Generated from openapi/yuanrong.yaml. Do not edit: change that, and run `make generate`.
"""Clients of openYuanrong job query, synchronous and asynchronous."""

from __future__ import annotations

import httpx

from .._client import DEFAULT_TIMEOUT, AsyncClient, Client, Service
from .models import Job
from .operations import GET_JOB

_SERVICE = Service(name="yuanrong", title="openYuanrong job query")


class YuanrongClient(Client):
    """openYuanrong job query, synchronous.

    State of a job and of its driver program. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_YUANRONG_URL` stands in.
        auth: Credentials, for a gateway before it: the service itself declares none.
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
        auth: httpx.Auth | None = None,
        timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(
            base_url,
            {},
            auth=auth,
            timeout=timeout,
            http_client=http_client,
            transport=transport,
        )

    def get_job(
        self,
        submission_id: str,
    ) -> Job:
        """Get a job.

        Returns the state of one job. Path and names resemble the Ray Jobs API, but the contract is another one: times
        are texts of seconds, and failures are bare JSON strings.

        Args:
            submission_id: ID of the job, the `submission_id` that the submission returned.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.

        Source: yuanrong.uri, yuanrong.no-authentication
        """
        return self._call(
            GET_JOB,
            submission_id=submission_id,
        )


class AsyncYuanrongClient(AsyncClient):
    """openYuanrong job query, asynchronous.

    State of a job and of its driver program. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_YUANRONG_URL` stands in.
        auth: Credentials, for a gateway before it: the service itself declares none.
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
        auth: httpx.Auth | None = None,
        timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(
            base_url,
            {},
            auth=auth,
            timeout=timeout,
            http_client=http_client,
            transport=transport,
        )

    async def get_job(
        self,
        submission_id: str,
    ) -> Job:
        """Get a job.

        Returns the state of one job. Path and names resemble the Ray Jobs API, but the contract is another one: times
        are texts of seconds, and failures are bare JSON strings.

        Args:
            submission_id: ID of the job, the `submission_id` that the submission returned.

        Raises:
            ValueError: An argument is missing or cannot be sent; nothing was sent.
            ApiError: The reply is no success; its subclasses tell the common statuses apart.
            ConnectionFailed: No reply came.
            RequestTimeout: No reply came in time.
            InvalidResponse: The body of a success is no JSON object.

        Source: yuanrong.uri, yuanrong.no-authentication
        """
        return await self._call(
            GET_JOB,
            submission_id=submission_id,
        )
