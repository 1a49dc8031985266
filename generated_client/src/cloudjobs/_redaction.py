# Generated from generator/client/runtime/_redaction.py. Do not edit: change that, and run `make generate`.
"""Takes the credentials of a request out of what its reply says, since a service may quote them."""

from __future__ import annotations

import attrs
import httpx

from .auth import SCHEMES_EXTENSION

_MARK = "***"
_ALWAYS = ("Authorization", "Proxy-Authorization", "Cookie", "X-Security-Token")
_SHORTEST = 6
"""A shorter credential is left alone: it would be found in words that have nothing to do with it."""


@attrs.frozen(repr=False)
class Redactor:
    """Knows what to take out."""

    _secrets: tuple[str, ...]

    @classmethod
    def of(cls, request: httpx.Request) -> Redactor:
        """What the request carried in the headers that hold credentials."""
        names = {*_ALWAYS, *(scheme.header for scheme in request.extensions.get(SCHEMES_EXTENSION, ()))}
        values = [request.headers.get(name, "") for name in names]
        # `Authorization: Bearer abc` is quoted as `abc`, a cookie without its name.
        parts = [part for value in values for part in value.replace("=", " ").replace(";", " ").split()]
        return cls(tuple({secret for secret in (*values, *parts) if len(secret) >= _SHORTEST}))

    def text(self, text: str | None) -> str | None:
        """The text without them."""
        for secret in self._secrets:
            text = text.replace(secret, _MARK) if text else text
        return text

    def bytes(self, content: bytes) -> bytes:
        """The bytes without them."""
        for secret in self._secrets:
            content = content.replace(secret.encode(), _MARK.encode())
        return content
