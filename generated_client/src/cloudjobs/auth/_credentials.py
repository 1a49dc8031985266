# Generated from generator/client/runtime/auth/_credentials.py. Do not edit: change that, and run `make generate`.
"""Base class of the credentials, and the simplest kind: a token."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx

from .._messages import limit_aside
from .._operations import Secret, SecurityScheme, check_length, is_unicode, scheme_of, schemes_of, validate_header_name
from .._stacks import imported_stacks

if TYPE_CHECKING:
    import httpx2

    class _Auth(httpx.Auth, httpx2.Auth):  # type: ignore[misc]
        """Type checkers know both base classes."""

else:
    _Auth = httpx.Auth


class Credentials(_Auth):
    """Base of our credentials: an `Auth` of httpx, and of httpx2 once that is imported.

    Their flows use the part of requests and responses that is equal in both.
    """

    def fixed_headers(self, schemes: Sequence[SecurityScheme]) -> Secret[dict[str, str]] | None:
        """Return the headers with the credentials for an operation with these schemes; None if a flow has to run."""
        return None

    if not TYPE_CHECKING:

        @property
        def __class__(self) -> type[Credentials]:
            # `isinstance` asks for it if the type itself is not an instance. So a client of httpx2 accepts credentials
            # that were made before httpx2 was imported, and those of a program without it have one base class.
            return _class_in(type(self), *imported_stacks()[1:])


@cache
def _class_in(kind: type[Any], *others: ModuleType) -> type[Any]:
    return (
        type(kind.__name__, (kind, *(stack.Auth for stack in others)), {"__module__": kind.__module__})
        if others
        else kind
    )


class Token(Credentials):
    """A token, sent in the header that the service's document names: as it is, or after `Bearer`.

    Args:
        value: The token, such as the `X-Subject-Token` that IAM returned; or a function that returns one. It is called
        for each request, so it should cache the token, and again after a 401: if it then returns a different token, the
        request is retried once. In an asynchronous client it may be asynchronous. Its exceptions are not caught.
        header: Name of the header, for a service that declares no token.

    Raises:
        ValueError: The token is empty or not valid in a header; or, when a request is made, the service declares no
            token and no header was given, or the token is longer than documented.
    """

    def __init__(self, value: str | Callable[[], str | Awaitable[str]], *, header: str | None = None) -> None:
        self._source = value if callable(value) else None
        given = Secret(value)
        del value  # the variables of a frame are shown with an error
        self._header = validate_header_name(header)
        self._fixed = None if self._source else Secret.of_header(given, "the token")

    def __repr__(self) -> str:
        return "Token('***')"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Token cannot be pickled, since it is a secret: make one in the other process")

    def fixed_headers(self, schemes: Sequence[SecurityScheme]) -> Secret[dict[str, str]] | None:
        """Return the header with the token; None if a function gives it. Raises as the class says."""
        if self._fixed is None:
            return None
        scheme = self._checked(schemes, self._fixed)
        return Secret({scheme.header: scheme.prefix + self._fixed.reveal()})

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        token = self._fixed or self._called()
        response = yield self._with(request, token)
        if self._fixed is None and response.status_code == 401 and (newer := self._called()) != token:
            limit_aside(response)
            yield self._with(request, newer)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        token = self._fixed or await self._awaited()
        response = yield self._with(request, token)
        if self._fixed is None and response.status_code == 401 and (newer := await self._awaited()) != token:
            limit_aside(response)
            yield self._with(request, newer)

    def _called(self) -> Secret[str]:
        assert self._source is not None
        given: Secret[Any] = Secret(self._source())
        if inspect.isawaitable(given.reveal()):
            if inspect.iscoroutine(given.reveal()):
                given.reveal().close()
            raise ValueError(
                "the token function must be synchronous, got an asynchronous one: use an asynchronous client"
            )
        return Secret.of_header(given, "the token that the function returned")

    async def _awaited(self) -> Secret[str]:
        assert self._source is not None
        given: Secret[Any] = Secret(self._source())
        if inspect.isawaitable(given.reveal()):
            given = Secret(await given.reveal())
        return Secret.of_header(given, "the token that the function returned")

    def _with(self, request: Any, token: Secret[str]) -> Any:
        scheme = self._checked(schemes_of(request), token)
        request.headers[scheme.header] = scheme.prefix + token.reveal()
        return request

    def _checked(self, schemes: Sequence[SecurityScheme], token: Secret[str]) -> SecurityScheme:
        scheme = scheme_of(schemes, ("token", "oauth2"), self._header, "Token")
        check_length(scheme, token)
        return scheme


def require_texts(owner: str, given: Mapping[str, Secret[Any]]) -> None:
    """Raise `ValueError` unless all are Unicode text, which the message does not show."""
    if missing := [name for name, value in given.items() if not value.reveal()]:
        raise ValueError(f"{', '.join(missing)} of {owner} must not be empty")
    if wrong := [name for name, value in given.items() if not isinstance(value.reveal(), str)]:
        raise ValueError(f"{', '.join(wrong)} of {owner} must be a str, got another type")
    if wrong := [name for name, value in given.items() if not is_unicode(value.reveal())]:
        raise ValueError(
            f"{', '.join(wrong)} of {owner} must be valid Unicode, got a lone surrogate: decode it as UTF-8"
        )
