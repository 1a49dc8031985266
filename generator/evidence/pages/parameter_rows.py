"""Rows of the tables of a page: name, type, flag, and the constraints in their descriptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

import attrs

from .page import (
    FLAG_HEADINGS,
    MOST_COLUMNS,
    NAME_HEADINGS,
    TEXT_HEADINGS,
    TYPE_HEADINGS,
    Table,
    flag,
    is_status,
    plain_type,
)

_DEFAULT_WORDS = (
    r"(?:the\s+)?default(?:\s+value)?(?:\s+is)?|defaults\s+to|(?:der\s+)?standardwert(?:\s+ist)?|standard|vorgabe"
    r"|valor\s+(?:predeterminado|padrão)(?:\s+(?:es|é))?|valeur\s+par\s+défaut(?:\s+est)?|по\s+умолчанию"
    r"|默认值?(?:为|是)?|缺省值?(?:为|是)?|預設值?(?:為|是)?|デフォルト値?(?:は)?|기본값(?:은)?"
)

_DEFAULT = re.compile(
    rf"(?<!\w)(?:{_DEFAULT_WORDS})\s*(?:[:：=]\s*)?[\"'“”]?(?P<value>[A-Za-z0-9][\w./+-]*)", re.IGNORECASE
)

_NO_DEFAULT = {"value", "is", "the", "none"}

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"

_RANGES = (
    re.compile(rf"[\[［]\s*(?P<low>{_NUMBER})\s*[,，;~-]\s*(?P<high>{_NUMBER})\s*[\]］]"),
    re.compile(
        rf"(?<![\w.])(?P<low>{_NUMBER})\s*(?:~|～|–|—|至|到|\bto\b|\bbis\b|\.\.)\s*(?P<high>{_NUMBER})(?![\w.])"
    ),
)

_MAXIMUM = re.compile(
    rf"(?:\bmax(?:imum|imal|imo)?\b|最大(?:值|长度)?)[^\d\n]{{0,24}}?(?P<high>{_NUMBER})", re.IGNORECASE
)

_MINIMUM = re.compile(
    rf"(?:\bmin(?:imum|imal|imo)?\b|最小(?:值|长度)?)[^\d\n]{{0,24}}?(?P<low>{_NUMBER})", re.IGNORECASE
)

_QUOTED = re.compile(r"[\"“”‘’„«»`]([A-Za-z][\w.:/-]*)[\"“”‘’„«»`]")

_ASIDE = re.compile(r"\([^()]*\)|（[^（）]*）")

_WORD = re.compile(r"[A-Za-z][\w.:/-]*")

_TOKEN = re.compile(r"[A-Za-z][\w-]*")

_SENTENCE = re.compile(r"(?<=[.。;；!?！？])\s+|(?<=[。；！？])|\n")

_SEPARATOR = re.compile(r"[,，、/|]|\b(?:and|or|und|oder|et|ou|y|e|o)\b|和|或者?|及|以及|与|と|또는", re.IGNORECASE)

_WIDE = re.compile(r"([^\x00-\x7f]+)")


def default(text: str) -> str | None:
    """Return the default in a description, as it is written."""
    for match in _DEFAULT.finditer(text):
        value = match["value"].rstrip("./")
        if value and value.casefold() not in _NO_DEFAULT:
            return value
    return None


def bounds(text: str) -> dict[str, float]:
    """Return the minimum and maximum of the value, or of its length, in a description."""
    found: dict[str, float] = {}
    for pattern in (*_RANGES, _MAXIMUM, _MINIMUM):
        if match := pattern.search(text):
            for group, key in (("low", "minimum"), ("high", "maximum")):
                if match.groupdict().get(group) is not None:
                    found.setdefault(key, float(match[group]))
    return found


def names(text: str, value: str) -> bool:
    """Return whether a description has a value as a separate word."""
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(value)}(?![A-Za-z0-9_])", text) is not None


def enum_values(text: str, known: Sequence[str]) -> list[str]:
    """Return the values in a description: the known ones, and words that are quoted or listed in the same way.

    Without known values, a list of quoted words, or of lines with one word each, is a list of values.
    """
    if not known:
        return _list_without_known(text)
    found = [value for value in known if names(text, value)]
    quoted = _QUOTED.findall(text)
    if set(quoted) & set(known):
        found += quoted
    there = dict.fromkeys(found)
    for sentence in _SENTENCE.split(_ASIDE.sub(" ", text)):
        there |= dict.fromkeys(_beside(sentence, known, there))
    return list(there)


_LISTED = re.compile(
    r"(?:[:：]|包括|包含|为|是|\b(?:is|are|including|include|be|one of)\b)\s*[\"“`]?"
    r"([A-Za-z][\w-]{0,60}(?:[\"”`]?\s{0,3}(?:[/、,，|]|and\b|or\b|和|或){1,2}\s{0,3}(?:and\b|or\b)?\s{0,3}[\"“`]?[A-Za-z][\w-]{0,60}){1,200})"
)


def listed_words(text: str) -> list[str]:
    """Return words that a sentence lists after a colon or a verb, such as `status: running/success/failed`."""
    lists = [_WORD.findall(match[1].replace("/", " ")) for match in _LISTED.finditer(text)]
    return [word.strip(".") for words in lists for word in words if word not in ("and", "or")]


def _beside(sentence: str, documented: Sequence[str], known: Collection[str]) -> list[str]:
    """Return words of a sentence that are separated in the same way as the known ones, the documented ones included."""
    positions = [
        match.start() for value in documented if value in known for match in re.finditer(re.escape(value), sentence)
    ]
    # There may be thousands of others, so each word is looked up instead of searching for each of them.
    positions += [match.start() for match in _WORD.finditer(sentence) if match[0].rstrip(".:") in known]
    if not positions:
        return []
    # A list begins after a colon, if there is one before its values.
    colon = max(sentence.rfind(mark, 0, max(positions)) for mark in ":：")
    parts = _SEPARATOR.split(sentence[colon + 1 :])
    segments = [[word for word in _WIDE.sub(r" \1 ", part).split() if _token(word)] for part in parts]
    found = []
    second_words = {after for part in segments for word, after in pairwise(part) if _token(word) in known}
    alone = any(len(part) == 1 and _token(part[0]) in known for part in segments) or any(
        _token(part[-1]) in known for part in segments if part
    )
    begun = False
    for part in segments:
        words = [_token(word) for word in part]
        begun = begun or any(word in known for word in words)
        if (len(part) == 1 and alone and begun) or (len(part) > 1 and part[1] in second_words):
            found.append(words[0])
    return [word for word in found if word and _TOKEN.fullmatch(word)]


def _token(word: str) -> str:
    return word.strip("\"'“”‘’`.。:：;；!()[]*")


def _list_without_known(text: str) -> list[str]:
    lines = [re.sub(r"^[-*•·–]\s*", "", line) for line in text.splitlines() if re.match(r"\s*[-*•·–]\s", line)]
    words = [
        match[1]
        for line in lines
        if (match := re.fullmatch(r"[\"“'`]?([A-Za-z][\w-]*)[\"”'`]?(?:\s*[:：=(（].*)?[.;,]?", line))
    ]
    if len(words) > 1 and len(words) == len(lines):
        return words
    quoted = _QUOTED.findall(text)
    return list(dict.fromkeys(quoted)) if len(set(quoted)) > 1 else []


@attrs.frozen
class ParameterRow:
    """One row of a page."""

    name: str
    """Name as on the wire; of a status, the three digits."""
    type: str | None = None
    """As on the page; None if the table has no types."""
    flag: str | None = None
    """As on the page; None if the table has no such column."""
    text: str = ""
    """The description, and the other cells."""


@attrs.frozen
class Group:
    """The rows of one table."""

    place: str
    """Of the table on the page."""
    caption: str
    rows: tuple[ParameterRow, ...]


def groups(tables: Sequence[Table]) -> Iterator[Group]:
    """Yield the tables of parameters, fields or statuses. Other tables are ignored."""
    for table in tables:
        if len(table.headings) > MOST_COLUMNS:
            continue
        first = [row[0] for row in table.rows]
        if first and all(is_status(cell) for cell in first):
            statuses = tuple(ParameterRow(is_status(row[0]) or "", text="\n".join(row[1:])) for row in table.rows)
            yield Group(table.place, table.caption, statuses)
            continue
        roles = _roles(table)
        if roles["type"] is None and roles["flag"] is None:
            continue
        rows = tuple(_parameter_row(row, roles) for row in table.rows)
        yield Group(table.place, table.caption, tuple(row for row in rows if row.name))


def name_of(table: Table, row: Sequence[str]) -> str:
    """Return the cell of a row that has its name."""
    headings = [heading.casefold().strip(" :*?") for heading in table.headings]
    column = next((index for index, heading in enumerate(headings) if heading in NAME_HEADINGS), 0)
    name = row[column].strip("\"' ") if column < len(row) else ""
    return is_status(name) or name


def _roles(table: Table) -> dict[str, int | None]:
    """Return the column of each role, by its heading or by its cells."""
    headings = [heading.casefold().strip(" :*?") for heading in table.headings]
    tests: dict[str, tuple[set[str], Callable[[str], bool]]] = {
        "flag": (FLAG_HEADINGS, lambda cell: flag(cell) is not None),
        "type": (TYPE_HEADINGS, lambda cell: plain_type(cell) is not None),
    }
    name = next((index for index, heading in enumerate(headings) if heading in NAME_HEADINGS), 0)
    roles: dict[str, int | None] = {"name": name}
    free = [index for index in range(len(headings)) if index != name and headings[index] not in TEXT_HEADINGS]
    for role, (known, fits) in tests.items():
        named = [index for index in free if headings[index] in known]
        filled = [index for index in free if _mostly(fits, [row[index] for row in table.rows if index < len(row)])]
        roles[role] = next(iter([*named, *filled]), None)
        free = [index for index in free if index != roles[role]]
    return roles


def _mostly(fits: Callable[[str], bool], cells: Sequence[str]) -> bool:
    return bool(cells) and sum(map(fits, cells)) * 2 > len(cells)


def _parameter_row(row: Sequence[str], roles: dict[str, int | None]) -> ParameterRow:
    def cell(role: str) -> str | None:
        index = roles[role]
        return row[index] if index is not None and index < len(row) else None

    others = [text for index, text in enumerate(row) if index not in roles.values()]
    name = (cell("name") or "").strip("\"' ")
    return ParameterRow(name, cell("type"), cell("flag"), "\n".join(others))
