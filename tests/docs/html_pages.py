"""The visible text of a built page, read without running scripts: the text of its elements, by their links."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

_EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_UNSEEN = {"script", "style", "template", "head"}


class _Texts(HTMLParser):
    """Collects the text of every element with an id or with a requested class."""

    def __init__(self, whole: str) -> None:
        super().__init__(convert_charrefs=True)
        self.whole = whole
        self.texts: dict[str, str] = {}
        self.open: list[tuple[str, set[str], bool]] = []
        """Tag, the ids of an element's text, and whether it is one of `whole`."""
        self.preformatted: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        names = {given["id"]} if given.get("id") else set()
        for name in names:
            self.texts.setdefault(str(name), "")
            # The id of a heading names the whole statement that the heading is of.
            for _, outer, is_whole in reversed(self.open):
                if is_whole:
                    outer.add(str(name))
                    break
        if tag == "pre":
            self.preformatted.append("")
        if tag not in _EMPTY:
            self.open.append((tag, {str(name) for name in names}, self.whole in str(given.get("class")).split()))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _, _ in self.open]
        if _UNSEEN & set(tags):
            return
        if "pre" in tags:
            self.preformatted[-1] += data
        for name in {name for _, names, _ in self.open for name in names}:
            self.texts[name] += data


def statements(page: Path) -> dict[str, str]:
    """Return the text of each statement of a service's page, by its link. Runs of white space become one blank."""
    return {name: " ".join(text.split()) for name, text in _parsed(page).texts.items()}


def preformatted(page: Path) -> list[str]:
    """Return the blocks of code and data of a page, as they are shown."""
    return _parsed(page).preformatted


def visible(page: Path) -> str:
    """Return all text of a page. Runs of white space become one blank."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    parser = _Everything()
    parser.feed(text)
    return " ".join("".join(parser.parts).split())


class _Everything(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


@cache
def _parsed(page: Path) -> _Texts:
    parser = _Texts("statement")
    parser.feed(page.read_text(encoding="utf-8"))
    return parser
