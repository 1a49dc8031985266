# Generated from generator/client/runtime/auth.py. Do not edit: change that, and run `make generate`.
"""Credentials, as `httpx.Auth`: for a client's `auth` keyword, or for an `httpx.Client` of your own.

Which header a credential goes to, and how long it may be, is the service's affair: the client tells it with each
request, from the service's document.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

import httpx
import msgspec

__all__ = ["Token"]

SCHEMES_EXTENSION = "cloudjobs.schemes"
"""Key of the request extension in which the client passes the operation's security schemes."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


class Scheme(msgspec.Struct, frozen=True):
    """One way to authenticate an operation, as its document declares it."""

    method: str
    """Which of the classes of this module it is: `token` or `aksk`."""
    header: str
    """The header that carries the credential."""
    max_length: int | None = None
    """Documented maximum of the credential in characters."""


class Token(httpx.Auth):
    """A token, sent as it is in the header that the service's document names.

    Args:
        value: The token, such as the `X-Subject-Token` that IAM returned.
        header: Name of the header, for a service whose document declares no token.

    Raises:
        ValueError: The value is empty or cannot stand in a header; or, when a request is made, the service declares no
            token and no header was given, or the token is longer than documented.
    """

    def __init__(self, value: str, *, header: str | None = None) -> None:
        if header is not None and not _HEADER_NAME.fullmatch(header):
            raise ValueError(f"{header!r} is no name of a header")
        if not _HEADER_TEXT.fullmatch(value):
            raise ValueError("The token is empty, or has characters or spaces around it that cannot stand in a header")
        self._value = value
        self._header = header

    def __repr__(self) -> str:
        return "Token('***')"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A token is not pickled, since it is a secret: give the other process its own")

    def headers(self, schemes: Sequence[Scheme]) -> dict[str, str]:
        """The header that carries the token, for an operation with these schemes. Raises as the class says."""
        declared = next((scheme for scheme in schemes if scheme.method == "token"), None)
        header = self._header or (declared.header if declared else None)
        if header is None:
            raise ValueError("The service declares no token: give Token a header name, or use another httpx.Auth")
        longest = declared.max_length if declared else None
        if longest is not None and len(self._value) > longest:
            raise ValueError(f"The token has {len(self._value)} characters, and the service takes at most {longest}")
        return {header: self._value}

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        for name, value in self.headers(request.extensions.get(SCHEMES_EXTENSION, ())).items():
            request.headers[name] = value
        yield request
