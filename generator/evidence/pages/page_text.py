"""The text of a page outside the rows of its tables: sentences by their fingerprints, examples by their recordings.

A fingerprint is a short digest of a sentence, by which any change of it is noticed. The evidence keeps no sentence of a
page. It keeps these digests, in the order of the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import attrs

from ...documents import Recording
from ...documents.json_pointer import child
from .page import Block, Part
from .parameter_rows import name_of

_SENTENCE = re.compile(r"(?<=[.;!?])\s+|(?<=[。；！？])|\n")

_NO_TEXT = re.compile(r"[\s\"'“”‘’„«»`*\\|]+|[#¶]+$")
"""Spaces, quotes and marks, which can differ between copies of a page."""

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
    """Return the sentences of a page, in its order."""
    return [each for place, part in enumerate(parts) for each in _of_part(part, place)]


def digest(text: str, row: str = "") -> str:
    """Return the digest of a sentence, by its row: equal words in another row have another one."""
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
class SentenceChange:
    """Sentences of a page that differ, at one place."""

    before: Sequence[str]
    """Digests of the sentences that were at this place."""
    now: Sequence[Sentence]
    after: Sentence | None
    """The sentence before it."""


def changes(known: Sequence[str], page: Sequence[Sentence]) -> tuple[list[SentenceChange], bool]:
    """Return where a page differs from the known digests, and whether sentences are in another order."""
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
            found.append(SentenceChange(before, now, page[first - 1] if first else None))
    return found, bool(moved)


def _taken(moved: Counter[str], each: str) -> bool:
    if moved[each] > 0:
        moved[each] -= 1
        return True
    return False


_TRAILING_COMMA = re.compile(r",(\s*[}\]])")

_MOST_STARTS = 5
"""Number of braces in a block at which a JSON value is searched for."""

_ALIKE = 0.5
"""The least share of equal members with which an example belongs to a recording."""


@attrs.frozen
class PageExample:
    """A JSON object or array on a page."""

    place: int
    """The index of its part of the page."""
    value: Any
    text: str
    """All of the block."""
    rest: str
    """The block without the value."""
    source: str
    """The text of the value, without surplus commas, which some pages have."""
    is_json: bool
    """Whether the text on the page is JSON without a correction."""


@attrs.frozen
class ExampleChange:
    """A difference between an example and its recording."""

    recording: str
    pointer: str
    what: str


def examples(parts: Sequence[Part]) -> Iterator[PageExample]:
    """Yield the examples of a page."""
    for place, part in enumerate(parts):
        if isinstance(part, Block) and (found := _example(place, part.text)):
            yield found


def _example(place: int, text: str) -> PageExample | None:
    for start in [match.start() for match in re.finditer(r"[{\[]", text)][:_MOST_STARTS]:
        for candidate, is_json in ((text[start:], True), (_TRAILING_COMMA.sub(r"\1", text[start:]), False)):
            try:
                value, end = json.JSONDecoder(strict=False).raw_decode(candidate)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict | list) and value:
                return PageExample(place, value, text, text[:start] + candidate[end:], candidate[:end], is_json)
    return None


def matched(
    found: Sequence[PageExample], recordings: Mapping[str, Recording]
) -> dict[int, tuple[PageExample, Recording]]:
    """Return the recording of each example, by the index of the example's part of the page; the best match first."""
    leaves = {each.place: set(_leaves(each.value)) for each in found}
    scores = []
    for recording in recordings.values():
        recorded = set(_leaves(recording.body))
        for each in found:
            if common := len(recorded & leaves[each.place]):
                scores.append((common / len(recorded | leaves[each.place]), recording.id, each))
    pairs: dict[int, tuple[PageExample, Recording]] = {}
    used: set[str] = set()
    for score, name, each in sorted(scores, key=lambda entry: (-entry[0], entry[1], entry[2].place)):
        if score >= _ALIKE and each.place not in pairs and name not in used:
            pairs[each.place] = (each, recordings[name])
            used.add(name)
    return pairs


def example_changes(example: PageExample, recording: Recording) -> Iterator[ExampleChange]:
    """Yield the differences between an example and its recording."""
    found = [
        ExampleChange(recording.id, pointer, what) for pointer, what in _differences(recording.body, example.value)
    ]
    yield from found
    raw = recording.source.data.get("raw")
    if not found and raw is not None and _dense(raw) != _dense(example.text):
        state = (
            "it is JSON now" if example.is_json and _example(0, raw) != _example(0, example.text) else "not its values"
        )
        yield ExampleChange(recording.id, "", f"the text of the example changed, {state}")
    elif not found and _pairs(example.source) != _pairs(recording.text):
        yield ExampleChange(recording.id, "", "members of the example are in another order, or repeated")


def _pairs(text: str) -> Any:
    """Return a JSON value with the members of its objects as they are written."""
    try:
        return json.JSONDecoder(strict=False, object_pairs_hook=lambda pairs: ["object", *map(list, pairs)]).decode(
            text
        )
    except ValueError:
        return None


def _dense(text: str) -> str:
    return "".join(text.split())


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(member, child(pointer, key))
    else:
        yield pointer, json.dumps(value)


def _differences(known: Any, now: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(known, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*known, *now]):
            here = child(pointer, key)
            if key not in now:
                yield here, "is not in the example any more"
            elif key not in known:
                yield here, f"is new in the example, {_short(now[key])}"
            else:
                yield from _differences(known[key], now[key], here)
    elif isinstance(known, list) and isinstance(now, list):
        for index, (one, other) in enumerate(zip(known, now, strict=False)):
            yield from _differences(one, other, child(pointer, index))
        if len(known) != len(now):
            yield pointer, f"has {len(now)} items in the example, and had {len(known)}"
    elif known != now or type(known) is not type(now):
        yield pointer, f"{_short(known)} becomes {_short(now)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
