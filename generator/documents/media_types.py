"""Media types: which of a content's are JSON or text, and which one a client sends or reads."""

from __future__ import annotations

from collections.abc import Iterable

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""Media types of bodies that have fields."""

_TEXTS = ("application/xml", "application/yaml", "application/javascript", "application/jsonl", "application/x-ndjson")


def essence(media_type: str) -> str:
    """The media type in lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is one of JSON."""
    return essence(media_type) == "application/json" or essence(media_type).endswith("+json")


def is_text(media_type: str) -> bool:
    """Whether a media type other than JSON is one of text."""
    kind = essence(media_type)
    return kind.startswith("text/") or kind in _TEXTS or kind.endswith("+xml")


def preferred(content: Iterable[str]) -> str:
    """Return the media type that a client uses: JSON, then a form, then text; the first of several."""
    names = list(content)
    for is_kind in (
        lambda name: essence(name) == "application/json",
        is_json,
        lambda name: essence(name) in FORMS,
        is_text,
    ):
        if found := next((name for name in names if is_kind(name)), None):
            return found
    return names[0]
