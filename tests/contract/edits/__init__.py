"""Edits of the documents as data: JSON Patches, each labelled by hand with the party that it breaks."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs

from generator.documents import load
from generator.documents.json_pointer import resolve, segments

FOLDER = Path(__file__).parent


@attrs.frozen
class LabelledEdit:
    """An edit of a document, with its effects."""

    name: str
    document: str
    """The service with the edited document."""
    edit: list[dict[str, Any]]
    labels: dict[str, str]
    """The worst effect in each direction that the edit concerns."""
    step: str
    at: str | None = None
    """The place of the worst effect, in the old or in the new document."""
    given: list[dict[str, Any]] = attrs.field(factory=list)
    """An edit of both sides before the comparison."""
    note: str | None = None

    def sides(self, document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the document before the edit and after it."""
        old = patched(document, self.given)
        return old, patched(old, self.edit)


def labelled_edits() -> list[LabelledEdit]:
    """Return all edits, in the order of the files."""
    return [LabelledEdit(**entry) for path in sorted(FOLDER.glob("*.yaml")) for entry in load(path).data]


def patched(document: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a copy of the document with a JSON Patch (RFC 6902) applied."""
    result = deepcopy(document)
    for operation in operations:
        if operation["op"] in ("remove", "move"):
            value = _take(result, operation["from"] if operation["op"] == "move" else operation["path"])
        elif operation["op"] == "copy":
            value = deepcopy(resolve(result, operation["from"]))
        else:
            value = deepcopy(operation["value"])
        if operation["op"] == "replace":
            _take(result, operation["path"], keep=True)
        if operation["op"] != "remove":
            _put(result, operation["path"], value, replace=operation["op"] == "replace")
    return result


def _take(document: Any, pointer: str, *, keep: bool = False) -> Any:
    around, key = _place(document, pointer)
    value = around[key]  # a KeyError or IndexError for a missing place: a patch that no longer applies is not an edit
    if not keep:
        del around[key]
    return value


def _put(document: Any, pointer: str, value: Any, *, replace: bool) -> None:
    around, key = _place(document, pointer)
    if isinstance(around, list) and not replace:
        around.insert(key, value)
    else:
        around[key] = value


def _place(document: Any, pointer: str) -> tuple[Any, Any]:
    around = resolve(document, pointer.rpartition("/")[0])
    key = segments(pointer)[-1]
    if isinstance(around, list):
        return around, len(around) if key == "-" else int(key)
    return around, key
