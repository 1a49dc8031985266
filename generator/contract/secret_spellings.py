"""How a secret may be written elsewhere than where it was sent."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_QUOTED = re.compile(r"%[0-9A-F]{2}")
_ESCAPE = re.compile(r"\\u[0-9a-f]{4}")
_BETWEEN = re.compile(r"[\s,;]+")


def spellings(value: str) -> Iterator[str]:
    """How a value may be written: in JSON, in an address, in HTML, in base64."""
    yield value
    for text in (json.dumps(value)[1:-1], _escaped(value)):
        yield text
        yield text.replace("/", "\\/")
        yield _ESCAPE.sub(lambda match: f"\\u{match[0][2:].upper()}", text)
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    data = value.encode("utf-8", "surrogatepass")
    for text in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield text
        yield _QUOTED.sub(lambda match: match[0].lower(), text)
        yield quote(text, safe="")
    yield html.escape(value)
    yield html.escape(value, quote=False)
    yield html.escape(value).replace("&#x27;", "&#39;")
    yield "".join(letter if letter.isalnum() else f"&#{ord(letter)};" for letter in value)
    yield "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;", "+": "&#43;"}.get(letter, letter) for letter in value)
    yield from _in_base64(data)


def _escaped(value: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else f"\\u{ord(letter):04x}" for letter in value)


def _in_base64(data: bytes) -> Iterator[str]:
    """The value in base64, by itself and as part of something longer: three ways, as it may begin at any bit."""
    yield base64.b64encode(data).decode()
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + data).decode()
        # The characters that hold nothing of what is before it and after it.
        own = whole[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        yield own
        yield own.replace("+", "-").replace("/", "_")


def parts(value: str) -> Iterator[str]:
    """What may be quoted of a header: `Bearer abc` as `abc`, a cookie or a signature without its name."""
    words = _BETWEEN.split(value)
    for number, word in enumerate(words):
        name, equals, named = word.partition("=")
        if equals and name != "SignedHeaders":
            yield named
        elif number:
            yield word
    if words[0].lower() == "basic" and len(words) == 2:
        try:
            yield from base64.b64decode(words[1]).decode().split(":", 1)
        except ValueError:
            return
