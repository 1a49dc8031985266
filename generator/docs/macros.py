"""Fills the placeholders of a page: the one way in which prose and what is made from documents meet.

A placeholder is a line of its own, KIND and WORDS:

    {{ picture: flow }}
    {{ table: compared states }}

The function of that kind in `KINDS` gets the material (documents, evidence, recordings) and the words, and returns a
`Block`: what the site shows, and what the Markdown copy of the page has in its place. It raises `LookupError` with one
sentence where it does not know the words; here that becomes an error with file and line. There is no other
mechanism: no expressions, no conditions, no includes. Inside a fenced block (``` or ~~~) nothing is replaced.

To add a kind, write a function `(Material, list[str]) -> Block` and name it in `KINDS`. A block of HTML is one element
on lines of its own without an empty line in it, `<figure class="picture">…</figure>` around the text of an SVG; its
colours are `currentColor` and the variables of `theme/assets/site.css` (`--ink`, `--soft`, `--line`, `--accent`,
`--good`, `--bad`, `--wait`), which follow the colour scheme.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.docs import comparison, context, diagrams
from generator.docs.benchmarks import scoreboard
from generator.docs.context import Block, SiteContext
from generator.errors import Problem

Kind = Callable[[SiteContext, list[str]], Block]

TABLES: dict[str, Callable[[SiteContext], str]] = {
    "services": context.services,
    "scoreboard": scoreboard,
    "compared states": comparison.states,
    "compared times": comparison.times,
    "compared parts": comparison.parts,
    "compared requests": comparison.requests,
    "compared errors": comparison.errors,
}


def _table(material: SiteContext, words: list[str]) -> Block:
    name = " ".join(words)
    if name not in TABLES:
        raise LookupError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
    return Block.same(TABLES[name](material))


KINDS: dict[str, Kind] = {
    "picture": diagrams.picture,
    "table": _table,
}

_PLACEHOLDER = re.compile(r"\{\{ *(?P<kind>[a-z]+): *(?P<words>[^}]*?) *\}\}\s*\Z")
_FENCE = re.compile(r" *(```+|~~~+)")


def fill(text: str, material: SiteContext, file: str, first_line: int = 1) -> tuple[str, str, list[Problem]]:
    """The text with its placeholders filled: for the site, for the Markdown copy, and what is wrong with them."""
    shown: list[str] = []
    plain: list[str] = []
    problems: list[Problem] = []
    fence = ""
    for number, line in enumerate(text.splitlines(), first_line):
        marker = _FENCE.match(line)
        if marker and (not fence or marker[1].startswith(fence)):
            fence = "" if fence else marker[1]
        if fence or not line.lstrip().startswith("{{"):
            shown.append(line)
            plain.append(line)
            continue
        try:
            block = _block(line, material)
        except LookupError as error:
            problems.append(Problem(file, str(error.args[0]), "See generator/docs/macros.py", number))
            continue
        shown.append(block.markdown)
        plain.append(block.plain)
    return "\n".join(shown) + "\n", "\n".join(plain) + "\n", problems


def _block(line: str, material: SiteContext) -> Block:
    found = _PLACEHOLDER.match(line)
    if found is None:
        raise LookupError(f"{line.strip()!r} is no placeholder of the form {{{{ kind: words }}}}")
    kind = KINDS.get(found["kind"])
    if kind is None:
        raise LookupError(f"{found['kind']} is no kind of placeholder; there are {', '.join(sorted(KINDS))}")
    return kind(material, found["words"].split())
