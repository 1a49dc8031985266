# Generated from openapi/yuanrong.yaml. Do not edit: change that, and run `make generate`.
"""Clients of openYuanrong job query, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from .._client import DEFAULT_TIMEOUT, AsyncClient, AsyncSend, Client, Send, Service
from .._deviations import Deviation
from .._replies import RawResponse
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
            {},
            auth=auth,
            timeout=timeout,
            strict=strict,
            on_deviation=on_deviation,
            http_client=http_client,
            transport=transport,
            allow_insecure=allow_insecure,
        )

    @property
    def with_raw_response(self) -> YuanrongClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return YuanrongClientWithRawResponse(self._send)

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
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: yuanrong.uri, yuanrong.no-authentication
        """
        raw = self._send(
            GET_JOB,
            submission_id=submission_id,
        )
        return raw.parse()


class YuanrongClientWithRawResponse:
    """The calls of `YuanrongClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get_job(
        self,
        submission_id: str,
    ) -> RawResponse[Job]:
        """As `YuanrongClient.get_job`. What the reply means is not looked at until `parse()`."""
        return self._send(
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
            {},
            auth=auth,
            timeout=timeout,
            strict=strict,
            on_deviation=on_deviation,
            http_client=http_client,
            transport=transport,
            allow_insecure=allow_insecure,
        )

    @property
    def with_raw_response(self) -> AsyncYuanrongClientWithRawResponse:
        """The same calls, each giving the whole reply before anything is made of it."""
        return AsyncYuanrongClientWithRawResponse(self._send)

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
            ContractViolation: The reply departs from its document, and the client is strict.

        Source: yuanrong.uri, yuanrong.no-authentication
        """
        raw = await self._send(
            GET_JOB,
            submission_id=submission_id,
        )
        return raw.parse()


class AsyncYuanrongClientWithRawResponse:
    """The calls of `AsyncYuanrongClient`, each giving the whole reply before anything is made of it."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def get_job(
        self,
        submission_id: str,
    ) -> RawResponse[Job]:
        """As `AsyncYuanrongClient.get_job`. What the reply means is not looked at until `parse()`."""
        return await self._send(
            GET_JOB,
            submission_id=submission_id,
        )
