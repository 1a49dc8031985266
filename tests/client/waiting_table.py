"""Actual and documented behaviour of `wait_for_job`, for each service, course of a job and fault.

`python -m tests.client.waiting_table`, with `generated_client/src` on `PYTHONPATH`, writes it as `build/waiting.md`.
The provider is the replay of the documents; `generator/clients/vectors.py` has the expected behaviour.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import product
from pathlib import Path
from typing import Any

import attrs
import httpx

from cloudjobs import errors
from cloudjobs.auth import AkSk, Token
from cloudjobs.testing import Replay
from generator.clients.vectors import CHANCE, COURSES, FAULTS, FaultCost, WaitOutcome, rounded
from tests.client.iam import PATH, Iam, password_auth
from tests.client.scripted_transport import JOB, Way, awaited, is_listing, job, operation, reply, states
from tests.client.senders import Sender
from tests.client.transports import serving
from tests.reference import REFERENCE

OUTPUT = Path(__file__).parents[2] / "build" / "waiting.md"
FAR_OFF = 600.0
"""Seconds by which the client's clock is behind in one row."""
_SIGNATURE_LASTS = 300.0
HTML = "<html><body>Bad gateway</body></html>"


# Faults


def after(stage: Stage) -> dict[str, Any]:
    """Return the number of the request that gets the fault."""
    return {"after": 0 if len(stage.course) == 1 else 1}


def expire(stage: Stage) -> None:
    """Let the service refuse the first token when the fault is due."""
    iam = Iam(clock=stage.replay.clock)  # type: ignore[arg-type]
    stage.auth = password_auth(stage.replay.clock)  # type: ignore[arg-type]
    # The token was fetched for an earlier call.
    earlier = stage.auth.sync_auth_flow(httpx.Request("GET", "https://service.example.com"))
    request = next(earlier)
    response = iam.gives(request)
    response.request = request
    earlier.send(response)

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == PATH:
            return iam.gives(request)
        if stage.requests > after(stage)["after"]:
            iam.refused = {"token-1"}
        if not iam.takes(request):
            stage.replay.fail_next(401)
        return None

    stage.answers = answer


def delay_client_clock(stage: Stage) -> None:
    """Set the client's clock behind the service's."""
    auth = AkSk("AK", "secret-not-real", header="Authorization")
    auth._clock = stage.replay.clock
    stage.auth, clock = auth, stage.replay.clock
    stage.headers = lambda: {"Date": format_datetime(datetime.fromtimestamp(clock.now() + FAR_OFF, UTC), usegmt=True)}

    def answer(request: httpx.Request) -> httpx.Response | None:
        signed = datetime.strptime(request.headers["X-Sdk-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        if abs(clock.now() + FAR_OFF - signed) > _SIGNATURE_LASTS:
            stage.replay.fail_next(401)
        return None

    stage.answers = answer


def gateway(status: int, times: int = 1) -> Callable[[Stage], None]:
    """Let a gateway before the service send an HTML page."""

    def plan(stage: Stage) -> None:
        begin = after(stage)["after"] + 1

        def answer(request: httpx.Request) -> httpx.Response | None:
            return httpx.Response(status, html=HTML) if begin <= stage.requests < begin + times else None

        stage.answers = answer

    return plan


def delay_job(stage: Stage) -> None:
    """Let the job be missing until the fourth request."""
    stage.job_is_there_from = 4


def missing(times: int) -> Callable[[Stage], None]:
    """Let the job be missing for some polls: not found, or not in the listing."""

    def plan(stage: Stage) -> None:
        begin = after(stage)["after"] + 1

        def answer(request: httpx.Request) -> httpx.Response | None:
            if not begin <= stage.requests < begin + times:
                return None
            return reply(stage.service) if is_listing(stage.service) else httpx.Response(404)

        stage.answers = answer

    return plan


def answer_for_another_job(stage: Stage) -> None:
    """Let one response be about another job, which has succeeded."""
    number = after(stage)["after"] + 1
    response = reply(stage.service, job(stage.service, "succeeded", "another"))
    stage.answers = lambda request: response if stage.requests == number else None


def refuse(times: int, *, from_the_first: bool = False) -> Callable[[Stage], None]:
    """Let some connections fail."""

    def plan(stage: Stage) -> None:
        begin = 1 if from_the_first else after(stage)["after"] + 1

        def answer(request: httpx.Request) -> httpx.Response | None:
            if begin <= stage.requests < begin + times:
                raise httpx.ConnectError("[Errno 111] Connection refused")
            return None

        stage.answers = answer

    return plan


def ask_for_a_pause(stage: Stage) -> None:
    """Add `Retry-After` to one 2xx response."""
    number = after(stage)["after"] + 1
    stage.headers = lambda: {"Retry-After": "7"} if stage.requests == number else {}


PLANS: dict[str, Callable[[Stage], None]] = {
    "429, Retry-After 5": lambda stage: stage.replay.fail_next(429, retry_after=5, **after(stage)),
    "429, Retry-After 900": lambda stage: stage.replay.fail_next(429, retry_after=900, **after(stage)),
    "503 twice": lambda stage: stage.replay.fail_next(503, times=2, **after(stage)),
    "503 nine times": lambda stage: stage.replay.fail_next(503, times=9, **after(stage)),
    "status 599": lambda stage: stage.replay.fail_next(599, **after(stage)),
    "connection reset": lambda stage: stage.replay.reset_connection_next(**after(stage)),
    "timeout": lambda stage: stage.replay.fault_next(delay=90, reset=True, **after(stage)),
    "truncated body": lambda stage: stage.replay.truncate_next(**after(stage)),
    "JSON cut short": lambda stage: stage.replay.invalid_json_next(**after(stage)),
    "HTML gateway page, 502": gateway(502),
    "HTML gateway page, 200": gateway(200, times=3),
    "401, token has expired": expire,
    "401, fixed token": lambda stage: stage.replay.fail_next(401, **after(stage)),
    "clock 10 minutes off": delay_client_clock,
    "unknown status": lambda stage: stage.replay.new_value_next(**after(stage)),
    "id unknown for 3 polls": delay_job,
    "id unknown, no grace": delay_job,
    "missing once": missing(1),
    "missing three times": missing(3),
    "missing four times": missing(4),
    "wrong address": refuse(10**6, from_the_first=True),
    "connection refused nine times": refuse(9),
    "another job's response": answer_for_another_job,
    "200, Retry-After 7": ask_for_a_pause,
}
"""The effect of each fault of the table on a stage. The other faults only change the wait."""


# The actual behaviour


class Clock:
    """The client's clock: it follows the replay's clock, and records the sleeps."""

    def __init__(self, time: Any) -> None:
        self.slept: list[float] = []
        self._time = time

    def monotonic(self) -> float:
        return float(self._time.monotonic())

    def now(self) -> float:
        return float(self._time.now())

    def random(self) -> float:
        return CHANCE

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        self.slept.append(seconds)
        self._time.sleep(seconds, until)

    async def sleep_async(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self._time.sleep_async(seconds)


def document_pages(service: str) -> dict[str, str]:
    """Return the `x-pagination` of the operation that is polled; empty if it is missing."""
    found: dict[str, str] = operation(service).get("x-pagination", {})
    return found


class Stage(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A replay with one job, and the faults before it."""

    def __init__(self, service: str, course: tuple[str, ...]) -> None:
        self.replay = Replay(service)
        self.service, self.course = service, course
        self.requests = 0
        self.auth: httpx.Auth | None = None
        self.answers: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.headers: Callable[[], dict[str, str]] = dict
        self.job_is_there_from = 1

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        found = self._before(request) or self.replay.transport.handle_request(request)
        found.headers.update(self.headers())
        return found

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        found = self._before(request) or await self.replay.transport.handle_async_request(request)
        found.headers.update(self.headers())
        return found

    def _before(self, request: httpx.Request) -> httpx.Response | None:
        pages = document_pages(self.service)
        self.requests += request.url.path != PATH and request.url.params.get(pages.get("offset"), "0") == "0"
        if self.requests == self.job_is_there_from:
            self.job_is_there_from = 0
            self.replay.add_job(self.service, JOB, states=self.course)
        return self.answers(request)


async def outcome(way: Way, course: tuple[str, ...], name: str) -> WaitOutcome:
    """Return the result of a wait over a transport in this process."""
    stage = Stage(way.service, course)
    PLANS.get(name, lambda _: None)(stage)
    make = stage.replay.async_client if way.asynchronous else stage.replay.client
    client = make(way.service, transport=stage, **({"auth": stage.auth} if stage.auth else {}))
    return await _outcome(way, stage, client, FAULTS[name])


async def outcome_over(sender: Sender, way: Way, course: tuple[str, ...], name: str) -> WaitOutcome:
    """Return the result of a wait over the connections of a sender."""
    stage = Stage(way.service, course)
    PLANS.get(name, lambda _: None)(stage)
    is_repeated = False

    def answer(path: str) -> bytes:
        nonlocal is_repeated
        if is_repeated:
            # aiohttp itself repeats a request after its connection was closed without a response.
            is_repeated = False
            return b""
        whole = as_bytes(stage, httpx.Request("GET", f"{server.url}{path}", headers=server.headers[-1]))
        is_repeated = not whole and sender.library == "aiohttp"
        return whole

    needs_credentials = bool(operation(way.service).get("security"))
    auth = stage.auth or (Token("a-token") if needs_credentials else None)
    with serving(answer) as server:
        client = sender.client(way.service, server.url, auth=auth, **way._of_client)
        try:
            return await _outcome(way, stage, client, FAULTS[name])
        finally:
            await awaited(client.aclose() if way.asynchronous else client.close())


def as_bytes(stage: Stage, request: httpx.Request) -> bytes:
    """Return the response of a stage, as a server sends it; no bytes for a failed connection."""
    try:
        response = stage.handle_request(request)
    except httpx.TransportError:
        return b""
    body, missing = b"", 0
    try:
        for chunk in response.stream:  # type: ignore[union-attr]
            body += chunk
    except httpx.TransportError:
        missing = 100
    response.headers.update({"Content-Length": str(len(body) + missing), "Connection": "close"})
    head = [f"HTTP/1.1 {response.status_code} Said", *(f"{name}: {value}" for name, value in response.headers.items())]
    return "\r\n".join([*(line.replace("connection: ", "Connection: ") for line in head), "", ""]).encode() + body


async def _outcome(way: Way, stage: Stage, client: Any, fault: FaultCost) -> WaitOutcome:
    clock, told = Clock(stage.replay.clock), list[str]()
    client._clock = clock

    def tell(snapshot: Any) -> None:
        told.append(str(snapshot.state))

    try:
        if fault.lost_job:
            await way.wait_many(client, [JOB, "lost"], on_progress=tell)
        end = str((await way.wait(client, on_progress=tell, **fault.keywords)).state)
    except errors.JobFailedError as error:
        end = f"JobFailed: {error.snapshot.state}"
    except errors.WaitFailedError as error:
        clock.slept.clear()
        end = f"WaitFailed: {error.snapshots[JOB].state}, {type(error.results['lost']).__name__}"
    except errors.CloudJobsError as error:
        end = type(error).__name__
    return WaitOutcome(stage.requests, rounded(clock.slept), tuple(told), end)


# The table


@attrs.frozen
class Row:
    """A service, a course and a fault."""

    service: str
    course: str
    fault: str

    def __str__(self) -> str:
        return f"{self.service}, {self.course}, {self.fault}"

    def promised(self) -> WaitOutcome:
        """Return the expected behaviour."""
        course, fault = COURSES[self.course], FAULTS[self.fault]
        return WaitOutcome.promised(course, fault, is_listing=is_listing(self.service))

    async def done(self, *, asynchronous: bool) -> WaitOutcome:
        """Return the actual behaviour."""
        return await outcome(Way(self.service, asynchronous), COURSES[self.course], self.fault)

    async def done_over(self, sender: Sender) -> WaitOutcome:
        """Return the actual behaviour over the connections of a sender."""
        way = Way(self.service, sender.asynchronous)
        return await outcome_over(sender, way, COURSES[self.course], self.fault)


def rows() -> Iterator[Row]:
    """Yield all rows."""
    for service, course, fault in product(REFERENCE, COURSES, FAULTS):
        # A service need not have all states.
        if set(COURSES[course]) <= states(service).keys():
            yield Row(service, course, fault)


def as_markdown(found: dict[Row, WaitOutcome]) -> str:
    """Return the table. The sleeps are the pauses between polls and before retries, in seconds."""
    lines = [
        "| service | the job | meets | requests | slept, s | reported | the wait |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, done in found.items():
        slept = ", ".join(f"{seconds:g}" for seconds in done.slept) or "-"
        told = ", ".join(done.told) or "-"
        cells = (row.service, row.course, row.fault, done.requests, slept, told, done.end)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


async def main() -> int:
    """Write the table. Returns 1 if a wait differs from the documented behaviour."""
    found: dict[Row, WaitOutcome] = {}
    wrong = 0
    for row in rows():
        found[row] = await row.done(asynchronous=False)
        for done, how in ((found[row], "sync"), (await row.done(asynchronous=True), "async")):
            if done != row.promised():
                wrong += 1
                print(f"{row}, {how}: must be {row.promised()}, got {done}", file=sys.stderr)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(as_markdown(found), encoding="utf-8")
    print(f"{OUTPUT}: {len(found)} rows, {wrong} with another result")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
