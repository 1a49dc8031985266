"""Tokens that a server issues for credentials: cached, refreshed, and fetched by one call for all.

The call that first needs a token fetches it. The others wait for the outcome and share it, even if it is an error: a
thousand calls must not send a thousand passwords.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from types import ModuleType, TracebackType
from typing import Any, Protocol, Self

import attrs
import httpx

from .._clock import Clock
from .._forks import reset_in_child
from .._messages import SIZE_EXTENSION, limit_aside
from .._operations import Secret
from .._options import retry_after
from .._response import one_line
from .._stacks import stack_of
from ..errors import TokenError, is_retryable
from ._credentials import Credentials

REMEMBERED = 30 * 60.0
"""Seconds without another login after a refused one. An account can lock a user after 3 failures an hour."""
_MOST_REMEMBERED = 64

_EARLY = 300.0
"""Seconds before its end at which a token is refreshed; a short-lived one after half of its life."""
_AGAIN = 30.0
"""Seconds after a failed refresh in which a token that is still valid is not refreshed again."""

_COPIED_EXTENSIONS = ("timeout", SIZE_EXTENSION)
_PROXY_AUTHENTICATION_REQUIRED = 407

Failure = Callable[[], Exception]
"""Makes the error of a failed refresh, a new one for each call."""


class TokenRequest(Protocol):
    """A request for a token, and how its response is read."""

    def refusal(self) -> Failure | None:
        """Return the error with which the same credentials were refused a short time ago; None if they may be sent."""

    def request(self, call: Any) -> Any:
        """Return the request, with the timeouts and the User-Agent of the call that needs the token."""

    def on_response(self, response: httpx.Response, clock: Clock) -> CachedToken | Failure:
        """Return the token that was issued, or the error."""
        ...


class FetchedToken(Credentials):
    """Base of credentials for which a server issues a token: fetched with the first request, cached and refreshed."""

    def _source(self, request: Any) -> tuple[TokenCache, TokenRequest]:
        """Return the cache of the token for a request, and the request that fetches it."""
        raise NotImplementedError

    def _with(self, request: Any, token: Secret[str]) -> Any:
        """Return the request, with the token."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}('***')"

    # The two flows differ only in the way they wait.

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        tokens, login = self._source(request)
        refused: Secret[str] | None = None
        while True:
            found, mine = tokens.take(refused, blocking=True)
            if isinstance(found, PendingRefresh) and mine:
                with found:
                    outcome: CachedToken | Failure | None = login.refusal()
                    if outcome is None:
                        response = yield login.request(request)
                        limit_aside(response)
                        response.read()
                        outcome = login.on_response(response, tokens.clock)
                    tokens.settle(found, outcome)
            cached = found if isinstance(found, CachedToken) else tokens.after(_waited_for(found, request))
            if cached is None:
                continue
            response = yield self._with(request, cached.token)
            if response.status_code != 401 or mine or refused is not None:
                # A token that was fetched for this request is refused for a reason other than its age.
                return
            limit_aside(response)
            refused = cached.token

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        tokens, login = self._source(request)
        refused: Secret[str] | None = None
        while True:
            found, mine = tokens.take(refused, blocking=False)
            if isinstance(found, PendingRefresh) and mine:
                with found:
                    outcome: CachedToken | Failure | None = login.refusal()
                    if outcome is None:
                        response = yield login.request(request)
                        limit_aside(response)
                        await response.aread()
                        outcome = login.on_response(response, tokens.clock)
                    tokens.settle(found, outcome)
            cached = found if isinstance(found, CachedToken) else tokens.after(await _awaited(found))
            if cached is None:
                continue
            response = yield self._with(request, cached.token)
            if response.status_code != 401 or mine or refused is not None:
                return
            limit_aside(response)
            refused = cached.token


def side_request(call: Any, url: str, headers: Secret[Mapping[str, str]], **body: Secret[Any]) -> Any:
    """Return a POST for authentication alone, with the timeouts and the User-Agent of the call that needs it."""
    public = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": call.headers.get("User-Agent", ""),
    }
    return _stack(call).Request(
        "POST",
        url,
        headers={**public, **headers.reveal()},
        extensions={name: value for name, value in call.extensions.items() if name in _COPIED_EXTENSIONS},
        **{name: value.reveal() for name, value in body.items()},
    )


def _waited_for(refresh: PendingRefresh, request: Any) -> CachedToken | Failure | None:
    """Return the outcome of a refresh by another thread, or that is done."""
    longest = request.extensions.get("timeout", {}).get("read")
    try:
        return refresh.outcome.result(longest)
    except TooLong:
        raise _stack(request).ReadTimeout("the timeout expired while another call renewed the token") from None


def _stack(request: Any) -> ModuleType:
    """Return the stack of a request, for further objects of the same client."""
    return stack_of(request, "Request") or httpx


async def _awaited(refresh: PendingRefresh) -> CachedToken | Failure | None:
    """Return the outcome of a refresh by another task or thread, or that is done."""
    import asyncio  # slow to import, and synchronous programs do not need it

    # Shielded: a call that stops waiting must not end the refresh for the others.
    return await asyncio.shield(asyncio.wrap_future(refresh.outcome))


@attrs.frozen
class CachedToken:
    """A token, with its lifetime on the monotonic clock."""

    token: Secret[str]
    refresh_at: float
    ends: float

    @classmethod
    def with_lifetime(cls, token: Secret[str], now: float, life: float | None) -> CachedToken:
        """Return a token of so many seconds; None if its lifetime is not known."""
        if life is None:
            return cls(token, float("inf"), float("inf"))
        return cls(token, now + life - min(_EARLY, life / 2), now + life)


class PendingRefresh:
    """The refresh of a token by one call. A block that ends without an outcome ends the wait of the other calls too."""

    def __init__(self, tokens: TokenCache) -> None:
        self.thread = threading.get_ident()
        self.outcome: Future[CachedToken | Failure | None] = Future()
        """The token, its error, or None if the call was cancelled, so that another has to refresh."""
        self._tokens = tokens

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.outcome.done():
            # httpx closes the flow when its request fails, without the reason.
            self._tokens.settle(self, None if _is_cancelled() else _broken)


class TokenCache:
    """The cached token, and its pending refresh."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._lock = threading.Lock()
        self._cached: CachedToken | None = None
        self._pending: PendingRefresh | None = None
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        # The thread that refreshes is the parent's alone.
        self._pending = None

    def take(self, refused: Secret[str] | None, *, blocking: bool) -> tuple[CachedToken | PendingRefresh, bool]:
        """Return a token other than the refused one; or a refresh, and whether the caller has to do it.

        Args:
            refused: A token that the service refused.
            blocking: Whether the caller's whole thread waits.
        """
        with self._lock:
            now = self.clock.monotonic()
            if self._cached is not None and (self._cached.token == refused or now >= self._cached.ends):
                self._cached = None
            # A token that expires soon is refreshed by one call, and used by the others until then.
            if self._cached is not None and (now < self._cached.refresh_at or self._pending is not None):
                return self._cached, False
            # A thread that waits for its own task would wait for ever.
            own = blocking and self._pending is not None and self._pending.thread == threading.get_ident()
            if self._pending is not None and not own:
                return self._pending, False
            self._pending = PendingRefresh(self)
            return self._pending, True

    def after(self, outcome: CachedToken | Failure | None) -> CachedToken | None:
        """Return the token after a refresh; None if it was cancelled. Raises its error if no valid token is left."""
        if outcome is None or isinstance(outcome, CachedToken):
            return outcome
        with self._lock:
            if self._cached is not None and self.clock.monotonic() < self._cached.ends:
                return self._cached
        raise outcome()

    def settle(self, refresh: PendingRefresh, outcome: CachedToken | Failure | None) -> None:
        """End a refresh, for all calls that wait."""
        with self._lock:
            if isinstance(outcome, CachedToken):
                self._cached = outcome
            elif outcome is not None and self._cached is not None:
                self._cached = attrs.evolve(self._cached, refresh_at=self.clock.monotonic() + _AGAIN)
            if self._pending is refresh:
                self._pending = None
        refresh.outcome.set_result(outcome)


def _broken() -> Exception:
    return httpx.ConnectError("another call failed to renew the token")


def _is_cancelled() -> bool:
    """Return whether the task that is running, if one is, has been cancelled."""
    import asyncio  # slow to import, and synchronous programs do not need it

    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is None or task.cancelling() > 0


class RefusedLogins:
    """Refusals of IAM, by a keyed hash of the credentials."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._salt = os.urandom(32)
        self._lock = threading.Lock()
        self._refused: dict[bytes, tuple[float, Failure]] = {}
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def key(self, *credentials: object) -> bytes:
        """Return the hash by which credentials are remembered."""
        return hashlib.blake2b(json.dumps(credentials).encode(), key=self._salt).digest()

    def find(self, key: bytes) -> Failure | None:
        """Return the refusal of credentials, or None if they may be sent."""
        with self._lock:
            ends, failure = self._refused.get(key, (0.0, None))
            if failure is not None and self.clock.monotonic() >= ends:
                del self._refused[key]
                failure = None
        return failure

    def add(self, key: bytes, failure: Failure) -> None:
        """Remember a refusal; of too many, forget the oldest."""
        with self._lock:
            self._refused.pop(key, None)
            while len(self._refused) >= _MOST_REMEMBERED:
                del self._refused[next(iter(self._refused))]
            self._refused[key] = self.clock.monotonic() + REMEMBERED, failure

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._refused.clear()


REFUSALS = RefusedLogins()
"""One object for the process, because a program may make new credentials for each client."""


def failed_login(
    key: bytes,
    what: str,
    response: httpx.Response,
    clock: Clock,
    *,
    code: str | None,
    message: str | None,
    **details: Any,
) -> Failure:
    """Return the error of a response without a token. It is remembered if the same login would be refused again.

    Args:
        key: The hash of the credentials, of `REFUSALS`.
        what: The request, and the fault of its response.
        response: The response.
        clock: For the time to wait that the response asks for.
        code: The code of the error in the response, without credentials.
        message: Its message, without credentials.
        details: Further attributes of the error.
    """
    details |= {"status_code": response.status_code, "retry_after": retry_after(response.headers, clock.now())}
    text = f"{what}: {one_line(' '.join(part for part in (code, message) if part) or 'no explanation')}"
    if is_definite := _is_definite(response.status_code):
        text += f" (these credentials are not sent again for {REMEMBERED / 60:.0f} minutes)"
    failure: Failure = lambda: TokenError(text, code=code, message=message, **details)  # noqa: E731
    if is_definite:
        REFUSALS.add(key, failure)
    return failure


def _is_definite(status_code: int) -> bool:
    """Return whether the same login would be refused again. False for an overloaded IAM and for a proxy."""
    return 400 <= status_code <= 499 and not is_retryable(status_code) and status_code != _PROXY_AUTHENTICATION_REQUIRED
