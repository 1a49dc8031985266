"""Command `import`."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from ..documents import Workspace
from ..documents.workspace import is_imported
from ..errors import Problem, ValidationError
from ..files import write_files
from . import relative
from .arguments import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    help = "write openapi/<service>.yaml from a vendor's OpenAPI document, which needs no evidence"
    command = commands.add("import", _import, help, services=False, writes=True)
    command.add_argument("file", type=Path, metavar="FILE", help="document of OpenAPI 3.0 or 3.1, YAML or JSON")
    command.add_argument("--service", metavar="NAME", help="name of the service (default: that of the file)")
    command.add_argument(
        "--overlay",
        type=Path,
        metavar="FILE",
        help="OpenAPI Overlay that makes it a job service (default: openapi/overlays/<service>.yaml, if there)",
    )


def _import(options: argparse.Namespace) -> None:
    from ..client import reserved_names
    from ..client.template_model_builder import reserved_schema_names
    from ..imports import import_document
    from ..imports.writing import as_yaml

    workspace = Workspace(options.project)
    service = options.service or re.sub(r"[^a-z0-9]+", "_", options.file.stem.lower()).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", service) or service in reserved_names():
        message = f"must be a module name that the client does not have, got {service!r}"
        raise ValidationError(Problem("--service", message, "Give another name of lower-case letters, digits and _"))
    target = workspace.openapi / f"{service}.yaml"
    if target.is_file() and not _was_imported(target):
        remedy = "Give another name with --service, or move the file"
        raise ValidationError(Problem(target, "must be an imported document, got a hand-written one", remedy))
    beside = workspace.openapi / "overlays" / f"{service}.yaml"
    overlay = options.overlay or (beside if beside.is_file() else None)
    made = import_document(options.file, overlay, reserved_schema_names(service))
    for problem in made.warnings:
        print(f"warning: {relative(problem)}", file=sys.stderr)
    for problem in made.left_out:
        print(f"left out: {relative(problem)}", file=sys.stderr)
    header = f"Imported from {options.file.name}. Do not edit: change its overlay, and import it again."
    write_files({target: as_yaml(made.document, header).encode()})
    print(f"{relative(target)}: {made.imported} of {made.operations} operations, without evidence")


def _was_imported(path: Path) -> bool:
    from ..imports.reading import read_document

    return is_imported(read_document(path))
