# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Synchronous client of Huawei IEF batch job query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Event
from typing import Any, Literal, overload

from .._client import Client, WithRawResponse
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
from .._stacks import AnyAuth, AnyClient, AnyTimeout, AnyTransport
from ..errors import CloudJobsError
from .models import BatchJob
from .operations import GET_BATCH_JOB, SERVICE


class IefClient(Client):
    """Huawei IEF batch job query, synchronous. Progress of a batch job of Intelligent EdgeFabric. Unofficial.

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
        http_client: A `Client` of httpx or httpx2 of your own; it is left open. A forked process needs its own.
        transport: A synchronous transport of httpx or httpx2; it is left open. A forked process needs its own.
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
        http_client: AnyClient | None = None,
        transport: AnyTransport | None = None,
        allow_insecure: bool = False,
    ) -> None:
        self._client_arguments = {"project_id": project_id, "ief_instance_id": ief_instance_id}
        hidden_url, hidden_auth = Secret(base_url), Secret(auth)
        del base_url, auth  # the variables of a frame are shown with an error
        options = Options(strict=strict, on_deviation=on_deviation, max_retries=max_retries, deadline=deadline)
        super().__init__(hidden_url, region, hidden_auth, timeout, options, http_client, transport, allow_insecure)

    @property
    def with_raw_response(self) -> IefClientWithRawResponse:
        """The same calls, each returning a `RawResponse`."""
        return IefClientWithRawResponse(self)

    def get_batch_job(
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
        return self._send(
            GET_BATCH_JOB,
            {"job_id": job_id, "project_id": project_id, "ief_instance_id": ief_instance_id},
            timeout,
            headers,
        ).parse()

    def snapshot(
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
        return self._snapshot(
            GET_BATCH_JOB, {"project_id": project_id, "ief_instance_id": ief_instance_id}, job_id, timeout, headers
        )

    def wait_for_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> JobSnapshot[BatchJob]:
        """Wait until a job ends and return its final snapshot.

        Each poll is one call of `get_batch_job`. Transient errors and unknown states do not end the wait.

        Args:
            job_id: ID of the job.
            project_id: ID of the project that owns the job. By default the client's.
            ief_instance_id: ID of the platinum edition instance that the job belongs to. Leave it out, or empty,
                with an instance of the professional edition. By default the client's.
            timeout: Seconds for the whole wait; 0 polls once. By default unlimited.
            poll_interval: Seconds between polls, at least 0.2. By default growing from 1 to 30, with jitter.
            not_found_grace: Seconds during which a job that does not exist yet is awaited.
            on_progress: Called with each snapshot that differs from the previous one of the same job.
            cancel: An event that ends the wait; the job continues.
            extra_headers: Further headers of each request.

        Raises:
            JobFailedError: The job ended as failed, partial or stopped.
            WaitTimeoutError: The timeout of the wait expired.
            WaitCancelledError: `cancel` was set.
            NotFoundError: The job does not exist, and the grace period is over; or a job that was seen is
                missing in 4 polls in a row.
            APIConnectionError: The response is missing, and the service has not responded before in this wait.
            APIError: A permanent error such as `AuthenticationError`, or the 11th failed poll in a row.
            TypeError: `on_progress` is a coroutine function.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, on_progress, headers)
        return self._wait_for_job(
            GET_BATCH_JOB, {"project_id": project_id, "ief_instance_id": ief_instance_id}, job_id, options, cancel
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
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Iterator[JobSnapshot[BatchJob]]:
        """Yield a snapshot of a job now, and one whenever its state, progress, reason or children change.

        Ends with the job, whether it succeeded or not. Progress never falls, except at an end without success. The wait
        starts with the first snapshot.
        Arguments and errors are those of `wait_for_job`, without `on_progress` and `JobFailedError`.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, headers=headers)
        return self._watch_job(
            GET_BATCH_JOB, {"project_id": project_id, "ief_instance_id": ief_instance_id}, job_id, options, cancel
        )

    @overload
    def wait_for_jobs(
        self,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        max_polls_per_second: float = 100,
        return_exceptions: Literal[False] = False,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, JobSnapshot[BatchJob]]: ...

    @overload
    def wait_for_jobs(
        self,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        max_polls_per_second: float = 100,
        return_exceptions: Literal[True],
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, JobSnapshot[BatchJob] | CloudJobsError]: ...

    def wait_for_jobs(
        self,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[BatchJob]], object] | None = None,
        max_polls_per_second: float = 100,
        return_exceptions: bool = False,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Wait until all of some jobs have ended and return their final snapshots by ID.

        Polls one job after another, at most `max_polls_per_second`. A failed job raises nothing: see `is_success`. A
        job that cannot be awaited, such as one that does not exist, does not end the wait for the others. Arguments
        that are not listed are those of `wait_for_job`.

        Args:
            ids: IDs of the jobs; one that is given twice is one job.
            max_polls_per_second: Requests begun in a second at most.
            return_exceptions: Return errors in place of snapshots, as `asyncio.gather` does, and raise none of them.

        Raises:
            WaitFailedError: A job could not be awaited; all others have ended. It has the results of all jobs.
            WaitTimeoutError: The timeout of the wait expired. It has the results and the last snapshots.
            WaitCancelledError: `cancel` was set, with `return_exceptions` too. It has the same.
            AuthenticationError: The service refuses the credentials, which ends the wait for all jobs, as do
                `TokenError`, `ClientStateError`, `MissingCredentialsError`, and an `APIConnectionError` before the
                first response. They are raised themselves if no job has ended, or else as the cause of
                `WaitFailedError`.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, on_progress, headers)
        return self._wait_for_jobs(
            GET_BATCH_JOB,
            {"project_id": project_id, "ief_instance_id": ief_instance_id},
            ids,
            options,
            max_polls_per_second,
            cancel,
            return_exceptions=return_exceptions,
        )


class IefClientWithRawResponse(WithRawResponse):
    """The calls of `IefClient`, each returning a `RawResponse`."""

    def get_batch_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        ief_instance_id: str | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> RawResponse[BatchJob]:
        """As `IefClient.get_batch_job`. The response is decoded by `parse()`."""
        headers, extra_headers = Secret(extra_headers), None
        return self._send(
            GET_BATCH_JOB,
            {"job_id": job_id, "project_id": project_id, "ief_instance_id": ief_instance_id},
            timeout,
            headers,
        )
