"""Checks many texts against one pattern in one go: a reply with thousands of times would spend a third of its reading
on matching them one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ._conformance import compiled, python_pattern

_BREAKLESS = re.compile(
    r"\^(?:[A-Za-z0-9 :_,;/=@+-]|\\[dw.+*?()\[\]{}^$|/\\-]|\[[A-Za-z0-9 :_.,;/=@+-]+\]|[(){}?*+])*\$"
)
"""Patterns of whole texts that cannot match a line break, by how they are written: no `.`, no class that excludes, no
alternative. Not all of those, but what times, ids and names are written with.
"""
_PLAIN_GROUP = re.compile(r"(?<!\\)\((?!\?)")
"""A group whose text is remembered, which takes time and is of no use."""
_FEW = 16
"""Texts, below which putting them together takes longer than it saves."""


def is_breakless(pattern: str) -> bool:
    """Whether texts can be checked against the pattern together."""
    return _BREAKLESS.fullmatch(pattern) is not None


def together(pattern: str) -> Callable[[list[str]], bool]:
    """What says whether all of some texts match a pattern that is breakless."""
    single = compiled(pattern).search
    # Each text ends with a line break, and nothing in the pattern can run across one.
    inner = _PLAIN_GROUP.sub("(?:", python_pattern(pattern).removeprefix("(?a)^").removesuffix(r"\Z"))
    lines = re.compile(rf"(?a)(?:(?:{inner})\n)*+").fullmatch

    def all_match(texts: list[str]) -> bool:
        if len(texts) < _FEW:
            return all(map(single, texts))
        joined = "\n".join(texts) + "\n"
        return joined.count("\n") == len(texts) and lines(joined) is not None

    return all_match
