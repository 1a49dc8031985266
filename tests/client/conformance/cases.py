"""The form of a case: the wire, the environment, the options of the client, and the expected result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .servers import Close, Steps

JOB: dict[str, Any] = {"kind": "Job", "metadata": {"uid": "job-1"}, "status": {"phase": "Running"}}
BODY = json.dumps(JOB).encode()
CLOSE = Close()
RESET = Close(reset=True)
TOKEN = "token-canary-5f1e20c5"
"""The default credential. No error and no proxy may show it."""
ANYTHING: Any = object()


def response(body: bytes = BODY, *headers: str | bytes, status: str | bytes = "200 OK", length: bool = True) -> bytes:
    """Return a whole response, with its length by default."""
    lines = [_bytes(status), *map(_bytes, headers)]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"HTTP/1.1 " + b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(body: bytes = BODY, *headers: str | bytes, size: int | None = None, status: str = "200 OK") -> bytes:
    """Return a whole response in chunks of that size."""
    size = size or max(len(body), 1)
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return response(
        b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n",
        "Transfer-Encoding: chunked",
        *headers,
        status=status,
        length=False,
    )


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


Answers = Sequence[Steps] | Mapping[str, Sequence[Steps]]


@attrs.frozen
class Expect:
    """The result of a call."""

    outcome: str
    """`job`, or the name of the exception's class; several with `|` between them."""
    status: int | None = None
    code: str | None = ANYTHING
    message: str | None = ANYTHING
    text: str = ""
    """A regular expression that is found in the exception's text."""
    without: str = ""
    """A regular expression that is not."""
    body: bytes | None = ANYTHING
    retry_after: float | None = ANYTHING
    value: Any = None
    """The decoded response."""


OK = Expect("job", value=JOB)
NO_RESPONSE = Expect("APIConnectionError")
TIMEOUT = Expect("APITimeoutError")


def invalid(text: str = "", status: int = 200, **more: Any) -> Expect:
    """Return a 2xx response that cannot be returned."""
    return Expect("InvalidResponseError", status, text=text, **more)


def error(status: int, outcome: str | None = None, **more: Any) -> Expect:
    """Return a non-2xx response."""
    classes = {
        400: "BadRequestError",
        401: "AuthenticationError",
        403: "PermissionDeniedError",
        404: "NotFoundError",
        429: "RateLimitError",
    }
    by_status = "InternalServerError" if 500 <= status <= 599 else classes.get(status, "APIStatusError")
    return Expect(outcome or by_status, status, **more)


@attrs.frozen
class Case:
    """The behaviour of a server, a proxy and the environment, and the expected result.

    Strings of `url`, `environment` and `iam` may contain `{server}`, `{port}`, `{proxy}` and `{proxy_port}`.
    """

    name: str
    answers: Answers | Callable[[], Answers] = ((response(),),)
    """Steps for each request in order, or by a regular expression of the target; a function for large ones."""
    expect: Sequence[Expect] = (OK,)
    """The result of each call, made one after another."""
    between: float = 0.0
    """Seconds between two calls."""
    full: bool = False
    """Whether the case takes long, so that only `make conformance` runs it."""
    url: str = "{server}"
    environment: Mapping[str, str] = attrs.field(factory=dict)
    hidden: Sequence[str] = ()
    """Modules that are not installed."""
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """Arguments of the client."""
    call_options: Mapping[str, Any] = attrs.field(factory=dict)
    """Arguments of `with_options`."""
    auth: str = "token"
    """`token`, `none`, `iam`, `aksk`, or `long`: a token of the documented 16,384 characters."""
    iam: str = "{server}"
    job_id: str = "job-1"
    asynchronous: bool | None = None
    """The senders that the case is about; None for all of them."""
    tls: str | None = None
    """Certificate of the server."""
    before: Steps = ()
    """The action of the server on a connection before it reads a request."""
    host: str = "127.0.0.1"
    proxy: Sequence[Steps] | None = None
    """The responses of a proxy; no steps for a tunnel. None without a proxy."""
    proxy_tls: str | None = None
    requests: int | None = None
    connections: int | None = None
    target: str | None = None
    """The target of the server's first request."""
    received: Mapping[str, str | None] = attrs.field(factory=dict)
    """Headers of the server's last request; None for one that it does not have."""
    proxied: Sequence[str] | None = None
    """Method and target of each request that the proxy received."""
    proxy_received: Mapping[str, str | None] = attrs.field(factory=dict)
    """Headers of the proxy's last request."""
    tunnelled_token: bool = False
    """Whether the proxy may read the token: with plain HTTP and `allow_insecure`."""
    within: float = 6.0
    """Seconds that all calls may take."""
    memory: int | None = None
    """MiB by which the process may grow meanwhile."""

    def __str__(self) -> str:
        return self.name


@attrs.frozen
class Difference:
    """A documented difference between senders: the different expectations of some of them."""

    cases: Sequence[str]
    """Patterns of names, as in a shell; `senders` likewise."""
    senders: Sequence[str]
    changes: Mapping[str, Any]
    """Fields of the case."""
    reason: str
    """As in the documentation."""


@attrs.frozen
class KnownFault:
    """A known fault: the cases that fail on some senders."""

    cases: Sequence[str]
    """Patterns of names, as in a shell; `senders` likewise."""
    senders: Sequence[str]
    reason: str
