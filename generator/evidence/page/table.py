"""A table of a page, and the text of its cells."""

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


_TAG = re.compile(
    r"</?(?:a|abbr|b|br|code|div|em|font|i|img|li|ol|p|pre|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<(?:br|/p|/li|/div)\s*/?>", re.IGNORECASE)
_ITEM = re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE)
_ROLE = re.compile(r":[a-z:]+:`([^`<]*?)\s*(?:<[^`]*>)?`")
_REFERENCE = re.compile(r"`([^`<]+?)\s*<[^`>]*>`__?")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_ESCAPED = re.compile(r"\\([^\w\s])")


def cleaned(cell: str) -> str:
    """A cell's text without marks: links, emphasis, literals, tags and entities are their text."""
    text = _ITEM.sub("\n- ", _BREAK.sub("\n", cell))
    text = html.unescape(_TAG.sub("", text))
    text = _REFERENCE.sub(r"\1", _ROLE.sub(r"\1", text))
    text = _LINK.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\1", text)
    text = _ESCAPED.sub(r"\1", text.replace("``", '"').replace("`", '"').replace("\\ ", ""))
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").splitlines())
    return re.sub(r"^-\n", "- ", "\n".join(line for line in lines if line), flags=re.MULTILINE)
