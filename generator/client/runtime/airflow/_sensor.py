"""The hook, the trigger and the sensor. This is the only module that imports Airflow.

A task has three parts. A worker runs `JobSensor.execute`, which defers. A triggerer runs `JobTrigger.run`, which polls
until all jobs have ended. A worker runs `JobSensor.execute_complete`, which returns the snapshots or raises.

The trigger is stored in Airflow's database, as is its event: neither has a credential. The trigger has the ID of the
connection, and each process that needs a client reads the connection.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import attrs
from airflow.sdk import BaseHook, BaseSensorOperator, Connection, Context, PokeReturnValue
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
)
from airflow.triggers.base import BaseTrigger, TriggerEvent

from .._client import AsyncClient, Client
from .._documents import service_module
from .._jobs import JobSnapshot
from .._operations import JobId, Operation
from .._options import WaitOptions
from .._poller import job_failed_error
from .._response import one_line
from .._urls import PACKAGE
from ..auth import AkSk, BasicAuth, ClientCredentials, IamPassword, Token
from ..auth._credentials import Credentials
from ..auth._environment import kinds_of
from ..errors import (
    APIConnectionError,
    CloudJobsError,
    NotFoundError,
    WaitTimeoutError,
)

_MOST_POLLS = 100.0
"""Polls a second of one task at most."""
_MOST_AT_ONCE = 50
"""Requests at the same time of one task at most."""
_MARGIN = 60.0
"""Seconds after the timeout at which Airflow ends a wait by itself, if no triggerer has."""
_NAMED = 3
"""Jobs that an error names."""

Settings = Mapping[str, "str | int | float | bool | None"]


class JobHook(BaseHook):
    """Clients of a service, with the address and the credentials of a connection.

    Credentials come from the connection, never from the environment. Their kind follows from the fields that are set,
    and for a login and a password from the document of the service:

    - password: a `Token`
    - login and password: an `AkSk`, with the field `security_token` if it is temporary; a `BasicAuth` or a
      `ClientCredentials` for a service that takes one and no access key
    - login, password and `token_url`, `scopes` or both: a `ClientCredentials`
    - login, password and `domain`: an `IamPassword`, for `project_id` or the project of the name `project`

    Each further field is an argument of the client.

    Args:
        service: Module name of the service.
        conn_id: ID of the connection.
        settings: Further arguments of the client, such as `timeout`, `max_retries` or `strict`.
    """

    conn_name_attr = "conn_id"
    default_conn_name = f"{PACKAGE}_default"
    conn_type = PACKAGE
    hook_name = PACKAGE

    def __init__(self, service: str, conn_id: str = default_conn_name, settings: Settings | None = None) -> None:
        super().__init__()
        self.service = service
        self.conn_id = conn_id
        self.settings = dict(settings or {})
        for name, value in self.settings.items():
            if value is not None and not isinstance(value, str | int | float):
                raise ValueError(
                    f"settings must be strings, numbers and booleans, got a {type(value).__name__}: {name}"
                )

    def get_conn(self) -> Client:
        """Make a synchronous client; the caller closes it. Raises `ValueError` if it cannot be made."""
        client: Client = self._client(Client, self._arguments(self.get_connection(self.conn_id)))
        return client

    @asynccontextmanager
    async def shared_client(self) -> AsyncIterator[AsyncClient]:
        """Yield an asynchronous client, closed after its last user.

        All triggers of a triggerer with the same connection and settings use one client: they share its connections
        and its login.
        """
        connection = await self.aget_connection(self.conn_id)
        # Reading a connection lets other triggers run, so this is done before the look for a client.
        arguments = self._arguments(connection)
        # A digest, since the parts are credentials. A changed connection is another client.
        parts = [self.service, connection.get_uri(), json.dumps(self.settings, sort_keys=True)]
        key = (asyncio.get_running_loop(), hashlib.sha256("\n".join(parts).encode()).digest())
        shared = _shared.get(key)
        if shared is None:
            shared = _shared[key] = _SharedClient(self._client(AsyncClient, arguments))
        shared.users += 1
        try:
            yield shared.client
        finally:
            shared.users -= 1
            if not shared.users:
                del _shared[key]
                await shared.client.aclose()

    def operation(self, arguments: Mapping[str, object]) -> Operation[Any]:
        """Return the operation that reads jobs. Raises `ValueError` if it lacks one of the arguments."""
        found = vars(self._module("operations")).values()
        operation = next((each for each in found if isinstance(each, Operation) and each.poll is not None), None)
        if operation is None or operation.poll is None:
            raise ValueError(f"service must be one with an operation that reads jobs, got {self.service!r}")
        known = {each.argument for each in operation.parameters} - {operation.poll.argument}
        if unknown := arguments.keys() - known:
            names = ", ".join(sorted(known))
            raise ValueError(f"arguments of {operation} must be among {names}, got {', '.join(sorted(unknown))}")
        return operation

    def _arguments(self, connection: Connection) -> dict[str, Any]:
        """Return the arguments of a client. The form sends empty fields too."""
        given = {name: value for name, value in connection.extra_dejson.items() if value not in (None, "")}
        others = {name: value for name, value in given.items() if name not in _OF_CREDENTIALS}
        credentials = _credentials(connection, given, kinds_of(self.service))
        return {"base_url": _address(connection), "auth": credentials, **others}

    def _module(self, name: str) -> Any:
        return import_module(f"{service_module(self.service)}.{name}")

    def _client(self, base: type[Client | AsyncClient], arguments: Mapping[str, Any]) -> Any:
        found = vars(self._module("client" if base is Client else "async_client")).values()
        made: Any = next(each for each in found if isinstance(each, type) and issubclass(each, base) and each != base)
        try:
            return made(**arguments, **self.settings)
        except (TypeError, ValueError) as error:
            raise ValueError(f"connection {self.conn_id!r}, settings: {error}") from None


@attrs.define(eq=False)
class _SharedClient:
    client: AsyncClient
    users: int = 0


_shared: dict[tuple[asyncio.AbstractEventLoop, bytes], _SharedClient] = {}

_OF_CREDENTIALS = {"domain", "project", "iam_url", "security_token", "token_url", "scopes"}


def _address(connection: Connection) -> str | None:
    """Return the base URL; None for one that a region gives."""
    host: str | None = connection.host
    if not host or "://" in host:
        return host or None
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{host}{port}"


def _credentials(connection: Connection, given: Mapping[str, Any], kinds: Sequence[str]) -> Credentials | None:
    user, password, project_id = connection.login, connection.password, given.get("project_id")
    allow_insecure = bool(given.get("allow_insecure"))
    if not password:
        return None
    if not user:
        return Token(password)
    if "domain" in given:
        return IamPassword(
            *(user, password, given["domain"], given.get("project")),
            project_id=project_id,
            allow_insecure=allow_insecure,
            **({"iam_url": given["iam_url"]} if "iam_url" in given else {}),
        )
    own = next((kind for kind in ("AkSk", "BasicAuth", "ClientCredentials") if kind in kinds), "AkSk")
    if own == "ClientCredentials" or "token_url" in given or "scopes" in given:
        scopes = str(given["scopes"]).split() if "scopes" in given else None
        return ClientCredentials(
            user, password, token_url=given.get("token_url"), scopes=scopes, allow_insecure=allow_insecure
        )
    if own == "BasicAuth":
        return BasicAuth(user, password)
    return AkSk(user, password, given.get("security_token"), project_id=project_id)


class JobTrigger(BaseTrigger):
    """Polls jobs of one service until all have ended, then sends one event with their snapshots and errors.

    Another triggerer continues the wait from the arguments: its timeout, and its poll schedule from the present pause
    on. The first polls are spread over that pause.

    Args:
        service: Module name of the service.
        job_ids: IDs of the jobs.
        arguments: Further arguments of the operation that reads the jobs, such as the resource that they belong to.
        conn_id: ID of the connection.
        timeout: Seconds for the whole wait; None for no limit.
        poll_interval: Seconds between polls; by default the client's schedule.
        not_found_grace: Seconds during which a job that does not exist yet is awaited.
        settings: Further arguments of the client.
        started: Start of the wait in seconds since 1970; by default now.
    """

    def __init__(
        self,
        service: str,
        job_ids: Sequence[JobId],
        arguments: Mapping[str, Any] | None = None,
        conn_id: str = JobHook.default_conn_name,
        timeout: float | None = None,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        settings: Settings | None = None,
        started: float | None = None,
    ) -> None:
        super().__init__()
        self.service = service
        self.job_ids = list(job_ids)
        self.arguments = dict(arguments or {})
        self.conn_id = conn_id
        self.timeout = timeout
        self.poll_interval = poll_interval
        self.not_found_grace = not_found_grace
        self.settings = dict(settings or {})
        self.started = time.time() if started is None else started

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class and the arguments that make this trigger in another process."""
        names = ("service", "job_ids", "arguments", "conn_id", "timeout", "poll_interval", "not_found_grace")
        arguments = {name: getattr(self, name) for name in (*names, "settings", "started")}
        return f"{PACKAGE}.airflow.JobTrigger", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and yield the event."""
        try:
            yield TriggerEvent(await self._wait())
        except (CloudJobsError, ValueError) as error:
            # An error of all jobs, such as an unknown service or a missing field of the connection.
            yield TriggerEvent(WaitEvent(errors={str(self.job_ids): _text(error)}).to_dict())

    async def _wait(self) -> dict[str, Any]:
        elapsed = max(0.0, time.time() - self.started)
        hook = JobHook(self.service, self.conn_id, self.settings)
        operation = hook.operation(self.arguments)
        options = WaitOptions(
            # A wait that is late, since no triggerer ran, polls each job once.
            timeout=None if self.timeout is None else max(0.0, self.timeout - elapsed),
            poll_interval=self.poll_interval,
            not_found_grace=max(0.0, self.not_found_grace - elapsed),
            on_progress=self._log_change,
            elapsed=elapsed,
        )
        async with hook.shared_client() as client:
            results = await client._wait_for_jobs(
                *(operation, self.arguments, self.job_ids, options, _MOST_AT_ONCE, _MOST_POLLS),
                return_exceptions=True,
            )
        return WaitEvent.of(operation, results).to_dict()

    def _log_change(self, snapshot: JobSnapshot[Any]) -> None:
        done = "" if snapshot.progress is None else f", {snapshot.progress:.0%}"
        self.log.info("%s job %s: %s%s", self.service, one_line(str(snapshot.id)), snapshot.state, done)


@attrs.frozen
class WaitEvent:
    """The results of a wait as JSON. Each job is in `snapshots`, `errors` or `late`."""

    snapshots: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    """The jobs that ended, successfully or not."""
    failures: dict[str, str] = attrs.field(factory=dict)
    """The reasons of the jobs in `snapshots` that did not succeed."""
    errors: dict[str, str] = attrs.field(factory=dict)
    """The errors of jobs that could not be awaited."""
    late: dict[str, str] = attrs.field(factory=dict)
    """The jobs that did not end within the timeout."""

    @classmethod
    def of(cls, operation: Operation[Any], results: Mapping[Any, JobSnapshot[Any] | CloudJobsError]) -> WaitEvent:
        """Return the event for the results of a wait."""
        event = cls()
        for job_id, result in results.items():
            if isinstance(result, JobSnapshot):
                event.snapshots[str(job_id)] = result.to_dict()
                if not result.is_success:
                    event.failures[str(job_id)] = str(job_failed_error(operation, result))
            else:
                kind = event.late if isinstance(result, WaitTimeoutError) else event.errors
                kind[str(job_id)] = _text(result)
        return event

    def to_dict(self) -> dict[str, Any]:
        """Return the event as JSON."""
        return attrs.asdict(self)

    def raise_error(self) -> None:
        """Raise the error of the task, if it has one. A job that failed stays failed: its task is not retried."""
        for texts, error in (
            (self.failures, AirflowFailException),
            (self.errors, AirflowException),
            (self.late, AirflowSensorTimeout),
        ):
            if texts:
                more = f"; and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
                raise error("; ".join(list(texts.values())[:_NAMED]) + more)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(str(error))}"


class JobSensor(BaseSensorOperator):
    """Waits until jobs have ended, and returns their snapshots as XCom.

    For one ID the XCom is the snapshot as a JSON object, for a list an object with a snapshot for each ID. The task
    fails with the reason of a job that did not succeed, once all of them have ended; the XCom is there then too.

    Args:
        service: Module name of the service.
        job_ids: One ID, or a list.
        arguments: Further arguments of the operation that reads the jobs, such as the resource that they belong to.
        conn_id: ID of the connection with the address and the credentials.
        poll_interval: Seconds between polls of a deferred wait; by default the client's schedule, from 1 to 30.
        not_found_grace: Seconds during which a job that does not exist yet is awaited.
        settings: Further arguments of the client, such as `timeout` (of a request), `max_retries` or `strict`.
        deferrable: Wait in a triggerer. Otherwise in a worker, by `mode` and `poke_interval`, with one poll a poke.
        kwargs: Arguments of every sensor, such as `timeout` (of the wait) and `soft_fail`.
    """

    template_fields: Sequence[str] = ("service", "job_ids", "arguments", "conn_id")

    def __init__(
        self,
        *,
        service: str,
        job_ids: JobId | Sequence[JobId],
        arguments: Mapping[str, Any] | None = None,
        conn_id: str = JobHook.default_conn_name,
        poll_interval: float | None = None,
        not_found_grace: float = 0,
        settings: Settings | None = None,
        deferrable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.service = service
        self.job_ids = job_ids
        self.arguments = arguments
        self.conn_id = conn_id
        self.poll_interval = poll_interval
        self.not_found_grace = not_found_grace
        self.settings = settings
        self.deferrable = deferrable
        self._first_poke: float | None = None

    def execute(self, context: Context) -> Any:
        """Defer, or poke."""
        if not self.deferrable:
            return super().execute(context)
        hook = JobHook(self.service, self.conn_id, self.settings)
        hook.operation(self.arguments or {})
        return self.defer(
            trigger=JobTrigger(
                service=self.service,
                job_ids=self._ids,
                arguments=self.arguments,
                conn_id=self.conn_id,
                timeout=self.timeout,
                poll_interval=self.poll_interval,
                not_found_grace=self.not_found_grace,
                settings=self.settings,
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=self.timeout + _MARGIN),
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Return the snapshots of a deferred wait, or raise its error."""
        return self._finish(context, WaitEvent(**event))

    def poke(self, context: Context) -> PokeReturnValue:
        """Poll each job once."""
        hook = JobHook(self.service, self.conn_id, self.settings)
        operation = hook.operation(self.arguments or {})
        with hook.get_conn() as client:
            results: dict[Any, Any] = client._wait_for_jobs(
                *(operation, self.arguments or {}, self._ids, WaitOptions(timeout=0), _MOST_POLLS, None),
                return_exceptions=True,
            )
        waiting = {job_id: result for job_id, result in results.items() if self._is_waiting(context, result)}
        if waiting:
            self.log.info("%d of %d jobs have not ended", len(waiting), len(results))
            return PokeReturnValue(False)
        return PokeReturnValue(True, self._finish(context, WaitEvent.of(operation, results)))

    def _is_waiting(self, context: Context, result: object) -> bool:
        """Return whether another poke may have another result."""
        if isinstance(result, NotFoundError):
            first = context["ti"].get_first_reschedule_date(context)
            self._first_poke = self._first_poke or (first.timestamp() if first else time.time())
            return time.time() < self._first_poke + self.not_found_grace
        return isinstance(result, WaitTimeoutError | APIConnectionError)

    @property
    def _ids(self) -> list[JobId]:
        return [self.job_ids] if isinstance(self.job_ids, str | int) else list(self.job_ids)

    def _finish(self, context: Context, event: WaitEvent) -> Any:
        is_one = isinstance(self.job_ids, str | int)
        result = event.snapshots.get(str(self.job_ids)) if is_one else event.snapshots
        if event.failures or event.errors or event.late:
            # Airflow stores the returned value only of a task that succeeded.
            context["ti"].xcom_push(key="return_value", value=result)
        event.raise_error()
        return result
