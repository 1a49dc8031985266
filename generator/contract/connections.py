"""Connections to a provider: which addresses are its own, and why none can be made because of certificates or TLS."""

from __future__ import annotations

import re
import ssl
from urllib.parse import unquote

import httpx

from generator.errors import Problem

_TARGET = re.compile(r"/[!\"$-~]*")
"""A path and a query: visible ASCII without #."""
_SHOWN = 80


def below(base: httpx.URL, target: str) -> httpx.URL:
    """Make the address of a path and query below a provider's address.

    Scheme, host and port are those of the provider whatever the target is: nothing of it is read as an address.

    Args:
        base: The provider's address, with a path prefix where it has one.
        target: The path, still quoted, and the query.

    Raises:
        ValueError: The target is not a path, or could lead out of the prefix.
    """
    if not _TARGET.fullmatch(target):
        shown = repr(target[:_SHOWN])
        raise ValueError(f"the request target must be a path that begins with / and has visible ASCII, got {shown}")
    if _climbs(target.partition("?")[0]):
        raise ValueError(f"the request target must have no segment . or .., got {target[:_SHOWN]!r}")
    prefix = base.raw_path.rstrip(b"/")
    try:
        url = base.copy_with(raw_path=prefix + target.encode("ascii"))
    except httpx.InvalidURL:
        raise ValueError(f"the request target must be one that a URL can have, got {target[:_SHOWN]!r}") from None
    same = (url.scheme, url.netloc, url.userinfo) == (base.scheme, base.netloc, base.userinfo)
    if not same or not url.raw_path.startswith(prefix + b"/"):
        raise ValueError(f"the request target must stay below the provider's address, got {target[:_SHOWN]!r}")
    return url


def _climbs(path: str) -> bool:
    """Whether a server could read a path as one with `.` or `..`, quoted up to twice, or with parameters."""
    readings = (path, unquote(path), unquote(unquote(path)))
    segments = (each for reading in readings for each in reading.replace("\\", "/").split("/"))
    return any(segment.partition(";")[0] in (".", "..") for segment in segments)


def tls_problem(url: str, error: ssl.SSLError) -> Problem:
    """Why there is no TLS with a provider."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"has a certificate that is not to be trusted ({error.verify_message})"
        return Problem(url, why, "Have it mended, or name its authority in SSL_CERT_FILE")
    return Problem(url, f"does not speak TLS ({error.reason or 'broken off'})", "Look at scheme and port")


def certificates_problem(error: OSError) -> Problem:
    """Why the certificates that the environment names are of no use."""
    why = f"names certificates that cannot be read ({error.strerror or error})"
    return Problem("SSL_CERT_FILE or SSL_CERT_DIR", why, "Correct it, or unset it")
