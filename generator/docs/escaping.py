"""Escaping of foreign text: documents, evidence, recordings and docstrings are data, not markup of the site.

A page is Markdown and contains foreign text in prose, headings, cells, code and diagrams. Each character of it that
could start HTML, an attribute, an unsafe link or a block is replaced by a stand-in before the page is assembled, so no
Markdown parser sees it. The output contains the original characters: escaped in HTML (`in_html`), and escaped outside
code in the Markdown copy of a page (`in_markdown`).

Markdown that foreign text may use: paragraphs, lists, quotations, tables, emphasis, code spans, and links to `http`,
`https`, `mailto` and relative addresses.

`plain` makes the Markdown copy of a page, without markup that only the site's browser understands: a tab becomes a bold
label and its content, an admonition a quotation, a diagram its description; attributes and wrapping elements are left
out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import griffe

_CHARACTERS = "<&{}![]#:=?`~-\\"
_FIRST = 0xE000
"""The stand-ins are private characters of Unicode."""
_STAND_IN = {character: chr(_FIRST + index) for index, character in enumerate(_CHARACTERS)}
_MEANT = {stand_in: character for character, stand_in in _STAND_IN.items()}
_ANY = re.compile(f"[{''.join(_MEANT)}]")
_OTHER = dict.fromkeys(map(ord, [*_MEANT, "\x02", "\x03"]), "\ufffd")
"""Private characters that may be in foreign text already, and the two that Python-Markdown uses."""
_SAFE = r"""(?:(?:https?://|mailto:)[^\s()<>{}\\"'`]*|(?!//)[\w.#?/-][^\s()<>{}\\"'`&:]*)"""
"""An address that runs no script."""
_REFUSED = re.compile(
    r"[<{}]"
    r"|&(?=#?\w+;)"
    r"|!(?=\[)"
    r"|\\(?=`)"
    r"|\[(?=TOC\])"
    # A link with an unsafe address, and the forms of a link with its address elsewhere.
    rf"|\](?=\((?!{_SAFE}\))|:|\s?\[)"
    # Starts of a block at the start of a line, list item or quotation: headings, their underlines, definitions, tabs,
    # admonitions, docstrings, fences.
    r"|(?<![^\n\r\v\f\x1c-\x1e\x85\u2028\u2029])"
    r"(?P<before>(?:[ \t>*+-]|\d+[.)])*)(?P<sign>[#:=!?]|`{3,}|~{3,}|-(?=-))"
)
_FENCE = re.compile(r"[ >]*(```+|~~~+)")


def mark_foreign(value: Any) -> Any:
    """Return data with stand-ins in every string of it, keys included."""
    match value:
        case str():
            return _REFUSED.sub(_stand_in, value.translate(_OTHER))
        case dict():
            return {mark_foreign(key): mark_foreign(member) for key, member in value.items()}
        case list():
            return [mark_foreign(member) for member in value]
    return value


def raw(text: str) -> str:
    """Return the text without stand-ins."""
    return _ANY.sub(lambda found: _MEANT[found[0]], text)


def in_html(text: str) -> str:
    """Return HTML without stand-ins."""
    return _ANY.sub(lambda found: html.escape(_MEANT[found[0]]), text)


def in_markdown(text: str) -> str:
    """Return Markdown without stand-ins."""
    done: list[str] = []
    paragraph: list[str] = []
    fence = Fence()
    for line in text.splitlines():
        if fence.holds(line) or not line.strip():
            done += [*_paragraph(paragraph), raw(line)]
            paragraph = []
        else:
            paragraph.append(line)
    return "\n".join([*done, *_paragraph(paragraph)])


class Fence:
    """The state of fenced blocks of code, line by line."""

    def __init__(self) -> None:
        self._open = ""

    def holds(self, line: str) -> bool:
        """Return whether the next line belongs to a fenced block; its first and last line do too."""
        marker = _FENCE.match(line)
        if marker and not self._open:
            self._open = marker[1]
        elif marker and marker[1].startswith(self._open):
            self._open = ""
        return bool(marker or self._open)


def code(text: str) -> str:
    """Return a code span."""
    fence = _longer("`", raw(text))
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}"


def code_of(value: Any) -> str:
    """Return a wire value as code."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text == "":
        return '`""`'
    return code(text if raw(text).isprintable() else json.dumps(text, ensure_ascii=False))


def fenced(text: str, language: str = "text") -> str:
    """Return a block of code that the text cannot end."""
    fence = _longer("```", raw(text))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


class Docstrings(griffe.Extension):
    """An extension of griffe that puts stand-ins into docstrings, because most of them are texts of a document."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring:
            obj.docstring.value = mark_foreign(obj.docstring.value)


def _stand_in(found: re.Match[str]) -> str:
    if found["sign"]:
        return found["before"] + "".join(map(_STAND_IN.__getitem__, found["sign"]))
    return _STAND_IN[found[0]]


def _paragraph(lines: list[str]) -> list[str]:
    """Escape lines without an empty one between them."""
    split = [_by_code(line) for line in lines]
    # Parsers of Markdown differ about code spans over several lines, so nothing is treated as code then.
    if not all(whole for _, whole in split):
        return list(map(_escaped, lines))
    return [
        "".join(raw(part) if index % 2 else _escaped(part) for index, part in enumerate(parts)) for parts, _ in split
    ]


def _by_code(line: str) -> tuple[list[str], bool]:
    """Split a line into alternating text and code spans; also return whether every run of backticks is closed.

    Takes linear time.
    """
    runs = [(found.start(), found.end()) for found in re.finditer("`+", line)]
    ends: list[int | None] = [None] * len(runs)
    later: dict[int, int] = {}
    for index in reversed(range(len(runs))):
        length = runs[index][1] - runs[index][0]
        ends[index] = later.get(length)
        later[length] = index
    parts, at, index, whole = [], 0, 0, True
    while index < len(runs):
        if (end := ends[index]) is None:
            whole, index = False, index + 1
            continue
        parts += [line[at : runs[index][0]], line[runs[index][0] : runs[end][1]]]
        at, index = runs[end][1], end + 1
    return [*parts, line[at:]], whole


def _escaped(text: str) -> str:
    # Braces and question marks mean nothing in Markdown itself.
    return _ANY.sub(lambda found: f"{'' if (meant := _MEANT[found[0]]) in '{}?' else chr(92)}{meant}", text)


def _longer(fence: str, text: str) -> str:
    """Return a fence that is longer than every one in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(len(fence), longest + 1)


_FIGURE = re.compile(r"\s*<figure\b.*?<title\b[^>]*>(.*?)</title><desc\b[^>]*>(.*?)</desc>.*</figure>\s*\Z")
_WRAPPER = re.compile(r"\s*</?(div|details|figure|section)\b[^>]*>\s*\Z")
_SUMMARY = re.compile(r"\s*<summary>(.*)</summary>\s*\Z")
_INLINE_TAG = re.compile(r"</?(?:span|a|abbr)\b[^<>]*>")
_ATTRIBUTES = re.compile(r"\s*\{:? ?[#.][^}]*\}\s*\Z")
_LINK_ATTRIBUTES = re.compile(r"(?<=\))\{:? ?[#.][^{}]*\}")
_BLOCK = re.compile(r'(?P<sign>===|!!!|\?\?\?\+?) ?(?:[a-z]+ ?)?(?:"(?P<title>[^"]*)")?\s*\Z')


def plain(markdown: str) -> str:
    """Return the text of a page as plain Markdown."""
    text = "\n".join(_plain_lines(markdown.splitlines()))
    return in_markdown(re.sub(r"\n{3,}", "\n\n", text).strip()) + "\n"


def _plain_lines(lines: list[str]) -> Iterator[str]:
    fence, index = Fence(), 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if fence.holds(line):
            yield line
        elif block := _BLOCK.match(line):
            content, index = _indented(lines, index)
            yield from _titled(block, content)
        elif diagram := _FIGURE.match(line):
            yield html.unescape(f"*{diagram[1]}.* {diagram[2]}")
        elif summary := _SUMMARY.match(line):
            yield f"**{summary[1]}**"
        elif not _WRAPPER.match(line):
            yield _ATTRIBUTES.sub("", _outside_code(line))


def _titled(block: re.Match[str], content: list[str]) -> Iterator[str]:
    title = [f"**{block['title']}**", ""] if block["title"] else []
    quote = "" if block["sign"] == "===" else "> "
    for line in [*title, *_plain_lines(content)]:
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
