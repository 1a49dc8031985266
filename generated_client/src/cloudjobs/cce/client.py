# Generated from openapi/cce.yaml. Do not edit: change that, and run `make generate`.
"""Clients of Huawei CCE job query, synchronous and asynchronous."""

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
from .models import Job
from .operations import GET_JOB

# What waits for jobs and goes through pages is imported when it is first called: most programs do one of them.
if TYPE_CHECKING:
    from .._jobs import JobSnapshot

_SERVICE = ServiceInfo(name="cce", title="Huawei CCE job query")


class CceClient(Client):
    """Huawei CCE job query, synchronous.

    Progress of an asynchronous Cloud Container Engine job. Unofficial.

    Args:
        base_url: Address of the service, with a path if it lies below one. Where it is not given, the environment
            variable `CLOUDJOBS_CCE_URL` stands in.
        project_id: ID of the project that owns the job. Used by calls that do not give their own.
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
            APIStatusError: The reply is no success; its subclasses tell the common statuses apart.
            APIConnectionError: No reply came.
            APITimeoutError: No reply came in time.
            InvalidResponseError: The body of a success is no JSON object.
            ContractViolationError: The reply deviates from its document, and the client is strict.
        """
        raw = self._send(
            GET_JOB,
            job_id=job_id,
            project_id=project_id,
        )
        return raw.parse()

    def wait_for_job(
        self,
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

        Each poll is one call of `get_job`. A call makes its own retries, and a poll that fails all the same is made
        again where that may help.
        A state that the document does not know is logged, and is never taken for an end.

        Args:
            job_id: ID of the job.
            project_id: ID of the project that owns the job. By default the client's.
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
            NotFoundError: There is no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.wait_for_job(
            self,
            GET_JOB,
            {
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
            job_id: ID of the job.
            project_id: ID of the project that owns the job. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            cancel: An event that ends the wait when it is set, while it sleeps too. The job itself goes on.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            WaitTimeoutError: The time is over; it has what is known.
            WaitCancelledError: `cancel` was set; it has what is known.
            NotFoundError: There is no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.watch_job(
            self,
            GET_JOB,
            {
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace),
            cancel,
        )

    def wait_for_jobs(
        self,
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

        The jobs are asked for one after another, in this thread: the asynchronous client asks for many at once.
        A job that failed is given like the others: look at `is_success`. A poll that fails is made again where that may
        help, in its turn and without retries of its own.

        Args:
            ids: IDs of the jobs.
            project_id: ID of the project that owns the job. By default the client's.
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
            NotFoundError: There is no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.wait_for_jobs(
            self,
            GET_JOB,
            {
                "project_id": project_id,
            },
            ids,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
            max_polls_per_second,
            cancel,
        )


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
            APIStatusError: The reply is no success; its subclasses tell the common statuses apart.
            APIConnectionError: No reply came.
            APITimeoutError: No reply came in time.
            InvalidResponseError: The body of a success is no JSON object.
            ContractViolationError: The reply deviates from its document, and the client is strict.
        """
        raw = await self._send(
            GET_JOB,
            job_id=job_id,
            project_id=project_id,
        )
        return raw.parse()

    async def wait_for_job(
        self,
        job_id: str,
        *,
        project_id: str | None = None,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        on_progress: Callable[[JobSnapshot], object] | None = None,
    ) -> JobSnapshot:
        """Wait until a job has ended, and give it as it ended.

        Each poll is one call of `get_job`. A call makes its own retries, and a poll that fails all the same is made
        again where that may help.
        A state that the document does not know is logged, and is never taken for an end.
        To end the wait, cancel its task; the job itself goes on.

        Args:
            job_id: ID of the job.
            project_id: ID of the project that owns the job. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.
            on_progress: Called with each snapshot that differs from the one before of the same job.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            JobFailedError: The job ended as failed, partial or stopped; it has the snapshot and the reason.
            WaitTimeoutError: The time is over; it has what is known.
            NotFoundError: There is no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return await _waiters.wait_for_job_async(
            self,
            GET_JOB,
            {
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
        )

    def watch_job(
        self,
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
            job_id: ID of the job.
            project_id: ID of the project that owns the job. By default the client's.
            timeout: Seconds to wait at most; 0 for one look. By default None, for as long as it takes.
            poll_interval: Seconds between two polls, never less than 0.2. By default they grow from 1 to 30, with
                jitter.
            not_found_grace: Seconds from the beginning in which a job that is not there is awaited. By default 0.

        Raises:
            ValueError: An argument is missing, cannot be sent, or is no possible number.
            WaitTimeoutError: The time is over; it has what is known.
            NotFoundError: There is no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return _waiters.watch_job_async(
            self,
            GET_JOB,
            {
                "project_id": project_id,
            },
            job_id,
            _poller.WaitOptions(timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace),
        )

    async def wait_for_jobs(
        self,
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

        The jobs are asked for in turn, some at once. Thousands of them are meant to be waited for in one process.
        A job that failed is given like the others: look at `is_success`. A poll that fails is made again where that may
        help, in its turn and without retries of its own.

        Args:
            ids: IDs of the jobs.
            project_id: ID of the project that owns the job. By default the client's.
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
            NotFoundError: There is no such job, and no time of grace is left.
            CloudJobsError: A failure that does not pass, such as `AuthenticationError`, at once; one that may pass, such as
                `APIConnectionError`, once it has come for more than 10 polls in a row.
        """
        from .. import _poller, _waiters

        return await _waiters.wait_for_jobs_async(
            self,
            GET_JOB,
            {
                "project_id": project_id,
            },
            ids,
            _poller.WaitOptions(
                timeout=timeout, poll_interval=poll_interval, not_found_grace=not_found_grace, on_progress=on_progress
            ),
            max_concurrency,
            max_polls_per_second,
        )


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
