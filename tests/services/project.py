"""Project folders of made-up services, and a client of them.

Each folder here has the document of one kind of service and its recordings, in the layout of `openapi/`. A made-up
service has no page, so its evidence is one fact that supports every claim.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import yaml

from generator.client import Distribution, build
from generator.commands import bundled_services, validate_service
from generator.contract import Contract, Exchange
from generator.contract.job_view import view_page
from generator.documents import Workspace
from generator.documents.json_pointer import pointer_of
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
        document: A changed document to write in its place.
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
                "statement": " ".join(dict.fromkeys(_descriptions(made))),
                "supports": {
                    pointer: value
                    for pointer, value in claims(made).items()
                    if ("/responses/default" in pointer) is (confidence == "inferred")
                },
            }
            for confidence in ("documented", "inferred")
        ],
        "interpretations": list(_interpretations(openapi, name, made)),
        "contradictions": [],
    }
    (openapi / "evidence" / f"{name}.yaml").write_text(yaml.safe_dump(evidence), encoding="utf-8")


def _interpretations(openapi: Path, name: str, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an interpretation of each job and page that is recorded, as the checker reads them."""
    contract = Contract(document)
    for path in sorted((openapi / "recordings" / name).glob("*.yaml")):
        recording = load(path).data
        operation = next(each for each in operations(document) if each.id == recording["operation"])
        exchange = Exchange(
            method=operation.method.upper(),
            url=_url(operation.path, recording["request"]),
            status=recording["status"],
            headers=(("Content-Type", recording["content_type"]),),
            body=recording["body"].encode(),
            source=path.name,
        )
        route = contract.route(exchange)
        assert route is not None
        view = view_page(route, exchange)
        pages = operation.definition.get("x-pagination")
        for number, job in enumerate(view.jobs if view else ()):
            jobs = [job, *job.children] if number == 0 else []
            for each in jobs:
                yield {
                    "id": f"{name}.job.{path.stem}{each.pointer.replace('/', '-')}",
                    "confidence": "documented",
                    "origin": "The document itself",
                    "statement": "A job.",
                    "recording": path.stem,
                    "job": each.pointer,
                    "examples": [{"equals": {"id": each.id, "state": each.kind}}],
                    **({"pagination": {"items": _pointer(pages["items"])}} if pages and each is job else {}),
                }


def _url(path: str, request: dict[str, Any]) -> str:
    for key, value in request["path"].items():
        path = path.replace(f"{{{key}}}", quote(value, safe=""))
    return f"https://made-up.example.com{path}?{urlencode(request.get('query', {}))}"


def _pointer(path: str) -> str:
    return "".join(f"/{key}" for key in pointer_of(path))


def _descriptions(value: Any) -> Iterator[str]:
    """Yield every description, since each of its units, numbers and words needs support."""
    if isinstance(value, dict):
        if isinstance(value.get("description"), str):
            yield value["description"]
        for member in value.values():
            yield from _descriptions(member)
    elif isinstance(value, list):
        for item in value:
            yield from _descriptions(item)


def make_project(folder: Path, names: Iterable[str] = KINDS) -> Workspace:
    """Make a project folder of made-up services."""
    shutil.copytree(ROOT / "openapi" / "schemas", folder / "openapi" / "schemas")
    shutil.copy2(ROOT / "LICENSE", folder)
    for name in names:
        add_service(folder, name)
    return Workspace(folder)


def problems(workspace: Workspace) -> list[str]:
    """Return the problems of the services of a project, as text."""
    return [str(problem) for service in workspace.select(None) for problem in validate_service(workspace, service)]


def make_client(workspace: Workspace, folder: Path, package: str) -> Path:
    """Write the client of all services of a project. Returns the folder for its import."""
    build(Distribution(workspace, bundled_services(workspace, None), package), folder)
    return folder / "src"
