"""Operations of a document: parameters, headers, security schemes, and the request of a call with its arguments.

A parameter is written in its style, which has a default for each location; a request body by its media type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from ._models import Model, to_json
from ._rows import LazyList

if TYPE_CHECKING:
    import httpx

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?")

_CREDENTIAL_WORDS = ("auth", "cookie", "credential", "key", "passw", "secret", "session", "signature", "token")


def is_credential(name: str) -> bool:
    """Return whether the name of a header says that its value is a credential."""
    lowered = name.lower()
    return any(word in lowered for word in _CREDENTIAL_WORDS)


def header_name(name: str) -> str:
    """Return the name if it is valid. Raises `ValueError`."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"a header name must be of letters, digits and hyphens, such as 'X-Trace-Id', got {name!r}")
    return name


def is_header_value(text: str) -> bool:
    """Return whether a string is a valid header value: printable ASCII without spaces around it, or empty."""
    return _VALUE.fullmatch(text) is not None


def is_unicode(text: str) -> bool:
    """Return whether a string can be encoded: it has no surrogates, as variables with invalid bytes have."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def header_value(name: str, text: str) -> str:
    """Return the value if it is valid. Raises `ValueError` without the value, which may be a secret."""
    complaint = ""
    if not isinstance(text, str):
        complaint = f"{name} must be a str, got {type(text).__name__}"
    elif not is_header_value(text):
        complaint = f"{name} must be printable ASCII without line breaks, and without spaces around it"
    if complaint:
        del text  # the variables of a frame are shown with the error
        raise ValueError(complaint)
    return text


SCHEMES_EXTENSION = "cloudjobs.schemes"
"""Key of the request extension in which the client passes the operation's security schemes."""

_CALLED = {"token": "token", "aksk": "signature by an access key"}


class SecurityScheme(msgspec.Struct, frozen=True):
    """One way to authenticate an operation, as its document declares it."""

    method: str
    """Its kind: `token`, `aksk`, `basic` or `oauth2`."""
    header: str
    """The header that carries the credential."""
    max_length: int | None = None
    """Documented maximum of the credential in characters."""
    prefix: str = ""
    """The text before the credential, such as `Bearer` and a space."""
    token_url: str = ""
    """Of OAuth 2: where a token is fetched; it may be relative to the service."""
    scopes: tuple[str, ...] = ()
    """Of OAuth 2: those that the operation needs."""
    client: str = "header"
    """Of OAuth 2: whether the client authenticates itself in the `header` or the `body` of the token request."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Of OAuth 2: further parameters of the token request."""


T = TypeVar("T")


class Opaque:
    """Base of structures with fields that rich must not show. rich reads fields and ignores their repr."""

    __slots__ = ()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Secret(Generic[T]):
    """A credential, or a value that contains one, hidden from reprs and from the variables of tracebacks.

    It is neither a mapping nor a sequence, because error reporters iterate over those.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    @classmethod
    def of_header(cls, text: Any, what: str) -> Secret[str]:
        """Wrap a credential that is sent in a header, if its form is valid.

        Args:
            text: The credential. Pass a `Secret` to keep it out of the variables of the caller.
            what: Its name in the error.

        Raises:
            ValueError: It is not valid in a header. The message does not contain it.
        """
        secret: Secret[Any] = text if isinstance(text, Secret) else Secret(text)
        del text
        if not isinstance(secret.reveal(), str) or not secret.reveal() or not is_header_value(secret.reveal()):
            raise ValueError(f"{what} must be a non-empty string of printable ASCII without spaces around it")
        return secret

    def reveal(self) -> T:
        """Return the credential. Do not keep it in a variable, which a traceback can show."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "'***'"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a credential cannot be pickled, since it is a secret: make one in the other process")


def validate_header_name(name: str | None) -> str | None:
    """Return the name if it is a valid name of a header. Raises `ValueError`."""
    return None if name is None else header_name(name)


def schemes_of(request: httpx.Request) -> Sequence[SecurityScheme]:
    """Return the schemes of the operation that a request is for; none for a request that is not ours."""
    found: Sequence[SecurityScheme] = request.extensions.get(SCHEMES_EXTENSION, ())
    return found


def scheme_of(
    schemes: Sequence[SecurityScheme], methods: tuple[str, ...], given: str | None, owner: str
) -> SecurityScheme:
    """Return the scheme that a credential is sent by.

    Args:
        schemes: The schemes that the operation declares.
        methods: The kinds of scheme that the credential fits.
        given: The header that the caller named, which takes precedence over that of the document.
        owner: The class of the credential, for the error.

    Raises:
        ValueError: None of these kinds is declared, and no header was given.
    """
    declared = next((scheme for scheme in schemes if scheme.method in methods), None)
    if given is None and declared is None:
        raise ValueError(
            f"{owner} must have a header, since the service declares no {_CALLED[methods[0]]}: pass header, or use "
            "another httpx.Auth"
        )
    if given is None or (declared is not None and given.lower() == declared.header.lower()):
        assert declared is not None
        return declared
    return SecurityScheme(methods[0], given, declared.max_length if declared else None)


def check_length(scheme: SecurityScheme, token: Secret[str]) -> None:
    """Raise `ValueError` if a token is longer than documented."""
    longest = scheme.max_length
    if longest is not None and len(token.reveal()) > longest:
        raise ValueError(f"the token must have at most {longest} characters, got {len(token.reveal())}")


M_co = TypeVar("M_co", covariant=True)

Style = Literal["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"]
"""A style of OpenAPI, or `json` for a parameter that is sent as JSON text."""


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of an operation."""

    name: str
    """As on the wire."""
    argument: str
    """The method's argument, or the client's."""
    location: Literal["path", "query", "header", "cookie"]
    required: bool = False
    is_client_parameter: bool = False
    """Can be set once on the client."""
    style: Style | None = None
    """How a list or an object is written; None if the parameter takes neither."""
    explode: bool = False
    """Whether each item, or each property, is written by itself."""


class RequestBody(msgspec.Struct, frozen=True):
    """The body that an operation sends."""

    media_type: str = "application/json"
    required: bool = False
    argument: str = "body"
    """The method's argument."""


class SuccessResponse(msgspec.Struct, frozen=True):
    """A 2xx response of an operation with several models."""

    status: str
    """Status code, or a range such as `2XX`, as in the document."""
    type: Any = None
    """Python's type of the body; None without a body."""
    kind: Literal["json", "text", "bytes", "none"] = "json"


class Header(msgspec.Struct, frozen=True):
    """A response header that can have a part of an error."""

    name: str


class ErrorMapping(msgspec.Struct, frozen=True):
    """The fields of an error: dotted wire names in its body, or headers. The first that is not empty is used."""

    code: tuple[str | Header, ...] = ()
    message: tuple[str | Header, ...] = ()
    request_id: tuple[str | Header, ...] = ()


JobId = str | int
"""The ID of a job, as the caller gives it."""

URL = "$url"
"""Key of the arguments of a call to a URL that another response has named."""


class PollSpec(msgspec.Struct, frozen=True):
    """The place of the ID in a request, and of the job in the response, by paths of fields."""

    argument: str = ""
    """The argument that takes the ID."""
    body: str = ""
    """The field of the request body that takes it."""
    url: bool = False
    """The ID is a URL, which is requested as it is."""
    is_integer: bool = False
    """The ID is an integer."""
    batch: int = 0
    """IDs in one request at most; 0 if the argument takes one ID rather than a list."""
    job: str = ""
    """Path of the job in the response; empty for the response itself."""
    items: str = ""
    """Path of the list of jobs in the response."""
    match: str = ""
    """Path in an item to its ID."""
    interval: float | None = None
    """Seconds between two polls, unless the caller or a response says otherwise."""
    statuses: Mapping[int, str] = {}
    """The states that status codes mean by themselves."""

    @property
    def is_listing(self) -> bool:
        """Whether a request has no ID: the response lists all jobs."""
        return not (self.argument or self.body or self.url)

    def arguments(self, ids: Sequence[JobId]) -> dict[str, object]:
        """Return the arguments of a request for these jobs."""
        if self.is_listing:
            return {}
        if self.url:
            return {URL: str(ids[0])}
        value: object = list(ids) if self.batch else ids[0]
        return {self.argument: value} if self.argument else {"body": {self.body: value}}


class StartSpec(msgspec.Struct, frozen=True):
    """The place in a response of the ID of the started job, or of its URL."""

    place: str | Header
    """A path, or a header."""
    is_url: bool = False


class PaginationSpec(msgspec.Struct, frozen=True):
    """Pagination of a listing: the arguments of a page, and the fields about it and the next one, by their paths."""

    items: str
    """The rows."""
    offset: str = ""
    """The argument for the number of rows to skip."""
    page: str = ""
    """The argument for the number of the page."""
    first: int = 1
    """The number of the first page."""
    token: str = ""
    """The argument for the token that `next` had."""
    next: str | Header = ""
    """The token of the next page; its URL without an argument for a token."""
    limit: str = ""
    """The argument for the largest number of rows of a page."""
    most: int = 0
    """Its largest value; 0 for one that the document does not know."""
    identity: tuple[str, ...] = ()
    """The fields with the ID of a row; the first that is not empty is used. Empty if rows have no ID."""
    total: str = ""
    """The number of rows of all pages."""
    more: str = ""
    """Whether there are further pages."""

    @property
    def arguments(self) -> set[str]:
        """The arguments that an iteration sets."""
        return {self.offset, self.page, self.token, self.limit} - {""}


class Operation(msgspec.Struct, Generic[M_co], frozen=True):
    """One operation of a service."""

    service: str
    id: str
    method: str
    path: str
    """Template, relative to the base URL."""
    response: Any
    """Model of a 2xx response; None where `responses` has its types."""
    parameters: tuple[Parameter, ...] = ()
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Headers that every request carries."""
    errors: ErrorMapping = ErrorMapping()
    schemes: tuple[SecurityScheme, ...] = ()
    """Alternative security schemes; empty if the document declares none."""
    poll: PollSpec | None = None
    pages: PaginationSpec | None = None
    start: StartSpec | None = None
    method_name: str = ""
    """Its method of the clients; empty for operations without one, such as those of IAM."""
    body: RequestBody | None = None
    responses: tuple[SuccessResponse, ...] = ()
    """The 2xx responses, where they are not all one model."""
    package: str = ""
    """The service's package, for `responses`."""

    @property
    def may_be_repeated(self) -> bool:
        """Whether a repeated request has no effect: methods except POST and PATCH, and operations that read jobs."""
        return self.method not in ("POST", "PATCH") or self.poll is not None or self.pages is not None

    @property
    def name(self) -> str:
        """Its name in messages: that of the method."""
        return self.method_name or self.id

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"

    def requested_job(self, arguments: Mapping[str, object]) -> str | None:
        """Return the ID of the job that a call with these arguments reads; None for a listing."""
        job_id = arguments.get(self.poll.argument) if self.poll is not None else None
        return None if job_id is None or isinstance(job_id, list) else str(job_id)


_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

_FORM = "application/x-www-form-urlencoded"

_MULTIPART = "multipart/form-data"


_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]+")

_VARIABLE = re.compile(r"\{([^{}]+)\}")


class RequestTarget(msgspec.Struct, frozen=True):
    """The parts of a request that follow from the arguments."""

    path: str
    """Percent-encoded, relative to the base URL."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: Secret[bytes | None] = Secret(None)


def request_target(
    operation: Operation[Any], arguments: Mapping[str, object], client_arguments: Mapping[str, object]
) -> RequestTarget:
    """Return the target of a call, from its arguments and those of the client.

    Raises:
        ValueError: A required argument is missing, or a value cannot be sent where it belongs.
    """
    segments: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    headers = dict(operation.headers)
    cookies: list[str] = []
    for parameter in operation.parameters:
        value = arguments.get(parameter.argument)
        if value is None and parameter.is_client_parameter:
            value = client_arguments.get(parameter.argument)
        if value is None:
            if parameter.required:
                where = (
                    f"to the client or to {operation.name}" if parameter.is_client_parameter else f"to {operation.name}"
                )
                raise ValueError(f"{parameter.argument} is missing: pass it {where}")
        elif parameter.location == "path":
            segments[parameter.name] = _segment(parameter, value)
        elif parameter.location == "query":
            query += _pairs(parameter, value)
        elif parameter.location == "header":
            headers[parameter.name] = header_value(parameter.argument, _text(parameter, value))
        else:
            cookies.append(f"{parameter.name}={quote(_text(parameter, value), safe='')}")
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    content: bytes | None = None
    if operation.body is not None:
        headers, content = _with_body(operation, operation.body, arguments, headers)
    form, names = _path_format(operation.path)
    return RequestTarget(form % tuple([segments[name] for name in names]), tuple(query), headers, Secret(content))


def _with_body(
    operation: Operation[Any], body: RequestBody, arguments: Mapping[str, object], headers: dict[str, str]
) -> tuple[dict[str, str], bytes | None]:
    """Return the headers and the content of a request with a body. Raises `ValueError`."""
    value = arguments.get(body.argument)
    if value is None:
        if body.required:
            raise ValueError(f"{body.argument} is missing: pass it to {operation.name}")
        return headers, None
    content_type, content = encode_body(body, value)
    return {**headers, "Content-Type": content_type}, content


def _pairs(parameter: Parameter, value: object) -> Iterable[tuple[str, str]]:
    if parameter.style is not None and (is_composite(value) or parameter.style == "json"):
        return query_pairs(parameter.argument, parameter.name, value, parameter.style, parameter.explode)
    return [(parameter.name, _text(parameter, value))]


@cache
def _path_format(template: str) -> tuple[str, list[str]]:
    """Return a path template as a format for `%`, and the names of its parameters in their order."""
    return _VARIABLE.sub("%s", template.replace("%", "%%")), _VARIABLE.findall(template)


def _segment(parameter: Parameter, value: object) -> str:
    """Return a path value that stays in its segment.

    `.` and `..` would lead to another path, and an empty value to another resource.
    """
    if parameter.style is not None:
        text = path_text(parameter.argument, parameter.name, value, parameter.style, parameter.explode)
        if text in ("", ".", ".."):
            raise ValueError(f"{parameter.argument} must not be '', '.' or '..' in the path, got {value!r}")
        return text
    text = _text(parameter, value)
    if text in ("", ".", ".."):
        raise ValueError(f"{parameter.argument} must not be '', '.' or '..' in the path, got {text!r}")
    if _UNRESERVED.fullmatch(text):
        # True for most IDs, in a quarter of the time of `quote`.
        return text
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{parameter.argument} must be valid Unicode, got a lone surrogate") from None


def _text(parameter: Parameter, value: object) -> str:
    if parameter.style is not None and (is_composite(value) or parameter.style == "json"):
        return plain_text(parameter.argument, value, parameter.style, parameter.explode)
    return scalar(parameter.argument, value)


def scalar(argument: str, value: object) -> str:
    """Return a single value as text: as in JSON, or the usual form of a date or UUID.

    Raises:
        ValueError: It is of another type.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise ValueError(f"{argument} must be a str, number, date or UUID, got {type(value).__name__}")


def is_composite(value: object) -> bool:
    """Return whether a value consists of several: a list or an object."""
    return isinstance(value, (list, tuple, set, frozenset, LazyList, Mapping, Model))


def query_pairs(argument: str, name: str, value: object, style: Style, explode: bool) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a query that a list or an object becomes. Raises `ValueError` for a value that a query cannot
    express."""
    if style == "json":
        yield name, _json_text(value)
    elif isinstance(value, (Mapping, Model)):
        members = _members(argument, value)
        if style == "deepObject":
            yield from ((f"{name}[{key}]", text) for key, text in members)
        elif explode:
            yield from members
        else:
            yield name, ",".join(part for pair in members for part in pair)
    else:
        items = _items(argument, value)
        if explode or style == "deepObject":
            yield from ((name, item) for item in items)
        elif items:
            yield name, _DELIMITERS.get(style, ",").join(items)


def plain_text(argument: str, value: object, style: Style, explode: bool) -> str:
    """Return the text of a header or cookie that a list or an object becomes."""
    if style == "json":
        return _json_text(value)
    if isinstance(value, (Mapping, Model)):
        members = _members(argument, value)
        return (
            ",".join("=".join(pair) for pair in members) if explode else ",".join(x for pair in members for x in pair)
        )
    return ",".join(_items(argument, value))


def path_text(argument: str, name: str, value: object, style: Style, explode: bool) -> str:
    """Return the percent-encoded path text of a list, an object, or a value of style label or matrix."""
    if style == "json":
        return _quoted(_json_text(value))
    is_object = _is_object(value)
    if is_object:
        pairs = [(_quoted(key), _quoted(text)) for key, text in _members(argument, value)]
        items = ["=".join(pair) for pair in pairs] if explode else [part for pair in pairs for part in pair]
    else:
        items = [_quoted(item) for item in _items(argument, value)]
    if style == "label":
        return "." + ("." if explode else ",").join(items)
    if style == "matrix":
        if is_object and explode:
            return "".join(f";{item}" for item in items)
        named = items if explode else [",".join(items)]
        return "".join(f";{name}={item}" for item in named)
    return ",".join(items)


def encode_body(body: RequestBody, value: object) -> tuple[str, bytes]:
    """Return the Content-Type and the bytes of a body. Raises `ValueError` if the value does not fit the media type."""
    media_type = body.media_type.partition(";")[0].strip().lower()
    if media_type == _MULTIPART:
        return _multipart(body.argument, value)
    if media_type == _FORM:
        pairs = [pair for key, member in _fields(body.argument, value) for pair in _form_pairs(key, member)]
        return body.media_type, urlencode(pairs).encode("ascii")
    if media_type == "application/json" or media_type.endswith("+json"):
        return body.media_type, _json_text(value).encode()
    if isinstance(value, str):
        return body.media_type, value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return body.media_type, bytes(value)
    if callable(read := getattr(value, "read", None)):
        return body.media_type, _read(read)
    raise ValueError(f"{body.argument} must be bytes, a str or a file for {media_type}, got {type(value).__name__}")


def _read(read: Callable[[], Any]) -> bytes:
    content = read()
    return content.encode() if isinstance(content, str) else bytes(content)


def _form_pairs(key: str, member: object) -> Iterator[tuple[str, str]]:
    if isinstance(member, (Mapping, Model)):
        yield key, _json_text(member)
    elif is_composite(member):
        yield from ((key, _part(item)) for item in _sequence(member))
    else:
        yield key, _part(member)


def _multipart(argument: str, value: object) -> tuple[str, bytes]:
    parts: list[tuple[str, Any]] = []
    for key, member in _fields(argument, value):
        for item in [member] if isinstance(member, tuple) else _sequence(member):
            parts.append((key, _file(key, item)))
    import httpx

    # A form without fields consists of its boundary. httpx makes no body for it, so this form gets an empty field.
    request = httpx.Request("POST", "http://localhost", files=parts or {"": (None, b"")})
    return request.headers["Content-Type"], request.read()


def _file(key: str, item: Any) -> tuple[Any, ...]:
    """Return a part of a multipart body as httpx takes it: a field without a file name, or a file."""
    if isinstance(item, tuple):
        return item
    if isinstance(item, (bytes, bytearray, memoryview)):
        return key, bytes(item)
    if hasattr(item, "read"):
        return getattr(item, "name", key).rpartition("/")[2] or key, item
    return None, _part(item)


def _part(item: object) -> str:
    if item is None:
        return ""
    return _json_text(item) if is_composite(item) else scalar("body", item)


def _fields(argument: str, value: object) -> list[tuple[str, Any]]:
    if isinstance(value, Model):
        return [(key, member) for key, member in value._members() if member is not None]
    if isinstance(value, Mapping):
        return [(str(key), member) for key, member in value.items() if member is not None]
    raise ValueError(f"{argument} must be a model or a mapping, got {type(value).__name__}")


def _members(argument: str, value: object) -> list[tuple[str, str]]:
    return [
        (key, ",".join(_items(argument, member)) if is_composite(member) else scalar(argument, member))
        for key, member in _fields(argument, value)
    ]


def _items(argument: str, value: object) -> list[str]:
    return [scalar(argument, item) for item in _sequence(value)]


def _sequence(value: object) -> Sequence[Any]:
    return list(value) if is_composite(value) and not _is_object(value) else [value]  # type: ignore[call-overload]


def _is_object(value: object) -> bool:
    return isinstance(value, (Mapping, Model))


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _json_text(value: object) -> str:
    """Return JSON without spaces. Raises `ValueError` for a value that JSON does not have."""
    import json  # slow to import, and most calls have no such argument

    try:
        return json.dumps(
            to_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_of_python
        )
    except TypeError as error:
        raise ValueError(f"the value must be JSON: {error}") from None


def _of_python(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a JSON type")
