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
    "JobStatus",
    "JobTaskType",
]

JobListResult = Literal[
    "success",
    "failed",
]
"""The values of `JobList.result`."""


class JobTaskType:
    """Known values of `Job.task_type`. The list is open: the field may hold others."""

    ALGORITHM: Final = "Algorithm"
    IMPORT_GRAPH: Final = "ImportGraph"


class JobStatus:
    """Known values of `Job.status`. The list is open: the field may hold others."""

    PENDING: Final = "pending"
    RUNNING: Final = "running"
    COMPLETE: Final = "complete"
    SUCCESS: Final = "success"
    FAILED: Final = "failed"


@define
class JobList(Model):
    """Jobs of a graph. A successful reply always has `jobs`; the fields that tell of success or failure may be absent
    from it.

    Source: ges.fact.reply, ges.fact.jobs-on-success
    """

    error_message: str | None = field("errorMessage")
    """What went wrong. Empty or absent where nothing did.

    Source: ges.response.errorMessage
    """

    error_code: str | None = field("errorCode")
    """Code of the error. Empty or absent where there was none.

    Source: ges.response.errorCode
    """

    result: JobListResult | None = field("result")
    """Whether the query succeeded; says nothing of the jobs. May be absent from a successful reply.

    Source: ges.response.result
    """

    jobs: LazyList[Job] | None = field("jobs")
    """The jobs. Their number may exceed the `limit` of the request.

    Source: ges.response.jobs, ges.jobs-is-a-list
    """

    job_count: int | None = field("jobCount")
    """Number of jobs in this reply, as far as is known. Not a total to page towards.

    Source: ges.response.jobCount
    """


@define
class Job(Model):
    """An asynchronous job, as a row of the list.

    Source: ges.fact.rows-identified, ges.jobs-is-a-list
    """

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

    Source: ges.job.jobId
    """

    raw_request: str | None = field("rawRequest")
    """Body of the request that started the job, as JSON text. Empty for an import.

    Source: ges.job.rawRequest, ges.raw-request-is-empty
    """

    task_type: str | None = field("taskType")
    """What the job does. The list of types is open.

    Source: ges.job.taskType, ges.fact.task-types
    """

    can_stop: bool | None = field("canStop")
    """Whether the job can be stopped now.

    Source: ges.job.canStop
    """

    progress: int | str | None = field("progress")
    """How far the job is, in percent, as a number or as its decimal digits in a string. It is 100 for a job that has
    failed, too.

    Source: ges.job.progress, ges.progress-is-text
    """

    start_time: str | None = field("startTime")
    """When the job started: a date and time without a zone, as `2024-05-23 09:54:00`, or a timestamp in digits. A date
    and time is local to the service. The one installation that could be compared was eight hours ahead of UTC; expect
    another offset elsewhere.

    Source: ges.job.startTime
    """

    end_time: str | None = field("endTime")
    """When the job ended, in the form and zone of `startTime`. Not to be relied on before the job has ended.

    Source: ges.job.endTime
    """

    status: str | None = field("status")
    """State of the job. `success`, `complete` and `failed` are final. The list of states is open. Blank where the query
    failed.

    Source: ges.job.status, ges.status-options-are-lost
    """

    fail_reason: str | None = field("failReason")
    """Why the job failed. Absent unless `status` is `failed`.

    Source: ges.job.failReason
    """

    files: list[ImportFileGroup] | None = field("files")
    """Files that an import has read, grouped by what they hold. Absent unless `taskType` is `ImportGraph`.

    Source: ges.job.files, ges.files-is-a-list-of-groups
    """

    @property
    def raw_request_json(self) -> Any:
        """The JSON text of `raw_request`, parsed; None where it is absent or empty.

        Raises:
            ValueError: It is no JSON.
        """
        return json_text(self.raw_request)


@define
class ImportFileGroup(Model):
    """Imported files of one sort. In the known reply a group has exactly one of the three fields.

    Source: ges.files-is-a-list-of-groups
    """

    edge_files: list[ImportedFile] | None = field("edgeFiles")
    """Files of edges. Absent from a group of another sort.

    Source: ges.group.edgeFiles, ges.file-entries-have-no-table
    """

    vertex_files: list[ImportedFile] | None = field("vertexFiles")
    """Files of vertices. Absent from a group of another sort.

    Source: ges.group.vertexFiles, ges.file-entries-have-no-table
    """

    schema_files: list[ImportedSchema] | None = field("schemaFiles")
    """Files of metadata, which name the labels of the graph. Absent from a group of another sort.

    Source: ges.group.schemaFiles, ges.file-entries-have-no-table
    """


@define
class ImportedFile(Model):
    """A file of edges or vertices that an import has read, counted in lines.

    Source: ges.file-entries-have-no-table
    """

    file_name: str | None = field("fileName")
    """Path of the file, as the engine sees it.

    Source: ges.file.fileName
    """

    total_lines: int | None = field("totalLines")
    """Number of lines in the file.

    Source: ges.file.totalLines
    """

    successful_lines: int | None = field("successfulLines")
    """Number of lines that were imported.

    Source: ges.file.successfulLines
    """

    failed_lines: int | None = field("failedLines")
    """Number of lines that were not imported.

    Source: ges.file.failedLines
    """

    start_time: int | None = field("startTime")
    """When the import of the file started, in microseconds since 1970-01-01 UTC.

    Source: ges.file.startTime
    """

    end_time: int | None = field("endTime")
    """When the import of the file ended, in microseconds since 1970-01-01 UTC.

    Source: ges.file.endTime
    """

    status: str | None = field("status")
    """State of the file's import; `success` in the known reply, and no list is published.

    Source: ges.file.status
    """


@define
class ImportedSchema(Model):
    """A file of metadata that an import has read, counted in labels.

    Source: ges.file-entries-have-no-table
    """

    file_name: str | None = field("fileName")
    """Path of the file, as the engine sees it.

    Source: ges.schema_file.fileName
    """

    total_labels: int | None = field("totalLabels")
    """Number of labels in the file.

    Source: ges.schema_file.totalLabels
    """

    successful_labels: int | None = field("successfulLabels")
    """Number of labels that were imported.

    Source: ges.schema_file.successfulLabels
    """

    failed_labels: int | None = field("failedLabels")
    """Number of labels that were not imported.

    Source: ges.schema_file.failedLabels
    """

    start_time: int | None = field("startTime")
    """When the import of the file started, in microseconds since 1970-01-01 UTC.

    Source: ges.schema_file.startTime
    """

    end_time: int | None = field("endTime")
    """When the import of the file ended, in microseconds since 1970-01-01 UTC.

    Source: ges.schema_file.endTime
    """

    status: str | None = field("status")
    """State of the file's import; `success` in the known reply, and no list is published.

    Source: ges.schema_file.status
    """
