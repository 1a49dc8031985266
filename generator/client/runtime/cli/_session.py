"""Opens a client for one command: where it calls, with which credentials, and what it says on standard error."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import httpx

from .._addresses import PACKAGE, checked_base_url, must_be_private, own_http, without_proxy
from .._client import Client
from .._operations import Operation
from .._options import DEFAULT_TIMEOUT
from ..auth import from_environment
from ._screen import warn
from ._services import client_class, variables


class Unusable(ValueError):
    """What is missing before anything can be asked, and how to give it."""


@attrs.frozen
class Settings:
    """What a command chooses for its client."""

    base_url: str | None
    of_client: Mapping[str, str | None]
    max_retries: int
    strict: bool
    verbose: bool


@contextmanager
def session(operation: Operation[Any], settings: Settings) -> Iterator[Client]:
    """A client, and its warnings on standard error, until the block ends.

    Raises:
        Unusable: There is no address, or there are no credentials though the service asks for some.
        ValueError: One of them cannot be used.
    """
    service = operation.service
    if not settings.base_url:
        raise Unusable(f"no address of {service}: give --base-url, or set {variables(service, 'URL')[0]}")
    made: Any = client_class(service)
    base_url = checked_base_url(made._service, settings.base_url)
    credentials = _credentials(operation, base_url)
    with _reporting(settings.verbose), _http(base_url, *getattr(credentials, "_addresses", ())) as http:
        client: Client = made(
            settings.base_url,
            **settings.of_client,
            auth=credentials,
            strict=settings.strict,
            max_retries=settings.max_retries,
            http_client=http,
        )
        yield client


def _credentials(operation: Operation[Any], base_url: str) -> httpx.Auth | None:
    if not operation.schemes:
        return None
    try:
        found = from_environment(operation.service)
    except ValueError as error:
        raise Unusable(str(error)) from None
    try:
        must_be_private(base_url)
    except ValueError:
        raise Unusable("credentials would be sent in the clear: use https, or http to this machine alone") from None
    return found


def _http(*addresses: str) -> httpx.Client:
    try:
        return own_http(httpx.Client, timeout=DEFAULT_TIMEOUT, mounts=without_proxy(*addresses))
    except OSError as error:
        raise Unusable(f"the certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {error.strerror}") from None
    except ImportError as error:
        # Of a proxy that httpx needs another package for.
        raise Unusable(str(error)) from None


class _Warnings(logging.Handler):
    """Writes records as lines of standard error, whatever that is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "warning" if record.levelno >= logging.WARNING else "info"
        warn(f"{level}: {record.getMessage()}")


@contextmanager
def _reporting(verbose: bool) -> Iterator[None]:
    """Show what the client logs: deviations from the document and unknown states, once each; with `verbose` more."""
    logger, handler = logging.getLogger(PACKAGE), _Warnings()
    before = logger.level
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
