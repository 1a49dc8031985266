# Generated from openapi/ges.yaml. Do not edit: change that, and run `make generate`.
"""Huawei GES job query: the clients and models of one service.

Unofficial description of one endpoint of Huawei Graph Engine Service (GES): the list of the asynchronous jobs that a
graph's engine has stored, with state, progress and original request of each. Written from the published page and from
other public information about the service; the evidence file beside this document names the source of every statement.
"""

from .async_client import AsyncGesClient
from .client import GesClient
from .models import (
    ImportedFile,
    ImportedSchema,
    ImportFileGroup,
    Job,
    JobList,
    JobListResult,
    JobStatusValues,
    JobTaskTypeValues,
)

__all__ = [
    "AsyncGesClient",
    "GesClient",
    "ImportedFile",
    "ImportedSchema",
    "ImportFileGroup",
    "Job",
    "JobList",
    "JobListResult",
    "JobStatusValues",
    "JobTaskTypeValues",
]
