# Generated from openapi/ief.yaml. Do not edit: change that, and run `make generate`.
"""Models of Huawei IEF batch job query."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from .._jobs import JobMapping, JobState, TimestampMapping
from .._json import json_text
from .._models import Model, define, field

__all__ = [
    "BatchJob",
    "BatchJobJobTypeValues",
    "BatchJobStatusValues",
    "BatchJobTargetTypeValues",
    "Extension",
    "Target",
    "Task",
    "TaskStatusValues",
]


class BatchJobJobTypeValues:
    """Known values of `BatchJob.job_type`. The list is open: the field may hold others."""

    NODE_UPGRADE: Final = "node_upgrade"
    DEPLOYMENT_DEPLOY: Final = "deployment_deploy"
    DEPLOYMENT_UPGRADE: Final = "deployment_upgrade"


class BatchJobStatusValues:
    """Known values of `BatchJob.status`. The list is open: the field may hold others."""

    RUNNING: Final = "Running"
    SUCCESSFUL: Final = "Successful"
    PARTIALLY_SUCCESSFUL: Final = "Partially_successful"
    FAILED: Final = "Failed"
    STOPPING: Final = "Stopping"
    STOPPED: Final = "Stopped"
    WAITING: Final = "Waiting"
    TIMED_OUT: Final = "Timed_out"


class BatchJobTargetTypeValues:
    """Known values of `BatchJob.target_type`. The list is open: the field may hold others."""

    NODE: Final = "node"
    NODE_GROUP: Final = "node_group"
    DEPLOYMENT: Final = "deployment"


class TaskStatusValues:
    """Known values of `Task.status`. The list is open: the field may hold others."""

    RUNNING: Final = "Running"
    SUCCESSFUL: Final = "Successful"
    PARTIALLY_SUCCESSFUL: Final = "Partially_successful"
    FAILED: Final = "Failed"
    STOPPING: Final = "Stopping"
    STOPPED: Final = "Stopped"
    WAITING: Final = "Waiting"
    TIMED_OUT: Final = "Timed_out"


@define
class BatchJob(Model):
    """A job that does one thing to many targets, with a task for each of them."""

    __job__: ClassVar[JobMapping] = JobMapping(
        id=("job_id",),
        state=("status",),
        states={
            "Waiting": JobState.PENDING,
            "Running": JobState.RUNNING,
            "Stopping": JobState.RUNNING,
            "Successful": JobState.SUCCEEDED,
            "Partially_successful": JobState.PARTIAL,
            "Failed": JobState.FAILED,
            "Timed_out": JobState.FAILED,
            "Stopped": JobState.STOPPED,
        },
        children=("tasks",),
        started=TimestampMapping(fields=("created_at",), formats=("epoch-s", "epoch-ms")),
        ended=TimestampMapping(fields=("status_last_updated_at",), formats=("epoch-s", "epoch-ms"), when_terminal=True),
        done=("task_success_count", "task_failed_count"),
        total="task_total_count",
    )

    job_id: str | None = field("job_id")
    """ID of the batch job."""

    job_name: str | None = field("job_name")
    """Name of the batch job. Names of its tasks begin with it in the known reply."""

    job_type: str | None = field("job_type")
    """Type of the job. `node_upgrade` upgrades nodes, `deployment_deploy` deploys an application, `deployment_upgrade`
    upgrades one. The list of types is open.
    """

    description: str | None = field("description")
    """Description that the job was given; may be empty."""

    created_at: int | None = field("created_at")
    """When the job was created. Seconds since 1970-01-01 UTC in the known reply; the vendor gives no unit."""

    status: str | None = field("status")
    """State of the job. `Waiting`, `Running` and `Stopping` are not final. A stopped job can be resumed and a failed
    one retried, so a final state lasts until such a request. The list of states is open.
    """

    task_total_count: int | None = field("task_total_count")
    """Number of all tasks."""

    task_failed_count: int | None = field("task_failed_count")
    """By its name the number of failed tasks, by the vendor's description that of successful ones. Which of the two the
    server counts is not known; together with `task_success_count` it gives the number of finished tasks.
    """

    task_success_count: int | None = field("task_success_count")
    """By its name the number of successful tasks, by the vendor's description that of failed ones. Which of the two the
    server counts is not known; together with `task_failed_count` it gives the number of finished tasks.
    """

    target_type: str | None = field("target_type")
    """Type of the targets. `node` is an edge node, `node_group` a group of them, `deployment` an application at the
    edge. The list of types is open.
    """

    task_data: str | None = field("task_data")
    """The application that the job deploys or upgrades, as JSON text: an object with the member `deployment`, which is
    the part of that name in a request that creates a deployment. Only for jobs that deploy or upgrade an application;
    may be absent from others.
    """

    tasks: list[Task] | None = field("tasks")
    """The tasks of the job, one for each target in the known reply."""

    targets: list[Target] | None = field("targets")
    """The targets of the job."""

    status_last_updated_at: int | None = field("status_last_updated_at")
    """When `status` last changed, in the unit of `created_at`. The end of the job, once it has ended."""

    @property
    def task_data_json(self) -> Any:
        """The JSON text of `task_data`, parsed; None where it is absent or empty.

        Raises:
            ValueError: It is not valid JSON.
        """
        return json_text(self.task_data)


@define
class Task(Model):
    """The work of a batch job on one of its targets."""

    __job__: ClassVar[JobMapping] = JobMapping(
        id=("task_id",),
        state=("status",),
        states={
            "Waiting": JobState.PENDING,
            "Running": JobState.RUNNING,
            "Stopping": JobState.RUNNING,
            "Successful": JobState.SUCCEEDED,
            "Partially_successful": JobState.PARTIAL,
            "Failed": JobState.FAILED,
            "Timed_out": JobState.FAILED,
            "Stopped": JobState.STOPPED,
        },
        reason=("reason",),
        started=TimestampMapping(fields=("created_at",), formats=("epoch-s", "epoch-ms")),
    )

    task_id: str | None = field("task_id")
    """ID of the task."""

    task_name: str | None = field("task_name")
    """Name of the task."""

    status: str | None = field("status")
    """State of the task. The known reply has `Successful` alone; a newer edition of the vendor's page gives tasks the
    states that jobs have. The list of states is open.
    """

    reason: str | None = field("reason")
    """Why the task failed; empty in a task that succeeded."""

    created_at: int | None = field("created_at")
    """When the task was created, in the unit of the job's `created_at`."""

    target_id: str | None = field("target_id")
    """ID of the target that the task works on."""

    extension_info: list[Extension] | None = field("extension_info")
    """Further facts by name. The vendor calls them facts about the target; in the known response they contain the ID of
    the deployment that the task made, under `deployment_id`.
    """


@define
class Extension(Model):
    """One fact under a name."""

    key: str | None = field("key")
    """Name of the fact, `node_name` or `deployment_id` in the known reply."""

    value: str | None = field("value")
    """The fact."""


@define
class Target(Model):
    """Something a batch job works on."""

    extension_info: list[Extension] | None = field("extension_info")
    """Further facts about the target by name. In the known response they contain the name of an edge node, under
    `node_name`.
    """

    target_id: str | None = field("target_id")
    """ID of the target."""
