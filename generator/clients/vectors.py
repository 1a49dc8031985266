"""Test vectors: language-neutral responses, with the snapshot, error or outcome of a wait that must follow.

Snapshots and errors are made from the interpretations and the facts of the evidence, waits from the table of waits at
the end. The values in `expect` never come from a client.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import attrs

from ..documents import OperationRef, Service
from ..documents.json_pointer import assign, resolve
from ..documents.mappings import PaginationSpec, PollSpec
from ..documents.renditions import MARK, VECTORS, Rendition
from ..quality.cases import ExtractionCase
from ..quality.suite import CaseSuite

JOB = "job-1"
"""ID of the awaited job."""

_HTML = "<html><body>Bad gateway</body></html>"

_SKIPPED = ("401, token has expired", "clock 10 minutes off", "one of many lost")
"""Faults of the table about credentials or several jobs, which a wait package does not have."""

_ERRORS: dict[str, dict[str, Any]] = {
    "NotFoundError": {"error": "not-found"},
    "AuthenticationError": {"error": "status", "status": 401},
    "InternalServerError": {"error": "status", "status": 599},
    "APIConnectionError": {"error": "connection"},
}

_NAMES = {"started": "started_at", "ended": "ended_at"}

_UNKNOWN_STATE = "Levitating"
"""A value that no document lists."""


def vectors(service: Service) -> Rendition:
    """Return the test vectors of a service."""
    title = f"Test vectors: {service.document.data['info']['title']}"
    cases = [case for case in CaseSuite.from_service(service).cases if isinstance(case, ExtractionCase)]
    waits = _Waits.from_service(service)
    data = {
        "info": {"title": title, "version": service.document.data["info"]["version"], MARK: VECTORS.label},
        "service": service.name,
        "snapshots": list(_snapshots(service, [case for case in cases if case.of == "job"])),
        "errors": list(_errors(service, [case for case in cases if case.of == "error"])),
        **(waits.as_data if waits else {"bodies": {}, "waits": []}),
    }
    return Rendition(VECTORS, VECTORS.file.format(service=service.name), title, data)


# Snapshots and errors


def _snapshots(service: Service, cases: list[ExtractionCase]) -> Iterator[dict[str, Any]]:
    """Yield the vectors of jobs. Several expectations of the same job are one vector."""
    parents = [
        (each["job"], each.get("expect", {}).get("children", {}).get("pointer"))
        for each in service.evidence.data.get("interpretations", ())
    ]
    found: dict[tuple[bytes, str], dict[str, Any]] = {}
    for case in cases:
        expected = {_NAMES.get(key, key): _plain(value) for key, value in case.expected.items() if key in _EXPECTED}
        if not expected:
            continue
        [exchange] = case.exchanges
        vector: dict[str, Any] = {
            "name": case.id,
            "operation": _operation(service, case).id,
            "response": _response(exchange),
        }
        # The values of a child are in the snapshot of its parent.
        for job, children in parents:
            if children is not None and case.pointer.startswith(f"{job}{children}/"):
                vector |= {"job": job, "child": int(case.pointer.rpartition("/")[2])}
        vector = {"job": case.pointer, **vector, "expect": expected}
        earlier = found.setdefault((exchange.body or b"", case.pointer), vector)
        earlier["expect"].update(expected)
    yield from found.values()


_EXPECTED = ("id", "state", "reason", "children", "started", "ended", "progress")


def _errors(service: Service, cases: list[ExtractionCase]) -> Iterator[dict[str, Any]]:
    for case in cases:
        [exchange] = case.exchanges
        yield {
            "name": case.id,
            "operation": _operation(service, case).id,
            "response": _response(exchange),
            "expect": dict(case.expected),
        }


def _operation(service: Service, case: ExtractionCase) -> OperationRef:
    pointers = {operation.pointer: operation for operation in service.operations}
    named = next((pointers[pointer] for pointer in case.pointers if pointer in pointers), None)
    path = case.exchanges[0].path
    return named or next(each for each in service.operations if each.path_pattern.search(path))


def _response(exchange: Any) -> dict[str, Any]:
    return {"status": exchange.status, "headers": dict(exchange.headers), "body": (exchange.body or b"").decode()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


# Waits


@attrs.frozen
class _Waits:
    """The waits for one job. Each response is a recorded one with other values at the pointers of an interpretation."""

    operation: OperationRef
    poll: PollSpec
    pages: PaginationSpec | None
    recorded: Any
    """The body of the recorded response."""
    arguments: Mapping[str, Any]
    interpretation: Mapping[str, Any]
    child: Mapping[str, Any] | None
    """The interpretation of a child."""

    @classmethod
    def from_service(cls, service: Service) -> _Waits | None:
        """Return the waits of the operation with `x-poll`; None without the operation or its interpretation."""
        interpretations = service.evidence.data.get("interpretations", ())
        for each in interpretations:
            recording = service.recordings[each["recording"]]
            operation = service.operation(recording.operation)
            poll = PollSpec.from_operation(operation.definition) if operation else None
            if operation is None or poll is None or "pointer" not in each.get("expect", {}).get("state", ()):
                continue
            if not ("id_parameter" in each or "pagination" in each):
                continue
            request = recording.source.data["request"]
            arguments = dict(request.get("path", {}))
            if poll.argument:
                arguments[poll.argument] = JOB
            children = each["job"] + each["expect"].get("children", {}).get("pointer", "//")
            child = next(
                (other for other in interpretations if "expect" in other and other["job"].startswith(f"{children}/")),
                None,
            )
            pages = PaginationSpec.from_operation(operation.definition)
            return cls(operation, poll, pages, recording.body, arguments, each, child)
        return None

    @property
    def as_data(self) -> dict[str, Any]:
        """The waits, with the bodies that their responses name."""
        waits = list(self._waits())
        used = {each["body"] for wait in waits for each in wait["responses"] if "body" in each}
        bodies = {name: self._body(name) for name in sorted(used)}
        data: dict[str, Any] = {"operation": self.operation.id, "bodies": bodies, "waits": waits}
        if not self.poll.argument and self.pages:
            # The response to requests for further pages, which the polls of a wait do not include.
            data["further_pages"] = {"parameter": self.pages.offset, "body": "missing"}
            bodies["missing"] = self._body("missing")
        return data

    @property
    def is_listing(self) -> bool:
        return not self.poll.argument

    @property
    def _values(self) -> dict[str, str]:
        """One value of the service for each state."""
        return {
            state: values[0] for state, values in self.interpretation["expect"]["state"].items() if _is_list(values)
        }

    def _body(self, name: str) -> Any:
        """Return a body by its name: a state, `another` for another job, `missing` for a listing without the job."""
        body = deepcopy(self.recorded)
        expect, at = self.interpretation["expect"], self.interpretation["job"]
        if name == "missing":
            assign(body, at.rpartition("/")[0], [])
            return body
        state, _, why = name.partition(", ")
        if self.is_listing:
            rows = at.rpartition("/")[0]
            assign(body, rows, resolve(body, rows)[:1])
            at = f"{rows}/0"
        value = self._values.get("succeeded" if state == "another" else state, _UNKNOWN_STATE)
        assign(body, at + expect["state"]["pointer"], value)
        assign(body, at + expect["id"]["pointer"], "another" if state == "another" else JOB)
        if "reason" in expect:
            assign(body, at + expect["reason"]["pointer"], "it rained" if why == "with a reason" else "")
        if why == "with a failed child" and self.child:
            inner = self.child["expect"]
            assign(body, self.child["job"] + inner["state"]["pointer"], inner["state"]["failed"][0])
            assign(body, self.child["job"] + inner["reason"]["pointer"], "it snowed")
        return body

    def _waits(self) -> Iterator[dict[str, Any]]:
        for course_name, course in COURSES.items():
            if not set(course) <= self._values.keys():
                # A service need not have all states.
                continue
            for name, fault in FAULTS.items():
                if name in _SKIPPED:
                    continue
                promised = WaitOutcome.promised(course, fault, is_listing=self.is_listing)
                place = fault.place(course)
                faulty = self._responses(name, course[place])
                # The response with the last state of a course is repeated until a poll has read it.
                before, after = course[:place], course[min(place + (name in _SHOWING), len(course) - 1) :]
                script = [*map(self._shown, before), *faulty, *map(self._shown, after)]
                yield self._wait(f"{course_name}, {name}", script, promised, dict(fault.keywords))
        for why, reason in (("with a reason", "it rained"), ("with a failed child", "it snowed")):
            of = self.interpretation if why == "with a reason" else self.child
            if of is not None and "reason" in of["expect"]:
                promised = WaitOutcome.promised(COURSES["fails"], FaultCost(), is_listing=self.is_listing)
                script = [self._shown("running"), self._shown(f"failed, {why}")]
                yield self._wait(f"fails {why}", script, promised, {}, reason=reason)
        yield from self._timeouts()

    def _timeouts(self) -> Iterator[dict[str, Any]]:
        """Waits for a job that never ends."""
        for timeout, interval in ((10.0, None), (0.0, None), (6.0, 2.5)):
            slept: list[float] = []
            while True:
                left = timeout - sum(slept)
                pause = poll_pause(len(slept)) if interval is None else interval
                if pause < left:
                    slept.append(pause)
                elif left - 1 >= 0.2:
                    # The last poll is one second before the timeout.
                    slept.append(left - 1)
                else:
                    break
            promised = WaitOutcome(len(slept) + 1, (*slept, timeout - sum(slept)), ("running",), "timeout")
            options = {"timeout": timeout, **({} if interval is None else {"poll_interval": interval})}
            yield self._wait(f"never ends, {json.dumps(options)}", [self._shown("running")], promised, options)
        options = {"poll_interval": 5}
        promised = WaitOutcome(3, (5, 5), changes(COURSES["succeeds"]), "succeeded")
        yield self._wait("succeeds, polled every 5 s", [*map(self._shown, COURSES["succeeds"])], promised, options)

    def _wait(
        self,
        name: str,
        script: list[dict[str, Any]],
        promised: WaitOutcome,
        options: Mapping[str, Any],
        reason: str | None = None,
    ) -> dict[str, Any]:
        if promised.end == "timeout":
            result: dict[str, Any] = {"error": "timeout", "state": promised.told[-1]}
        elif promised.end in _ERRORS:
            result = _ERRORS[promised.end]
        elif promised.end.startswith("JobFailed: "):
            result = {"error": "job-failed", "state": promised.end.removeprefix("JobFailed: "), "reason": reason}
        else:
            result = {"state": promised.end}
        return {
            "name": name,
            "job_id": JOB,
            "arguments": self.arguments,
            "options": options,
            "random": CHANCE,
            "responses": script,
            "expect": {
                "requests": promised.requests,
                "slept": [round(seconds, 2) for seconds in promised.slept],
                "states": promised.told,
                "result": result,
            },
        }

    def _shown(self, name: str) -> dict[str, Any]:
        return {"status": 200, "headers": {"Content-Type": "application/json"}, "body": name}

    def _responses(self, fault: str, state: str) -> list[dict[str, Any]]:
        """Return the responses of a fault, which come before the rest of the course."""
        missing = self._shown("missing") if self.is_listing else _failed(404)
        return {
            "none": [],
            "429, Retry-After 5": [_failed(429, {"Retry-After": "5"})],
            "429, Retry-After 900": [_failed(429, {"Retry-After": "900"})],
            "503 twice": [_failed(503)] * 2,
            "503 nine times": [_failed(503)] * 9,
            "status 599": [_failed(599)],
            "connection reset": [{"fails": "connection"}],
            "timeout": [{"fails": "connection"}],
            "truncated body": [{"fails": "body"}],
            "JSON cut short": [{"status": 200, "headers": {"Content-Type": "application/json"}, "text": '{"jobs": ['}],
            "HTML gateway page, 502": [_page(502)],
            "HTML gateway page, 200": [_page(200)] * 3,
            "401, fixed token": [_failed(401)],
            "unknown status": [self._shown("unknown")],
            "id unknown for 3 polls": [missing] * 3,
            "id unknown, no grace": [missing],
            "missing once": [missing],
            "missing three times": [missing] * 3,
            "missing four times": [missing] * 4,
            "wrong address": [{"fails": "connection"}] * 3,
            "connection refused nine times": [{"fails": "connection"}] * 9,
            "another job's response": [self._shown("another")],
            "200, Retry-After 7": [
                {**self._shown(state), "headers": {"Content-Type": "application/json", "Retry-After": "7"}}
            ],
        }[fault]


_SHOWING = ("200, Retry-After 7", "unknown status")
"""Faults after which the response of the course follows."""


def _failed(status: int, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"status": status, "headers": {"Content-Type": "application/json", **(headers or {})}, "text": ""}


def _page(status: int) -> dict[str, Any]:
    return {"status": status, "headers": {"Content-Type": "text/html"}, "text": _HTML}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


# The table of waits: courses of a job, faults, and the outcome that the documentation promises for each pair.
# The table is computed from the rules in the documentation, independently of the client.

CHANCE = 0.5
"""The random number that each pause is computed with."""


def poll_pause(number: int) -> float:
    """Return seconds before poll `number` + 1: 1 to 30, each half longer than the one before, minus up to a quarter."""
    return min(1.5**number, 30.0) * (1 - 0.25 * CHANCE)


def backoff(retry: int) -> float:
    """Return seconds before a retry: half a second, doubled for each retry, times a random number."""
    return 0.5 * 2.0**retry * CHANCE


COURSES = {
    "succeeds": ("pending", "running", "succeeded"),
    "has succeeded": ("succeeded",),
    "fails": ("running", "failed"),
    "ends in part": ("running", "partial"),
    "is stopped": ("running", "stopped"),
}
"""The courses of a job: its states, each shown by one response. The job stays in the last state."""


@attrs.frozen
class FaultCost:
    """The cost of a fault. It affects the second poll, or the first one if the course has one state only."""

    retries: tuple[float, ...] = ()
    """Seconds slept before each retry of the poll."""
    lost_polls: int = 0
    """The number of polls without a result, each of them with all retries."""
    again: int = 0
    """The number of requests that are repeated without a pause."""
    raises: str | None = None
    """The class of the error that ends the wait, after the lost polls."""
    raises_unseen: str | None = None
    """The class of the error that ends the wait if the fault affects the first poll."""
    raises_unlisted: str | None = None
    """The class of the error that ends the wait, for a listing only."""
    sets_pause: float | None = None
    """Seconds before the next poll, which the service asks for."""
    lost_job: bool = False
    """Whether the wait includes a second job, which does not exist."""
    from_the_first: bool = False
    """Whether the fault affects the first poll."""
    hides_the_state: bool = False
    """Whether the poll succeeds with a state that the document does not list."""
    keywords: Mapping[str, Any] = attrs.field(factory=dict)
    """Options of the wait."""

    def place(self, course: tuple[str, ...]) -> int:
        """Return the number of polls before the fault."""
        return 0 if self.from_the_first or len(course) == 1 else 1


FAULTS = {
    "none": FaultCost(),
    "429, Retry-After 5": FaultCost((5,)),
    "429, Retry-After 900": FaultCost((60,)),
    "503 twice": FaultCost((backoff(0), backoff(1))),
    "503 nine times": FaultCost((backoff(0), backoff(1)), lost_polls=3),
    "status 599": FaultCost(raises="InternalServerError"),
    "connection reset": FaultCost((backoff(0),)),
    "timeout": FaultCost((backoff(0),)),
    "truncated body": FaultCost((backoff(0),)),
    "JSON cut short": FaultCost(lost_polls=1),
    "HTML gateway page, 502": FaultCost((backoff(0),)),
    "HTML gateway page, 200": FaultCost(lost_polls=3),
    "401, token has expired": FaultCost(again=1),
    "401, fixed token": FaultCost(raises="AuthenticationError"),
    "clock 10 minutes off": FaultCost(again=1),
    "unknown status": FaultCost(hides_the_state=True),
    "id unknown for 3 polls": FaultCost(lost_polls=3, from_the_first=True, keywords={"not_found_grace": 60}),
    "id unknown, no grace": FaultCost(raises="NotFoundError", from_the_first=True),
    "missing once": FaultCost(lost_polls=1, raises_unseen="NotFoundError"),
    "missing three times": FaultCost(lost_polls=3, raises_unseen="NotFoundError"),
    "missing four times": FaultCost(lost_polls=3, raises="NotFoundError", raises_unseen="NotFoundError"),
    "wrong address": FaultCost((backoff(0), backoff(1)), raises="APIConnectionError", from_the_first=True),
    "connection refused nine times": FaultCost(
        (backoff(0), backoff(1)), lost_polls=3, raises_unseen="APIConnectionError"
    ),
    "another job's response": FaultCost(lost_polls=1, raises_unlisted="NotFoundError"),
    "200, Retry-After 7": FaultCost(sets_pause=7),
    "one of many lost": FaultCost(lost_job=True),
}


@attrs.frozen
class WaitOutcome:
    """The outcome of a wait."""

    requests: int
    """Number of requests to the service, without those for further pages of a listing that lacks the job."""
    slept: tuple[float, ...]
    told: tuple[str, ...]
    """States that were reported."""
    end: str
    """The final state, `JobFailed: ` and the state, or the class of the error."""

    @classmethod
    def promised(cls, course: tuple[str, ...], fault: FaultCost, *, is_listing: bool) -> WaitOutcome:
        """Return the outcome that the documentation promises, for an operation that lists jobs or returns one."""
        place = fault.place(course)
        unseen = fault.raises_unseen or (fault.raises_unlisted if is_listing else None)
        raises, lost = (unseen, 0) if unseen and place == 0 else (fault.raises, fault.lost_polls)
        if raises is not None:
            requests = place + lost + 1 + len(fault.retries) + fault.again
            slept = [*map(poll_pause, range(place + lost)), *fault.retries]
            return cls(requests, rounded(slept), changes(course[:place]), raises)
        shown = list(course)
        if fault.hides_the_state:
            shown[place] = "unknown"
            # A job stays in its last state, which the next poll shows.
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
            # Pauses of several jobs overlap. With a listing, the second job has no poll of its own.
            found = f"WaitFailed: {course[-1]}, NotFoundError"
            return cls(requests + (not is_listing), (), changes(shown), found)
        return cls(requests, rounded(slept), changes(shown), end)


def rounded(slept: list[float]) -> tuple[float, ...]:
    """Return seconds with two decimals."""
    return tuple(round(seconds, 2) for seconds in slept)


def changes(shown: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the states without repetitions."""
    return tuple(state for place, state in enumerate(shown) if place == 0 or shown[place - 1] != state)
