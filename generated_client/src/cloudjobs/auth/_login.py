# Generated from generator/client/runtime/auth/_login.py. Do not edit: change that, and run `make generate`.
"""What IAM is asked for a token, and what it answers. It sends nothing."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

import httpx

from .._clock import Clock
from .._http import SIZE_EXTENSION, largest_aside
from .._json import Unreadable, parse
from .._redaction import Redactor
from .._replies import one_line
from .._retries import retry_after
from .._security import Secret
from .._times import http_date
from ..errors import AuthenticationFailed
from ._refusals import REFUSALS, REMEMBERED, is_definite
from ._renewal import Failure, Kept

_logger = logging.getLogger(__name__)

DEFAULT_IAM = "https://iam.myhuaweicloud.com"
_PATH = "/v3/auth/tokens"
_PASSED_ON = ("timeout", SIZE_EXTENSION)
_TOKEN_HEADER = "X-Subject-Token"


class Login:
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

    def answer(self, response: httpx.Response, clock: Clock) -> Kept | Failure:
        """The token that IAM gave, or why it gave none."""
        try:
            said = parse(response.content)
        except Unreadable:
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
        return Kept.of(token, clock.monotonic(), life)

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
            return lambda: AuthenticationFailed(text, **details)
        text += f" (these credentials are not sent again for {REMEMBERED / 60:.0f} minutes)"
        refusal: Failure = lambda: AuthenticationFailed(text, **details)  # noqa: E731
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
