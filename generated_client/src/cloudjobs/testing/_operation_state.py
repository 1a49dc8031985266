# Generated from generator/client/runtime/testing/_operation_state.py. Do not edit: change that, and run `make generate`.
"""State of one operation: its recorded responses, added jobs and listings.

A job that was recorded running stays in that state. An operation that starts jobs names the added ones in order.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from .._documents import FlatSchema, ServiceSchemas, resolve
from .._jobs import JobState
from .._models import steps, value_at
from ._job_mapping import BodyField, BodyMapping, StateLabels, minimal_instance, put, validator
from ._jobs import AddedJobSpec, IdFactory, JobFactory, ReplayJob, StatusJobFactory
from ._responses import is_json

_NOT_FOUND = (404, 410, 400)
"""Statuses of an error for a thing that does not exist, the most specific first."""

_LONGEST_VALUE = 80
"""Characters of a requested name in an error at most."""

_MARK = "\u0000the id\u0000"

_ROWS = "\u0000the rows\u0000"


@attrs.frozen
class RecordedResponse:
    """A recorded response."""

    path: Mapping[str, str]
    """The path parameters that identify the requested thing."""
    status: int
    content_type: str
    text: str
    headers: Mapping[str, str] = attrs.field(factory=dict)
    query: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def is_success(self) -> bool:
        return self.status < 400

    def json(self) -> Any:
        """Return the decoded body of a 2xx response; None for any other response, or one that is not JSON."""
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
        template: str,
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
                path = {name: value for name, value in request.get("path", {}).items() if name not in free}
                query = {name: value for name, value in request.get("query", {}).items() if name not in free}
                self.examples[name] = RecordedResponse(
                    path, recording["status"], recording["content_type"], recording["body"], query=query
                )
        self._poll: dict[str, Any] = operation.get("x-poll", {})
        argument = self._poll.get("argument")
        self._argument: str | None = argument["body"] if isinstance(argument, dict) else argument
        self._is_of_body = isinstance(argument, dict)
        self._template = template
        if self._poll.get("url"):
            # A URL of the replay has the ID in its last parameter.
            names = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            self._argument = next((name for name in reversed(names) if name not in self._of_client), None)
        self._start: dict[str, Any] | None = operation.get("x-start")
        self._polled: OperationState | None = None
        self._started: set[str] = set()
        self._pages = PageFields.from_operation(operation)
        self._status, self._content_type, self._schema = _success(schemas, operation)
        self._seed = seed
        self._results = dict(_results(schemas, operation, list(self.examples.values())))
        self._factory: StatusJobFactory | None = None
        is_found = self._argument is not None or self._pages is not None
        if self._job_schema() is not None and is_found:
            self._factory = self._job_factory()
        elif self._poll.get("statuses") and is_found and self._pages is None:
            self._factory = self._status_job_factory(schemas, operation)
        self._listings = self._recorded_listings()

    @property
    def has_jobs(self) -> bool:
        """Whether its responses have the states of jobs."""
        return self._factory is not None

    @property
    def has_listing(self) -> bool:
        """Whether its response is a listing."""
        return self._pages is not None and not self._argument

    @property
    def place(self) -> str:
        """The path of the job in a response, or of the rows of a listing."""
        return self._pages.items if self._pages else str(self._poll.get("job", "$"))

    @property
    def is_list(self) -> bool:
        """Whether rows are at that path."""
        return self._pages is not None

    @property
    def labels(self) -> StateLabels:
        """The states of its jobs."""
        assert self._factory is not None
        return self._factory.labels

    @property
    def mapping(self) -> BodyMapping | None:
        """The `x-job` of its jobs; None without jobs that have one."""
        return self._factory.mapping if isinstance(self._factory, JobFactory) else None

    @property
    def content_type(self) -> str:
        """The media type of a 2xx response."""
        return self._content_type

    def not_found(self, path: Mapping[str, str]) -> str:
        """Return the message of a 404, with the path parameters that identify the requested thing."""
        identifying = {name: value for name, value in path.items() if name not in self._of_client}
        subject = ", ".join(f"{name} {_excerpt(value)}" for name, value in identifying.items()) or "this path"
        known = f"; the jobs are {', '.join(self.jobs)}" if self.jobs and self._argument else ""
        return f"no response is recorded for {subject}{known}"

    def unknown_example(self, name: str) -> str:
        """Return the message for a recording that does not exist."""
        return f"example must be one of {', '.join(self.examples) or '(none)'}, got {name!r}"

    def body_values(self, content: bytes) -> dict[str, Any]:
        """Return the ID of a job, or several, from the body of a request."""
        if not self._is_of_body or self._argument is None:
            return {}
        try:
            body = json.loads(content)
        except ValueError:
            body = None
        return {self._argument: body.get(self._argument) if isinstance(body, dict) else None}

    def requested_job(self, values: Mapping[str, Any]) -> str | None:
        """Return the ID of the job that a request with these parameters is for; None for several."""
        value = None if self._argument is None else values[self._argument]
        return None if value is None or isinstance(value, list) else str(value)

    def response(
        self, path: Mapping[str, str], values: Mapping[str, Any], now: float, target: PageTarget, *, counts: bool
    ) -> RecordedResponse | None:
        """Return the response to a request with these parameters; None if the resource does not exist.

        A response that `counts` shows each of its jobs once more.
        """
        if self._polled is not None and not any(each.is_success for each in self.examples.values()):
            return self._start_of(self._polled, path, target, now)
        if self._argument is not None and self._pages is not None:
            return self._of_ids(path, values[self._argument], now, counts=counts)
        if self._argument is not None:
            job = self.jobs.get(str(values[self._argument]))
            if job is not None and job.where.items() <= path.items():
                text = job.body(now, counts=counts)
                return self._success(path, self._around(text)) if self.mapping else self._results[job.state]
        for listing in self._listings:
            if listing.path.items() <= path.items():
                return listing.page(values, now, target, counts=counts)
        matching = [each for each in self.examples.values() if self._is_about(each, path, values)]
        # A job with a recorded 2xx response exists, even if an error was recorded for it too.
        return min(matching, key=lambda each: not each.is_success, default=None) or self._recorded_not_found(path)

    def _is_about(self, example: RecordedResponse, path: Mapping[str, str], values: Mapping[str, Any]) -> bool:
        """Return whether a recorded response is to a request with these parameters."""
        if not example.path.items() <= path.items():
            return False
        name = self._argument or ""
        return name not in example.query or str(example.query[name]) == str(values[name])

    def _of_ids(self, path: Mapping[str, str], ids: Any, now: float, *, counts: bool) -> RecordedResponse:
        """Return the response with the jobs of these IDs; one that does not exist is left out."""
        assert self._pages is not None
        assert self.mapping is not None
        known = {str(self.mapping.id.get(row)): row for row in self._recorded_jobs()}
        found = []
        for job_id in map(str, ids if isinstance(ids, list) else []):
            if (job := self.jobs.get(job_id)) is not None and job.where.items() <= path.items():
                found.append(json.loads(job.body(now, counts=counts)))
            elif job_id in known:
                found.append(known[job_id])
        return self._success(path, _dumps(_with_value(minimal_instance(self._schema), self._pages.items, found)))

    def _success(self, path: Mapping[str, str], text: str) -> RecordedResponse:
        return RecordedResponse(path, self._status, self._content_type, text)

    def _around(self, job: str) -> str:
        """Return the body of a response with a job, which is at a path in it."""
        place = self._poll.get("job")
        if place is None:
            return job
        bodies = (example.json() for example in self.examples.values())
        body = next((body for body in bodies if value_at(body, place) is not None), minimal_instance(self._schema))
        return _dumps(_with_value(body, place, json.loads(job)))

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

    def add_job(self, job_id: str | None, spec: AddedJobSpec, now: float) -> ReplayJob:
        """Add a job, by default `job-1`, `job-2` and so on. Raises `ValueError`."""
        assert self._factory is not None
        if job_id is None:
            known = {*self.jobs, *(name for listing in self._listings for name in listing.jobs)}
            form = "job-{}" if self._factory.is_id("job-1") else "{}"
            job_id = next(name for n in range(1, len(known) + 2) if (name := form.format(n)) not in known)
        jobs = self.jobs if self._argument is not None else self._listing(spec.where).jobs
        job = self._factory.make(job_id, spec, now)
        if job_id in jobs:
            raise ValueError(f"the id of a job must be new, got {job_id!r}: {self.service} has a job of that id")
        jobs[job_id] = job
        return job

    @property
    def all_jobs(self) -> list[ReplayJob]:
        """The added jobs, those of its listings among them."""
        listed = (job for listing in self._listings for job in listing.jobs.values())
        return list(dict.fromkeys([*self.jobs.values(), *(listed if self._factory else ())]))

    def end_job(self, job: ReplayJob, state: str, reason: str, now: float) -> None:
        """End one of its jobs. Raises `ValueError`."""
        assert self._factory is not None
        self._factory.end(job, state, reason, now)

    def add_rows(self, count: int, where: Mapping[str, str], most: int | None) -> None:
        """Give a listing so many rows, besides its jobs. Raises `ValueError`."""
        listing = self._listing(where)
        listing.add_rows(count, self._listings[0])
        listing.most = most

    def share(self, jobs: dict[str, ReplayJob], component: str | None) -> None:
        """Show the jobs of another operation in its listings, if its rows are of their schema."""
        row = None if self._pages is None else self._pages.row(self._schema)
        if self._argument is None and row is not None and row.component == component is not None:
            # Jobs are added to the operation that takes their IDs.
            self._factory = None
            for listing in self._listings:
                listing.jobs = jobs

    @property
    def job_component(self) -> str | None:
        """The name of the schema of its jobs."""
        return self.mapping.schema.component if self.mapping else None

    def start_jobs_of(self, polled: OperationState) -> None:
        """Start jobs of another operation, if the document says that this one does."""
        if self._start is not None and polled._argument is not None:
            self._polled = polled

    def _start_of(
        self, polled: OperationState, path: Mapping[str, str], target: PageTarget, now: float
    ) -> RecordedResponse:
        """Return the response to a start: an added job that no response has named, or else a new one."""
        assert self._start is not None
        job_id = next((each for each in polled.jobs if each not in self._started), None)
        job_id = job_id or polled.add_job(None, AddedJobSpec(), now).id
        self._started.add(job_id)
        values: list[Any] = [job_id, int(job_id)] if job_id.isascii() and job_id.isdigit() else [job_id]
        place = self._start.get("id")
        if place is None:
            place = self._start["url"]
            names = {**path, **polled.jobs[job_id].where, str(polled._argument): job_id}
            filled = polled._template
            for name, value in names.items():
                filled = filled.replace(f"{{{name}}}", quote(value, safe=""))
            # The request can have been sent below a path.
            values = [target.path.rsplit("/", self._template.count("/"))[0] + filled]
        response = next(iter(self._results.values()))
        if isinstance(place, dict):
            return attrs.evolve(response, path=path, headers={place["header"]: values[0]})
        body = response.json()
        BodyField.from_schema(self._schema, place).put_first(body, values)
        return attrs.evolve(response, path=path, text=_dumps(body))

    def _listing(self, where: Mapping[str, str]) -> ReplayListing:
        """Return the listing with these path parameters; the first one without any."""
        for listing in self._listings:
            if where.items() <= listing.path.items() or dict(listing.path) == dict(where):
                return listing
        listing = self._listings[0].without_rows(where)
        self._listings.append(listing)
        return listing

    def _job_schema(self) -> FlatSchema | None:
        """Return the schema of its jobs; None for responses without jobs."""
        if not self._poll:
            return None
        place = self._poll.get("items") or self._poll.get("job", "$")
        schema: FlatSchema | None = BodyField.from_schema(self._schema, place).schema if place != "$" else self._schema
        schema = schema.items if schema and "items" in self._poll else schema
        return schema if schema and schema.annotation("x-job") else None

    def _job_factory(self) -> JobFactory:
        schema = self._job_schema()
        assert schema is not None
        mapping = BodyMapping(schema, self._recorded_jobs())
        return JobFactory(self.service, mapping, self._poll.get("match"), schema, self._seed)

    def _status_job_factory(self, schemas: ServiceSchemas, operation: dict[str, Any]) -> StatusJobFactory:
        """Return the factory of jobs with states that are status codes of successes."""
        declared = next(each for each in operation["parameters"] if each["name"] == self._argument)
        parameter = validator(schemas.node(declared.get("schema", {})))

        def is_id(text: str) -> bool:
            return parameter.is_valid(text) or (text.isdecimal() and text.isascii() and parameter.is_valid(int(text)))

        statuses = {code: JobState(state) for code, state in self._poll["statuses"].items() if code in self._results}
        return StatusJobFactory(self.service, StateLabels(statuses), is_id)

    def _recorded_jobs(self) -> list[dict[str, Any]]:
        """Return the recorded jobs, or rows of jobs."""
        found: list[Any] = []
        for example in self.examples.values():
            value = value_at(example.json(), self._poll.get("items") or self._poll.get("job", "$"))
            found += value if isinstance(value, list) and "items" in self._poll else [value]
        return [job for job in found if isinstance(job, dict)]

    def _recorded_listings(self) -> list[ReplayListing]:
        if self._pages is None:
            return []
        row = self._pages.row(self._schema)
        row_id = BodyMapping(row, []).id if row is not None and row.annotation("x-job") else None
        recorded: dict[tuple[tuple[str, str], ...], RecordedResponse] = {}
        for response in self.examples.values():
            if isinstance(value_at(response.json(), self._pages.items), list):
                # Of two recordings of one listing the first counts.
                recorded.setdefault(tuple(response.path.items()), response)
        if not recorded:
            body = _with_value(minimal_instance(self._schema), self._pages.items, [])
            recorded[()] = RecordedResponse({}, self._status, self._content_type, json.dumps(body))
        return [ReplayListing(response, self._pages, row_id, self._seed) for response in recorded.values()]


def share_jobs(states: Sequence[OperationState]) -> None:
    """Show the jobs of the operation that is polled in the listings of a service."""
    for state in states:
        if state.has_jobs and not state.has_listing:
            for other in (each for each in states if each is not state):
                other.share(state.jobs, state.job_component)
                other.start_jobs_of(state)


def _bounded(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


def _excerpt(value: str) -> str:
    return repr(_bounded(value))


def _results(
    schemas: ServiceSchemas, operation: dict[str, Any], examples: Sequence[RecordedResponse]
) -> Iterator[tuple[str, RecordedResponse]]:
    """Yield each success by its status code: the recorded one, or the smallest that the document allows."""
    for status, response in operation["responses"].items():
        if not (status.startswith("2") and status.isdigit()):
            continue
        found = next((each for each in examples if each.status == int(status)), None)
        for media_type, media in resolve(schemas.document, response).get("content", {}).items():
            if found is None and is_json(media_type):
                text = _dumps(minimal_instance(schemas.node(media.get("schema", {}))))
                found = RecordedResponse({}, int(status), media_type, text)
        yield status, found or RecordedResponse({}, int(status), "", "")


def _success(schemas: ServiceSchemas, operation: dict[str, Any]) -> tuple[int, str, FlatSchema]:
    """Return status, media type and schema of a 2xx response."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and status.isdigit():
            for media_type, media in resolve(schemas.document, response).get("content", {}).items():
                if is_json(media_type):
                    return int(status), media_type, schemas.node(media.get("schema", {}))
    return 200, "application/json", schemas.node({})


@attrs.frozen
class PageTarget:
    """The path and query of a request for a page."""

    path: str
    query: tuple[tuple[str, str], ...]

    def at(self, name: str, value: str) -> str:
        """Return the relative URL with another value of a parameter."""
        others = [pair for pair in self.query if pair[0] != name]
        return f"{self.path}?{urlencode([*others, (name, value)])}"


_CURSOR = "cursor"
"""The parameter that the replay adds to the URL of a next page."""

_PAGE = 100
"""Rows of a page if neither the request nor the document states a number."""


@attrs.frozen
class PageFields:
    """The parameters of a page and the fields of its response, as `x-pagination` has them."""

    items: str
    declared: Mapping[str, Any]

    @classmethod
    def from_operation(cls, operation: Mapping[str, Any]) -> PageFields | None:
        """Read those of an operation; None if its response is not a list."""
        declared = operation.get("x-pagination")
        items = (declared or operation.get("x-poll", {})).get("items")
        return None if items is None else cls(items, declared or {})

    def row(self, schema: FlatSchema) -> FlatSchema | None:
        """Return the schema of a row."""
        found = schema if self.items == "$" else BodyField.from_schema(schema, self.items).schema
        return found.items

    @property
    def is_whole(self) -> bool:
        """Whether the listing has no pages."""
        return not self.declared

    def offset(self, values: Mapping[str, Any], target: PageTarget, size: int) -> int:
        """Return the number of rows before the requested page."""
        if "offset" in self.declared:
            return int(values.get(self.declared["offset"]) or 0)
        if "page" in self.declared:
            first = int(self.declared.get("first", 1))
            number = values.get(self.declared["page"])
            return max(0, int(first if number is None else number) - first) * size
        cursor = values.get(self.declared["token"]) if "token" in self.declared else dict(target.query).get(_CURSOR)
        digits = str(cursor or "").removeprefix("from-")
        return int(digits) if digits.isascii() and digits.isdigit() else 0

    def following(self, end: int, length: int, target: PageTarget) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the fields and the headers that name the page from a row on, if there are further rows."""
        has_more = end < length
        fields: dict[str, Any] = {self.declared["more"]: has_more} if "more" in self.declared else {}
        if "next" not in self.declared:
            return fields, {}
        where, token = self.declared["next"], f"from-{end}"
        text = token if "token" in self.declared else target.at(_CURSOR, token)
        if isinstance(where, str):
            return {**fields, where: text if has_more else None}, {}
        name = where["header"]
        if not has_more:
            return fields, {}
        return fields, {name: f'<{text}>; rel="next"' if name.lower() == "link" else text}


class ReplayListing:
    """One listing.

    Args:
        response: The whole listing, as it was recorded.
        pages: The names of its parameters and fields.
        row_id: The field with the ID of a row, if rows have one.
        seed: IDs of further rows follow from it.
    """

    def __init__(self, response: RecordedResponse, pages: PageFields, row_id: BodyField | None, seed: int) -> None:
        self.path = response.path
        self.jobs: dict[str, ReplayJob] = {}
        self.most: int | None = None
        """Rows of a page at most."""
        self._response, self._pages, self._row_id, self._seed = response, pages, row_id, seed
        self._body: Any = json.loads(response.text)
        self._rows = [_dumps(row) for row in value_at(self._body, pages.items) or ()]  # type: ignore[attr-defined]
        self._templates: list[_RowTemplate] = []
        self._length = len(self._rows)

    def without_rows(self, path: Mapping[str, str]) -> ReplayListing:
        """Return an empty listing of the same form, for other path parameters."""
        body = _with_value(self._body, self._pages.items, [])
        for key in ("count", "total"):
            name = self._pages.declared.get(key)
            body = _with_value(body, name, 0) if name and value_at(body, name) is not None else body
        response = attrs.evolve(self._response, path=path, text=_dumps(body))
        return ReplayListing(response, self._pages, self._row_id, self._seed)

    def add_rows(self, count: int, model: ReplayListing) -> None:
        """Set the number of its rows besides its jobs, made like the recorded rows of `model`. Raises `ValueError`."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"count must be an integer >= 0, got {count!r}")
        self._templates = list(model._row_templates())
        if count > len(self._rows) and not self._templates:
            raise ValueError(f"count must be at most {len(self._rows)}, got {count}: no recorded row has an id to copy")
        self._length = count

    def __len__(self) -> int:
        return len(self.jobs) + self._length

    def page(
        self, values: Mapping[str, Any], now: float, target: PageTarget, *, counts: bool = True
    ) -> RecordedResponse:
        """Return the response to a request with these parameters."""
        declared = self._pages.declared
        limit = values.get(declared.get("limit", ""))
        size = len(self) if self._pages.is_whole or "offset" in declared else _PAGE
        size = min(size if limit is None else limit, *([] if self.most is None else [self.most]), len(self) or 1)
        offset = self._pages.offset(values, target, size)
        end = min(offset + size, len(self))
        recorded = len(self._rows)
        fields, headers = self._pages.following(end, len(self), target)
        if not self.jobs and offset == 0 and end == self._length == recorded and self._is_whole(end):
            return self._response
        jobs = list(self.jobs.values())
        rows = [job.body(now, counts=counts) for job in jobs[offset:end]]
        for number in range(max(offset - len(jobs), 0), end - len(jobs)):
            if number < recorded:
                rows.append(self._rows[number])
            else:
                rows.append(self._templates[number % len(self._templates)].row(number))
        numbers = {declared.get("count"): len(rows), declared.get("total"): len(self)}
        for name, number in numbers.items():
            if name and value_at(self._body, name) is not None:
                fields[name] = number
        body = _with_value(self._body, self._pages.items, _ROWS)
        for name, value in fields.items():
            body = _with_value(body, name, value)
        before, after = _dumps(body).split(_dumps(_ROWS))
        return attrs.evolve(self._response, text=f"{before}[{', '.join(rows)}]{after}", headers=headers)

    def _is_whole(self, length: int) -> bool:
        """Return whether the recorded response counts as many rows as there are, and names no next page."""
        declared = self._pages.declared
        counts = [value_at(self._body, declared[key]) for key in ("count", "total") if key in declared]
        following = declared.get("next")
        token = value_at(self._body, following) if isinstance(following, str) else None
        return all(count in (None, length) for count in counts) and not token

    def _row_templates(self) -> Iterator[_RowTemplate]:
        if self._row_id is None:
            return
        recorded = [self._row_id.get(json.loads(row)) for row in self._rows]
        largest = max((each for each in recorded if isinstance(each, int)), default=0)
        for row in self._rows:
            marked = json.loads(row)
            row_id = self._row_id.get(marked)
            if isinstance(row_id, str | int) and row_id:
                self._row_id.put(marked, _MARK)
                before, after = _dumps(marked).split(_dumps(_MARK))
                ids = IdFactory(row_id, self._seed) if isinstance(row_id, str) else largest.__add__
                yield _RowTemplate(before, after, ids)


@attrs.frozen
class _RowTemplate:
    """A recorded row, split at its ID."""

    before: str
    after: str
    ids: Callable[[int], str | int]

    def row(self, number: int) -> str:
        return f"{self.before}{json.dumps(self.ids(number))}{self.after}"


def _with_value(body: Any, path: str, value: Any) -> Any:
    """Return a copy of a body with another value at a path."""
    whole = {"$": copy.deepcopy(body)}
    put(whole, ("$", *steps(path)), value)
    return whole["$"]


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
