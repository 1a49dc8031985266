"""What a document says of authentication: the schemes of an operation, and the header that a credential goes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import httpx
import msgspec

from ._headers import header_name, is_header_value

SCHEMES_EXTENSION = "cloudjobs.schemes"
"""Key of the request extension in which the client passes the operation's security schemes."""

_CALLED = {"token": "token", "aksk": "signature by an access key"}


class Scheme(msgspec.Struct, frozen=True):
    """One way to authenticate an operation, as its document declares it."""

    method: str
    """What it is: `token`, for `Token` and `IamPassword`, or `aksk`, for `AkSk`."""
    header: str
    """The header that carries the credential."""
    max_length: int | None = None
    """Documented maximum of the credential in characters."""


T = TypeVar("T")


class Opaque:
    """A base of structures with fields that rich is not to show: it does not call their repr."""

    __slots__ = ()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Secret(Generic[T]):
    """A credential, or something that holds one, which shows itself to nobody: not in a repr, not among the variables
    of a traceback. It is no mapping and no sequence, since tools that report errors go through those.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    @classmethod
    def of_header(cls, text: Any, what: str) -> Secret[str]:
        """One that is sent in a header. Raises `ValueError`, which does not show it, where it cannot stand in one.

        Args:
            text: The credential. A `Secret` of it keeps it out of the variables of the caller.
            what: What it is, for the error.
        """
        secret: Secret[Any] = text if isinstance(text, Secret) else Secret(text)
        del text
        if not isinstance(secret.reveal(), str) or not secret.reveal() or not is_header_value(secret.reveal()):
            raise ValueError(f"{what} is empty, or has characters or spaces around it that cannot stand in a header")
        return secret

    def reveal(self) -> T:
        """The credential itself. Keep it in no variable."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "'***'"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A credential is not pickled, since it is a secret: give the other process its own")


def checked_header(name: str | None) -> str | None:
    """The name, if HTTP takes it for a header. Raises `ValueError`."""
    return None if name is None else header_name(name)


def schemes_of(request: httpx.Request) -> Sequence[Scheme]:
    """The schemes of the operation that a request is for; none for a request that is not ours."""
    found: Sequence[Scheme] = request.extensions.get(SCHEMES_EXTENSION, ())
    return found


def header_of(schemes: Sequence[Scheme], method: str, given: str | None, whose: str) -> str:
    """The header that a credential goes to.

    Args:
        schemes: What the operation declares.
        method: What the credential is.
        given: The header that the caller named, which goes before that of the document.
        whose: The class that asks.

    Raises:
        ValueError: Nothing of that kind is declared, and no header was given.
    """
    declared = _declared(schemes, method)
    header = given or (declared.header if declared else None)
    if header is None:
        raise ValueError(
            f"The service declares no {_CALLED[method]}: give {whose} a header name, or use another httpx.Auth"
        )
    return header


def check_length(schemes: Sequence[Scheme], token: Secret[str]) -> None:
    """Raise `ValueError` where a token is longer than documented."""
    declared = _declared(schemes, "token")
    longest = declared.max_length if declared else None
    if longest is not None and len(token.reveal()) > longest:
        raise ValueError(f"The token has {len(token.reveal())} characters, and the service takes at most {longest}")


def _declared(schemes: Sequence[Scheme], method: str) -> Scheme | None:
    return next((scheme for scheme in schemes if scheme.method == method), None)
