"""Sends a request with its credentials: the parts that all senders share.

A sender carries one request over its connections and reads the response into a `BodyReader`. It decides nothing else:
authentication runs here, decompression and size limits are in `_messages`, proxies in `_proxies`, retries in `_client`.
`SecretGuard` keeps the credentials out of log records, errors and variables of the libraries below.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import ContextVar
from types import ModuleType, TracebackType
from typing import Any, Protocol

import msgspec

from ._messages import BodyReader, RequestSpec, Response
from ._operations import Secret
from ._stacks import AnyAuth, errors, in_stack, is_error, stack_of
from .errors import CloudJobsError

MAX_CONNECTIONS = 1000
MAX_IDLE = 100

NO_LOOP = "needs a running event loop of asyncio: run it with asyncio.run, or use the synchronous client"
CLOSED = "has been closed: make another client"
ANOTHER_LOOP = (
    "is in use in another event loop: make a client in each loop, or use this one in a second loop after the first was "
    "closed"
)


async def close_with_loop(close: Callable[[], Awaitable[object]]) -> AsyncGenerator[None]:
    """Let connections be closed at the end of the running event loop, or once the result is not referenced.

    `asyncio.run` closes all asynchronous generators before it closes the event loop. Connections of a closed loop can
    only be left to the garbage collector, which warns about each of them.
    """

    async def until_end() -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await close()

    loop_end = until_end()
    await anext(loop_end)
    return loop_end


class Sender(Protocol):
    """Carries requests of a synchronous client."""

    stack: ModuleType
    """The stack of the requests that authentication gets."""

    @property
    def auth(self) -> AnyAuth | None:
        """The credentials of a caller's own client, for a call without others."""

    def build(self, spec: RequestSpec) -> Any:
        """Return the request for `send`, without credentials."""

    def send(self, request: Any, body: BodyReader, check: Callable[[], object]) -> Response:
        """Send a request of either stack, or one from `build`, and read the response.

        Args:
            request: Its timeouts are in its extensions.
            body: Takes the response's body.
            check: Raises once the time of the call is over. Called while the body is read.

        Raises:
            CloudJobsError: No response, as `BodyReader.failure` describes it, or the sender is closed.
        """
        ...

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""


class AsyncSender(Protocol):
    """Carries requests of an asynchronous client. Its methods are those of `Sender`."""

    stack: ModuleType

    @property
    def auth(self) -> AnyAuth | None: ...

    def build(self, spec: RequestSpec) -> Any: ...

    async def send(self, request: Any, body: BodyReader) -> Response: ...

    async def aclose(self) -> None: ...


def send(
    sender: Sender,
    spec: RequestSpec,
    auth: AnyAuth | None,
    body: BodyReader,
    limit: Callable[[Any], object],
    check: Callable[[], object],
) -> Response:
    """Send a request with its credentials, and read the response.

    Args:
        sender: Carries the request, and those that authentication makes.
        spec: The request.
        auth: Its credentials.
        body: Takes the response's body.
        limit: Limits the timeouts of a request to the time of the call.
        check: As for `Sender.send`.
    """
    auth = auth or sender.auth
    if (fixed := _with_fixed_credentials(spec, auth)) is not None:
        request = sender.build(fixed)
        limit(request)
        return sender.send(request, body, check)
    assert auth is not None
    first = _first_request(sender, spec, auth)
    limit(first)
    flow: Any = auth.sync_auth_flow(first)
    try:
        request = next(flow)
        while True:
            request.read()
            response = sender.send(request, _body(body, request, first), check)
            try:
                request = flow.send(_flow_response(response, request))
            except StopIteration:
                return response
    except errors("HTTPError") as error:
        raise _failure(body, error) from error
    finally:
        flow.close()


async def send_async(sender: AsyncSender, spec: RequestSpec, auth: AnyAuth | None, body: BodyReader) -> Response:
    """As `send`. The caller limits the time of the call."""
    auth = auth or sender.auth
    if (fixed := _with_fixed_credentials(spec, auth)) is not None:
        return await sender.send(sender.build(fixed), body)
    assert auth is not None
    first = _first_request(sender, spec, auth)
    flow: Any = auth.async_auth_flow(first)
    try:
        request = await anext(flow)
        while True:
            await request.aread()
            response = await sender.send(request, _body(body, request, first))
            try:
                request = await flow.asend(_flow_response(response, request))
            except StopAsyncIteration:
                return response
    except errors("HTTPError") as error:
        raise _failure(body, error) from error
    finally:
        await flow.aclose()


def stack_request(stack: ModuleType, spec: RequestSpec) -> Any:
    """Return the request as one of a stack. A stack's own `build_request` takes a tenth of a call."""
    extensions = {**spec.extensions, "timeout": spec.timeouts}
    headers = spec.headers
    return stack.Request(
        spec.method,
        spec.url,
        params=spec.query or None,
        headers=headers.reveal(),
        content=spec.content.reveal(),
        extensions=extensions,
    )


def _with_fixed_credentials(spec: RequestSpec, auth: AnyAuth | None) -> RequestSpec | None:
    """Return the request with credentials that need no flow; None if they need one."""
    if auth is None:
        return spec
    # Found by their method: an import of their class would import httpx, and takes time in each call.
    fixed_headers = getattr(auth, "fixed_headers", None)
    credentials = None if fixed_headers is None else fixed_headers(spec.schemes)
    if credentials is None:
        return None
    return msgspec.structs.replace(spec, headers=Secret({**spec.headers.reveal(), **credentials.reveal()}))


def _first_request(sender: Sender | AsyncSender, spec: RequestSpec, auth: AnyAuth) -> Any:
    """Return the request that a flow begins with, of the stack that the credentials are of."""
    stack = sender.stack if hasattr(auth, "fixed_headers") else stack_of(auth, "Auth")
    assert stack is not None
    request = sender.build(spec)
    return stack_request(stack, spec) if isinstance(request, RequestSpec) else in_stack(request, stack)


def _body(body: BodyReader, request: Any, first: Any) -> BodyReader:
    """Return the reader for the next response. The flow may send a request to another server, such as one that issues
    tokens.
    """
    return (
        body.fresh_body(may_be_repeated=True) if request is first else body.aside(request, request.url.netloc.decode())
    )


def _flow_response(response: Response, request: Any) -> Any:
    """Return a response for the authentication flow. Its body is decompressed, so the stack must not decompress it."""
    stack = stack_of(request, "Request")
    assert stack is not None
    plain = Secret([pair for pair in response.headers if pair[0].lower() != b"content-encoding"])
    return stack.Response(response.status_code, headers=plain.reveal(), content=response.content, request=request)


def _failure(body: BodyReader, error: Exception) -> CloudJobsError | Exception:
    return body.fresh_body().failure(error, in_time=not is_error(error, "TimeoutException")) or error


_UNDER_WAY: ContextVar[bool] = ContextVar("_UNDER_WAY", default=False)
"""Whether the context is in a request of ours: the log records of others are left as they are."""

_STACKS = ("httpx", "httpx2")
_LIBRARIES = frozenset(
    (
        *("httpx", "httpcore", "httpx2", "httpcore2", "h11", "h2", "hpack", "socksio", "anyio", "trio", "idna"),
        *("aiohttp", "aiohappyeyeballs", "yarl", "multidict"),
        *("asyncio", "selectors", "socket", "ssl", "http", "urllib", "email", "json", "encodings", "codecs"),
    )
)
"""Packages with headers, bodies or data of a connection in their frame variables."""
_NETWORK = f"{__package__}._httpx"
"""The module of this package with the same data in its frame variables."""

_QUOTES = ("Protocol", "Http", "Header", "StatusLine", "Payload", "Response", "InvalidURL", "Disconnected")
"""Names of exceptions that quote sent or received data in their text."""

_BYTES = r"""b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*\""""
_PAIR = rf"\(({_BYTES}), (?:{_BYTES})\)"
_REASON = rf"(return_value=\(b'HTTP/[0-9.]+', [0-9]+, )(?:{_BYTES})"
_OPEN = r"(?i)b'(?:content-(?:type|length|encoding)|transfer-encoding|connection|date|retry-after)'"
"""Headers of a response that hold nothing secret; a server may quote a credential in any other."""


class SecretGuard:
    """A block in which a request is sent.

    Inside the block, log records of the libraries do not contain values of headers. An exception leaves the block
    without frames of the libraries and without sent or received data in its text.
    """

    __slots__ = ("_before", "_outer")

    def __enter__(self) -> None:
        self._before = _UNDER_WAY.get()
        # An exception that the caller is handling is left unchanged.
        self._outer = sys.exc_info()[1]
        _UNDER_WAY.set(True)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _UNDER_WAY.set(self._before)
        if exc is None:
            return
        seen: list[BaseException | None] = [None, self._outer]
        left: list[BaseException | None] = [exc]
        while left:
            error = left.pop()
            if error is None or any(error is each for each in seen):
                continue
            seen.append(error)
            _hide_text(error)
            error.__traceback__ = _without_libraries(error.__traceback__)
            left += [error.__cause__, error.__context__]
            left += error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _without_libraries(traceback: TracebackType | None) -> TracebackType | None:
    if traceback is None:
        return None
    traceback.tb_next = _without_libraries(traceback.tb_next)
    module = traceback.tb_frame.f_globals.get("__name__")
    return traceback.tb_next if module == _NETWORK or _package(module) in _LIBRARIES else traceback


def _package(module: object) -> str:
    return str(module).partition(".")[0]


def _hide_text(error: Any) -> None:
    """Remove sent and received data from the text of an exception; the operating system's text is kept."""
    if isinstance(error, UnicodeEncodeError):
        # It is of a text that may be a credential.
        error.object = ""
        error.args = (error.encoding, "", error.start, error.end, error.reason)
    elif _is_quoting(error):
        error.args = tuple(_unquoted(argument) for argument in error.args)
        if hasattr(error, "message"):
            error.message = _unquoted(error.message)


def _is_quoting(error: BaseException) -> bool:
    """Return whether an exception of a library can quote sent or received data. Call it before frames are removed."""
    kind, traceback = type(error), error.__traceback__
    if kind is not ValueError:
        return _package(kind.__module__) in _LIBRARIES and any(word in kind.__name__ for word in _QUOTES)
    # For example, `int` quotes the port in the target of a redirect. Our own errors do not quote secrets.
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and _package(traceback.tb_frame.f_globals.get("__name__")) in _LIBRARIES


def _unquoted(value: object) -> object:
    if not isinstance(value, str):
        return value
    return re.sub(r"""(?<!\w)(?:bytearray\()?b?['"].*""", "***", value, flags=re.DOTALL)


def _without_value(pair: re.Match[str]) -> str:
    return pair[0] if re.fullmatch(_OPEN, pair[1]) else f"({pair[1]}, b'***')"


class _Filter(logging.Filter):
    """Removes the values of headers from log records of libraries while this package sends a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _UNDER_WAY.get():
            return True
        if record.name.startswith("hpack"):
            # Each record of this logger has a header.
            return False
        if record.name in _STACKS and isinstance(record.args, tuple) and len(record.args) == 5:
            # The last word of the record is the reason phrase, which the server sent.
            import httpx  # imported already, since this is a record of it

            status = record.args[3]
            record.args = (*record.args[:4], httpx.codes.get_reason_phrase(status) if isinstance(status, int) else "")
            return True
        text = record.getMessage()
        hidden = re.sub(_PAIR, _without_value, text)
        hidden = re.sub(_REASON, r"\1b'***'", hidden)
        hidden = re.sub(r"(exception=\w+)\(.*", r"\1(***)", hidden, flags=re.DOTALL)
        if hidden != text:
            record.msg, record.args = hidden, None
        return True


def _filter_logs() -> None:
    kept = _Filter()
    parts = ("connection", "http11", "http2", "proxy", "socks")
    connections = (f"{core}.{part}" for core in ("httpcore", "httpcore2") for part in parts)
    for name in (*_STACKS, *connections, "hpack.hpack", "hpack.table"):
        logging.getLogger(name).addFilter(kept)


_filter_logs()
