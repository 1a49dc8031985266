# Generated from generator/client/runtime/_urls.py. Do not edit: change that, and run `make generate`.
"""Addresses of services: validation, and where credentials may be sent."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import msgspec

from ._operations import Secret

if TYPE_CHECKING:
    import httpx

PACKAGE = __name__.partition(".")[0]
_LAST_PORT = 65_535
_LONGEST_NAME = 253
_LONGEST_PART = 63
"""Longest host name, and longest part of it between dots, in bytes (RFC 1035)."""


class RegionServer(msgspec.Struct, frozen=True):
    """A server of the document with a region in its address."""

    url: str
    """With `{region}` in it."""
    regions: tuple[str, ...] = ()
    """The regions that it serves; empty for any."""


class ServiceInfo(msgspec.Struct, frozen=True):
    """The data of a service that a client needs."""

    name: str
    """Module name."""
    title: str
    credentials: tuple[str, ...] = ()
    """Names of the classes of credentials that its operations take."""
    servers: tuple[RegionServer, ...] = ()
    """The servers with a region in their address."""

    @property
    def needs_credentials(self) -> bool:
        """Whether an operation declares security schemes."""
        return bool(self.credentials)

    @property
    def url_variable(self) -> str:
        """The environment variable that replaces `base_url`."""
        return f"{PACKAGE}_{self.name}_URL".upper()


_OF_SDK = {"project_id": ("HUAWEICLOUD_SDK_PROJECT_ID",)}
"""Variables of the vendor's SDK, by the client's argument."""


def argument_variables(service: str, argument: str) -> list[str]:
    """Return the environment variables of a client's argument: of the service, of all services, of the SDK."""
    return [f"{PACKAGE}_{service}_{argument}".upper(), f"{PACKAGE}_{argument}".upper(), *_OF_SDK.get(argument, ())]


def environment_argument(service: str, argument: str) -> str | None:
    """Return the value of an argument that the environment has."""
    return next((value for name in argument_variables(service, argument) if (value := os.environ.get(name))), None)


_REGION_VARIABLE = f"{PACKAGE}_REGION".upper()
_REGION = r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"


def validate_base_url(service: ServiceInfo, given: Secret[str | None], region: str | None = None) -> str:
    """Return the base URL: the given one, that of the region, or one from the environment.

    Raises:
        ValueError: It is missing or invalid, or both an address and a region are given.
    """
    if given.reveal() and region is not None:
        raise ValueError("base_url must be given without a region, got both: the address of a region is known")
    if region is not None:
        return _region_url(service, "region", region)
    text = Secret(given.reveal() or os.environ.get(service.url_variable))
    if text.reveal():
        return validate_address("base_url", text)
    if (name := environment_region(service)) is not None:
        return _region_url(service, _REGION_VARIABLE, name)
    hint = f"base_url is missing: pass it to the client, or set {service.url_variable}"
    raise ValueError(f"{hint}; or pass region, or set {_REGION_VARIABLE}" if service.servers else hint)


def environment_region(service: ServiceInfo) -> str | None:
    """Return the region that the environment has, for a service that has regions."""
    return os.environ.get(_REGION_VARIABLE) or None if service.servers else None


def _region_url(service: ServiceInfo, name: str, region: str) -> str:
    """Return the address of a region. Raises `ValueError` if it is unknown."""
    for server in service.servers:
        # The list of regions is open: any name that can be a part of a host name is allowed.
        is_open = not server.regions and isinstance(region, str) and re.fullmatch(_REGION, region)
        if region in server.regions or is_open:
            return server.url.replace("{region}", region)
    known = ", ".join(known for server in service.servers for known in server.regions)
    expected = f"one of {known}" if known else "the name of a region, such as cn-north-4"
    raise ValueError(f"{name} must be {expected}, got {region!r}: pass base_url for another endpoint")


def validate_address(name: str, text: Secret[Any]) -> str:
    """Return the address of a server, without a slash at its end.

    Args:
        name: The argument that it was given as.
        text: The address. Before validation it may contain a password.

    Raises:
        ValueError: A connection to it is impossible, or it has more than a host and a path. It is not repeated.
    """
    if not isinstance(text.reveal(), str):
        raise ValueError(f"{name} must be a str such as 'https://host/path', got {type(text.reveal()).__name__}")
    url = parse_url(text)
    if url is None:
        raise ValueError(f"{name} must be a URL such as https://host/path, got one that cannot be parsed")
    if not is_server(url.reveal()):
        raise ValueError(f"{name} must be an http or https URL with a valid host and port, such as https://host/path")
    if url.reveal().userinfo or "?" in text.reveal() or "#" in text.reveal():
        raise ValueError(f"{name} must be a URL without user, password, query and fragment: pass credentials as auth")
    return str(url.reveal()).rstrip("/")


def parse_url(text: Secret[str]) -> Secret[httpx.URL] | None:
    """Return a URL, or None if it is invalid: the errors of httpx, and their causes, could quote a password."""
    import httpx

    try:
        return Secret(httpx.URL(text.reveal()))
    except (httpx.InvalidURL, UnicodeError):
        return None


def is_server(url: httpx.URL) -> bool:
    """Return whether a URL has the scheme, host and port of a server."""
    return url.scheme in ("http", "https") and is_host(url.raw_host) and is_port(url.port)


def is_host(host: bytes) -> bool:
    """Return whether a host name can be looked up. The system raises other errors for a name with an empty part."""
    name = host.removesuffix(b".")
    return len(name) <= _LONGEST_NAME and all(0 < len(part) <= _LONGEST_PART for part in name.split(b"."))


def is_port(port: int | None) -> bool:
    """Return whether a port is valid. None is the default port of the scheme."""
    return 0 <= (port or 0) <= _LAST_PORT


def require_https(base_url: str) -> None:
    """Raise `ValueError` if credentials would be sent unencrypted."""
    import httpx

    if httpx.URL(base_url).scheme == "https" or is_local(base_url):
        return
    raise ValueError("credentials must not be sent over plain HTTP: use https, or pass allow_insecure=True")


def is_local(address: str) -> bool:
    """Return whether requests to an address stay on this machine, so that a proxy must never get them."""
    import httpx

    return is_loopback(httpx.URL(address).host)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    import ipaddress

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    # Not every supported Python looks into ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def same_origin(base_url: str, text: str) -> str:
    """Return the whole of a URL that a response named, which may be relative.

    Raises:
        ValueError: It is invalid, or of another scheme, host or port than the service, which must not get credentials.
    """
    import httpx

    base = httpx.URL(base_url)
    try:
        url = httpx.URL(base_url + "/").join(text)
    except httpx.InvalidURL:
        raise ValueError("a URL in a response must be valid, got one that cannot be parsed") from None
    if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        here = f"{base.scheme}://{base.netloc.decode()}"
        raise ValueError(f"a URL in a response must be at {here}, got {url.scheme}://{url.host}")
    return str(url.copy_with(userinfo=b"", fragment=None))
