# Generated from openapi/cce.yaml. Do not edit: change that, and run `make generate`.
"""Models of Huawei CCE job query."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from .._jobs import JobMapping, JobState, TimestampMapping
from .._models import Model, define, field

__all__ = [
    "Job",
    "JobMetadata",
    "JobSpec",
    "JobSpecTypeValues",
    "JobStatus",
    "JobStatusPhase",
]

JobStatusPhase = Literal[
    "Initializing",
    "Running",
    "Failed",
    "Success",
]
"""The values of `JobStatus.phase`."""


class JobSpecTypeValues:
    """Known values of `JobSpec.type_`. The list is open: the field may hold others."""

    CREATE_CLUSTER: Final = "CreateCluster"
    DELETE_CLUSTER: Final = "DeleteCluster"
    SCALEUP_CLUSTER: Final = "ScaleupCluster"
    CREATE_NODE: Final = "CreateNode"
    CREATE_NODE_VM: Final = "CreateNodeVM"
    INSTALL_NODE: Final = "InstallNode"
    INSTALL_MASTER: Final = "InstallMaster"
    CREATE_PSM_CERT: Final = "CreatePSMCert"
    GET_PSM_CERT: Final = "GetPSMCert"


@define
class Job(Model):
    """A job, as the query for it returns it. `spec` may be absent or empty, and `apiVersion` absent."""

    __job__: ClassVar[JobMapping] = JobMapping(
        id=("metadata.uid",),
        state=("status.phase",),
        states={
            "Initializing": JobState.PENDING,
            "Running": JobState.RUNNING,
            "Success": JobState.SUCCEEDED,
            "Failed": JobState.FAILED,
        },
        reason=("status.reason",),
        children=("spec.subJobs",),
        started=TimestampMapping(fields=("metadata.creationTimestamp",), formats=("go-time",)),
        ended=TimestampMapping(fields=("metadata.updateTimestamp",), formats=("go-time",), when_terminal=True),
        progress_of_children=True,
    )

    kind: Literal["Job"] | None = field("kind")
    """Kind of the object, always `Job`."""

    api_version: Literal["v3"] | None = field("apiVersion")
    """Version of the API, always `v3`."""

    metadata: JobMetadata | None = field("metadata")
    """Identity and times of the job."""

    spec: JobSpec | None = field("spec")
    """The action of the job and its target. May be empty."""

    status: JobStatus | None = field("status")
    """How far the job is."""


@define
class JobMetadata(Model):
    """Identity and times of a job."""

    uid: str | None = field("uid")
    """ID of the job. Looks like a UUID and is not always one."""

    creation_timestamp: str | None = field("creationTimestamp")
    """When the job was created: the text form of Go's `time.Time`, in UTC, with up to nine fraction digits. Not RFC
    3339.
    """

    update_timestamp: str | None = field("updateTimestamp")
    """When the job last changed, in the form of `creationTimestamp`. The end of the job, once it has ended."""


@define
class JobStatus(Model):
    """How far a job is."""

    phase: JobStatusPhase | None = field("phase")
    """State of the job. `Success` and `Failed` are final."""

    reason: str | None = field("reason")
    """Why the job is in its present state; empty where there is nothing to say."""


@define
class JobSpec(Model):
    """The action of a job or sub-job and its target."""

    type_: str | None = field("type")
    """Type of action of the job. The list of types is open."""

    cluster_uid: str | None = field("clusterUID")
    """ID of the cluster the job works on. A sub-job may name another cluster than its parent."""

    resource_id: str | None = field("resourceID")
    """ID of the resource the job works on. Absent from some sub-jobs."""

    resource_name: str | None = field("resourceName")
    """Name of the resource the job works on. Absent from sub-jobs in every known reply."""

    extend_param: dict[str, str] | None = field("extendParam")
    """Further parameters by name. The vendor calls it unsupported, but it is filled. Do not rely on it, and do not
    reject it. Absent from some sub-jobs.
    """

    sub_jobs: list[Job] | None = field("subJobs")
    """All sub-jobs, each of the form of the job itself and possibly with its own sub-jobs."""
