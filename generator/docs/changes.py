"""The changelog as a page: the file of the checkout, with its links to files of the checkout taken out."""

from __future__ import annotations

import re

from generator.docs.copies import plain
from generator.docs.material import Material
from generator.docs.page import Page

_TO_FILE = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)[^)#]+\)")


def changelog_page(material: Material) -> Page:
    """The changelog."""
    text = _TO_FILE.sub(r"`\1`", (material.root / "CHANGELOG.md").read_text(encoding="utf-8"))
    return Page("changelog", "What changed in each version, for whoever uses it.", text, plain(text))
