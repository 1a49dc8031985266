# Generated from generator/client/runtime/testing/_operation_state.py. Do not edit: change that, and run `make generate`.
"""State of one operation: its recorded responses, added jobs and listings.

Makes no replies up: a job that was recorded running is running for ever.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ._job_mapping import BodyField, BodyMapping
from ._jobs import IdFactory, JobFactory, JobSpec, ReplayJob, found
from ._responses import is_json
from ._schemas import merge_all_of, minimal_instance, resolved, validator

_NOT_THERE = (404, 410, 400)
"""Statuses of a failure that says that a thing is not there, the plainest first."""


@attrs.frozen
class RecordedResponse:
    """One recorded reply."""

    path: Mapping[str, str]
    """The path parameters that say which thing was asked for."""
    status: int
    content_type: str
    text: str

    @property
    def is_success(self) -> bool:
        return self.status < 400


@attrs.frozen
class RecordedResponses:
    """The recorded replies of one operation."""

    replies: tuple[RecordedResponse, ...]

    @classmethod
    def from_operation(
        cls, recordings: Mapping[str, dict[str, Any]], operation: str, of_client: Collection[str]
    ) -> RecordedResponses:
        """The replies of an operation. What a client is given once, and what was invented, identifies no recording."""
        replies = []
        for recording in recordings.values():
            if recording["operation"] == operation:
                request = recording["request"]
                free = {*of_client, *request.get("invented", ())}
                path = {name: text for name, text in request["path"].items() if name not in free}
                replies.append(
                    RecordedResponse(path, recording["status"], recording["content_type"], recording["body"])
                )
        return cls(tuple(replies))

    @staticmethod
    def by_id(recordings: Mapping[str, dict[str, Any]], operation: str) -> dict[str, RecordedResponse]:
        """The replies of an operation by the ids of their recordings."""
        return {
            name: RecordedResponse({}, each["status"], each["content_type"], each["body"])
            for name, each in recordings.items()
            if each["operation"] == operation
        }

    def reply(self, path: Mapping[str, str]) -> RecordedResponse | None:
        """The reply to a request with these path parameters, or the recorded one for a thing that is not there."""
        fitting = [reply for reply in self.replies if reply.path.items() <= path.items()]
        # A job that was recorded both well and refused is there: a success goes first.
        return min(fitting, key=lambda reply: not reply.is_success, default=None) or self._not_there

    @property
    def _not_there(self) -> RecordedResponse | None:
        there = [reply.path for reply in self.replies if reply.is_success]
        failures = [reply for reply in self.replies if reply.status in _NOT_THERE and reply.path not in there]
        return min(failures, key=lambda reply: _NOT_THERE.index(reply.status), default=None)


_MARK = "\u0000the id\u0000"


@attrs.frozen
class PageParameters:
    """How a listing comes in pages: names of its parameters and fields."""

    offset: str | None
    limit: str | None
    items: str
    count: str | None = None


@attrs.frozen
class _Row:
    """A recorded row, in the pieces around its ID."""

    before: str
    after: str
    identities: IdFactory

    def text(self, number: int) -> str:
        return f"{self.before}{json.dumps(self.identities(number))[1:-1]}{self.after}"


class ReplayListing:
    """One listing.

    Args:
        reply: The whole of it, as it was recorded.
        pages: How it comes in pages.
        identity: Where a row's ID stands, if rows have one.
        seed: What IDs of further rows follow from.
    """

    def __init__(self, reply: RecordedResponse, pages: PageParameters, identity: BodyField | None, seed: int) -> None:
        self.path = reply.path
        self.jobs: dict[str, ReplayJob] = {}
        self._reply, self._pages, self._identity, self._seed = reply, pages, identity, seed
        self._body: dict[str, Any] = json.loads(reply.text)
        self._recorded: list[Any] = self._body[pages.items]
        self._rows = [_dumps(row) for row in self._recorded]
        self._models: list[_Row] = []
        self._length = len(self._rows)

    def without_rows(self, path: Mapping[str, str]) -> ReplayListing:
        """An empty listing of the same form, for other path parameters."""
        body = {**self._body, self._pages.items: []}
        if self._pages.count in body:
            body[self._pages.count] = 0
        return ReplayListing(
            attrs.evolve(self._reply, path=path, text=_dumps(body)), self._pages, self._identity, self._seed
        )

    def take_rows(self, rows: int, model: ReplayListing) -> None:
        """Let it have so many rows besides its jobs, made of the recorded ones of a listing. Raises `ValueError`."""
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
            raise ValueError(f"rows is {rows!r}: give a number, 0 or more")
        self._models = list(_models(model._recorded, self._identity, self._seed))
        if rows > len(self._rows) and not self._models:
            raise ValueError("no row with an id is recorded, so that none can be made like it")
        self._length = rows

    def __len__(self) -> int:
        return len(self.jobs) + self._length

    def page(self, values: Mapping[str, Any], now: float, *, counts: bool = True) -> RecordedResponse:
        """The reply to a request with these parameters."""
        offset = values.get(self._pages.offset or "") or 0
        limit = values.get(self._pages.limit or "")
        end = len(self) if limit is None else min(offset + limit, len(self))
        if not self.jobs and offset == 0 and end == self._length == len(self._rows) and self._counts_well:
            return self._reply
        jobs = list(self.jobs.values())
        rows = [job.text(now, counts=counts) for job in jobs[offset:end]]
        rows += [self._row(number) for number in range(max(offset - len(jobs), 0), end - len(jobs))]
        return attrs.evolve(self._reply, text=self._page_of(rows))

    @property
    def _counts_well(self) -> bool:
        return self._pages.count not in self._body or self._body[self._pages.count] == len(self._rows)

    def _row(self, number: int) -> str:
        if number < len(self._rows):
            return self._rows[number]
        return self._models[number % len(self._models)].text(number)

    def _page_of(self, rows: Sequence[str]) -> str:
        fields = []
        for name, value in self._body.items():
            if name == self._pages.items:
                text = f"[{', '.join(rows)}]"
            else:
                text = str(len(rows)) if name == self._pages.count else _dumps(value)
            fields.append(f"{_dumps(name)}: {text}")
        return f"{{{', '.join(fields)}}}"


def is_listing(text: str, pages: PageParameters) -> bool:
    """Whether a recorded body is a listing."""
    try:
        body = json.loads(text)
    except ValueError:
        return False
    return isinstance(body, dict) and isinstance(body.get(pages.items), list)


def _models(rows: Sequence[Any], identity: BodyField | None, seed: int) -> Iterator[_Row]:
    for row in rows:
        known = identity.get(row) if identity else None
        if identity is not None and isinstance(known, str) and known:
            marked = json.loads(json.dumps(row))
            identity.put(marked, _MARK)
            before, after = _dumps(marked).split(_dumps(_MARK)[1:-1])
            yield _Row(before, after, IdFactory(known, seed))


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class OperationState:
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
        self.jobs: dict[str, ReplayJob] = {}
        self._document, self._seed = document, seed
        name = operation.get("operationId", "")
        self._recorded = RecordedResponses.from_operation(recordings, name, of_client)
        self.examples = RecordedResponses.by_id(recordings, name)
        """Its recorded replies by their ids."""
        poll = operation.get("x-poll", {})
        self._argument: str | None = poll.get("argument")
        pages = operation.get("x-pagination") or ({"offset": None, "limit": None, **poll} if "items" in poll else None)
        self._pages = (
            PageParameters(pages["offset"], pages["limit"], pages["items"], pages.get("count")) if pages else None
        )
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
    def shape(self) -> BodyMapping:
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

    def reply(
        self, path: Mapping[str, str], values: Mapping[str, Any], now: float, *, counts: bool
    ) -> RecordedResponse | None:
        """The reply to a request with these parameters; None if there is no such thing.

        A reply that `counts` shows each of its jobs once more.
        """
        if self._argument is not None:
            job = self.jobs.get(str(values[self._argument]))
            if job is not None and found([job], path):
                return RecordedResponse(path, self._status, self._content_type, job.text(now, counts=counts))
        for listing in self._listings:
            if listing.path.items() <= path.items():
                return listing.page(values, now, counts=counts)
        return self._recorded.reply(path)

    def add_job(self, job_id: str, wish: JobSpec, now: float) -> ReplayJob:
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

    def _listing(self, where: Mapping[str, str]) -> ReplayListing:
        """The listing with these path parameters; the first there is where none are given."""
        for listing in self._listings:
            if where.items() <= listing.path.items() or dict(listing.path) == dict(where):
                return listing
        listing = self._listings[0].without_rows(where)
        self._listings.append(listing)
        return listing

    def _make_maker(self, poll: Mapping[str, str]) -> JobFactory | None:
        if not poll:
            return None
        bodies = [json.loads(reply.text) for reply in self._recorded.replies if reply.is_success and _has_json(reply)]
        schema, match = self._schema, None
        if "items" in poll:
            schema = merge_all_of(self._document, merge_all_of(self._document, schema)["properties"][poll["items"]])[
                "items"
            ]
            match = poll["match"]
            bodies = [row for body in bodies if isinstance(body, dict) for row in body.get(poll["items"]) or ()]
        shape = BodyMapping(self._document, schema, [body for body in bodies if isinstance(body, dict)])
        checking = validator(self._document, schema)

        def problem(body: Any) -> str | None:
            error = next(checking.iter_errors(body), None)
            return None if error is None else f"{'/'.join(map(str, error.instance_path))}: {error.message}"

        return JobFactory(self.service, shape, match, self._document, schema, problem, self._seed)

    def _make_listings(self) -> list[ReplayListing]:
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
            body = {self._pages.items: [], **minimal_instance(self._document, self._schema)}
            replies = [RecordedResponse({}, self._status, self._content_type, json.dumps(body))]
        return [ReplayListing(reply, self._pages, identity, self._seed) for reply in replies]


def _success(document: dict[str, Any], operation: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    """Status, media type and schema of a success."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and status.isdigit():
            for media_type, media in resolved(document, response).get("content", {}).items():
                if is_json(media_type):
                    return int(status), media_type, media.get("schema", {})
    return 200, "application/json", {}


def _has_json(reply: RecordedResponse) -> bool:
    return is_json(reply.content_type)
