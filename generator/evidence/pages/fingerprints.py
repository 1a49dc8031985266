"""Fingerprints of a page: a short digest of each sentence, by which any change of its text is noticed.

The evidence keeps no sentence of a page. It keeps these digests, in the order of the page.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import attrs

from .page import Block, Part
from .parameter_rows import name_of

_SENTENCE = re.compile(r"(?<=[.;!?])\s+|(?<=[。；！？])|\n")

_NO_TEXT = re.compile(r"[\s\"'“”‘’„«»`*\\|]+|[#¶]+$")
"""Spaces, quotes and marks, which another copy of a page may have in another way."""

_DIGITS = 4


@attrs.frozen
class Sentence:
    """A sentence of a paragraph, or of a cell."""

    text: str
    digest: str
    place: int
    """The index of its part of the page."""
    row: str
    """The name of the row that it is in, or empty."""


def sentences(parts: Sequence[Part]) -> list[Sentence]:
    """The sentences of a page, in its order."""
    return [each for place, part in enumerate(parts) for each in _of_part(part, place)]


def digest(text: str, row: str = "") -> str:
    """The digest of a sentence, by its row: equal words in another row have another one."""
    plain = _NO_TEXT.sub("", unicodedata.normalize("NFKC", text))
    return hashlib.sha256(f"{row}\0{plain}".encode()).hexdigest()[:_DIGITS]


def _of_part(part: Part, place: int) -> Iterator[Sentence]:
    if isinstance(part, Block):
        yield from _split(part.text, place, "")
        return
    yield from (each for heading in part.headings for each in _split(heading, place, ""))
    for row in part.rows:
        name = name_of(part, row)
        yield from (each for cell in row for each in _split(cell, place, name))


def _split(text: str, place: int, row: str) -> Iterator[Sentence]:
    for sentence in _SENTENCE.split(text):
        if _NO_TEXT.sub("", sentence):
            yield Sentence(sentence.strip(), digest(sentence, row), place, row)


@attrs.frozen
class Change:
    """Sentences of a page that differ, at one place."""

    before: Sequence[str]
    """Digests of the sentences that were there."""
    now: Sequence[Sentence]
    after: Sentence | None
    """The sentence before it."""


def changes(known: Sequence[str], page: Sequence[Sentence]) -> tuple[list[Change], bool]:
    """Where a page differs from the known digests, and whether sentences are in another order."""
    current = [each.digest for each in page]
    codes = SequenceMatcher(None, known, current, autojunk=False).get_opcodes()
    codes = [code for code in codes if code[0] != "equal"]
    gone = Counter(each for _, begin, end, _, _ in codes for each in known[begin:end])
    new = Counter(each for _, _, _, begin, end in codes for each in current[begin:end])
    moved = gone & new
    here, there = Counter(moved), Counter(moved)
    found = []
    for _, begin, end, first, last in codes:
        before = [each for each in known[begin:end] if not _taken(here, each)]
        now = [each for each in page[first:last] if not _taken(there, each.digest)]
        if before or now:
            found.append(Change(before, now, page[first - 1] if first else None))
    return found, bool(moved)


def _taken(moved: Counter[str], each: str) -> bool:
    if moved[each] > 0:
        moved[each] -= 1
        return True
    return False
