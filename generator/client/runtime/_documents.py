"""The documents and recordings that clients were made from, as data.

Services of other distributions, which use this runtime, are found by their entry points.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["document", "recordings", "services"]

_PACKAGE = __name__.rpartition(".")[0]
_DOCUMENT = "openapi.json"
_RECORDINGS = "recordings.json"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def package_files(package: str) -> Traversable:
    """The files of a package, which may be in a zip archive."""
    from importlib.resources import files  # slow to import, and most programs read no file at first

    return files(package)


@cache
def services() -> tuple[str, ...]:
    """Names of the services, sorted: those of this package, and those of installed distributions that use its runtime.

    A name that several of them have is the whole name of its package, such as `acme_jobs.tasks`.
    """
    return tuple(sorted(_modules()))


def service_module(service: str) -> str:
    """Import name of the package of a service. Raises `ValueError` for an unknown one."""
    module = _modules().get(service)
    if module is None:
        raise ValueError(f"{service!r} is not a service: choose among {', '.join(services())}")
    return module


@cache
def _modules() -> dict[str, str]:
    """Import name of each service's package."""
    from importlib.metadata import entry_points  # slow to import

    own = (entry for entry in package_files(_PACKAGE).iterdir() if entry.is_dir() and (entry / _DOCUMENT).is_file())
    found = {entry.name: f"{_PACKAGE}.{entry.name}" for entry in own}
    others = sorted({(point.name, point.value) for point in entry_points(group=f"{_PACKAGE}.services")})
    names = [*found, *(name for name, _ in others)]
    return found | {name if names.count(name) == 1 else module: module for name, module in others}


def document(service: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a service: a copy of your own.

    Its recorded responses are inlined as examples.

    Raises:
        ValueError: The service is unknown.
    """
    read: dict[str, Any] = json.loads(_text(service, _DOCUMENT))
    return read


def recordings(service: str) -> dict[str, dict[str, Any]]:
    """The recorded responses of a service by id: operation, request, status, content type, body as text, provenance.

    Raises:
        ValueError: The service is unknown.
    """
    read: dict[str, dict[str, Any]] = json.loads(_text(service, _RECORDINGS))
    return read


def _text(service: str, name: str) -> str:
    package, *folders = service_module(service).split(".")
    # From the outer package, since looking into that of the service would load its code.
    return package_files(package).joinpath(*folders, name).read_text(encoding="utf-8")


def resolve(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return the target of a reference within the document; other values are returned unchanged."""
    while "$ref" in value:
        target: Any = document
        for segment in value["$ref"].removeprefix("#/").split("/"):
            target = target[segment.replace("~1", "/").replace("~0", "~")]
        value = {**target, **{keyword: each for keyword, each in value.items() if keyword != "$ref"}}
    return value


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and definition of each operation; its parameters include those of its path."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                levels = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                # A parameter of the operation replaces the one of the path that has its location and name.
                merged = {(each["in"], each["name"]): each for each in (resolve(document, level) for level in levels)}
                yield method.upper(), path, {**item[method], "parameters": list(merged.values())}
