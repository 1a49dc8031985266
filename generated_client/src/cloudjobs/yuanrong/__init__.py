# Generated from openapi/yuanrong.yaml. Do not edit: change that, and run `make generate`.
"""openYuanrong job query: the clients and models of one service.

Unofficial description of one endpoint of openYuanrong: the state of a submitted job, with the driver program that runs
it. Written from the published page and from the public source of the service; every statement has its origin in the
evidence file beside this document.
"""

from .async_client import AsyncYuanrongClient
from .client import YuanrongClient
from .models import DriverInfo, Job, JobStatusValues, JobTypeValues

__all__ = [
    "AsyncYuanrongClient",
    "DriverInfo",
    "Job",
    "JobStatusValues",
    "JobTypeValues",
    "YuanrongClient",
]
