# Generated from generator/client/runtime/cli/_texts.py. Do not edit: change that, and run `make generate`.
"""What a service says, made fit for a terminal.

Names, reasons and error texts come from elsewhere: an escape sequence in one of them could rewrite the screen, a line
break could forge a line of output, a direction mark could turn words around.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from typing import Any

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
"""Categories of Unicode: controls, format characters, lone surrogates, separators, and what is not assigned."""
_SPACE = re.compile(r"\s+")
_HIDDEN_IN_JSON = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
_LONGEST = 500
_DAY = 86_400
_MOST_DAYS = 99


def plain(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, with every character that is not to be seen spelt out."""
    line = _SPACE.sub(" ", text[: 2 * longest]).strip()
    cut = line if len(line) <= longest else f"{line[:longest]}…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_spelt(character) for character in cut)


def _spelt(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON whose text is as harmless: what JSON need not escape and a terminal may act upon is escaped too."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _HIDDEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def percent(share: float | None) -> str:
    """A share of the work, never rounded up to all of it."""
    return "" if share is None else f"{int(share * 100)}%"


def duration(seconds: float) -> str:
    """A time span in its two largest units."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < _DAY:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    days = whole // _DAY
    return f"{days}d {whole % _DAY // 3600:02}h" if days <= _MOST_DAYS else f">{_MOST_DAYS} days"


def took(started: datetime | None, ended: datetime | None) -> str:
    """How long something lasted; nothing where that is not known, or cannot be."""
    if started is None or ended is None or ended < started:
        return ""
    return duration((ended - started).total_seconds())


def moment(at: datetime | None) -> str:
    """A moment to the second, in UTC."""
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
