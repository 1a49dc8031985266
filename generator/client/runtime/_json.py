"""Parses JSON so that nothing of it is lost: what a float cannot hold stays as text. Decodes declared charsets."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

import msgspec

_MOST_DIGITS = 4000
"""Python converts at most 4300 digits to an int."""


_SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030"}
"""What servers mean that declare the smaller one (WHATWG Encoding)."""
_ALSO_UTF_8 = ("utf-8", "ascii", "iso8859-1", "cp1252")
"""Charsets that servers declare for UTF-8 too."""
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined")
"""Python's codecs for other purposes, of which some take quadratic time."""


def as_utf8(content: bytes, content_type: str) -> bytes:
    """Return a body in UTF-8, from the charset that it declares; without a known one, from what its bytes show."""
    charset = _charset(content_type)
    found = json.detect_encoding(content)
    for encoding in (found, charset) if charset in _ALSO_UTF_8 or found != "utf-8" else (charset, found):
        try:
            text = content.decode(encoding)
        except (UnicodeError, LookupError):
            # Python looks up codecs that are not of text, too.
            continue
        return text.encode(errors="replace")
    return content


def is_ascii(content: bytes) -> bool:
    """Whether a body needs no decoding. ASCII in UTF-16 or UTF-32 has zeros."""
    return content.isascii() and 0 not in content[:4]


def _charset(content_type: str) -> str:
    declared = re.search(r"""charset\s*=\s*["']?([\w.:+-]{1,40})""", content_type, flags=re.IGNORECASE)
    try:
        name = codecs.lookup(declared[1]).name if declared else "utf-8"
    except (LookupError, UnicodeError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else _SUPERSETS.get(name, name)


class JSONDecodeError(ValueError):
    """The bytes are no JSON that can be read."""


class NumberText(str):
    """A number that no float can hold, as it was written."""

    __slots__ = ()


def json_text(value: object) -> Any:
    """What a field that holds JSON text says: None where it is absent or empty.

    Raises:
        ValueError: It holds something else.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise JSONDecodeError("it is no text")
    return parse(value.encode("utf-8", "surrogatepass"))


def parse(content: bytes) -> Any:
    """Parse a body. Raises `JSONDecodeError`, whose message shows nothing of the body."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # msgspec refuses a whole reply for one number out of range, a byte order mark, half a surrogate pair.
        return _parse_slowly(content)


def _parse_slowly(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JSONDecodeError(f"it is not UTF-8 at byte {error.start}") from None
    try:
        return json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_constant)
    except RecursionError:
        raise JSONDecodeError("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise JSONDecodeError(f"it is no JSON: {error.msg} at character {error.pos}") from None


def _number(text: str) -> float | NumberText:
    number = float(text)
    return number if math.isfinite(number) else NumberText(text)


def _integer(text: str) -> int | NumberText:
    return int(text) if len(text) <= _MOST_DIGITS else NumberText(text)


def _constant(text: str) -> Any:
    raise json.JSONDecodeError(f"{text} is no value", text, 0)
