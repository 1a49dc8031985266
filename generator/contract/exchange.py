"""An exchange: one request and its response, from a recording, an entry of a HAR file, or a live provider."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import attrs

from ..documents import Recording, Service
from ..documents.json_pointer import child
from ..errors import Problem
from .redaction import Secrets

if TYPE_CHECKING:
    import httpx

Pairs = tuple[tuple[str, str], ...]


class InvalidJSON(ValueError):
    """A body is not valid JSON. The text is the reason."""


@attrs.frozen(slots=False, kw_only=True)
class Exchange:
    """A request and its response."""

    method: str
    """Method, in capitals."""
    url: str
    request_headers: Pairs = ()
    status: int
    headers: Pairs = ()
    """Headers of the response."""
    body: bytes | None = b""
    """Body of the response; None if the source does not have it."""
    source: str
    """Name of the source: a file, with the number of the entry if it has several."""
    reproduce: str = ""
    """A command line that reproduces the exchange."""
    started: datetime | None = None
    """Time when the request was sent, if the source has it."""
    stated: frozenset[str] = frozenset()
    """Names, in lower case, of request headers that the source declares as parameters of the operation. Other headers
    are from the transport, and are not checked."""
    credentials: frozenset[str] | None = None
    """Names, in lower case, of the headers and parameters with credentials. None if unknown: credentials are removed
    from recordings."""

    @cached_property
    def path(self) -> str:
        """Path of the URL, percent-encoded."""
        return urlsplit(self.url).path or "/"

    @cached_property
    def host(self) -> str:
        """Host of the URL in lower case, with the port if the URL has one."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()

    @cached_property
    def query(self) -> Pairs:
        """Parameters of the query, decoded."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @cached_property
    def media_type(self) -> str:
        """Media type of the response, in lower case and without parameters; empty without Content-Type."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The response's body as JSON data. Raises `InvalidJSON`."""
        return json_data(self.body or b"")

    @cached_property
    def secrets(self) -> Secrets:
        """The redactor of the secrets in this exchange."""
        secrets = Secrets()
        secrets.learn_request(self.request_headers, self.url)
        secrets.learn_response(self.headers)
        secrets.learn_response_body((self.body or b"").decode("utf-8", "replace"), self.media_type)
        return secrets

    def header(self, name: str) -> str | None:
        """Return a header of the response."""
        return header(self.headers, name)

    def request_header(self, name: str) -> str | None:
        """Return a header of the request."""
        return header(self.request_headers, name)


def check_addresses(service: Service) -> list[Problem]:
    """Return the problems of recordings with an unknown operation, or with path parameters that it does not have."""
    return [problem for recording in service.recordings.values() for problem in _address(service, recording)]


def _address(service: Service, recording: Recording) -> Iterator[Problem]:
    operation = service.operation(recording.operation)
    if operation is None:
        yield recording.source.problem(
            "/operation", f"must be an operationId of the document, got {recording.operation}", "Correct it"
        )
        return
    names, given = operation.path_names, recording.source.data["request"]["path"]
    for name in names:
        if name not in given:
            message = f"must have the path parameter {name}, got none"
            yield recording.source.problem("/request", message, "Add it under path")
    for name in given:
        if name not in names:
            yield recording.source.problem(
                child("/request/path", name), f"must be a path parameter of the operation, got {name}", "Remove it"
            )


def exchange_from_recording(service: Service, recording: Recording) -> Exchange:
    """Return the exchange of a recording, with the headers that its operation requires of every request.

    Raises `LookupError` if the document does not have the operation.
    """
    operation = service.operation(recording.operation)
    if operation is None:
        raise LookupError(recording.operation)
    request, path = recording.source.data["request"], operation.path
    for name, value in request["path"].items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    # Not the server of a region: the exchange may be sent again, and its recording is not from that region.
    server = next(each for each in service.document.data["servers"] if "endpoint" in each.get("variables", {}))
    url = server["url"].replace("{endpoint}", server["variables"]["endpoint"]["default"]) + path
    # Other values than strings are written as JSON: `true` in a recording is `true` on the wire.
    query = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in request.get("query", {}).items()
    }
    sent = request.get("headers", {})
    file = recording.source.path
    return Exchange(
        method=operation.method.upper(),
        url=f"{url}?{urlencode(query)}" if query else url,
        request_headers=tuple({**operation.definition.get("x-request-headers", {}), **sent}.items()),
        status=recording.status,
        headers=(("Content-Type", recording.content_type),),
        body=recording.text.encode(),
        source=file.relative_to(file.parents[3]).as_posix(),
        reproduce=f"python -m generator contract check --services {service.name}",
        stated=frozenset(name.lower() for name in sent),
    )


def exchange_from_response(
    response: httpx.Response, source: str, *, reproduce: str = "", credentials: frozenset[str] | None = None
) -> Exchange:
    """Return the exchange of a response.

    Args:
        response: The response, with its request.
        source: The name of the exchange in findings.
        reproduce: A command line that sends the request again, without credentials.
        credentials: Names, in lower case, of the headers and parameters with credentials.
    """
    request = response.request
    return Exchange(
        method=request.method,
        url=str(request.url),
        request_headers=tuple(request.headers.multi_items()),
        status=response.status_code,
        headers=tuple(response.headers.multi_items()),
        body=response.content,
        source=source,
        reproduce=reproduce,
        credentials=credentials,
    )


def curl(method: str, url: str, headers: Iterable[str] = (), credentials: Iterable[tuple[str, str]] = ()) -> str:
    """Return a command line that sends a request again.

    Args:
        method: Method of the request.
        url: URL of the request, without secrets.
        headers: Headers `Name: value`, without secrets.
        credentials: The text of each header before its credential, and the environment variable of the credential.
    """
    parts = ["curl", "-sS", *(() if method == "GET" else ("-X", method))]
    for header in headers:
        parts += ["-H", shlex.quote(header)]
    # In double quotes, so that the shell replaces the variable by its value.
    parts += [part for start, variable in credentials for part in ("-H", f'"{start}${variable}"')]
    return " ".join([*parts, shlex.quote(url)])


def header(headers: Pairs, name: str) -> str | None:
    """Return the value of the first header with a name, ignoring case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def json_data(body: bytes) -> Any:
    """Parse a JSON body strictly. Raises `InvalidJSON`."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=no_constant, parse_float=_number)
    except UnicodeDecodeError as error:
        raise InvalidJSON(f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise InvalidJSON("nested too deep") from None
    except json.JSONDecodeError as error:
        raise InvalidJSON(f"{error.msg.lower()} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        raise InvalidJSON(str(error)) from None


def repeated_key(body: bytes) -> str | None:
    """Return a key that an object of a JSON body has twice. Parsers disagree which of its values is kept."""
    found: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            names = [key for key, _ in pairs]
            found.append(next(name for name in names if names.count(name) > 1))

    json.loads(body.decode("utf-8-sig"), object_pairs_hook=once)
    return next(iter(found), None)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number beyond the range of a float")
    return value


def no_constant(name: str) -> Any:
    """Raise `ValueError` for NaN and Infinity, which are not JSON. For `json.loads`."""
    raise ValueError(f"{name} is not a JSON value")
