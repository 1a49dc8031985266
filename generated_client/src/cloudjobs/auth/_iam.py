# Generated from generator/client/runtime/auth/_iam.py. Do not edit: change that, and run `make generate`.
"""IAM: a user name and password, for which IAM issues a token that is cached and refreshed."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

import httpx

from .._clock import Clock
from .._jobs import http_date
from .._json import JSONDecodeError, parse
from .._messages import as_utf8, largest_aside
from .._operations import Secret, check_length, scheme_of, schemes_of, validate_header_name
from .._response import Redactor
from .._urls import require_https, validate_address
from ._credentials import require_texts
from ._fetched import REFUSALS, CachedToken, Failure, FetchedToken, TokenCache, failed_login, side_request

_logger = logging.getLogger(__name__)

DEFAULT_IAM = "https://iam.myhuaweicloud.com"

PATH = "/v3/auth/tokens"
TOKEN_HEADER = "X-Subject-Token"


class IamPassword(FetchedToken):
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
        scope = {"project or project_id": Secret(project or project_id)}
        require_texts("IamPassword", {"user": Secret(user), "password": hidden, "domain": Secret(domain), **scope})
        if project and project_id:
            raise ValueError("project of IamPassword must be given without project_id, got both")
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

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an IamPassword cannot be pickled, since it is a secret: make one in the other process")

    def _source(self, request: Any) -> tuple[TokenCache, IamTokenRequest]:
        return self._tokens, self._login

    def _with(self, request: Any, token: Secret[str]) -> Any:
        scheme = scheme_of(schemes_of(request), ("token",), self._header, "IamPassword")
        check_length(scheme, token)
        request.headers[scheme.header] = scheme.prefix + token.reveal()
        return request


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
        """Return the error with which IAM refused the same login a short time ago; None if it may be sent."""
        return REFUSALS.find(self._key)

    def request(self, call: Any) -> Any:
        """Return the request to IAM, with the timeouts and the User-Agent of the call that needs the token."""
        return side_request(
            call,
            # The catalogue of services would be most of the response.
            f"{self._url}?nocatalog=true",
            Secret({}),
            json=Secret(
                {
                    "auth": {
                        "identity": {
                            "methods": ["password"],
                            "password": {"user": {**self._user, "password": self._password.reveal()}},
                        },
                        "scope": {"project": self._project},
                    }
                }
            ),
        )

    def on_response(self, response: httpx.Response, clock: Clock) -> CachedToken | Failure:
        """Return the token that IAM issued, or its error."""
        try:
            body = parse(as_utf8(response.content, response.headers.get("Content-Type", "")))
        except JSONDecodeError:
            body = None
        if response.is_success and len(response.content) > (largest := largest_aside(response.request)):
            return self._failure(
                f"returned status {response.status_code} and more than {largest} bytes", response, body, clock
            )
        if not response.is_success:
            return self._failure(f"returned status {response.status_code}", response, body, clock)
        try:
            token = Secret.of_header(Secret(response.headers.get(TOKEN_HEADER, "")), TOKEN_HEADER)
        except ValueError as error:
            return self._failure(f"returned no valid token: {error}", response, body, clock)
        life = _life(response, body, clock)
        _logger.info(
            "iam: POST %s: a token for %s", PATH, "as long as it is accepted" if life is None else f"{life:.0f} s"
        )
        return CachedToken.with_lifetime(token, clock.monotonic(), life)

    def _failure(self, what: str, response: httpx.Response, body: Any, clock: Clock) -> Failure:
        redact = Redactor.knowing(self._password.reveal(), json.dumps(self._password.reveal())[1:-1])
        code, message = (
            redact.text(_text(body, "error", name) or _text(body, flat))
            for name, flat in (("code", "error_code"), ("message", "error_msg"))
        )
        _logger.warning("iam: POST %s: status %d, no token", PATH, response.status_code)
        return failed_login(
            self._key,
            f"iam.createToken {what}",
            response,
            clock,
            service="iam",
            operation="createToken",
            code=code,
            message=message,
            request_id=response.headers.get("X-IAM-Trace-Id"),
            body=redact.bytes(response.content),
        )


def _life(response: httpx.Response, body: Any, clock: Clock) -> float | None:
    """Return seconds until a token expires, by IAM's own clock if the response has it; None if it does not say."""
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
