"""The replay itself: finds the operation that a request is for, by its path as it was sent. Sends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import combinations
from random import Random
from urllib.parse import unquote_to_bytes

from .._clock import Clock
from .._documents import document, recordings, services
from .._forks import reset_in_child
from ._answers import Answer, plain
from ._asked import Asked, Question
from ._contents import Contents
from ._endpoints import Endpoint, Reception, endpoints
from ._faults import Script
from ._jobs import Job, Wish
from ._walks import drawn

_PATHS = 4096
"""How many paths are kept with the operations that they mean."""


class Engine:
    """The services of those names, or all. Safe to share between threads.

    Raises:
        ValueError: There is no such service; or two of them have an operation with the same method and path; or a
            document has what cannot be replayed.
    """

    def __init__(self, names: Sequence[str], clock: Clock | None = None, seed: int = 0) -> None:
        # A name that is given twice is one service.
        self.services = tuple(dict.fromkeys(names or services()))
        served = [
            endpoint for name in self.services for endpoint in endpoints(name, document(name), recordings(name), seed)
        ]
        for one, other in combinations(served, 2):
            if (one.method, one.shape) == (other.method, other.shape):
                raise ValueError(
                    f"{one.service} and {other.service} both have {one.method} {one.template}: serve them one at a time"
                )
        self.clock = clock or Clock()
        self.script = Script()
        self.listener: Callable[[Asked], object] | None = None
        """Told of each request."""
        self._chance = Random(seed)
        self._served = sorted(served, key=lambda endpoint: endpoint.generality)
        self._lock = threading.Lock()
        self._begun = self.clock.monotonic()
        self._meant = lru_cache(_PATHS)(self._found)
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def answer(self, question: Question, mounted_at: bytes = b"") -> Answer:
        """The reply to a request."""
        with self._lock:
            endpoint, received = self._received(question, mounted_at)
            if self.listener is not None:
                self.listener(self._asked(question, endpoint, received))
        return received.answer

    def add_job(self, service: str, job_id: str | None, wish: Wish) -> Job:
        """Let a service have a job. Raises `ValueError`."""
        with self._lock:
            contents = self._contents(service, lambda each: each.polls, "tells the states of jobs")
            return contents.add_job(self._free_id(contents) if job_id is None else job_id, wish, self.clock.now())

    def draw_states(self, service: str) -> list[str]:
        """States of a job, by chance."""
        contents = self._contents(service, lambda each: each.polls, "tells the states of jobs")
        return drawn(contents.shape, self._chance)

    def add_rows(self, service: str, rows: int, where: dict[str, str]) -> None:
        """Let a listing of a service have so many rows. Raises `ValueError`."""
        with self._lock:
            self._contents(service, lambda each: each.lists, "lists anything").add_rows(rows, where)

    def path_parameters(self, service: str) -> list[str]:
        """Names of the path parameters that a service has."""
        served = [endpoint for endpoint in self._served if endpoint.service == self.known(service)]
        named = [parameter.name for each in served for parameter in each.parameters if parameter.location == "path"]
        return list(dict.fromkeys(named))

    def offers(self, service: str, *, jobs: bool) -> bool:
        """Whether a service tells the states of jobs; otherwise, whether it lists anything."""
        served = [endpoint.contents for endpoint in self._served if endpoint.service == self.known(service)]
        return any(contents.polls if jobs else contents.lists for contents in served)

    def known(self, service: str) -> str:
        """The service, if it is replayed. Raises `ValueError` with those that are."""
        if service not in self.services:
            raise ValueError(f"{service!r} is not replayed here: choose among {', '.join(self.services)}")
        return service

    def _contents(self, service: str, fits: Callable[[Contents], bool], what: str) -> Contents:
        served = [endpoint.contents for endpoint in self._served if endpoint.service == self.known(service)]
        fitting = [contents for contents in served if fits(contents)]
        if not fitting:
            raise ValueError(f"{service} has no operation that {what}")
        return fitting[0]

    def _free_id(self, contents: Contents) -> str:
        number = 1
        while contents.has_job(f"job-{number}"):
            number += 1
        return f"job-{number}"

    def _received(self, question: Question, mounted_at: bytes) -> tuple[Endpoint | None, Reception]:
        found = self._meant(question.raw_path.removeprefix(mounted_at))
        for endpoint, path in found:
            if endpoint.method == question.method:
                choose = partial(self.script.take, endpoint.service)
                return endpoint, endpoint.answer(path, question, choose, self.clock.now())
        if found:
            allowed = ", ".join(sorted({endpoint.method for endpoint, _ in found}))
            return None, Reception(plain(405, f"this path is served for {allowed}", allow=allowed))
        served = "".join(f"{endpoint.method} {endpoint.template}\n" for endpoint in self._served)
        return None, Reception(plain(404, f"nothing is served at this path; served are\n{served}"))

    def _found(self, raw_path: bytes) -> list[tuple[Endpoint, dict[str, str]]]:
        """The operations that a path means, with its parameters."""
        # In decoded segments, since `%2F` is no separator. What is not UTF-8 becomes lone surrogates, which the
        # parameters refuse.
        parts = raw_path.split(b"/")
        segments = [unquote_to_bytes(segment).decode("utf-8", "surrogateescape") for segment in parts]
        matched = ((endpoint, endpoint.match(segments)) for endpoint in self._served)
        return [(endpoint, path) for endpoint, path in matched if path is not None]

    def _asked(self, question: Question, endpoint: Endpoint | None, received: Reception) -> Asked:
        return Asked(
            question=question,
            service=endpoint.service if endpoint else None,
            operation=endpoint.operation if endpoint else None,
            job=received.job,
            status=None if received.answer.reset else received.answer.status,
            fault=str(received.fault or ""),
            at=self.clock.monotonic() - self._begun,
        )
