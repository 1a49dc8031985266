# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Operations of Huawei IEF batch job query."""

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
    "ief",
    "Huawei IEF batch job query",
    credentials=("Token", "IamPassword", "AkSk"),
    servers=(
        RegionServer(
            "https://ief.{region}.myhuaweicloud.com",
            (
                "cn-north-1",
                "cn-north-4",
                "cn-east-2",
                "cn-east-3",
                "cn-south-1",
            ),
        ),
    ),
)

GET_BATCH_JOB: Final[Operation[models.BatchJob]] = Operation(
    service="ief",
    id="getBatchJob",
    method="GET",
    path="/v2/{project_id}/productmgr/jobs/{job_id}",
    response=models.BatchJob,
    parameters=(
        Parameter("project_id", "project_id", "path", required=True, is_client_parameter=True),
        Parameter("job_id", "job_id", "path", required=True),
        Parameter("ief-instance-id", "ief_instance_id", "header", is_client_parameter=True),
    ),
    headers={"Content-Type": "application/json"},
    errors=ErrorMapping(
        code=("error_code",), message=("error_msg",), request_id=("request_id", Header("X-Request-Id"))
    ),
    schemes=(
        SecurityScheme(method="token", header="X-Auth-Token"),
        SecurityScheme(method="aksk", header="Authorization"),
    ),
    poll=PollSpec(argument="job_id"),
    method_name="get_batch_job",
)
