"""Drift of a page: differences between its text and the evidence.

Rows of tables are compared with those of the evidence, examples with recordings. Any other change of the text is
noticed by the fingerprints of its sentences, and described by the facts of the new sentence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import attrs

from ...documents import Recording, Service
from ...errors import Problem, ValidationError
from ..descriptions import list_of_facts
from . import parameter_rows
from .markup import is_html, is_markdown, is_restructured, markdown_to_html, read_html, restructured_to_html
from .page import Block, Part, Table, flag, plain_type, with_captions
from .page_text import (
    PageExample,
    Sentence,
    SentenceChange,
    changes,
    digest,
    example_changes,
    examples,
    matched,
    sentences,
)
from .parameter_rows import Group, ParameterRow, groups
from .plain_text import read_plain_text


def read_page(text: str) -> list[Part]:
    """Return the tables of a page and the text between them. Raises `ValidationError` for a broken table."""
    if is_html(text):
        return with_captions(read_html(text))
    if is_markdown(text):
        return with_captions(read_html(markdown_to_html(text)))
    if is_restructured(text):
        return with_captions(read_html(restructured_to_html(text)))
    return with_captions(read_plain_text(text))


_IN_TABLES = ("path", "query", "header", "authentication", "field", "status")

_LEAST_IN_COMMON = 2
"""One part in so many rows must be common, half of them: pages of one vendor always have some rows in common."""

_LEAST_OF_TEXT = 0.5
"""The least share of known sentences with which single changes are shown."""

Row = dict[str, Any]


@attrs.frozen
class Drift:
    """One difference between a page and the evidence."""

    kind: str
    """`added`, `removed`, `type`, `mandatory`, `values`, `default`, `bounds`, `example`, `route`, `unit`, `text` or
    `order`."""
    name: str
    """The row's name on the wire."""
    row: str | None
    """The row's id in the evidence; None where it is new."""
    section: str
    """The table of the evidence; for a table that the evidence lacks, its line on the page."""
    what: str


def compare_page(service: Service, text: str, name: str = "PAGE") -> list[Drift]:
    """Return every difference between a page's text and the evidence, in the order of the evidence.

    Raises:
        ValidationError: The page has no tables or a broken one, or is the page of another operation.
    """
    parts, found = _tables_of(text, name)
    evidence = service.evidence.data
    sections = [
        (section, list(rows)) for section, rows in groupby(_rows(evidence), key=lambda row: str(row["section"]))
    ]
    pairs = _pairs(sections, found)
    common = sum(
        row["name"] in {other.name for other in found[number].rows}
        for index, number in pairs.items()
        for row in sections[index][1]
    )
    if common * _LEAST_IN_COMMON < len(_rows(evidence)):
        title = evidence["page"]["title"]
        message = f"must have half of the {len(_rows(evidence))} rows in the evidence of {service.name}, got {common}"
        raise ValidationError(Problem(name, message, f"Name a copy of the page {title!r}, or another service"))
    drifts = [*_prose(evidence, text), *_differences(sections, found, pairs)]
    recorded = matched(list(examples(parts)), service.recordings)
    for example, recording in recorded.values():
        for change in example_changes(example, recording):
            section = f"example of {change.recording}"
            drifts.append(Drift("example", change.pointer or "example", None, section, change.what))
    known = evidence["page"].get("fingerprints")
    if known is not None:
        page = sentences(_without_examples(parts, recorded))
        digests = known.split()
        same = len(set(digests) & {each.digest for each in page})
        if same < _LEAST_OF_TEXT * len(set(digests)):
            what = f"only {same} of {len(set(digests))} known sentences are on the page; compare the others by hand"
            drifts.append(Drift("text", "text", None, "the page", what))
        else:
            drifts += _text_changes(evidence, parts, found, drifts, *changes(digests, page))
    elif not drifts and hashlib.sha256(text.encode()).hexdigest() != evidence["page"]["sha256"]:
        what = "the text differs; add its fingerprints to the evidence to see where (evidence fingerprints)"
        drifts.append(Drift("text", evidence["page"]["title"], None, "the page", what))
    return drifts


def fingerprints(service: Service, text: str, name: str = "PAGE") -> str:
    """Return the digests of the sentences of a page, as its evidence has them under `page`.

    Raises `ValidationError`.
    """
    parts, _ = _tables_of(text, name)
    recorded = matched(list(examples(parts)), service.recordings)
    return " ".join(each.digest for each in sentences(_without_examples(parts, recorded)))


def _tables_of(text: str, name: str) -> tuple[list[Part], list[Group]]:
    """Return the parts of a page, and the rows of its tables of parameters."""
    try:
        parts = read_page(text)
        found = list(groups([part for part in parts if isinstance(part, Table)]))
    except ValidationError as refused:
        raise ValidationError([attrs.evolve(problem, file=name) for problem in refused.problems]) from None
    if not found:
        message = "must have a table of parameters, got none"
        raise ValidationError(Problem(name, message, "Save the text of the page with its tables"))
    return parts, found


def _without_examples(parts: Sequence[Part], recorded: Mapping[int, tuple[PageExample, Recording]]) -> list[Part]:
    """Return the parts, with each example replaced by the name of the recording that it is compared with."""
    return [
        attrs.evolve(part, text=_rest(*recorded[place])) if place in recorded and isinstance(part, Block) else part
        for place, part in enumerate(parts)
    ]


def _rest(example: PageExample, recording: Recording) -> str:
    """Return the name of an example's recording, with the words around the example that the raw text lacks."""
    return f"example {recording.id}" + ("" if "raw" in recording.source.data else f"\n{example.rest}")


_ROUTE = re.compile(r"(?:\b(?:GET|POST|PUT|PATCH|DELETE|HEAD)\s+\S*/|(?<![\w.])/[\w.{}-]+/[\w.{}/-]+|https?://)")

_UNIT = re.compile(
    r"\b(?:(?:nano|micro|milli)seconds?|seconds)\b|\b(?:minutes?|hours?|days?|(?:kilo|mega|giga)?bytes?|[KMG]i?B|percent)\b|%"
    r"|[毫微纳]?秒|分钟|小时|天|字节|百分比",
    re.IGNORECASE,
)

_TOKEN = re.compile(r"\w+(?:[./+-]+\w+)*")

_WORDS_OF_DRIFTS = frozenset(
    [
        "the",
        "values",
        "value",
        "gain",
        "lose",
        "and",
        "are",
        "named",
        "now",
        "default",
        "is",
        "stated",
        "not",
        "any",
        "more",
        "becomes",
        "minimum",
        "maximum",
    ]
)

_OF_DESCRIPTION = ("values", "default", "bounds")


def _text_changes(
    evidence: dict[str, Any],
    parts: Sequence[Part],
    page: Sequence[Group],
    drifts: Sequence[Drift],
    found: Sequence[SentenceChange],
    is_reordered: bool,
) -> Iterator[Drift]:
    """Yield the changed sentences that no other drift explains, those of one row or paragraph together."""
    explained = _Explanations(drifts, page, _rows(evidence), {each for change in found for each in change.before})
    by_place: dict[tuple[int, str], list[str]] = {}
    in_part: set[tuple[int, str]] = set()
    for change in found:
        is_removal = explained.is_removal(change)
        for each in change.now:
            place = (each.place, each.row)
            # The line of an operation is replaced by its new line, and belongs to no row.
            if explained.is_known(each) or (is_removal and not each.row):
                in_part.add(place)
            else:
                by_place.setdefault(place, []).append(each.text)
        if change.before and not change.now and not is_removal:
            place = (change.after.place, change.after.row) if change.after else (0, "")
            if not explained.is_shorter(place[1]):
                by_place.setdefault(place, [])
    rows = {row["name"]: row for row in reversed(evidence["rows"])}
    for (index, name), texts in by_place.items():
        part = parts[index]
        if (index, name) in in_part and not any(map(_states_facts, texts)):
            # For example the words before a list of values that is reported.
            continue
        if (index, name) not in in_part and len(texts) == 1 and explained.is_shorter(name):
            # The sentence stated a fact that another drift reports as missing.
            continue
        row = rows.get(name) if isinstance(part, Table) else None
        section = row["section"] if row else part.section if isinstance(part, Block) else part.place
        kind, what = _described(texts)
        about = [entry["id"] for entry in evidence["contradictions"] if row and row["id"] in entry["rows"]]
        what += f"; see {', '.join(about)}" if about else ""
        yield Drift(kind, name or "text", row["id"] if row else None, section, what)
    if is_reordered:
        yield Drift("order", "text", None, "the page", "sentences or rows are in another order")


def _states_facts(text: str) -> bool:
    return bool(list_of_facts(text) or _ROUTE.search(text) or _UNIT.search(text))


def _described(texts: Sequence[str]) -> tuple[str, str]:
    """Return the kind of changed sentences, and their text."""
    if not texts:
        return "text", "a sentence is not there any more"
    text = " ".join(texts)
    shown = text if len(text) <= 200 else f"{text[:200]}…"
    kind = "route" if _ROUTE.search(text) else "unit" if _UNIT.search(text) else "text"
    if kind == "text" and parameter_rows.listed_words(text):
        kind = "values"
    facts = list_of_facts(text)
    return kind, f"says now: {shown}" + (f" [{facts}]" if facts and facts != text else "")


class _Explanations:
    """Finds the changed sentences that belong to drifts of rows."""

    def __init__(self, drifts: Sequence[Drift], page: Sequence[Group], rows: Sequence[Row], gone: set[str]) -> None:
        self._all_gone = gone
        self._values = {row["name"]: [str(value) for value in row.get("values", ())] for row in rows}
        self._others = ["", *(drift.name for drift in drifts if drift.kind == "removed")]
        self._by_name: dict[str, list[Drift]] = {}
        for drift in drifts:
            self._by_name.setdefault(drift.name, []).append(drift)
        self._cells = {
            (row.name, cell)
            for group in page
            for row in group.rows
            for cell in (row.type, row.flag)
            if cell is not None
        }
        self._routes = [drift for drift in drifts if drift.kind == "text"]
        """Operations and servers that the page lacks now: their new line states another route."""
        self._gone = {
            digest(drift.name, drift.name if drift.kind == "removed" else "")
            for drift in drifts
            if drift.kind in ("removed", "text")
        }

        removed = {drift.row for drift in drifts if drift.kind == "removed"}
        left = ""
        self._before_removed: set[str] = set()
        """Names of the rows after which a row is missing; empty for the headings of a table."""
        for row in rows:
            if row["id"] in removed:
                self._before_removed.add(left)
            else:
                left = row["name"]

    def is_removal(self, change: SentenceChange) -> bool:
        """Return whether the missing sentences are those of a row or operation that is reported as removed."""
        found = self._gone & set(change.before)
        self._routes = [drift for drift in self._routes if digest(drift.name) not in found]
        left = change.after.row if change.after else ""
        return bool(found) or (not change.now and left in self._before_removed)

    def is_known(self, sentence: Sentence) -> bool:
        """Return whether another drift reports the statement of the sentence."""
        for drift in self._by_name.get(sentence.row, ()):
            if drift.kind == "added":
                return True
            if drift.kind in ("type", "mandatory") and (sentence.row, sentence.text) in self._cells:
                return True
            if drift.kind in _OF_DESCRIPTION:
                named = [*_TOKEN.findall(drift.what), *self._values.get(sentence.row, ())]
                if any(parameter_rows.names(sentence.text, word) for word in named if word not in _WORDS_OF_DRIFTS):
                    return True
        if any(digest(sentence.text, name) in self._all_gone for name in self._others if name != sentence.row):
            # In a text without marks between cells, the words after a removed last row belong to the row before it.
            return True
        if self._routes and not sentence.row and _ROUTE.search(sentence.text):
            self._routes.pop()
            return True
        return False

    def is_shorter(self, row: str) -> bool:
        """Return whether a drift reports that a row states less."""
        kinds: Collection[str] = ("type", "mandatory", *_OF_DESCRIPTION)
        return any(drift.kind in kinds for drift in self._by_name.get(row, ()))


def _rows(evidence: dict[str, Any]) -> list[Row]:
    return [row for row in evidence["rows"] if row["kind"] in _IN_TABLES]


def _pairs(sections: Sequence[tuple[str, list[Row]]], page: Sequence[Group]) -> dict[int, int]:
    """Return sections of the evidence and tables of the page with most names in common, by their indices."""
    scores = []
    for index, (_, rows) in enumerate(sections):
        for number, group in enumerate(page):
            one, other = {row["name"] for row in rows}, {row.name for row in group.rows}
            if common := one & other:
                scores.append((len(common) / len(one | other), -abs(index - number), index, number))
    found: dict[int, int] = {}
    for _, _, index, number in sorted(scores, reverse=True):
        if index not in found and number not in found.values():
            found[index] = number
    return found


def _differences(
    sections: Sequence[tuple[str, list[Row]]], page: Sequence[Group], pairs: dict[int, int]
) -> Iterator[Drift]:
    removed: list[tuple[str, Row]] = []
    added: list[tuple[str, ParameterRow]] = []
    matched: list[tuple[str, Row, ParameterRow]] = []
    for index, (section, rows) in enumerate(sections):
        group = page[pairs[index]].rows if index in pairs else ()
        by_name = {row.name: row for row in group}
        matched += [(section, row, by_name[row["name"]]) for row in rows if row["name"] in by_name]
        removed += [(section, row) for row in rows if row["name"] not in by_name]
        names = {row["name"] for row in rows}
        added += [(section, row) for row in group if row.name not in names]
    for number, other in enumerate(page):
        if number not in pairs.values():
            added += [(other.place, row) for row in other.rows]
    # A row that moved to another table is the same row if its name is unique.
    for section, row in list(removed):
        same = [each for each in added if each[1].name == row["name"]]
        if len(same) == 1 == sum(other["name"] == row["name"] for _, other in removed):
            removed.remove((section, row))
            added.remove(same[0])
            matched.append((section, row, same[0][1]))
    for section, row, other_row in matched:
        yield from _changed(section, row, other_row)
    for section, row in removed:
        yield Drift("removed", row["name"], row["id"], section, "is not on the page any more")
    for section, new in added:
        kinds = [text for text in (new.type, new.flag and f"mandatory: {new.flag}") if text]
        yield Drift("added", new.name, None, section, f"is new ({', '.join(kinds)})" if kinds else "is new")


def _changed(section: str, row: Row, page: ParameterRow) -> Iterator[Drift]:
    compared = {"type": _type, "mandatory": _flag, "values": _values, "default": _default, "bounds": _bounds}
    for kind, compare in compared.items():
        for what in compare(row, page):
            yield Drift(kind, row["name"], row["id"], section, what)


def _type(row: Row, page: ParameterRow) -> Iterator[str]:
    known, now = row.get("type"), page.type
    if now is None:
        if known is not None:
            yield f"type {known} is not stated any more"
    elif known is None:
        yield f"type {now} is stated now"
    elif (plain_type(known) or known.casefold()) != (plain_type(now) or now.casefold()):
        yield f"type {known} becomes {now}"


def _flag(row: Row, page: ParameterRow) -> Iterator[str]:
    words = {True: "mandatory", False: "optional"}
    if page.flag is None:
        if "mandatory" in row:
            yield f"{words[row['mandatory']]} is not stated any more"
        return
    now = flag(page.flag)
    word = words[now] if now is not None else page.flag or "nothing"
    if "mandatory" not in row:
        yield f"{word} is stated now"
    elif now is not row["mandatory"]:
        yield f"{words[row['mandatory']]} becomes {word}"


def _values(row: Row, page: ParameterRow) -> Iterator[str]:
    known = [str(value) for value in row.get("values", [])]
    now = parameter_rows.enum_values(page.text, known)
    removed = [value for value in known if value not in now]
    added = [value for value in now if value not in known]
    if added and not known:
        yield f"the values {', '.join(added)} are named now"
    elif added or removed:
        changes = [f"{verb} {', '.join(values)}" for verb, values in (("gain", added), ("lose", removed)) if values]
        yield f"the values {' and '.join(changes)}"


def _default(row: Row, page: ParameterRow) -> Iterator[str]:
    now = parameter_rows.default(page.text)
    if "default" not in row:
        if now is not None:
            yield f"default {now} is stated now"
        return
    known = str(row["default"])
    if now is None and not parameter_rows.names(page.text, known):
        yield f"default {known} is not stated any more"
    elif now is not None and now != known:
        yield f"default {known} becomes {now}"


def _bounds(row: Row, page: ParameterRow) -> Iterator[str]:
    now = parameter_rows.bounds(page.text)
    for key in ("minimum", "maximum"):
        one, other = row.get(key), now.get(key)
        if one is None and other is not None:
            yield f"{key} {other:g} is stated now"
        elif one is not None and other is None:
            if not parameter_rows.names(page.text, str(one)):
                yield f"{key} {one} is not stated any more"
        elif one is not None and other is not None and float(one) != other:
            yield f"{key} {one} becomes {other:g}"


def _prose(evidence: dict[str, Any], text: str) -> Iterator[Drift]:
    """Yield rows of the evidence from outside the tables: the operation, and its server."""
    plain = re.sub(r"[\\`*\s]+", "", text)
    for row in evidence["rows"]:
        if row["kind"] not in _IN_TABLES and re.sub(r"[\\`*\s]+", "", row["name"]) not in plain:
            yield Drift("text", row["name"], row["id"], row["section"], "is not on the page any more")
