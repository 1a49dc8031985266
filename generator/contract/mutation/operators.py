"""All mutants of a document."""

from __future__ import annotations

from collections.abc import Iterator

from generator.contract.mutation import of_extensions, of_operations, of_schemas
from generator.contract.mutation.mutants import Document, Mutant

OPERATORS = (
    *("type", "required", "nullable", "enum", "bounds", "pattern", "alternatives", "properties", "annotations"),
    *("operations", "responses", "media types", "parameters", "security", "x-request-headers"),
    *("x-job", "x-error", "x-poll", "x-pagination"),
)
"""What is changed, in the order of reports."""


def mutants(document: Document) -> Iterator[Mutant]:
    """The mutants of a document: the same ones in the same order, each time."""
    for part in (of_schemas, of_operations, of_extensions):
        yield from part.mutants(document)
