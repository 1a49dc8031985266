"""Fill the placeholders of a page, which show data of documents and committed figures in hand-written prose.

A placeholder is a line of its own, a kind and words:

    {{ diagram: flow }}
    {{ table: services }}

There are no expressions, conditions or includes. A placeholder in a fenced block (``` or ~~~) stays as it is.

To add a diagram or a table, add a function to `DIAGRAMS` (`diagrams.py`) or `TABLES`; to add a kind, a function to
`KINDS`. It raises `LookupError` with one sentence for words it does not know; the error names file and line. A block
of HTML is one element without an empty line in it, and takes its colours from `theme/assets/site.css`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.docs.benchmarks import scoreboard
from generator.docs.context import Block, SiteContext, service_table
from generator.docs.diagrams import diagram
from generator.docs.plain_markdown import Fence
from generator.errors import Problem

TABLES: dict[str, Callable[[SiteContext], str]] = {"services": service_table, "scoreboard": scoreboard}


def _table(context: SiteContext, words: list[str]) -> Block:
    name = " ".join(words)
    if name not in TABLES:
        raise LookupError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
    return Block.same(TABLES[name](context))


KINDS: dict[str, Callable[[SiteContext, list[str]], Block]] = {"diagram": diagram, "table": _table}

_PLACEHOLDER = re.compile(r"\{\{ *(?P<kind>[a-z]+): *(?P<words>[^}]*?) *\}\}\s*\Z")


def fill(text: str, context: SiteContext, file: str, first_line: int = 1) -> tuple[str, str, list[Problem]]:
    """Fill the placeholders of a text. Returns the page for the site, the page for its Markdown copy, and problems."""
    shown: list[str] = []
    plain: list[str] = []
    problems: list[Problem] = []
    fence = Fence()
    for number, line in enumerate(text.splitlines(), first_line):
        block = Block.same(line)
        if not fence.holds(line) and line.lstrip().startswith("{{"):
            try:
                block = _block(line, context)
            except LookupError as error:
                problems.append(Problem(file, str(error.args[0]), "See generator/docs/macros.py", number))
        shown.append(block.markdown)
        plain.append(block.plain)
    return "\n".join(shown) + "\n", "\n".join(plain) + "\n", problems


def _block(line: str, context: SiteContext) -> Block:
    found = _PLACEHOLDER.match(line)
    if found is None:
        raise LookupError(f"{line.strip()!r} is no placeholder of the form {{{{ kind: words }}}}")
    kind = KINDS.get(found["kind"])
    if kind is None:
        raise LookupError(f"{found['kind']} is no kind of placeholder; there are {', '.join(sorted(KINDS))}")
    return kind(context, found["words"].split())
