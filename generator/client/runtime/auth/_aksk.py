"""AK/SK: an access key and its secret sign each request (`SDK-HMAC-SHA256`)."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from .._clock import Clock
from .._jobs import http_date
from .._operations import Secret, scheme_of, schemes_of, validate_header_name
from ._credentials import Credentials

ALGORITHM = "SDK-HMAC-SHA256"

DATE_HEADER = "X-Sdk-Date"

DATE_FORMAT = "%Y%m%dT%H%M%SZ"

_BODY_HASH_HEADER = "X-Sdk-Content-Sha256"

_UNSIGNED = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "proxy-authorization",
    "transfer-encoding",
    "user-agent",
}
"""Headers that proxies may change, or that are not set yet."""


def authorization(request: Any, key: Secret[str], secret: Secret[str]) -> str:
    """Return the value of the header that carries the signature. The request has its date and its body already."""
    names = sorted(name for name in request.headers if name not in _UNSIGNED and "_" not in name)
    signed = ";".join(names)
    to_sign = "\n".join([ALGORITHM, request.headers[DATE_HEADER], _digest(_canonical(request, names).encode())])
    signature = Secret(hmac.new(secret.reveal().encode(), to_sign.encode(), hashlib.sha256).hexdigest())
    return f"{ALGORITHM} Access={key.reveal()}, SignedHeaders={signed}, Signature={signature.reveal()}"


def _canonical(request: Any, names: Iterable[str]) -> str:
    """Return the canonical request. Path and query are decoded first, so their encoding in the URL does not matter."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    headers = Secret("".join(f"{name}:{request.headers[name].strip()}\n" for name in names))
    place = _quoted(unquote(path), "/")
    return "\n".join(
        [
            request.method.upper(),
            place if place.endswith("/") else f"{place}/",
            "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs),
            headers.reveal(),
            ";".join(names),
            _body_hash(request),
        ]
    )


def _body_hash(request: Any) -> str:
    given = request.headers.get(_BODY_HASH_HEADER) if request.content else None
    return given or _digest(request.content)


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=f"~{safe}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_logger = logging.getLogger(__name__)

_SKEW = 60.0
"""Least difference of the clocks, in seconds, for a retry. A service refuses a difference of some minutes, and may lock
a key after a few refusals, so a retry needs a reason."""


_FIRST, _LAST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2020, 2100))
"""Plausible times of a service. A `Date` outside of them is wrong."""


class AkSk(Credentials):
    """An access key and its secret, which sign each request with `SDK-HMAC-SHA256`. The secret itself is never sent.

    A signature contains its time. If the service refuses a request and its `Date` differs from this machine's clock,
    the request is signed with the service's time and sent once more. Later requests are signed with the service's time
    too.

    Args:
        ak: Access key ID.
        sk: Its secret.
        security_token: The token of a temporary key.
        project_id: The project that is sent, and signed, as `X-Project-Id`: required if the project does not belong to
        the key.
        header: Name of the header that the signature goes to, for a service that declares no signature.

    Raises:
        ValueError: One of them is empty or cannot be sent; or, when a request is made, the service declares no
            signature and no header was given.
    """

    requires_request_body = True

    def __init__(
        self,
        ak: str,
        sk: str,
        security_token: str | None = None,
        *,
        project_id: str | None = None,
        header: str | None = None,
    ) -> None:
        key, secret, temporary = Secret(ak), Secret(sk), Secret(security_token)
        del ak, sk, security_token  # the variables of a frame are shown with an error
        self._key = Secret.of_header(key, "ak (access key)")
        if "," in key.reveal() or " " in key.reveal():
            raise ValueError("ak (access key) must not contain a comma or a space")
        # It is not sent, but a line break in it means that it was read incorrectly.
        self._secret = Secret.of_header(secret, "sk (secret key)")
        self._headers: dict[str, Secret[str]] = {}
        if temporary.reveal() is not None:
            self._headers["X-Security-Token"] = Secret.of_header(temporary, "security_token")
        if project_id is not None:
            self._headers["X-Project-Id"] = Secret.of_header(project_id, "project_id")
        self._header = validate_header_name(header)
        self._skew = 0.0
        self._clock = Clock()

    def __repr__(self) -> str:
        return "AkSk('***')"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an AkSk cannot be pickled, since it is a secret: make one in the other process")

    def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        skew = self._skew
        response = yield self._signed(request, skew)
        if response.status_code in (401, 403):
            found = self._skew_of(response)
            # Compared with the time of this request's signature: another call may have corrected the clock meanwhile.
            if abs(found - skew) >= _SKEW:
                self._skew = found
                _logger.warning(
                    "the local clock is %.0f s ahead of the service's: signing with the service's time", -found
                )
                yield self._signed(request, found)

    def _signed(self, request: Any, skew: float) -> Any:
        header = scheme_of(schemes_of(request), ("aksk",), self._header, "AkSk").header
        request.headers.pop(header, None)
        now = datetime.fromtimestamp(self._clock.now() + skew, UTC)
        request.headers[DATE_HEADER] = now.strftime(DATE_FORMAT)
        for name, value in self._headers.items():
            request.headers[name] = value.reveal()
        request.headers[header] = authorization(request, self._key, self._secret)
        return request

    def _skew_of(self, response: Any) -> float:
        """Return the seconds that the service is ahead of this machine; the earlier value without a valid `Date`."""
        told = http_date(response.headers.get("Date", ""))
        return self._skew if told is None or not _FIRST <= told < _LAST else told - self._clock.now()
