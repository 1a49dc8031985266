# Generated from generator/client/runtime/_stacks.py. Do not edit: change that, and run `make generate`.
"""httpx and httpx2: the same interface under two names.

An object of one is not an instance of the other's classes. A client takes objects of both, and its own connections are
of httpx2 where that is installed. Both are imported with the first client: a program that imports this package alone,
as a command line does before it shows its help, does not wait for them.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import httpx
    import httpx2

    from ._operations import Secret

    AnyAuth: TypeAlias = httpx.Auth | httpx2.Auth
    AnyTimeout: TypeAlias = httpx.Timeout | httpx2.Timeout
    AnyClient: TypeAlias = httpx.Client | httpx2.Client
    AnyAsyncClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    AnyTransport: TypeAlias = httpx.BaseTransport | httpx2.BaseTransport
    AnyAsyncTransport: TypeAlias = httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport
else:
    # For `typing.get_type_hints`, which needs a value.
    AnyAuth = AnyTimeout = AnyClient = AnyAsyncClient = AnyTransport = AnyAsyncTransport = Any

_HTTPX2 = "httpx2"


def own_stack() -> ModuleType:
    """Return the stack for connections of our own: httpx2 if it is installed, otherwise httpx."""
    try:
        import httpx2
    except ImportError:
        return default_stack()
    return httpx2


def default_stack() -> ModuleType:
    """Return httpx, which is always installed."""
    import httpx

    return httpx


def imported_stacks() -> tuple[ModuleType, ...]:
    """Return the stacks that are imported in this process."""
    other = sys.modules.get(_HTTPX2)
    return (default_stack(),) if other is None else (default_stack(), other)


def stack_of(value: object, *kinds: str) -> ModuleType | None:
    """Return the stack with a class of one of these names that the value is an instance of."""
    for stack in imported_stacks():
        if any(isinstance(value, getattr(stack, kind)) for kind in kinds):
            return stack
    return None


def require_stack(argument: str, value: Secret[Any], kind: str, *others: str) -> ModuleType:
    """Return the stack of an argument.

    Raises `TypeError` if it is of neither; the text names `others`, which may be given.
    """
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
    """Return whether an exception is of one of these classes, of either stack."""
    return stack_of(error, *kinds) is not None


def errors(kind: str) -> tuple[type[Exception], ...]:
    """Return the exception classes of that name, for an `except` clause."""
    return tuple(getattr(stack, kind) for stack in imported_stacks())


def in_stack(request: Any, stack: ModuleType) -> Any:
    """Return a request as one of this stack. Its content must have been read."""
    if isinstance(request, stack.Request):
        return request
    content = request.content
    return stack.Request(
        request.method, str(request.url), headers=request.headers.raw, content=content, extensions=request.extensions
    )
