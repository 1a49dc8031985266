# Generated from openapi/ges.yaml. Do not edit: change that, and run `make generate`.
"""Operations of Huawei GES job query."""

from __future__ import annotations

from typing import Final

from .._operations import (
    ErrorMapping,
    Header,
    Operation,
    PaginationSpec,
    Parameter,
    PollSpec,
    SecurityScheme,
)
from .._urls import ServiceInfo
from . import models

SERVICE: Final = ServiceInfo(
    "ges",
    "Huawei GES job query",
    credentials=("Token", "IamPassword", "AkSk"),
)

LIST_JOBS: Final[Operation[models.JobList]] = Operation(
    service="ges",
    id="listJobs",
    method="GET",
    path="/ges/v1.0/{project_id}/graphs/{graph_name}/jobs/status",
    response=models.JobList,
    parameters=(
        Parameter("project_id", "project_id", "path", required=True, is_client_parameter=True),
        Parameter("graph_name", "graph_name", "path", required=True),
        Parameter("offset", "offset", "query"),
        Parameter("limit", "limit", "query"),
    ),
    errors=ErrorMapping(
        code=("errorCode", "error_code"),
        message=("errorMessage", "error_msg"),
        request_id=("request_id", Header("X-Request-Id")),
    ),
    schemes=(
        SecurityScheme(method="token", header="X-Auth-Token"),
        SecurityScheme(method="aksk", header="Authorization"),
    ),
    poll=PollSpec(items="jobs", match="jobId"),
    pages=PaginationSpec(items="jobs", offset="offset", limit="limit", most=100000, identity=("jobId",)),
    method_name="list_jobs",
)
