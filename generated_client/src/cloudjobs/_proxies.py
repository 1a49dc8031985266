# Generated from generator/client/runtime/_proxies.py. Do not edit: change that, and run `make generate`.
"""Proxies and certificates of the environment, decided once for every sender.

HTTP libraries read these variables differently. Here they are read once per client: each sender is created without the
environment, and asks `Network` for the proxy of a URL and for the certificates.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import ssl
from base64 import b64encode
from functools import cache
from typing import Any

import httpx
import msgspec

from ._operations import Opaque, Secret
from ._urls import is_host, is_loopback, is_port, parse_url

logger = logging.getLogger(__package__)

_SCHEMES = ("http", "https", "socks5", "socks5h")
_PORTS = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxy(Opaque, msgspec.Struct, frozen=True):
    """A proxy of the environment."""

    scheme: str
    url: str
    """Without user and password."""
    login: Secret[tuple[str, str] | None]
    """User and password."""

    def __repr__(self) -> str:
        return f"<proxy {self.scheme}>"

    @property
    def is_socks(self) -> bool:
        """Whether it is a SOCKS proxy, which httpx alone supports."""
        return self.scheme.startswith("socks")

    def login_header(self) -> dict[str, str]:
        """Return the header with user and password, if there are any."""
        if self.login.reveal() is None:
            return {}
        return {"Proxy-Authorization": "Basic " + b64encode(":".join(self.login.reveal() or ()).encode()).decode()}


class Network:
    """The proxies and certificates of the environment, as they were when this was made.

    Args:
        addresses: Known addresses that requests are sent to.

    Raises:
        ValueError: The proxy or the certificates for one of these addresses cannot be used. The message names the
            variable, and contains no password.
    """

    def __init__(self, *addresses: str) -> None:
        self._proxies = {scheme: _proxy_variable(f"{scheme}_PROXY".upper()) for scheme in (*_PORTS, "all")}
        self._no_proxy = _no_proxy(_variable("NO_PROXY").strip())
        self._decisions: dict[tuple[str, str, int | None], Proxy | None] = {}
        self._certificates: ssl.SSLContext | None = None
        found = [(self.proxy(url), url.scheme) for url in map(httpx.URL, addresses)]
        if any(scheme == "https" or (proxy is not None and proxy.scheme == "https") for proxy, scheme in found):
            self.certificates()
        self.has_socks = any(proxy is not None and proxy.is_socks for proxy, _ in found)
        """Whether one of the addresses is reached through a SOCKS proxy."""

    def proxy(self, url: httpx.URL) -> Proxy | None:
        """Return the proxy for a URL; None to connect directly. Raises `ValueError` if it cannot be used."""
        key = url.scheme, url.host, url.port
        if key not in self._decisions:
            self._decisions[key] = self._decide(*key)
        return self._decisions[key]

    def _decide(self, scheme: str, host: str, port: int | None) -> Proxy | None:
        if is_loopback(host) or self._no_proxy.covers(host, port or _PORTS.get(scheme)):
            return None
        found = self._proxies.get(scheme) or self._proxies["all"]
        return None if found is None else _proxy(*found)

    def certificates(self) -> ssl.SSLContext:
        """Return the trusted certificates. Raises `ValueError` if the environment names some that cannot be read."""
        if self._certificates is None:
            self._certificates = _certificates()
        return self._certificates


def _variable(name: str) -> str:
    """Return a variable in lower or else in upper case, as curl and Python read it."""
    # Of `os.environ` itself, since Windows looks up both spellings as the upper one.
    if name.lower() in set(os.environ):
        return os.environ[name.lower()]
    # A CGI script gets the request header `Proxy` of its client as HTTP_PROXY.
    return "" if name == "HTTP_PROXY" and "REQUEST_METHOD" in os.environ else os.environ.get(name, "")


def _proxy_variable(name: str) -> tuple[str, Secret[str]] | None:
    value = Secret(_variable(name).strip())
    return (name, value) if value.reveal() else None


def _proxy(name: str, value: Secret[str]) -> Proxy:
    scheme = value.reveal().partition("://")[0].lower() if "://" in value.reveal() else "http"
    if re.fullmatch(r"[a-z][a-z0-9+.-]{0,20}", scheme) and scheme not in _SCHEMES:
        raise ValueError(f"{name} must be the address of an HTTP or SOCKS5 proxy, got the scheme {scheme}")
    url = _parsed(value)
    if url is None:
        raise ValueError(
            f"{name} must be http://host:port or another address of a proxy, got one that cannot be parsed: "
            "percent-encode its user and password"
        )
    if scheme.startswith("socks") and not _has_socksio():
        raise ValueError(f"{name} must be an HTTP proxy, got {scheme}: install httpx[socks] for SOCKS proxies")
    found = url.reveal()
    login = (found.username, found.password) if found.userinfo else None
    return Proxy(scheme, str(found.copy_with(username=None, password=None)), Secret(login))


def _has_socksio() -> bool:
    from importlib.util import find_spec  # slow to import

    return find_spec("socksio") is not None


def _parsed(value: Secret[str]) -> Secret[httpx.URL] | None:
    url = parse_url(value if "://" in value.reveal() else Secret(f"http://{value.reveal()}"))
    if url is None:
        return None
    # A path means that the password has a slash, which ends the host.
    is_bare = url.reveal().raw_path in (b"", b"/") and not url.reveal().fragment and is_port(url.reveal().port)
    host = url.reveal().host
    is_server = _address(host) is not None or (is_host(url.reveal().raw_host) and _ascii(host) is not None)
    return url if is_bare and is_server else None


def _certificates() -> ssl.SSLContext:
    hint = "correct it, or unset it"
    if path := os.environ.get("SSL_CERT_FILE"):
        try:
            return ssl.create_default_context(cafile=path)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
        raise ValueError(f"SSL_CERT_FILE must be a file of certificates in PEM format, got {path!r} ({why}): {hint}")
    if path := os.environ.get("SSL_CERT_DIR"):
        # OpenSSL accepts several directories, and does not report a missing one.
        if not any(map(os.path.isdir, path.split(os.pathsep))):
            raise ValueError(f"SSL_CERT_DIR must be a directory of certificates, got {path!r}: {hint}")
        return ssl.create_default_context(capath=path)
    return httpx.create_ssl_context(trust_env=False)


class NoProxy(msgspec.Struct, frozen=True):
    """The value of NO_PROXY."""

    is_all: bool = False
    names: tuple[tuple[str, int | None], ...] = ()
    """Domains, each with a port or None for any."""
    networks: tuple[tuple[IpNetwork, int | None], ...] = ()

    def covers(self, host: str, port: int | None) -> bool:
        """Return whether requests to a host are sent without a proxy."""
        if self.is_all:
            return True
        name = host.lower().removesuffix(".")
        address = _address(name)
        if address is None:
            name = _ascii(name) or name
            return any(f".{name}".endswith(f".{domain}") and at in (None, port) for domain, at in self.names)
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in net and at in (None, port) for net, at in self.networks)


@cache
def _no_proxy(text: str) -> NoProxy:
    """Parse NO_PROXY: its entries are divided by commas or spaces. Invalid ones are logged once, and ignored."""
    names, networks = [], []
    for number, entry in enumerate(re.split(r"[\s,]+", text.strip(", \t\n")) if text else (), 1):
        if entry == "*":
            return NoProxy(is_all=True)
        parsed = _entry(entry.lower())
        if parsed is None:
            # An address could have a password.
            logger.warning(
                "NO_PROXY: entry %d is ignored: it must be a host, a domain, an IP address or network", number
            )
        elif isinstance(parsed[0], str):
            names.append((parsed[0], parsed[1]))
        else:
            networks.append((parsed[0], parsed[1]))
    return NoProxy(names=tuple(names), networks=tuple(networks))


def _entry(entry: str) -> tuple[str | IpNetwork, int | None] | None:
    bracketed = re.fullmatch(r"\[([^\[\]]*)\](/[0-9]+)?(?::([0-9]+))?", entry)
    plain = re.fullmatch(r"([^:\[\]]+)(?::([0-9]+))?", entry)
    if bracketed:
        host, at = bracketed[1] + (bracketed[2] or ""), bracketed[3]
    elif plain:
        host, at = plain[1], plain[2]
    else:
        host, at = entry, None
    port = int(at) if at else None
    if at and not is_port(port):
        return None
    try:
        return ipaddress.ip_network(host, strict=False), port
    except ValueError:
        name = _ascii(host.removeprefix("*").removeprefix(".").removesuffix("."))
        return None if name is None else (name, port)


def _ascii(name: str) -> str | None:
    """Return the name as DNS knows it; None if it is invalid."""
    try:
        encoded = name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return encoded if re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", encoded) else None


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_proxied(http: Any, address: str) -> bool:
    """Return whether a caller's httpx client uses a proxy for an address. httpx has no public way to ask."""
    transport: Any = http._transport_for_url(httpx.URL(address))
    return getattr(getattr(transport, "_pool", None), "_proxy_url", None) is not None
