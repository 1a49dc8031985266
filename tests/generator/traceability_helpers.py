"""Problems of a document with its evidence, and the places of a document to change."""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service, walk_schemas
from generator.documents.json_pointer import find
from generator.documents.schema_view import known_values
from generator.errors import Problem
from generator.evidence import trace
from generator.evidence.traceability import KNOWN_VALUES
from tests.generator.edits import Edit, with_document
from tests.reference import REFERENCE

ENTRIES = ("rows", "observed", "facts", "interpretations", "contradictions")
SUPPORT = "must have evidence, got none for"

each_service = pytest.mark.parametrize("name", REFERENCE)


def problems_with(service: Service, edit: Edit) -> list[Problem]:
    return trace(with_document(service, edit)).problems


def is_named(pointer: str, problems: list[Problem]) -> bool:
    """Return whether one of the problems is about that place, by its pointer or by its message."""
    return any(problem.pointer == pointer or pointer in problem.message for problem in problems)


def has_problem_at(pointer: str, problems: list[Problem], message: str = "") -> bool:
    return any(problem.pointer == pointer and message in problem.message for problem in problems)


def schemas_by_pointer(service: Service) -> list[tuple[str, dict[str, Any]]]:
    """Return every schema of a document, except those that only repeat names to require them."""
    return [
        (place.pointer, place.schema)
        for place in walk_schemas(service.document.data)
        if "/allOf/" not in place.pointer and "allOf" not in place.schema
    ]


def properties(service: Service) -> list[str]:
    return [pointer for pointer, _ in find(service.document.data, "/components/schemas/*/properties/*")]


def value_lists_of(service: Service) -> list[tuple[str, str, list[Any]]]:
    """Return every list of values in a document: pointer of its schema, keyword, values."""
    return [
        (pointer, keyword, values)
        for pointer, schema in schemas_by_pointer(service)
        for keyword, values in (("enum", schema.get("enum")), (KNOWN_VALUES, known_values(schema)))
        if values is not None
    ]
