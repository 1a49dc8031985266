"""Base classes of the synchronous and asynchronous clients: send, retry, decode."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import httpx

from ._clock import Clock
from ._forks import PerProcess, refused_in_child
from ._jobs import JobSnapshot
from ._messages import ACCEPTED, SIZE_EXTENSION, BodyReader, DecompressionError, RequestSpec, Response
from ._models import Model
from ._operations import SCHEMES_EXTENSION, Operation, Secret, header_name, header_value, is_credential, request_target
from ._options import UNCHANGED, Options, Unchanged, WaitOptions, validate_timeout
from ._proxies import AsyncNetworkTransport, Network, NetworkTransport, is_proxied
from ._response import RawResponse
from ._retries import RetryState
from ._secret_guard import SecretGuard
from ._urls import PACKAGE, ServiceInfo, is_local, require_https, validate_base_url
from ._validation import Deviation
from ._version import VERSION
from .errors import APIConnectionError, CloudJobsError, TokenError

# Imported when first used: most programs do not wait, page and send over aiohttp.
if TYPE_CHECKING:
    from ._aiohttp import AiohttpSender
    from ._poller import Poller


_LONGEST_PATH = 60_000
"""Characters. httpx refuses a longer address with an error of its own."""

_AGENT = f"{PACKAGE}/{VERSION} httpx/{httpx.__version__}"


class BaseClient:
    """Base of all clients: options, credentials, and the request of a call."""

    _service: ClassVar[ServiceInfo]
    _client_arguments: Mapping[str, object]
    _shared_http: PerProcess[Any]
    _base_url = "(invalid base_url)"
    """Shown by the repr of a client that could not be made: an error report has it among the variables of a frame."""

    def __init__(
        self,
        base_url: Secret[str | None],
        auth: Secret[httpx.Auth | None],
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        max_retries: int,
        deadline: float | None,
        http_client: httpx.Client | httpx.AsyncClient | None,
        transport: object,
        allow_insecure: bool,
    ) -> None:
        self._base_url = validate_base_url(self._service, base_url)
        if not isinstance(auth.reveal(), httpx.Auth | None):
            # The value is not shown: a string is probably a token.
            raise ValueError(f"auth is a {type(auth.reveal()).__name__}: give a Token, an AkSk or another httpx.Auth")
        self._auth = auth.reveal()
        if self._auth is not None and not allow_insecure:
            require_https(self._base_url)
        if http_client is not None and transport is not None:
            raise ValueError("Give http_client or transport, not both: an httpx client has a transport of its own")
        self._allow_insecure = allow_insecure
        self._options = Options(strict=strict, on_deviation=on_deviation, max_retries=max_retries, deadline=deadline)
        self._clock = Clock()
        self._is_callers_http = http_client is not None
        self._owns_http = http_client is None and transport is None
        """The caller closes its own client or transport."""
        self._network = Network(*self._addresses()) if self._owns_http else None
        self._agent = _user_agent(http_client)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | Unchanged | None = UNCHANGED,
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
            given = _validate_headers(given)
            if any(map(is_credential, given.reveal())):
                self._require_privacy()
        client = copy.copy(self)
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

    @property
    def _http(self) -> httpx.Client | httpx.AsyncClient:
        found: httpx.Client | httpx.AsyncClient = self._shared_http.client or self._shared_http.make_again()
        return found

    def _addresses(self) -> list[str]:
        """The known addresses that credentials are sent to: those of the service and of IAM."""
        return [self._base_url, *getattr(self._auth, "_addresses", ())]

    def _check_credentials(self) -> None:
        """Raise `ValueError` where credentials of the client or of its httpx client could be read on their way."""
        http = self._http
        if self._auth is not None or http.auth is not None or any(map(is_credential, http.headers)):
            self._require_privacy()

    def _require_privacy(self) -> None:
        """Raise `ValueError` where credentials could be read on their way to the service, or to what authenticates."""
        if self._allow_insecure:
            return
        require_https(self._base_url)
        plain = [url for url in self._addresses() if url.startswith("http:") and is_local(url)]
        if proxied := [url for url in plain if is_proxied(self._http, url)]:
            raise ValueError(
                f"http_client must send requests to {proxied[0]} without a proxy, got one that uses a proxy: give it "
                "trust_env=False or a transport in mounts, or give allow_insecure=True to the client"
            )

    def _request_spec(
        self, operation: Operation[Any], arguments: Mapping[str, object], options: Options
    ) -> RequestSpec:
        call = request_target(operation, arguments, self._client_arguments)
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
            headers.reveal()["User-Agent"] += f" {_AGENT}"
        if len(call.path) > _LONGEST_PATH:
            raise ValueError(
                f"The address of {operation.id} would be too long: an argument has thousands of characters"
            )
        timeout = validate_timeout(options.timeout)
        url = self._base_url + call.path
        job_id = operation.requested_job(arguments)
        largest = options.max_response_size
        return RequestSpec(operation.method, url, call.query, headers, operation.schemes, timeout, largest, job_id)

    def _httpx_request(
        self, http: httpx.Client | httpx.AsyncClient, spec: RequestSpec, timeout: httpx.Timeout | None
    ) -> httpx.Request:
        extensions: dict[str, Any] = {SCHEMES_EXTENSION: spec.schemes, SIZE_EXTENSION: spec.largest}
        query = spec.query or None
        if self._is_callers_http:
            timeout_or_its_own = timeout or httpx.USE_CLIENT_DEFAULT
            return http.build_request(
                spec.method,
                spec.url,
                params=query,
                headers=spec.headers.reveal(),
                timeout=timeout_or_its_own,
                extensions=extensions,
            )
        # Our own client has no defaults and no cookies to add, and `build_request` takes a tenth of a call.
        extensions["timeout"] = (timeout or http.timeout).as_dict()
        headers = spec.headers
        return httpx.Request(spec.method, spec.url, params=query, headers=headers.reveal(), extensions=extensions)

    def _send_options(self) -> dict[str, Any]:
        """How requests are sent. Redirects are not followed, which could send credentials elsewhere."""
        self._shared_http.is_used = True
        return {"auth": self._auth or httpx.USE_CLIENT_DEFAULT, "follow_redirects": False, "stream": True}


def _validate_headers(given: Secret[Mapping[str, str]]) -> Secret[Mapping[str, str]]:
    """The headers. Raises `ValueError` if one cannot be sent, without its value."""
    for name in given.reveal():
        header_value(header_name(name), given.reveal()[name])
    return Secret(dict(given.reveal()))


def _user_agent(http: httpx.Client | httpx.AsyncClient | None) -> str:
    """The User-Agent: that of a caller's httpx client if it has its own, then ours."""
    callers = "" if http is None else http.headers.get("User-Agent", "")
    return _AGENT if not callers or callers.startswith("python-httpx/") else f"{callers} {_AGENT}"


M = TypeVar("M", bound=Model)


class Client(BaseClient):
    """Base of the synchronous clients. Safe to share between threads, and to use in a forked child process."""

    _shared_http: PerProcess[httpx.Client]

    def __init__(
        self,
        base_url: Secret[str | None],
        auth: Secret[httpx.Auth | None],
        timeout: float | httpx.Timeout | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        max_retries: int,
        deadline: float | None,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(
            base_url, auth, strict, on_deviation, max_retries, deadline, http_client, transport, allow_insecure
        )
        make = partial(_own_client, validate_timeout(timeout), self._network)
        self._shared_http = PerProcess(
            _with_deadlines(http_client) if http_client else make(transport),
            make if self._owns_http else refused_in_child("transport" if http_client is None else "http_client"),
        )
        self._check_credentials()

    @property
    def _http(self) -> httpx.Client:
        return self._shared_http.client or self._shared_http.make_again()

    def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        return self._call(operation, arguments, self._options)

    def _call(self, operation: Operation[M], arguments: Mapping[str, object], options: Options) -> RawResponse[M]:
        """Call an operation, with retries."""
        spec = self._request_spec(operation, arguments, options)
        retries = RetryState(operation, options, self._clock)
        while True:
            retries.begin()
            try:
                with SecretGuard():
                    response = self._attempt(spec, BodyReader(operation, options.max_response_size), retries)
            except (APIConnectionError, TokenError) as error:
                pause = retries.after_failure(error)
                if pause is None:
                    raise
            else:
                pause = retries.after_response(response)
                if pause is None:
                    return RawResponse(operation, options, response, spec.job_id)
            self._clock.sleep(pause)

    def _attempt(self, spec: RequestSpec, body: BodyReader, retries: RetryState) -> Response:
        response: httpx.Response | None = None
        http = self._http
        request = self._httpx_request(http, spec, spec.timeout)
        retries.limit(request)
        try:
            response = http.send(request, **self._send_options())
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    for chunk in response.iter_raw():
                        if not body.feed(chunk, retries.check):
                            break
                    else:
                        body.end()
            finally:
                response.close()
        except (httpx.HTTPError, DecompressionError) as error:
            _raise_unless_status_error(error, body, request)
        return _to_response(body, response)

    def _wait_for_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: str,
        options: WaitOptions,
        cancel: Event | None,
    ) -> JobSnapshot:
        """Poll until a job has ended. Transient errors do not end the wait; no poll outlasts it."""
        from ._poller import Poller

        poller = Poller(operation, arguments, [job_id], options, self._clock)
        for snapshot in self._watch(poller, cancel):
            options.report([snapshot])
        return poller.result()

    def _watch_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: str,
        options: WaitOptions,
        cancel: Event | None,
    ) -> Iterator[JobSnapshot]:
        """Yield each change of a job. The wait starts with the first `next`."""
        from ._poller import Poller

        return self._watch(Poller(operation, arguments, [job_id], options, self._clock), cancel)

    def _watch(self, poller: Poller[M], cancel: Event | None) -> Iterator[JobSnapshot]:
        from ._poller import wait_cancelled_error, wait_timeout_error

        poller.start()
        while True:
            if cancel is not None and cancel.is_set():
                raise wait_cancelled_error([poller])
            yield from self._poll(poller, self._options)
            if poller.is_over:
                return
            pause = poller.pause()
            self._clock.sleep(poller.left() or 0.0 if pause is None else pause, cancel)
            if pause is None and not (cancel is not None and cancel.is_set()):
                raise wait_timeout_error([poller])

    def _wait_for_jobs(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[str],
        options: WaitOptions,
        max_polls_per_second: float,
        cancel: Event | None,
    ) -> dict[str, JobSnapshot]:
        """Poll until all jobs have ended, one poll after another."""
        from ._poller import PollScheduler, snapshots, wait_cancelled_error

        scheduler = PollScheduler(operation, arguments, ids, options, self._clock, max_polls_per_second)
        # A retry would be one more request outside the schedule, which repeats polls itself.
        call_options = self._options.changed({"max_retries": 0})
        while (due := scheduler.next_due()) is not None:
            if cancel is not None and cancel.is_set():
                raise wait_cancelled_error(scheduler.pollers)
            if isinstance(due, int | float):
                self._clock.sleep(due, cancel)
                continue
            options.report(self._poll(due, call_options))
            scheduler.finish(due)
        return snapshots(scheduler.pollers)

    def _poll(self, poller: Poller[M], options: Options) -> list[JobSnapshot]:
        """Poll once. Returns the changed snapshots."""
        try:
            raw = self._call(poller.operation, poller.arguments, poller.call_options(options))
            response = raw.parse_awaited()
        except CloudJobsError as error:
            poller.on_error(error)
            return []
        return poller.on_response(response, options.on_deviation)

    def _iterate(self, operation: Operation[M], arguments: Mapping[str, object], page_size: int) -> Iterator[Any]:
        """Yield the rows of all pages; each page is requested when it is needed."""
        from ._pagination import Pages

        pages = Pages(operation, page_size)

        def rows() -> Iterator[Any]:
            while not pages.is_over:
                response = self._call(operation, {**arguments, **pages.arguments}, self._options).parse()
                yield from pages.on_response(response)

        return rows()

    def close(self) -> None:
        """Close the connections, unless they are of an `http_client` or `transport` of the caller's."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(BaseClient):
    """Base of the asynchronous clients. Safe to share between tasks of one event loop; others are refused.

    A forked child process can use it in its own event loop.
    """

    _shared_http: PerProcess[httpx.AsyncClient]

    def __init__(
        self,
        base_url: Secret[str | None],
        auth: Secret[httpx.Auth | None],
        timeout: float | httpx.Timeout | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        max_retries: int,
        deadline: float | None,
        http_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        allow_insecure: bool,
    ) -> None:
        super().__init__(
            base_url, auth, strict, on_deviation, max_retries, deadline, http_client, transport, allow_insecure
        )
        self._aio = None if self._network is None else _fast_sender(validate_timeout(timeout), self._network)
        make = partial(_own_async_client, validate_timeout(timeout), self._network)
        self._shared_http = PerProcess(
            http_client or make(transport),
            make if self._owns_http else refused_in_child("transport" if http_client is None else "http_client"),
        )
        self._check_credentials()

    @property
    def _http(self) -> httpx.AsyncClient:
        return self._shared_http.client or self._shared_http.make_again()

    async def _send(self, operation: Operation[M], **arguments: object) -> RawResponse[M]:
        return await self._call(operation, arguments, self._options)

    async def _call(self, operation: Operation[M], arguments: Mapping[str, object], options: Options) -> RawResponse[M]:
        """Call an operation, with retries."""
        spec = self._request_spec(operation, arguments, options)
        retries = RetryState(operation, options, self._clock)
        if options.deadline is None:
            return await self._call_with_retries(spec, operation, options, retries)
        import asyncio  # slow to import, and synchronous programs do not need it

        limit = asyncio.timeout(options.deadline)
        try:
            async with limit:
                return await self._call_with_retries(spec, operation, options, retries)
        except TimeoutError:
            if limit.expired():
                raise retries.deadline_error() from None
            raise

    async def _call_with_retries(
        self, spec: RequestSpec, operation: Operation[M], options: Options, retries: RetryState
    ) -> RawResponse[M]:
        while True:
            retries.begin()
            try:
                with SecretGuard():
                    response = await self._attempt(spec, BodyReader(operation, options.max_response_size))
            except (APIConnectionError, TokenError) as error:
                pause = retries.after_failure(error)
                if pause is None:
                    raise
            else:
                pause = retries.after_response(response)
                if pause is None:
                    return RawResponse(operation, options, response, spec.job_id)
            await self._clock.sleep_async(pause)

    async def _attempt(self, spec: RequestSpec, body: BodyReader) -> Response:
        if self._aio is not None:
            return await self._aio.send(spec, self._auth, body)
        response: httpx.Response | None = None
        http = self._http
        request = self._httpx_request(http, spec, spec.timeout)
        try:
            response = await http.send(request, **self._send_options())
            try:
                body.begin(response.status_code, _encoding(response))
                if response.is_stream_consumed:
                    # A response that a transport or a hook has read already.
                    body.add(response.content)
                else:
                    async for chunk in response.aiter_raw():
                        if not await body.feed_async(chunk):
                            break
                    else:
                        body.end()
            finally:
                await response.aclose()
        except (httpx.HTTPError, DecompressionError) as error:
            _raise_unless_status_error(error, body, request)
        return _to_response(body, response)

    async def _wait_for_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: str,
        options: WaitOptions,
    ) -> JobSnapshot:
        """Poll until a job has ended. Transient errors do not end the wait; no poll outlasts it."""
        from ._poller import Poller

        poller = Poller(operation, arguments, [job_id], options, self._clock)
        async for snapshot in self._watch(poller):
            options.report([snapshot])
        return poller.result()

    def _watch_job(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        job_id: str,
        options: WaitOptions,
    ) -> AsyncIterator[JobSnapshot]:
        """Yield each change of a job. The wait starts with the first `next`."""
        from ._poller import Poller

        return self._watch(Poller(operation, arguments, [job_id], options, self._clock))

    async def _watch(self, poller: Poller[M]) -> AsyncIterator[JobSnapshot]:
        from ._poller import wait_timeout_error

        poller.start()
        while True:
            for snapshot in await self._poll(poller, self._options):
                yield snapshot
            if poller.is_over:
                return
            pause = poller.pause()
            await self._clock.sleep_async(poller.left() or 0.0 if pause is None else pause)
            if pause is None:
                raise wait_timeout_error([poller])

    async def _wait_for_jobs(
        self,
        operation: Operation[M],
        arguments: Mapping[str, object],
        ids: Iterable[str],
        options: WaitOptions,
        max_concurrency: int,
        max_polls_per_second: float,
    ) -> dict[str, JobSnapshot]:
        """Poll until all jobs have ended, with several polls in flight."""
        import asyncio  # slow to import, and synchronous programs do not need it

        from ._poller import PollScheduler, snapshots, validate_max_concurrency

        scheduler = PollScheduler(operation, arguments, ids, options, self._clock, max_polls_per_second)
        # A retry would be one more request outside the schedule, which repeats polls itself.
        call_options = self._options.changed({"max_retries": 0})
        turn = asyncio.Lock()

        async def next_due() -> Poller[M] | None:
            # One worker at a time waits for the next due poll, so that the order is kept and only one timer runs.
            async with turn:
                while isinstance(due := scheduler.next_due(), int | float):
                    await self._clock.sleep_async(due)
                return due

        async def work() -> None:
            while (due := await next_due()) is not None:
                options.report(await self._poll(due, call_options))
                scheduler.finish(due)
                if scheduler.is_over:
                    return

        count = min(validate_max_concurrency(max_concurrency), len(scheduler.pollers))
        workers = [asyncio.create_task(work()) for _ in range(count)]
        try:
            # The first worker ends when all jobs have ended, or with an error.
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED) if workers else (set(), set())
            for worker in done:
                worker.result()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return snapshots(scheduler.pollers)

    async def _poll(self, poller: Poller[M], options: Options) -> list[JobSnapshot]:
        """Poll once. Returns the changed snapshots."""
        try:
            raw = await self._call(poller.operation, poller.arguments, poller.call_options(options))
            response = raw.parse_awaited()
        except CloudJobsError as error:
            poller.on_error(error)
            return []
        return poller.on_response(response, options.on_deviation)

    def _iterate(self, operation: Operation[M], arguments: Mapping[str, object], page_size: int) -> AsyncIterator[Any]:
        """Yield the rows of all pages; each page is requested when it is needed."""
        from ._pagination import Pages

        pages = Pages(operation, page_size)

        async def rows() -> AsyncIterator[Any]:
            while not pages.is_over:
                raw = await self._call(operation, {**arguments, **pages.arguments}, self._options)
                for row in pages.on_response(raw.parse()):
                    yield row

        return rows()

    async def aclose(self) -> None:
        """Close the connections, unless they are of an `http_client` or `transport` of the caller's."""
        if self._owns_http:
            if self._aio is not None:
                await self._aio.aclose()
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


H = TypeVar("H", httpx.Client, httpx.AsyncClient)


def _own_client(
    timeout: httpx.Timeout | None, network: Network | None, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    carrier = transport if network is None else NetworkTransport(network, _transport_with_deadlines)
    return _with_deadlines(_without_cookies(httpx.Client(timeout=timeout, transport=carrier, trust_env=False)))


def _own_async_client(
    timeout: httpx.Timeout | None, network: Network | None, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    carrier = transport if network is None else AsyncNetworkTransport(network)
    return _without_cookies(httpx.AsyncClient(timeout=timeout, transport=carrier, trust_env=False))


class _NoCookies(httpx.Cookies):
    """Cookies that are not kept: the client sends none, and reading them takes a tenth of a call."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""


def _without_cookies(http: H) -> H:
    http._cookies = _NoCookies()  # not public: httpx copies the cookies that it is given
    return http


def _transport_with_deadlines(**keywords: Any) -> httpx.HTTPTransport:
    made = httpx.HTTPTransport(**keywords)
    _limit_reads(made)
    return made


def _with_deadlines(http: httpx.Client) -> httpx.Client:
    """Let the reads of an httpx client end with the deadline of a call. Other requests are unchanged."""
    mounted = getattr(http, "_mounts", {}).values()  # neither is public: without them there is nothing to change
    for transport in (getattr(http, "_transport", None), *mounted):
        _limit_reads(transport)
    return http


def _limit_reads(transport: object) -> None:
    pool: Any = getattr(transport, "_pool", None)
    if hasattr(pool, "_network_backend"):
        from ._network_backend import Backend  # not at the top: without a pool nothing of it is needed

        if not isinstance(pool._network_backend, Backend):
            pool._network_backend = Backend(pool._network_backend)


def _encoding(response: httpx.Response) -> str:
    return "" if response.is_stream_consumed else response.headers.get("Content-Encoding", "")


def _raise_unless_status_error(
    error: httpx.HTTPError | DecompressionError, body: BodyReader, request: httpx.Request
) -> None:
    """Raise the error of a failed request, unless the response has an error status: then its body is not needed."""
    failed: httpx.Request | None = getattr(error, "_request", None)
    if failed is not None and failed.url.netloc != request.url.netloc:
        body = body.fresh_body(failed.url.netloc.decode())
    failure = body.failure(error, in_time=not isinstance(error, httpx.TimeoutException))
    if failure is not None:
        raise failure from error


def _to_response(body: BodyReader, response: httpx.Response | None) -> Response:
    if response is None:
        raise RuntimeError("a request without a response raises")
    return Response(
        response.status_code, response.reason_phrase, response.headers, body.content, response.request.headers
    )


def _fast_sender(timeout: httpx.Timeout | None, network: Network) -> AiohttpSender | None:
    """The sender of the `[aio]` extra, if that is installed and can use the proxies."""
    if network.has_socks:
        return None
    try:
        from ._aiohttp import AiohttpSender
    except ImportError:
        return None
    return AiohttpSender(httpx.Timeout(timeout), network)


class WithRawResponse:
    """Base of the classes behind `with_raw_response` of synchronous clients."""

    def __init__(self, client: Client) -> None:
        self._send = client._send


class AsyncWithRawResponse:
    """Base of the classes behind `with_raw_response` of asynchronous clients."""

    def __init__(self, client: AsyncClient) -> None:
        self._send = client._send
