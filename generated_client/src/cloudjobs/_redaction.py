# Generated from generator/client/runtime/_redaction.py. Do not edit: change that, and run `make generate`.
"""Takes the credentials of a request out of what its reply says, since a service may quote them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs
import httpx

_MARK = "***"
_OPEN = {"accept", "accept-encoding", "connection", "content-type", "host", "user-agent", "x-request-id", "x-sdk-date"}
"""Headers that hold nothing secret. Any other may: a caller's own authentication can use whatever header it likes."""
_SHORTEST = 6
"""Characters. A shorter credential is left alone: it would be found in words that have nothing to do with it."""


@attrs.frozen(repr=False)
class Redactor:
    """Knows what to take out."""

    _secrets: tuple[str, ...] = attrs.field(repr=False)

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> Redactor:
        """Knows the credentials of a request by its headers."""
        headers = httpx.Headers(sent)
        values = {value for name, value in headers.items() if name not in _OPEN}
        # A signature names the headers that it is of.
        found = values | {part for value in values for part in _parts(value) if part.lower() not in headers}
        return cls.knowing(*found)

    @classmethod
    def knowing(cls, *secrets: str) -> Redactor:
        """Knows these."""
        # The longest first: a credential may be part of another.
        return cls(tuple(sorted((secret for secret in secrets if len(secret) >= _SHORTEST), key=len, reverse=True)))

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


def _parts(value: str) -> Iterator[str]:
    """What a service might quote of a header: `Bearer abc` as `abc`, a cookie or a signature without its name."""
    words = re.split(r"[\s,;]+", value)
    for number, word in enumerate(words):
        name, equals, named = word.partition("=")
        if equals:
            yield named
        elif number:
            yield name
