"""The Markdown copy of a page: the page without markup that only the site's browser understands.

A tab becomes a bold label and its content, an admonition a quotation, a diagram its description; attributes and
wrapping elements are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from generator.docs.escaping import Fence, in_markdown

_DIAGRAM = re.compile(r"\s*<figure\b.*?<title\b[^>]*>(.*?)</title><desc\b[^>]*>(.*?)</desc>.*</figure>\s*\Z")
_WRAPPER = re.compile(r"\s*</?(div|details|figure|section)\b[^>]*>\s*\Z")
_SUMMARY = re.compile(r"\s*<summary>(.*)</summary>\s*\Z")
_INLINE_TAG = re.compile(r"</?(?:span|a|abbr)\b[^<>]*>")
_ATTRIBUTES = re.compile(r"\s*\{:? ?[#.][^}]*\}\s*\Z")
_LINK_ATTRIBUTES = re.compile(r"(?<=\))\{:? ?[#.][^{}]*\}")
_BLOCK = re.compile(r'(?P<sign>===|!!!|\?\?\?\+?) ?(?:[a-z]+ ?)?(?:"(?P<title>[^"]*)")?\s*\Z')


def plain(markdown: str) -> str:
    """Return the text of a page as plain Markdown."""
    text = "\n".join(_lines(markdown.splitlines()))
    return in_markdown(re.sub(r"\n{3,}", "\n\n", text).strip()) + "\n"


def _lines(lines: list[str]) -> Iterator[str]:
    fence, index = Fence(), 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if fence.holds(line):
            yield line
        elif block := _BLOCK.match(line):
            content, index = _indented(lines, index)
            yield from _titled(block, content)
        elif diagram := _DIAGRAM.match(line):
            yield unescape(f"*{diagram[1]}.* {diagram[2]}")
        elif summary := _SUMMARY.match(line):
            yield f"**{summary[1]}**"
        elif not _WRAPPER.match(line):
            yield _ATTRIBUTES.sub("", _outside_code(line))


def _titled(block: re.Match[str], content: list[str]) -> Iterator[str]:
    title = [f"**{block['title']}**", ""] if block["title"] else []
    quote = "" if block["sign"] == "===" else "> "
    for line in [*title, *_lines(content)]:
        yield f"{quote}{line}".rstrip()
    yield ""


def _indented(lines: list[str], start: int) -> tuple[list[str], int]:
    """Return the indented lines from `start` on, without their indentation, and the index after them."""
    end = start
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith("    ")):
        end += 1
    content = "\n".join(line[4:] if line.strip() else "" for line in lines[start:end])
    return content.strip("\n").splitlines(), end


def _outside_code(line: str) -> str:
    """Remove elements from a line, but not from code in it."""
    parts = re.split(r"(`+[^`]*`+)", line)
    return "".join(
        part if index % 2 else _LINK_ATTRIBUTES.sub("", _INLINE_TAG.sub("", part)) for index, part in enumerate(parts)
    )
