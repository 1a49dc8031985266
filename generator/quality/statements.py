"""Statements of the evidence about each part of a document.

Only the paths of the document are read; everything else comes from the evidence and describes the expected document.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

import attrs

from ..documents import Service
from ..documents.json_pointer import child, segments
from ..documents.schema_view import Condition, applied, conditions
from ..errors import Problem, ValidationError
from ..evidence.traceability import KNOWN_VALUES, PRESENT, UnknownTypeName, replaceable, type_expectation


@attrs.frozen
class Statement:
    """A value that an entry of the evidence gives to a part of the document."""

    pattern: tuple[str, ...]
    """Segments of the pointer into the document; `*` matches any segment."""
    value: Any
    id: str
    """Confidence of the entry."""
    confidence: str
    is_decision: bool = False

    def is_within(self, path: tuple[str, ...]) -> bool:
        """Return whether the statement is about the value at a path, or about a part of the value."""
        return len(self.pattern) >= len(path) and all(
            want in ("*", got) for want, got in zip(self.pattern, path, strict=False)
        )

    @property
    def rank(self) -> tuple[bool, int]:
        """The sort key of statements: decisions first, then patterns with the fewest `*`."""
        return not self.is_decision, self.pattern.count("*")


class EvidenceIndex:
    """The statements of one service.

    Raises `ValidationError` for an unknown type name, unless such rows are skipped.
    """

    def __init__(self, service: Service, *, skip_unknown_types: bool = False) -> None:
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
            for number, row in enumerate(evidence[part]):
                try:
                    found = list(_of_row(row, confidence))
                except UnknownTypeName as error:
                    message = f"{row['id']}: type must be one with known examples, got {str(error)!r}"
                    fix = "Write a known type, or add this one to generator/evidence/traceability.py"
                    problems.append(service.evidence.problem(f"/{part}/{number}/type", message, fix))
                    continue
                self.statements += [each for each in found if not _is_overruled(each, decided)]
        if problems and not skip_unknown_types:
            raise ValidationError(problems)
        for entry in evidence["facts"]:
            self._add(entry["id"], entry["supports"], entry["confidence"], is_decision=False)
        for entry in evidence["contradictions"]:
            self._add(entry["id"], entry.get("resolution", {}), entry.get("confidence", ""), is_decision=True)
        self.at = cache(self._at)
        self.names = cache(self._names)

    def value(self, pointer: str) -> Any:
        """Return the value at a pointer by the evidence, or None."""
        statement = self.at(pointer)
        return None if statement is None else statement.value

    def _add(self, name: str, claims: dict[str, Any], confidence: str, *, is_decision: bool) -> None:
        for pattern, value in claims.items():
            self.statements.append(Statement(tuple(segments(pattern)), value, name, confidence, is_decision))

    def _at(self, pointer: str) -> Statement | None:
        """Return the statement about exactly that pointer: the longest of an open list, otherwise the first by rank."""
        path = tuple(segments(pointer))
        found = [each for each in self.statements if len(each.pattern) == len(path) and each.is_within(path)]
        if pointer.endswith(f"/{KNOWN_VALUES}"):
            return max(found, key=lambda each: len(each.value), default=None)
        return min(found, key=lambda each: each.rank, default=None)

    def _names(self, pointer: str) -> tuple[str, ...]:
        """Return names of the members directly below a pointer, in the order of the evidence."""
        path = tuple(segments(pointer))
        inside = (each.pattern for each in self.statements if len(each.pattern) > len(path) and each.is_within(path))
        return tuple(dict.fromkeys(name for pattern in inside if (name := pattern[len(path)]) != "*"))


def _is_overruled(statement: Statement, decided: list[tuple[str, tuple[str, ...]]]) -> bool:
    return any(
        row == statement.id
        and (len(pattern) == len(other) and all(want in ("*", got) for want, got in zip(pattern, other, strict=True)))
        for other in map(segments, replaceable(child("", *statement.pattern)))
        for row, pattern in decided
    )


def _of_row(row: dict[str, Any], confidence: str) -> Iterator[Statement]:
    for pattern in row.get("documents", ()):
        for pointer, value in _claims(row, pattern):
            yield Statement(tuple(segments(pointer)), value, row["id"], confidence)


def _claims(row: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    kind = row["kind"]
    if "type" in row and kind not in ("field", "path", "query", "header"):
        list(type_expectation(row["type"], None, pointer))  # raises for an unknown name
    if kind == "header" and not pointer.startswith("/components/parameters/"):
        yield pointer, row.get("default", PRESENT)
        return
    yield pointer, PRESENT
    if kind == "authentication":
        yield child(pointer, "name"), row["name"]
        yield child(pointer, "in"), "header"
        if "maximum" in row:
            yield child(pointer, "x-auth", "maxLength"), row["maximum"]
    elif kind in ("path", "query", "header"):
        yield child(pointer, "in"), kind
        if "mandatory" in row:
            yield child(pointer, "required"), row["mandatory"]
        yield from _of_schema(row, child(pointer, "schema"))
    elif kind == "field":
        yield from _of_schema(row, pointer)


def _of_schema(row: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    if "type" in row:
        yield from type_expectation(row["type"], row.get("component"), pointer)
    if "values" in row:
        yield f"{pointer}/{KNOWN_VALUES if row.get('open') else 'enum'}", row["values"]
    if "default" in row:
        yield child(pointer, "default"), row["default"]
    is_string = row.get("type", "string").strip().lower() == "string"
    for bound in ("minimum", "maximum"):
        if bound in row:
            yield child(pointer, f"{bound[:3]}Length" if is_string else bound), row[bound]


@attrs.frozen(slots=False)
class ExpectedSchema:
    """The schema of a value by the evidence, `$ref` followed and `allOf` merged."""

    index: EvidenceIndex = attrs.field(repr=False, eq=False)
    pointers: tuple[str, ...]
    """Pointers of the schemas that apply together."""

    @classmethod
    def at(cls, index: EvidenceIndex, *pointers: str, alternative: str = "") -> ExpectedSchema:
        """Return the schema of a value that all of these pointers apply to.

        With an `alternative`, that member of an `anyOf` alone applies.
        """

        def applies(pointer: str) -> Iterator[str]:
            reference, members = index.at(child(pointer, "$ref")), index.names(child(pointer, "allOf"))
            # An `allOf` of this response replaces a `$ref` that is stated for all responses.
            if reference is not None and not (members and "*" in reference.pattern[-5:]):
                yield reference.value.removeprefix("#")
            yield from (child(pointer, "allOf", number) for number in members)
            if index.at(f"{pointer}/{KNOWN_VALUES}") is None:
                members = index.names(child(pointer, "anyOf"))
                yield from (child(pointer, "anyOf", number) for number in members if alternative in ("", number))

        return cls(index, tuple(applied(pointers, applies)))

    @property
    def component(self) -> str:
        """Name of the innermost component."""
        return self.pointers[-1].rpartition("/")[2]

    @property
    def alternatives(self) -> list[ExpectedSchema]:
        """The schema with each alternative that is a component; the schema itself without any."""
        numbers = [
            number
            for pointer in self.pointers
            for number in self.index.names(child(pointer, "anyOf"))
            if self.index.at(child(pointer, "anyOf", number, "$ref"))
        ]
        return [ExpectedSchema.at(self.index, self.pointers[0], alternative=number) for number in numbers] or [self]

    def statements(self, keyword: str) -> list[Statement]:
        """Return the statements about a keyword."""
        found = (self.index.at(f"{pointer}/{keyword}") for pointer in self.pointers)
        return [statement for statement in found if statement is not None]

    def statement(self, keyword: str) -> Statement | None:
        """Return the first of them."""
        return next(iter(self.statements(keyword)), None)

    def id_of(self, keyword: str) -> str:
        """Return the entry of the evidence with the first of them, or else with the first statement about the value."""
        statement = self.statement(keyword)
        return self.id if statement is None else statement.id

    def value(self, keyword: str) -> Any:
        """Return the value of the first of them, or None."""
        statement = self.statement(keyword)
        return None if statement is None else statement.value

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types that it may have; empty if the evidence gives none."""
        # Several types of one value are those of its alternatives.
        lists = [[each.value] if isinstance(each.value, str) else each.value for each in self.statements("type")]
        if not lists:
            return ("object",) if self.properties else ()
        has_alternatives = any("/anyOf/" in pointer for pointer in self.pointers)
        return tuple(dict.fromkeys(name for names in (lists if has_alternatives else lists[:1]) for name in names))

    @cached_property
    def required(self) -> dict[str, Statement]:
        """The required fields, each with its statement."""
        return {
            name: each
            for each in reversed(self.statements("required"))
            if isinstance(each.value, list)
            for name in each.value
        }

    @cached_property
    def properties(self) -> dict[str, ExpectedSchema]:
        """The fields of an object."""
        found: dict[str, list[str]] = {}
        for pointer in self.pointers:
            for name in self.index.names(child(pointer, "properties")):
                found.setdefault(name, []).append(child(pointer, "properties", name))
        return {name: ExpectedSchema.at(self.index, *pointers) for name, pointers in found.items()}

    @cached_property
    def conditions(self) -> list[tuple[Condition, str]]:
        """The conditions of an object, each with the entry of the evidence that states it."""
        found = []
        for pointer in self.pointers:
            dependent = child(pointer, "dependentSchemas")
            stated = {name: self.index.at(child(dependent, name)) for name in self.index.names(dependent)}
            stated |= {keyword: self.index.at(child(pointer, keyword)) for keyword in ("if", "then")}
            known = {name: each for name, each in stated.items() if each is not None}
            schema = {name: each.value for name, each in known.items() if name in ("if", "then")}
            schema["dependentSchemas"] = {name: each.value for name, each in known.items() if name not in schema}
            for condition in conditions(schema, pointer):
                found.append((condition, known[condition.field or "then"].id))
        return found

    @cached_property
    def items(self) -> ExpectedSchema | None:
        """The schema of the items of a list."""
        return self._inner("items")

    @cached_property
    def values(self) -> ExpectedSchema | None:
        """The schema of the values of a map."""
        return self._inner("additionalProperties")

    @property
    def is_map(self) -> bool:
        """Whether its fields may have any name."""
        return self.value("additionalProperties") is True or self.values is not None

    @property
    def id(self) -> str:
        """The entry of the evidence with the first statement about it."""
        for pointer in self.pointers:
            for statement in self.index.statements:
                if "/".join(("", *statement.pattern)).startswith(pointer):
                    return statement.id
        return "/".join(self.pointers[:1])

    def _inner(self, keyword: str) -> ExpectedSchema | None:
        found = [pointer for each in self.pointers if self.index.names(pointer := child(each, keyword))]
        return ExpectedSchema.at(self.index, *found) if found else None


def walk_value(schema: ExpectedSchema, value: Any, pointer: str = "") -> Iterator[tuple[str, ExpectedSchema, Any]]:
    """Yield each part of a value that has a schema, with its pointer and the schema."""
    yield pointer, schema, value
    if isinstance(value, dict):
        for name, member in value.items():
            inner = schema.properties.get(name) or schema.values
            if inner is not None:
                yield from walk_value(inner, member, child(pointer, name))
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            yield from walk_value(schema.items, item, child(pointer, index))
