"""The hand-written files as they are: read strictly, checked for form, and walked. Knows nothing of what they mean."""

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
