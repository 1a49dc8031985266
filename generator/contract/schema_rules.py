"""Schemas of a document, compiled once: which values they take, what is wrong with one, which fields they know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import jsonschema_rs

from generator.contract.findings import NOTICE, RawFinding, join_values
from generator.documents.json_pointer import PointerNotFound, child, resolve, segments
from generator.documents.schema_view import flatten


class CompiledSchemas:
    """The schemas of one document, each compiled when it is first used."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._components = {"components": {"schemas": document.get("components", {}).get("schemas", {})}}
        self._compiled: dict[str, CompiledSchema] = {}
        self._fields: dict[tuple[str, ...], _Fields] = {}
        self._members: dict[tuple[str, str], tuple[str, str]] = {}

    def at(self, pointer: str) -> CompiledSchema:
        """The schema at a pointer."""
        if pointer not in self._compiled:
            self._compiled[pointer] = CompiledSchema(self, pointer)
        return self._compiled[pointer]

    def validator(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        """A validator. The components come along, so that references find their targets."""
        whole = {**schema, **self._components} if isinstance(schema, dict) else schema
        return jsonschema_rs.Draft202012Validator(whole)

    def fields(self, pointers: tuple[str, ...]) -> _Fields:
        """The fields that the schemas at these pointers describe together."""
        if pointers not in self._fields:
            self._fields[pointers] = _Fields(self, pointers)
        return self._fields[pointers]

    def member(self, pointer: str, dotted: str) -> tuple[str, str]:
        """The schema of a field below a schema, and where the field is described; both empty where it is not.

        Args:
            pointer: Pointer of the schema that it is below.
            dotted: Wire names with dots between; `*` stands for the items of a list.
        """
        if (pointer, dotted) not in self._members:
            view = flatten(self.document, pointer)
            found, owner = (view.at(name).roots[:1] for name in (dotted, dotted.removesuffix(".*")))
            self._members[pointer, dotted] = (found[0], owner[0]) if found else ("", "")
        return self._members[pointer, dotted]

    def parts(self, pointer: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The schema at a pointer, with those that it refers to or is composed of."""
        return flatten(self.document, pointer).subschemas


class CompiledSchema:
    """One schema of a document."""

    def __init__(self, schemas: CompiledSchemas, pointer: str) -> None:
        self.pointer = pointer
        self._schemas = schemas
        self._schema = resolve(schemas.document, pointer)
        self._validator = schemas.validator(self._schema)

    def takes(self, value: Any) -> bool:
        """Whether a value is valid."""
        return self._validator.is_valid(value)

    def findings(self, value: Any, rule: str = "schema") -> Iterator[RawFinding]:
        """Each way in which a value is not valid."""
        for error in self._validator.iter_errors(value):
            path = [str(key) for key in error.schema_path]
            inside = "".join(child("", key) for key in path)
            schema_pointer = inside if path[:2] == ["components", "schemas"] else self.pointer + inside
            yield self._finding(error, schema_pointer, rule)

    def undocumented(self, value: Any) -> Iterator[RawFinding]:
        """Each field that the document does not have, and each value that an open list does not name."""
        return self._schemas.fields((self.pointer,)).walk(value, "")

    def _finding(self, error: jsonschema_rs.ValidationError, schema_pointer: str, rule: str) -> RawFinding:
        pointer = "".join(child("", key) for key in error.instance_path)
        keyword = segments(schema_pointer)[-1] if schema_pointer else ""
        try:
            stated = resolve(self._schemas.document, schema_pointer)
        except PointerNotFound:
            stated = None
        name = next((str(key) for key in reversed(error.instance_path) if isinstance(key, str)), "")
        if keyword == "required":
            missing = str(getattr(error.kind, "property", stated))
            return RawFinding(rule, schema_pointer, f"the field {missing}", actual="none of that name", pointer=pointer)
        return RawFinding(
            rule, schema_pointer, _expected(keyword, stated), value=error.instance, name=name, pointer=pointer
        )


_WORDS = {
    "const": "{}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} character(s)",
    "maxLength": "at most {} character(s)",
    "minItems": "at least {} item(s)",
    "maxItems": "at most {} item(s)",
    "pattern": "a text that matches {}",
}


def _expected(keyword: str, stated: Any) -> str:
    if keyword == "type":
        return f"a value of type {' or '.join([stated] if isinstance(stated, str) else stated)}"
    if keyword == "enum":
        return f"one of {join_values(stated)}"
    if keyword in _WORDS:
        return _WORDS[keyword].format(stated)
    return f"a value that {keyword} allows"


@attrs.frozen
class _Member:
    """What is known of a field, or of the items of a list."""

    schema_pointers: tuple[str, ...]
    """Schemas that describe it."""
    is_open: bool = False
    """Whether anything goes, so that nothing in it is undocumented."""


class _Fields:
    """The fields that some schemas together describe, and the open lists that they name."""

    def __init__(self, schemas: CompiledSchemas, schema_pointers: tuple[str, ...]) -> None:
        self._schemas = schemas
        self._view = view = flatten(schemas.document, *schema_pointers)
        self._members: dict[str, _Member | None] = {}
        self._items = view.items.roots
        self._open = next(iter(view.having("x-enum-open")), None)
        self._is_object = "object" in view.kinds
        self.owner = next(
            (schema_pointer for schema_pointer, part in view.subschemas if "properties" in part), schema_pointers[0]
        )

    def walk(self, value: Any, pointer: str) -> Iterator[RawFinding]:
        if isinstance(value, dict):
            if not self._is_object:
                # That it is one is wrong already.
                return
            for name, inner in value.items():
                member = self._member(name)
                if member is None:
                    yield RawFinding(
                        "undocumented-field",
                        self.owner,
                        "a field that the document has",
                        value=inner,
                        name=name,
                        pointer=child(pointer, name),
                    )
                elif not member.is_open and (isinstance(inner, dict | list | str)):
                    yield from self._schemas.fields(member.schema_pointers).walk(inner, child(pointer, name))
        elif isinstance(value, list):
            if self._items:
                fields = self._schemas.fields(self._items)
                for index, item in enumerate(value):
                    yield from fields.walk(item, child(pointer, index))
        elif self._open is not None and isinstance(value, str) and value not in self._open[1]:
            schema_pointer, known = self._open
            yield RawFinding(
                "open-list",
                schema_pointer,
                f"one of {join_values(known)}, as far as is known",
                value=value,
                name=pointer.rpartition("/")[2],
                pointer=pointer,
                severity=NOTICE,
            )

    def _member(self, name: str) -> _Member | None:
        if name not in self._members:
            self._members[name] = self._described(name)
        return self._members[name]

    def _described(self, name: str) -> _Member | None:
        member = self._view.member(name)
        if member.is_false or not member.roots:
            return None
        return _Member(member.roots, is_open=not member.subschemas)
