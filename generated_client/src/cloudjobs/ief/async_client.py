# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Asynchronous client of Huawei IEF batch job query."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Literal, overload

from .._client import AsyncClient, AsyncWithRawResponse
from .._deviations import Deviation
from .._jobs import JobSnapshot
from .._operations import Secret
from .._options import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT,
    FROM_ENVIRONMENT,
    UNCHANGED,
    FromEnvironment,
    Options,
    Unchanged,
    WaitOptions,
)
from .._response import RawResponse
from .._stacks import AnyAsyncClient, AnyAsyncTransport, AnyAuth, AnyTimeout
from ..errors import CloudJobsError
from .models import BatchJob
from .operations import GET_BATCH_JOB, SERVICE


class AsyncIefClient(AsyncClient):
    """Huawei IEF batch job query, asynchronous. Progress of a batch job of Intelligent EdgeFabric. Unofficial.

    Args:
        base_url: Address of the service, with its path. By default `CLOUDJOBS_IEF_URL` of the environment.
        project_id: ID of the project that owns the job. Used by calls that do not give their own. By default
            `CLOUDJOBS_PROJECT_ID` of the environment.
        ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty, with
            an instance of the professional edition. Used by calls that do not give their own. By default
            `CLOUDJOBS_IEF_INSTANCE_ID` of the environment.
        region: Region of the endpoint to use in place of `base_url`. By default `CLOUDJOBS_REGION` of the
            environment.
        auth: Credentials: a `Token`, an `IamPassword`, an `AkSk`, or another `httpx.Auth`. By default those that
            `from_environment` finds; None to send none.
        timeout: Seconds for one attempt: each connect (default 5), write and read (default 60); or a `Timeout` of httpx
            or httpx2.
        strict: Raise `ContractViolationError` for a response that violates the contract.
        on_deviation: Called with each deviation of a response from the document.
        max_retries: Retries of a call without a response, or with status 408, 429, 500, 502, 503 or 504. By default 2.
        deadline: Seconds for a whole call with its retries. By default unlimited.
        http_client: A `AsyncClient` of httpx or httpx2 of your own; it is left open. A forked process needs its
            own.
        transport: An asynchronous transport of httpx or httpx2; it is left open. A forked process needs its own.
        allow_insecure: Send credentials over plain HTTP to another host, or through a proxy.

    Raises:
        ValueError: An argument is missing or invalid, or credentials would be sent over plain HTTP.
        TypeError: `auth`, `timeout`, `http_client` or `transport` is of another type.
    """

    _service = SERVICE

    def __init__(
        self,
        base_url: str | None = None,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        region: str | None = None,
        auth: AnyAuth | FromEnvironment | None = FROM_ENVIRONMENT,
        timeout: float | AnyTimeout | None = DEFAULT_TIMEOUT,
        strict: bool = False,
        on_deviation: Callable[[Deviation], object] | None = None,
        max_retries: int = DEFAULT_RETRIES,
        deadline: float | None = None,
        http_client: AnyAsyncClient | None = None,
        transport: AnyAsyncTransport | None = None,
        allow_insecure: bool = False,
    ) -> None:
        self._client_arguments = {"project_id": project_id, "ief_instance_id": ief_instance_id}
        hidden_url, hidden_auth = Secret(base_url), Secret(auth)
        del base_url, auth  # the variables of a frame are shown with an error
        options = Options(strict=strict, on_deviation=on_deviation, max_retries=max_retries, deadline=deadline)
        super().__init__(hidden_url, region, hidden_auth, timeout, options, http_client, transport, allow_insecure)

    @property
    def with_raw_response(self) -> AsyncIefClientWithRawResponse:
        """The same calls, each returning a `RawResponse`."""
        return AsyncIefClientWithRawResponse(self)

    async def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> BatchJob:
        """Get a batch job.

        Returns the state of one batch job, with a task for each of its targets. Judge success by `status`, never by the
        two counters: their meaning is in doubt.

        Args:
            job_id: ID of the batch job, as the request that started it returned it.
            project_id: ID of the project that owns the job. By default the client's.
            ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty,
                with an instance of the professional edition. By default the client's.
            timeout: Seconds for one attempt. By default the client's.
            extra_headers: Further headers of each request.

        Raises:
            ValueError: An argument is missing or invalid; nothing was sent.
            MissingCredentialsError: The credentials are missing; nothing was sent.
            APIStatusError: The response status is not 2xx. Subclasses cover the common statuses.
            APIConnectionError: No response.
            APITimeoutError: No response within the timeout or the deadline.
            InvalidResponseError: The body of a 2xx response is not a JSON object.
            ContractViolationError: The response violates the contract, with `strict=True`.
        """
        headers, extra_headers = Secret(extra_headers), None
        return (
            await self._send(
                GET_BATCH_JOB,
                {"job_id": job_id, "project_id": project_id, "ief_instance_id": ief_instance_id},
                timeout,
                headers,
            )
        ).parse()

    async def snapshot(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> JobSnapshot[BatchJob]:
        """Return a snapshot of a job as it is now.

        A failed job raises nothing: see `is_success`.

        Args:
            job_id: ID of the job.
            project_id: ID of the project that owns the job. By default the client's.
            ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty,
                with an instance of the professional edition. By default the client's.
            timeout: Seconds for one attempt. By default the client's.
            extra_headers: Further headers of each request.

        Raises:
            ValueError: An argument is missing or invalid; nothing was sent.
            NotFoundError: The job does not exist.
            InvalidResponseError: The body is not a JSON object, or is about another job.
            APIError: As `get_batch_job`.
        """
        headers, extra_headers = Secret(extra_headers), None
        return await self._snapshot(
            GET_BATCH_JOB, {"project_id": project_id, "ief_instance_id": ief_instance_id}, job_id, timeout, headers
        )

    async def wait_for_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> JobSnapshot[BatchJob]:
        """Wait until a job ends and return its final snapshot.

        To end the wait, cancel its task; the job continues. Arguments and errors are those of the synchronous client's
        `wait_for_job`, without `cancel`. `on_progress` may be a coroutine function, which is awaited before the next
        poll of the job.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, on_progress, headers)
        return await self._wait_for_job(
            GET_BATCH_JOB, {"project_id": project_id, "ief_instance_id": ief_instance_id}, job_id, options
        )

    def watch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JobSnapshot[BatchJob]]:
        """Yield a snapshot of a job now, and one whenever its state, progress, reason or children change.

        Ends with the job, whether it succeeded or not. Progress never falls, except at an end without success. The wait
        starts with the first snapshot.
        Arguments and errors are those of `wait_for_job`, without `on_progress` and `JobFailedError`.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, headers=headers)
        return self._watch_job(
            GET_BATCH_JOB, {"project_id": project_id, "ief_instance_id": ief_instance_id}, job_id, options
        )

    @overload
    async def wait_for_jobs(
        self,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        max_concurrency: int = 50,
        max_polls_per_second: float = 100,
        return_exceptions: Literal[False] = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, JobSnapshot[BatchJob]]: ...

    @overload
    async def wait_for_jobs(
        self,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        max_concurrency: int = 50,
        max_polls_per_second: float = 100,
        return_exceptions: Literal[True],
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, JobSnapshot[BatchJob] | CloudJobsError]: ...

    async def wait_for_jobs(
        self,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        max_concurrency: int = 50,
        max_polls_per_second: float = 100,
        return_exceptions: bool = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Wait until all of some jobs have ended and return their final snapshots by ID.

        Polls up to `max_concurrency` jobs at the same time, at most `max_polls_per_second`. A failed job raises
        nothing: see `is_success`. A job that cannot be awaited, such as one that does not exist, does not end the wait
        for the others. Arguments that are not listed are those of `wait_for_job`.

        Args:
            ids: IDs of the jobs; one that is given twice is one job.
            max_concurrency: Requests at the same time at most.
            max_polls_per_second: Requests begun in a second at most.
            return_exceptions: Return errors in place of snapshots, as `asyncio.gather` does, and raise none of them.

        Raises:
            WaitFailedError: A job could not be awaited; all others have ended. It has the results of all jobs.
            WaitTimeoutError: The timeout of the wait expired. It has the results and the last snapshots.
            AuthenticationError: The service refuses the credentials, which ends the wait for all jobs, as do
                `TokenError`, `ClientStateError`, `MissingCredentialsError`, and an `APIConnectionError` before the
                first response. They are raised themselves if no job has ended, or else as the cause of
                `WaitFailedError`.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, on_progress, headers)
        return await self._wait_for_jobs(
            GET_BATCH_JOB,
            {"project_id": project_id, "ief_instance_id": ief_instance_id},
            ids,
            options,
            max_concurrency,
            max_polls_per_second,
            return_exceptions=return_exceptions,
        )


class AsyncIefClientWithRawResponse(AsyncWithRawResponse):
    """The calls of `AsyncIefClient`, each returning a `RawResponse`."""

    async def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> RawResponse[BatchJob]:
        """As `AsyncIefClient.get_batch_job`. The response is decoded by `parse()`."""
        headers, extra_headers = Secret(extra_headers), None
        return await self._send(
            GET_BATCH_JOB,
            {"job_id": job_id, "project_id": project_id, "ief_instance_id": ief_instance_id},
            timeout,
            headers,
        )
