# Generated from generator/client/runtime/testing/__init__.py. Do not edit: change that, and run `make generate`.
"""A replay of the services, from their documents and recorded responses alone; needs the extra `testing`.

Recorded jobs stay as they were recorded; added jobs have the lifecycle that they are given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ._replay import RecordedRequest, Replay, ReplayJob

__all__ = ["RecordedRequest", "Replay", "ReplayJob", "replay_app"]

_PACKAGE = __name__.partition(".")[0]


@contextlib.contextmanager
def requires_extra() -> Iterator[None]:
    """Raise `ModuleNotFoundError` with the name of the extra if an import in the block fails."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == _PACKAGE:
            raise
        raise ModuleNotFoundError(f"{error.name} is missing: install {_PACKAGE}[testing]", name=error.name) from None


def replay_app(*services: str) -> ASGIApp:
    """Make an ASGI application that responds as the recorded services did; without a name, all services.

    A request is first checked against the document: 401 without credentials where the operation requires them, 400 for
    a parameter that its schema does not allow, 406 if `Accept` does not allow JSON, each in the service's own error
    format; 405 for another method of a known path, 404 for an unknown path. Any credential of the declared form passes.
    HEAD is served as GET, but it does not bring a job nearer to its end; OPTIONS names the methods of a path.

    The response is the recorded one for these path parameters, as it was recorded. Parameters that a client is given
    once (a project ID), and those that a recording's source does not show, may have any value. For other path
    parameters it is the error that is recorded for a thing that does not exist, or else a 404 in the service's format.
    `Replay` has jobs with any other lifecycle.

    A listing is cut to the `offset` and `limit` of the request, and the field that counts its items has their number,
    even if the service ignored the limit when it was recorded.

    A header `Prefer` orders a fault: `Prefer: code=503, delay=2`. There are `code`, `retry-after`, `example` (the id of
    a recording), `delay`, `slow-body`, `truncate`, `reset`, `invalid-json`, `undocumented-field`, `new-value`.

    Args:
        services: Module names of the services.

    Raises:
        ValueError: The service is unknown; or two of them have an operation with the same method and path; or a
            document has a parameter or a security scheme of a kind that no request can be checked for.
        ModuleNotFoundError: The extra is not installed.
    """
    # Imported here, so that this package can be imported, and name the extra, without it.
    with requires_extra():
        from ._router import Router
        from ._transports import ReplayApp
    return ReplayApp(Router(services))


if not TYPE_CHECKING:
    # Hidden from type checkers, which would take any name to exist.

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with requires_extra():
            from . import _replay
        return getattr(_replay, name)
