"""The documents and recordings that the client was made from, as data."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["document", "recordings", "services"]

_PACKAGE = __name__.rpartition(".")[0]
_DOCUMENT = "openapi.json"
_RECORDINGS = "recordings.json"


@cache
def services() -> tuple[str, ...]:
    """Module names of the services, sorted."""
    package = files(_PACKAGE)
    return tuple(sorted(entry.name for entry in package.iterdir() if entry.is_dir() and (entry / _DOCUMENT).is_file()))


def document(service: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a service: a copy of your own.

    Its recorded replies are inlined as examples.

    Raises:
        ValueError: There is no such service.
    """
    read: dict[str, Any] = json.loads(_text(service, _DOCUMENT))
    return read


def recordings(service: str) -> dict[str, dict[str, Any]]:
    """The recorded replies of a service by id: operation, request, status, content type, body as text, provenance.

    Raises:
        ValueError: There is no such service.
    """
    read: dict[str, dict[str, Any]] = json.loads(_text(service, _RECORDINGS))
    return read


def _text(service: str, name: str) -> str:
    if service not in services():
        raise ValueError(f"{service!r} is no service: choose among {', '.join(services())}")
    return (files(_PACKAGE) / service / name).read_text(encoding="utf-8")
