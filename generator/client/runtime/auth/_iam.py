"""IAM: a user name and password, for which IAM issues a token that is cached and refreshed.

The call that first needs a token refreshes it. The others wait for the outcome and share it, even if it is an error:
a thousand calls must not send a thousand passwords.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from datetime import UTC, datetime
from types import ModuleType, TracebackType
from typing import Any, Self

import attrs
import httpx

from .._clock import Clock
from .._forks import reset_in_child
from .._jobs import http_date
from .._json import JSONDecodeError, parse
from .._messages import SIZE_EXTENSION, as_utf8, largest_aside, limit_aside
from .._operations import Secret, check_length, header_of, is_unicode, schemes_of, validate_header_name
from .._response import Redactor, one_line
from .._retries import retry_after
from .._stacks import stack_of
from .._urls import require_https, validate_address
from ..errors import TokenError, is_retryable
from ._credentials import Credentials

_logger = logging.getLogger(__name__)

DEFAULT_IAM = "https://iam.myhuaweicloud.com"

REMEMBERED = 30 * 60.0
"""Seconds. An account can be set to lock a user after 3 failures within an hour: a program makes 2 at most."""
_MOST_REMEMBERED = 64

_EARLY = 300.0
"""Seconds before its end at which a token is refreshed; a short-lived one after half of its life."""
_AGAIN = 30.0
"""Seconds after a failed refresh in which a token that is still valid is not refreshed again."""

PATH = "/v3/auth/tokens"
_COPIED_EXTENSIONS = ("timeout", SIZE_EXTENSION)
TOKEN_HEADER = "X-Subject-Token"
_PROXY_AUTHENTICATION_REQUIRED = 407

Failure = Callable[[], Exception]
"""Makes the error of a failed refresh, a new one for each call."""


class IamPassword(Credentials):
    """A user's name and password, for which IAM issues a token: fetched with the first request, and cached.

    A token is refreshed five minutes before it expires, and once for a request that is refused with 401. However many
    calls need it, one of them refreshes it and the others wait; if IAM refuses, all of them raise its error, unless
    their token is still valid. The request to IAM uses the client's own connections, with the timeouts of the call.

    A login that IAM refuses (a 4xx but 407, 408 and 429) is not sent again for 30 minutes by this process, because IAM
    locks a user after some failed logins: each call raises the same error. Corrected credentials, in a new
    `IamPassword`, are sent at once.

    Args:
        user: Name of the IAM user.
        password: The user's password. It is sent to IAM alone.
        domain: Name of the account that the user belongs to.
        project: Name of the project that the token is for, such as the region's.
        project_id: Its ID, in place of the name.
        iam_url: Address of IAM. A `/v3` at its end does not matter.
        header: Name of the header, for a service that declares no token.
        allow_insecure: Send the password in the clear, to an address without TLS.

    Raises:
        ValueError: Something is missing or cannot be used; or, when a request is made, the service declares no token
            and no header was given, or the token is longer than documented.
        TokenError: When a request is made: IAM issued no token.
    """

    def __init__(
        self,
        user: str,
        password: str,
        domain: str,
        project: str | None = None,
        *,
        project_id: str | None = None,
        iam_url: str = DEFAULT_IAM,
        header: str | None = None,
        allow_insecure: bool = False,
    ) -> None:
        hidden, address = Secret(password), Secret(iam_url)
        del password, iam_url  # the variables of a frame are shown with an error
        given: dict[str, Secret[Any]] = {
            "user": Secret(user),
            "password": hidden,
            "domain": Secret(domain),
            "project or project_id": Secret(project or project_id),
        }
        if missing := [name for name, value in given.items() if not value.reveal()]:
            raise ValueError(f"IamPassword needs {', '.join(missing)}")
        if wrong := [name for name, value in given.items() if not isinstance(value.reveal(), str)]:
            raise ValueError(f"IamPassword takes texts: {', '.join(wrong)} is of another type")
        if wrong := [name for name, value in given.items() if not is_unicode(value.reveal())]:
            raise ValueError(
                f"IamPassword's {', '.join(wrong)} must be Unicode text, got a lone surrogate: decode it as UTF-8"
            )
        if project and project_id:
            raise ValueError("Give IamPassword project or project_id, not both")
        self._header = validate_header_name(header)
        url = validate_address("iam_url", address)
        if not allow_insecure:
            require_https(url)
        url = url.removesuffix("/v3").rstrip("/")
        self._addresses = (url,)
        self._login = IamTokenRequest(
            url, user, hidden, domain, {"id": project_id} if project_id else {"name": project or ""}
        )
        self._tokens = TokenCache()

    def __repr__(self) -> str:
        return "IamPassword('***')"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A password is not pickled, since it is a secret: give the other process its own")

    # The two flows are one, but for how they wait.

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        refused: Secret[str] | None = None
        while True:
            found, mine = self._tokens.take(refused, blocking=True)
            if isinstance(found, PendingRefresh) and mine:
                with found:
                    outcome: CachedToken | Failure | None = self._login.refusal()
                    if outcome is None:
                        response = yield self._login.request(request)
                        limit_aside(response)
                        response.read()
                        outcome = self._login.on_response(response, self._tokens.clock)
                    self._tokens.settle(found, outcome)
            cached = found if isinstance(found, CachedToken) else self._tokens.after(_waited_for(found, request))
            if cached is None:
                continue
            response = yield self._with(request, cached.token)
            if response.status_code != 401 or mine or refused is not None:
                # A token that was fetched for this very request is refused for another reason than its age.
                return
            limit_aside(response)
            refused = cached.token

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        refused: Secret[str] | None = None
        while True:
            found, mine = self._tokens.take(refused, blocking=False)
            if isinstance(found, PendingRefresh) and mine:
                with found:
                    outcome: CachedToken | Failure | None = self._login.refusal()
                    if outcome is None:
                        response = yield self._login.request(request)
                        limit_aside(response)
                        await response.aread()
                        outcome = self._login.on_response(response, self._tokens.clock)
                    self._tokens.settle(found, outcome)
            cached = found if isinstance(found, CachedToken) else self._tokens.after(await _awaited(found))
            if cached is None:
                continue
            response = yield self._with(request, cached.token)
            if response.status_code != 401 or mine or refused is not None:
                return
            limit_aside(response)
            refused = cached.token

    def _with(self, request: Any, token: Secret[str]) -> Any:
        schemes = schemes_of(request)
        header = header_of(schemes, "token", self._header, "IamPassword")
        check_length(schemes, token)
        request.headers[header] = token.reveal()
        return request


def _waited_for(refresh: PendingRefresh, request: Any) -> CachedToken | Failure | None:
    """The outcome of a refresh by another thread, or that is done."""
    longest = request.extensions.get("timeout", {}).get("read")
    try:
        return refresh.outcome.result(longest)
    except TooLong:
        raise _stack(request).ReadTimeout("another call renews the token, and takes too long") from None


def _stack(request: Any) -> ModuleType:
    """The stack of a request, for further objects of the same client."""
    return stack_of(request, "Request") or httpx


async def _awaited(refresh: PendingRefresh) -> CachedToken | Failure | None:
    """The outcome of a refresh by another task or thread, or that is done."""
    import asyncio  # slow to import, and synchronous programs do not need it

    # Shielded: a call that stops waiting must not end the refresh for the others.
    return await asyncio.shield(asyncio.wrap_future(refresh.outcome))


class IamTokenRequest:
    """A user's login, and the request to IAM for its token.

    Args:
        url: Address of IAM, without `/v3`.
        user: Name of the user.
        password: The user's password.
        domain: Name of the user's account.
        project: The scope of the token, as `id` or `name`.
    """

    def __init__(self, url: str, user: str, password: Secret[str], domain: str, project: dict[str, str]) -> None:
        self._url = f"{url}{PATH}"
        self._password = password
        self._user = {"name": user, "domain": {"name": domain}}
        self._project = project
        self._key = REFUSALS.key(url, user, password.reveal(), domain, project)

    def refusal(self) -> Failure | None:
        """The error with which IAM refused the same login a short time ago; None if it may be sent."""
        return REFUSALS.find(self._key)

    def request(self, call: Any) -> Any:
        """The request to IAM, with the timeouts and the User-Agent of the call that needs the token."""
        return _stack(call).Request(
            "POST",
            self._url,
            # The catalogue of services would be most of the response.
            params={"nocatalog": "true"},
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": call.headers.get("User-Agent", ""),
            },
            json={
                "auth": {
                    "identity": {
                        "methods": ["password"],
                        "password": {"user": {**self._user, "password": self._password.reveal()}},
                    },
                    "scope": {"project": self._project},
                }
            },
            extensions={name: value for name, value in call.extensions.items() if name in _COPIED_EXTENSIONS},
        )

    def on_response(self, response: httpx.Response, clock: Clock) -> CachedToken | Failure:
        """The token that IAM issued, or its error."""
        try:
            body = parse(as_utf8(response.content, response.headers.get("Content-Type", "")))
        except JSONDecodeError:
            body = None
        if response.is_success and len(response.content) > (largest := largest_aside(response.request)):
            return self._failure(
                f"was answered with {response.status_code} and more than {largest} bytes", response, body, clock
            )
        if not response.is_success:
            return self._failure(f"was answered with {response.status_code}", response, body, clock)
        try:
            token = Secret.of_header(Secret(response.headers.get(TOKEN_HEADER, "")), TOKEN_HEADER)
        except ValueError as error:
            return self._failure(f"gave no token: {error}", response, body, clock)
        life = _life(response, body, clock)
        _logger.info(
            "iam: POST %s: a token for %s", PATH, "as long as it is taken" if life is None else f"{life:.0f} s"
        )
        return CachedToken.with_lifetime(token, clock.monotonic(), life)

    def _failure(self, what: str, response: httpx.Response, body: Any, clock: Clock) -> Failure:
        redact = Redactor.knowing(self._password.reveal(), json.dumps(self._password.reveal())[1:-1])
        code, message = (
            redact.text(_text(body, "error", name) or _text(body, flat))
            for name, flat in (("code", "error_code"), ("message", "error_msg"))
        )
        _logger.warning("iam: POST %s: status %d, and no token", PATH, response.status_code)
        details: dict[str, Any] = {
            "service": "iam",
            "operation": "createToken",
            "status_code": response.status_code,
            "code": code,
            "message": message,
            "request_id": response.headers.get("X-IAM-Trace-Id"),
            "retry_after": retry_after(response.headers, clock.now()),
            "body": redact.bytes(response.content),
        }
        explained = one_line(" ".join(part for part in (code, message) if part) or "no explanation")
        text = f"iam.createToken {what}: {explained}"
        if not is_definite(response.status_code):
            return lambda: TokenError(text, **details)
        text += f" (these credentials are not sent again for {REMEMBERED / 60:.0f} minutes)"
        refusal: Failure = lambda: TokenError(text, **details)  # noqa: E731
        REFUSALS.add(self._key, refusal)
        return refusal


def _life(response: httpx.Response, body: Any, clock: Clock) -> float | None:
    """Seconds until a token expires, by IAM's own clock if the response has it; None if it does not say."""
    try:
        ends = datetime.fromisoformat(_text(body, "token", "expires_at") or "")
    except ValueError:
        return None
    now = http_date(response.headers.get("Date", ""))
    life = (ends if ends.tzinfo else ends.replace(tzinfo=UTC)).timestamp() - (clock.now() if now is None else now)
    # A token that has expired already would be requested with each call.
    return life if life > 0 else None


def _text(value: Any, *names: str) -> str | None:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else None


@attrs.frozen
class CachedToken:
    """A token, with its lifetime on the monotonic clock."""

    token: Secret[str]
    refresh_at: float
    ends: float

    @classmethod
    def with_lifetime(cls, token: Secret[str], now: float, life: float | None) -> CachedToken:
        """A token of so many seconds; None if its lifetime is not known."""
        if life is None:
            return cls(token, float("inf"), float("inf"))
        return cls(token, now + life - min(_EARLY, life / 2), now + life)


class PendingRefresh:
    """A refresh, for the call that does it. Leaving the block without an outcome settles it too."""

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
        """A token other than the refused one; or a refresh, and whether the caller has to do it.

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
        """The token after a refresh; None if it was cancelled. Raises its error if no valid token is left."""
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
    return httpx.ConnectError("the call that was to renew the token for all could not")


def _is_cancelled() -> bool:
    """Whether the task that is running, if one is, has been cancelled."""
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
        """The hash by which credentials are remembered."""
        return hashlib.blake2b(json.dumps(credentials).encode(), key=self._salt).digest()

    def find(self, key: bytes) -> Failure | None:
        """The refusal of credentials, or None if they may be sent."""
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
"""One for the process, since a program may make its credentials anew for each client."""


def is_definite(status_code: int) -> bool:
    """Whether the same login would be refused again: not where IAM is overloaded or down, nor for a proxy's refusal."""
    return 400 <= status_code <= 499 and not is_retryable(status_code) and status_code != _PROXY_AUTHENTICATION_REQUIRED
