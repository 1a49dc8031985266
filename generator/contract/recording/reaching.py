"""Looks whether a provider can be reached before anything is recorded: opens a connection, and sends nothing."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

import httpx

from generator.contract.connections import certificates_problem, tls_problem
from generator.errors import Problem, Refused


def reach(upstream: str, *, timeout: float = 10.0) -> None:
    """Open a connection to a provider, with TLS where its address says so, and close it.

    Args:
        upstream: The provider's address.
        timeout: Seconds that it may take.

    Raises:
        Refused: Nobody answers there, or nobody who can be trusted.
    """
    parts = urlsplit(upstream)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout) as plain:
            if parts.scheme == "https":
                with _certificates().wrap_socket(plain, server_hostname=host):
                    pass
    except ssl.SSLError as error:
        raise Refused(tls_problem(upstream, error)) from None
    except TimeoutError:
        raise Refused(Problem(upstream, "does not answer in time", "Look whether it is up")) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such host"
        raise Refused(
            Problem(upstream, f"cannot be reached ({reason})", "Look at the address, and whether it is up")
        ) from None


def _certificates() -> ssl.SSLContext:
    """What the recorder trusts, too."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise Refused(certificates_problem(error)) from None
