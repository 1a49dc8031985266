# Generated from generator/client/runtime/testing/_replay.py. Do not edit: change that, and run `make generate`.
"""The replay: jobs, faults, recorded requests and the clock, as a test controls them; scenario files.

A scenario file is TOML. Its keys are the keywords of `Replay.add_job`, `Replay.add_rows` and `Replay.fault_next`:

    [[job]]
    service = "…"
    id = "…"
    states = ["pending", "running", "failed"]
    seconds = 2

    [[rows]]
    service = "…"
    count = 100000

    [[fault]]
    code = 503
    retry_after = 1
    times = 2
    after = 10
"""

from __future__ import annotations

import contextlib
import heapq
import os
import re
import threading
import tomllib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from itertools import count
from os import PathLike
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self, cast

from .._client import AsyncClient, Client
from .._clock import Clock, is_duration
from .._documents import service_module
from .._forks import reset_in_child
from .._operations import Operation, Secret
from .._urls import argument_variables, environment_argument, environment_region
from ..auth import BasicAuth, Token
from ._clients import ReplayClients  # generated from replay_clients.py.jinja
from ._jobs import AddedJobSpec, ReplayJob
from ._responses import NAMES, Fault, QueuedFault
from ._router import RecordedRequest, RequestLog, Router
from ._transports import Patch, ReplayApp, ReplayTransport

_START = 1_767_225_600.0
"""2026-01-01, in seconds since 1970: the same in every run."""
_LIMIT = 7 * 24 * 3600.0
"""Seconds after which a wait is considered endless."""
_TURNS = 20
"""Turns of the event loop after which all other tasks are assumed to sleep too."""


class FakeClock(Clock):
    """A clock that begins on 2026-01-01 and ends after a week. Its random numbers follow from a seed.

    Threads or tasks sleep in parallel: two that sleep for a second at the same time take one second.
    """

    def __init__(self, seed: int = 0) -> None:
        self._elapsed = 0.0
        self._random = Random(seed)
        self._lock = threading.Lock()
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = count()
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self._elapsed

    def now(self) -> float:
        return _START + self._elapsed

    def random(self) -> float:
        return self._random.random()

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        if until is None or not until.is_set():
            self._advance_to(self._elapsed + seconds)

    async def sleep_async(self, seconds: float) -> None:
        import asyncio  # as in Clock

        entry = (self._elapsed + max(seconds, 0.0), next(self._numbers))
        heapq.heappush(self._sleepers, entry)
        try:
            while True:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                # Time advances only to the earliest end of a sleep.
                if self._sleepers[0] == entry:
                    self._advance_to(entry[0])
                    return
        finally:
            self._sleepers.remove(entry)
            heapq.heapify(self._sleepers)

    def advance(self, seconds: float) -> None:
        """Advance the time. Jobs with `seconds` change their state, and sleeps that end by then return.

        Raises:
            ValueError: `seconds` is not a number >= 0.
        """
        if isinstance(seconds, bool) or not is_duration(seconds):
            raise ValueError(f"seconds must be a number >= 0, got {seconds!r}")
        self._advance_to(self._elapsed + seconds)

    def _advance_to(self, timestamp: float) -> None:
        if timestamp > _LIMIT:
            raise AssertionError("the replay's clock reached its limit of a week: the awaited event did not happen")
        with self._lock:
            self._elapsed = max(self._elapsed, timestamp)


__all__ = ["RecordedRequest", "Replay", "ReplayJob"]

_TOKEN = "token-of-a-replay"

_CLIENT_PARAMETER = "p1"
"""The value of each parameter that a client is given once, such as a project ID."""

_URL = "https://replay.invalid"
"""A host name that is never assigned (RFC 6761)."""


class Replay(ReplayClients):
    """The services, replayed in this process, without a network and without waiting.

    It begins with the recorded responses. Added jobs and rows stay until it ends; the same calls in the same order give
    the same responses in every run.

    Args:
        services: Module names of the services; without one, all.
        seed: Random choices follow from it.
        clock: A clock in place of the default one, on which a sleep ends at once and which begins on 2026-01-01.

    Raises:
        ValueError: The service is unknown, or two services have an operation with the same method and path.
        ModuleNotFoundError: The extra is not installed.
    """

    def __init__(self, *services: str, seed: int = 0, clock: Clock | None = None) -> None:
        # A clock of the caller's is typed as ours, so that `advance` needs no check in each test.
        self.clock: FakeClock = FakeClock(seed) if clock is None else cast(FakeClock, clock)
        """Its time. `clock.advance(60)` lets a minute pass."""
        self.requests: RequestLog = RequestLog()
        """The requests, the first one first. Their repr contains no credentials."""
        self._router = Router(services, self.clock, seed)
        self._router.listener = self.requests.append

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing: a replay needs no cleanup."""

    def __repr__(self) -> str:
        return f"<Replay of {', '.join(self.services)}: {len(self.requests)} requests>"

    @property
    def services(self) -> tuple[str, ...]:
        """Module names of the services that are replayed."""
        return self._router.services

    def patch(self) -> Patch[Self]:
        """Make a patch, under which all clients of this process send to this replay, and use its clock.

        As a context manager it returns the replay; as a decorator it is active while the function runs, which can be
        asynchronous. It reaches clients that the code under test makes, and those that it made before, over any
        library, in all threads. No request of a client leaves the process; one to a service that is not replayed is a
        404. Credentials of the environment and of arguments work, and IAM issues tokens. If the environment lacks an
        address, a project or credentials, the patch sets them. Of nested patches, the innermost is used.

        An `http_client` gives its headers and credentials; its transport and its hooks are not used. Clients of
        `Replay.client` keep their own replay.
        """
        return Patch(self, self._router, self._missing_variables)

    @cached_property
    def transport(self) -> ReplayTransport:
        """A transport for an `httpx.Client` or `httpx.AsyncClient` of your own."""
        return ReplayTransport(self._router)

    @cached_property
    def app(self) -> ReplayApp:
        """This replay as an ASGI application."""
        return ReplayApp(self._router)

    # Jobs and listings

    def add_job(
        self,
        service: str,
        id: str | None = None,
        *,
        states: Sequence[str] | None = None,
        polls: int = 1,
        seconds: float | None = None,
        children: int | None = None,
        reason: str = "",
        **where: str,
    ) -> ReplayJob:
        """Add a job. It starts from a recorded one, and is changed only where the document says how.

        Args:
            service: Module name of its service.
            id: Its ID; `job-1`, `job-2` and so on by default.
            states: Its states in order, as values on the wire or names of `JobState`; it stays in the last. By default
                pending, running, succeeded.
            polls: The number of responses that show each state.
            seconds: The time that each state lasts on the replay's clock, in place of `polls`.
            children: The number of its sub-jobs or tasks; by default as many as were recorded.
            reason: The reason that it gives if it does not succeed.
            where: Path parameters that it is requested with; by default any, and the recorded ones for a row of a
                listing.

        Raises:
            ValueError: The service, state or path parameter is unknown; the job cannot have these states in this
                order; or there is a job of that ID already.
        """
        spec = AddedJobSpec(
            states=states,
            polls=polls,
            seconds=seconds,
            children=children,
            reason=reason,
            where=self._path_parameters(service, where),
        )
        return self._router.add_job(service, id, spec)

    def add_jobs(self, service: str, count: int, **spec: Any) -> list[ReplayJob]:
        """Add many jobs. Without `states`, each gets random ones.

        Args:
            service: Module name of their service.
            count: The number of jobs.
            spec: Keywords of `add_job`.

        Raises:
            ValueError: `count` is not a number >= 0; otherwise as `add_job`.
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"count must be an integer >= 0, got {count!r}")
        added = []
        for _ in range(count):
            each: dict[str, Any] = {"states": self._router.random_states(service), **spec}
            added.append(self.add_job(service, **each))
        return added

    def finish(self, job: ReplayJob | str, *, state: str = "succeeded", reason: str = "") -> None:
        """End a job now, whatever states it was to have; its next response shows it.

        Args:
            job: The result of `add_job`, or the ID of a job that only one service has.
            state: A terminal state, as a value on the wire or name of `JobState`.
            reason: The reason that it gives if it does not succeed; by default that of `add_job`.

        Raises:
            ValueError: The job or terminal state is unknown, or the job has ended already.
        """
        self._router.end_job(job, state, reason)

    def fail(self, job: ReplayJob | str, reason: str = "") -> None:
        """End a job now as failed; otherwise as `finish`."""
        self._router.end_job(job, "failed", reason)

    def add_rows(self, service: str, count: int, *, most: int | None = None, **where: str) -> None:
        """Give a listing so many rows besides its jobs: the recorded ones, and others like them with other IDs.

        Args:
            service: Module name of the service.
            count: The number of rows.
            most: Most rows of a page, even if a request asks for more.
            where: Path parameters that it is requested with; by default the recorded ones.

        Raises:
            ValueError: The service, listing or path parameter is unknown; or `count` is not a number.
        """
        self._router.add_rows(service, count, self._path_parameters(service, where), most)

    def has_jobs(self, service: str) -> bool:
        """Return whether a service has the states of jobs, so that jobs can be added. Raises `ValueError`."""
        return bool(self._router.states(service, jobs=True))

    def has_listing(self, service: str) -> bool:
        """Return whether a service has a listing. Raises `ValueError`."""
        return bool(self._router.states(service, jobs=False))

    # Faults

    def fail_next(self, code: int = 503, *, retry_after: float | str | None = None, **which: Any) -> None:
        """Fail the next request with this status, in the service's own error format; `which` as in `fault_next`.

        Args:
            code: The status, from 300 to 599.
            retry_after: Seconds, or a date as it is, for the header `Retry-After`.
        """
        self.fault_next(code=code, retry_after=retry_after, **which)

    def slow_next(self, seconds: float, **which: Any) -> None:
        """Delay the first byte of the next response; `which` as in `fault_next`."""
        self.fault_next(delay=seconds, **which)

    def slow_body_next(self, seconds: float, **which: Any) -> None:
        """Spread the body of the next response over a time; `which` as in `fault_next`."""
        self.fault_next(slow_body=seconds, **which)

    def truncate_next(self, **which: Any) -> None:
        """Close the connection halfway through the body of the next response; `which` as in `fault_next`."""
        self.fault_next(truncate=True, **which)

    def reset_connection_next(self, **which: Any) -> None:
        """Reset the connection of the next request, without a response; `which` as in `fault_next`."""
        self.fault_next(reset=True, **which)

    def invalid_json_next(self, **which: Any) -> None:
        """Make the body of the next response invalid JSON; `which` as in `fault_next`."""
        self.fault_next(invalid_json=True, **which)

    def undocumented_field_next(self, **which: Any) -> None:
        """Add a field to the next response that the document does not have; `which` as in `fault_next`."""
        self.fault_next(undocumented_field=True, **which)

    def new_value_next(self, **which: Any) -> None:
        """Set a state in the next response that the document does not list; `which` as in `fault_next`."""
        self.fault_next(new_value=True, **which)

    def fault_next(
        self, *, times: int = 1, after: int = 0, service: str | None = None, job: str | None = None, **faults: Any
    ) -> None:
        """Order one or more faults for the next request that has no other order.

        A request that deviates from the document gets no fault. A response that does not show a job does not advance
        it.

        Args:
            times: The number of requests that get the fault.
            after: The number of requests before them that get no fault.
            service: Only requests to this service.
            job: Only requests for this job.
            faults: `code`, `retry_after`, `example`, `delay`, `slow_body`, `truncate`, `reset`, `invalid_json`,
                `undocumented_field`, `new_value`.

        Raises:
            ValueError: The fault or its value is unknown; or the service is not replayed here.
        """
        if service is not None:
            self._router.validate_service(service)
        fault = Fault.from_fields({name: value for name, value in faults.items() if value is not None})
        if fault == Fault():
            given = ", ".join(f"{name}={value!r}" for name, value in faults.items())
            raise ValueError(f"a fault must be set, got {given or 'none'}: pass one of {', '.join(NAMES)}")
        self._router.faults.append(QueuedFault(fault, times, after, service, job))

    # Requests

    def assert_requested(
        self,
        service: str | None = None,
        *,
        times: int | None = None,
        job: str | None = None,
        operation: str | None = None,
        status: int | None = None,
    ) -> None:
        """Fail, with the requests, unless so many of them were like this.

        Args:
            service: Module name of the service; any by default.
            times: The number; at least one by default, and 0 for none.
            job: The requested job.
            operation: The `operationId` of the document.
            status: The status of the response.

        Raises:
            AssertionError: There were fewer or more.
            ValueError: The service is not replayed here.
        """
        if service is not None:
            self._router.validate_service(service)
        self.requests.assert_requested(times, service=service, job=job, operation=operation, status=status)

    def stop_recording(self) -> None:
        """Empty `requests`, and record no further ones."""
        self.requests.clear()
        self._router.listener = None

    def load(self, path: str | PathLike[str]) -> None:
        """Add the jobs, rows and faults of a scenario file, as `serve --script` does.

        Args:
            path: The file.

        Raises:
            ValueError: The file is not a scenario; the error names the entry.
            OSError: The file cannot be read.
        """
        path = Path(path)
        try:
            script = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}: must be valid TOML: {error}") from None
        kinds: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
            "job": (self.add_job, ("service",)),
            "rows": (self.add_rows, ("service", "count")),
            "fault": (self.fault_next, ()),
        }
        for kind, entries in script.items():
            if kind not in kinds:
                raise ValueError(f"{path}: a table must be one of {', '.join(kinds)}, got {kind!r}")
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise ValueError(
                    f"{path}: {kind} must be a list of tables, got {type(entries).__name__}: write [[{kind}]]"
                )
            for number, entry in enumerate(entries, 1):
                try:
                    _apply(entry, *kinds[kind])
                except ValueError as error:
                    raise ValueError(f"{path}: {kind} {number}: {error}") from None

    def _client(self, service: str, base: type[Client] | type[AsyncClient], options: Secret[dict[str, Any]]) -> Any:
        name = service_module(self._router.validate_service(service))
        module = import_module(name)
        (made,) = (each for each in vars(module).values() if isinstance(each, type) and base in each.__bases__)
        held = vars(import_module(f"{name}.operations")).values()
        operations = [each for each in held if isinstance(each, Operation)]
        defaults: dict[str, Any] = {
            parameter.argument: _CLIENT_PARAMETER
            for operation in operations
            for parameter in operation.parameters
            if parameter.is_client_parameter and parameter.required
        }
        methods = {scheme.method for operation in operations for scheme in operation.schemes}
        if methods & {"token", "oauth2"}:
            defaults["auth"] = Token(_TOKEN)
        elif "basic" in methods:
            defaults["auth"] = BasicAuth("replay", _TOKEN)
        client = made(**{"base_url": _URL, "transport": self.transport, **defaults, **options.reveal()})
        client._clock = self.clock
        return client

    def _missing_variables(self) -> dict[str, str]:
        """Return variables of the environment that clients of the services need, and that it lacks."""
        from ..auth._environment import find  # not at the top: it imports every kind of credentials

        missing: dict[str, str] = {}
        for service in self.services:
            module = import_module(f"{service_module(service)}.operations")
            operations = [each for each in vars(module).values() if isinstance(each, Operation)]
            if not os.environ.get(module.SERVICE.url_variable) and environment_region(module.SERVICE) is None:
                missing[module.SERVICE.url_variable] = _URL
            for parameter in (each for operation in operations for each in operation.parameters):
                name = parameter.argument
                if parameter.is_client_parameter and parameter.required and not environment_argument(service, name):
                    missing[argument_variables(service, name)[0]] = _CLIENT_PARAMETER
            with contextlib.suppress(ValueError):  # incomplete ones: the client says so
                known = module.SERVICE.credentials
                if known and find(service, known) is None:
                    has_user = "BasicAuth" in known and "Token" not in known
                    for setting in ("username", "password") if has_user else ("token",):
                        missing[argument_variables(service, setting)[0]] = _TOKEN
        return missing

    def _path_parameters(self, service: str, given: dict[str, str]) -> dict[str, str]:
        """Return path parameters by their names in the document."""
        known = {_normalized(name): name for name in self._router.path_parameters(service)}
        for name, value in given.items():
            if _normalized(name) not in known:
                raise ValueError(
                    f"a path parameter of {service} must be one of {', '.join(known.values())}, got {name!r}"
                )
            if not isinstance(value, str):
                raise ValueError(f"{name} must be a str, got {value!r}")
        return {known[_normalized(name)]: value for name, value in given.items()}


def _normalized(name: str) -> str:
    """Return a name without its spelling: `graphName` is `graph_name`."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


def _apply(entry: dict[str, Any], call: Callable[..., object], required: tuple[str, ...]) -> None:
    for name in required:
        if name not in entry:
            raise ValueError(f"{name} is missing")
    service = entry.get("service")
    if service is not None and not isinstance(service, str):
        raise ValueError(f"service must be a str, got {service!r}")
    call(**entry)
