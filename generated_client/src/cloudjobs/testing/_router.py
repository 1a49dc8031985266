# Generated from generator/client/runtime/testing/_router.py. Do not edit: change that, and run `make generate`.
"""Routing of requests to operations, and validation of the requests against the document."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import combinations
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import attrs
from jsonschema_rs import Draft202012Validator
from starlette.datastructures import Headers

from .._clock import Clock
from .._documents import document, recordings, services
from .._forks import reset_in_child
from ._faults import Fault, FaultQueue, preferred
from ._jobs import JobSpec, ReplayJob, random_lifecycle
from ._operation_state import OperationState
from ._request_log import IncomingRequest, RecordedRequest
from ._responses import CannedResponse, ErrorResponses, deviating, is_json, plain
from ._schemas import merge_all_of, resolved, validator

_SPELLINGS = {
    "integer": re.compile(r"-?(?:0|[1-9][0-9]*)"),
    "number": re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"),
    "boolean": re.compile(r"true|false"),
}

_LOCATIONS = ("path", "query", "header")

_PREFIXES = {"aksk": "SDK-HMAC-SHA256 "}
"""What a credential begins with, by the method of `x-auth`."""

_SHOWN = 40
"""How much of a refused value its refusal shows, in characters."""


class RejectedRequest(Exception):
    """The request deviates from the document."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@attrs.frozen
class GivenParameters:
    """The parts of a request that parameters are in, decoded; what was not UTF-8 is there as lone surrogates."""

    path: Mapping[str, str]
    query: Iterable[tuple[str, str]]
    headers: Headers

    def texts(self, parameter: ParameterCheck) -> list[str]:
        """Every text given for the parameter."""
        if parameter.location == "path":
            return [self.path[parameter.name]] if parameter.name in self.path else []
        if parameter.location == "query":
            return [text for name, text in self.query if name == parameter.name]
        # Repeated header lines are one list, by the rules of HTTP.
        lines = self.headers.getlist(parameter.name)
        return [", ".join(lines)] if lines else []


@attrs.frozen
class ParameterCheck:
    """One parameter of an operation."""

    name: str
    location: str
    required: bool
    of_client: bool
    """A client is given it once; it does not say which thing is asked for."""
    default: Any
    types: tuple[str, ...]
    validator: Draft202012Validator

    @classmethod
    def from_definition(cls, document: dict[str, Any], definition: dict[str, Any]) -> ParameterCheck:
        """Read a parameter of the document. Raises `ValueError` for a kind that no text of a request is."""
        schema = merge_all_of(document, definition.get("schema", {}))
        types = schema.get("type", "string")
        types = (types,) if isinstance(types, str) else tuple(types)
        name, location = definition["name"], definition["in"]
        if location not in _LOCATIONS or not {"string", *_SPELLINGS}.issuperset(types):
            raise ValueError(f"the {location} parameter {name} of type {' or '.join(types)} cannot be replayed")
        return cls(
            name=name,
            location=location,
            required=definition.get("required", False),
            of_client=definition.get("x-client-parameter", False),
            default=schema.get("default"),
            types=types,
            validator=validator(document, definition.get("schema", {})),
        )

    def value(self, given: GivenParameters) -> Any:
        """The value in a request, or the default. Raises `Refused`."""
        texts = given.texts(self)
        if not texts:
            if self.required:
                raise RejectedRequest(400, f"the {self.location} parameter {self.name} is missing")
            return self.default
        if len(texts) > 1:
            raise RejectedRequest(400, f"the {self.location} parameter {self.name} is given {len(texts)} times")
        return self._read(texts[0])

    def _read(self, text: str) -> Any:
        if not _is_unicode(text):
            raise RejectedRequest(400, f"the {self.location} parameter {self.name} is not UTF-8")
        problem = f"it is no JSON {' or '.join(self.types)}"
        for value in self._readings(text):
            error = next(self.validator.iter_errors(value), None)
            if error is None:
                return value
            problem = error.message
        shown = repr(text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")
        raise RejectedRequest(400, f"the {self.location} parameter {self.name} is {shown}: {problem}")

    def _readings(self, text: str) -> Iterator[Any]:
        for kind in self.types:
            if kind == "string":
                yield text
            elif _SPELLINGS[kind].fullmatch(text):
                try:
                    yield json.loads(text)
                except ValueError:  # an integer of more digits than Python reads
                    continue


@attrs.frozen
class SchemeCheck:
    """A header that carries a credential."""

    header: str
    prefix: str
    max_length: int | None

    @classmethod
    def from_definition(cls, definition: dict[str, Any]) -> SchemeCheck:
        """Read a security scheme. Raises `ValueError` for one that is no header."""
        if (definition["type"], definition.get("in")) != ("apiKey", "header"):
            raise ValueError(f"security of type {definition['type']} cannot be replayed, but for an apiKey in a header")
        auth = definition.get("x-auth", {})
        return cls(definition["name"], _PREFIXES.get(auth.get("method"), ""), auth.get("maxLength"))

    def is_met(self, headers: Headers) -> bool:
        """Whether the header is there in its documented form. Which credentials are valid, no document says."""
        text = headers.get(self.header, "").strip()
        short_enough = self.max_length is None or len(text) <= self.max_length
        return len(text) > len(self.prefix) and text.startswith(self.prefix) and short_enough


@attrs.frozen
class Credentials:
    """The ways to authenticate an operation: each a set of schemes, of which all are needed."""

    ways: tuple[tuple[SchemeCheck, ...], ...]

    @classmethod
    def from_operation(cls, document: dict[str, Any], operation: dict[str, Any]) -> Credentials:
        """Read the security requirements of an operation, or else those of the whole document."""
        schemes = document.get("components", {}).get("securitySchemes", {})
        requirements = operation.get("security", document.get("security", []))
        return cls(
            tuple(
                tuple(SchemeCheck.from_definition(resolved(document, schemes[name])) for name in names)
                for names in requirements
            )
        )

    def check(self, headers: Headers) -> None:
        """Raises `Refused` unless one of the ways is met. A way of no scheme says that none is needed."""
        if self.ways and not any(all(scheme.is_met(headers) for scheme in way) for way in self.ways):
            ways = (" and ".join(f"{scheme.header}: {scheme.prefix}…" for scheme in way) for way in self.ways)
            raise RejectedRequest(401, f"no credential was sent, or none of the documented form: {', or '.join(ways)}")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_NAME = re.compile(r"\{([^{}]+)\}")

Choose = Callable[[str | None], Fault | None]
"""Gives the fault that is planned for a request, by the job that it asks for."""


@attrs.define
class HandledRequest:
    """What is known of a request once it is answered."""

    answer: CannedResponse
    job: str | None = None
    fault: Fault | None = None


@attrs.frozen
class Endpoint:
    """One operation as it is served."""

    service: str
    operation: str
    method: str
    template: str
    segments: tuple[re.Pattern[str], ...]
    parameters: tuple[ParameterCheck, ...]
    credentials: Credentials
    failures: ErrorResponses
    contents: OperationState

    @property
    def shape(self) -> str:
        """Its path whatever the names of the parameters: the same for all templates that match the same paths."""
        return _NAME.sub("{}", self.template)

    @property
    def generality(self) -> list[bool]:
        """Orders endpoints: one with a literal segment goes before one that takes any text there."""
        return ["{" in segment for segment in self.template.split("/")]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The path parameters of a path, given in decoded segments, or None if it is another path."""
        if len(segments) != len(self.segments):
            return None
        found = [pattern.fullmatch(text) for pattern, text in zip(self.segments, segments, strict=True)]
        if not all(found):
            return None
        values = [value for match in found if match for value in match.groups()]
        return dict(zip(_NAME.findall(self.template), values, strict=True))

    def answer(self, path: dict[str, str], question: IncomingRequest, choose: Choose, now: float) -> HandledRequest:
        """The reply to a request for a path of its own.

        A request that deviates from the document is refused, and meets no fault.
        """
        try:
            self.credentials.check(question.headers)
            given = GivenParameters(path, _query(question.query), question.headers)
            # Query parameters that the document does not know are passed over, as servers do; no page says so. Nor are
            # the headers of x-request-headers asked for, since tools that know nothing of us do not send them.
            values = {parameter.name: parameter.value(given) for parameter in self.parameters}
            wished = self._preferred(question)
        except RejectedRequest as refused:
            return HandledRequest(self.failures.reply(refused.status, str(refused)))
        job = self.contents.asked_for(values)
        fault = wished or choose(job)
        answer = self._answer(path, values, fault, now)
        if fault is not None:
            answer = answer.sent_with(fault)
            if wished is not None:
                answer = attrs.evolve(answer, headers={**answer.headers, "preference-applied": str(fault)})
        return HandledRequest(answer, job, fault)

    def _preferred(self, question: IncomingRequest) -> Fault | None:
        lines = question.headers.getlist("prefer")
        if not lines:
            return None
        try:
            fault = preferred(", ".join(lines))
        except ValueError as error:
            raise RejectedRequest(400, f"Prefer: {error}") from None
        if fault is not None and fault.example is not None and fault.example not in self.contents.examples:
            raise RejectedRequest(400, f"Prefer: {self.contents.no_example(fault.example)}")
        return fault

    def _answer(
        self, path: dict[str, str], values: Mapping[str, Any], fault: Fault | None, now: float
    ) -> CannedResponse:
        if fault is not None and fault.code is not None:
            return self.failures.reply(fault.code, "the replay was told to fail")
        if fault is not None and fault.example is not None:
            reply = self.contents.examples.get(fault.example)
            if reply is None:
                return self.failures.reply(500, self.contents.no_example(fault.example))
        else:
            reply = self.contents.reply(path, values, now, counts=fault is None or not fault.hides)
        if reply is None:
            return self.failures.reply(404, self.contents.nothing)
        text = reply.text
        if fault is not None and (fault.undocumented_field or fault.new_value) and is_json(reply.content_type):
            text = deviating(text, fault, self.contents.items, self.contents.state if reply.is_success else ())
        return CannedResponse(reply.status, reply.content_type, text.encode())


def endpoints(
    service: str, document: dict[str, Any], recordings: Mapping[str, dict[str, Any]], seed: int = 0
) -> Iterator[Endpoint]:
    """The endpoints of a service. Raises `ValueError` where the document asks for what cannot be checked."""
    for template, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                try:
                    yield _endpoint(service, document, recordings, (method, template), item, seed)
                except ValueError as error:
                    raise ValueError(f"{service}, {method.upper()} {template}: {error}") from error


def _endpoint(
    service: str,
    document: dict[str, Any],
    recordings: Mapping[str, dict[str, Any]],
    place: tuple[str, str],
    item: dict[str, Any],
    seed: int,
) -> Endpoint:
    method, template = place
    operation = item[method]
    # Parameters of the path are those of each operation on it, which may state them anew.
    stated = [resolved(document, parameter) for level in (item, operation) for parameter in level.get("parameters", ())]
    anew = {(parameter["in"], parameter["name"]): parameter for parameter in stated}
    parameters = tuple(ParameterCheck.from_definition(document, parameter) for parameter in anew.values())
    of_client = {parameter.name for parameter in parameters if parameter.of_client}
    return Endpoint(
        service=service,
        operation=operation.get("operationId", ""),
        method=method.upper(),
        template=template,
        segments=tuple(_pattern(segment) for segment in template.split("/")),
        parameters=parameters,
        credentials=Credentials.from_operation(document, operation),
        failures=ErrorResponses(document, operation["responses"]),
        contents=OperationState(service, document, operation, recordings, of_client, seed),
    )


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment of a template. A parameter is never empty: `//` is another path."""
    literals = _NAME.split(segment)[::2]
    return re.compile("(.+)".join(re.escape(literal) for literal in literals), re.DOTALL)


def _query(query: bytes) -> list[tuple[str, str]]:
    # Starlette's own reading puts replacement characters for what is not UTF-8, and calls them text.
    raw = query.decode("ascii", "surrogateescape")
    return parse_qsl(raw, keep_blank_values=True, errors="surrogateescape")


_PATHS = 4096
"""How many paths are kept with the operations that they mean."""


class Router:
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
        self.script = FaultQueue()
        self.listener: Callable[[RecordedRequest], object] | None = None
        """Told of each request."""
        self._chance = Random(seed)
        self._served = sorted(served, key=lambda endpoint: endpoint.generality)
        self._lock = threading.Lock()
        self._begun = self.clock.monotonic()
        self._meant = lru_cache(_PATHS)(self._found)
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def answer(self, question: IncomingRequest, mounted_at: bytes = b"") -> CannedResponse:
        """The reply to a request."""
        with self._lock:
            endpoint, received = self._received(question, mounted_at)
            if self.listener is not None:
                self.listener(self._asked(question, endpoint, received))
        return received.answer

    def add_job(self, service: str, job_id: str | None, wish: JobSpec) -> ReplayJob:
        """Let a service have a job. Raises `ValueError`."""
        with self._lock:
            contents = self._contents(service, lambda each: each.polls, "tells the states of jobs")
            return contents.add_job(self._free_id(contents) if job_id is None else job_id, wish, self.clock.now())

    def draw_states(self, service: str) -> list[str]:
        """States of a job, by chance."""
        contents = self._contents(service, lambda each: each.polls, "tells the states of jobs")
        return random_lifecycle(contents.shape, self._chance)

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

    def _contents(self, service: str, fits: Callable[[OperationState], bool], what: str) -> OperationState:
        served = [endpoint.contents for endpoint in self._served if endpoint.service == self.known(service)]
        fitting = [contents for contents in served if fits(contents)]
        if not fitting:
            raise ValueError(f"{service} has no operation that {what}")
        return fitting[0]

    def _free_id(self, contents: OperationState) -> str:
        number = 1
        while contents.has_job(f"job-{number}"):
            number += 1
        return f"job-{number}"

    def _received(self, question: IncomingRequest, mounted_at: bytes) -> tuple[Endpoint | None, HandledRequest]:
        found = self._meant(question.raw_path.removeprefix(mounted_at))
        for endpoint, path in found:
            if endpoint.method == question.method:
                choose = partial(self.script.take, endpoint.service)
                return endpoint, endpoint.answer(path, question, choose, self.clock.now())
        if found:
            allowed = ", ".join(sorted({endpoint.method for endpoint, _ in found}))
            return None, HandledRequest(plain(405, f"this path is served for {allowed}", allow=allowed))
        served = "".join(f"{endpoint.method} {endpoint.template}\n" for endpoint in self._served)
        return None, HandledRequest(plain(404, f"nothing is served at this path; served are\n{served}"))

    def _found(self, raw_path: bytes) -> list[tuple[Endpoint, dict[str, str]]]:
        """The operations that a path means, with its parameters."""
        # In decoded segments, since `%2F` is no separator. What is not UTF-8 becomes lone surrogates, which the
        # parameters refuse.
        parts = raw_path.split(b"/")
        segments = [unquote_to_bytes(segment).decode("utf-8", "surrogateescape") for segment in parts]
        matched = ((endpoint, endpoint.match(segments)) for endpoint in self._served)
        return [(endpoint, path) for endpoint, path in matched if path is not None]

    def _asked(self, question: IncomingRequest, endpoint: Endpoint | None, received: HandledRequest) -> RecordedRequest:
        return RecordedRequest(
            question=question,
            service=endpoint.service if endpoint else None,
            operation=endpoint.operation if endpoint else None,
            job=received.job,
            status=None if received.answer.reset else received.answer.status,
            fault=str(received.fault or ""),
            at=self.clock.monotonic() - self._begun,
        )
