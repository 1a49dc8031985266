"""Project folders of made-up services, and a client of them.

Each folder here holds the document of one kind of service and its recordings, in the layout of `openapi/`. Nothing is
known of a service but its document, so its evidence is one fact that supports every claim in it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from generator.client import Distribution, build
from generator.commands import bundled_services, validate_service
from generator.documents import Workspace
from generator.documents.strict_yaml import load
from generator.documents.workspace import operations
from generator.evidence.traceability import claims

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KINDS = sorted(path.name for path in HERE.iterdir() if (path / f"{path.name}.yaml").is_file())


def add_service(folder: Path, name: str, document: dict[str, Any] | None = None) -> None:
    """Add a service to the project in a folder.

    Args:
        folder: The folder that holds `openapi/`.
        name: The service.
        document: A changed document to write in place of its own.
    """
    openapi = folder / "openapi"
    shutil.copytree(HERE / name, openapi, dirs_exist_ok=True)
    path = openapi / f"{name}.yaml"
    if document is not None:
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    (openapi / "evidence").mkdir(exist_ok=True)
    made = load(path).data
    evidence = {
        "service": name,
        "page": {"title": "A made-up service", "edition": "Never published", "sha256": "0" * 64},
        "rows": [
            {
                "id": f"{name}.row.{operation.id}",
                "section": "Operations",
                "kind": "operation",
                "name": f"{operation.method.upper()} {operation.path}",
                "documents": [operation.pointer],
            }
            for operation in operations(made)
        ],
        "observed": [],
        "facts": [
            {
                "id": f"{name}.fact.{confidence}",
                "confidence": confidence,
                "origin": "The document itself",
                "statement": "The service is made up.",
                "supports": {
                    pointer: value
                    for pointer, value in claims(made).items()
                    if ("/responses/default" in pointer) is (confidence == "inferred")
                },
            }
            for confidence in ("documented", "inferred")
        ],
        "interpretations": [],
        "contradictions": [],
    }
    (openapi / "evidence" / f"{name}.yaml").write_text(yaml.safe_dump(evidence), encoding="utf-8")


def make_project(folder: Path, names: Iterable[str] = KINDS) -> Workspace:
    """Make a project folder of made-up services."""
    shutil.copytree(ROOT / "openapi" / "schemas", folder / "openapi" / "schemas")
    shutil.copy2(ROOT / "LICENSE", folder)
    for name in names:
        add_service(folder, name)
    return Workspace(folder)


def problems(workspace: Workspace) -> list[str]:
    """Everything that is wrong with the services of a project, as text."""
    return [str(problem) for service in workspace.select(None) for problem in validate_service(workspace, service)]


def make_client(workspace: Workspace, folder: Path, package: str) -> Path:
    """Write the client of all services of a project. Returns the folder to import it from."""
    build(Distribution(workspace, bundled_services(workspace, None), package), folder)
    return folder / "src"
