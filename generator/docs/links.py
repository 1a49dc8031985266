"""Checks a built site as a browser finds it: every link and anchor leads somewhere, and nothing comes from elsewhere.

Zensical checks the links that are Markdown; this sees all of them, of raw HTML, pictures, docstrings and copies too.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.errors import Problem

_TAG = re.compile(r"<(?P<name>[a-zA-Z][a-zA-Z0-9]*)\b(?P<attributes>(?:[^<>\"]|\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r"\b(?P<name>id|href|src|srcset|data|action|poster)=\"(?P<value>[^\"]*)\"")
_LINK = re.compile(r"(?<![!\\])\]\((?P<to>[^()\s]+)\)")
_FENCED = re.compile(r"^( *)(```+|~~~+).*?^\1\2\s*$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_OUTSIDE_TAGS = {"a", "form"}
"""Elements that may name another host: whoever reads the page decides whether to go there."""


def broken(site: Path) -> list[Problem]:
    """Everything in the site that leads nowhere, or that a browser would load from another host."""
    texts = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in _texts(site)}
    named = {name: list(_anchors(text)) for name, text in texts.items() if name.endswith(".html")}
    anchors = {name: set(ids) for name, ids in named.items()}
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    found = []
    for name, ids in sorted(named.items()):
        for each in sorted({each for each in ids if ids.count(each) > 1}):
            found.append(Problem(f"{site.name}/{name}", f"has two places of the link #{each}", "Name one otherwise"))
    for name, text in sorted(texts.items()):
        for message, to in _of(name, text, files, anchors):
            found.append(Problem(f"{site.name}/{name}", f"{message}: {to}", "Mend the link where the page is made"))
    return found


def _texts(site: Path) -> Iterator[Path]:
    for suffix in (".html", ".md", ".txt"):
        yield from site.rglob(f"*{suffix}")


def _of(name: str, text: str, files: set[str], anchors: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    for tag, to in dict.fromkeys(_links(name, text)):
        split = urlsplit(to)
        if split.scheme or split.netloc:
            if tag not in _OUTSIDE_TAGS and split.scheme != "data":
                yield "loads something from another host", to
            continue
        if split.path.startswith("/"):
            yield "leads out of the site, which may lie below any path", to
            continue
        target = _file(name, unquote(split.path), files)
        if target is None:
            yield "leads nowhere", to
        elif split.fragment and target in anchors and unquote(split.fragment) not in anchors[target]:
            yield "leads to an anchor that is not there", to


def _links(name: str, text: str) -> Iterator[tuple[str, str]]:
    if not name.endswith(".html"):
        for link in _LINK.finditer(_CODE.sub("", _FENCED.sub("", text))):
            yield "a", link["to"]
        return
    for tag in _TAG.finditer(text):
        if tag["name"] == "link" and 'rel="canonical"' in tag["attributes"]:
            continue
        for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
            if attribute["name"] in ("href", "src", "srcset", "data", "action", "poster"):
                yield tag["name"], html.unescape(attribute["value"])


def _anchors(text: str) -> Iterator[str]:
    for tag in _TAG.finditer(text):
        for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
            if attribute["name"] == "id":
                yield html.unescape(attribute["value"])


def _file(name: str, path: str, files: set[str]) -> str | None:
    """The file that a path leads to from a file, as a static host serves it."""
    if not path:
        return name
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    if target.startswith(".."):
        return None
    for candidate in (target, posixpath.normpath(f"{target}/index.html")):
        if candidate in files:
            return candidate
    return None
