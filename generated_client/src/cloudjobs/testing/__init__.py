# Generated from generator/client/runtime/testing/__init__.py. Do not edit: change that, and run `make generate`.
"""A stand-in for the services, made from their documents and recorded replies alone; needs the extra `testing`.

It knows nothing that no document or recording says. Recorded jobs stay as they were recorded; others go the way that
they are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._optional_dependency import of_extra

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ._replay import RecordedRequest, Replay, ReplayJob

__all__ = ["RecordedRequest", "Replay", "ReplayJob", "replay_app"]


def replay_app(*services: str) -> ASGIApp:
    """An ASGI application that answers as the recorded services did; without a name, all services.

    A request is held to the document first: 401 without credentials where the operation asks for them, 400 for a
    parameter that its schema does not take, each in the service's own shape of an error; 405 for another method of a
    known path, 404 for an unknown path. Any credential of the declared form passes.

    The answer is the recorded reply to a request with these path parameters, as it was recorded, whatever the
    parameters that a client is given once (a project ID) and those that a recording's source does not show. For other
    path parameters it is the failure that is recorded for a thing that is not there, or else a 404 in the service's
    shape. `Replay` has jobs of any other way besides.

    A listing is cut to the `offset` and `limit` of the request, and the field that counts its items says how many are
    given. So a limit is honoured even where the service, when it was recorded, did not honour it.

    A header `Prefer` asks for a fault: `Prefer: code=503, delay=2`. There are `code`, `retry-after`, `example` (the id
    of a recording), `delay`, `slow-body`, `truncate`, `reset`, `invalid-json`, `undocumented-field`, `new-value`.

    Args:
        services: Module names of the services to stand in for.

    Raises:
        ValueError: There is no such service; or two of them have an operation with the same method and path; or a
            document has a parameter or a security scheme of a kind that no request can be checked for.
        ModuleNotFoundError: The extra is not installed.
    """
    # Imported here, so that this package can be imported, and say what is missing, without the extra.
    with of_extra():
        from ._router import Router
        from ._transports import ReplayApp
    return ReplayApp(Router(services))


if not TYPE_CHECKING:
    # A type checker is to see what there is, and not that anything might be.

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with of_extra():
            from . import _replay
        return getattr(_replay, name)
