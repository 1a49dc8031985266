"""The extensions `x-job`, `x-poll`, `x-pagination` and `x-error` as typed values. Fields are dotted wire names.

Classes and attributes are named like those of the client's runtime, which they become. Of several fields the first that
is not empty wins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .field_paths import WHOLE
from .json_pointer import find
from .schema_view import FlatSchema

FINAL_STATES = ("succeeded", "partial", "failed", "stopped")

STATES = ("pending", "running", *FINAL_STATES)


@attrs.frozen
class TimestampMapping:
    """A timestamp of a job."""

    fields: tuple[str, ...]
    formats: tuple[str, ...]
    zone: str | None = None
    when_terminal: bool = False
    """Whether the field is read only once the job is final."""

    @classmethod
    def from_extension(cls, declared: Mapping[str, Any] | None) -> TimestampMapping | None:
        """Parse `started` or `ended` of an `x-job`."""
        if declared is None:
            return None
        is_terminal = declared.get("when") == "terminal"
        return cls(_names(declared["field"]), tuple(declared["formats"]), declared.get("zone"), is_terminal)


Value = str | int | float | bool | None
"""A value that a field can be tested for. None is for a field that is missing, null or an empty string."""


def text_of_value(value: Value) -> str:
    """Return a value as text: a string as it is, any other as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


@attrs.frozen
class FieldTest:
    """A test of a field: it has one of some values, or is present, or is a number within bounds."""

    fields: tuple[str, ...]
    values: tuple[Value, ...] = ()
    of_items: bool = False
    """Whether the field is a list, of which one item must have one of the values."""
    present: bool = False
    minimum: float | None = None
    maximum: float | None = None

    @classmethod
    def from_extension(cls, field: str, declared: Any) -> FieldTest:
        """Parse one test of `when`."""
        if declared == "present":
            return cls((field,), present=True)
        if declared == "absent":
            return cls((field,), (None,))
        if isinstance(declared, dict):
            return cls((field,), minimum=declared.get("minimum"), maximum=declared.get("maximum"))
        return cls((field,), tuple(declared))

    @property
    def text(self) -> str:
        """The test in words."""
        (field,) = self.fields
        if self.present:
            return f"{field} is present"
        if self.values == (None,):
            return f"{field} is absent"
        if self.values:
            return f"{field} is {' or '.join(map(text_of_value, self.values))}"
        bounds = ((self.minimum, "at least"), (self.maximum, "at most"))
        return f"{field} is {' and '.join(f'{words} {number:g}' for number, words in bounds if number is not None)}"


@attrs.frozen
class StateCase:
    """The state of a job while all tests hold."""

    state: str
    tests: tuple[FieldTest, ...]


@attrs.frozen
class JobMapping:
    """An `x-job`."""

    id: tuple[str, ...]
    state: tuple[str, ...]
    """The fields that the state depends on."""
    values: Mapping[str, tuple[Value, ...]]
    """The service's values for each declared state, in the order of the document; empty where `cases` are declared."""
    cases: tuple[StateCase, ...] = ()
    """The state is that of the first case with tests that all pass."""
    otherwise: str | None = None
    """The state in any other case; without it the state is unknown."""
    resumable: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    """Each is a list or map of children, or one child."""
    started: TimestampMapping | None = None
    ended: TimestampMapping | None = None
    progress_of_children: bool = False
    progress: tuple[str, ...] = ()
    progress_full: float | None = None
    progress_format: str | None = None
    """`percent` or `fraction`."""
    done: tuple[str, ...] = ()
    total: str | None = None

    @classmethod
    def from_extension(cls, declared: Mapping[str, Any]) -> JobMapping:
        """Parse a valid `x-job`."""
        state, progress = declared["state"], declared.get("progress", {})
        cases = tuple(
            StateCase(case["is"], tuple(FieldTest.from_extension(*test) for test in case["when"].items()))
            for case in state.get("cases", ())
        )
        fields = dict.fromkeys(field for case in cases for test in case.tests for field in test.fields)
        return cls(
            id=_names(declared["id"]),
            state=_names(state["field"]) if "field" in state else tuple(fields),
            values={key: tuple(values) for key, values in state.items() if key in STATES},
            cases=cases,
            otherwise=state.get("otherwise"),
            resumable=tuple(declared.get("resumable", ())),
            reason=_names(declared.get("reason", ())),
            code=_names(declared.get("code", ())),
            children=_names(declared.get("children", ())),
            started=TimestampMapping.from_extension(declared.get("started")),
            ended=TimestampMapping.from_extension(declared.get("ended")),
            progress_of_children="from" in progress,
            progress=_names(progress.get("field", ())),
            progress_full=progress.get("of"),
            progress_format=progress.get("format"),
            done=_names(progress.get("done", ())),
            total=progress.get("total"),
        )

    @property
    def states(self) -> dict[Value, str]:
        """The state of each value."""
        return {value: state for state, values in self.values.items() for value in values}

    @property
    def texts(self) -> dict[str, tuple[str, ...]]:
        """The values or conditions of each state as text."""
        found: dict[str, tuple[str, ...]] = {}
        for state, values in self.values.items():
            found[state] = tuple(map(text_of_value, values))
        for case in self.cases:
            found[case.state] = (*found.get(case.state, ()), " and ".join(test.text for test in case.tests))
        if self.otherwise:
            found[self.otherwise] = (*found.get(self.otherwise, ()), "anything else")
        return found

    @property
    def rules(self) -> tuple[StateCase, ...]:
        """The cases, also where the document declares values of one field."""
        return self.cases or tuple(
            StateCase(state, (FieldTest(self.state, values),)) for state, values in self.values.items()
        )

    @property
    def known_states(self) -> set[str]:
        """The states that a job can have, besides an unknown one."""
        return {rule.state for rule in self.rules} | ({self.otherwise} if self.otherwise else set())


@attrs.frozen
class Header:
    """A response header."""

    name: str


@attrs.frozen
class PollSpec:
    """An `x-poll`: where a request has the ID of a job, and where the response has the job."""

    argument: str = ""
    """The parameter that takes the ID, or a list of IDs."""
    body: str = ""
    """The field of the request body that takes it."""
    url: bool = False
    """Whether the job is known by a URL, which is requested as it is."""
    job: str = ""
    """Path of the job in the response; empty for the response itself."""
    items: str = ""
    """Path of the list of jobs in the response."""
    match: str = ""
    """Path in an item to its ID."""
    interval: float | None = None
    """Seconds between two polls."""
    statuses: Mapping[str, str] = attrs.field(factory=dict)
    """The states that status codes mean by themselves."""

    @classmethod
    def from_operation(cls, definition: Mapping[str, Any]) -> PollSpec | None:
        """Parse the `x-poll` of an operation that has one."""
        return cls.from_extension(definition["x-poll"]) if "x-poll" in definition else None

    @classmethod
    def from_extension(cls, declared: Mapping[str, Any]) -> PollSpec:
        """Parse a valid `x-poll`."""
        argument = declared.get("argument", "")
        of_body = argument["body"] if isinstance(argument, dict) else ""
        others = {key: value for key, value in declared.items() if key != "argument"}
        return cls(argument="" if of_body else argument, body=of_body, **others)

    @property
    def is_listing(self) -> bool:
        """Whether a request has no ID: the response lists all jobs."""
        return not (self.argument or self.body or self.url)

    @property
    def place(self) -> str:
        """The path of a job in the response; of a list, of its items."""
        return (f"{self.items}.*" if self.items != WHOLE else "*") if self.items else self.job or WHOLE


@attrs.frozen
class StartSpec:
    """An `x-start`: where the response has the ID of the started job, or the URL to ask for it."""

    id: str | Header = ""
    url: str | Header = ""

    @classmethod
    def from_operation(cls, definition: Mapping[str, Any]) -> StartSpec | None:
        """Parse the `x-start` of an operation that has one."""
        if "x-start" not in definition:
            return None
        places = definition["x-start"].items()
        return cls(**{key: Header(place["header"]) if isinstance(place, dict) else place for key, place in places})

    @property
    def place(self) -> str | Header:
        """The place of the ID or the URL."""
        return self.id or self.url


@attrs.frozen
class PaginationSpec:
    """An `x-pagination`: the parameters of a page, and the fields of a response about it and the next one.

    `count` counts the items of the page, `total` those of all pages.
    """

    items: str
    offset: str = ""
    page: str = ""
    first: int = 1
    """Number of the first page."""
    token: str = ""
    next: str | Header = ""
    """The token of the next page; its URL without `token`."""
    limit: str = ""
    count: str = ""
    total: str = ""
    more: str = ""

    @classmethod
    def from_operation(cls, definition: Mapping[str, Any]) -> PaginationSpec | None:
        """Parse the `x-pagination` of an operation that has one."""
        return cls.from_extension(definition["x-pagination"]) if "x-pagination" in definition else None

    @classmethod
    def from_extension(cls, declared: Mapping[str, Any]) -> PaginationSpec:
        """Parse a valid `x-pagination`."""
        following = declared.get("next", "")
        others = {key: value for key, value in declared.items() if key != "next"}
        return cls(**others, next=Header(following["header"]) if isinstance(following, dict) else following)

    @property
    def parameters(self) -> list[str]:
        """The parameters that an iteration sets."""
        return [name for name in (self.offset, self.page, self.token, self.limit) if name]

    @property
    def fields(self) -> list[str]:
        """The paths of its fields in a response."""
        following = [self.next] if isinstance(self.next, str) else []
        return [name for name in (self.items, *following, self.count, self.total, self.more) if name]


@attrs.frozen
class ErrorMapping:
    """An `x-error`."""

    code: tuple[str | Header, ...] = ()
    message: tuple[str | Header, ...] = ()
    request_id: tuple[str | Header, ...] = ()

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> ErrorMapping | None:
        """The mappings of all schemas together: a gateway may respond in the service's place."""
        found = [mapping for _, mapping in error_mappings(document)]
        names = [each.name for each in attrs.fields(cls)]
        merged = {
            name: tuple(dict.fromkeys(entry for each in found for entry in getattr(each, name))) for name in names
        }
        return cls(**merged) if found else None

    @classmethod
    def from_extension(cls, declared: Mapping[str, list[str | dict[str, str]]]) -> ErrorMapping:
        """Parse a valid `x-error`."""
        return cls(
            **{
                part: tuple(entry if isinstance(entry, str) else Header(entry["header"]) for entry in entries)
                for part, entries in declared.items()
            }
        )


def with_lists(job: JobMapping, schema: FlatSchema) -> JobMapping:
    """Return the mapping of a job with its rules as cases, if it reads lists, which its schema says."""
    cases = tuple(
        attrs.evolve(
            case,
            tests=tuple(
                attrs.evolve(test, of_items="array" in {kind for name in test.fields for kind in schema.at(name).types})
                for test in case.tests
            ),
        )
        for case in job.rules
    )
    has_lists = any(test.of_items for case in cases for test in case.tests)
    return attrs.evolve(job, cases=cases, values={}) if has_lists else job


def job_mappings(document: dict[str, Any]) -> Iterator[tuple[str, JobMapping]]:
    """Pointer and mapping of each schema with an `x-job`."""
    for pointer, declared in find(document, "/components/schemas/*/x-job"):
        yield pointer.removesuffix("/x-job"), JobMapping.from_extension(declared)


def error_mappings(document: dict[str, Any]) -> Iterator[tuple[str, ErrorMapping]]:
    """Pointer and mapping of each schema with an `x-error`."""
    for pointer, declared in find(document, "/components/schemas/*/x-error"):
        yield pointer.removesuffix("/x-error"), ErrorMapping.from_extension(declared)


def _names(names: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
