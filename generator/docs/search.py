"""Data of the search: the sections of all pages as text, and words with one meaning.

The browser loads it when the search opens (`theme/assets/search/dialog.js`); the order of the results is made in
`engine.js` beside it. Everything that a page says is in it: code, tables and folded parts too.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from .context import Page
from .escaping import in_html

TERMS = Path(__file__).parent / "search_terms.yaml"
"""Groups of words with one meaning."""
DATA = "assets/search/index.js"
"""Location of the data below the site: a script, because a browser reads no JSON file from a folder (`file://`)."""

_WEIGHTS = (("changelog", 0.4), ("contradictions", 0.8), ("python/", 0.7), ("command-line", 0.8))
"""Generated pages that count less than others: they mention everything, or repeat a document."""
_GUIDE = 1.8
"""How much more the hand-written pages count."""
_HTML_TAG = re.compile(r"<[^>]+>")
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|kbd|mark|small|span|strong|sub|sup|wbr)\b[^>]*>")
_FIELD_OF_MODEL = re.compile(r"#.*\.models\.\w+\.")
"""Location of a model's field in the Python reference; fields are found on the page of their service instead."""


def search_data(items: Iterable[dict[str, Any]], pages: Sequence[Page]) -> str:
    """Return the script with the data, made from Zensical's index of sections.

    Args:
        items: Sections of the built site: location, title, level and text as HTML, and the headings of the navigation.
    """
    by_address = {page.address: page for page in pages}
    numbers: dict[str, int] = {}
    described: list[dict[str, Any]] = []
    sections: list[dict[str, Any]] = []
    for item in items:
        address = item["location"].partition("#")[0]
        if address not in by_address or _FIELD_OF_MODEL.search(item["location"]):
            continue
        if address not in numbers:
            numbers[address] = len(numbers)
            described.append(_described(by_address[address], item["path"]))
        section = {"page": numbers[address], "location": item["location"], "level": item["level"]}
        sections.append(section | {"title": _text(item["title"]), "text": _text(item["text"])})
    synonyms = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    data = {"pages": described, "sections": sections, "synonyms": synonyms}
    return f"globalThis.searchData = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n"


def _described(page: Page, path: Sequence[str]) -> dict[str, Any]:
    generated = next((weight for name, weight in _WEIGHTS if page.name.startswith(name)), 1)
    return {
        "title": html.unescape(in_html(page.title)),
        "location": page.address,
        "path": path[0] if len(path) > 1 else "",
        "keywords": html.unescape(in_html(page.description)),
        "weight": _GUIDE if page.source else generated,
    }


def _text(markup: str) -> str:
    """Return the text of HTML on one line. Elements other than inline ones separate words."""
    text = _HTML_TAG.sub(" ", _INLINE.sub("", markup))
    return " ".join(html.unescape(in_html(text)).split())
