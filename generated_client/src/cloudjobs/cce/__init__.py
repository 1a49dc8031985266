# Generated from openapi/cce.yaml. Do not edit: change that, and run `make generate`.
"""Huawei CCE job query: the clients and models of one service.

Unofficial description of one endpoint of Huawei Cloud Container Engine (CCE): the state of a job that creates or
deletes a cluster or a node, with its sub-jobs. Written from the published page and from other public information about
the service; the evidence file beside this document names the source of every statement.
"""

from .async_client import AsyncCceClient
from .client import CceClient
from .models import Job, JobMetadata, JobSpec, JobSpecTypeValues, JobStatus, JobStatusPhase

__all__ = [
    "AsyncCceClient",
    "CceClient",
    "Job",
    "JobMetadata",
    "JobSpec",
    "JobSpecTypeValues",
    "JobStatus",
    "JobStatusPhase",
]
