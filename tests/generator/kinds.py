"""Small documents with features of vendors' documents, and the clients made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from generator.client import Distribution, build
from generator.documents import Service, Source, Workspace
from tests.generator.directory_snapshots import python


def document(
    properties: dict[str, Any] | None = None,
    components: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    operation: dict[str, Any] | None = None,
    paths: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a document of one operation, `getJob`, that reads a `Job` with these properties besides its id."""
    get = {
        "operationId": "getJob",
        "summary": "Get a job",
        "description": "Get it.",
        "parameters": [
            {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}},
            *(parameters or []),
        ],
        "responses": {
            "200": {
                "description": "It.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}},
            }
        },
        "security": [],
        **(operation or {}),
    }
    job = {"description": "A job.", "type": "object", "properties": {"id": {"type": "string"}, **(properties or {})}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Own", "version": "0.1.0", "summary": "Own", "description": "Own."},
        "paths": {"/jobs/{job_id}": {"get": get}, **(paths or {})},
        "components": {"schemas": {"Job": job, **(components or {})}},
    }


def make_client(workspace: Workspace, service: Service, data: dict[str, Any], folder: Path) -> Path:
    """Build the client `ownpkg` of a document without checks. Returns the folder of the package."""
    own = attrs.evolve(service, name="own", document=Source(service.document.path, data, {}), recordings={})
    build(Distribution(workspace, [(own, data)], package="ownpkg"), folder)
    return folder / "src"


PROLOGUE = """
import httpx, inspect, json, typing
import ownpkg.own.models as m
from ownpkg import OwnClient
seen = []
def client(value=None, status=200, **given):
    given = {"json": value} if not given and status != 204 else given
    def answer(request):
        seen.append(request)
        return httpx.Response(status, **given)
    return OwnClient("http://127.0.0.1:1", transport=httpx.MockTransport(answer), auth=None)
"""


def run(source: Path, code: str) -> str:
    """Return the output of a user's program with the client."""
    done = python(source, "-W", "error", "-c", PROLOGUE + code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_types(source: Path, cache: Path) -> str:
    """Return the errors of mypy in strict mode."""
    settings = ("--strict", "--config-file", "", "--cache-dir", cache, "--no-error-summary")
    return python(source, "-m", "mypy", *settings, "--package", "ownpkg.own").stdout
