# Generated from openapi/ges.yaml. Do not edit: change that, and run `make generate`.
"""Models of Huawei GES job query."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

from .._jobs import JobMapping, JobState, TimestampMapping
from .._json import json_text
from .._models import Model, define, field
from .._rows import LazyList

__all__ = [
    "ImportedFile",
    "ImportedSchema",
    "ImportFileGroup",
    "Job",
    "JobList",
    "JobListResult",
    "JobStatusValues",
    "JobTaskTypeValues",
]

JobListResult = Literal[
    "success",
    "failed",
]
"""The values of `JobList.result`."""


class JobTaskTypeValues:
    """Known values of `Job.task_type`. The list is open: the field may hold others."""

    ALGORITHM: Final = "Algorithm"
    IMPORT_GRAPH: Final = "ImportGraph"


class JobStatusValues:
    """Known values of `Job.status`. The list is open: the field may hold others."""

    PENDING: Final = "pending"
    RUNNING: Final = "running"
    COMPLETE: Final = "complete"
    SUCCESS: Final = "success"
    FAILED: Final = "failed"


@define
class JobList(Model):
    """Jobs of a graph. A successful response always has `jobs`; the fields that report success or failure may be
    absent.
    """

    error_message: str | None = field("errorMessage")
    """Message about the error. Empty or absent without an error."""

    error_code: str | None = field("errorCode")
    """Code of the error. Empty or absent without an error."""

    result: JobListResult | None = field("result")
    """Whether the query succeeded; says nothing of the jobs. May be absent from a successful reply."""

    jobs: LazyList[Job] | None = field("jobs")
    """The jobs. Their number may exceed the `limit` of the request."""

    job_count: int | None = field("jobCount")
    """Number of jobs in this reply, as far as is known. Not a total to page towards."""


@define
class Job(Model):
    """An asynchronous job, as a row of the list."""

    __job__: ClassVar[JobMapping] = JobMapping(
        id=("jobId",),
        state=("status",),
        states={
            "pending": JobState.PENDING,
            "running": JobState.RUNNING,
            "success": JobState.SUCCEEDED,
            "complete": JobState.SUCCEEDED,
            "failed": JobState.FAILED,
        },
        reason=("failReason",),
        started=TimestampMapping(fields=("startTime",), formats=("datetime", "epoch-ms", "epoch-s"), zone="+08:00"),
        ended=TimestampMapping(
            fields=("endTime",), formats=("datetime", "epoch-ms", "epoch-s"), zone="+08:00", when_terminal=True
        ),
        progress=("progress",),
        progress_full=100,
    )

    job_id: str | None = field("jobId")
    """ID of the job, as the request that started it returned it; the vendor calls it a name. Begins like a UUID and is
    longer.
    """

    raw_request: str | None = field("rawRequest")
    """Body of the request that started the job, as JSON text. Empty for an import."""

    task_type: str | None = field("taskType")
    """Type of the job. The list of types is open."""

    can_stop: bool | None = field("canStop")
    """Whether the job can be stopped now."""

    progress: int | str | None = field("progress")
    """How far the job is, in percent, as a number or as its decimal digits in a string. It is 100 for a job that has
    failed, too.
    """

    start_time: str | None = field("startTime")
    """When the job started: a date and time without a zone, as `2024-05-23 09:54:00`, or a timestamp in digits. A date
    and time is local to the service. The one installation that could be compared was eight hours ahead of UTC; expect
    another offset elsewhere.
    """

    end_time: str | None = field("endTime")
    """When the job ended, in the form and zone of `startTime`. Not to be relied on before the job has ended."""

    status: str | None = field("status")
    """State of the job. `success`, `complete` and `failed` are final. The list of states is open. Blank where the query
    failed.
    """

    fail_reason: str | None = field("failReason")
    """Why the job failed. Absent unless `status` is `failed`."""

    files: list[ImportFileGroup] | None = field("files")
    """Files that an import has read, grouped by their content. Absent unless `taskType` is `ImportGraph`."""

    @property
    def raw_request_json(self) -> Any:
        """The JSON text of `raw_request`, parsed; None where it is absent or empty.

        Raises:
            ValueError: It is not valid JSON.
        """
        return json_text(self.raw_request)


@define
class ImportFileGroup(Model):
    """Imported files of one sort. In the known reply a group has exactly one of the three fields."""

    edge_files: list[ImportedFile] | None = field("edgeFiles")
    """Files of edges. Absent from a group of another sort."""

    vertex_files: list[ImportedFile] | None = field("vertexFiles")
    """Files of vertices. Absent from a group of another sort."""

    schema_files: list[ImportedSchema] | None = field("schemaFiles")
    """Files of metadata, which name the labels of the graph. Absent from a group of another sort."""


@define
class ImportedFile(Model):
    """A file of edges or vertices that an import has read, counted in lines."""

    file_name: str | None = field("fileName")
    """Path of the file, as the engine sees it."""

    total_lines: int | None = field("totalLines")
    """Number of lines in the file."""

    successful_lines: int | None = field("successfulLines")
    """Number of lines that were imported."""

    failed_lines: int | None = field("failedLines")
    """Number of lines that were not imported."""

    start_time: int | None = field("startTime")
    """When the import of the file started, in microseconds since 1970-01-01 UTC."""

    end_time: int | None = field("endTime")
    """When the import of the file ended, in microseconds since 1970-01-01 UTC."""

    status: str | None = field("status")
    """State of the file's import; `success` in the known reply, and no list is published."""


@define
class ImportedSchema(Model):
    """A file of metadata that an import has read, counted in labels."""

    file_name: str | None = field("fileName")
    """Path of the file, as the engine sees it."""

    total_labels: int | None = field("totalLabels")
    """Number of labels in the file."""

    successful_labels: int | None = field("successfulLabels")
    """Number of labels that were imported."""

    failed_labels: int | None = field("failedLabels")
    """Number of labels that were not imported."""

    start_time: int | None = field("startTime")
    """When the import of the file started, in microseconds since 1970-01-01 UTC."""

    end_time: int | None = field("endTime")
    """When the import of the file ended, in microseconds since 1970-01-01 UTC."""

    status: str | None = field("status")
    """State of the file's import; `success` in the known reply, and no list is published."""
