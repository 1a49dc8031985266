# Generated from openapi/ges.yaml. Do not edit: change that, and run `make generate`.
"""Clients of Huawei GES job query, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from threading import Event
from typing import TYPE_CHECKING

import httpx

from .._client import AsyncClient, AsyncSend, Client, Send
from .._options import DEFAULT_RETRIES, DEFAULT_TIMEOUT
from .._response import RawResponse
from .._urls import ServiceInfo
from .._validation import Deviation
from .models import Job, JobList
from .operations import LIST_JOBS

# What waits for jobs and goes through pages is imported when it is first called: most programs do one of them.
if TYPE_CHECKING:
    from .._jobs import JobSnapshot

_SERVICE = ServiceInfo(name="ges", title="Huawei GES job query")


class GesClient(Client):
    """Huawei GES job query, synchronous.

    Listing of the asynchronous jobs of a Graph Engine Service graph. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_GES_URL` stands in.
        project_id: ID of the project that owns the graph. Used by calls that do not give their own.
        auth: Credentials: a `Token`, an `IamPassword`, an `AkSk`, or another `httpx.Auth`.
        timeout: Seconds for each connect, write and read, or an `httpx.Timeout`. By default 5 to connect and 60 else.
        strict: Raise `ContractViolationError` where a reply deviates from its document, in place of reading it as it is.
        on_deviation: Called with each deviation of a reply from its document.
        max_retries: How often a call is made again after a passing failure: no connection, no reply in time, or one of
            the statuses 408, 429, 500, 502, 503, 504. By default 2; 0 is never.
        deadline: Seconds for a whole call: its tries, the pauses between them, and reading. None for no limit but those
            of `timeout` and `max_retries`.
        http_client: An `httpx.Client` of your own, with its own timeout and transport; it is left open. Once it
            was used, a child process that is forked must be given its own.
        transport: A transport for the client's own `httpx.Client`; it is left open. As for `http_client`, a
            forked child must be given its own.
        allow_insecure: Send credentials over plain HTTP to another host than this one, or through a proxy.

    Raises:
        ValueError: There is no base URL, or it is none; auth is no `httpx.Auth`, or would be sent over plain HTTP to
            another machine or through a proxy; both http_client and transport are given; or timeout, max_retries or
            deadline is no possible number.
        RuntimeError: When a call is made: the process was forked after http_client or transport was used.
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
        max_retries: int = DEFAULT_RETRIES,
        deadline: float | None = None,
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
            max_retries=max_retries,
            deadline=deadline,
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
            APIStatusError: The reply is no success; its subclasses tell the common statuses apart.
            APIConnectionError: No reply came.
            APITimeoutError: No reply came in time.
            InvalidResponseError: The body of a success is no JSON object.
            ContractViolationError: The reply deviates from its document, and the client is strict.
        """
        raw = self._send(
            LIST_JOBS,
            graph_name=graph_name,
            project_id=project_id,
            offset=offset,
            limit=limit,
        )
        return raw.parse()

    def iter_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        page_size: int = 1000,
    ) -> Iterator[Job]:
        """Go through all rows of `list_jobs`, page by page; each page is asked for when it is needed.

        A row that moves to a later page while this goes on, since new ones came before it, is given once. What came
        before the place that was reached is not given; and where a row before that place is deleted, another moves up
        over it and is left out. Ends with the first page that has fewer rows than were asked for.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            project_id: ID of the project that owns the graph. By default the client's.
            page_size: How many rows to ask for at a time. By default 1000.

        Raises:
            ValueError: An argument is missing or cannot be sent, or page_size is less than 1.
            PaginationError: A page has more rows than were asked for, or two full pages in a row have no new row.
            CloudJobsError: Whatever else `list_jobs` raises.
        """
        from .. import _pagination

        return _pagination.iterate(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            page_size,
        )

    def wait_for_job(
        self,
        graph_name: str,
        job_id: str,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot], object] | None = None,
        cancel: Event | None = None,
    ) -> JobSnapshot:
        """Wait until a job has ended, and give it as it ended.

        Each poll is one call of `list_jobs`, in which the job is looked up. A call makes its own retries, and a poll
        that fails all the same is made again where that may help.
        A state that the document does not know is logged, and is never taken for an end.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            job_id: ID of the job.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            on_progress: Called with each snapshot that differs from the one before of the same job.
            cancel: An event that ends the wait when it is set, while it sleeps too. The job itself goes on.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            JobFailedError: The job ended as failed, partial or stopped; it has the snapshot and the reason.
            WaitTimeoutError: The time is over; it has what is known.
            WaitCancelledError: `cancel` was set; it has what is known.
            NotFoundError: The listing has no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.wait_for_job(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
            cancel,
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
    ) -> Iterator[JobSnapshot]:
        """Give a snapshot of a job now, and one for each change of its state, progress, reason or parts.

        Ends after the snapshot of the job as it ended, however it did: failure is not raised. Progress never falls from
        one snapshot to the next. Polls as `wait_for_job` does; its time begins when the first is asked for.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            job_id: ID of the job.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            cancel: An event that ends the wait when it is set, while it sleeps too. The job itself goes on.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            WaitTimeoutError: The time is over; it has what is known.
            WaitCancelledError: `cancel` was set; it has what is known.
            NotFoundError: The listing has no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.watch_job(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace),
            cancel,
        )

    def wait_for_jobs(
        self,
        graph_name: str,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot], object] | None = None,
        max_polls_per_second: float = 100,
        cancel: Event | None = None,
    ) -> dict[str, JobSnapshot]:
        """Wait until all of some jobs have ended, and give each as it ended, by id.

        Each poll is one call of `list_jobs`, for all the jobs.
        A job that failed is given like the others: look at `is_success`. A poll that fails is made again where that may
        help, in its turn and without retries of its own.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            ids: IDs of the jobs.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds to wait at most; 0 for one look at each job. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            on_progress: Called with each snapshot that differs from the one before of the same job.
            max_polls_per_second: Polls that are begun in a second at most. By default 100.
            cancel: An event that ends the wait when it is set, while it sleeps too. The job itself goes on.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            WaitTimeoutError: The time is over; it has what is known.
            WaitCancelledError: `cancel` was set; it has what is known.
            NotFoundError: The listing has no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.wait_for_jobs(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            ids,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
            max_polls_per_second,
            cancel,
        )


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
        auth: Credentials: a `Token`, an `IamPassword`, an `AkSk`, or another `httpx.Auth`.
        timeout: Seconds for each connect, write and read, or an `httpx.Timeout`. By default 5 to connect and 60 else.
        strict: Raise `ContractViolationError` where a reply deviates from its document, in place of reading it as it is.
        on_deviation: Called with each deviation of a reply from its document.
        max_retries: How often a call is made again after a passing failure: no connection, no reply in time, or one of
            the statuses 408, 429, 500, 502, 503, 504. By default 2; 0 is never.
        deadline: Seconds for a whole call: its tries, the pauses between them, and reading. None for no limit but those
            of `timeout` and `max_retries`.
        http_client: An `httpx.AsyncClient` of your own, with its own timeout and transport; it is left open. Once it
            was used, a child process that is forked must be given its own.
        transport: A transport for the client's own `httpx.AsyncClient`; it is left open. As for `http_client`, a
            forked child must be given its own.
        allow_insecure: Send credentials over plain HTTP to another host than this one, or through a proxy.

    Raises:
        ValueError: There is no base URL, or it is none; auth is no `httpx.Auth`, or would be sent over plain HTTP to
            another machine or through a proxy; both http_client and transport are given; or timeout, max_retries or
            deadline is no possible number.
        RuntimeError: When a call is made: the process was forked after http_client or transport was used.
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
        max_retries: int = DEFAULT_RETRIES,
        deadline: float | None = None,
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
            max_retries=max_retries,
            deadline=deadline,
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
            APIStatusError: The reply is no success; its subclasses tell the common statuses apart.
            APIConnectionError: No reply came.
            APITimeoutError: No reply came in time.
            InvalidResponseError: The body of a success is no JSON object.
            ContractViolationError: The reply deviates from its document, and the client is strict.
        """
        raw = await self._send(
            LIST_JOBS,
            graph_name=graph_name,
            project_id=project_id,
            offset=offset,
            limit=limit,
        )
        return raw.parse()

    def iter_jobs(
        self,
        graph_name: str,
        *,
        project_id: str | None = None,
        page_size: int = 1000,
    ) -> AsyncIterator[Job]:
        """Go through all rows of `list_jobs`, page by page; each page is asked for when it is needed.

        A row that moves to a later page while this goes on, since new ones came before it, is given once. What came
        before the place that was reached is not given; and where a row before that place is deleted, another moves up
        over it and is left out. Ends with the first page that has fewer rows than were asked for.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            project_id: ID of the project that owns the graph. By default the client's.
            page_size: How many rows to ask for at a time. By default 1000.

        Raises:
            ValueError: An argument is missing or cannot be sent, or page_size is less than 1.
            PaginationError: A page has more rows than were asked for, or two full pages in a row have no new row.
            CloudJobsError: Whatever else `list_jobs` raises.
        """
        from .. import _pagination

        return _pagination.iterate_async(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            page_size,
        )

    async def wait_for_job(
        self,
        graph_name: str,
        job_id: str,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot], object] | None = None,
    ) -> JobSnapshot:
        """Wait until a job has ended, and give it as it ended.

        Each poll is one call of `list_jobs`, in which the job is looked up. A call makes its own retries, and a poll
        that fails all the same is made again where that may help.
        A state that the document does not know is logged, and is never taken for an end.
        To end the wait, cancel its task; the job itself goes on.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            job_id: ID of the job.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            on_progress: Called with each snapshot that differs from the one before of the same job.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            JobFailedError: The job ended as failed, partial or stopped; it has the snapshot and the reason.
            WaitTimeoutError: The time is over; it has what is known.
            NotFoundError: The listing has no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return await _waiters.wait_for_job_async(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
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
    ) -> AsyncIterator[JobSnapshot]:
        """Give a snapshot of a job now, and one for each change of its state, progress, reason or parts.

        Ends after the snapshot of the job as it ended, however it did: failure is not raised. Progress never falls from
        one snapshot to the next. Polls as `wait_for_job` does; its time begins when the first is asked for.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            job_id: ID of the job.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            WaitTimeoutError: The time is over; it has what is known.
            NotFoundError: The listing has no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.watch_job_async(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace),
        )

    async def wait_for_jobs(
        self,
        graph_name: str,
        ids: Iterable[str],
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot], object] | None = None,
        max_concurrency: int = 50,
        max_polls_per_second: float = 100,
    ) -> dict[str, JobSnapshot]:
        """Wait until all of some jobs have ended, and give each as it ended, by id.

        Each poll is one call of `list_jobs`, for all the jobs, so that `max_concurrency` has no part in it.
        A job that failed is given like the others: look at `is_success`. A poll that fails is made again where that may
        help, in its turn and without retries of its own.

        Args:
            graph_name: Name of the graph whose jobs are listed.
            ids: IDs of the jobs.
            project_id: ID of the project that owns the graph. By default the client's.
            timeout: Seconds to wait at most; 0 for one look at each job. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            on_progress: Called with each snapshot that differs from the one before of the same job.
            max_concurrency: Requests under way at the same time at most. By default 50.
            max_polls_per_second: Polls that are begun in a second at most. By default 100.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            WaitTimeoutError: The time is over; it has what is known.
            NotFoundError: The listing has no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return await _waiters.wait_for_jobs_async(
            self,
            LIST_JOBS,
            {
                "graph_name": graph_name,
                "project_id": project_id,
            },
            ids,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
            max_concurrency,
            max_polls_per_second,
        )


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
