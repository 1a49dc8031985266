# Generated from generator/client/runtime/cli/_client_factory.py. Do not edit: change that, and run `make generate`.
"""Clients for commands: the operations of a service, addresses, credentials, warnings.

Help and completion read documents only; the code of a service is loaded when it is called.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import attrs
import httpx

from .._client import Client
from .._documents import document, operations, service_module
from .._models import Model
from .._operations import Operation, Secret, is_credential
from .._urls import PACKAGE, argument_variables, environment_region, require_https, validate_base_url
from .._validation import FlatSchema, ServiceSchemas
from ..auth import from_environment
from ._console import warn


@attrs.frozen
class OperationInfo:
    """An operation of the document."""

    service: str
    definition: dict[str, Any]
    _schemas: ServiceSchemas = attrs.field(repr=False)

    @property
    def id(self) -> str:
        """The operationId."""
        operation_id: str = self.definition["operationId"]
        return operation_id

    @property
    def name(self) -> str:
        """The name on a command line."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", self.id).lower()

    @property
    def explanation(self) -> str:
        """The summary and the description, in paragraphs."""
        paragraphs = [f"{self.definition.get('summary', self.id)}.", self.definition.get("description", "")]
        return "\n\n".join(" ".join(each.split()) for each in paragraphs if each)

    def parameter(self, name: str) -> tuple[str, FlatSchema]:
        """Return the description and the schema of a parameter by its wire name."""
        found: dict[str, Any] = next((each for each in self.definition["parameters"] if each["name"] == name), {})
        return " ".join(str(found.get("description", "")).split()), self._schemas.node(found.get("schema", {}))


@cache
def operation_infos(service: str) -> tuple[OperationInfo, ...]:
    """Return the operations of a service."""
    schemas = ServiceSchemas(document(service))
    return tuple(OperationInfo(service, each, schemas) for _, _, each in operations(schemas.document))


def title(service: str) -> str:
    """Return the title of a service's document."""
    string: str = document(service)["info"]["title"]
    return string


def operation(service: str, operation_id: str) -> Operation[Any]:
    """Return the generated operation of that operationId."""
    held = vars(_module(service, "operations")).values()
    return next(each for each in held if isinstance(each, Operation) and each.id == operation_id)


def client_class(service: str) -> type[Client]:
    """Return the generated synchronous client."""
    held = vars(_module(service, "client")).values()
    return next(each for each in held if isinstance(each, type) and issubclass(each, Client) and each is not Client)


def job_models(service: str) -> list[type[Model]]:
    """Return the models of jobs and their children; all models of the service without any."""
    held = vars(_module(service, "models")).values()
    found = [each for each in held if isinstance(each, type) and issubclass(each, Model) and each is not Model]
    return [each for each in found if hasattr(each, "__job__")] or found


def _module(service: str, name: str) -> Any:
    return import_module(f"{service_module(service)}.{name}")


class ConfigurationError(ValueError):
    """A setting is missing or invalid; the message says how to give it."""


@attrs.frozen
class Settings:
    """The settings of a command's client."""

    base_url: Secret[str] | None
    """It can hold a password, which is then rejected."""
    region: str | None
    headers: tuple[Secret[tuple[str, str]], ...]
    of_client: Mapping[str, str | None]
    max_retries: int
    strict: bool
    verbose: bool


@contextmanager
def session(operation: Operation[Any], settings: Settings) -> Iterator[Client]:
    """Make a client, and write its warnings to standard error, until the block ends.

    Raises:
        ConfigurationError: The address is missing, or credentials that the service requires.
        ValueError: One of them is invalid.
    """
    service = operation.service
    client_type: Any = client_class(service)
    given = Secret(settings.base_url.reveal() if settings.base_url else None)
    if not given.reveal() and not settings.region and environment_region(client_type._service) is None:
        variable = argument_variables(service, "url")[0]
        options = "--base-url or --region" if client_type._service.servers else "--base-url"
        raise ConfigurationError(f"no address of {service}: give {options}, or set {variable}")
    base_url = validate_base_url(client_type._service, given, settings.region)
    headers = Secret(dict(each.reveal() for each in settings.headers))
    credentials = _credentials(operation, base_url, any(map(is_credential, headers.reveal())))
    with (
        _log_to_stderr(settings.verbose),
        client_type(
            base_url,
            **settings.of_client,
            auth=credentials,
            strict=settings.strict,
            max_retries=settings.max_retries,
        ) as client,
    ):
        yield client.with_options(headers=headers.reveal()) if headers.reveal() else client


def _credentials(operation: Operation[Any], base_url: str, are_given: bool) -> httpx.Auth | None:
    """The credentials of the environment, unless a header has some."""
    if not operation.schemes:
        return None
    try:
        found = None if are_given else from_environment(operation.service)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    try:
        require_https(base_url)
    except ValueError:
        raise ConfigurationError(
            "credentials would be sent in the clear: use https, or http to this machine alone"
        ) from None
    return found


class _Warnings(logging.Handler):
    """Writes records as lines to the current standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "warning" if record.levelno >= logging.WARNING else "info"
        warn(f"{level}: {record.getMessage()}")


@contextmanager
def _log_to_stderr(verbose: bool) -> Iterator[None]:
    """Write the client's log to standard error: deviations and unknown states; if `verbose`, requests and retries."""
    logger, handler = logging.getLogger(PACKAGE), _Warnings()
    before = logger.level
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
