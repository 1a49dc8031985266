# Generated from generator/client/runtime/testing/_router.py. Do not edit: change that, and run `make generate`.
"""Routing of requests to operations, their validation against the document, and the log of requests.

The text of the log contains no credentials.
"""

from __future__ import annotations

import json
import re
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import combinations
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import attrs
from jsonschema_rs import Draft202012Validator
from starlette.datastructures import Headers

from .._clock import Clock
from .._documents import ServiceSchemas, document, operations, recordings, resolve, services
from .._forks import reset_in_child
from .._messages import RequestHeaders
from .._response import Redactor
from ._job_mapping import validator
from ._jobs import AddedJobSpec, ReplayJob, random_states
from ._operation_state import OperationState, PageTarget, share_jobs
from ._responses import (
    CannedResponse,
    ErrorResponses,
    Fault,
    FaultQueue,
    accepts,
    deviating_body,
    fault_from_header,
    is_json,
    plain_response,
)

_LISTED = 20
"""The number of requests in an error at most, the last ones."""


@attrs.frozen
class IncomingRequest:
    """A request as it was received."""

    method: str
    raw_path: bytes
    """Percent-encoded, without the query."""
    query: bytes
    headers: Headers = attrs.field(repr=False)
    content: bytes = attrs.field(default=b"", repr=False)
    """The body."""


@attrs.frozen
class RecordedRequest:
    """A request to a replay, and the outcome."""

    incoming: IncomingRequest = attrs.field(repr=False)
    service: str | None
    """None for a path or method that no operation has."""
    operation: str | None
    job: str | None
    """The job that the request is for, if it is for one."""
    status: int | None
    """The status of the response; None if the connection was reset."""
    fault: str = ""
    """The faults that it got."""
    at: float = attrs.field(default=0.0, eq=False)
    """Seconds on the replay's clock since it began."""

    @property
    def method(self) -> str:
        """The method, such as GET."""
        return self.incoming.method

    @property
    def path(self) -> str:
        """The path, percent-encoded, without the query."""
        return self.incoming.raw_path.decode("ascii", "backslashreplace")

    @property
    def query(self) -> str:
        """The query, percent-encoded; empty without one."""
        return self.incoming.query.decode("ascii", "backslashreplace")

    @property
    def headers(self) -> RequestHeaders:
        """The headers by their names in lower case, with credentials; their repr has no values."""
        return RequestHeaders(self.incoming.headers.items())

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        outcome = "reset" if self.status is None else str(self.status)
        fault = f" ({self.fault})" if self.fault else ""
        target = Redactor.from_headers(self.headers).text(f"{self.path}{query}")
        return f"{self.at:8.2f} s  {self.service or '-'}: {self.method} {target} -> {outcome}{fault}"

    def __repr__(self) -> str:
        return f"<{str(self).strip()}>"


class RequestLog(list[RecordedRequest]):
    """Requests, the first one first."""

    def __str__(self) -> str:
        omitted = len(self) - _LISTED
        lines = [f"  … {omitted} before"] if omitted > 0 else []
        return "\n".join([*lines, *(f"  {request}" for request in self[-_LISTED:])]) or "  none"

    def __repr__(self) -> str:
        return f"<{len(self)} requests:\n{self}>"

    def assert_requested(self, times: int | None, **expected: object) -> None:
        """Raise `AssertionError`, with all requests, unless so many have these values.

        Args:
            times: The number; None for at least one.
            expected: Values of attributes; None for any.
        """
        given = {name: value for name, value in expected.items() if value is not None}
        count = sum(all(getattr(request, name) == value for name, value in given.items()) for request in self)
        if count == times or (times is None and count):
            return
        subject = ", ".join(f"{name} {value!r}" for name, value in given.items()) or "any request"
        wanted = "at least once" if times is None else f"{times} times"
        raise AssertionError(f"{subject}: must be requested {wanted}, got {count} requests; all requests:\n{self}")


_SPELLINGS = {
    "integer": re.compile(r"-?(?:0|[1-9][0-9]*)"),
    "number": re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"),
    "boolean": re.compile(r"true|false"),
}

_LOCATIONS = ("path", "query", "header")

_ORIGIN = re.compile(rb"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*")

_PREFIXES = {"aksk": "SDK-HMAC-SHA256 "}
"""The prefix of a credential, by the method of `x-auth`."""

_LONGEST_VALUE = 40
"""Characters of a rejected value in an error at most."""

_CACHED_PATHS = 4096

_TOKEN_LIFE = 3600
"""Seconds of a token of OAuth 2."""

_NAME = re.compile(r"\{([^{}]+)\}")

NextFault = Callable[[str | None], Fault | None]
"""Returns the fault that is queued for a request, by the job that it is for."""


class Router:
    """Routes requests to the operations of the named services, or of all services. Thread-safe.

    Raises:
        ValueError: A service is unknown, two services have an operation with the same method and path, or a document
            uses a feature that cannot be replayed.
    """

    def __init__(self, names: Sequence[str], clock: Clock | None = None, seed: int = 0) -> None:
        # A name that is given twice is one service.
        self.services = tuple(dict.fromkeys(names or services()))
        endpoints = [each for name in self.services for each in _endpoints(name, seed)]
        for name in self.services:
            share_jobs([each.state for each in endpoints if each.service == name])
        for one, other in combinations(endpoints, 2):
            if (one.method, one.nameless_path) == (other.method, other.nameless_path):
                raise ValueError(
                    f"{one.service} and {other.service} both have {one.method} {one.template}: serve them one at a time"
                )
        self.clock = clock or Clock()
        self.faults = FaultQueue()
        self.listener: Callable[[RecordedRequest], object] | None = None
        """Called with each request."""
        self._chance = Random(seed)
        # A path with a literal segment takes precedence over one with a parameter there.
        self._endpoints = sorted(endpoints, key=lambda each: ["{" in segment for segment in each.template.split("/")])
        self._token_paths = {path for name in self.services for path in _token_paths(document(name))}
        self._lock = threading.Lock()
        self._start = self.clock.monotonic()
        self._match = lru_cache(_CACHED_PATHS)(self._match_path)
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def respond(self, request: IncomingRequest, mounted_at: bytes = b"") -> CannedResponse:
        """Return the response to a request."""
        with self._lock:
            endpoint, handled = self._handle(request, mounted_at)
            if self.listener is not None:
                recorded = RecordedRequest(
                    incoming=request,
                    service=endpoint.service if endpoint else None,
                    operation=endpoint.operation if endpoint else None,
                    job=handled.job,
                    status=None if handled.response.reset else handled.response.status,
                    fault=str(handled.fault or ""),
                    at=self.clock.monotonic() - self._start,
                )
                self.listener(recorded)
        return handled.response

    def add_job(self, service: str, job_id: str | None, spec: AddedJobSpec) -> ReplayJob:
        """Add a job to a service. Raises `ValueError`."""
        with self._lock:
            return self._state(service, jobs=True).add_job(job_id, spec, self.clock.now())

    def end_job(self, job: ReplayJob | str, state: str, reason: str) -> None:
        """End a job, or the one with that ID. Raises `ValueError`."""
        with self._lock:
            found = [
                (each, endpoint.state)
                for endpoint in self._endpoints
                for each in endpoint.state.all_jobs
                if each is job or each.id == job
            ]
            if len(found) != 1:
                services = ", ".join(each.service for each, _ in found)
                raise ValueError(
                    f"job must be one of this replay, got {job!r}"
                    + (f", the id of one job each of {services}: pass the result of add_job" if found else "")
                )
            ((each, owner),) = found
            owner.end_job(each, state, reason, self.clock.now())

    def random_states(self, service: str) -> list[str]:
        """Choose states for a job of a service."""
        return random_states(self._state(service, jobs=True).labels, self._chance)

    def add_rows(self, service: str, count: int, where: dict[str, str], most: int | None = None) -> None:
        """Give a listing of a service so many rows. Raises `ValueError`."""
        with self._lock:
            self._state(service, jobs=False).add_rows(count, where, most)

    def path_parameters(self, service: str) -> list[str]:
        """Return the names of a service's path parameters."""
        parameters = (each for endpoint in self._of_service(service) for each in endpoint.parameters)
        return list(dict.fromkeys(each.name for each in parameters if each.location == "path"))

    def states(self, service: str, *, jobs: bool) -> list[OperationState]:
        """Return the states of a service's operations on jobs, or else of its listings."""
        states = [endpoint.state for endpoint in self._of_service(service)]
        return [state for state in states if (state.has_jobs if jobs else state.has_listing)]

    def validate_service(self, service: str) -> str:
        """Return the service, if it is replayed. Raises `ValueError` with those that are."""
        if service not in self.services:
            raise ValueError(f"service must be one of {', '.join(self.services)}, got {service!r}")
        return service

    def _of_service(self, service: str) -> list[Endpoint]:
        self.validate_service(service)
        return [endpoint for endpoint in self._endpoints if endpoint.service == service]

    def _state(self, service: str, *, jobs: bool) -> OperationState:
        states = self.states(service, jobs=jobs)
        if not states:
            raise ValueError(
                f"service must have an operation that {'reads jobs' if jobs else 'lists rows'}, got {service!r}"
            )
        return states[0]

    def _handle(self, request: IncomingRequest, mounted_at: bytes) -> tuple[Endpoint | None, HandledRequest]:
        # A proxy gets the whole URL.
        target = _ORIGIN.sub(b"", request.raw_path) or b"/"
        matches = self._match(target.removeprefix(mounted_at))
        if not matches and request.method == "POST" and target.removeprefix(mounted_at) in self._token_paths:
            return None, HandledRequest(_issue_token(request))
        is_head = request.method == "HEAD"
        for endpoint, path in matches:
            if endpoint.method == ("GET" if is_head else request.method):
                next_fault = partial(self.faults.take, endpoint.service)
                handled = endpoint.handle(path, request, next_fault, self.clock.now())
                if is_head:
                    handled.response = attrs.evolve(handled.response, is_head=True)
                return endpoint, handled
        methods = {endpoint.method for endpoint, _ in (matches or [(each, {}) for each in self._endpoints])}
        allowed = ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
        if request.method == "OPTIONS" and (matches or target == b"*"):
            return None, HandledRequest(CannedResponse(204, "", b"", {"allow": allowed}))
        if matches:
            return None, HandledRequest(
                plain_response(
                    405, f"the method of this path must be one of {allowed}, got {request.method}", allow=allowed
                )
            )
        served = "".join(f"{endpoint.method} {endpoint.template}\n" for endpoint in self._endpoints)
        return None, HandledRequest(plain_response(404, f"no operation has this path; the operations are\n{served}"))

    def _match_path(self, raw_path: bytes) -> list[tuple[Endpoint, dict[str, str]]]:
        """Return the operations at a path, with its parameters."""
        # Split before decoding, since `%2F` is not a separator. Bytes that are not UTF-8 become lone surrogates, which
        # the parameters reject.
        segments = [unquote_to_bytes(each).decode("utf-8", "surrogateescape") for each in raw_path.split(b"/")]
        matches = ((endpoint, endpoint.match(segments)) for endpoint in self._endpoints)
        return [(endpoint, path) for endpoint, path in matches if path is not None]


@attrs.define
class HandledRequest:
    """A request's response, its job and its fault."""

    response: CannedResponse
    job: str | None = None
    fault: Fault | None = None


class RejectedRequest(Exception):
    """A request that deviates from the document."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _endpoints(service: str, seed: int) -> Iterator[Endpoint]:
    """Yield the endpoints of a service. Raises `ValueError` if the document uses a feature that cannot be replayed."""
    schemas = ServiceSchemas(document(service))
    recorded = recordings(service)
    for method, template, operation in operations(schemas.document):
        try:
            yield Endpoint(
                service=service,
                operation=operation.get("operationId", ""),
                method=method,
                template=template,
                segments=tuple(_pattern(segment) for segment in template.split("/")),
                parameters=tuple(ParameterCheck.from_definition(schemas, each) for each in operation["parameters"]),
                security=_security(schemas.document, operation),
                errors=ErrorResponses(schemas, operation["responses"]),
                state=OperationState(service, schemas, template, operation, recorded, seed),
                accept=operation.get("x-request-headers", {}).get("Accept"),
            )
        except ValueError as error:
            raise ValueError(f"{service}, {method} {template}: {error}") from error


def _pattern(segment: str) -> re.Pattern[str]:
    """Compile a segment of a template. A parameter is never empty: `//` is another path."""
    literals = _NAME.split(segment)[::2]
    return re.compile("(.+)".join(re.escape(literal) for literal in literals), re.DOTALL)


@attrs.frozen
class Endpoint:
    """One operation as it is served."""

    service: str
    operation: str
    method: str
    template: str
    segments: tuple[re.Pattern[str], ...]
    parameters: tuple[ParameterCheck, ...]
    security: list[list[SchemeCheck]]
    errors: ErrorResponses
    state: OperationState
    accept: str | None
    """The `Accept` that the document demands."""

    @property
    def nameless_path(self) -> str:
        """Its path without the names of parameters: the same for all templates that match the same paths."""
        return _NAME.sub("{}", self.template)

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """Return the path parameters of a path, given in decoded segments, or None for another path."""
        if len(segments) != len(self.segments):
            return None
        matches = [pattern.fullmatch(segment) for pattern, segment in zip(self.segments, segments, strict=True)]
        if not all(matches):
            return None
        values = [value for match in matches if match for value in match.groups()]
        return dict(zip(_NAME.findall(self.template), values, strict=True))

    def handle(
        self, path: dict[str, str], request: IncomingRequest, next_fault: NextFault, now: float
    ) -> HandledRequest:
        """Handle a request for this path. One that deviates from the document is rejected, and gets no fault."""
        try:
            _check_credentials(self.security, request.headers)
            query = _query(request.query)
            # Query parameters that the document does not have are ignored, as servers do; no page says so. Nor are the
            # headers of x-request-headers required, since tools that do not know them do not send them.
            values = {parameter.name: parameter.value(path, query, request.headers) for parameter in self.parameters}
            preferred = self._preferred_fault(request)
            lines = request.headers.getlist("accept")
            # A service may respond with a vendor media type for plain JSON.
            own = self.accept is not None and accepts(lines, self.accept)
            if not own and not accepts(lines, self.state.content_type):
                raise RejectedRequest(406, f"Accept must allow {self.state.content_type}")
        except RejectedRequest as rejected:
            return HandledRequest(self.errors.response(rejected.status, str(rejected)))
        values |= self.state.body_values(request.content)
        job = self.state.requested_job(values)
        fault = preferred or next_fault(job)
        target = PageTarget(request.raw_path.decode("ascii", "replace"), tuple(query))
        response = self._response(path, values, fault, now, target, counts=request.method != "HEAD")
        if fault is not None:
            response = response.with_fault(fault)
            if preferred is not None:
                applied = {**response.extra_headers, "preference-applied": str(fault)}
                response = attrs.evolve(response, extra_headers=applied)
        return HandledRequest(response, job, fault)

    def _preferred_fault(self, request: IncomingRequest) -> Fault | None:
        lines = request.headers.getlist("prefer")
        try:
            fault = fault_from_header(", ".join(lines))
        except ValueError as error:
            raise RejectedRequest(400, f"Prefer: {error}") from None
        if fault is not None and fault.example is not None and fault.example not in self.state.examples:
            raise RejectedRequest(400, f"Prefer: {self.state.unknown_example(fault.example)}")
        return fault

    def _response(
        self,
        path: dict[str, str],
        values: Mapping[str, Any],
        fault: Fault | None,
        now: float,
        target: PageTarget,
        *,
        counts: bool,
    ) -> CannedResponse:
        fault = fault or Fault()
        if fault.code is not None:
            return self.errors.response(fault.code, "simulated failure (replay)")
        if fault.example is not None:
            recorded = self.state.examples.get(fault.example)
            if recorded is None:
                return self.errors.response(500, self.state.unknown_example(fault.example))
        else:
            recorded = self.state.response(path, values, now, target, counts=counts and not fault.hides_response)
        if recorded is None:
            return self.errors.response(404, self.state.not_found(path))
        text = recorded.text
        if (fault.undocumented_field or fault.new_value) and is_json(recorded.content_type):
            mapping = self.state.mapping if recorded.is_success else None
            text = deviating_body(text, fault, self.state.place, self.state.is_list, mapping)
        return CannedResponse(recorded.status, recorded.content_type, text.encode(), recorded.headers)


def _query(query: bytes) -> list[tuple[str, str]]:
    # Bytes that are not UTF-8 become lone surrogates. Starlette's own parser silently replaces them.
    raw = query.decode("ascii", "surrogateescape")
    return parse_qsl(raw, keep_blank_values=True, errors="surrogateescape")


_BITS = {"int32": 31, "int64": 63}
"""Formats of integers, with the bits of their largest value."""


@attrs.frozen
class ParameterCheck:
    """One parameter of an operation."""

    name: str
    location: str
    required: bool
    default: Any
    types: tuple[str, ...]
    format: str | None
    validator: Draft202012Validator

    @classmethod
    def from_definition(cls, schemas: ServiceSchemas, definition: dict[str, Any]) -> ParameterCheck:
        """Read a parameter of the document. Raises `ValueError` for a type that no string of a request can have."""
        schema = schemas.node(definition.get("schema", {}))
        types = schema.types or ("string",)
        name, location = definition["name"], definition["in"]
        if location not in _LOCATIONS or not {"string", *_SPELLINGS}.issuperset(types):
            raise ValueError(f"the {location} parameter {name} cannot be replayed, got type {' or '.join(types)}")
        required = definition.get("required", False)
        return cls(
            name,
            location,
            required,
            schema.annotation("default"),
            types,
            schema.annotation("format"),
            validator(schema),
        )

    def value(self, path: Mapping[str, str], query: Sequence[tuple[str, str]], headers: Headers) -> Any:
        """Return the value in a request, or the default. Raises `RejectedRequest`."""
        if self.location == "path":
            strings = [path[self.name]] if self.name in path else []
        elif self.location == "query":
            strings = [value for name, value in query if name == self.name]
        else:
            # Repeated header lines are one list, by the rules of HTTP.
            lines = headers.getlist(self.name)
            strings = [", ".join(lines)] if lines else []
        subject = f"the {self.location} parameter {self.name}"
        if not strings:
            if self.required:
                raise RejectedRequest(400, f"{subject} is missing")
            return self.default
        if len(strings) > 1:
            raise RejectedRequest(400, f"{subject} must be given once, got {len(strings)} values")
        string = strings[0]
        if any("\ud800" <= character <= "\udfff" for character in string):
            raise RejectedRequest(400, f"{subject} must be UTF-8")
        problem = f"not JSON {' or '.join(self.types)}"
        for value in self._decodings(string):
            error = next(self.validator.iter_errors(value), None)
            if error is None and self._fits(value):
                return value
            problem = error.message if error else f"out of the range of {self.format}"
        excerpt = repr(string[:_LONGEST_VALUE]) + ("…" if len(string) > _LONGEST_VALUE else "")
        raise RejectedRequest(400, f"{subject} must be valid, got {excerpt}: {problem}")

    def _fits(self, value: Any) -> bool:
        # A server reads an integer into its type, and rejects one that the type cannot hold.
        bits = _BITS.get(self.format or "")
        return bits is None or not isinstance(value, int) or -(2**bits) <= value < 2**bits

    def _decodings(self, string: str) -> Iterator[Any]:
        for kind in self.types:
            if kind == "string":
                yield string
            elif _SPELLINGS[kind].fullmatch(string):
                try:
                    yield json.loads(string)
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
        """Read a security scheme. Raises `ValueError` for one that is not a header."""
        kind, auth = definition["type"], definition.get("x-auth", {})
        if kind in ("http", "oauth2", "openIdConnect"):
            return cls("Authorization", f"{definition.get('scheme', 'Bearer').capitalize()} ", auth.get("maxLength"))
        if (kind, definition.get("in")) != ("apiKey", "header"):
            raise ValueError(f"a security scheme must be a credential in a header, got type {kind}")
        return cls(definition["name"], _PREFIXES.get(auth.get("method"), ""), auth.get("maxLength"))

    def is_met(self, headers: Headers) -> bool:
        """Return whether the header has its documented form. Documents do not say which credentials are valid."""
        sent = headers.get(self.header, "").strip()
        start, credential = sent[: len(self.prefix)], sent[len(self.prefix) :]
        short_enough = self.max_length is None or len(credential) <= self.max_length
        # Names of HTTP schemes are in any case.
        is_valid = _is_basic(credential) if self.prefix == "Basic " else bool(credential)
        return start.lower() == self.prefix.lower() and is_valid and short_enough


def _is_basic(credential: str) -> bool:
    """Return whether a credential is a user name and a password, as HTTP basic authentication has them."""
    try:
        return b":" in b64decode(credential, validate=True)
    except ValueError:
        return False


def _token_paths(document: dict[str, Any]) -> Iterator[bytes]:
    """Yield the paths of the token URLs of a document's OAuth 2 client credentials."""
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        if flow := scheme.get("flows", {}).get("clientCredentials"):
            yield (urlsplit(flow["tokenUrl"]).path or "/").encode()


def _issue_token(request: IncomingRequest) -> CannedResponse:
    """Return the response of a token URL (RFC 6749): a token for any client that names itself and its secret."""
    form = dict(parse_qsl(request.content.decode("utf-8", "replace"), keep_blank_values=True))
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    is_named = scheme.lower() == "basic" and _is_basic(credential.strip())
    if not is_named and not (form.get("client_id") and form.get("client_secret")):
        return _token_response(401, error="invalid_client", error_description="no client ID and secret were sent")
    if form.get("grant_type") != "client_credentials":
        return _token_response(400, error="unsupported_grant_type", error_description="expected client_credentials")
    return _token_response(200, access_token="token-of-a-replay", token_type="Bearer", expires_in=_TOKEN_LIFE)


def _token_response(status: int, **body: str | int) -> CannedResponse:
    return CannedResponse(status, "application/json", json.dumps(body).encode(), {"cache-control": "no-store"})


def _security(document: dict[str, Any], operation: dict[str, Any]) -> list[list[SchemeCheck]]:
    """Read the alternatives to authenticate an operation: each is a list of schemes, of which all are needed."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    return [
        [SchemeCheck.from_definition(resolve(document, schemes[name])) for name in names]
        for names in operation.get("security", document.get("security", []))
    ]


def _check_credentials(security: list[list[SchemeCheck]], headers: Headers) -> None:
    """Raise `RejectedRequest` unless one alternative is met. One without a scheme requires no credential."""
    if security and not any(all(scheme.is_met(headers) for scheme in schemes) for schemes in security):
        forms = (" and ".join(f"{scheme.header}: {scheme.prefix}…" for scheme in schemes) for schemes in security)
        raise RejectedRequest(401, f"a credential must be sent in a documented form: {', or '.join(forms)}")
