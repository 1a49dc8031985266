"""Fill the placeholders of a page, which show data of documents and committed figures in hand-written prose.

A placeholder is a separate line with a kind and words:

    {{ diagram: flow }}
    {{ table: services }}

Expressions, conditions and includes do not exist. A placeholder in a fenced block (``` or ~~~) stays as it is.

To add a diagram or a table, add a function to `DIAGRAMS` (`diagrams.py`) or `TABLES`; to add a kind, a function to
`KINDS`. It raises `LookupError` with one sentence for words it does not know; the error names file and line. A block
of HTML is one element without an empty line in it, and takes its colours from `theme/assets/site.css`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import Problem, ValidationError
from .benchmarks import other_tools, scoreboard
from .context import SiteContext, documents_table, hosts_table, service_table
from .diagrams import diagram
from .escaping import Fence

TABLES: dict[str, Callable[[SiteContext], str]] = {
    "services": service_table,
    "documents": documents_table,
    "hosts": hosts_table,
    "scoreboard": scoreboard,
    "tools": other_tools,
}


def _table(context: SiteContext, words: list[str]) -> str:
    name = " ".join(words)
    if name not in TABLES:
        raise LookupError(f"unknown table {name!r}, expected one of {', '.join(TABLES)}")
    return TABLES[name](context)


KINDS: dict[str, Callable[[SiteContext, list[str]], str]] = {"diagram": diagram, "table": _table}

_PLACEHOLDER = re.compile(r"\{\{ *(?P<kind>[a-z]+): *(?P<words>[^}]*?) *\}\}\s*\Z")


def fill(text: str, context: SiteContext, file: str, first_line: int = 1) -> str:
    """Return the text with its placeholders filled. Raises `ValidationError` for invalid ones."""
    lines, problems, fence = [], [], Fence()
    for number, line in enumerate(text.splitlines(), first_line):
        if fence.holds(line) or not line.lstrip().startswith("{{"):
            lines.append(line)
            continue
        try:
            lines.append(_content(line, context))
        except LookupError as error:
            problems.append(Problem(file, str(error.args[0]), "See generator/docs/macros.py", number))
    if problems:
        raise ValidationError(problems)
    return "\n".join(lines) + "\n"


def _content(line: str, context: SiteContext) -> str:
    found = _PLACEHOLDER.match(line)
    if found is None:
        raise LookupError(f"{line.strip()!r} is not a placeholder of the form {{{{ kind: words }}}}")
    if found["kind"] not in KINDS:
        raise LookupError(f"{found['kind']} is not a kind of placeholder, expected one of {', '.join(sorted(KINDS))}")
    return KINDS[found["kind"]](context, found["words"].split())
