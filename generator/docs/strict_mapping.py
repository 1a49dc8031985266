"""Mappings of hand-written files in which no key can be left out: an unused key is an error.

Code that renders a mapping takes its keys from a `StrictMapping`. A keyword that the code does not use stops the build
with file and pointer, so a list of the keywords beside the code that shows them is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from ..documents import Source
from ..documents.json_pointer import child, resolve
from ..errors import Problem
from .escaping import raw


@attrs.define
class SourceFile:
    """The bundled document of a service, its evidence, or a recording, while pages are made of it."""

    data: dict[str, Any]
    source: Source
    """The hand-written file; problems name its lines."""
    problems: list[Problem] = attrs.field(factory=list)

    @contextmanager
    def reading(self, pointer: str) -> Iterator[StrictMapping]:
        """Yield the mapping at a pointer. Adds a problem for each key that is unused at the end."""
        mapping = StrictMapping(self, pointer, resolve(self.data, pointer))
        yield mapping
        for key in (key for key in mapping.value if key not in mapping.used):
            message, fix = f"{raw(key)} is nothing that the site shows", "Teach it to generator/docs"
            self.problems.append(self.source.problem(raw(child(pointer, key)), message, fix))


@attrs.define
class StrictMapping:
    """A mapping that remembers which of its keys were used."""

    file: SourceFile
    pointer: str
    value: dict[str, Any]
    used: set[str] = attrs.field(factory=set)

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key."""
        self.used.add(key)
        return self.value.get(key, default)

    def at(self, key: str) -> str:
        """Return the pointer of a key's value, which the caller reads in turn."""
        self.used.add(key)
        return child(self.pointer, key)

    def keys_of(self, key: str) -> list[str]:
        """Return the pointers of the members of the mapping or list under a key."""
        pointer, members = self.at(key), self.value.get(key, {})
        return [child(pointer, name) for name in (members if isinstance(members, dict) else range(len(members)))]
