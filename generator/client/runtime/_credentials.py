"""Base class of the credentials that this package has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx

from ._operations import SecurityScheme
from ._stacks import imported_stacks

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
