# Generated from generator/client/runtime/cli/_services.py. Do not edit: change that, and run `make generate`.
"""What a service offers: its operations as the bundled document describes them, and the generated code that calls them.

Listing names, for help and completion, reads documents alone; the code of a service is loaded when it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import attrs

from .._addresses import PACKAGE
from .._client import Client
from .._documents import document
from .._models import Model
from .._operations import Operation

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@attrs.frozen
class Described:
    """An operation as the document has it."""

    service: str
    definition: dict[str, Any]
    _document: dict[str, Any]
    _shared: list[dict[str, Any]]

    @property
    def id(self) -> str:
        """Its operationId."""
        identity: str = self.definition["operationId"]
        return identity

    @property
    def name(self) -> str:
        """Its name on a command line."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", self.id).lower()

    @property
    def explanation(self) -> str:
        """What it does, in paragraphs."""
        parts = [f"{self.definition.get('summary', self.id)}.", self.definition.get("description", "")]
        return "\n\n".join(" ".join(part.split()) for part in parts if part)

    def parameter(self, name: str) -> dict[str, Any]:
        """The description of a parameter by its wire name, with its schema resolved."""
        for each in (*self.definition.get("parameters", ()), *self._shared):
            found = self._resolved(each)
            if found.get("name") == name:
                return {**found, "schema": self._resolved(found.get("schema", {}))}
        return {"schema": {}}

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        while isinstance(reference := value.get("$ref"), str):
            target: Any = self._document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = {**target, **{key: held for key, held in value.items() if key != "$ref"}}
        return value


@cache
def described(service: str) -> tuple[Described, ...]:
    """The operations of a service."""
    return tuple(_described(service, document(service)))


def _described(service: str, whole: dict[str, Any]) -> Iterator[Described]:
    for item in whole["paths"].values():
        for method in _METHODS:
            if method in item:
                yield Described(service, item[method], whole, item.get("parameters", []))


def title(service: str) -> str:
    """What the document calls the service."""
    text: str = document(service)["info"]["title"]
    return text


def operation(service: str, identity: str) -> Operation[Any]:
    """The generated operation of that operationId."""
    held = vars(_module(service, "operations")).values()
    return next(each for each in held if isinstance(each, Operation) and each.id == identity)


def client_class(service: str) -> type[Client]:
    """The generated synchronous client."""
    held = vars(_module(service, "client")).values()
    return next(each for each in held if isinstance(each, type) and issubclass(each, Client) and each is not Client)


def job_models(service: str) -> list[type[Model]]:
    """The models of the service that are jobs or parts of jobs; all its models where none is."""
    held = vars(_module(service, "models")).values()
    found = [each for each in held if isinstance(each, type) and issubclass(each, Model) and each is not Model]
    return [each for each in found if hasattr(each, "__job__")] or found


def variables(service: str, name: str) -> list[str]:
    """The environment variables that stand in for a setting: of the service, and of all."""
    return [f"{PACKAGE}_{service}_{name}".upper(), f"{PACKAGE}_{name}".upper()]


def _module(service: str, name: str) -> Any:
    return import_module(f"..{service}.{name}", __package__)
