"""What a comparison finds: changes, each with whom it concerns, what it does to them, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import attrs


class Direction(StrEnum):
    """Whom a change concerns."""

    REQUEST = "request"
    """Whoever sends requests."""
    REPLY = "reply"
    """Whoever reads replies."""
    CLIENT = "client"
    """Whoever uses a client that is made of the document: names, and what the extensions declare."""
    DOCUMENT = "document"
    """Whoever reads the document. Nothing that is sent or called depends on it."""


class Effect(StrEnum):
    """What a change does to those it concerns, the worst first."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    NEUTRAL = "neutral"


class Relation(StrEnum):
    """How the values that are allowed now stand to those that were."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    REPLACED = "replaced"


@attrs.frozen
class Change:
    """One difference between two documents."""

    effect: Effect
    direction: Direction
    what: str
    """What changed, without a full stop."""
    why: str
    """Whom it breaks and how, or why it breaks nobody."""
    old: str | None = None
    """JSON Pointer into the old document; None where it has nothing of this."""
    new: str | None = None
    """JSON Pointer into the new document; None where it has nothing of this."""


class Changes:
    """The changes that were found, each once, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: dict[Change, None] = {}

    def __iter__(self) -> Iterator[Change]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def breaking(self, direction: Direction, what: str, why: str, *, old: str | None, new: str | None) -> None:
        """Add a change that breaks somebody."""
        self._found.setdefault(Change(Effect.BREAKING, direction, what, why, old, new))

    def compatible(self, direction: Direction, what: str, why: str, *, old: str | None, new: str | None) -> None:
        """Add a change that somebody can use, and that breaks nobody."""
        self._found.setdefault(Change(Effect.COMPATIBLE, direction, what, why, old, new))

    def neutral(self, what: str, *, old: str | None, new: str | None) -> None:
        """Add a change that only readers of the document see."""
        why = "nothing that is sent, received or called depends on it"
        self._found.setdefault(Change(Effect.NEUTRAL, Direction.DOCUMENT, what, why, old, new))

    def related(
        self, direction: Direction, relation: Relation, what: str, why: str, *, old: str | None, new: str | None
    ) -> None:
        """Add a change of what is allowed: a request must not narrow, and a reply must not widen.

        `why` says whom it breaks; it is said only where it does.
        """
        harmless = Relation.WIDENED if direction is Direction.REQUEST else Relation.NARROWED
        if relation is not harmless:
            self.breaking(direction, what, why, old=old, new=new)
        elif direction is Direction.REQUEST:
            self.compatible(direction, what, "what was sent before is accepted still", old=old, new=new)
        else:
            self.compatible(direction, what, "what is sent now was allowed before", old=old, new=new)
