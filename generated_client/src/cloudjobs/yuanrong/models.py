# Generated from openapi/yuanrong.yaml. Do not edit: change that, and run `make generate`.
"""Models of openYuanrong job query."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from .._jobs import JobMapping, JobState, TimestampMapping
from .._models import Model, define, field

__all__ = [
    "DriverInfo",
    "Job",
    "JobStatusValues",
    "JobTypeValues",
]


class JobTypeValues:
    """Known values of `Job.type_`. The list is open: the field may hold others."""

    SUBMISSION: Final = "SUBMISSION"
    DRIVER: Final = "DRIVER"


class JobStatusValues:
    """Known values of `Job.status`. The list is open: the field may hold others."""

    PENDING: Final = "PENDING"
    RUNNING: Final = "RUNNING"
    STOPPED: Final = "STOPPED"
    SUCCEEDED: Final = "SUCCEEDED"
    FAILED: Final = "FAILED"
    EMPTY: Final = ""


@define
class Job(Model):
    """A job and the driver program that runs it."""

    __job__: ClassVar[JobMapping] = JobMapping(
        id=("submission_id",),
        state=("status",),
        states={
            "PENDING": JobState.PENDING,
            "RUNNING": JobState.RUNNING,
            "SUCCEEDED": JobState.SUCCEEDED,
            "FAILED": JobState.FAILED,
            "STOPPED": JobState.STOPPED,
        },
        reason=("error_type",),
        started=TimestampMapping(fields=("start_time",), formats=("epoch-s", "epoch-ms")),
        ended=TimestampMapping(fields=("end_time",), formats=("epoch-s", "epoch-ms"), when_terminal=True),
    )

    key: str | None = field("key")
    """Key under which the service stores the job. Absent from the published example."""

    type_: str | None = field("type")
    """Kind of the job. So far always `SUBMISSION`; the service's source names `DRIVER` as well. The list is open."""

    entrypoint: str | None = field("entrypoint")
    """Command that starts the driver program."""

    submission_id: str | None = field("submission_id")
    """ID of the job."""

    driver_info: DriverInfo | None = field("driver_info")
    """The driver program."""

    status: str | None = field("status")
    """State of the job. `SUCCEEDED`, `FAILED` and `STOPPED` are final. Empty if the service has no name for the state
    of the driver program. The list is open.
    """

    start_time: str | None = field("start_time")
    """When the job started, in seconds since 1970-01-01 UTC, as text. The published page speaks of milliseconds. Empty
    where the time is not known.
    """

    end_time: str | None = field("end_time")
    """When the job ended, in the form of `start_time`. Empty until it has ended."""

    metadata: dict[str, str] | None = field("metadata")
    """Metadata of the job from its submission, by name. `null` if the submission had no metadata."""

    runtime_env: dict[str, Any] | None = field("runtime_env")
    """Environment of the job, by name. `envVars` is a string that holds JSON text, an object of environment variables,
    or is empty; `pip` is the shell command that installs packages; `working_dir` is the address of the job's files.
    """

    driver_agent_http_address: str | None = field("driver_agent_http_address")
    """Not in use; empty in every known reply."""

    driver_node_id: str | None = field("driver_node_id")
    """ID of the node that the driver program runs on."""

    driver_exit_code: int | None = field("driver_exit_code")
    """Exit code of the driver program. 0 as well while it is running, so 0 alone does not mean success."""

    error_type: str | None = field("error_type")
    """Message about the error, in words, of a job that failed or was stopped; empty in any other."""


@define
class DriverInfo(Model):
    """The driver program of a job."""

    id: str | None = field("id")
    """ID of the driver program. The same as the job's `submission_id`."""

    node_ip_address: str | None = field("node_ip_address")
    """IP address of the node that the driver program runs on."""

    pid: str | None = field("pid")
    """Process ID of the driver program, as text."""
