"""Parses JSON so that nothing of it is lost: a number that a float cannot hold is kept as text. Writes it for people to
read."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

_MOST_DIGITS = 4000
"""Python converts at most 4300 digits to an int."""


class JSONDecodeError(ValueError):
    """The bytes are not valid JSON."""


class NumberText(str):
    """A number that no float can hold, as it was written."""

    __slots__ = ()


def json_text(value: object) -> Any:
    """Parse a field that contains JSON text; None if it is absent or empty.

    Raises:
        ValueError: It holds something else.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise JSONDecodeError(f"the field must be a string, got {type(value).__name__}")
    try:
        return parse(value.encode("utf-8", "surrogatepass"))
    except JSONDecodeError as error:
        raise JSONDecodeError(f"the field must be JSON text: {error}") from None


def parse(content: bytes) -> Any:
    """Parse a body. Raises `JSONDecodeError`; its message shows nothing of the body."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # msgspec refuses a whole response for one number out of range, a byte order mark, half a surrogate pair.
        return _parse_slowly(content)


# A pattern is compiled when it is first used: an import has no need of it.
_HIDDEN = "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"


def as_json(value: object, *, indent: int | None = None) -> str:
    """Write JSON text in which characters that a terminal may interpret are escaped too."""
    import json  # not at the top, as below: msgspec does the usual work

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return re.sub(_HIDDEN, lambda match: f"\\u{ord(match[0]):04x}", text)


def _parse_slowly(content: bytes) -> Any:
    import json

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JSONDecodeError(f"not UTF-8 at byte {error.start}") from None
    try:
        return json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_constant)
    except RecursionError:
        raise JSONDecodeError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise JSONDecodeError(f"not JSON: {error.msg} at character {error.pos}") from None


def _number(text: str) -> float | NumberText:
    number = float(text)
    return number if math.isfinite(number) else NumberText(text)


def _integer(text: str) -> int | NumberText:
    return int(text) if len(text) <= _MOST_DIGITS else NumberText(text)


def _constant(text: str) -> Any:
    import json

    raise json.JSONDecodeError(f"{text} is not allowed", text, 0)
