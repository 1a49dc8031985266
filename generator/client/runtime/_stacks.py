"""httpx and httpx2: the same interface under two names.

An object of one is not an instance of the other's classes. A client takes objects of both, and its own connections are
of httpx2 where that is installed. httpx2 is imported with the first client: a program that imports this package alone
does not wait for it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

if TYPE_CHECKING:
    import httpx2

    from ._operations import Secret, SecurityScheme

    AnyAuth: TypeAlias = httpx.Auth | httpx2.Auth
    AnyTimeout: TypeAlias = httpx.Timeout | httpx2.Timeout
    AnyClient: TypeAlias = httpx.Client | httpx2.Client
    AnyAsyncClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    AnyTransport: TypeAlias = httpx.BaseTransport | httpx2.BaseTransport
    AnyAsyncTransport: TypeAlias = httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport
else:
    # For `typing.get_type_hints`: httpx2 may be missing.
    AnyAuth = httpx.Auth
    AnyTimeout = httpx.Timeout
    AnyClient = httpx.Client
    AnyAsyncClient = httpx.AsyncClient
    AnyTransport = httpx.BaseTransport
    AnyAsyncTransport = httpx.AsyncBaseTransport

_HTTPX2 = "httpx2"


def own_stack() -> ModuleType:
    """The stack for connections of our own: httpx2 if it is installed, otherwise httpx."""
    try:
        import httpx2
    except ImportError:
        return httpx
    return httpx2


def imported_stacks() -> tuple[ModuleType, ...]:
    """The stacks whose objects can exist in this process."""
    other = sys.modules.get(_HTTPX2)
    return (httpx,) if other is None else (httpx, other)


def stack_of(value: object, *kinds: str) -> ModuleType | None:
    """The stack with a class of one of these names that the value is an instance of."""
    for stack in imported_stacks():
        if any(isinstance(value, getattr(stack, kind)) for kind in kinds):
            return stack
    return None


def require_stack(argument: str, value: Secret[Any], kind: str, *others: str) -> ModuleType:
    """The stack of an argument. Raises `TypeError` if it is of neither; the text names `others`, which may be given."""
    stack = stack_of(value.reveal(), kind)
    if stack is None:
        # The value is not shown: a string is probably a credential.
        given = type(value.reveal())
        name = given.__qualname__ if given.__module__ == "builtins" else f"{_package(given)}.{given.__qualname__}"
        allowed = ", ".join((*others, f"httpx.{kind} or httpx2.{kind}"))
        raise TypeError(f"{argument} must be {allowed}, got {name}")
    return stack


def _package(kind: type[Any]) -> str:
    return kind.__module__.partition(".")[0]


def is_error(error: object, *kinds: str) -> bool:
    """Whether an exception is of one of these classes, of either stack."""
    return stack_of(error, *kinds) is not None


def errors(kind: str) -> tuple[type[Exception], ...]:
    """The exception classes of that name, for an `except` clause."""
    return tuple(getattr(stack, kind) for stack in imported_stacks())


def in_stack(request: Any, stack: ModuleType) -> Any:
    """A request as one of this stack. Its content must have been read."""
    if isinstance(request, stack.Request):
        return request
    content = request.content
    return stack.Request(
        request.method, str(request.url), headers=request.headers.raw, content=content, extensions=request.extensions
    )


if TYPE_CHECKING:

    class _Auth(httpx.Auth, httpx2.Auth):  # type: ignore[misc]
        """Type checkers know both base classes."""

else:
    _Auth = httpx.Auth


class Credentials(_Auth):
    """Base of our credentials: an `Auth` of httpx, and of httpx2 once that is imported.

    Their flows use the part of requests and responses that is equal in both.
    """

    @property
    def is_fixed(self) -> bool:
        """Whether `headers` has all that a request needs, so that no flow has to run."""
        return False

    def headers(self, schemes: Sequence[SecurityScheme]) -> dict[str, str]:
        """The headers of fixed credentials, for an operation with these schemes."""
        raise NotImplementedError

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
