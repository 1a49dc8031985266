# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Huawei IEF batch job query: the clients and models of one service.

Unofficial description of one endpoint of Huawei Cloud Intelligent EdgeFabric (IEF): the state of a job that upgrades
many edge nodes, or deploys or upgrades an application on many of them, with its tasks. Written from the published page
and from other public information about the service; the evidence file beside this document names the source of every
statement.
"""

from .async_client import AsyncIefClient
from .client import IefClient
from .models import (
    BatchJob,
    BatchJobJobTypeValues,
    BatchJobStatusValues,
    BatchJobTargetTypeValues,
    Extension,
    Target,
    Task,
    TaskStatusValues,
)

__all__ = [
    "AsyncIefClient",
    "BatchJob",
    "BatchJobJobTypeValues",
    "BatchJobStatusValues",
    "BatchJobTargetTypeValues",
    "Extension",
    "IefClient",
    "Target",
    "Task",
    "TaskStatusValues",
]
