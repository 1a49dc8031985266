"""Editions of pages in other languages: the fixed phrases of generated pages, and texts of documents.

`phrases.yaml` has the phrases of generated pages for each language. `openapi/translations/<language>/<service>.yaml`
has texts of a document by their JSON Pointer, and titles and remedies of known issues by `<id>/<key>`. Each entry names
the English text that it was made from by the first digits of its SHA-256, as a translated guide does in its head:
`lagging` lists those that differ. Text without a translation stays English, and is marked as such.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..documents import load
from ..documents.json_pointer import assign, child
from ..errors import Problem, ValidationError
from .escaping import mark_foreign, raw

LANGUAGES = {"zh": "中文"}
"""Languages of editions besides English, by the folder of their pages, with their own names."""
PHRASES = Path(__file__).parent / "phrases.yaml"
_TEXTS = ("title", "summary", "description")
_NUMBER = re.compile(r"[0-9]+")
_ISSUE_TEXTS = ("title", "consequence")

_language: ContextVar[str] = ContextVar("language", default="")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make `say` return phrases of a language; empty for English."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def say(phrase: str, *values: object) -> str:
    """Return a fixed phrase of a generated page in the language of the edition, with values for its `{}`.

    Raises:
        ValidationError: The phrase has no translation.
    """
    if language := _language.get():
        translated = phrases()[language].get(phrase)
        if translated is None:
            raise ValidationError(Problem(PHRASES, f"must have {phrase!r} in {language}, got none", "Translate it"))
        phrase = translated
    return phrase.format(*values) if values else phrase


def label(text: str) -> str:
    """Return a label of the evidence, such as `Table 3`, in the language of the edition, or marked as English.

    Its phrase has `{}` for each number.
    """
    if language := _language.get():
        translated = phrases()[language].get(_NUMBER.sub("{}", text))
        return translated.format(*_NUMBER.findall(text)) if translated else in_english(text)
    return text


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the phrases of each language by their English text."""
    found: dict[str, dict[str, str]] = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return found


def digest(text: str) -> str:
    """Return the digits that name an English text."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def translations_file(root: Path, language: str, service: str) -> Path:
    """Return the file with the texts of a document in a language."""
    return root / "openapi" / "translations" / language / f"{service}.yaml"


def translate(
    file: Path, document: dict[str, Any], contradictions: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return copies of a guarded document and its contradictions with the texts of a file; the rest is marked."""
    texts: dict[str, dict[str, str]] = load(file).data
    document, contradictions = deepcopy(document), deepcopy(contradictions)
    for pointer, text in _texts_of(document):
        assign(document, pointer, _translated(texts, raw(pointer), text))
    for each in contradictions:
        for key in _ISSUE_TEXTS:
            each[key] = _translated(texts, f"{each['id']}/{key}", each[key])
        for key in ("page", "other", "decision"):
            each[key] = in_english(each[key])
    return document, contradictions


def _translated(texts: dict[str, dict[str, str]], name: str, text: str) -> str:
    """Return the translation of a text. Without one of this English text, return the text itself, marked."""
    entry = texts.get(name)
    if entry and entry["source"] == digest(raw(text)):
        return str(mark_foreign(entry["text"]))
    return f"{in_english(text)} {say('(in English)')}"


def in_english(text: str) -> str:
    """Return English text of a page in another language, marked as English."""
    return f'<span lang="en">{" ".join(text.split())}</span>' if _language.get() else text


def _texts_of(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a document that readers see, with their pointers; examples are data."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key in _TEXTS and isinstance(member, str):
                yield child(pointer, key), member
            elif key not in ("example", "examples", "default", "enum") or pointer.endswith("/responses"):
                yield from _texts_of(member, child(pointer, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts_of(member, child(pointer, index))


def lagging(file: Path, document: dict[str, Any], contradictions: list[dict[str, Any]]) -> list[Problem]:
    """Return the problems of a translations file: entries of changed or removed texts, and texts without an entry."""
    source = load(file)
    english = dict(_texts_of(document))
    english |= {f"{each['id']}/{key}": each[key] for each in contradictions for key in _ISSUE_TEXTS}
    found = []
    for name, entry in source.data.items():
        pointer = child("", name)
        if name not in english:
            message = f"must be the key of a text of the document, got {name}"
            found.append(source.problem(pointer, message, "Remove the entry"))
        elif entry["source"] != digest(english[name]):
            fix = f"Translate it again, and write source: '{digest(english[name])}'"
            found.append(source.problem(pointer, f"the English text of {name} has changed", fix))
    missing = [name for name in english if name not in source.data]
    if missing:
        message = f"must translate each text of the document, got no entry for {len(missing)}, such as {missing[0]}"
        found.append(Problem(file, message, "Add them; until then the page shows them in English"))
    return found


def lagging_guide(file: Path, source: str, original: Path) -> list[Problem]:
    """Return the problem of a translated guide if its digits name an earlier English text."""
    current = digest(original.read_text(encoding="utf-8")) if original.is_file() else "none"
    if source == current:
        return []
    message = f"must be a translation of the present {original.name}, got one of an earlier text"
    return [Problem(file, message, f"Translate the changes, and write source: {current}", 1)]
