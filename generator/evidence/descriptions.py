"""Facts that descriptions state: the evidence about the place of a description must have each of them.

A fact is a literal in backquotes, a number, a word of `FACT_WORDS` (a unit, a state, a default, a condition, a
negation), or a thing that the document names, such as the job or the cluster. Other words are free, so that a
description can be reworded without a change of the evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from ..documents import Service, walk_schemas
from ..documents.json_pointer import child, find, leads_to_description, matches, segments
from ..documents.schema_view import known_values
from ..errors import Problem

FACT_WORDS: tuple[Mapping[str, str], ...] = (
    {
        "nanoseconds": r"nanoseconds?",
        "microseconds": r"microseconds?",
        "milliseconds": r"milliseconds?",
        "seconds": r"seconds?",
        "minutes": r"minutes?",
        "hours": r"hours?",
        "days": r"days?",
    },
    {"bytes": r"bytes?", "kilobytes": r"kilobytes?", "megabytes": r"megabytes?", "characters": r"characters?"},
    {"percent": r"percent(?:age)?", "per mille": r"per ?mille"},
    {"lines": r"lines?", "labels": r"labels?"},
    {"UTC": r"utc", "local": r"local"},
    {"absent": r"absent", "empty": r"empty", "blank": r"blank", "null": r"null"},
    {"always": r"always", "never": r"never"},
    {"mandatory": r"mandatory|required", "optional": r"optional"},
    {"open": r"open", "closed": r"closed"},
    {"first": r"first", "last": r"last(?!s)"},
    {"started": r"start(?:s|ed|ing)?", "ended": r"end(?:s|ed|ing)?"},
    {
        "succeeded": r"succe(?!ssi)\w+",
        "failed": r"fail\w*",
        "stopped": r"stop\w*",
        "waiting": r"wait\w*",
        "running": r"running",
        "pending": r"pending",
        "partial": r"partial\w*",
    },
    {"created": r"creat\w+", "updated": r"updat\w+", "deleted": r"delet\w+"},
    {"least": r"least|minimum", "most": r"most|maximum"},
    {"final": r"final|terminal"},
    {"default": r"default"},
    {"deprecated": r"deprecat\w+"},
    {"total": r"total"},
    {"unique": r"unique"},
    {"ignored": r"ignor\w+"},
    {"not": r"not|cannot", "only": r"only", "also": r"also"},
    {"before": r"before", "after": r"after"},
    {"more": r"more|greater|longer|larger|above", "fewer": r"less|fewer|smaller|shorter|below"},
    {"newest": r"newest|latest", "oldest": r"oldest|earliest"},
    {"ascending": r"ascending", "descending": r"descending"},
    {"every": r"every|each|all", "any": r"any|some"},
    {"same": r"same|equal\w*", "another": r"another|others?|different"},
)
"""Words that state a fact, each with the pattern of its forms. The words of a group exclude each other."""

NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

LITERAL = re.compile(r"`([^`]+)`")

NUMBER = re.compile(r"(?<![\w.])[0-9](?:[\w.:,+-]*\w)?")

_FORMS = tuple(
    rf"\b(?:{pattern})\b"
    for pattern in (*(pattern for group in FACT_WORDS for pattern in group.values()), *NUMBER_WORDS)
)

_NAME_PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
"""The places where a wire name is divided into words."""

_THING = re.compile(r"[A-Za-z]{3,}")

_IDENTIFIER = re.compile(r"(.+?)(?:[-_]?(?:id|uid|uuid|name)|(?<=[a-z])(?:I[Dd]|U?U?I[Dd]|Name)s?)\Z")
"""The name of a field that identifies a thing, with the name of the thing."""

_NOT_THINGS = frozenset({"api", "code", "error", "info", "key", "list", "name", "request", "service", "status", "type"})
"""Words of such names that are no things by themselves, or that too many statements use."""

_NOT_STATED = frozenset(
    {"id", "kind", "section", "rows", "documents", "recording", "checks", "explains", "observed_in"}
)
"""Keys of an entry that say nothing about the meaning of a part of the document."""

_OF_OTHERS = frozenset({"description", "properties", "responses", "parameters"})
"""Keys of a part of the document that are described by themselves, or are the description."""

_ADDED_WORDS: dict[str, str] = {
    "maximum": "most",
    "minimum": "least",
    "minLength": "least",
    "maxLength": "most",
    "const": "always",
}


def descriptions(document: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each part of a document that has a description, with its pointer."""
    if isinstance(document, dict):
        if isinstance(document.get("description"), str):
            yield pointer, document
        for key, value in document.items():
            if key not in ("example", "examples", "default", "const", "enum"):
                yield from descriptions(value, child(pointer, key))
    elif isinstance(document, list):
        for index, item in enumerate(document):
            yield from descriptions(item, child(pointer, index))


def stated_facts(text: str, things: Mapping[str, str] = {}) -> list[tuple[str, re.Pattern[str]]]:
    """Return the facts that a text states, in its order: each as written, with a pattern that finds it in another text.

    Args:
        text: Such as a description.
        things: The things that the document names, as `named_things` returns them.
    """
    return list(_stated_facts(text, tuple(things.values())))


@lru_cache(maxsize=2048)
def _stated_facts(text: str, things: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the facts of a text, found once, because each trace of a service reads all its descriptions."""
    prose, forms = without_literals(text), [*_FORMS, *things]
    found = [(match, match[1], rf"(?<!\w){re.escape(match[1])}(?!\w)") for match in LITERAL.finditer(text)]
    found += [(match, match[0], rf"(?<![\w.]){re.escape(match[0])}(?!\w)") for match in NUMBER.finditer(prose)]
    found += [(match, match[0], form) for form in forms for match in re.finditer(form, prose, re.IGNORECASE)]
    ordered = sorted(found, key=lambda each: each[0].start())
    return tuple((fact, re.compile(form, re.IGNORECASE if form in forms else 0)) for _, fact, form in ordered)


def without_literals(text: str) -> str:
    """Return the text with spaces in place of its literals."""
    return LITERAL.sub(lambda literal: " " * len(literal[0]), text)


def list_of_facts(text: str, things: Mapping[str, str] = {}) -> str:
    """Return the facts that a text states, as an entry of the evidence lists them."""
    return ", ".join(fact for fact, _ in stated_facts(text, things))


def named_things(document: dict[str, Any]) -> dict[str, str]:
    """Return the things that a document names by its schemas, paths and IDs, each with a pattern of its forms."""
    names = [segments(pointer)[-1] for pointer, _ in find(document, "/paths/*")]
    names += list(document.get("components", {}).get("schemas", {}))
    fields = [name for location in walk_schemas(document) for name in location.schema.get("properties", {})]
    fields += [parameter.get("name", "") for _, parameter in find(document, "/components/parameters/*")]
    names += [found[1] for name in fields if (found := _IDENTIFIER.match(name))]
    words = {word.lower() for name in names for word in _THING.findall(_NAME_PARTS.sub(" ", name))}
    singular = {word[:-1] if re.search(r"[^siu]s\Z", word) else word for word in words} - _NOT_THINGS
    stated = [*_FORMS, r"\w+ed"]
    singular = {word for word in singular if not any(re.fullmatch(form, word) for form in stated)}
    return {word: rf"\b{word}s?\b" for word in sorted(singular)}


class DescriptionEvidence:
    """The evidence about each description of a service's document."""

    def __init__(self, service: Service, support: Mapping[str, list[tuple[str, str]]]) -> None:
        self._document = service.document
        self._evidence = service.evidence
        self._data = service.evidence.data
        self._support = support

    def problems(self) -> Iterator[Problem]:
        """Yield the unsupported facts of all descriptions, and the lists of facts that no description has."""
        described = dict(descriptions(self._document.data))
        facts = {
            child(pointer, "description"): list_of_facts(part["description"], self._things)
            for pointer, part in described.items()
        }
        for where, pattern, name, value in self._listed:
            if not any(matches(pattern, pointer) and stated == value for pointer, stated in facts.items()):
                message = f"{name}: the document must have {value!r} at {pattern}, got another value or none"
                yield self._evidence.problem(where, message, "Correct the document or the evidence")
        for pointer, part in described.items():
            yield from self.unsupported(pointer, part)

    def unsupported(self, pointer: str, part: dict[str, Any]) -> Iterator[Problem]:
        """Yield the facts in the description of a part of the document that the evidence about it does not state.

        If an entry lists the facts of a description, the description must state exactly these.
        """
        here, written = child(pointer, "description"), list_of_facts(part["description"], self._things)
        file = self._evidence.path.name
        listed = [(name, value) for _, pattern, name, value in self._listed if matches(pattern, here)]
        for name, value in listed:
            if value != written:
                message = f"facts must be {value} as {name} lists them, got {written or 'none'}"
                yield self._document.problem(here, message, f"Correct the description or {file}")
        if listed:
            return
        about, text = self._about(pointer, part)
        if not about:
            # For example `info`, which describes the document: the claims have a check of their parts.
            return
        words = _NAME_PARTS.sub(" ", text)
        for fact, form in stated_facts(part["description"], self._things):
            if not form.search(text) and not form.search(words):
                message = f"facts must be in the evidence about this part, got {fact!r}"
                fix = f"Remove it, or state it in {file}, for example in a note of {', '.join(about[:3])}"
                yield self._document.problem(here, message, fix)

    @cached_property
    def _things(self) -> dict[str, str]:
        return named_things(self._document.data)

    @cached_property
    def _listed(self) -> list[tuple[str, str, str, Any]]:
        """The lists of facts in entries: pointer to it, pattern of the description, id of the entry, the facts."""
        return [
            (child(f"/{part}/{index}/{key}", pattern), pattern, entry["id"], value)
            for part, key in (("facts", "supports"), ("contradictions", "resolution"))
            for index, entry in enumerate(self._data[part])
            for pattern, value in entry.get(key, {}).items()
            if leads_to_description(pattern)
        ]

    def _about(self, pointer: str, part: dict[str, Any]) -> tuple[list[str], str]:
        """Return the entries about a place, and their text with the text of the place, its description excepted."""
        fields = child(pointer, "properties")
        places = [child(fields, name) for name in LITERAL.findall(part["description"])]
        places += [each["$ref"][1:] for each in part.get("parameters", ()) if "$ref" in each]
        names = [
            name
            for claim, entries in self._support.items()
            # Fields have descriptions themselves. Evidence about a field counts for a description that names the field.
            if (_is_within(claim, pointer) and not _is_within(claim, fields))
            or any(_is_within(claim, place) for place in places)
            for name, _ in entries
        ]
        names += [
            entry["id"]
            for entry in self._data["contradictions"]
            if set(entry["rows"]) & set(names)
            or any(_is_checked(check.get("document", ""), pointer, fields) for check in entry["checks"])
        ]
        names += [name for name, fields in self._fields_of.items() if "x-job" in part or self._is_read(pointer, fields)]
        known = list(dict.fromkeys(names))
        own = " ".join(_texts({key: value for key, value in part.items() if key not in _OF_OTHERS}))
        if known_values(part) is not None:
            own += " open"
        return known, " ".join((pointer, own, *(self._texts[name] for name in known)))

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {
            entry["id"]: " ".join(_texts({key: value for key, value in entry.items() if key not in _NOT_STATED}))
            for part in ("rows", "observed", "facts", "interpretations", "contradictions")
            for entry in self._data.get(part, ())
        }

    def _is_read(self, pointer: str, fields: set[str]) -> bool:
        """Return whether some of these fields of a job are read from the property at a pointer."""
        match segments(pointer):
            case ["components", "schemas", component, "properties", name]:
                job = self._document.data["components"]["schemas"][component].get("x-job")
                return any(field == name if job else field.endswith(f".{name}") for field in fields)
        return False

    @cached_property
    def _fields_of(self) -> dict[str, set[str]]:
        """The fields that each interpretation is about."""
        return {
            entry["id"]: {
                ".".join(segments(value))
                for value in _leaves([entry.get("expect"), entry.get("examples")])
                if isinstance(value, str) and value.startswith("/")
            }
            for entry in self._data.get("interpretations", ())
        }


def _is_within(pointer: str, outer: str) -> bool:
    return pointer == outer or pointer.startswith(f"{outer}/")


def _is_checked(pattern: str, pointer: str, fields: str) -> bool:
    return matches(pattern, pointer) or (_is_within(pattern, pointer) and not _is_within(pattern, fields))


def _texts(value: Any) -> Iterator[str]:
    """Yield the words and numbers in a value: keys, text, and the meaning of flags."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield "optional" if key == "mandatory" and not member else _ADDED_WORDS.get(key, str(key))
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _leaves(member)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
