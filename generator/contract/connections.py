"""Why no connection to a provider can be made, where certificates or TLS are the reason."""

from __future__ import annotations

import ssl

from generator.problems import Problem


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
