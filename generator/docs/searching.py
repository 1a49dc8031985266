"""Makes the search index small, since every page loads it: of each section its title and the beginning of its text.

Code, tables and tags go. Fields of models are found on the page of their service, and nowhere else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from generator.docs.foreign import in_html

_LONGEST = 160
"""Characters of a section's text."""
_DROPPED = re.compile(r"<pre\b.*?</pre>|<table\b.*?</table>|<(details)\b.*?</\1>|<svg\b.*?</svg>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_OF_MODEL = re.compile(r"#.*\.models\.\w+\.")
"""A location of the Python reference that is a field of a model."""


def trim(index: Path) -> None:
    """Rewrite the index of a built site."""
    data: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    data["items"] = [
        {**item, "title": in_html(_text(item["title"])), "text": in_html(_beginning(_text(item["text"])))}
        for item in data["items"]
        if not _OF_MODEL.search(item["location"])
    ]
    index.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _text(html: str) -> str:
    """Text, still escaped, on one line."""
    return " ".join(_TAG.sub("", _DROPPED.sub("", html)).split())


def _beginning(text: str) -> str:
    """Cut between words, so that no entity is cut."""
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0]
