"""Mutation operators of what constrains no message: response headers, examples and descriptions.

Recordings and cases cannot notice them. The evidence can: a document states nothing that it does not support.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ..documents import walk_schemas
from ..documents.json_pointer import child, find
from ..evidence.descriptions import FACT_WORDS, LITERAL, NUMBER, descriptions
from .mutant import Document, Mutant, put

_WITH_EVIDENCE = ("/paths/", "/components/", "/servers/")

STATEMENT_OPERATORS = frozenset({"headers", "examples", "descriptions"})

_ADDED_SENTENCES = {"milliseconds": "It is in milliseconds.", "default": "The default is 7."}


def statement_mutants(document: Document) -> Iterator[Mutant]:
    """The mutants of headers, examples and descriptions."""
    yield from _headers(document)
    yield from _examples(document)
    yield from _descriptions(document)


def _headers(document: Document) -> Iterator[Mutant]:
    known = [pointer for pointer, _ in find(document, "/components/headers/*")]
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        headers = response.get("headers", {})
        for name in headers:
            yield Mutant.drop("headers", child(pointer, "headers", name))
        for place in known:
            name = place.rpartition("/")[2]
            if name not in headers:
                added = {**headers, name: {"$ref": f"#{place}"}}
                yield Mutant.put("headers", child(pointer, "headers"), f"add {name}", added)


def _examples(document: Document) -> Iterator[Mutant]:
    for pointer, example in find(document, "/paths/*/*/responses/*/content/*/examples/*"):
        yield Mutant.drop("examples", pointer)
        for place, value in _scalars(example.get("value"), child(pointer, "value")):
            yield Mutant.put("examples", place, f"-> {_other(value)!r}", _other(value))
    for location in walk_schemas(document):
        if examples := location.schema.get("examples"):
            here = child(location.pointer, "examples")
            yield Mutant.drop("examples", here)
            yield Mutant.put("examples", here, "change the first", [_other(examples[0]), *examples[1:]])
            yield Mutant.put("examples", here, "add another", [*examples, _other(examples[-1])])


def _scalars(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _scalars(member, child(pointer, key))
    else:
        yield pointer, value


def _other(value: Any) -> Any:
    return value + 1 if isinstance(value, int | float) and not isinstance(value, bool) else f"{value}-other"


def _descriptions(document: Document) -> Iterator[Mutant]:
    # Those of the whole document, `info` and `tags`, are about no part that evidence could support.
    described = [(pointer, part) for pointer, part in descriptions(document) if pointer.startswith(_WITH_EVIDENCE)]
    literals = list(dict.fromkeys(each for _, part in described for each in LITERAL.findall(part["description"])))
    next_literal = dict(pairwise([*literals, *literals[:1]]))
    for pointer, part in described:
        text, here = part["description"], child(pointer, "description")
        for change, changed in _changed(text, next_literal):
            yield Mutant("descriptions", here, change, put(here, changed))
        for word, sentence in _ADDED_SENTENCES.items():
            if word not in text.lower():
                yield Mutant.put("descriptions", here, f"add {sentence!r}", f"{text} {sentence}")


def _changed(text: str, next_literal: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The text with each of its facts replaced by another of the same kind, with a name of the change."""
    for match in LITERAL.finditer(text):
        other = next_literal[match[1]]
        if other != match[1]:
            yield f"{match.start()}: {match[0]} -> `{other}`", _replaced(text, match, f"`{other}`")
    for match in NUMBER.finditer(LITERAL.sub(lambda literal: " " * len(literal[0]), text)):
        other = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), match[0])
        yield f"{match.start()}: {match[0]} -> {other}", _replaced(text, match, other)
    prose = LITERAL.sub(lambda literal: " " * len(literal[0]), text)
    for group in FACT_WORDS:
        words = list(group)
        for word, other in zip(words, [*words[1:], words[0]], strict=True):
            for match in re.finditer(rf"\b(?:{group[word]})\b", prose, re.IGNORECASE) if other != word else ():
                yield f"{match.start()}: {match[0]} -> {other}", _replaced(text, match, other)


def _replaced(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]
