"""A checkout with markup in every free text of its documents, evidence and recordings, and its site.

`python -m tests.docs.hostile FOLDER` builds the site for `make docs-browser`, which checks that no markup runs as
script.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.documents import load
from tests.generator.directory_snapshots import INPUTS, copy_tree, workshop

SERVICE = "cce"

RUN = "window.__ran=self"
"""The script in each of the texts. It has no number, because a number in a description would need evidence."""
INLINE = (
    f""" " onfocus={RUN} autofocus "><img src=x onerror={RUN}>"""
    f"""<script>{RUN}</script></code></td></summary></title>'><svg onload={RUN}><!-- """
    f"""[x](javascript:{RUN}) [y](data:text/html,z "t") ![z](x" onerror="{RUN}) [a][b] <javascript:{RUN}> """
    f"""[w](java&#115;cript:{RUN}) &lt;img src=x onerror={RUN}&gt; *e*{{: onclick={RUN} }} `c`{{ onclick={RUN} }} """
    f"""\\`<i onclick={RUN}>\\` {{{{ diagram: flow }}}} {{% raw %}} \x02wzxhzdk:0\x03 \ue000img src=x onerror={RUN}> """
    f"""{{: onclick={RUN} }}"""
)
"""Markup within a line."""
SHORT = (
    f""" " onfocus={RUN} autofocus "><img src=x onerror={RUN}><script>{RUN}</script>"""
    f"""[x](javascript:{RUN}){{: onclick={RUN} }}"""
)
"""Shorter markup within a line, so that pages do not grow too much."""
BLOCKS = f"""

<script>{RUN}</script>

<div onclick={RUN} markdown>

# Heading

Heading
=======

::: os.path

!!! note "Title"

??? note "Title"

=== "Tab"

--8<-- "/etc/passwd"

{{{{ diagram: flow }}}}

[TOC]

Term
:   Definition

[a]: javascript:{RUN}

- ::: os.path
- # Heading

```sh

~~~

</div></div></div>

---
title: {RUN}
---

"""
"""Markup on separate lines."""
_LINES = {"description", "statement", "note", "page", "other", "decision", "consequence", "repaired"}
"""Keys of texts of several lines."""
_LINE = {"title", "summary", "origin", "edition", "section", "location"}
_WORDS = {"enum"}
"""Keys of values of the wire, which a service's files must agree on."""


def hostile_tree(folder: Path) -> Path:
    """Copy the checkout with markup in its texts, and make its client."""
    tree = copy_tree(folder, *INPUTS, "CHANGELOG.md", "STABILITY.md")
    _add_markup(tree, SERVICE)
    made = workshop(tree, "client")
    assert made.returncode == 0, made.stderr
    return tree


def hostile_site(folder: Path) -> Path:
    """Build the site of such a checkout."""
    tree = hostile_tree(folder)
    made = workshop(tree, "docs", "--output", "site")
    assert made.returncode == 0, made.stderr
    return tree / "site"


def markup(text: str, more: str) -> str:
    """Return the text with markup after its first word: lint checks its first and last characters."""
    first, blank, rest = text.partition(" ")
    return f"{first}{more}{blank}{rest}"


def _add_markup(tree: Path, service: str) -> None:
    base = tree / "openapi"
    files = [base / f"{service}.yaml", base / "evidence" / f"{service}.yaml"]
    files += sorted((base / "recordings" / service).iterdir())
    sources = {path: load(path).data for path in files}
    words = {text for key, text in _leaves(sources[files[0]]) if key in _WORDS}
    for path, data in sources.items():
        # JSON is YAML.
        path.write_text(json.dumps(_MarkupInserter(words).changed(data), indent=1), encoding="utf-8")


class _MarkupInserter:
    """Insert markup into the texts of a file: long into the first text of each key, short into the others."""

    def __init__(self, words: set[str]) -> None:
        self.words = words
        self.seen: set[str] = set()

    def changed(self, value: Any, key: str = "") -> Any:
        match value:
            case dict():
                return {name: self.changed(member, name) for name, member in value.items()}
            case list():
                return [self.changed(member, key) for member in value]
            case str():
                return self._text(value, key)
        return value

    def _text(self, text: str, key: str) -> str:
        if text and text in self.words:
            return markup(text, SHORT)
        if key == "body" and text.startswith(("{", "[")):
            return json.dumps(self.changed(json.loads(text)))
        if key == "raw" and "\n" in text:
            return f"{text}\n```\n{INLINE}{BLOCKS}"
        # Evidence repeats a URL of the document as the value of its pointer, so both must be equal.
        if key.rpartition("/")[2] == "url":
            return f'{text}"><img src=x onerror={RUN}>'
        if key not in _LINE | _LINES:
            return text
        if key in self.seen:
            return markup(text, SHORT)
        self.seen.add(key)
        return markup(text, INLINE + BLOCKS if key in _LINES else INLINE)


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with the key that it is under, itself or its list."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, key)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as made:
        site = hostile_site(Path(made))
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(site, target)
