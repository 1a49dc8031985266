"""Makes the client of a service, wired to a replay: found by the service's name alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .._addresses import PACKAGE
from .._client import AsyncClient, Client
from .._clock import Clock
from .._operations import Operation
from ..auth import Token
from ._transport import ReplayTransport

_TOKEN = "token-of-a-replay"
_GIVEN = "p1"
"""For each parameter that a client is given once, such as a project ID."""
_URL = "https://replay.invalid"
"""A name that nobody can have (RFC 6761)."""


def made_client(
    service: str, transport: ReplayTransport, clock: Clock, options: dict[str, Any], *, asynchronous: bool
) -> Any:
    """A client whose requests go to a replay, and whose time is a clock's."""
    base = AsyncClient if asynchronous else Client
    found = import_module(f"{PACKAGE}.{service}.client")
    (made,) = (each for each in vars(found).values() if isinstance(each, type) and base in each.__bases__)
    operations = [
        each for each in vars(import_module(f"{PACKAGE}.{service}.operations")).values() if isinstance(each, Operation)
    ]
    of_client = {
        parameter.argument: _GIVEN
        for operation in operations
        for parameter in operation.parameters
        if parameter.of_client and parameter.required
    }
    given: dict[str, Any] = {"base_url": _URL, "transport": transport, **of_client}
    if any(scheme.method == "token" for operation in operations for scheme in operation.schemes):
        given["auth"] = Token(_TOKEN)
    client = made(**{**given, **options})
    client._clock = clock
    return client
