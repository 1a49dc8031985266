"""Reads mappings of hand-written files so that nothing can be left out: a key that nobody asked for is an error.

What renders a mapping asks for its keys through a `Reading` and finishes it. So a keyword that the renderer does not
know stops the build with file and place, and there is no list of keywords to be kept beside the code that shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from generator.docs.escaping import raw
from generator.documents import Source
from generator.documents.json_pointer import child, resolve
from generator.errors import Problem


@attrs.define
class SourceFile:
    """A file while pages are made of it: the bundled document of a service, its evidence, or a recording."""

    data: dict[str, Any]
    source: Source
    """The hand-written file, whose lines problems name."""
    problems: list[Problem] = attrs.field(factory=list)

    @contextmanager
    def reading(self, pointer: str) -> Iterator[StrictMapping]:
        """Read the mapping at that place. At the end every key of it must have been asked for."""
        reading = StrictMapping(self, pointer, resolve(self.data, pointer))
        yield reading
        for key in reading.value:
            if key not in reading.asked:
                message, remedy = f"{raw(key)} is nothing that the site shows", "Teach it to generator/docs"
                self.problems.append(self.source.problem(raw(child(pointer, key)), message, remedy))


@attrs.define
class StrictMapping:
    """A mapping of the document that is being read."""

    document: SourceFile
    pointer: str
    value: dict[str, Any]
    asked: set[str] = attrs.field(factory=set)

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key that this code shows."""
        self.asked.add(key)
        return self.value.get(key, default)

    def at(self, key: str) -> str:
        """Where the value of a key stands, for whoever reads it in turn."""
        self.asked.add(key)
        return child(self.pointer, key)

    def keys_of(self, key: str) -> list[str]:
        """Pointers of the members of the mapping or list under a key."""
        where, held = self.at(key), self.value.get(key, {})
        return [child(where, name) for name in (held if isinstance(held, dict) else range(len(held)))]
