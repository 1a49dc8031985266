"""Helpers for tests of retries, waits and iterations: a clock that only records the sleeps, and scripted services.

Responses are made from the recordings, by writing into the fields that a document's `x-job` names. So a test is written
once, with the common states, and runs for every service.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import attrs
import httpx

import cloudjobs
from tests.reference import REFERENCE

URL = "https://service.example.com"
JOB = "job-1"


class FakeClock:
    """Returns from sleeps at once, and records them. The random numbers are given."""

    def __init__(self, chance: float = 0.0) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self.chance = chance
        self.on_sleep: Callable[[], object] = lambda: None

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return 1_700_000_000.0 + self.time

    def random(self) -> float:
        return self.chance

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.on_sleep()
        if until is None or not until.is_set():
            self.time += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


# The content of the documents


@cache
def operation(service: str) -> dict[str, Any]:
    """Return the operation that is polled, with its path."""
    (found,) = (
        {**node, "path": path}
        for path, item in cloudjobs.document(service)["paths"].items()
        for node in item.values()
        if "x-poll" in node
    )
    return found


def is_listing(service: str) -> bool:
    return "items" in operation(service)["x-poll"]


@cache
def _recording(service: str) -> dict[str, Any]:
    fitting = [
        recording
        for recording in cloudjobs.recordings(service).values()
        if recording["operation"] == operation(service)["operationId"] and recording["status"] == 200
    ]
    return fitting[0]


def _recorded(service: str) -> str:
    return str(_recording(service)["body"])


@cache
def job_shape(service: str) -> dict[str, Any]:
    """Return the `x-job` of the jobs that the operation gives."""
    schemas = cloudjobs.document(service)["components"]["schemas"]
    reply = next(
        response["content"]["application/json"]["schema"]
        for status, response in operation(service)["responses"].items()
        if status == "200"
    )
    text = json.dumps(reply)
    name = re.findall(r"#/components/schemas/(\w+)", text)[0]
    if is_listing(service):
        items = operation(service)["x-poll"]["items"]
        name = schemas[name]["properties"][items]["items"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = schemas[name]["x-job"]
    return found


def _first(names: str | list[str]) -> str:
    return names if isinstance(names, str) else names[0]


def put(data: dict[str, Any], dotted: str, value: object) -> None:
    """Write a field of a JSON object."""
    *outer, last = dotted.split(".")
    for name in outer:
        data = data.setdefault(name, {})
    data[last] = value


def states(service: str) -> dict[str, str]:
    """Return one value of the service for each state that it has."""
    state = job_shape(service)["state"]
    return {name: values[0] for name, values in state.items() if name != "field"}


def job(service: str, state: str, job_id: str = JOB, **fields: object) -> dict[str, Any]:
    """Return a recorded job of that common state; `unknown` is a value that no document has.

    Further fields are `reason` and `progress`, where the service has them.
    """
    shape = job_shape(service)
    found: dict[str, Any] = json.loads(_recorded(service))
    if is_listing(service):
        found = copy.deepcopy(found[operation(service)["x-poll"]["items"]][0])
    word = states(service).get(state, "Levitating")
    put(found, _first(shape["state"]["field"]), word)
    put(found, _first(shape["id"]), job_id)
    if "reason" in shape:
        put(found, _first(shape["reason"]), fields.get("reason", ""))
    if "progress" in fields:
        put(found, shape["progress"]["field"], fields["progress"])
    return found


def reply(service: str, *jobs: dict[str, Any]) -> httpx.Response:
    """Return a 2xx response with that job; for a listing, with all of them."""
    if not is_listing(service):
        (one,) = jobs
        return httpx.Response(200, json=one)
    poll = operation(service)["x-poll"]
    body = json.loads(_recorded(service))
    body[poll["items"]] = list(jobs)
    return httpx.Response(200, json=body)


def missing(service: str) -> httpx.Response:
    """Return the response of a service for a job that does not exist yet."""
    if is_listing(service):
        return reply(service, job(service, "running", "another"))
    return httpx.Response(404, json="no such job")


@cache
def _pages() -> list[tuple[str, str]]:
    """Return the parameter for the offset of each service's pages, and the field of their rows."""
    found = (operation(service).get("x-pagination") for service in REFERENCE)
    return [(pages["offset"], pages["items"]) for pages in found if pages]


# Services that follow a script

Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class TruncatedStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A truncated body."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"jobs": ['
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


class Script(httpx.MockTransport):
    """Sends one step for each request; the last one is repeated. Later pages of a listing are empty."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []
        super().__init__(self._play)

    def _play(self, request: httpx.Request) -> httpx.Response:
        if any(request.url.params.get(offset, "0") != "0" for offset, _ in _pages()):
            return httpx.Response(200, json={items: [] for _, items in _pages()})
        step = self.steps[min(len(self.requests), len(self.steps) - 1)]
        self.requests.append(request)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx.Response):
            # Each request has its own response, which is read once.
            stream = step.stream if isinstance(step.stream, TruncatedStream) else httpx.ByteStream(step.content)
            return httpx.Response(step.status_code, headers=step.headers, stream=stream)
        return step(request)


@attrs.frozen
class Way:
    """A service, called synchronously or asynchronously."""

    service: str
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.service}-{'async' if self.asynchronous else 'sync'}"

    def client(self, transport: httpx.MockTransport, clock: FakeClock, **keywords: Any) -> Any:
        """Return a client with the time of the clock."""
        name = f"{'Async' if self.asynchronous else ''}{self.service.capitalize()}Client"
        client = getattr(cloudjobs, name)(URL, transport=transport, **self._of_client, **keywords)
        client._clock = clock
        return client

    @property
    def _of_client(self) -> dict[str, str]:
        declared = cloudjobs.document(self.service)["components"]["parameters"].values()
        return {
            parameter["name"]: "p1"
            for parameter in declared
            if parameter.get("x-client-parameter") and parameter.get("required")
        }

    @property
    def where(self) -> list[str]:
        """The positional arguments before the job's id, as they were recorded."""
        given = {*self._of_client, operation(self.service)["x-poll"].get("argument")}
        names = re.findall(r"\{([^}]+)\}", operation(self.service)["path"])
        return [_recording(self.service)["request"]["path"][name] for name in names if name not in given]

    async def get(self, client: Any) -> Any:
        """Call the operation itself."""
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation(self.service)["operationId"]).lower()
        ids = [] if is_listing(self.service) else [JOB]
        return await awaited(getattr(client, name)(*self.where, *ids))

    async def wait(self, client: Any, job_id: str = JOB, **keywords: Any) -> Any:
        return await awaited(client.wait_for_job(*self.where, job_id, **keywords))

    async def wait_many(self, client: Any, ids: Sequence[str], **keywords: Any) -> Any:
        return await awaited(client.wait_for_jobs(*self.where, ids, **keywords))

    async def snapshot(self, client: Any, job_id: str = JOB, **keywords: Any) -> Any:
        return await awaited(client.snapshot(*self.where, job_id, **keywords))

    async def watch(self, client: Any, job_id: str = JOB, **keywords: Any) -> list[Any]:
        return await collected(client.watch_job(*self.where, job_id, **keywords))


async def awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def collected(values: Any, into: list[Any] | None = None) -> list[Any]:
    """Return all values. The list `into` gets them too, also those before an error."""
    found = [] if into is None else into
    if hasattr(values, "__aiter__"):
        async for each in values:
            found.append(each)
    else:
        found.extend(values)
    return found


WAYS = [Way(service, asynchronous) for service in REFERENCE for asynchronous in (False, True)]
