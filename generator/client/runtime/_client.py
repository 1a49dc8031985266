"""Base classes of the synchronous and asynchronous clients: send, retry, decode."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import cache
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from ._clock import Clock
from ._deviations import Deviation
from ._jobs import JobSnapshot
from ._messages import ACCEPTED, BodyReader, RequestSpec
from ._operations import (
    URL,
    JobId,
    Operation,
    RequestTarget,
    Secret,
    header_name,
    header_value,
    is_credential,
    request_target,
)
from ._options import (
    UNCHANGED,
    FromEnvironment,
    Options,
    Reachability,
    RetryState,
    Unchanged,
    WaitOptions,
    validate_timeout,
)
from ._response import RawResponse
from ._senders import NO_LOOP, AsyncSender, SecretGuard, Sender, send, send_async
from ._stacks import AnyAsyncClient, AnyAsyncTransport, AnyAuth, AnyClient, AnyTimeout, AnyTransport, require_stack
from ._urls import PACKAGE, ServiceInfo, environment_argument, is_local, require_https, same_origin, validate_base_url
from ._version import VERSION
from .errors import APIConnectionError, ClientStateError, CloudJobsError, MissingCredentialsError, TokenError

# Imported when first used: an import of this package does not wait for httpx, and most programs do not wait for jobs.
if TYPE_CHECKING:
    from ._poller import Poller, PollScheduler
    from ._proxies import Network


M = TypeVar("M")
R = TypeVar("R")

_LONGEST_PATH = 60_000
"""Longest path in characters. httpx raises an error of another class for a longer address."""


def job_id_of(operation: Operation[Any], text: str) -> JobId:
    """Return the ID of a job in the type that its operation takes."""
    return int(text) if operation.poll is not None and operation.poll.is_integer and text.isdecimal() else text


class BaseClient:
    """Base of all clients: options, credentials, and the request of a call."""

    _service: ClassVar[ServiceInfo]
    _client_arguments: Mapping[str, object]
    _sender: Any
    _base_url = "(invalid base_url)"
    """For the repr of a client after an error in `__init__`: error reports show the variables of a frame."""

    def __init__(
        self,
        base_url: Secret[str | None],
        region: str | None,
        auth: Secret[AnyAuth | FromEnvironment | None],
        timeout: float | AnyTimeout | None,
        options: Options,
        http_client: AnyClient | AnyAsyncClient | None,
        transport: object,
        allow_insecure: bool,
    ) -> None:
        self._base_url = validate_base_url(self._service, base_url, region)
        self._client_arguments = {
            name: environment_argument(self._service.name, name) if value is None else value
            for name, value in self._client_arguments.items()
        }
        self._auth = self._validated_auth(auth, http_client)
        if self._auth is not None and not allow_insecure:
            require_https(self._base_url)
        if http_client is not None and transport is not None:
            raise ValueError(
                "http_client must be given without transport, got both: an httpx client has its own transport"
            )
        # The caller's httpx client has a timeout itself.
        self._timeout = validate_timeout(timeout) if http_client is None else None
        self._allow_insecure = allow_insecure
        self._options = options
        self._clock = Clock()
        self._http_client = http_client
        """The caller's httpx client."""
        self._owns_http = http_client is None and transport is None
        """Whether this client closes the connections. The caller closes an `http_client` or `transport`."""
        self._is_anonymous = isinstance(auth.reveal(), FromEnvironment) and self._auth is None and self._owns_http
        """Whether the client has no credentials, for operations that require some."""
        self._network = _network(*self._addresses()) if self._owns_http else None
        self._sender = self._make_sender(http_client, transport)
        self._agent = _user_agent(http_client)
        self._check_credentials()

    def _validated_auth(
        self, auth: Secret[AnyAuth | FromEnvironment | None], http_client: AnyClient | AnyAsyncClient | None
    ) -> AnyAuth | None:
        """Return the credentials to send.

        Raises `TypeError` if they are of another type: probably a credential as text.
        """
        if auth.reveal() is not None and not isinstance(auth.reveal(), FromEnvironment):
            known = ("a Token", "an AkSk", "an IamPassword", "a BasicAuth", "a ClientCredentials")
            require_stack("auth", auth, "Auth", *known)
        given = auth.reveal()  # becomes a variable of the frame only here, where its type hides it
        return self._credentials_of_environment(http_client) if isinstance(given, FromEnvironment) else given

    def _credentials_of_environment(self, http_client: AnyClient | AnyAsyncClient | None) -> AnyAuth | None:
        """Return the credentials of the environment, if the service requires some and the caller's client has none.

        Raises:
            ValueError: Those of the environment are incomplete or invalid.
        """
        if not self._service.needs_credentials or (http_client is not None and _has_credentials(http_client)):
            return None
        from .auth._environment import find  # not at the top: it imports every kind of credentials

        return find(self._service.name, self._service.credentials)

    def _make_sender(self, http_client: Any, transport: Any) -> Sender | AsyncSender:
        """Make the sender that this client and its copies share. Raises `TypeError` or `ValueError`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            f"{type(self).__name__} cannot be copied or pickled, since it has connections and credentials: make "
            "another, or use with_options for other options"
        )

    def with_options(
        self,
        *,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Mapping[str, str] | Unchanged = UNCHANGED,
        strict: bool | Unchanged = UNCHANGED,
        on_deviation: Callable[[Deviation], object] | Unchanged | None = UNCHANGED,
        max_response_size: int | Unchanged = UNCHANGED,
        max_retries: int | Unchanged = UNCHANGED,
        deadline: float | Unchanged | None = UNCHANGED,
    ) -> Self:
        """Return a client with other options that shares the connections; this one is unchanged.

        Args:
            timeout: Seconds for one attempt of a call: each connect, write and read; None for no limit.
            headers: Further headers of each request. A User-Agent is prepended to the client's own.
            strict: Raise `ContractViolationError` for a response that violates the contract.
            on_deviation: Called with each deviation.
            max_response_size: Largest body in bytes after decompression. By default 256 MiB.
            max_retries: Retries of a call without a response, or with status 408, 429, 500, 502, 503 or 504.
            deadline: Seconds for a whole call with its retries; None for no limit.

        Raises:
            ValueError: An argument is invalid, or a credential would be sent over plain HTTP to another machine.
        """
        given = headers if isinstance(headers, Unchanged) else Secret(headers)
        del headers  # the variables of a frame are shown with an error
        if isinstance(given, Secret):
            given = self._validated(given)
        client = object.__new__(type(self))
        client.__dict__.update(self.__dict__)
        client._owns_http = False
        client._options = self._options.changed(
            {
                "timeout": timeout,
                "headers": given,
                "strict": strict,
                "on_deviation": on_deviation,
                "max_response_size": max_response_size,
                "max_retries": max_retries,
                "deadline": deadline,
            }
        )
        return client

    def _validated(self, given: Secret[Mapping[str, str]]) -> Secret[Mapping[str, str]]:
        """Return the headers.

        Raises `ValueError` if one cannot be sent, or is a credential that would be sent unencrypted.
        """
        given = _validate_headers(given)
        if any(map(is_credential, given.reveal())):
            self._require_privacy()
        return given

    def _call_options(
        self, timeout: float | AnyTimeout | Unchanged | None, headers: Secret[Mapping[str, str] | None]
    ) -> Options:
        """Return the options of one call. Raises `ValueError` or `TypeError` if one is invalid."""
        given = headers.reveal()
        if given is None and isinstance(timeout, Unchanged):
            return self._options
        hidden: Secret[Mapping[str, str]] = Secret(given or {})
        del given
        return self._options.changed({"timeout": timeout, "headers": self._validated(hidden)})

    def _addresses(self) -> list[str]:
        """Return the known addresses that credentials are sent to: those of the service and of IAM."""
        return [self._base_url, *getattr(self._auth, "_addresses", ())]

    def _check_credentials(self) -> None:
        """Raise `ValueError` if credentials of the client or of its httpx client would be sent unencrypted."""
        http = self._http_client
        if self._auth is not None or (http is not None and _has_credentials(http)):
            self._require_privacy()

    def _require_privacy(self) -> None:
        """Raise `ValueError` if credentials would be sent unencrypted, to the service or to an issuer of tokens."""
        if self._allow_insecure:
            return
        require_https(self._base_url)
        plain = [url for url in self._addresses() if url.startswith("http:") and is_local(url)]
        http = self._http_client
        from ._proxies import is_proxied

        if http is not None and (proxied := [url for url in plain if is_proxied(http, url)]):
            raise ValueError(
                f"http_client must send requests to {proxied[0]} without a proxy, got one that uses a proxy: give it "
                "trust_env=False or a transport in mounts, or pass allow_insecure=True to the client"
            )

    def _scheduler(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[JobId],
        options: WaitOptions,
        max_polls_per_second: float,
    ) -> tuple[PollScheduler[M], Options]:
        """Return the polls of a wait for several jobs, and the options of each call. Raises `ValueError`."""
        from ._poller import PollScheduler

        call_options = self._call_options(UNCHANGED, options.headers)
        scheduler = PollScheduler(
            operation,
            arguments,
            ids,
            options,
            self._clock,
            max_polls_per_second,
            call_options.max_retries,
            self._base_url,
        )
        for poller in scheduler.pollers:
            # An invalid ID raises an error now, not after other jobs have ended.
            self._target(operation, poller.arguments)
        # A retry would be one more request outside the schedule, which repeats polls itself.
        return scheduler, call_options.changed({"max_retries": 0})

    def _target(self, operation: Operation[Any], arguments: Mapping[str, object]) -> RequestTarget:
        """Return the path and method of a call. Raises `ValueError` if an argument is missing or invalid."""
        if URL in arguments:
            import httpx

            url = httpx.URL(same_origin(self._base_url, str(arguments[URL])))
            return RequestTarget(str(url.copy_with(query=None)), tuple(url.params.multi_items()), operation.headers)
        target = request_target(operation, arguments, self._client_arguments)
        if len(target.path) > _LONGEST_PATH:
            raise ValueError(
                f"the arguments of {operation.name} must make a path of at most {_LONGEST_PATH} characters, "
                f"got {len(target.path)}"
            )
        return target

    def _request_spec(
        self, operation: Operation[Any], arguments: Mapping[str, object], options: Options
    ) -> RequestSpec:
        if self._is_anonymous and operation.schemes and not any(map(is_credential, options.headers.reveal())):
            raise _missing_credentials(operation)
        call = self._target(operation, arguments)
        headers = Secret(
            {
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED,
                "User-Agent": self._agent,
                **call.headers,
                **options.headers.reveal(),
            }
        )
        if "User-Agent" in options.headers.reveal():
            headers.reveal()["User-Agent"] += f" {_own_agent()}"
        timeout = validate_timeout(options.timeout) or self._timeout
        url = call.path if URL in arguments else self._base_url + call.path
        job_id = operation.requested_job(arguments)
        largest = options.max_response_size
        return RequestSpec(
            operation.method, url, call.query, headers, operation.schemes, timeout, largest, job_id, call.content
        )


def _has_credentials(http: AnyClient | AnyAsyncClient) -> bool:
    # Its type may not have been checked yet.
    return getattr(http, "auth", None) is not None or any(map(is_credential, getattr(http, "headers", ())))


def _missing_credentials(operation: Operation[Any]) -> MissingCredentialsError:
    from .auth._environment import variables  # not at the top: it imports every kind of credentials

    return MissingCredentialsError(
        f"{operation} was not sent, since it requires credentials: pass auth to the client (auth=None to send it "
        f"without), or set {variables(operation.service)}",
        service=operation.service,
        operation=operation.id,
    )


def _validate_headers(given: Secret[Mapping[str, str]]) -> Secret[Mapping[str, str]]:
    """Return the headers. Raises `ValueError` if one cannot be sent, without its value."""
    for name in given.reveal():
        header_value(header_name(name), given.reveal()[name])
    return Secret(dict(given.reveal()))


def _user_agent(http: AnyClient | AnyAsyncClient | None) -> str:
    """Return the User-Agent: that of a caller's httpx client if it has its own, then ours."""
    callers = "" if http is None else http.headers.get("User-Agent", "")
    own = _own_agent()
    return own if not callers or callers.startswith(("python-httpx/", "python-httpx2/")) else f"{callers} {own}"


@cache
def _own_agent() -> str:
    import httpx

    return f"{PACKAGE}/{VERSION} httpx/{httpx.__version__}"


def _network(*addresses: str) -> Network:
    from ._proxies import Network

    return Network(*addresses)


_NO_HEADERS: Secret[Mapping[str, str] | None] = Secret(None)


class Client(BaseClient):
    """Base of the synchronous clients. Safe to share between threads, and to use in a forked child process."""

    _sender: Sender

    def __init__(
        self,
        base_url: Secret[str | None],
        region: str | None,
        auth: Secret[AnyAuth | FromEnvironment | None],
        timeout: float | AnyTimeout | None,
        options: Options,
        http_client: AnyClient | None,
        transport: AnyTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(base_url, region, auth, timeout, options, http_client, transport, allow_insecure)

    def _make_sender(self, http_client: Any, transport: Any) -> Sender:
        from ._httpx import HttpxSender

        return HttpxSender.make(http_client, transport, self._network)

    def _send(
        self,
        operation: Operation[R],
        arguments: Mapping[str, object],
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Secret[Mapping[str, str] | None] = _NO_HEADERS,
    ) -> RawResponse[R]:
        return self._call(operation, arguments, self._call_options(timeout, headers))

    def _call(
        self,
        operation: Operation[R],
        arguments: Mapping[str, object],
        options: Options,
        reachability: Reachability | None = None,
        job: str = "",
    ) -> RawResponse[R]:
        """Call an operation, with retries."""
        spec = self._request_spec(operation, arguments, options)
        retries = RetryState(operation, options, self._clock, reachability, job)
        while True:
            retries.begin()
            try:
                with SecretGuard():
                    body = BodyReader(operation, options.max_response_size)
                    response = send(self._sender, spec, self._auth, body, retries.limit, retries.check)
            except (APIConnectionError, TokenError) as error:
                pause = retries.after_failure(error)
                if pause is None:
                    raise
            else:
                pause = retries.after_response(response)
                if pause is None:
                    return RawResponse(operation, options, response, spec.job_id)
            self._clock.sleep(pause)

    def _wait_for_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: JobId,
        options: WaitOptions,
        cancel: Event | None,
    ) -> JobSnapshot[Any]:
        """Poll until a job has ended. Transient errors do not end the wait; no poll outlasts it."""
        from ._poller import Poller

        options.require_function()
        poller = Poller(operation, arguments, [job_id], options, self._clock, base_url=self._base_url)
        for snapshot in self._watch(poller, self._call_options(UNCHANGED, options.headers), cancel):
            options.report([snapshot])
        return poller.result()

    def _start_and_wait(
        self,
        started: tuple[Operation[Any], Mapping[str, object]],
        polled: tuple[Operation[M], Mapping[str, object]],
        options: WaitOptions,
        cancel: Event | None,
    ) -> JobSnapshot[Any]:
        """Start a job with one operation and its arguments, and wait for it with another."""
        options.require_function()
        raw = self._call(*started, self._call_options(UNCHANGED, options.headers))
        return self._wait_for_job(*polled, job_id_of(polled[0], raw.started_job()), options, cancel)

    def _watch_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: JobId,
        options: WaitOptions,
        cancel: Event | None,
    ) -> Iterator[JobSnapshot[Any]]:
        """Yield each change of a job. The wait starts with the first `next`."""
        from ._poller import Poller

        call_options = self._call_options(UNCHANGED, options.headers)
        return self._watch(
            Poller(operation, arguments, [job_id], options, self._clock, base_url=self._base_url), call_options, cancel
        )

    def _watch(self, poller: Poller[M], options: Options, cancel: Event | None) -> Iterator[JobSnapshot[Any]]:
        from ._poller import wait_cancelled_error, wait_timeout_error

        poller.start()
        while True:
            if cancel is not None and cancel.is_set():
                raise wait_cancelled_error([poller])
            yield from self._poll(poller, options)
            if poller.is_over:
                poller.raise_error()
                return
            pause = poller.pause()
            self._clock.sleep(poller.left() or 0.0 if pause is None else pause, cancel)
            if pause is None and not (cancel is not None and cancel.is_set()):
                raise wait_timeout_error([poller])

    def _wait_for_jobs(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[JobId],
        options: WaitOptions,
        max_polls_per_second: float,
        cancel: Event | None,
        *,
        return_exceptions: bool = False,
    ) -> dict[Any, Any]:
        """Poll until all jobs have ended, one poll after another."""
        from ._poller import wait_cancelled_error

        options.require_function()
        scheduler, call_options = self._scheduler(operation, arguments, ids, options, max_polls_per_second)
        while (due := scheduler.next_due()) is not None:
            if cancel is not None and cancel.is_set():
                raise wait_cancelled_error(scheduler.pollers)
            if isinstance(due, int | float):
                self._clock.sleep(due, cancel)
                continue
            options.report(self._poll(due, call_options))
            scheduler.finish(due)
        return scheduler.results(return_exceptions=return_exceptions)

    def _poll(self, poller: Poller[M], options: Options) -> list[JobSnapshot[Any]]:
        """Poll once. Returns the changed snapshots."""
        changed: list[JobSnapshot[Any]] = []
        while True:
            try:
                call_options = poller.call_options(options)
                raw = self._call(poller.operation, poller.arguments, call_options, poller.reachability, poller.job)
                response = raw.parse_awaited()
            except CloudJobsError as error:
                poller.on_error(error)
                return changed
            changed += poller.on_response(
                response, options.on_deviation, raw.retry_after, status=raw.status_code, headers=raw.headers
            )
            if not poller.needs_page:
                return changed

    def _snapshot(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: JobId,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Secret[Mapping[str, str] | None] = _NO_HEADERS,
    ) -> JobSnapshot[Any]:
        """Poll a job once. Errors are raised, transient ones too."""
        from ._poller import Poller

        poller = Poller(operation, arguments, [job_id], WaitOptions(), self._clock, base_url=self._base_url)
        self._poll(poller, self._call_options(timeout, headers))
        return poller.only_look()

    def _iterate(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        page_size: int,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Secret[Mapping[str, str] | None] = _NO_HEADERS,
    ) -> Iterator[Any]:
        """Yield the rows of all pages; each page is requested when it is needed."""
        from ._pagination import Pages

        pages, options = Pages(operation, page_size, self._base_url), self._call_options(timeout, headers)

        def rows() -> Iterator[Any]:
            while not pages.is_over:
                raw = self._call(operation, {**arguments, **pages.arguments}, options)
                yield from pages.on_response(raw.parse(), raw.headers)

        return rows()

    def close(self) -> None:
        """Close the connections, unless they belong to the caller's `http_client` or `transport`."""
        if self._owns_http:
            self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(BaseClient):
    """Base of the asynchronous clients. Safe to share between tasks of one event loop; another loop gets an error.

    A forked child process can use it in its own event loop.
    """

    _sender: AsyncSender

    def __init__(
        self,
        base_url: Secret[str | None],
        region: str | None,
        auth: Secret[AnyAuth | FromEnvironment | None],
        timeout: float | AnyTimeout | None,
        options: Options,
        http_client: AnyAsyncClient | None,
        transport: AnyAsyncTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(base_url, region, auth, timeout, options, http_client, transport, allow_insecure)

    def _make_sender(self, http_client: Any, transport: Any) -> AsyncSender:
        from ._httpx import AsyncHttpxSender

        aiohttp = None if self._network is None else _aiohttp_sender(self._network)
        return aiohttp or AsyncHttpxSender.make(http_client, transport, self._network)

    async def _send(
        self,
        operation: Operation[R],
        arguments: Mapping[str, object],
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Secret[Mapping[str, str] | None] = _NO_HEADERS,
    ) -> RawResponse[R]:
        return await self._call(operation, arguments, self._call_options(timeout, headers))

    async def _call(
        self,
        operation: Operation[R],
        arguments: Mapping[str, object],
        options: Options,
        reachability: Reachability | None = None,
        job: str = "",
    ) -> RawResponse[R]:
        """Call an operation, with retries."""
        import asyncio  # slow to import, and synchronous programs do not need it

        spec = self._request_spec(operation, arguments, options)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise ClientStateError.of(operation, NO_LOOP) from None
        retries = RetryState(operation, options, self._clock, reachability, job)
        if options.deadline is None:
            return await self._call_with_retries(spec, operation, options, retries)

        limit = asyncio.timeout(options.deadline)
        try:
            async with limit:
                return await self._call_with_retries(spec, operation, options, retries)
        except TimeoutError:
            if limit.expired():
                raise retries.deadline_error() from None
            raise

    async def _call_with_retries(
        self, spec: RequestSpec, operation: Operation[R], options: Options, retries: RetryState
    ) -> RawResponse[R]:
        while True:
            retries.begin()
            try:
                with SecretGuard():
                    body = BodyReader(operation, options.max_response_size)
                    response = await send_async(self._sender, spec, self._auth, body)
            except (APIConnectionError, TokenError) as error:
                pause = retries.after_failure(error)
                if pause is None:
                    raise
            else:
                pause = retries.after_response(response)
                if pause is None:
                    return RawResponse(operation, options, response, spec.job_id)
            await self._clock.sleep_async(pause)

    async def _wait_for_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: JobId,
        options: WaitOptions,
    ) -> JobSnapshot[Any]:
        """Poll until a job has ended. Transient errors do not end the wait; no poll outlasts it."""
        from ._poller import Poller

        poller = Poller(operation, arguments, [job_id], options, self._clock, base_url=self._base_url)
        async for snapshot in self._watch(poller, self._call_options(UNCHANGED, options.headers)):
            await options.report_async([snapshot])
        return poller.result()

    async def _start_and_wait(
        self,
        started: tuple[Operation[Any], Mapping[str, object]],
        polled: tuple[Operation[M], Mapping[str, object]],
        options: WaitOptions,
    ) -> JobSnapshot[Any]:
        """Start a job with one operation and its arguments, and wait for it with another."""
        raw = await self._call(*started, self._call_options(UNCHANGED, options.headers))
        return await self._wait_for_job(*polled, job_id_of(polled[0], raw.started_job()), options)

    def _watch_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: JobId,
        options: WaitOptions,
    ) -> AsyncIterator[JobSnapshot[Any]]:
        """Yield each change of a job. The wait starts with the first `next`."""
        from ._poller import Poller

        call_options = self._call_options(UNCHANGED, options.headers)
        return self._watch(
            Poller(operation, arguments, [job_id], options, self._clock, base_url=self._base_url), call_options
        )

    async def _watch(self, poller: Poller[M], options: Options) -> AsyncIterator[JobSnapshot[Any]]:
        from ._poller import wait_timeout_error

        poller.start()
        while True:
            for snapshot in await self._poll(poller, options):
                yield snapshot
            if poller.is_over:
                poller.raise_error()
                return
            pause = poller.pause()
            await self._clock.sleep_async(poller.left() or 0.0 if pause is None else pause)
            if pause is None:
                raise wait_timeout_error([poller])

    async def _wait_for_jobs(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[JobId],
        options: WaitOptions,
        max_concurrency: int,
        max_polls_per_second: float,
        *,
        return_exceptions: bool = False,
    ) -> dict[Any, Any]:
        """Poll until all jobs have ended, with several polls in flight."""
        import asyncio  # slow to import, and synchronous programs do not need it

        from ._poller import validate_max_concurrency

        scheduler, call_options = self._scheduler(operation, arguments, ids, options, max_polls_per_second)
        turn = asyncio.Lock()

        async def next_due() -> Poller[M] | None:
            # One worker at a time waits for the next due poll, so that the order is kept and only one timer runs.
            async with turn:
                while isinstance(due := scheduler.next_due(), int | float):
                    await self._clock.sleep_async(due)
                return due

        async def work() -> None:
            while (due := await next_due()) is not None:
                await options.report_async(await self._poll(due, call_options))
                scheduler.finish(due)
                if scheduler.is_over:
                    return

        count = min(validate_max_concurrency(max_concurrency), len(scheduler.pollers))
        workers = [asyncio.create_task(work()) for _ in range(count)]
        try:
            # The first worker ends when the wait is over, or with an exception that is not an error of a job.
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED) if workers else (set(), set())
            for worker in done:
                worker.result()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return scheduler.results(return_exceptions=return_exceptions)

    async def _poll(self, poller: Poller[M], options: Options) -> list[JobSnapshot[Any]]:
        """Poll once. Returns the changed snapshots."""
        changed: list[JobSnapshot[Any]] = []
        while True:
            try:
                call_options = poller.call_options(options)
                raw = await self._call(
                    poller.operation, poller.arguments, call_options, poller.reachability, poller.job
                )
                response = raw.parse_awaited()
            except CloudJobsError as error:
                poller.on_error(error)
                return changed
            changed += poller.on_response(
                response, options.on_deviation, raw.retry_after, status=raw.status_code, headers=raw.headers
            )
            if not poller.needs_page:
                return changed

    async def _snapshot(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: JobId,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Secret[Mapping[str, str] | None] = _NO_HEADERS,
    ) -> JobSnapshot[Any]:
        """Poll a job once. Errors are raised, transient ones too."""
        from ._poller import Poller

        poller = Poller(operation, arguments, [job_id], WaitOptions(), self._clock, base_url=self._base_url)
        await self._poll(poller, self._call_options(timeout, headers))
        return poller.only_look()

    def _iterate(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        page_size: int,
        timeout: float | AnyTimeout | Unchanged | None = UNCHANGED,
        headers: Secret[Mapping[str, str] | None] = _NO_HEADERS,
    ) -> AsyncIterator[Any]:
        """Yield the rows of all pages; each page is requested when it is needed."""
        from ._pagination import Pages

        pages, options = Pages(operation, page_size, self._base_url), self._call_options(timeout, headers)

        async def rows() -> AsyncIterator[Any]:
            while not pages.is_over:
                raw = await self._call(operation, {**arguments, **pages.arguments}, options)
                for row in pages.on_response(raw.parse(), raw.headers):
                    yield row

        return rows()

    async def aclose(self) -> None:
        """Close the connections, unless they belong to the caller's `http_client` or `transport`."""
        if self._owns_http:
            await self._sender.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _aiohttp_sender(network: Network) -> AsyncSender | None:
    """Return the sender of the `[aio]` extra, if that is installed and can use the proxies."""
    if network.has_socks:
        return None
    try:
        from ._aiohttp import AiohttpSender
    except ImportError:
        return None
    return AiohttpSender(network)


class WithRawResponse:
    """Base of the classes behind `with_raw_response` of synchronous clients."""

    def __init__(self, client: Client) -> None:
        self._send = client._send


class AsyncWithRawResponse:
    """Base of the classes behind `with_raw_response` of asynchronous clients."""

    def __init__(self, client: AsyncClient) -> None:
        self._send = client._send
