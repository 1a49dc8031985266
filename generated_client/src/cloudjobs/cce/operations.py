# Generated from openapi/cce.yaml. Do not edit: change that, and run `make generate`.
"""Operations of Huawei CCE job query."""

from __future__ import annotations

from typing import Final

from .._operations import (
    ErrorMapping,
    Header,
    Operation,
    Parameter,
    PollSpec,
    SecurityScheme,
)
from .._urls import RegionServer, ServiceInfo
from . import models

SERVICE: Final = ServiceInfo(
    "cce",
    "Huawei CCE job query",
    credentials=("Token", "IamPassword", "AkSk"),
    servers=(
        RegionServer(
            "https://cce.{region}.myhuaweicloud.com",
            (
                "cn-north-1",
                "cn-north-2",
                "cn-north-4",
                "cn-north-9",
                "cn-north-11",
                "cn-east-2",
                "cn-east-3",
                "cn-south-1",
                "cn-south-2",
                "cn-south-4",
                "cn-southwest-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-southeast-3",
                "ap-southeast-4",
                "af-south-1",
                "sa-brazil-1",
                "la-south-2",
                "la-north-2",
                "na-mexico-1",
                "ru-northwest-2",
                "tr-west-1",
                "ae-ad-1",
                "my-kualalumpur-1",
                "eu-west-0",
            ),
        ),
        RegionServer("https://cce.{region}.myhuaweicloud.eu", ("eu-west-101",)),
    ),
)

GET_JOB: Final[Operation[models.Job]] = Operation(
    service="cce",
    id="getJob",
    method="GET",
    path="/api/v3/projects/{project_id}/jobs/{job_id}",
    response=models.Job,
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
        SecurityScheme(method="token", header="X-Auth-Token", max_length=16384),
        SecurityScheme(method="aksk", header="Authorization"),
    ),
    poll=PollSpec(argument="job_id"),
    method_name="get_job",
)
