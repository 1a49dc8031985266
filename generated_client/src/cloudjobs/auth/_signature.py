# Generated from generator/client/runtime/auth/_signature.py. Do not edit: change that, and run `make generate`.
"""The signature `SDK-HMAC-SHA256` of a request. It is handed everything, the time included, and sends nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote

import httpx

from .._security import Secret

ALGORITHM = "SDK-HMAC-SHA256"
DATE_HEADER = "X-Sdk-Date"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_BODY_HASH_HEADER = "X-Sdk-Content-Sha256"
_UNSIGNED = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "proxy-authorization",
    "transfer-encoding",
    "user-agent",
}
"""Headers that whatever is on the way may change, or that are not there yet."""


def authorization(request: httpx.Request, key: Secret[str], secret: Secret[str]) -> str:
    """The value of the header that carries the signature. The request has its date and its body already."""
    names = sorted(name for name in request.headers if name not in _UNSIGNED and "_" not in name)
    signed = ";".join(names)
    to_sign = "\n".join([ALGORITHM, request.headers[DATE_HEADER], _digest(_canonical(request, names).encode())])
    signature = Secret(hmac.new(secret.reveal().encode(), to_sign.encode(), hashlib.sha256).hexdigest())
    return f"{ALGORITHM} Access={key.reveal()}, SignedHeaders={signed}, Signature={signature.reveal()}"


def _canonical(request: httpx.Request, names: Iterable[str]) -> str:
    """The one spelling of a request, whatever became of it on its way: what is encoded is decoded first."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    headers = Secret("".join(f"{name}:{request.headers[name].strip()}\n" for name in names))
    place = _quoted(unquote(path), "/")
    return "\n".join(
        [
            request.method.upper(),
            place if place.endswith("/") else f"{place}/",
            "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs),
            headers.reveal(),
            ";".join(names),
            _body_hash(request),
        ]
    )


def _body_hash(request: httpx.Request) -> str:
    given = request.headers.get(_BODY_HASH_HEADER) if request.content else None
    return given or _digest(request.content)


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=f"~{safe}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
