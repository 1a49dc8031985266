"""Actual and documented behaviour of `wait_for_job`, for each service, course of a job and fault.

`python -m tests.client.waiting_table`, with `generated_client/src` on `PYTHONPATH`, writes it as `build/waiting.md`.
The provider is the replay of the documents; the expected behaviour is computed here from its documentation, without the
client.
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
from tests.client.iam import PATH, Iam, password_auth
from tests.client.scripted_transport import JOB, Way, awaited, is_listing, job, operation, reply, states
from tests.client.senders import Sender
from tests.client.transports import serving
from tests.reference import REFERENCE

OUTPUT = Path(__file__).parents[2] / "build" / "waiting.md"
CHANCE = 0.5
FAR_OFF = 600.0
"""Seconds by which the client's clock is behind in one row."""
_SIGNATURE_LASTS = 300.0
HTML = "<html><body>Bad gateway</body></html>"


# The expected behaviour


def poll_pause(number: int) -> float:
    """Before poll `number` + 1: it starts at a second, grows by half to half a minute; chance takes up to a quarter."""
    return min(1.5**number, 30.0) * (1 - 0.25 * CHANCE)


def backoff(retry: int) -> float:
    """Before a retry: half a second, doubled each time, of which chance leaves some."""
    return 0.5 * 2**retry * CHANCE


COURSES = {
    "succeeds": ("pending", "running", "succeeded"),
    "has succeeded": ("succeeded",),
    "fails": ("running", "failed"),
    "ends in part": ("running", "partial"),
    "is stopped": ("running", "stopped"),
}


@attrs.frozen
class Fault:
    """The fault, and its expected effect.

    It meets the second poll, or the first where a job is asked for but once.
    """

    plan: Callable[[Stage], None] = lambda stage: None
    retries: tuple[float, ...] = ()
    """Seconds slept before each try that the poll is made again."""
    lost_polls: int = 0
    """How many polls tell nothing, each with as many retries."""
    again: int = 0
    """How many requests are made again without a pause."""
    raises: type[Exception] | None = None
    """What ends the wait, after the lost polls."""
    raises_unseen: type[Exception] | None = None
    """What ends the wait at once, if the fault meets the first poll."""
    raises_unlisted: type[Exception] | None = None
    """The same, of a listing alone."""
    sets_pause: float | None = None
    """Seconds before the next poll, which the service asks for."""
    lost_job: bool = False
    """A job that is not there is awaited with the other."""
    from_the_first: bool = False
    hides_the_state: bool = False
    """The poll succeeds, but its state is not in the document."""
    keywords: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Outcome:
    """The actual result of a wait."""

    requests: int
    """To the service, without those for further pages of a listing that lacks the job."""
    slept: tuple[float, ...]
    told: tuple[str, ...]
    """Reported states."""
    end: str

    @classmethod
    def promised(cls, service: str, course: tuple[str, ...], fault: Fault) -> Outcome:
        """The documented behaviour."""
        place = 0 if fault.from_the_first or len(course) == 1 else 1
        unseen = fault.raises_unseen or (fault.raises_unlisted if is_listing(service) else None)
        raises, lost = (unseen, 0) if unseen and place == 0 else (fault.raises, fault.lost_polls)
        if raises is not None:
            requests = place + lost + 1 + len(fault.retries) + fault.again
            slept = [*map(poll_pause, range(place + lost)), *fault.retries]
            return cls(requests, _rounded(slept), _changes(course[:place]), raises.__name__)
        shown = list(course)
        if fault.hides_the_state:
            shown[place] = "unknown"
            # A job stays in its last state, which the next poll tells.
            shown += course[place:] if place == len(course) - 1 else ()
        polls = len(shown) + lost
        hit = range(place, place + max(lost, 1))
        slept = []
        for number in range(polls):
            slept += fault.retries if number in hit else ()
            pause = poll_pause(number) if fault.sets_pause is None or number != place else fault.sets_pause
            slept += [pause] if number < polls - 1 else ()
        requests = polls + len(fault.retries) * len(hit) + fault.again
        end = "succeeded" if course[-1] == "succeeded" else f"JobFailed: {course[-1]}"
        if fault.lost_job:
            # Pauses of several jobs overlap. A listing has no poll of the other job.
            return cls(
                requests + (not is_listing(service)), (), _changes(shown), f"WaitFailed: {course[-1]}, NotFoundError"
            )
        return cls(requests, _rounded(slept), _changes(shown), end)


def _rounded(slept: list[float]) -> tuple[float, ...]:
    return tuple(round(seconds, 2) for seconds in slept)


def _changes(shown: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(state for place, state in enumerate(shown) if place == 0 or shown[place - 1] != state)


# What goes wrong


def after(stage: Stage) -> dict[str, Any]:
    """Which request meets a fault."""
    return {"after": 0 if len(stage.course) == 1 else 1}


def expire(stage: Stage) -> None:
    """Let the service stop taking the first token when the fault is due."""
    iam = Iam(clock=stage.replay.clock)  # type: ignore[arg-type]
    stage.auth = password_auth(stage.replay.clock)  # type: ignore[arg-type]
    # It has been fetched for an earlier call.
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
    """Let the client's clock be behind the service's."""
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
    """Let something before the service answer with a page."""

    def plan(stage: Stage) -> None:
        begin = after(stage)["after"] + 1

        def answer(request: httpx.Request) -> httpx.Response | None:
            return httpx.Response(status, html=HTML) if begin <= stage.requests < begin + times else None

        stage.answers = answer

    return plan


def delay_job(stage: Stage) -> None:
    """Let the job be there only for the fourth request."""
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
    """Let one success have `Retry-After`."""
    number = after(stage)["after"] + 1
    stage.headers = lambda: {"Retry-After": "7"} if stage.requests == number else {}


FAULTS = {
    "none": Fault(),
    "429, Retry-After 5": Fault(lambda stage: stage.replay.fail_next(429, retry_after=5, **after(stage)), (5,)),
    "429, Retry-After 900": Fault(lambda stage: stage.replay.fail_next(429, retry_after=900, **after(stage)), (60,)),
    "503 twice": Fault(lambda stage: stage.replay.fail_next(503, times=2, **after(stage)), (backoff(0), backoff(1))),
    "503 nine times": Fault(
        lambda stage: stage.replay.fail_next(503, times=9, **after(stage)), (backoff(0), backoff(1)), lost_polls=3
    ),
    "status 599": Fault(lambda stage: stage.replay.fail_next(599, **after(stage)), raises=errors.InternalServerError),
    "connection reset": Fault(lambda stage: stage.replay.reset_connection_next(**after(stage)), (backoff(0),)),
    "timeout": Fault(lambda stage: stage.replay.fault_next(delay=90, reset=True, **after(stage)), (backoff(0),)),
    "truncated body": Fault(lambda stage: stage.replay.truncate_next(**after(stage)), (backoff(0),)),
    "JSON cut short": Fault(lambda stage: stage.replay.invalid_json_next(**after(stage)), lost_polls=1),
    "HTML gateway page, 502": Fault(gateway(502), (backoff(0),)),
    "HTML gateway page, 200": Fault(gateway(200, times=3), lost_polls=3),
    "401, token has expired": Fault(expire, again=1),
    "401, fixed token": Fault(
        lambda stage: stage.replay.fail_next(401, **after(stage)), raises=errors.AuthenticationError
    ),
    "clock 10 minutes off": Fault(delay_client_clock, again=1),
    "unknown status": Fault(lambda stage: stage.replay.new_value_next(**after(stage)), hides_the_state=True),
    "id unknown for 3 polls": Fault(delay_job, lost_polls=3, from_the_first=True, keywords={"not_found_grace": 60}),
    "id unknown, no grace": Fault(delay_job, raises=errors.NotFoundError, from_the_first=True),
    "missing once": Fault(missing(1), lost_polls=1, raises_unseen=errors.NotFoundError),
    "missing three times": Fault(missing(3), lost_polls=3, raises_unseen=errors.NotFoundError),
    "missing four times": Fault(
        missing(4), lost_polls=3, raises=errors.NotFoundError, raises_unseen=errors.NotFoundError
    ),
    "wrong address": Fault(
        refuse(10**6, from_the_first=True),
        (backoff(0), backoff(1)),
        raises=errors.APIConnectionError,
        from_the_first=True,
    ),
    "connection refused nine times": Fault(
        refuse(9), (backoff(0), backoff(1)), lost_polls=3, raises_unseen=errors.APIConnectionError
    ),
    "another job's response": Fault(answer_for_another_job, lost_polls=1, raises_unlisted=errors.NotFoundError),
    "200, Retry-After 7": Fault(ask_for_a_pause, sets_pause=7),
    "one of many lost": Fault(lost_job=True),
}


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
    """The `x-pagination` of the operation that is polled; empty if it is missing."""
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


async def outcome(way: Way, course: tuple[str, ...], fault: Fault) -> Outcome:
    """The result of a wait over a transport in this process."""
    stage = Stage(way.service, course)
    fault.plan(stage)
    make = stage.replay.async_client if way.asynchronous else stage.replay.client
    client = make(way.service, transport=stage, **({"auth": stage.auth} if stage.auth else {}))
    return await _outcome(way, stage, client, fault)


async def outcome_over(sender: Sender, way: Way, course: tuple[str, ...], fault: Fault) -> Outcome:
    """The result of a wait over the connections of a sender."""
    stage = Stage(way.service, course)
    fault.plan(stage)
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
            return await _outcome(way, stage, client, fault)
        finally:
            await awaited(client.aclose() if way.asynchronous else client.close())


def as_bytes(stage: Stage, request: httpx.Request) -> bytes:
    """The response of a stage, as a server sends it; no bytes for a failed connection."""
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


async def _outcome(way: Way, stage: Stage, client: Any, fault: Fault) -> Outcome:
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
    return Outcome(stage.requests, _rounded(clock.slept), tuple(told), end)


# The table


@attrs.frozen
class Row:
    """A service, a course and a fault."""

    service: str
    course: str
    fault: str

    def __str__(self) -> str:
        return f"{self.service}, {self.course}, {self.fault}"

    def promised(self) -> Outcome:
        """The expected behaviour."""
        return Outcome.promised(self.service, COURSES[self.course], FAULTS[self.fault])

    async def done(self, *, asynchronous: bool) -> Outcome:
        """The actual behaviour."""
        return await outcome(Way(self.service, asynchronous), COURSES[self.course], FAULTS[self.fault])

    async def done_over(self, sender: Sender) -> Outcome:
        """The actual behaviour over the connections of a sender."""
        way = Way(self.service, sender.asynchronous)
        return await outcome_over(sender, way, COURSES[self.course], FAULTS[self.fault])


def rows() -> Iterator[Row]:
    """All of them."""
    for service, course, fault in product(REFERENCE, COURSES, FAULTS):
        # A service need not have all states.
        if set(COURSES[course]) <= states(service).keys():
            yield Row(service, course, fault)


def as_markdown(found: dict[Row, Outcome]) -> str:
    """The table. The sleeps are the pauses between polls and before retries, in seconds."""
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
    """Write the table. Returns 1 where a wait did something else than promised."""
    found: dict[Row, Outcome] = {}
    wrong = 0
    for row in rows():
        found[row] = await row.done(asynchronous=False)
        for done, how in ((found[row], "sync"), (await row.done(asynchronous=True), "async")):
            if done != row.promised():
                wrong += 1
                print(f"{row}, {how}: {done}, promised {row.promised()}", file=sys.stderr)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(as_markdown(found), encoding="utf-8")
    print(f"{OUTPUT}: {len(found)} rows, {wrong} not as promised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
