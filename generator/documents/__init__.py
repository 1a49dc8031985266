"""The hand-written files: read strictly, checked for form, their schemas flattened and their extensions parsed."""

from generator.documents.lint import KEY_ORDER, lint, malformed
from generator.documents.schema_view import SchemaLocation, walk_schemas
from generator.documents.strict_yaml import Source, load, read
from generator.documents.workspace import (
    OperationRef,
    Recording,
    Service,
    Workspace,
    is_json,
    violations,
    without_inferred,
)

__all__ = [
    "KEY_ORDER",
    "OperationRef",
    "Recording",
    "SchemaLocation",
    "Service",
    "Source",
    "Workspace",
    "is_json",
    "lint",
    "load",
    "malformed",
    "read",
    "violations",
    "walk_schemas",
    "without_inferred",
]
