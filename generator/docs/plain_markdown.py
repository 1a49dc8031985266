"""The Markdown copy of a page: what stands in it for the site's browser alone is taken out.

Tabs become a bold label and their content, admonitions a quotation, a picture its own words; attributes and wrapping
elements go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from generator.docs.escaping import in_markdown

_FENCE = re.compile(r" *(```+|~~~+)")
_PICTURE = re.compile(r"\s*<figure\b.*?<title\b[^>]*>(.*?)</title><desc\b[^>]*>(.*?)</desc>.*</figure>\s*\Z")
_WRAPPER = re.compile(r"\s*</?(div|details|figure|section)\b[^>]*>\s*\Z")
_SUMMARY = re.compile(r"\s*<summary>(.*)</summary>\s*\Z")
_INLINE = re.compile(r"</?(?:span|a|abbr)\b[^<>]*>")
_ATTRIBUTES = re.compile(r"\s*\{:? ?[#.][^}]*\}\s*\Z")
_OF_LINK = re.compile(r"(?<=\))\{:? ?[#.][^{}]*\}")
_BLOCK = re.compile(r'(?P<sign>===|!!!|\?\?\?\+?) ?(?:[a-z]+ ?)?(?:"(?P<title>[^"]*)")?\s*\Z')


def plain(markdown: str) -> str:
    """The text of a page as plain Markdown."""
    text = "\n".join(_lines(markdown.splitlines()))
    return in_markdown(re.sub(r"\n{3,}", "\n\n", text).strip()) + "\n"


def _lines(lines: list[str]) -> Iterator[str]:
    fence, at = "", 0
    while at < len(lines):
        line = lines[at]
        at += 1
        marker = _FENCE.match(line)
        if marker and (not fence or marker[1].startswith(fence)):
            fence = "" if fence else marker[1]
        elif not fence:
            if block := _BLOCK.match(line):
                content, at = _indented(lines, at)
                yield from _titled(block, content)
                continue
            if picture := _PICTURE.match(line):
                yield unescape(f"*{picture[1]}.* {picture[2]}")
                continue
            if _WRAPPER.match(line):
                continue
            if summary := _SUMMARY.match(line):
                line = f"**{summary[1]}**"
            line = _ATTRIBUTES.sub("", _outside_code(line))
        yield line


def _titled(block: re.Match[str], content: list[str]) -> Iterator[str]:
    title = [f"**{block['title']}**", ""] if block["title"] else []
    quote = "" if block["sign"] == "===" else "> "
    for line in [*title, *_lines(content)]:
        yield f"{quote}{line}".rstrip()
    yield ""


def _indented(lines: list[str], at: int) -> tuple[list[str], int]:
    """The lines from there on that are indented, without their indentation, and where they end."""
    content = []
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith("    ")):
        content.append(lines[at][4:])
        at += 1
    while content and not content[-1].strip():
        content.pop()
    while content and not content[0].strip():
        content.pop(0)
    return content, at


def _outside_code(line: str) -> str:
    """Take elements out of a line, but not out of code in it."""
    parts = re.split(r"(`+[^`]*`+)", line)
    return "".join(part if index % 2 else _OF_LINK.sub("", _INLINE.sub("", part)) for index, part in enumerate(parts))
