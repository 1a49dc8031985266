"""What one operation has to show: its recorded replies, the jobs that somebody wished for, and its listings."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ._failures import is_json
from ._jobs import Job, Maker, Wish, found
from ._listings import Listing, Pages, is_listing
from ._recorded import Recorded, Reply
from ._schemas import flat, resolved, smallest, validator
from ._shapes import Shape


class Contents:
    """What one operation has to show. Raises `ValueError` where its document cannot be replayed."""

    def __init__(
        self,
        service: str,
        document: dict[str, Any],
        operation: dict[str, Any],
        recordings: Mapping[str, dict[str, Any]],
        of_client: Collection[str],
        seed: int,
    ) -> None:
        self.service = service
        self.jobs: dict[str, Job] = {}
        self._document, self._seed = document, seed
        name = operation.get("operationId", "")
        self._recorded = Recorded.of(recordings, name, of_client)
        self.examples = Recorded.by_id(recordings, name)
        """Its recorded replies by their ids."""
        poll = operation.get("x-poll", {})
        self._argument: str | None = poll.get("argument")
        pages = operation.get("x-pagination") or ({"offset": None, "limit": None, **poll} if "items" in poll else None)
        self._pages = Pages(pages["offset"], pages["limit"], pages["items"], pages.get("count")) if pages else None
        self._status, self._content_type, self._schema = _success(document, operation)
        self._maker = self._make_maker(poll)
        self._listings = self._make_listings()

    @property
    def polls(self) -> bool:
        """Whether it tells the states of jobs."""
        return self._maker is not None

    @property
    def lists(self) -> bool:
        """Whether it lists things."""
        return self._pages is not None

    @property
    def items(self) -> str | None:
        """Of a listing, the name of its list."""
        return self._pages.items if self._pages else None

    @property
    def state(self) -> tuple[str, ...]:
        """Where the state of a job stands, if it tells one."""
        return self._maker.shape.state.path if self._maker else ()

    @property
    def nothing(self) -> str:
        """Says that there is no such thing."""
        there = f"; there are the jobs {', '.join(self.jobs)}" if self.jobs and self._argument else ""
        return f"nothing is recorded for these path parameters{there}"

    @property
    def shape(self) -> Shape:
        """The form of its jobs."""
        assert self._maker is not None
        return self._maker.shape

    def has_job(self, job_id: str) -> bool:
        """Whether somebody wished for a job of that id."""
        return job_id in self.jobs or any(job_id in listing.jobs for listing in self._listings)

    def no_example(self, wanted: str) -> str:
        """Says that there is no such recording."""
        return f"example is {wanted!r}: there are {', '.join(self.examples) or 'none'}"

    def asked_for(self, values: Mapping[str, Any]) -> str | None:
        """The ID of the job that a request with these parameters asks for."""
        return None if self._argument is None else str(values[self._argument])

    def reply(self, path: Mapping[str, str], values: Mapping[str, Any], now: float, *, counts: bool) -> Reply | None:
        """The reply to a request with these parameters; None if there is no such thing.

        A reply that `counts` shows each of its jobs once more.
        """
        if self._argument is not None:
            job = self.jobs.get(str(values[self._argument]))
            if job is not None and found([job], path):
                return Reply(path, self._status, self._content_type, job.text(now, counts=counts))
        for listing in self._listings:
            if listing.path.items() <= path.items():
                return listing.page(values, now, counts=counts)
        return self._recorded.reply(path)

    def add_job(self, job_id: str, wish: Wish, now: float) -> Job:
        """Let there be a job. Raises `ValueError`."""
        assert self._maker is not None
        listing = self._listing(wish.where) if self._argument is None else None
        jobs = self.jobs if listing is None else listing.jobs
        job = self._maker.make(job_id, wish, now)
        if job_id in jobs:
            raise ValueError(f"{self.service} has a job {job_id!r} already")
        jobs[job_id] = job
        return job

    def add_rows(self, rows: int, where: Mapping[str, str]) -> None:
        """Let a listing have so many rows, besides its jobs. Raises `ValueError`."""
        listing = self._listing(where)
        listing.take_rows(rows, self._listings[0])

    def _listing(self, where: Mapping[str, str]) -> Listing:
        """The listing with these path parameters; the first there is where none are given."""
        for listing in self._listings:
            if where.items() <= listing.path.items() or dict(listing.path) == dict(where):
                return listing
        listing = self._listings[0].without_rows(where)
        self._listings.append(listing)
        return listing

    def _make_maker(self, poll: Mapping[str, str]) -> Maker | None:
        if not poll:
            return None
        bodies = [json.loads(reply.text) for reply in self._recorded.replies if reply.is_success and _has_json(reply)]
        schema, match = self._schema, None
        if "items" in poll:
            schema = flat(self._document, flat(self._document, schema)["properties"][poll["items"]])["items"]
            match = poll["match"]
            bodies = [row for body in bodies if isinstance(body, dict) for row in body.get(poll["items"]) or ()]
        shape = Shape(self._document, schema, [body for body in bodies if isinstance(body, dict)])
        checking = validator(self._document, schema)

        def problem(body: Any) -> str | None:
            error = next(checking.iter_errors(body), None)
            return None if error is None else f"{'/'.join(map(str, error.instance_path))}: {error.message}"

        return Maker(self.service, shape, match, self._document, schema, problem, self._seed)

    def _make_listings(self) -> list[Listing]:
        if self._pages is None:
            return []
        identity = self._maker.shape.id if self._maker else None
        # Of two recordings of one listing the first counts.
        recorded = {
            tuple(reply.path.items()): reply
            for reply in reversed(self._recorded.replies)
            if reply.is_success and _has_json(reply) and is_listing(reply.text, self._pages)
        }
        replies = list(reversed(recorded.values()))
        if not replies and self._maker:
            body = {self._pages.items: [], **smallest(self._document, self._schema)}
            replies = [Reply({}, self._status, self._content_type, json.dumps(body))]
        return [Listing(reply, self._pages, identity, self._seed) for reply in replies]


def _success(document: dict[str, Any], operation: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    """Status, media type and schema of a success."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and status.isdigit():
            for media_type, media in resolved(document, response).get("content", {}).items():
                if is_json(media_type):
                    return int(status), media_type, media.get("schema", {})
    return 200, "application/json", {}


def _has_json(reply: Reply) -> bool:
    return is_json(reply.content_type)
