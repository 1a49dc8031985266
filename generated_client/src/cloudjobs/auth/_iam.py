# Generated from generator/client/runtime/auth/_iam.py. Do not edit: change that, and run `make generate`.
"""A user's name and password, for which IAM gives a token that is kept and renewed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from concurrent.futures import TimeoutError as TooLong
from typing import Any

import httpx

from .._addresses import checked_address, must_be_private
from .._headers import is_unicode
from .._http import limit_aside
from .._security import Secret, check_length, checked_header, header_of, schemes_of
from ._login import DEFAULT_IAM, Login
from ._renewal import Failure, Kept, Renewal, Tokens


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
        self._header = checked_header(header)
        url = checked_address("iam_url", iam_url)
        if not allow_insecure:
            must_be_private(url)
        url = url.removesuffix("/v3").rstrip("/")
        self._addresses = (url,)
        self._login = Login(url, user, hidden, domain, {"id": project_id} if project_id else {"name": project or ""})
        self._tokens = Tokens()

    def __repr__(self) -> str:
        return "IamPassword('***')"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A password is not pickled, since it is a secret: give the other process its own")

    # The two flows are one, but for how they wait.

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        refused: Secret[str] | None = None
        while True:
            found, mine = self._tokens.take(refused, blocking=True)
            if isinstance(found, Renewal) and mine:
                with found:
                    outcome: Kept | Failure | None = self._login.refusal()
                    if outcome is None:
                        response = yield self._login.question(request)
                        limit_aside(response)
                        response.read()
                        outcome = self._login.answer(response, self._tokens.clock)
                    found.settle(outcome)
            kept = found if isinstance(found, Kept) else self._tokens.after(_waited_for(found, request))
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
            if isinstance(found, Renewal) and mine:
                with found:
                    outcome: Kept | Failure | None = self._login.refusal()
                    if outcome is None:
                        response = yield self._login.question(request)
                        limit_aside(response)
                        await response.aread()
                        outcome = self._login.answer(response, self._tokens.clock)
                    found.settle(outcome)
            kept = found if isinstance(found, Kept) else self._tokens.after(await _awaited(found))
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


def _waited_for(renewal: Renewal, request: httpx.Request) -> Kept | Failure | None:
    """The outcome of a renewal that another thread makes, or that is done."""
    longest = request.extensions.get("timeout", {}).get("read")
    try:
        return renewal.outcome.result(longest)
    except TooLong:
        raise httpx.ReadTimeout("another call renews the token, and takes too long") from None


async def _awaited(renewal: Renewal) -> Kept | Failure | None:
    """The outcome of a renewal that another task or thread makes, or that is done."""
    import asyncio  # not at the top: it takes a while, and synchronous programs do without

    # Shielded, since who gives up waiting does not end the renewal for all others.
    return await asyncio.shield(asyncio.wrap_future(renewal.outcome))
