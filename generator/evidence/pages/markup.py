"""Pages in Markdown and reStructuredText, turned into HTML by their parsers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import roles
from markdown_it import MarkdownIt

from ...errors import Problem, ValidationError

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
    """Whether a page is HTML: it begins with a tag."""
    return (
        re.match(r"\s*<(?:!doctype|!--|html|head|body|div|table|section|article|main|p|h[1-6])\b", text, re.I)
        is not None
    )


def is_markdown(text: str) -> bool:
    """Whether a page has a table of Markdown, or one of HTML inside it."""
    lines = text.splitlines()
    return "</table" in text.lower() or any(
        _RULE.fullmatch(rule.strip()) and len(_cells(heading)) == len(re.findall("-{2,}", rule)) > 1
        for heading, rule in pairwise(lines)
    )


def _cells(line: str) -> list[str]:
    return _PIPE.split(line.strip().removeprefix("|").removesuffix("|"))


def is_restructured(text: str) -> bool:
    """Whether a page has a table or a directive of reStructuredText."""
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
        message = "must not be nested hundreds of levels deep"
        raise ValidationError(Problem("PAGE", message, "Give the part of the page that has the tables")) from None
    return str(parts["html_body"])


def _plain_role(
    name: str, raw: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[Sequence[Any], Sequence[Any]]:
    return [nodes.inline(raw, re.sub(r"\s*<[^<>]*>$", "", text))], []


def _check_length(text: str) -> None:
    if len(text) > _LONGEST:
        message = f"must have at most {_LONGEST:,} characters, got {len(text):,}"
        raise ValidationError(Problem("PAGE", message, "Give the part of the page that has the tables"))
