"""A simulated identity service that issues tokens, and a service that accepts them, for transports and servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import attrs
import httpx

from cloudjobs.auth import IamPassword

from .scripted_transport import FakeClock

IAM_URL = "https://iam.example.com"
PATH = "/v3/auth/tokens"
HEADER = "X-Auth-Token"
PASSWORD = 'pass"wörd-not-real'


@attrs.define
class Iam:
    """Issues `token-1`, `token-2` and so on, and knows which of them a service accepts."""

    clock: FakeClock = attrs.field(factory=FakeClock)
    life: float = 24 * 3600.0
    """Lifetime of a token in seconds."""
    ahead: float = 0.0
    """Seconds that the clocks of IAM and the service are ahead of the client's."""
    given: list[float] = attrs.field(factory=list)
    """The time at which each token was issued."""
    asked: list[dict[str, Any]] = attrs.field(factory=list)
    """The requests to IAM."""
    refused: set[str] = attrs.field(factory=set)
    """Tokens that were revoked."""

    @property
    def now(self) -> float:
        return self.clock.now() + self.ahead

    def gives(self, request: httpx.Request) -> httpx.Response:
        """Return the response of IAM."""
        self.asked.append(json.loads(request.content))
        self.given.append(self.now)
        ends = datetime.fromtimestamp(self.now + self.life, UTC).isoformat(timespec="microseconds")
        return httpx.Response(
            201,
            headers={"X-Subject-Token": f"token-{len(self.given)}", "Date": self.date},
            json={"token": {"expires_at": ends.replace("+00:00", "Z")}},
        )

    @property
    def date(self) -> str:
        """The current value of the header `Date`."""
        return format_datetime(datetime.fromtimestamp(self.now, UTC), usegmt=True)

    def takes(self, request: httpx.Request) -> bool:
        """Return whether the service accepts the token of a request."""
        token = request.headers.get(HEADER, "")
        number = int(token.rpartition("-")[2]) if token.startswith("token-") else 0
        if not 0 < number <= len(self.given) or token in self.refused:
            return False
        return self.now < self.given[number - 1] + self.life

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return the response of IAM or of the service, as the request is addressed."""
        if request.url.path == PATH:
            assert f"{request.url.scheme}://{request.url.host}" == IAM_URL
            return self.gives(request)
        assert request.url.host != httpx.URL(IAM_URL).host
        return httpx.Response(200 if self.takes(request) else 401, json={})


def password_auth(clock: FakeClock, **keywords: Any) -> IamPassword:
    """Return the credentials of a user, with the time of the clock."""
    given: dict[str, Any] = {"project": "south-1", "iam_url": IAM_URL, "header": HEADER, **keywords}
    auth = IamPassword("jane", PASSWORD, "acme", **given)
    auth._tokens.clock = clock  # type: ignore[assignment]
    return auth
