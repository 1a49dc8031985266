"""The table of waits: courses of a job, faults, and the outcome that the documentation promises for each pair.

The outcome is computed from the lines of the documentation, independently of the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

CHANCE = 0.5
"""The random number that each pause is computed with."""


def poll_pause(number: int) -> float:
    """Seconds before poll `number` + 1: they grow by half from 1 to 30, and up to a quarter is subtracted."""
    return min(1.5**number, 30.0) * (1 - 0.25 * CHANCE)


def backoff(retry: int) -> float:
    """Seconds before a retry: half a second, doubled for each retry, times a random number."""
    return 0.5 * 2.0**retry * CHANCE


COURSES = {
    "succeeds": ("pending", "running", "succeeded"),
    "has succeeded": ("succeeded",),
    "fails": ("running", "failed"),
    "ends in part": ("running", "partial"),
    "is stopped": ("running", "stopped"),
}
"""The states of a job, each shown by one response. It stays in the last one."""


@attrs.frozen
class Fault:
    """The cost of a fault. It affects the second poll, or the first one if the course has one state only."""

    retries: tuple[float, ...] = ()
    """Seconds slept before each retry of the poll."""
    lost_polls: int = 0
    """The number of polls without a result, each with as many retries."""
    again: int = 0
    """The number of requests that are repeated without a pause."""
    raises: str | None = None
    """The class of the error that ends the wait, after the lost polls."""
    raises_unseen: str | None = None
    """The class of the error that ends the wait if the fault affects the first poll."""
    raises_unlisted: str | None = None
    """The same, for a listing only."""
    sets_pause: float | None = None
    """Seconds before the next poll, which the service asks for."""
    lost_job: bool = False
    """A job that does not exist is awaited with the other one."""
    from_the_first: bool = False
    """It affects the first poll."""
    hides_the_state: bool = False
    """The poll succeeds with a state that the document does not know."""
    keywords: Mapping[str, Any] = attrs.field(factory=dict)
    """Options of the wait."""

    def place(self, course: tuple[str, ...]) -> int:
        """The number of polls before the fault."""
        return 0 if self.from_the_first or len(course) == 1 else 1


FAULTS = {
    "none": Fault(),
    "429, Retry-After 5": Fault((5,)),
    "429, Retry-After 900": Fault((60,)),
    "503 twice": Fault((backoff(0), backoff(1))),
    "503 nine times": Fault((backoff(0), backoff(1)), lost_polls=3),
    "status 599": Fault(raises="InternalServerError"),
    "connection reset": Fault((backoff(0),)),
    "timeout": Fault((backoff(0),)),
    "truncated body": Fault((backoff(0),)),
    "JSON cut short": Fault(lost_polls=1),
    "HTML gateway page, 502": Fault((backoff(0),)),
    "HTML gateway page, 200": Fault(lost_polls=3),
    "401, token has expired": Fault(again=1),
    "401, fixed token": Fault(raises="AuthenticationError"),
    "clock 10 minutes off": Fault(again=1),
    "unknown status": Fault(hides_the_state=True),
    "id unknown for 3 polls": Fault(lost_polls=3, from_the_first=True, keywords={"not_found_grace": 60}),
    "id unknown, no grace": Fault(raises="NotFoundError", from_the_first=True),
    "missing once": Fault(lost_polls=1, raises_unseen="NotFoundError"),
    "missing three times": Fault(lost_polls=3, raises_unseen="NotFoundError"),
    "missing four times": Fault(lost_polls=3, raises="NotFoundError", raises_unseen="NotFoundError"),
    "wrong address": Fault((backoff(0), backoff(1)), raises="APIConnectionError", from_the_first=True),
    "connection refused nine times": Fault((backoff(0), backoff(1)), lost_polls=3, raises_unseen="APIConnectionError"),
    "another job's response": Fault(lost_polls=1, raises_unlisted="NotFoundError"),
    "200, Retry-After 7": Fault(sets_pause=7),
    "one of many lost": Fault(lost_job=True),
}


@attrs.frozen
class Outcome:
    """The outcome of a wait."""

    requests: int
    """To the service, without those for further pages of a listing that lacks the job."""
    slept: tuple[float, ...]
    told: tuple[str, ...]
    """States that were reported."""
    end: str
    """The final state, `JobFailed: ` and the state, or the class of the error."""

    @classmethod
    def promised(cls, course: tuple[str, ...], fault: Fault, *, is_listing: bool) -> Outcome:
        """The outcome that the documentation promises, for an operation that lists jobs or returns one."""
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
            # Pauses of several jobs overlap. A listing has no poll of the other job.
            found = f"WaitFailed: {course[-1]}, NotFoundError"
            return cls(requests + (not is_listing), (), changes(shown), found)
        return cls(requests, rounded(slept), changes(shown), end)


def rounded(slept: list[float]) -> tuple[float, ...]:
    """Seconds with two decimals."""
    return tuple(round(seconds, 2) for seconds in slept)


def changes(shown: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The states without repetitions."""
    return tuple(state for place, state in enumerate(shown) if place == 0 or shown[place - 1] != state)
