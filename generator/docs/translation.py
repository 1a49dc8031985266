"""Editions of pages in other languages: the fixed phrases of generated pages, and texts of documents.

`phrases.yaml` has the phrases of generated pages for each language. `openapi/translations/<language>/<service>.yaml`
has texts of a document by their JSON Pointer, and titles and remedies of known issues by `<id>/<key>`. Each entry names
the English text that it was made from by the first digits of its SHA-256, as a translated guide does in its head;
`lagging` lists all that differ. Text without a translation stays English, and is marked as such.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import yaml

from ..errors import Problem, ValidationError

LANGUAGES = {"zh": "中文"}
"""Languages of editions besides English, by the folder of their pages, with their own names."""
PHRASES = Path(__file__).parent / "phrases.yaml"

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
    language = _language.get()
    if language:
        translated = _phrases(language).get(phrase)
        if translated is None:
            raise ValidationError(Problem(PHRASES, f"must have {phrase!r} in {language}, got none", "Translate it"))
        phrase = translated
    return phrase.format(*values) if values else phrase


@cache
def _phrases(language: str) -> Mapping[str, str]:
    phrases: dict[str, dict[str, str]] = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return phrases[language]


def digest(text: str) -> str:
    """Return the digits that name an English text."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]
