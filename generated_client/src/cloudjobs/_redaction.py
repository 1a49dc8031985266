# Generated from generator/client/runtime/_redaction.py. Do not edit: change that, and run `make generate`.
"""Takes the credentials of a request out of what its reply says, since a service may quote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import httpx

from .auth import Scheme

_MARK = "***"
_ALWAYS = ("Authorization", "Proxy-Authorization", "Cookie", "X-Security-Token")
_SHORTEST = 6
"""A shorter credential is left alone: it would be found in words that have nothing to do with it."""


@attrs.frozen(repr=False)
class Redactor:
    """Knows what to take out."""

    _secrets: tuple[str, ...]

    @classmethod
    def of(cls, sent: Mapping[str, str], schemes: Iterable[Scheme]) -> Redactor:
        """What a request carried in the headers that hold credentials."""
        headers = httpx.Headers(sent)
        values = [headers.get(name, "") for name in {*_ALWAYS, *(scheme.header for scheme in schemes)}]
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
