"""A mutant: a document with one thing changed, as a slip of the hand or a misreading of the page might."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import attrs

from generator.documents.json_pointer import find, resolve, segments

Document = dict[str, Any]
Edit = Callable[[Document], None]


@attrs.frozen
class Mutant:
    """One change of a document."""

    operator: str
    pointer: str
    """Where in the document."""
    change: str
    """What is done there, in a few words."""
    edit: Edit = attrs.field(repr=False, eq=False)

    @property
    def name(self) -> str:
        """Unique among the mutants of a service."""
        return f"{self.operator} {self.pointer}: {self.change}"

    def document(self, original: Document) -> Document:
        """The changed copy."""
        # By way of JSON: twice as fast as `deepcopy`, and there are thousands.
        changed: Document = json.loads(json.dumps(original))
        self.edit(changed)
        return changed


def put(pointer: str, value: Any) -> Edit:
    """Set a member; an item of a list is replaced."""

    def edit(document: Document) -> None:
        outer, key = _outer(document, pointer)
        outer[int(key) if isinstance(outer, list) else key] = deepcopy(value)

    return edit


def drop(pointer: str) -> Edit:
    """Take a member or an item away."""

    def edit(document: Document) -> None:
        outer, key = _outer(document, pointer)
        del outer[int(key) if isinstance(outer, list) else key]

    return edit


def rename(pointer: str, name: str) -> Edit:
    """Give a member another name, in its place."""

    def edit(document: Document) -> None:
        outer, key = _outer(document, pointer)
        members = [(name if each == key else each, value) for each, value in outer.items()]
        outer.clear()
        outer.update(members)

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after another."""

    def edit(document: Document) -> None:
        for each in edits:
            each(document)

    return edit


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    """Pointer and definition of every operation."""
    return ((pointer, definition) for pointer, definition in find(document, "/paths/*/*") if "responses" in definition)


def _outer(document: Document, pointer: str) -> tuple[Any, str]:
    return resolve(document, pointer.rpartition("/")[0]), segments(pointer)[-1]
