# Generated from generator/client/runtime/testing/_replay.py. Do not edit: change that, and run `make generate`.
"""The replay: jobs, faults and recorded requests, as a test controls them; scenario files.

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

The keys are the keywords of `Replay.job`, `Replay.rows` and `Replay.fault_next`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .._client import AsyncClient, Client
from .._clock import Clock
from .._operations import Operation
from .._urls import PACKAGE
from ..auth import Token
from ._fake_clock import FakeClock
from ._faults import Fault, QueuedFault
from ._jobs import JobSpec, ReplayJob
from ._request_log import RecordedRequest, RequestLog, check_requested
from ._router import Router
from ._transports import ReplayApp, ReplayTransport

if TYPE_CHECKING:
    pass

__all__ = ["RecordedRequest", "Replay", "ReplayJob"]


_TOKEN = "token-of-a-replay"

_GIVEN = "p1"
"""For each parameter that a client is given once, such as a project ID."""

_URL = "https://replay.invalid"
"""A name that nobody can have (RFC 6761)."""


def made_client(
    service: str, transport: ReplayTransport, clock: Clock, options: dict[str, Any], *, asynchronous: bool
) -> Any:
    """A client whose requests go to a replay, and whose time is a clock's."""
    base = AsyncClient if asynchronous else Client
    found = import_module(f"{PACKAGE}.{service}.client")
    (made,) = (each for each in vars(found).values() if isinstance(each, type) and base in each.__bases__)
    operations = [
        each for each in vars(import_module(f"{PACKAGE}.{service}.operations")).values() if isinstance(each, Operation)
    ]
    of_client = {
        parameter.argument: _GIVEN
        for operation in operations
        for parameter in operation.parameters
        if parameter.of_client and parameter.required
    }
    given: dict[str, Any] = {"base_url": _URL, "transport": transport, **of_client}
    if any(scheme.method == "token" for operation in operations for scheme in operation.schemes):
        given["auth"] = Token(_TOKEN)
    client = made(**{**given, **options})
    client._clock = clock
    return client


class Replay:
    """The services, replayed in this process: no network, and no time that anybody waits for.

    It begins with what was recorded. Everything that is added stays until it ends; the same calls in the same order
    give the same replies in every run.

    Args:
        services: Module names of the services; without one, all.
        seed: What is left to chance follows from it.
        clock: Another clock than one of its own, which nobody waits for and which begins on 2026-01-01.

    Raises:
        ValueError: There is no such service, or two of them cannot be told apart by their paths.
        ModuleNotFoundError: The extra is not installed.
    """

    def __init__(self, *services: str, seed: int = 0, clock: Clock | None = None) -> None:
        self.clock = FakeClock(seed) if clock is None else clock
        self.requests: RequestLog = RequestLog()
        """What was asked, the first request first. Credentials are in no repr of it."""
        self._engine = Router(services, self.clock, seed)
        self._engine.listener = self.requests.append

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is left open; the block is for reading."""

    def __repr__(self) -> str:
        return f"<Replay of {', '.join(self._engine.services)}: {len(self.requests)} requests>"

    @property
    def services(self) -> tuple[str, ...]:
        """Module names of the services that are replayed."""
        return self._engine.services

    # Clients

    def client(self, service: str, **options: Any) -> Any:
        """The synchronous client of a service, wired to this replay and its clock.

        Args:
            service: Its module name.
            options: Keywords of the client. By default it has a token where the service takes one, and a value for each
                parameter that a client is given once.

        Raises:
            ValueError: The service is not replayed here.
        """
        return made_client(self._engine.known(service), self.transport, self.clock, options, asynchronous=False)

    def async_client(self, service: str, **options: Any) -> Any:
        """The asynchronous client of a service; otherwise as `client`."""
        return made_client(self._engine.known(service), self.transport, self.clock, options, asynchronous=True)

    @cached_property
    def transport(self) -> ReplayTransport:
        """For an `httpx.Client` or `httpx.AsyncClient` of your own."""
        return ReplayTransport(self._engine)

    @cached_property
    def app(self) -> ReplayApp:
        """This replay as an ASGI application."""
        return ReplayApp(self._engine)

    # What there is

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
        """Let there be a job. It starts from a recorded one, and is changed only where the document says how.

        Args:
            service: Module name of its service.
            id: Its ID; `job-1`, `job-2` and so on by default.
            states: What it goes through, as values on the wire or names of `JobState`; it stays in the last. By default
                pending, running, succeeded.
            polls: How many replies show each state.
            seconds: How long each state lasts on the replay's clock, in place of `polls`.
            children: How many sub-jobs or tasks it has; by default as many as were recorded.
            reason: What it says if it does not end well.
            where: Path parameters that it is asked for with; by default it is found whatever they are, and a row of a
                listing is in the recorded one.

        Raises:
            ValueError: There is no such service, state or path parameter; the job cannot go that way; or there is a job
                of that ID already.
        """
        wish = JobSpec(
            states=states,
            polls=polls,
            seconds=seconds,
            children=children,
            reason=reason,
            where=self._where(service, where),
        )
        return self._engine.add_job(service, id, wish)

    def add_jobs(self, service: str, count: int, **wish: Any) -> list[ReplayJob]:
        """Let there be many jobs. Where no `states` are given, each goes a way drawn by chance.

        Args:
            service: Module name of their service.
            count: How many.
            wish: Keywords of `job`.

        Raises:
            ValueError: `count` is no number, or as `job`.
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"count is {count!r}: give a number of jobs, 0 or more")
        ways = (dict[str, Any](states=self._engine.draw_states(service)) for _ in range(count))
        return [self.add_job(service, **way | wish) for way in ways]

    def add_rows(self, service: str, count: int, **where: str) -> None:
        """Let a listing have so many rows besides its jobs: the recorded ones, and others like them with other IDs.

        Args:
            service: Module name of the service.
            count: How many.
            where: Path parameters that it is asked for with; by default it is the recorded one.
        """
        self._engine.add_rows(service, count, self._where(service, where))

    def has_jobs(self, service: str) -> bool:
        """Whether a service tells the states of jobs, so that it can have more of them."""
        return self._engine.offers(service, jobs=True)

    def has_listing(self, service: str) -> bool:
        """Whether a service lists anything."""
        return self._engine.offers(service, jobs=False)

    # What goes wrong

    def fail_next(self, code: int = 503, *, retry_after: float | str | None = None, **which: Any) -> None:
        """Let the next request fail with a status, in the service's own shape; `which` as in `fault_next`.

        Args:
            code: The status, from 300 to 599.
            retry_after: Seconds, or a date as it is, for the header `Retry-After`.
        """
        self._plan({"code": code, "retry_after": retry_after}, which)

    def slow_next(self, seconds: float, **which: Any) -> None:
        """Let the reply to the next request begin only after a time; `which` as in `fault_next`."""
        self._plan({"delay": seconds}, which)

    def slow_body_next(self, seconds: float, **which: Any) -> None:
        """Let the body of the next reply take a time; `which` as in `fault_next`."""
        self._plan({"slow_body": seconds}, which)

    def truncate_next(self, **which: Any) -> None:
        """Let the connection of the next reply be closed halfway through the body; `which` as in `fault_next`."""
        self._plan({"truncate": True}, which)

    def reset_connection_next(self, **which: Any) -> None:
        """Let the connection of the next request be reset, without a reply; `which` as in `fault_next`."""
        self._plan({"reset": True}, which)

    def invalid_json_next(self, **which: Any) -> None:
        """Let the body of the next reply be no JSON; `which` as in `fault_next`."""
        self._plan({"invalid_json": True}, which)

    def undocumented_field_next(self, **which: Any) -> None:
        """Let the body of the next reply have a field that no document knows; `which` as in `fault_next`."""
        self._plan({"undocumented_field": True}, which)

    def new_value_next(self, **which: Any) -> None:
        """Let the next reply tell of a state that no document lists; `which` as in `fault_next`."""
        self._plan({"new_value": True}, which)

    def fault_next(
        self, *, times: int = 1, after: int = 0, service: str | None = None, job: str | None = None, **faults: Any
    ) -> None:
        """Let several things go wrong with the next request that nothing else is planned for.

        A request that the document refuses meets none. A reply that does not show the job leaves it where it is.

        Args:
            times: How many requests meet it.
            after: How many pass before.
            service: Only requests to this service.
            job: Only requests for this job, where a request asks for one.
            faults: `code`, `retry_after`, `example`, `delay`, `slow_body`, `truncate`, `reset`, `invalid_json`,
                `undocumented_field`, `new_value`.

        Raises:
            ValueError: There is no such fault, or it has no such value.
        """
        self._plan(faults, {"times": times, "after": after, "service": service, "job": job})

    # What was asked

    def assert_requested(
        self,
        service: str | None = None,
        *,
        times: int | None = None,
        job: str | None = None,
        operation: str | None = None,
        status: int | None = None,
    ) -> None:
        """Fail, showing the requests, unless so many of them were like this.

        Args:
            service: Module name of the service; any by default.
            times: How many; at least one by default, and 0 for none.
            job: The job that was asked for.
            operation: The `operationId` of the document.
            status: The status of the reply.

        Raises:
            AssertionError: There were others.
            ValueError: The service is not replayed here.
        """
        if service is not None:
            self._engine.known(service)
        check_requested(self.requests, times, service=service, job=job, operation=operation, status=status)

    def stop_recording(self) -> None:
        """Let `requests` be empty, and stay so."""
        self.requests.clear()
        self._engine.listener = None

    def load(self, path: str | PathLike[str]) -> None:
        """Take jobs, rows and faults from a script, as `serve --script` does. Raises `ValueError`, `OSError`."""

        read_script(self, Path(path))

    def _plan(self, faults: dict[str, Any], which: dict[str, Any]) -> None:
        service = which.get("service")
        if service is not None:
            self._engine.known(service)
        given = {name: value for name, value in faults.items() if value is not None}
        fault = Fault.parse(given)
        if fault == Fault():
            raise ValueError(f"a fault of nothing: give one of {', '.join(faults) or 'the faults'}")
        try:
            planned = QueuedFault(fault, **which)
        except TypeError:
            names = ", ".join(sorted(which))
            raise ValueError(f"{names}: give times, after, service or job") from None
        self._engine.script.planned.append(planned)

    def _where(self, service: str, given: dict[str, str]) -> dict[str, str]:
        """Path parameters by their names in the document."""
        known = {_plain(name): name for name in self._engine.path_parameters(service)}
        for name, value in given.items():
            if _plain(name) not in known:
                raise ValueError(f"{service} has no path parameter {name!r}: there are {', '.join(known.values())}")
            if not isinstance(value, str):
                raise ValueError(f"{name} is {value!r}: give a text")
        return {known[_plain(name)]: value for name, value in given.items()}


def _plain(name: str) -> str:
    """A name whatever the spelling of its words."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


_NEEDED = {"job": ("service",), "rows": ("service", "count"), "fault": ()}


def read_script(replay: Replay, path: Path) -> None:
    """Do what a script says. Raises `ValueError` with its place in the file, and `OSError`."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: it is no TOML: {error}") from None
    verbs: dict[str, Callable[..., object]] = {
        "job": replay.add_job,
        "rows": replay.add_rows,
        "fault": replay.fault_next,
    }
    for verb, entries in said.items():
        if verb not in verbs:
            raise ValueError(f"{path}: {verb!r} is no part of a script: there are {', '.join(verbs)}")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError(f"{path}: {verb} is no list of tables: write [[{verb}]]")
        for number, entry in enumerate(entries, 1):
            try:
                _do(verbs[verb], entry, _NEEDED[verb])
            except ValueError as error:
                raise ValueError(f"{path}: {verb} {number}: {error}") from None


def _do(verb: Callable[..., object], entry: dict[str, Any], needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in entry:
            raise ValueError(f"it has no {name}")
    service = entry.get("service")
    if service is not None and not isinstance(service, str):
        raise ValueError(f"service is {service!r}: give a text")
    verb(**entry)
