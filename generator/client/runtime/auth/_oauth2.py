"""A user name and password in each request, and OAuth 2 client credentials, for which a token is fetched."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote_plus

import httpx

from .._clock import Clock
from .._json import JSONDecodeError, parse
from .._messages import as_utf8, largest_aside
from .._operations import Secret, SecurityScheme, check_length, schemes_of
from .._response import Redactor
from .._urls import is_server, parse_url, require_https
from ._credentials import Credentials, require_texts
from ._fetched import REFUSALS, CachedToken, Failure, FetchedToken, TokenCache, failed_login, side_request

_logger = logging.getLogger(__name__)

_HEADER = "Authorization"

_UNDECLARED = SecurityScheme("oauth2", _HEADER, prefix="Bearer ")
"""The scheme of a service that declares none, such as one with a gateway before it."""

_LONGEST_LIFE = 10**9
"""Seconds. A token that lives longer is used until it is refused."""


class BasicAuth(Credentials):
    """A user name and a password, sent with each request.

    Args:
        username: The name of the user, without a colon.
        password: The password.

    Raises:
        ValueError: One of them cannot be sent.
    """

    def __init__(self, username: str, password: str) -> None:
        user, hidden = Secret(username), Secret(password)
        del username, password  # the variables of a frame are shown with an error
        require_texts("BasicAuth", {"username": user, "password": hidden})
        if ":" in user.reveal():
            raise ValueError("username must not have a colon, which separates it from the password")
        self._value = _basic(user, hidden)

    def __repr__(self) -> str:
        return "BasicAuth('***')"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a BasicAuth cannot be pickled, since it is a secret: make one in the other process")

    def fixed_headers(self, schemes: Sequence[SecurityScheme]) -> Secret[dict[str, str]] | None:
        """Return the header, which is the same for all operations."""
        return Secret({_HEADER: self._value.reveal()})

    def auth_flow(self, request: Any) -> Any:
        request.headers[_HEADER] = self._value.reveal()
        yield request


class ClientCredentials(FetchedToken):
    """OAuth 2 client credentials, for which the service's token URL issues a token: fetched once, and cached.

    A token is refreshed five minutes before it expires, and once for a request that is refused with 401. However many
    calls need it, one of them refreshes it and the others wait. The token request uses the client's own connections,
    with the timeouts of the call. Operations that need other scopes have another token.

    Credentials that the token URL refuses (a 4xx but 407, 408 and 429) are not sent again for 30 minutes by this
    process: each call raises the same error. Corrected credentials, in a new `ClientCredentials`, are sent at once.

    Args:
        client_id: The ID of the client.
        client_secret: Its secret. It is sent to the token URL alone.
        token_url: Address that issues tokens. By default that of the service's document, if it has one.
        scopes: Scopes of the token. By default those that the document names for the operation.
        client: Where the token request has ID and secret: in its `header`, or in its `body`. By default as the
            document says, or else in the header.
        parameters: Further parameters of the token request, such as an audience.
        allow_insecure: Send the secret in the clear, to an address without TLS.

    Raises:
        ValueError: Something is missing or cannot be used; or, when a request is made, the service declares no token
            URL and none was given, or the token is longer than documented.
        TokenError: When a request is made: no token was issued.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        token_url: str | None = None,
        scopes: Sequence[str] | None = None,
        client: Literal["header", "body"] | None = None,
        parameters: Mapping[str, str] | None = None,
        allow_insecure: bool = False,
    ) -> None:
        identity, hidden, address = Secret(client_id), Secret(client_secret), Secret(token_url)
        further = Secret(tuple((parameters or {}).items()))
        del client_id, client_secret, token_url, parameters  # the variables of a frame are shown with an error
        require_texts("ClientCredentials", {"client_id": identity, "client_secret": hidden})
        if isinstance(scopes, str):
            raise ValueError(f"scopes must be a list of str, got one str: write [{scopes!r}]")
        if client not in (None, "header", "body"):
            raise ValueError(f"client must be 'header' or 'body', got {client!r}")
        self._allow_insecure = allow_insecure
        self._url = None if address.reveal() is None else _token_url(address, allow_insecure)
        self._addresses = () if self._url is None else (self._url,)
        self._id, self._secret = identity, hidden
        self._scopes = None if scopes is None else tuple(scopes)
        self._place, self._parameters = client, further
        self._clock = Clock()
        self._sources: dict[tuple[object, ...], tuple[TokenCache, OAuthTokenRequest]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a ClientCredentials cannot be pickled, since it is a secret: make one in the other process")

    def _source(self, request: Any) -> tuple[TokenCache, OAuthTokenRequest]:
        scheme = self._scheme(request)
        url = self._url or _token_url(Secret(str(request.url.join(scheme.token_url))), self._allow_insecure)
        scopes = scheme.scopes if self._scopes is None else self._scopes
        place = self._place or scheme.client
        key = (url, scopes, place, scheme.parameters)
        if key not in self._sources:
            parameters = Secret((*scheme.parameters, *self._parameters.reveal()))
            made = TokenCache(), OAuthTokenRequest(url, self._id, self._secret, scopes, place, parameters)
            made[0].clock = self._clock
            self._sources.setdefault(key, made)
        return self._sources[key]

    def _with(self, request: Any, token: Secret[str]) -> Any:
        scheme = self._scheme(request)
        check_length(scheme, token)
        request.headers[scheme.header] = scheme.prefix + token.reveal()
        return request

    def _scheme(self, request: Any) -> SecurityScheme:
        found = next((scheme for scheme in schemes_of(request) if scheme.method == "oauth2"), None)
        if found is None and self._url is None:
            raise ValueError("ClientCredentials must have a token_url, since the service declares none: pass token_url")
        return found or _UNDECLARED


class OAuthTokenRequest:
    """The request to a token URL (RFC 6749, section 4.4).

    Args:
        url: The token URL.
        client_id: The ID of the client.
        secret: Its secret.
        scopes: The scopes of the token.
        place: Whether the `header` or the `body` has ID and secret.
        parameters: Further parameters.
    """

    def __init__(
        self,
        url: str,
        client_id: Secret[str],
        secret: Secret[str],
        scopes: tuple[str, ...],
        place: str,
        parameters: Secret[tuple[tuple[str, str], ...]],
    ) -> None:
        self._url, self._id, self._secret, self._place = url, client_id, secret, place
        form = {"grant_type": "client_credentials", **({"scope": " ".join(scopes)} if scopes else {})}
        self._form = Secret({**form, **dict(parameters.reveal())})
        self._key = REFUSALS.key(url, client_id.reveal(), secret.reveal(), form, place, parameters.reveal())

    def refusal(self) -> Failure | None:
        """Return the error with which the same credentials were refused a short time ago; None if they may be sent."""
        return REFUSALS.find(self._key)

    def request(self, call: Any) -> Any:
        """Return the request, with the timeouts and the User-Agent of the call that needs the token."""
        if self._place == "body":
            identified = {"client_id": self._id, "client_secret": self._secret}
            form = Secret({**self._form.reveal(), **{name: each.reveal() for name, each in identified.items()}})
            return side_request(call, self._url, Secret({}), data=form)
        # Both parts are encoded as in a form (RFC 6749, section 2.3.1).
        header = _basic(*(Secret(quote_plus(each.reveal())) for each in (self._id, self._secret)))
        return side_request(call, self._url, Secret({"Authorization": header.reveal()}), data=self._form)

    def on_response(self, response: httpx.Response, clock: Clock) -> CachedToken | Failure:
        """Return the token that was issued, or the error."""
        body: Secret[Any]
        try:
            body = Secret(parse(as_utf8(response.content, response.headers.get("Content-Type", ""))))
        except JSONDecodeError:
            body = Secret(None)
        if response.is_success and len(response.content) > (largest := largest_aside(response.request)):
            return self._failure(
                f"returned status {response.status_code} and more than {largest} bytes", response, None, clock
            )
        if not response.is_success:
            return self._failure(f"returned status {response.status_code}", response, body.reveal(), clock)
        kind = _text(body.reveal(), "token_type")
        if kind and kind.lower() != "bearer":
            # The message does not quote the type, which may be a token in the wrong field.
            return self._failure("returned a token of another type than Bearer", response, None, clock)
        try:
            token = Secret.of_header(Secret(_text(body.reveal(), "access_token")), "access_token")
        except ValueError as error:
            return self._failure(f"returned no valid token: {error}", response, None, clock)
        life = _life(body.reveal())
        _logger.info("oauth2: a token for %s", "as long as it is accepted" if life is None else f"{life:.0f} s")
        return CachedToken.with_lifetime(token, clock.monotonic(), life)

    def _failure(self, what: str, response: httpx.Response, body: Any, clock: Clock) -> Failure:
        secrets = {self._secret.reveal(), quote_plus(self._secret.reveal()), json.dumps(self._secret.reveal())[1:-1]}
        redact = Redactor.knowing(*secrets, *(value for _, value in self._form.reveal().items() if len(value) > 8))
        code, message = (redact.text(_text(body, name)) for name in ("error", "error_description"))
        _logger.warning("oauth2: status %d, no token", response.status_code)
        return failed_login(
            self._key,
            f"{self._url} {what}",
            response,
            clock,
            service="oauth2",
            operation="token",
            code=code,
            message=message,
            # A 2xx response has a token, even if it is not used.
            body=b"" if response.is_success else redact.bytes(response.content),
        )


def _basic(user: Secret[str], password: Secret[str]) -> Secret[str]:
    """Return the value of `Authorization` for HTTP basic authentication, in UTF-8 (RFC 7617)."""
    return Secret("Basic " + b64encode(f"{user.reveal()}:{password.reveal()}".encode()).decode())


def _token_url(address: Secret[Any], allow_insecure: bool) -> str:
    """Return the address, if a token can be requested from it. Raises `ValueError`, which does not repeat it."""
    url = parse_url(address) if isinstance(address.reveal(), str) else None
    if url is None or not is_server(url.reveal()) or url.reveal().userinfo or url.reveal().fragment:
        raise ValueError("token_url must be the address of a token endpoint, such as https://host/oauth2/token")
    if not allow_insecure:
        require_https(str(url.reveal()))
    return str(url.reveal())


def _life(body: Any) -> float | None:
    """Return seconds until a token expires; None if the response does not say."""
    text = str(body.get("expires_in"))
    # A token that has expired already would be requested with each call.
    return float(text) if text.isascii() and text.isdigit() and 0 < int(text[:12]) < _LONGEST_LIFE else None


def _text(body: Any, name: str) -> str | None:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None
