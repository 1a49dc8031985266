"""Read and check the hand-written files, flatten their schemas, and parse their extensions."""

from .lint import KEY_ORDER, lint, malformed
from .schema_view import SchemaLocation, walk_schemas
from .settings import Settings
from .strict_yaml import Source, load, read
from .workspace import (
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
    "Settings",
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
