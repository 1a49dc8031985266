"""The extensions `x-job`, `x-poll`, `x-pagination`, `x-auth` and `x-error` as typed values, and the rules of `x-job`.

The rules: each path must lead to a field of the schema, and the field must be able to have the type and the values that
`x-job` gives it. Classes and attributes have the names of those in the client's runtime, because they become arguments
there. If a key has several fields, the first one that is not empty is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from ..errors import Problem
from .json_pointer import WHOLE, KeyedItem, Step, as_text, find, steps
from .schema_view import KINDS, FlatSchema, flatten
from .strict_yaml import Source

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
"""A value that a field is compared with. None matches a field that is missing, null or an empty string."""


def text_of_value(value: Value) -> str:
    """Return a value as text: a string unchanged, any other value as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


@attrs.frozen
class FieldTest:
    """A test of a field: it has one of some values, or is present, or is a number within bounds."""

    fields: tuple[str, ...]
    values: tuple[Value, ...] = ()
    of_items: bool = False
    """Whether the field is a list. The test passes if one of its items has one of the values."""
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
        """The test as text."""
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
    """The state of a job for which all tests pass."""

    state: str
    tests: tuple[FieldTest, ...]


@attrs.frozen
class JobMapping:
    """An `x-job`."""

    id: tuple[str, ...]
    state: tuple[str, ...]
    """The fields that the state depends on."""
    values: Mapping[str, tuple[Value, ...]]
    """The service's values for each state, in the order of the document; empty if `cases` are declared."""
    cases: tuple[StateCase, ...] = ()
    """A job has the state of the first case with tests that all pass."""
    otherwise: str | None = None
    """The state if no case applies. If it is missing, the state is unknown."""
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
    types: tuple[str, ...] = ()
    """Fields with the type of the job. Their values never change."""
    parents: tuple[str, ...] = ()
    """Fields that identify the parent of the job. Their values never change."""
    empty_before_end: tuple[str, ...] = ()
    """Fields that have no value before the job has ended."""

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
            types=_names(declared.get("constant", {}).get("type", ())),
            parents=_names(declared.get("constant", {}).get("parent", ())),
            empty_before_end=_names(declared.get("empty_before_end", ())),
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
        """The cases. If the document declares values of one field, each state becomes a case."""
        return self.cases or tuple(
            StateCase(state, (FieldTest(self.state, values),)) for state, values in self.values.items()
        )

    @property
    def known_states(self) -> set[str]:
        """The states that a job can have, apart from unknown."""
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
    """The field of the request body that takes the ID."""
    url: bool = False
    """Whether a job is identified by a URL, which is requested unchanged."""
    job: str = ""
    """Path of the job in the response; empty for the response itself."""
    items: str = ""
    """Path of the list of jobs in the response."""
    match: str = ""
    """Path in an item to its ID."""
    interval: float | None = None
    """Seconds between two polls."""
    statuses: Mapping[str, str] = attrs.field(factory=dict)
    """States by status code, for responses in which the status code alone gives the state."""

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
    """An `x-start`: where the response has the ID of the started job, or the URL to request it."""

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
    """The field with the token of the next page, or with its URL if `token` is empty."""
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


AUTHORIZATION = "Authorization"

_CHALLENGES = ("digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "oauth", "privatetoken", "scram-sha-1", "vapid")
"""HTTP schemes with credentials other than one token after the name of the scheme."""


@attrs.frozen
class AuthSpec:
    """A security scheme with its `x-auth`: how a request carries a credential."""

    method: str
    """`token`, `aksk`, `basic` or `oauth2`."""
    header: str = AUTHORIZATION
    """The header that carries the credential."""
    prefix: str = ""
    """The text before it, such as `Bearer` and a space."""
    max_length: int | None = None
    token_url: str = ""
    """URL where a client fetches its token, for OAuth 2."""
    scopes: tuple[str, ...] = ()
    """Scopes that the operation needs, for OAuth 2."""
    client: str = "header"
    """Place of the client's credentials in its token request, for OAuth 2: `header` or `body`."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Further parameters of the token request, for OAuth 2."""

    @classmethod
    def from_scheme(cls, scheme: Mapping[str, Any], scopes: Iterable[str] = ()) -> AuthSpec | None:
        """Parse a valid security scheme. Returns None for one that the client does not support."""
        kind, extension = scheme.get("type"), scheme.get("x-auth", {})
        longest = extension.get("maxLength")
        if kind == "apiKey":
            is_sent = scheme.get("in") == "header"
            return cls(extension.get("method", "token"), scheme["name"], max_length=longest) if is_sent else None
        if kind == "http":
            name = str(scheme.get("scheme", ""))
            if name.lower() in _CHALLENGES:
                return None
            if name.lower() == "basic":
                return cls("basic", prefix="Basic ")
            return cls("token", prefix=f"{'Bearer' if name.lower() == 'bearer' else name} ", max_length=longest)
        flow = scheme.get("flows", {}).get("clientCredentials")
        if kind == "oauth2" and flow is not None:
            return cls(
                "oauth2",
                prefix="Bearer ",
                max_length=longest,
                token_url=flow["tokenUrl"],
                scopes=tuple(scopes),
                client=extension.get("client", "header"),
                parameters=tuple(extension.get("parameters", {}).items()),
            )
        # With the other flows, the caller gives the client a token.
        return cls("token", prefix="Bearer ", max_length=longest) if kind in ("oauth2", "openIdConnect") else None

    @classmethod
    def of_requirements(cls, document: Mapping[str, Any], requirements: Iterable[Mapping[str, Any]]) -> list[AuthSpec]:
        """Parse the security schemes that an operation names, each once."""
        schemes = document.get("components", {}).get("securitySchemes", {})
        found = (cls.from_scheme(schemes[name], scopes) for each in requirements for name, scopes in each.items())
        return list(dict.fromkeys(spec for spec in found if spec is not None))


_CLASSES = {"aksk": ("AkSk",), "basic": ("BasicAuth",), "oauth2": ("ClientCredentials", "Token")}
"""The client's classes of credentials, by the method of a security scheme."""


def credential_classes(specs: Iterable[AuthSpec]) -> list[str]:
    """Return the names of the client's classes of credentials for these schemes."""
    # A token of IAM is sent in a header without a prefix.
    found = (_CLASSES.get(each.method, ("Token",) if each.prefix else ("Token", "IamPassword")) for each in specs)
    return list(dict.fromkeys(name for names in found for name in names))


@attrs.frozen
class ErrorMapping:
    """An `x-error`."""

    code: tuple[str | Header, ...] = ()
    message: tuple[str | Header, ...] = ()
    request_id: tuple[str | Header, ...] = ()

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> ErrorMapping | None:
        """Return the mappings of all schemas as one, because a gateway may respond instead of the service."""
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
    """Return a mapping with its rules as cases if one of their fields is a list by the schema."""
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
    """Yield pointer and mapping of each schema with an `x-job`."""
    for pointer, declared in find(document, "/components/schemas/*/x-job"):
        yield pointer.removesuffix("/x-job"), JobMapping.from_extension(declared)


def error_mappings(document: dict[str, Any]) -> Iterator[tuple[str, ErrorMapping]]:
    """Yield pointer and mapping of each schema with an `x-error`."""
    for pointer, declared in find(document, "/components/schemas/*/x-error"):
        yield pointer.removesuffix("/x-error"), ErrorMapping.from_extension(declared)


def _names(names: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


_TEXT = frozenset({"string", "integer"})
_NUMBER = frozenset({"integer", "fraction"})
_SCALAR = frozenset({"string", "integer", "fraction", "boolean"})

_FIX = "Write the path of a property, such as status.phase"


def job_problems(source: Source, here: str, declared: dict[str, Any]) -> Iterator[Problem]:
    """Yield each problem of an `x-job` of valid form.

    Args:
        source: The document.
        here: Pointer of the `x-job`.
        declared: Its value.
    """
    job = JobMapping.from_extension(declared)
    fields = _Fields(source, here, flatten(source.data, here.rpartition("/")[0]))
    yield from fields.check("id", job.id, _TEXT, "a string or an integer")
    yield from fields.check("reason", job.reason, _TEXT | _NUMBER, "a string or a number")
    yield from fields.check("code", job.code, _TEXT | _NUMBER, "a string or a number")
    yield from fields.check("constant/type", job.types, _TEXT, "a string or an integer")
    yield from fields.check("constant/parent", job.parents, _TEXT, "a string or an integer")
    yield from fields.check("empty_before_end", job.empty_before_end, _TEXT | _NUMBER, "a string or a number")
    yield from _children(fields, job)
    for key, time in (("started", job.started), ("ended", job.ended)):
        yield from _time(fields, key, time)
    yield from _progress(fields, job)
    yield from _states(fields, job, declared["state"])


@attrs.frozen
class _Fields:
    """The fields of one schema, and the pointer of the `x-job` with their paths."""

    source: Source
    here: str
    schema: FlatSchema

    def problem(self, place: str, message: str, fix: str) -> Problem:
        return self.source.problem(f"{self.here}/{place}", message, fix)

    def check(self, place: str, names: Iterable[str], kinds: frozenset[str], expected: str) -> Iterator[Problem]:
        """Yield a problem for each path without a field, or with a field of another type."""
        for name in names:
            if (gap := self.gap(name)) is not None:
                yield self.missing(place, name, gap)
            elif not self.schema.at(name).kinds & kinds:
                found = " or ".join(self.schema.at(name).types) or "nothing"
                yield self.problem(place, f"must name {expected}, got {name}, which is {found}", "Name another field")

    def missing(self, place: str, name: str, gap: str) -> Problem:
        """Return the problem of a path without a field."""
        return self.problem(place, f"must name a field of the schema, got {name}{gap}", _FIX)

    def gap(self, path: str) -> str | None:
        """Return the end of the message about a path without a field; None if there is a field."""
        view, gone = self.schema, ""
        for step in steps(path):
            if isinstance(step, str) and view.kinds.isdisjoint({"object"}):
                return f": {gone or 'the schema'} is not an object"
            if not isinstance(step, str) and view.kinds.isdisjoint({"array"}):
                return f": {gone or 'the schema'} is not an array"
            view = view.step(step)
            if not view.roots:
                return ""
            if isinstance(step, KeyedItem):
                key = view.step(step.name)
                if not key.roots:
                    return f": the items of {gone} have no {step.name}"
                if key.enum is not None and step.text not in map(as_text, key.enum):
                    return f": {step.name} is never {step.text}"
            gone = f"{gone}{_written(step, bool(gone))}"
        return None


def _written(step: Step, is_inner: bool) -> str:
    if isinstance(step, KeyedItem):
        return f"[{step.name}={step.text}]"
    return f"[{step}]" if isinstance(step, int) else f"{'.' * is_inner}{step}"


def _children(fields: _Fields, job: JobMapping) -> Iterator[Problem]:
    for name in job.children:
        if (gap := fields.gap(name)) is not None:
            yield fields.missing("children", name, gap)
            continue
        view = fields.schema.at(name)
        if not any(each.first("x-job") for each in (view.items, view.others, view)):
            message = f"must name a list or map of jobs, or a job, got {name}, which has no x-job"
            yield fields.problem("children", message, "Give the schema of a child an x-job")
    if job.progress_of_children and not job.children:
        yield fields.problem("progress", "must count declared children, got none", "Add children")


def _time(fields: _Fields, key: str, time: TimestampMapping | None) -> Iterator[Problem]:
    if time is not None:
        kinds = frozenset({"string"} if set(time.formats) <= {"go-time", "datetime"} else {"string", *_NUMBER})
        expected = "a string" if len(kinds) == 1 else "a string or a number"
        yield from fields.check(f"{key}/field", time.fields, kinds, expected)


def _progress(fields: _Fields, job: JobMapping) -> Iterator[Problem]:
    is_fraction = job.progress_format == "fraction"
    kinds, expected = (
        (frozenset({"string"}), "a string") if is_fraction else (_NUMBER | {"string"}, "a number or a string")
    )
    yield from fields.check("progress/field", job.progress, kinds, expected)
    yield from fields.check("progress/done", job.done, _NUMBER | {"string"}, "a number or a string")
    yield from fields.check(
        "progress/total", [job.total] if job.total else [], _NUMBER | {"string"}, "a number or a string"
    )


def _states(fields: _Fields, job: JobMapping, declared: dict[str, Any]) -> Iterator[Problem]:
    values = [json.dumps(value) for listed in job.values.values() for value in listed]
    for text in dict.fromkeys(text for text in values if values.count(text) > 1):
        yield fields.problem(
            "state", f"must have each value in one state, got {text_of_value(json.loads(text))} in two", "Keep one"
        )
    if not job.known_states & set(FINAL_STATES):
        message = f"must declare a final state, got {', '.join(sorted(job.known_states))}"
        yield fields.problem(
            "state", message, f"Add values of one of {', '.join(FINAL_STATES)}, otherwise waits never end"
        )
    if "field" in declared:
        missing = list(fields.check("state/field", job.state, _SCALAR | {"array"}, "a value or a list of values"))
        yield from missing
        for state, listed in job.values.items() if not missing else ():
            yield from _values(fields, f"state/{state}", job.state, listed)
        return
    for index, case in enumerate(job.cases):
        for test in case.tests:
            (name,) = test.fields
            place = f"state/cases/{index}/when"
            if (gap := fields.gap(name)) is not None:
                yield fields.missing(place, name, gap)
            elif test.minimum is not None or test.maximum is not None:
                yield from fields.check(place, test.fields, _NUMBER | {"string"}, "a number")
            else:
                yield from _test(fields, place, test)


def _test(fields: _Fields, place: str, test: FieldTest) -> Iterator[Problem]:
    if not test.present:
        yield from _values(fields, place, test.fields, test.values)


def _values(fields: _Fields, place: str, names: tuple[str, ...], values: Iterable[Value]) -> Iterator[Problem]:
    """Yield a problem for each value that none of the fields can have."""
    views = [fields.schema.at(name) for name in names]
    for value in values:
        if value == "":
            yield fields.problem(
                place, 'must not be an empty string, got ""', "Write null, which includes empty strings"
            )
            continue
        # Null also matches a field that is missing, so every field can have it.
        if value is not None and not any(
            _can_be(view, value) or _can_be(view.items, value, item=True) for view in views
        ):
            listed = [each for view in views for each in (view.enum or view.items.enum or ())]
            known = f": its values are {', '.join(map(text_of_value, listed))}" if listed else ""
            types = " or ".join(dict.fromkeys(kind for view in views for kind in view.types))
            message = f"must be a value that {' or '.join(names)} can have, got {text_of_value(value)}"
            yield fields.problem(place, message, f"The field is {types or 'of another type'}{known}")


def _can_be(view: FlatSchema, value: Value, *, item: bool = False) -> bool:
    if item and not view.roots:
        return False
    kind = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"
    if not view.kinds & KINDS[kind]:
        return False
    return view.enum is None or any(json.dumps(value) == json.dumps(each) for each in view.enum)
