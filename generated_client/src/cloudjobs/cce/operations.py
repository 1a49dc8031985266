# Generated from openapi/cce.yaml. Do not edit: change that, and run `make generate`.
"""Operations of Huawei CCE job query."""

from __future__ import annotations

from typing import Final

from .._operations import ErrorMapping, Header, Operation, Parameter, PollSpec, SecurityScheme
from .models import Job

GET_JOB: Final[Operation[Job]] = Operation(
    service="cce",
    id="getJob",
    method="GET",
    path="/api/v3/projects/{project_id}/jobs/{job_id}",
    response=Job,
    parameters=(
        Parameter("project_id", "project_id", "path", required=True, is_client_parameter=True),
        Parameter("job_id", "job_id", "path", required=True),
    ),
    headers={"Content-Type": "application/json"},
    errors=ErrorMapping(
        code=("errorCode", "error_code"),
        message=("errorMessage", "error_msg", "message"),
        request_id=("request_id", Header("X-Request-Id")),
    ),
    schemes=(
        SecurityScheme("token", "X-Auth-Token", max_length=16384),
        SecurityScheme("aksk", "Authorization"),
    ),
    poll=PollSpec(argument="job_id"),
)
