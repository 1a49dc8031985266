"""Statements of the evidence about each part of a document.

The document itself is not read here but for the paths that it has: what comes out is what the document should say.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

import attrs

from generator.documents import Service
from generator.documents.json_pointer import child, segments
from generator.documents.schema_view import applied
from generator.errors import Problem, ValidationError
from generator.evidence.traceability import PRESENT, UnknownTypeName, interchangeable, type_expectation


@attrs.frozen
class Statement:
    """One thing that an entry of the evidence says."""

    pattern: tuple[str, ...]
    """Segments of the pointer into the document; `*` stands for any one."""
    value: Any
    id: str
    """Of the entry."""
    confidence: str
    is_decision: bool = False

    def is_about(self, place: tuple[str, ...]) -> bool:
        """Whether it speaks of that place itself, or of something in it."""
        return len(self.pattern) >= len(place) and all(
            want in ("*", got) for want, got in zip(self.pattern, place, strict=False)
        )

    @property
    def rank(self) -> tuple[bool, int]:
        """Decisions come first, then what names its place most exactly."""
        return not self.is_decision, self.pattern.count("*")


class EvidenceIndex:
    """The statements of one service.

    Raises `Refused` for a type word that is not known.
    """

    def __init__(self, service: Service) -> None:
        evidence = service.evidence.data
        decided = [
            (row, tuple(segments(pattern)))
            for entry in evidence["contradictions"]
            for row in entry["rows"]
            for pattern in entry.get("resolution", {})
        ]
        self.statements: list[Statement] = []
        problems: list[Problem] = []
        for part, confidence in (("rows", "documented"), ("observed", "observed")):
            for index, row in enumerate(evidence[part]):
                try:
                    found = list(_of_row(row, confidence))
                except UnknownTypeName as error:
                    problems.append(
                        service.evidence.problem(
                            f"/{part}/{index}/type",
                            f"{row['id']}: {str(error)!r} is no type that examples can be made of",
                            "Use a word that is known, or add it to generator/evidence/traceability.py",
                        )
                    )
                    continue
                self.statements += [each for each in found if not _overruled(each, decided)]
        if problems:
            raise ValidationError(problems)
        for entry in evidence["facts"]:
            self._add(entry["id"], entry["supports"], entry["confidence"], is_decision=False)
        for entry in evidence["contradictions"]:
            self._add(entry["id"], entry.get("resolution", {}), entry.get("confidence", ""), is_decision=True)
        self.at = cache(self._at)
        self.names = cache(self._names)

    def _add(self, name: str, claims: dict[str, Any], confidence: str, *, is_decision: bool) -> None:
        for pattern, value in claims.items():
            self.statements.append(Statement(tuple(segments(pattern)), value, name, confidence, is_decision))

    def _at(self, pointer: str) -> Statement | None:
        """What is said at exactly that place. Of an open list, the longest that anybody knows."""
        place = tuple(segments(pointer))
        found = [each for each in self.statements if len(each.pattern) == len(place) and each.is_about(place)]
        if place and place[-1] == "x-enum-open":
            return max(found, key=lambda each: len(each.value), default=None)
        return min(found, key=lambda each: each.rank, default=None)

    def _names(self, pointer: str) -> tuple[str, ...]:
        """Names of what is said to be right below a place, in the order of the evidence."""
        place = tuple(segments(pointer))
        below = (
            each.pattern[len(place)]
            for each in self.statements
            if len(each.pattern) > len(place) and each.is_about(place)
        )
        return tuple(dict.fromkeys(name for name in below if name != "*"))

    def value(self, pointer: str) -> Any:
        """The value that is said to be there, or None."""
        statement = self.at(pointer)
        return None if statement is None else statement.value


def _overruled(statement: Statement, decided: list[tuple[str, tuple[str, ...]]]) -> bool:
    *place, keyword = statement.pattern
    return any(
        row == statement.id
        and len(pattern) == len(statement.pattern)
        and pattern[-1] in interchangeable(keyword)
        and all(want in ("*", got) for want, got in zip(pattern[:-1], place, strict=True))
        for row, pattern in decided
    )


def _of_row(row: dict[str, Any], confidence: str) -> Iterator[Statement]:
    for pattern in row.get("documents", ()):
        for pointer, value in _claims(row, pattern):
            yield Statement(tuple(segments(pointer)), value, row["id"], confidence)


def _claims(row: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    kind = row["kind"]
    if "type" in row and kind not in ("field", "path", "query", "header"):
        list(type_expectation(row["type"], None, pointer))  # for the sake of the error alone
    if kind == "authentication":
        yield pointer, PRESENT
        yield child(pointer, "name"), row["name"]
        yield child(pointer, "in"), "header"
        if "maximum" in row:
            yield child(child(pointer, "x-auth"), "maxLength"), row["maximum"]
    elif kind == "header" and not pointer.startswith("/components/parameters/"):
        yield pointer, row.get("default", PRESENT)
    elif kind in ("path", "query", "header"):
        yield pointer, PRESENT
        yield child(pointer, "in"), kind
        if "mandatory" in row:
            yield child(pointer, "required"), row["mandatory"]
        yield from _of_schema(row, child(pointer, "schema"))
    elif kind == "field":
        yield pointer, PRESENT
        yield from _of_schema(row, pointer)
    else:
        yield pointer, PRESENT


def _of_schema(row: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    if "type" in row:
        yield from type_expectation(row["type"], row.get("component"), pointer)
    if "values" in row:
        yield child(pointer, "x-enum-open" if row.get("open") else "enum"), row["values"]
    if "default" in row:
        yield child(pointer, "default"), row["default"]
    is_text = row.get("type", "string").strip().lower() == "string"
    for bound in ("minimum", "maximum"):
        if bound in row:
            yield child(pointer, f"{bound[:3]}Length" if is_text else bound), row[bound]


@attrs.frozen(slots=False)
class ExpectedSchema:
    """A value, by the places of the document that speak of it."""

    stated: EvidenceIndex = attrs.field(repr=False, eq=False)
    parts: tuple[str, ...]
    """Pointers of the schemas that apply together."""

    @classmethod
    def at(cls, stated: EvidenceIndex, *pointers: str) -> ExpectedSchema:
        """What is said of the value of the schemas at these pointers."""

        def refers(pointer: str) -> Iterator[str]:
            reference, members = stated.at(child(pointer, "$ref")), stated.names(child(pointer, "allOf"))
            # What is said of all replies gives way to what is said of this one.
            if reference is not None and not (members and "*" in reference.pattern[-5:]):
                yield reference.value.removeprefix("#")
            yield from (child(child(pointer, "allOf"), index) for index in members)

        return cls(stated, tuple(applied(pointers, refers)))

    def says(self, keyword: str) -> list[Statement]:
        """Every statement of that keyword about the value."""
        found = (self.stated.at(child(part, keyword)) for part in self.parts)
        return [statement for statement in found if statement is not None]

    def first(self, keyword: str) -> Statement | None:
        """The first of them."""
        return next(iter(self.says(keyword)), None)

    def value(self, keyword: str) -> Any:
        """What the first of them says, or None."""
        statement = self.first(keyword)
        return None if statement is None else statement.value

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types that it may have; none where nothing is said of them."""
        types = self.value("type")
        if types is None:
            return ("object",) if self.properties else ()
        return (types,) if isinstance(types, str) else tuple(types)

    @cached_property
    def required(self) -> dict[str, Statement]:
        """The fields that it always has, each with the statement that says so."""
        return {
            name: each
            for each in reversed(self.says("required"))
            if isinstance(each.value, list)
            for name in each.value
        }

    @cached_property
    def properties(self) -> dict[str, ExpectedSchema]:
        """The fields of an object."""
        places: dict[str, list[str]] = {}
        for part in self.parts:
            for name in self.stated.names(child(part, "properties")):
                places.setdefault(name, []).append(child(child(part, "properties"), name))
        return {name: ExpectedSchema.at(self.stated, *pointers) for name, pointers in places.items()}

    @cached_property
    def items(self) -> ExpectedSchema | None:
        """The items of a list; None where nothing is said of them."""
        return self._inner("items")

    @cached_property
    def values(self) -> ExpectedSchema | None:
        """The values of a map."""
        return self._inner("additionalProperties")

    @property
    def takes_anything(self) -> bool:
        """Whether it is a map of anything."""
        return self.value("additionalProperties") is True

    @property
    def is_map(self) -> bool:
        """Whether its fields have names that the document does not know."""
        return self.takes_anything or self.values is not None

    @property
    def id(self) -> str:
        """The entry of the evidence that first speaks of it."""
        for part in self.parts:
            for statement in self.stated.statements:
                if "/".join(("", *statement.pattern)).startswith(part):
                    return statement.id
        return "/".join(self.parts[:1])

    def _inner(self, keyword: str) -> ExpectedSchema | None:
        found = [part for part in self.parts if self.stated.names(child(part, keyword))]
        return ExpectedSchema.at(self.stated, *(child(part, keyword) for part in found)) if found else None


def places(node: ExpectedSchema, value: Any, pointer: str = "") -> Iterator[tuple[str, ExpectedSchema, Any]]:
    """Each place of a value that something is said of: its pointer, what is said, and what is there."""
    yield pointer, node, value
    if isinstance(value, dict):
        for name, member in value.items():
            inner = node.properties.get(name) or node.values
            if inner is not None:
                yield from places(inner, member, child(pointer, name))
    elif isinstance(value, list) and node.items is not None:
        for index, item in enumerate(value):
            yield from places(node.items, item, child(pointer, index))
