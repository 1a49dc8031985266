"""A draft from nothing: the files of a made-up job show the form."""

from __future__ import annotations

from typing import Any

from .draft import Draft
from .inferred_schemas import Components

NO_PAGE = {"edition": "TODO: which edition of the page this is", "sha256": "0" * 64}
"""The page of a draft that is from no page."""


def path_parameter(name: str) -> dict[str, Any]:
    """Return a parameter of a path."""
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "description": f"TODO: describe `{name}`.",
        "required": True,
        "schema": schema,
    }


def empty_draft(service: str) -> Draft:
    """Return a draft of one job by its ID, with invented names and values."""
    components = Components()
    body = {"job_id": "job-1", "status": "RUNNING", "progress": 40}
    components.of_object("Job", [body])
    section = "TODO: heading of the page"
    rows: list[dict[str, Any]] = [
        {
            "id": f"{service}.path.job_id",
            "section": section,
            "kind": "path",
            "name": "job_id",
            "type": "String",
            "mandatory": True,
            "documents": ["/components/parameters/job_id"],
        }
    ]
    for name, type_ in (("job_id", "String"), ("status", "String"), ("progress", "int64")):
        pointer = f"/components/schemas/Job/properties/{name}"
        row = {"id": f"{service}.field.{name}", "section": section, "kind": "field", "name": name}
        rows.append({**row, "type": type_, "documents": [pointer]})
    rows.append(
        {
            "id": f"{service}.status.200",
            "section": section,
            "kind": "status",
            "name": "200",
            "documents": ["/paths/*/get/responses/200"],
        }
    )
    path = f"/v1/{service.replace('_', '-')}/{{job_id}}"
    return Draft(
        service=service,
        path=path,
        root="Job",
        components=components.schemas,
        body=body,
        request={"path": {"job_id": "job-1"}},
        provenance={"source": "page", "location": section, "note": "Invented: put a real response in its place."},
        page={"title": "TODO: title of the page", **NO_PAGE},
        confidence="documented",
        parameters=[path_parameter("job_id")],
        rows=rows,
        state_values=["PENDING", "RUNNING", "SUCCEEDED", "FAILED"],
    )
