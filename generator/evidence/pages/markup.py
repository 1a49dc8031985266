"""Pages in HTML, Markdown and reStructuredText, read by their parsers. All are read as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import roles
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser, LexborNode

from ...errors import Problem, ValidationError
from .page import Block, Part, Table, cleaned

_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?\|?")

_PIPE = re.compile(r"(?<!\\)\|")

_RST = re.compile(
    r"^[ \t]*(?:\+(?:[-=]{2,}\+)+|={2,}(?:[ \t]+={2,})+)[ \t]*$"
    r"|^[ \t]*\.\.[ \t]+(?:list-table|csv-table|table|code-block|code|note)::",
    re.MULTILINE,
)

_ROLE = re.compile(r":([a-z][a-z:+.-]{0,60}):`")

_OWN_ROLES = frozenset(
    [
        "abbreviation",
        "acronym",
        "code",
        "emphasis",
        "literal",
        "math",
        "pep",
        "rfc",
        "strong",
        "sub",
        "subscript",
        "sup",
        "superscript",
        "title",
    ]
)
"""Roles of docutils; the others are those of Sphinx."""

_LONGEST = 300_000
"""Characters of the longest page in such a language."""

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "smart_quotes": False,
    "syntax_highlight": "none",
    "line_length_limit": _LONGEST,
}


def is_html(text: str) -> bool:
    """Return whether a page is HTML: it begins with a tag."""
    return (
        re.match(r"\s*<(?:!doctype|!--|html|head|body|div|table|section|article|main|p|h[1-6])\b", text, re.I)
        is not None
    )


def is_markdown(text: str) -> bool:
    """Return whether a page has a table of Markdown, or one of HTML inside it."""
    lines = text.splitlines()
    return "</table" in text.lower() or any(
        _RULE.fullmatch(rule.strip()) and len(_cells(heading)) == len(re.findall("-{2,}", rule)) > 1
        for heading, rule in pairwise(lines)
    )


def _cells(line: str) -> list[str]:
    return _PIPE.split(line.strip().removeprefix("|").removesuffix("|"))


def is_restructured(text: str) -> bool:
    """Return whether a page has a table or a directive of reStructuredText."""
    return _RST.search(text) is not None


def markdown_to_html(text: str) -> str:
    """Turn Markdown into HTML."""
    _check_length(text)
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def restructured_to_html(text: str) -> str:
    """Turn reStructuredText into HTML; roles and directives of Sphinx are read as plain text."""
    _check_length(text)
    for name in set(_ROLE.findall(text)) - _OWN_ROLES:
        roles.register_local_role(name, _plain_role)
    try:
        parts = publish_parts(text, writer="html5", settings_overrides=_SETTINGS)
    except RecursionError:
        message = "must have elements nested less deeply, got hundreds of levels"
        raise ValidationError(Problem("PAGE", message, "Save only the part of the page with the tables")) from None
    return str(parts["html_body"])


def _plain_role(
    name: str, raw: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[Sequence[Any], Sequence[Any]]:
    return [nodes.inline(raw, re.sub(r"\s*<[^<>]*>$", "", text))], []


def _check_length(text: str) -> None:
    if len(text) > _LONGEST:
        message = f"must have at most {_LONGEST:,} characters, got {len(text):,}"
        raise ValidationError(Problem("PAGE", message, "Save only the part of the page with the tables"))


_SKIPPED = frozenset({"head", "script", "style", "template", "noscript", "svg"})

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_BLOCKS = _HEADINGS | {
    *("address", "article", "aside", "blockquote", "caption", "dd", "div", "dl", "dt", "fieldset", "figcaption"),
    *("figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
}

_CODE = frozenset({"code", "kbd", "samp", "tt"})

_MOST_SPANNED = 50
"""Columns or rows that one cell may span; more is an error of the page."""


_MOST_LEVELS = 2_000
"""Levels of elements: the time of the parser is quadratic in them."""

_NESTED = re.compile(
    r"<(/?)(?!(?:br|col|hr|img|input|li|link|meta|option|p|source|td|th|tr|wbr)\b)[a-z]", re.IGNORECASE
)


def read_html(text: str) -> list[Part]:
    """Return the tables of a page, outermost ones only, and the text between them, in its order.

    Raises `ValidationError` for elements that are nested too deep.
    """
    level = 0
    for match in _NESTED.finditer(text):
        level = max(0, level - 1) if match[1] else level + 1
        if level > _MOST_LEVELS:
            message = f"must have elements nested at most {_MOST_LEVELS:,} levels deep, got more"
            line = text.count("\n", 0, match.start()) + 1
            raise ValidationError(Problem("PAGE", message, "Save only the part of the page with the tables", line))
    reader = _Reader()
    root = LexborHTMLParser(text).root
    if root is not None:
        for node, enters in _walk(root):
            reader.visit(node, enters=enters)
    reader.flush()
    return reader.parts


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node on entering and on leaving it, without recursion: a page may be nested deeply."""
    node, first = root, root.mem_id
    while True:
        yield node, True
        inner = None if node.tag in _SKIPPED else node.first_child
        if inner is not None:
            node = inner
            continue
        while True:
            yield node, False
            if node.mem_id == first:
                return
            if (after := node.next) is not None:
                node = after
                break
            outer = node.parent
            if outer is None:
                return
            node = outer


class _Reader:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._section = "top"
        self._text: list[str] = []
        self._pre = 0
        self._tables = 0
        """How many tables are open."""
        self._rows: list[list[str]] = []
        self._is_cell = False
        self._spans = (1, 1)
        self._below: dict[int, tuple[str, int]] = {}
        """By column: the text of a cell that spans this row, and the rows that it still spans."""

    def visit(self, node: LexborNode, *, enters: bool) -> None:
        tag = node.tag or ""
        if node.is_text_node:
            if enters:
                text = node.text_content or ""
                self._text.append(text if self._pre else " ".join(f"|{text}|".split())[1:-1])
        elif tag == "table":
            self._table(enters=enters)
        elif self._tables == 1 and tag == "tr":
            self._row(enters=enters)
        elif self._tables == 1 and tag in ("td", "th"):
            self._cell(node, enters=enters)
        elif tag == "br":
            self._text.append("\n" if enters else "")
        elif tag in _CODE or (tag == "span" and "literal" in (node.attributes.get("class") or "")):
            self._text.append("" if self._pre else '"')
        elif tag in _BLOCKS:
            self._block(tag, enters=enters)

    def flush(self, *, is_heading: bool = False) -> None:
        """End the block that is open."""
        text = cleaned("".join(self._text))
        self._text = []
        if text:
            self.parts.append(Block(self._section, text))
            if is_heading:
                self._section = text

    def _block(self, tag: str, *, enters: bool) -> None:
        if tag == "pre":
            self._pre += 1 if enters else -1
        if self._is_cell:
            self._text.append("\n- " if tag == "li" and enters else "\n")
        else:
            self.flush(is_heading=tag in _HEADINGS and not enters)

    def _table(self, *, enters: bool) -> None:
        if self._tables == 0:
            self.flush()
        self._tables += 1 if enters else -1
        if self._tables == 1 and enters:
            self._rows, self._below, self._is_cell = [], {}, False
        elif self._tables == 0:
            rows = [tuple(row) for row in self._rows if row]
            number = sum(isinstance(part, Table) for part in self.parts) + 1
            if len(rows) > 1:
                self.parts.append(Table(f"table {number}", rows[0], tuple(rows[1:])))
            else:
                self.parts += [Block(self._section, cell) for row in rows for cell in row if cell]

    def _row(self, *, enters: bool) -> None:
        if enters:
            self._rows.append([])
        self._fill()

    def _cell(self, node: LexborNode, *, enters: bool) -> None:
        if enters:
            self._text, self._is_cell = [], True
            self._spans = (_span(node, "colspan"), _span(node, "rowspan"))
            return
        text, (columns, rows) = cleaned("".join(self._text)), self._spans
        self._text, self._is_cell = [], False
        if not self._rows:
            self._rows.append([])
        self._fill()
        for _ in range(columns):
            if rows > 1:
                self._below[len(self._rows[-1])] = (text, rows)
            self._rows[-1].append(text)

    def _fill(self) -> None:
        """Repeat the cells that span this row, up to the next free column."""
        row = self._rows[-1]
        while (column := len(row)) in self._below:
            text, left = self._below[column]
            row.append(text)
            if left > 2:
                self._below[column] = (text, left - 1)
            else:
                del self._below[column]


def _span(node: LexborNode, name: str) -> int:
    value = node.attributes.get(name) or ""
    return min(int(value[:4]), _MOST_SPANNED) or 1 if value.isascii() and value.isdigit() else 1
