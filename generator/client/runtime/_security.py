"""What a document says of authentication: the schemes of an operation, and the header that a credential goes to."""

from __future__ import annotations

from collections.abc import Sequence

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


class Secret:
    """A credential that shows itself to nobody: not in a repr, not among the variables of a traceback."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def of_header(cls, text: str, what: str) -> Secret:
        """One that is sent in a header. Raises `ValueError`, which does not show it, where it cannot stand in one."""
        if not isinstance(text, str) or not text or not is_header_value(text):
            raise ValueError(f"{what} is empty, or has characters or spaces around it that cannot stand in a header")
        return cls(text)

    def reveal(self) -> str:
        """The credential itself. Keep it in no variable."""
        return self._text

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

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


def check_length(schemes: Sequence[Scheme], token: Secret) -> None:
    """Raise `ValueError` where a token is longer than documented."""
    declared = _declared(schemes, "token")
    longest = declared.max_length if declared else None
    if longest is not None and len(token) > longest:
        raise ValueError(f"The token has {len(token)} characters, and the service takes at most {longest}")


def _declared(schemes: Sequence[Scheme], method: str) -> Scheme | None:
    return next((scheme for scheme in schemes if scheme.method == method), None)
