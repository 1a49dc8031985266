"""A table of a page, and the plain text of its cells."""

from __future__ import annotations

import html
import re

import attrs


@attrs.frozen
class Table:
    """A table: headings, rows of as many cells, and the line on which it begins."""

    line: int
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


MOST_COLUMNS = 20
"""Columns of the widest table that is read. Without a limit, a long rule above many short rows is quadratic."""

# Pages are foreign text. No pattern may read the same characters again from each of many starts: what repeats excludes
# what begins a match, or is limited.
_TAG = re.compile(
    r"</?(?:a|abbr|b|br|code|div|em|font|i|img|li|ol|p|pre|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<(?:br|/p|/li|/div)\s*/?>", re.IGNORECASE)
_ITEM = re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE)
_ROLE = re.compile(r":[a-z:]{1,60}:`([^`<]*)(?:<[^`]*>)?`")
_REFERENCE = re.compile(r"`([^`<]+)<[^`>]*>`__?")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.(?:(?!\1).)*?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_ESCAPED = re.compile(r"\\([^\w\s])")


def _first(match: re.Match[str]) -> str:
    return match[1].rstrip()


def cleaned(cell: str) -> str:
    """A cell's text without markup: links, emphasis, literals, tags and entities become plain text."""
    if not cell.strip() or cell.isalnum():
        return cell.strip()
    text = _ITEM.sub("\n- ", _BREAK.sub("\n", cell))
    text = unescaped(_TAG.sub("", text))
    text = _REFERENCE.sub(_first, _ROLE.sub(_first, text))
    text = _LINK.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\1", text)
    text = _ESCAPED.sub(r"\1", text.replace("``", '"').replace("`", '"').replace("\\ ", ""))
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").splitlines())
    return re.sub(r"^-\n", "- ", "\n".join(line for line in lines if line), flags=re.MULTILINE)


def unescaped(text: str) -> str:
    """Replace the character references of HTML. A number beyond Unicode becomes U+FFFD, however many digits it has."""
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text))
