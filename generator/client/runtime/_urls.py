"""Addresses of services: validation, and where credentials may be sent."""

from __future__ import annotations

import ipaddress
import os
from typing import Any

import httpx
import msgspec

from ._operations import Secret

PACKAGE = __name__.partition(".")[0]
_LAST_PORT = 65_535
_LONGEST_NAME = 253
_LONGEST_PART = 63
"""Bytes of a name, and of what stands between its dots (RFC 1035)."""


class ServiceInfo(msgspec.Struct, frozen=True):
    """What a client knows of its service as a whole."""

    name: str
    """Module name."""
    title: str

    @property
    def url_variable(self) -> str:
        """The environment variable that stands in for `base_url`."""
        return f"{PACKAGE}_{self.name}_URL".upper()


def validate_base_url(service: ServiceInfo, given: Secret[str | None]) -> str:
    """The address to put paths behind. Raises `ValueError` where there is none, or no usable one."""
    text = Secret(given.reveal() or os.environ.get(service.url_variable))
    if not text.reveal():
        raise ValueError(f"base_url is missing: give it to the client, or set {service.url_variable}")
    return validate_address("base_url", text)


def validate_address(name: str, text: Secret[Any]) -> str:
    """The address of a server, without a slash at its end.

    Args:
        name: The argument that it was given as.
        text: The address. It may hold a password, as long as it is not validated.

    Raises:
        ValueError: It is none that can be connected to, or has more than a host and a path. It is not repeated.
    """
    if not isinstance(text.reveal(), str):
        raise ValueError(f"{name} is no text: write https://host, with a path if there is one")
    url = parse_url(text)
    if url is None:
        raise ValueError(f"{name} cannot be read: write https://host, with a path if there is one")
    if not _is_server(url.reveal()):
        raise ValueError(f"{name} is no address of a server: write https://host, with a path if there is one")
    if url.reveal().userinfo or "?" in text.reveal() or "#" in text.reveal():
        raise ValueError(f"{name} has more than a host and a path: give credentials apart, and no query or fragment")
    return str(url.reveal()).rstrip("/")


def parse_url(text: Secret[str]) -> Secret[httpx.URL] | None:
    """A URL, or None if it is invalid: the errors of httpx, and what they were raised from, could quote a password."""
    try:
        return Secret(httpx.URL(text.reveal()))
    except (httpx.InvalidURL, UnicodeError):
        return None


def _is_server(url: httpx.URL) -> bool:
    return url.scheme in ("http", "https") and is_host(url.raw_host) and is_port(url.port)


def is_host(host: bytes) -> bool:
    """Whether it can be looked up: the system raises errors of its own kinds for a name with a part of no length."""
    name = host.removesuffix(b".")
    return len(name) <= _LONGEST_NAME and all(0 < len(part) <= _LONGEST_PART for part in name.split(b"."))


def is_port(port: int | None) -> bool:
    """Whether it is a port; None is that of the scheme."""
    return 0 <= (port or 0) <= _LAST_PORT


def require_https(base_url: str) -> None:
    """Raise `ValueError` where credentials could be read on their way."""
    if httpx.URL(base_url).scheme == "https" or is_local(base_url):
        return
    raise ValueError("Credentials would be sent in the clear: use https, or give allow_insecure=True")


def is_local(address: str) -> bool:
    """Whether requests to an address stay on this machine, so that a proxy must never get them."""
    return is_loopback(httpx.URL(address).host)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    # Not every supported Python looks into ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
