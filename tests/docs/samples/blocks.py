"""Finds the samples of a Markdown page: its fenced blocks, each with the block that shows its output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

import attrs

RUN = ("python", "console", "sh", "ts")
"""Languages of blocks to run: Python; a terminal, with commands after `$ ` and their output; commands; TypeScript."""
SHOWN = ("text", "json")
"""Languages of a block with the output of the block right before it."""

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}) *(?P<language>[\w+-]*)(?P<info>.*)$")
_TITLE = re.compile(r'title="([^"]+)"')
_NOT_RUN = re.compile(r"^ *<!-- not run: (.+?) -->$")


@attrs.frozen
class Block:
    """A fenced block."""

    language: str
    title: str | None
    """Name of the file with the content of the block."""
    text: str
    first: int
    """Index of its first line in the page, after the fence."""
    end: int
    """Index of the closing fence."""
    indent: str
    not_run: str | None
    """The reason not to run it, from a comment before it: `<!-- not run: … -->`."""


@attrs.frozen
class Sample:
    """A block that is run or becomes a file, and the block with its output."""

    block: Block
    shown: Block | None

    @property
    def is_file(self) -> bool:
        """Whether the block is the content of a file that later blocks use."""
        return self.block.title is not None


def blocks(markdown: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, those inside of lists and tabs too."""
    lines = markdown.splitlines()
    at = 0
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        if opened is None:
            at += 1
            continue
        indent, fence = opened["indent"], opened["fence"]
        end = next((n for n in range(at + 1, len(lines)) if lines[n].rstrip() == indent + fence), len(lines))
        title = _TITLE.search(opened["info"])
        before = next((line for line in reversed(lines[:at]) if line.strip()), "")
        reason = _NOT_RUN.match(before)
        yield Block(
            language=opened["language"],
            title=title[1] if title else None,
            text="".join(line.removeprefix(indent) + "\n" for line in lines[at + 1 : end]),
            first=at + 1,
            end=end,
            indent=indent,
            not_run=reason[1] if reason else None,
        )
        at = end + 1


def samples(markdown: str) -> Iterator[Sample]:
    """Yield the samples of a page, in its order."""
    lines = markdown.splitlines()
    found = list(blocks(markdown))
    for block, after in zip_longest(found, found[1:]):
        if block.language not in RUN and block.title is None:
            continue
        shown = None
        if after is not None and after.language in SHOWN and after.title is None and after.indent == block.indent:
            between = lines[block.end + 1 : after.first - 1]
            shown = None if any(line.strip() for line in between) else after
        yield Sample(block, shown)
