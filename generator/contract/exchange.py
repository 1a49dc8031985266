"""An exchange: one request and its response, from a recording of ours, an entry of a HAR file, or a provider."""

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
    """A body is not valid JSON; has the reason."""


@attrs.frozen(slots=False, kw_only=True)
class Exchange:
    """A request and its response."""

    method: str
    """In capitals."""
    url: str
    request_headers: Pairs = ()
    status: int
    headers: Pairs = ()
    """Of the response."""
    body: bytes | None = b""
    """Of the response; None where the source did not keep it."""
    source: str
    """Where it comes from: a file, with the entry's number where it has several."""
    reproduce: str = ""
    """A command line that shows it again."""
    started: datetime | None = None
    """When the request was sent, where the source says so."""
    stated: frozenset[str] = frozenset()
    """Names, in lower case, of the request headers that the source states as parameters: each has to be one. Other
    headers are the transport's own business."""
    credentials: frozenset[str] | None = None
    """Names, in lower case, of the headers and parameters that the request identified its caller with. None where that
    is not known: recordings have credentials taken out."""

    @cached_property
    def path(self) -> str:
        """The path of the URL, still quoted."""
        return urlsplit(self.url).path or "/"

    @cached_property
    def host(self) -> str:
        """Host of the URL in lower case, with the port where it has one."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()

    @cached_property
    def query(self) -> Pairs:
        """The query's parameters, unquoted."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @cached_property
    def media_type(self) -> str:
        """Media type of the response, in lower case and without parameters; empty where none is stated."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The response's body as JSON data. Raises `InvalidJSON`."""
        return json_data(self.body or b"")

    @cached_property
    def secrets(self) -> Secrets:
        """Removes the secrets of this exchange from a text."""
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
    """Return problems that keep recordings from being exchanges: an unknown operation, or parameters other than its
    path."""
    return [problem for recording in service.recordings.values() for problem in _address(service, recording)]


def _address(service: Service, recording: Recording) -> Iterator[Problem]:
    operation = service.operation(recording.operation)
    if operation is None:
        yield recording.source.problem(
            "/operation", f"{recording.operation} is not an operation of the document", "Name one"
        )
        return
    names, given = operation.path_names, recording.source.data["request"]["path"]
    for name in names:
        if name not in given:
            yield recording.source.problem("/request", f"lacks the parameter {name}", "Give it")
    for name in given:
        if name not in names:
            yield recording.source.problem(
                child("/request/path", name), f"{name} is not a parameter of the operation", "Take it out"
            )


def exchange_from_recording(service: Service, recording: Recording) -> Exchange:
    """Return the exchange of a recording. Headers that its operation demands of every request count as sent.

    Raises `LookupError` where the document has no such operation.
    """
    operation = service.operation(recording.operation)
    if operation is None:
        raise LookupError(recording.operation)
    request, path = recording.source.data["request"], operation.path
    for name, value in request["path"].items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    # Never the address of a region: an exchange may be sent again, and its recording is not from there.
    server = next(each for each in service.document.data["servers"] if "endpoint" in each.get("variables", {}))
    url = server["url"].replace("{endpoint}", server["variables"]["endpoint"]["default"]) + path
    # As JSON writes it, and a text as it is: `true` in a recording is `true` on the wire.
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
    """Return the exchange of a response that was just read.

    Args:
        response: The response, with its request.
        source: The name of the exchange in findings.
        reproduce: A command line that sends the request again, without credentials.
        credentials: Names, in lower case, of the headers and parameters that the request identified its caller with.
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
        method: Of the request.
        url: Of the request; nothing secret.
        headers: `Name: value`, nothing secret.
        credentials: Each header that carries one, up to it, and the environment variable that has it.
    """
    parts = ["curl", "-sS", *(() if method == "GET" else ("-X", method))]
    for header in headers:
        parts += ["-H", shlex.quote(header)]
    # In double quotes, so that the shell fills the value in.
    parts += [part for start, variable in credentials for part in ("-H", f'"{start}${variable}"')]
    return " ".join([*parts, shlex.quote(url)])


def header(headers: Pairs, name: str) -> str | None:
    """Return the first header of that name, in whatever case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def json_data(body: bytes) -> Any:
    """Return JSON that can be checked, as data. Raises `InvalidJSON`."""
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
    """Return a key that an object of a JSON body has twice, of which readers keep one value or the other."""
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
    """For `json.loads`: NaN and Infinity are not JSON. Raises `ValueError`."""
    raise ValueError(f"{name} is not a JSON value")
