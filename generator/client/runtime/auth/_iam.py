"""IAM: a user name and password, for which IAM returns a token that is cached and refreshed.

A renewal is made by the call that first needs it. The others wait for its outcome, and share it where it failed: a
thousand calls are no reason to ask a thousand times.
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
from types import TracebackType
from typing import Any, Self

import attrs
import httpx

from .._clock import Clock
from .._forks import reset_in_child
from .._jobs import http_date
from .._json import JSONDecodeError, parse
from .._messages import SIZE_EXTENSION, largest_aside, limit_aside
from .._operations import Secret, check_length, header_of, is_unicode, schemes_of, validate_header_name
from .._response import Redactor, one_line
from .._retries import retry_after
from .._urls import require_https, validate_address
from ..errors import TokenError, is_retryable

REMEMBERED = 30 * 60.0
"""Seconds. An account can be set to lock a user after 3 failures within an hour: a program makes 2 at most."""

_MOST = 64
"""Credentials that are remembered at once."""

_PROXY_AUTHENTICATION_REQUIRED = 407


class RefusedLogins:
    """Refusals by credentials, of which it keeps a keyed hash alone."""

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
            while len(self._refused) >= _MOST:
                del self._refused[next(iter(self._refused))]
            self._refused[key] = self.clock.monotonic() + REMEMBERED, failure

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._refused.clear()


def is_definite(status_code: int) -> bool:
    """Whether the same login would be refused again: not where IAM is overloaded or down, nor for a proxy's refusal."""
    return 400 <= status_code <= 499 and not is_retryable(status_code) and status_code != _PROXY_AUTHENTICATION_REQUIRED


REFUSALS = RefusedLogins()
"""Those of this process, since a program may make its credentials anew for each client."""

_EARLY = 300.0
"""Seconds before its end at which a token is renewed; of a short one, after half of its life."""

_AGAIN = 30.0
"""Seconds after a failed renewal in which a token that is still good is not renewed again."""


@attrs.frozen
class CachedToken:
    """A token, and how long it is good for on the monotonic clock."""

    token: Secret[str]
    renew_at: float
    ends: float

    @classmethod
    def with_lifetime(cls, token: Secret[str], now: float, life: float | None) -> CachedToken:
        """A token of so many seconds; None for as many as the service takes it."""
        if life is None:
            return cls(token, float("inf"), float("inf"))
        return cls(token, now + life - min(_EARLY, life / 2), now + life)


Failure = Callable[[], Exception]
"""Makes the error of a failed renewal, for each call one of its own."""


class PendingRefresh:
    """A renewal, as the call has it that makes it. Leaving the block without an outcome is an outcome, too."""

    def __init__(self, tokens: TokenCache) -> None:
        self.thread = threading.get_ident()
        self.outcome: Future[CachedToken | Failure | None] = Future()
        """The token, why there is none, or None where the call was given up, so that another has to make it."""
        self._tokens = tokens

    def settle(self, outcome: CachedToken | Failure) -> None:
        """Tell the outcome to all who wait."""
        self._tokens.settle(self, outcome)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.outcome.done():
            # httpx ends the flow where its request failed, and does not tell it why.
            self._tokens.settle(self, None if _is_cancelled() else _broken)


class TokenCache:
    """The token, and its renewal."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._lock = threading.Lock()
        self._kept: CachedToken | None = None
        self._renewal: PendingRefresh | None = None
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        # The thread that makes it is the parent's alone.
        self._renewal = None

    def take(self, refused: Secret[str] | None, *, blocking: bool) -> tuple[CachedToken | PendingRefresh, bool]:
        """A token other than the refused one; or its renewal, and whether the caller has to make it.

        Args:
            refused: A token that the service did not take.
            blocking: Whether the caller's whole thread waits.
        """
        with self._lock:
            now = self.clock.monotonic()
            if self._kept is not None and (self._kept.token == refused or now >= self._kept.ends):
                self._kept = None
            # What is to end soon is renewed by one call, and good enough for the others until then.
            if self._kept is not None and (now < self._kept.renew_at or self._renewal is not None):
                return self._kept, False
            # A thread that waits for a task of its own would wait for ever.
            own = blocking and self._renewal is not None and self._renewal.thread == threading.get_ident()
            if self._renewal is not None and not own:
                return self._renewal, False
            self._renewal = PendingRefresh(self)
            return self._renewal, True

    def after(self, outcome: CachedToken | Failure | None) -> CachedToken | None:
        """The token after a renewal; None where it was given up. Raises what it failed with, if no good one is left."""
        if outcome is None or isinstance(outcome, CachedToken):
            return outcome
        with self._lock:
            if self._kept is not None and self.clock.monotonic() < self._kept.ends:
                return self._kept
        raise outcome()

    def settle(self, renewal: PendingRefresh, outcome: CachedToken | Failure | None) -> None:
        """End a renewal."""
        with self._lock:
            if isinstance(outcome, CachedToken):
                self._kept = outcome
            elif outcome is not None and self._kept is not None:
                self._kept = attrs.evolve(self._kept, renew_at=self.clock.monotonic() + _AGAIN)
            if self._renewal is renewal:
                self._renewal = None
        renewal.outcome.set_result(outcome)


def _broken() -> Exception:
    return httpx.ConnectError("the call that was to renew the token for all could not")


def _is_cancelled() -> bool:
    """Whether the task that is running, if one is, has been cancelled."""
    import asyncio  # not at the top: it takes a while, and synchronous programs do without

    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is None or task.cancelling() > 0


_logger = logging.getLogger(__name__)

DEFAULT_IAM = "https://iam.myhuaweicloud.com"

_PATH = "/v3/auth/tokens"

_PASSED_ON = ("timeout", SIZE_EXTENSION)

_TOKEN_HEADER = "X-Subject-Token"


class IamTokenRequest:
    """A user's name and password, as IAM takes them.

    Args:
        url: Address of IAM, without `/v3`.
        user: Name of the user.
        password: The user's password.
        domain: Name of the user's account.
        project: What the token is for, as `id` or `name`.
    """

    def __init__(self, url: str, user: str, password: Secret[str], domain: str, project: dict[str, str]) -> None:
        self._url = f"{url}{_PATH}"
        self._password = password
        self._user = {"name": user, "domain": {"name": domain}}
        self._project = project
        self._key = REFUSALS.key(url, user, password.reveal(), domain, project)

    def refusal(self) -> Failure | None:
        """Why IAM refused the same login a short time ago; None if it may be asked."""
        return REFUSALS.find(self._key)

    def question(self, call: httpx.Request) -> httpx.Request:
        """What IAM is asked, with the timeouts and the User-Agent of the call that needs the token."""
        return httpx.Request(
            "POST",
            self._url,
            # The catalogue of services would be most of the answer.
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
            extensions={name: value for name, value in call.extensions.items() if name in _PASSED_ON},
        )

    def answer(self, response: httpx.Response, clock: Clock) -> CachedToken | Failure:
        """The token that IAM gave, or why it gave none."""
        try:
            said = parse(response.content)
        except JSONDecodeError:
            said = None
        if response.is_success and len(response.content) > (largest := largest_aside(response.request)):
            return self._failure(
                f"was answered with {response.status_code} and more than {largest} bytes", response, said, clock
            )
        if not response.is_success:
            return self._failure(f"was answered with {response.status_code}", response, said, clock)
        try:
            token = Secret.of_header(Secret(response.headers.get(_TOKEN_HEADER, "")), _TOKEN_HEADER)
        except ValueError as error:
            return self._failure(f"gave no token: {error}", response, said, clock)
        life = _life(response, said, clock)
        _logger.info(
            "iam: POST %s: a token for %s", _PATH, "as long as it is taken" if life is None else f"{life:.0f} s"
        )
        return CachedToken.with_lifetime(token, clock.monotonic(), life)

    def _failure(self, what: str, response: httpx.Response, said: Any, clock: Clock) -> Failure:
        redact = Redactor.knowing(self._password.reveal(), json.dumps(self._password.reveal())[1:-1])
        code, message = (
            redact.text(_text(said, "error", name) or _text(said, flat))
            for name, flat in (("code", "error_code"), ("message", "error_msg"))
        )
        _logger.warning("iam: POST %s: status %d, and no token", _PATH, response.status_code)
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


def _life(response: httpx.Response, said: Any, clock: Clock) -> float | None:
    """Seconds that a token is good for, by IAM's own clock if it tells it; None where it does not say."""
    try:
        ends = datetime.fromisoformat(_text(said, "token", "expires_at") or "")
    except ValueError:
        return None
    now = http_date(response.headers.get("Date", ""))
    life = (ends if ends.tzinfo else ends.replace(tzinfo=UTC)).timestamp() - (clock.now() if now is None else now)
    # One that has ended already is none that can be, and would be asked for with each call.
    return life if life > 0 else None


def _text(said: Any, *names: str) -> str | None:
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said if isinstance(said, str) else str(said) if isinstance(said, int) else None


class IamPassword(httpx.Auth):
    """A user's name and password, for which IAM gives a token: fetched with the first request, and kept.

    A token is renewed five minutes before it ends, and once for a request that is refused with 401. However many calls
    need it, one of them renews it and the others wait; where IAM refuses, all of them fail with its answer, unless the
    token they have is good for some minutes yet. IAM is asked over the client's own connections, with the timeouts of
    the call.

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
        header: Name of the header, for a service whose document declares no token.
        allow_insecure: Send the password in the clear, to an address without TLS.

    Raises:
        ValueError: Something is missing or cannot be used; or, when a request is made, the service declares no token
            and no header was given, or the token is longer than documented.
        AuthenticationFailed: When a request is made: IAM gave no token.
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
        hidden = Secret(password)
        del password  # the variables of a frame are shown with an error
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
        url = validate_address("iam_url", iam_url)
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

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        refused: Secret[str] | None = None
        while True:
            found, mine = self._tokens.take(refused, blocking=True)
            if isinstance(found, PendingRefresh) and mine:
                with found:
                    outcome: CachedToken | Failure | None = self._login.refusal()
                    if outcome is None:
                        response = yield self._login.question(request)
                        limit_aside(response)
                        response.read()
                        outcome = self._login.answer(response, self._tokens.clock)
                    found.settle(outcome)
            kept = found if isinstance(found, CachedToken) else self._tokens.after(_waited_for(found, request))
            if kept is None:
                continue
            response = yield self._with(request, kept.token)
            if response.status_code != 401 or mine or refused is not None:
                # A token that was fetched for this very request is refused for another reason than its age.
                return
            limit_aside(response)
            refused = kept.token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        refused: Secret[str] | None = None
        while True:
            found, mine = self._tokens.take(refused, blocking=False)
            if isinstance(found, PendingRefresh) and mine:
                with found:
                    outcome: CachedToken | Failure | None = self._login.refusal()
                    if outcome is None:
                        response = yield self._login.question(request)
                        limit_aside(response)
                        await response.aread()
                        outcome = self._login.answer(response, self._tokens.clock)
                    found.settle(outcome)
            kept = found if isinstance(found, CachedToken) else self._tokens.after(await _awaited(found))
            if kept is None:
                continue
            response = yield self._with(request, kept.token)
            if response.status_code != 401 or mine or refused is not None:
                return
            limit_aside(response)
            refused = kept.token

    def _with(self, request: httpx.Request, token: Secret[str]) -> httpx.Request:
        schemes = schemes_of(request)
        header = header_of(schemes, "token", self._header, "IamPassword")
        check_length(schemes, token)
        request.headers[header] = token.reveal()
        return request


def _waited_for(renewal: PendingRefresh, request: httpx.Request) -> CachedToken | Failure | None:
    """The outcome of a renewal that another thread makes, or that is done."""
    longest = request.extensions.get("timeout", {}).get("read")
    try:
        return renewal.outcome.result(longest)
    except TooLong:
        raise httpx.ReadTimeout("another call renews the token, and takes too long") from None


async def _awaited(renewal: PendingRefresh) -> CachedToken | Failure | None:
    """The outcome of a renewal that another task or thread makes, or that is done."""
    import asyncio  # not at the top: it takes a while, and synchronous programs do without

    # Shielded, since who gives up waiting does not end the renewal for all others.
    return await asyncio.shield(asyncio.wrap_future(renewal.outcome))
