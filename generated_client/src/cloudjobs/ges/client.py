# Generated from openapi/ges.yaml. Do not edit: change that, and run `make generate`.
"""Synchronous client of Huawei GES job query."""

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
from .models import Job, JobList
from .operations import LIST_JOBS, SERVICE


class GesClient(Client):
    """Huawei GES job query, synchronous. Listing of the asynchronous jobs of a Graph Engine Service graph. Unofficial.

    Args:
        base_url: Address of the service, with its path. By default `CLOUDJOBS_GES_URL` of the environment.
        project_id: ID of the project that owns the graph. Used by calls that do not give their own. By default
            `CLOUDJOBS_PROJECT_ID` of the environment.
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
        self._client_arguments = {"project_id": project_id}
        hidden_url, hidden_auth = Secret(base_url), Secret(auth)
        del base_url, auth  # the variables of a frame are shown with an error
        options = Options(strict=strict, on_deviation=on_deviation, max_retries=max_retries, deadline=deadline)
        super().__init__(hidden_url, None, hidden_auth, timeout, options, http_client, transport, allow_insecure)

    @property
    def with_raw_response(self) -> GesClientWithRawResponse:
        """The same calls, each returning a `RawResponse`."""
        return GesClientWithRawResponse(self)

    def list_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> JobList:
        """List the jobs of a graph.

        Returns the asynchronous jobs that the engine has stored for one graph: queries by algorithm, imports and other
        background work. Use it to find a job if its ID is lost, and to query the state of a job by its ID. Without
        `limit` one response has up to 100000 jobs, which can be tens of megabytes; read a long list in pages.

        Args:
            graph_name: Name of the graph with the jobs to list.
            project_id: ID of the project that owns the graph. By default the client's.
            offset: How many jobs to pass over before the first one that is returned. Where it is not given the
                service takes 0.
            limit: How many jobs to return at most. The default is also the most that can be asked for, and asks for
                everything most graphs have; a reply of that length can be tens of megabytes. Where it is not given the
                service takes 100000.
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
            LIST_JOBS,
            {"graph_name": graph_name, "project_id": project_id, "offset": offset, "limit": limit},
            timeout,
            headers,
        ).parse()

    def iter_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        page_size: int = 100000,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Iterator[Job]:
        """Iterate over all rows of `list_jobs`, page by page; each page is requested when it is needed.

        A row that moves to a later page is yielded once, and logged. Rows added before the current position
        are not yielded. If a row before that position is deleted, another moves to an earlier page and is left out. The
        iteration ends with an empty page: a page may have fewer rows than requested and not be the last.

        Args:
            graph_name: Name of the graph with the jobs to list.
            project_id: ID of the project that owns the graph. By default the client's.
            page_size: Rows per page at most. By default 100000.
            timeout: Seconds for one attempt. By default the client's.
            extra_headers: Further headers of each request.

        Raises:
            ValueError: An argument is missing or invalid.
            PaginationError: A page has more rows than requested, or a full page has no new row.
            APIError: As `list_jobs`.
        """
        headers, extra_headers = Secret(extra_headers), None
        return self._iterate(
            LIST_JOBS, {"graph_name": graph_name, "project_id": project_id}, page_size, timeout, headers
        )

    def snapshot(
        self,
        graph_name: str,
        job_id: str,
        *,
        project_id: str | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> JobSnapshot[Job]:
        """Return a snapshot of a job as it is now, found in the listing, page by page.

        A failed job raises nothing: see `is_success`.

        Args:
            graph_name: Name of the graph with the jobs to list.
            job_id: ID of the job.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds for one attempt. By default the client's.
            extra_headers: Further headers of each request.

        Raises:
            ValueError: An argument is missing or invalid; nothing was sent.
            NotFoundError: The listing lacks the job.
            InvalidResponseError: The body is not a JSON object.
            APIError: As `list_jobs`.
        """
        headers, extra_headers = Secret(extra_headers), None
        return self._snapshot(LIST_JOBS, {"graph_name": graph_name, "project_id": project_id}, job_id, timeout, headers)

    def wait_for_job(
        self,
        graph_name: str,
        job_id: str,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[Job]], object] | None = None,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> JobSnapshot[Job]:
        """Wait until a job ends and return its final snapshot.

        Each poll is one call of `list_jobs`. Transient errors and unknown states do not end the wait.

        Args:
            graph_name: Name of the graph with the jobs to list.
            job_id: ID of the job.
            project_id: ID of the project that owns the graph. By default the client's.
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
            NotFoundError: The listing lacks the job, and the grace period is over; or a job that was seen is
                missing in 4 polls in a row.
            APIConnectionError: The response is missing, and the service has not responded before in this wait.
            APIError: A permanent error such as `AuthenticationError`, or the 11th failed poll in a row.
            TypeError: `on_progress` is a coroutine function.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, on_progress, headers)
        return self._wait_for_job(
            LIST_JOBS, {"graph_name": graph_name, "project_id": project_id}, job_id, options, cancel
        )

    def watch_job(
        self,
        graph_name: str,
        job_id: str,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Iterator[JobSnapshot[Job]]:
        """Yield a snapshot of a job now, and one whenever its state, progress, reason or children change.

        Ends with the job, whether it succeeded or not. Progress never falls, except at an end without success. The wait
        starts with the first snapshot.
        Arguments and errors are those of `wait_for_job`, without `on_progress` and `JobFailedError`.
        """
        headers, extra_headers = Secret(extra_headers), None
        options = WaitOptions(timeout, poll_interval, not_found_grace, headers=headers)
        return self._watch_job(LIST_JOBS, {"graph_name": graph_name, "project_id": project_id}, job_id, options, cancel)

    @overload
    def wait_for_jobs(
        self,
        graph_name: str,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[Job]], object] | None = None,
        max_polls_per_second: float = 100,
        return_exceptions: Literal[False] = False,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, JobSnapshot[Job]]: ...

    @overload
    def wait_for_jobs(
        self,
        graph_name: str,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[Job]], object] | None = None,
        max_polls_per_second: float = 100,
        return_exceptions: Literal[True],
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, JobSnapshot[Job] | CloudJobsError]: ...

    def wait_for_jobs(
        self,
        graph_name: str,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot[Job]], object] | None = None,
        max_polls_per_second: float = 100,
        return_exceptions: bool = False,
        cancel: Event | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Wait until all of some jobs have ended and return their final snapshots by ID.

        Each poll lists all the jobs, at most `max_polls_per_second`. A failed job raises nothing: see `is_success`. A
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
            LIST_JOBS,
            {"graph_name": graph_name, "project_id": project_id},
            ids,
            options,
            max_polls_per_second,
            cancel,
            return_exceptions=return_exceptions,
        )


class GesClientWithRawResponse(WithRawResponse):
    """The calls of `GesClient`, each returning a `RawResponse`."""

    def list_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
    ) -> RawResponse[JobList]:
        """As `GesClient.list_jobs`. The response is decoded by `parse()`."""
        headers, extra_headers = Secret(extra_headers), None
        return self._send(
            LIST_JOBS,
            {"graph_name": graph_name, "project_id": project_id, "offset": offset, "limit": limit},
            timeout,
            headers,
        )
