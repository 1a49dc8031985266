"""Sends a request with its credentials: what all senders share.

A sender carries one request over its connections and reads the response into a `BodyReader`. It decides nothing else:
authentication runs here, decompression and size limits are in `_messages`, proxies in `_proxies`, retries in `_client`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
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


class Sender(Protocol):
    """Carries requests of a synchronous client."""

    stack: ModuleType
    """Of the requests that authentication sees."""

    @property
    def auth(self) -> AnyAuth | None:
        """The credentials of a caller's own client, for a call without others."""

    def build(self, spec: RequestSpec) -> Any:
        """The request for `send`, without credentials."""

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
    """The request as one of a stack. A stack's own `build_request` takes a tenth of a call."""
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
    """The request with credentials that need no flow; None if they need one."""
    if auth is None:
        return spec
    from ._credentials import Credentials  # not at the top: it imports httpx

    if isinstance(auth, Credentials) and auth.is_fixed:
        credentials = Secret(auth.headers(spec.schemes))
        return msgspec.structs.replace(spec, headers=Secret({**spec.headers.reveal(), **credentials.reveal()}))
    return None


def _first_request(sender: Sender | AsyncSender, spec: RequestSpec, auth: AnyAuth) -> Any:
    """The request that a flow begins with, of the stack that the credentials are of."""
    from ._credentials import Credentials

    stack = sender.stack if isinstance(auth, Credentials) else stack_of(auth, "Auth")
    assert stack is not None
    request = sender.build(spec)
    return stack_request(stack, spec) if isinstance(request, RequestSpec) else in_stack(request, stack)


def _body(body: BodyReader, request: Any, first: Any) -> BodyReader:
    """The reader for the next response. The flow may ask another server, such as one that issues tokens."""
    return (
        body.fresh_body(may_be_repeated=True) if request is first else body.aside(request, request.url.netloc.decode())
    )


def _flow_response(response: Response, request: Any) -> Any:
    """A response as the flow takes it. Its body is decompressed, so that the stack must not do it."""
    stack = stack_of(request, "Request")
    assert stack is not None
    plain = Secret([pair for pair in response.headers if pair[0].lower() != b"content-encoding"])
    return stack.Response(response.status_code, headers=plain.reveal(), content=response.content, request=request)


def _failure(body: BodyReader, error: Exception) -> CloudJobsError | Exception:
    return body.fresh_body().failure(error, in_time=not is_error(error, "TimeoutException")) or error
