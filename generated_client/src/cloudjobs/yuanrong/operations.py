# Generated from openapi/yuanrong.yaml. Do not edit: change that, and run `make generate`.
"""Operations of openYuanrong job query."""

from __future__ import annotations

from typing import Final

from .._operations import (
    Operation,
    Parameter,
    PollSpec,
)
from .._urls import ServiceInfo
from . import models

SERVICE: Final = ServiceInfo(
    "yuanrong",
    "openYuanrong job query",
)

GET_JOB: Final[Operation[models.Job]] = Operation(
    service="yuanrong",
    id="getJob",
    method="GET",
    path="/api/jobs/{submissionId}",
    response=models.Job,
    parameters=(Parameter("submissionId", "submission_id", "path", required=True),),
    poll=PollSpec(argument="submission_id"),
    method_name="get_job",
)
