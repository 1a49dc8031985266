# Generated from generator/client/runtime/_addresses.py. Do not edit: change that, and run `make generate`.
"""Where requests go, and what may be sent there."""

from __future__ import annotations

import ipaddress
import os

import httpx
import msgspec

PACKAGE = __name__.partition(".")[0]


class Service(msgspec.Struct, frozen=True):
    """What a client knows of its service as a whole."""

    name: str
    """Module name."""
    title: str

    @property
    def url_variable(self) -> str:
        """The environment variable that stands in for `base_url`."""
        return f"{PACKAGE}_{self.name}_URL".upper()


def checked_base_url(service: Service, given: str | None) -> str:
    """The address to put paths behind. Raises `ValueError` where there is none, or no usable one."""
    text = given or os.environ.get(service.url_variable)
    if not text:
        raise ValueError(f"base_url is missing: give it to the client, or set {service.url_variable}")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        # What httpx says of it could quote a password.
        raise ValueError("base_url cannot be read: write https://host, with a path if there is one") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url is no address of a server: write https://host, with a path if there is one")
    if url.userinfo or "?" in text or "#" in text:
        raise ValueError("base_url has more than a host and a path: give credentials as auth, and no query or fragment")
    return str(url).rstrip("/")


def must_be_private(base_url: str) -> None:
    """Raise `ValueError` where credentials could be read on their way."""
    url = httpx.URL(base_url)
    if url.scheme == "https" or _is_loopback(url.host):
        return
    raise ValueError("Credentials would be sent in the clear: use https, or give allow_insecure=True")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
