# Generated from generator/client/runtime/testing/_operation_state.py. Do not edit: change that, and run `make generate`.
"""State of one operation: its recorded responses, added jobs and listings.

A job that was recorded running stays in that state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .._documents import resolve
from .._validation import FlatSchema, ServiceSchemas
from ._job_mapping import BodyField, BodyMapping
from ._jobs import IdFactory, JobFactory, JobSpec, ReplayJob
from ._responses import is_json
from ._schemas import minimal_instance

_NOT_FOUND = (404, 410, 400)
"""Statuses of an error for a thing that does not exist, the most specific first."""

_LONGEST_VALUE = 80
"""Characters of a requested name in an error at most."""

_MARK = "\u0000the id\u0000"


@attrs.frozen
class RecordedResponse:
    """A recorded response."""

    path: Mapping[str, str]
    """The path parameters that identify the requested thing."""
    status: int
    content_type: str
    text: str

    @property
    def is_success(self) -> bool:
        return self.status < 400

    def json(self) -> Any:
        """Return the decoded body of a success; None for any other response, or one that is not JSON."""
        try:
            return json.loads(self.text) if self.is_success and is_json(self.content_type) else None
        except ValueError:
            return None


class OperationState:
    """Everything that one operation can respond with. Raises `ValueError` if its document cannot be replayed."""

    def __init__(
        self,
        service: str,
        schemas: ServiceSchemas,
        operation: dict[str, Any],
        recordings: Mapping[str, dict[str, Any]],
        seed: int,
    ) -> None:
        self.service = service
        self.jobs: dict[str, ReplayJob] = {}
        self.examples: dict[str, RecordedResponse] = {}
        """Its recorded responses by the ids of their recordings."""
        # A parameter that a client is given once, or that was invented, does not identify a recording.
        self._of_client = {each["name"] for each in operation["parameters"] if each.get("x-client-parameter")}
        for name, recording in recordings.items():
            if recording["operation"] == operation.get("operationId", ""):
                request = recording["request"]
                free = {*self._of_client, *request.get("invented", ())}
                path = {name: value for name, value in request["path"].items() if name not in free}
                self.examples[name] = RecordedResponse(
                    path, recording["status"], recording["content_type"], recording["body"]
                )
        poll = operation.get("x-poll", {})
        self._argument: str | None = poll.get("argument")
        pages = operation.get("x-pagination") or ({"offset": None, "limit": None, **poll} if "items" in poll else None)
        self._pages = (
            PageParameters(pages["offset"], pages["limit"], pages["items"], pages.get("count"), pages.get("total"))
            if pages
            else None
        )
        self._status, self._content_type, self._schema = _success(schemas, operation)
        self._factory = self._job_factory(poll, seed) if poll else None
        self._listings = self._recorded_listings(seed)

    @property
    def has_jobs(self) -> bool:
        """Whether its responses have the states of jobs."""
        return self._factory is not None

    @property
    def has_listing(self) -> bool:
        """Whether its response is a listing."""
        return self._pages is not None

    @property
    def items(self) -> str | None:
        """The field of a listing that holds the rows."""
        return self._pages.items if self._pages else None

    @property
    def mapping(self) -> BodyMapping:
        """The `x-job` of its jobs."""
        assert self._factory is not None
        return self._factory.mapping

    @property
    def content_type(self) -> str:
        """The media type of a success."""
        return self._content_type

    def not_found(self, path: Mapping[str, str]) -> str:
        """The message of a 404, with the path parameters that identify the requested thing."""
        identifying = {name: value for name, value in path.items() if name not in self._of_client}
        subject = ", ".join(f"{name} {_excerpt(value)}" for name, value in identifying.items()) or "this path"
        known = f"; there are the jobs {', '.join(self.jobs)}" if self.jobs and self._argument else ""
        return f"nothing is recorded for {subject}{known}"

    def unknown_example(self, name: str) -> str:
        """Return the message for a recording that does not exist."""
        return f"example is {name!r}: there are {', '.join(self.examples) or 'none'}"

    def requested_job(self, values: Mapping[str, Any]) -> str | None:
        """Return the ID of the job that a request with these parameters is for."""
        return None if self._argument is None else str(values[self._argument])

    def response(
        self, path: Mapping[str, str], values: Mapping[str, Any], now: float, *, counts: bool
    ) -> RecordedResponse | None:
        """Return the response to a request with these parameters; None if there is no such thing.

        A response that `counts` shows each of its jobs once more.
        """
        if self._argument is not None:
            job = self.jobs.get(str(values[self._argument]))
            if job is not None and job.where.items() <= path.items():
                return RecordedResponse(path, self._status, self._content_type, job.body(now, counts=counts))
        for listing in self._listings:
            if listing.path.items() <= path.items():
                return listing.page(values, now, counts=counts)
        matching = [each for each in self.examples.values() if each.path.items() <= path.items()]
        # A job that was recorded both as a success and as an error exists.
        return min(matching, key=lambda each: not each.is_success, default=None) or self._recorded_not_found(path)

    def _recorded_not_found(self, path: Mapping[str, str]) -> RecordedResponse | None:
        """Return the recorded error for a thing that does not exist, with the names of the requested one."""
        existing = [each.path for each in self.examples.values() if each.is_success]
        errors = [each for each in self.examples.values() if each.status in _NOT_FOUND and each.path not in existing]
        error = min(errors, key=lambda each: _NOT_FOUND.index(each.status), default=None)
        if error is None:
            return None
        text = error.text
        for name, recorded in error.path.items():
            text = text.replace(json.dumps(recorded)[1:-1], json.dumps(_bounded(path[name]), ensure_ascii=False)[1:-1])
        return attrs.evolve(error, text=text)

    def add_job(self, job_id: str | None, spec: JobSpec, now: float) -> ReplayJob:
        """Add a job, by default `job-1`, `job-2` and so on. Raises `ValueError`."""
        assert self._factory is not None
        if job_id is None:
            known = {*self.jobs, *(name for listing in self._listings for name in listing.jobs)}
            job_id = next(name for n in range(1, len(known) + 2) if (name := f"job-{n}") not in known)
        jobs = self.jobs if self._argument is not None else self._listing(spec.where).jobs
        job = self._factory.make(job_id, spec, now)
        if job_id in jobs:
            raise ValueError(f"{self.service} has a job {job_id!r} already")
        jobs[job_id] = job
        return job

    @property
    def all_jobs(self) -> list[ReplayJob]:
        """The added jobs, those of its listings among them."""
        return [*self.jobs.values(), *(job for listing in self._listings for job in listing.jobs.values())]

    def end_job(self, job: ReplayJob, state: str, reason: str, now: float) -> None:
        """End one of its jobs. Raises `ValueError`."""
        assert self._factory is not None
        self._factory.end(job, state, reason, now)

    def add_rows(self, count: int, where: Mapping[str, str]) -> None:
        """Give a listing so many rows, besides its jobs. Raises `ValueError`."""
        self._listing(where).add_rows(count, self._listings[0])

    def _listing(self, where: Mapping[str, str]) -> ReplayListing:
        """Return the listing with these path parameters; the first one without any."""
        for listing in self._listings:
            if where.items() <= listing.path.items() or dict(listing.path) == dict(where):
                return listing
        listing = self._listings[0].without_rows(where)
        self._listings.append(listing)
        return listing

    def _job_factory(self, poll: Mapping[str, str], seed: int) -> JobFactory:
        bodies = [each.json() for each in self.examples.values()]
        schema: FlatSchema | None = self._schema
        if "items" in poll:
            schema = self._schema.properties[poll["items"]].items
            bodies = [row for body in bodies if isinstance(body, dict) for row in body.get(poll["items"]) or ()]
        assert schema is not None
        mapping = BodyMapping(schema, [body for body in bodies if isinstance(body, dict)])
        return JobFactory(self.service, mapping, poll["match"] if "items" in poll else None, schema, seed)

    def _recorded_listings(self, seed: int) -> list[ReplayListing]:
        if self._pages is None:
            return []
        row_id = self._factory.mapping.id if self._factory else None
        recorded: dict[tuple[tuple[str, str], ...], RecordedResponse] = {}
        for response in self.examples.values():
            body = response.json()
            if isinstance(body, dict) and isinstance(body.get(self._pages.items), list):
                # Of two recordings of one listing the first counts.
                recorded.setdefault(tuple(response.path.items()), response)
        if not recorded and self._factory:
            body = {self._pages.items: [], **minimal_instance(self._schema)}
            recorded[()] = RecordedResponse({}, self._status, self._content_type, json.dumps(body))
        return [ReplayListing(response, self._pages, row_id, seed) for response in recorded.values()]


def _bounded(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


def _excerpt(value: str) -> str:
    return repr(_bounded(value))


def _success(schemas: ServiceSchemas, operation: dict[str, Any]) -> tuple[int, str, FlatSchema]:
    """Return status, media type and schema of a success."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and status.isdigit():
            for media_type, media in resolve(schemas.document, response).get("content", {}).items():
                if is_json(media_type):
                    return int(status), media_type, schemas.node(media.get("schema", {}))
    return 200, "application/json", schemas.node({})


@attrs.frozen
class PageParameters:
    """The parameters of a page and the fields of its response."""

    offset: str | None
    limit: str | None
    items: str
    count: str | None = None
    """The field that counts the rows of the page."""
    total: str | None = None
    """The field that counts the rows of all pages."""


class ReplayListing:
    """One listing.

    Args:
        response: The whole listing, as it was recorded.
        pages: The names of its parameters and fields.
        row_id: The field with the ID of a row, if rows have one.
        seed: IDs of further rows follow from it.
    """

    def __init__(self, response: RecordedResponse, pages: PageParameters, row_id: BodyField | None, seed: int) -> None:
        self.path = response.path
        self.jobs: dict[str, ReplayJob] = {}
        self._response, self._pages, self._row_id, self._seed = response, pages, row_id, seed
        self._body: dict[str, Any] = json.loads(response.text)
        self._rows = [_dumps(row) for row in self._body[pages.items]]
        self._templates: list[_RowTemplate] = []
        self._length = len(self._rows)

    def without_rows(self, path: Mapping[str, str]) -> ReplayListing:
        """Return an empty listing of the same form, for other path parameters."""
        body = {**self._body, self._pages.items: []}
        body.update((name, 0) for name in (self._pages.count, self._pages.total) if name in body)
        response = attrs.evolve(self._response, path=path, text=_dumps(body))
        return ReplayListing(response, self._pages, self._row_id, self._seed)

    def add_rows(self, count: int, model: ReplayListing) -> None:
        """Set the number of its rows besides its jobs, made like the recorded rows of `model`. Raises `ValueError`."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"rows is {count!r}: give a number, 0 or more")
        self._templates = list(model._row_templates())
        if count > len(self._rows) and not self._templates:
            raise ValueError("no row with an id is recorded, so that none can be made like it")
        self._length = count

    def __len__(self) -> int:
        return len(self.jobs) + self._length

    def page(self, values: Mapping[str, Any], now: float, *, counts: bool = True) -> RecordedResponse:
        """Return the response to a request with these parameters."""
        offset = values.get(self._pages.offset or "") or 0
        limit = values.get(self._pages.limit or "")
        end = len(self) if limit is None else min(offset + limit, len(self))
        recorded = len(self._rows)
        if (
            not self.jobs
            and offset == 0
            and end == self._length == recorded == self._body.get(self._pages.count or "", end)
            and self._body.get(self._pages.total or "", end) == end
        ):
            return self._response
        jobs = list(self.jobs.values())
        rows = [job.body(now, counts=counts) for job in jobs[offset:end]]
        for number in range(max(offset - len(jobs), 0), end - len(jobs)):
            if number < recorded:
                rows.append(self._rows[number])
            else:
                rows.append(self._templates[number % len(self._templates)].row(number))
        fields = []
        for name, value in self._body.items():
            if name == self._pages.items:
                text = f"[{', '.join(rows)}]"
            else:
                numbers = {self._pages.count: len(rows), self._pages.total: len(self)}
                text = str(numbers[name]) if name in numbers else _dumps(value)
            fields.append(f"{_dumps(name)}: {text}")
        return attrs.evolve(self._response, text=f"{{{', '.join(fields)}}}")

    def _row_templates(self) -> Iterator[_RowTemplate]:
        if self._row_id is None:
            return
        for row in self._rows:
            marked = json.loads(row)
            row_id = self._row_id.get(marked)
            if isinstance(row_id, str) and row_id:
                self._row_id.put(marked, _MARK)
                before, after = _dumps(marked).split(_dumps(_MARK)[1:-1])
                yield _RowTemplate(before, after, IdFactory(row_id, self._seed))


@attrs.frozen
class _RowTemplate:
    """A recorded row, split at its ID."""

    before: str
    after: str
    ids: IdFactory

    def row(self, number: int) -> str:
        return f"{self.before}{json.dumps(self.ids(number))[1:-1]}{self.after}"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
