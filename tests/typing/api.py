"""A user's file, never run: it uses all four clients, and a type checker must find exactly the types that it asserts.

`tests/client/test_types.py` has mypy read it, `make pyright` pyright.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, assert_type

import attrs
import httpx

import cloudjobs
from cloudjobs import (
    AsyncCceClient,
    AsyncGesClient,
    AsyncIefClient,
    AsyncYuanrongClient,
    CceClient,
    Deviation,
    DeviationKind,
    GesClient,
    IefClient,
    JobSnapshot,
    JobState,
    LazyList,
    RawResponse,
    Severity,
    YuanrongClient,
    cce,
    errors,
    ges,
    ief,
    yuanrong,
)
from cloudjobs.auth import AkSk, BasicAuth, ClientCredentials, IamPassword, Token, from_environment
from cloudjobs.testing import Replay

# Clients


def make_clients(own: httpx.Client, transport: httpx.BaseTransport) -> None:
    assert_type(CceClient("https://h", project_id="p", auth=Token("t")), CceClient)
    assert_type(GesClient("https://h", project_id="p", timeout=5), GesClient)
    assert_type(IefClient("https://h", project_id="p", ief_instance_id="i", http_client=own), IefClient)
    assert_type(YuanrongClient("https://h", transport=transport, timeout=httpx.Timeout(5)), YuanrongClient)
    assert_type(YuanrongClient(timeout=None, auth=httpx.BasicAuth("u", "p")), YuanrongClient)
    assert_type(YuanrongClient(auth=Token("t", header="X-Token")), YuanrongClient)
    assert_type(CceClient("http://h", auth=Token("t"), allow_insecure=True), CceClient)
    assert_type(CceClient("https://h", auth=AkSk("a", "s", None, project_id="p")), CceClient)
    assert_type(CceClient("https://h", auth=IamPassword("u", "p", "d", project_id="p")), CceClient)
    assert_type(CceClient("https://h", auth=BasicAuth("u", "p")), CceClient)
    assert_type(CceClient("https://h", auth=ClientCredentials("i", "s", scopes=["a"])), CceClient)
    assert_type(CceClient("https://h", auth=Token(lambda: "t")), CceClient)
    assert_type(from_environment("cce"), Token | AkSk | IamPassword | BasicAuth | ClientCredentials)
    assert_type(CceClient(strict=True, on_deviation=print), CceClient)


def make_async_clients(own: httpx.AsyncClient, transport: httpx.AsyncBaseTransport) -> None:
    assert_type(AsyncCceClient("https://h", project_id="p", auth=Token("t")), AsyncCceClient)
    assert_type(AsyncGesClient("https://h", project_id="p", timeout=5), AsyncGesClient)
    assert_type(AsyncIefClient("https://h", project_id="p", ief_instance_id="i", http_client=own), AsyncIefClient)
    assert_type(AsyncYuanrongClient("https://h", transport=transport), AsyncYuanrongClient)
    assert_type(AsyncCceClient("http://h", auth=Token("t"), allow_insecure=True), AsyncCceClient)

    async def source() -> str:
        return "t"

    assert_type(AsyncCceClient("https://h", auth=Token(source)), AsyncCceClient)
    assert_type(AsyncCceClient(strict=True, on_deviation=print), AsyncCceClient)


def a_mock_transport_serves_both(transport: httpx.MockTransport) -> None:
    assert_type(CceClient("https://h", transport=transport), CceClient)
    assert_type(AsyncCceClient("https://h", transport=transport), AsyncCceClient)


# Calls


def call() -> None:
    with CceClient() as cce_client:
        assert_type(cce_client, CceClient)
        assert_type(cce_client.get_job("j"), cce.Job)
        assert_type(cce_client.get_job("j", project_id="p"), cce.Job)
    with GesClient() as ges_client:
        assert_type(ges_client, GesClient)
        assert_type(ges_client.list_jobs("movie"), ges.JobList)
        assert_type(ges_client.list_jobs("movie", project_id="p", offset=0, limit=100_000), ges.JobList)
    with IefClient() as ief_client:
        assert_type(ief_client, IefClient)
        assert_type(ief_client.get_batch_job("j", project_id="p", ief_instance_id=""), ief.BatchJob)
    with YuanrongClient() as yuanrong_client:
        assert_type(yuanrong_client, YuanrongClient)
        assert_type(yuanrong_client.get_job("j"), yuanrong.Job)
    assert_type(yuanrong_client.close(), None)


async def call_async() -> None:
    async with AsyncCceClient() as cce_client:
        assert_type(cce_client, AsyncCceClient)
        assert_type(await cce_client.get_job("j", project_id="p"), cce.Job)
    async with AsyncGesClient() as ges_client:
        assert_type(ges_client, AsyncGesClient)
        assert_type(await ges_client.list_jobs("movie", offset=0, limit=10), ges.JobList)
    async with AsyncIefClient() as ief_client:
        assert_type(ief_client, AsyncIefClient)
        assert_type(await ief_client.get_batch_job("j", ief_instance_id=None), ief.BatchJob)
    async with AsyncYuanrongClient() as yuanrong_client:
        assert_type(yuanrong_client, AsyncYuanrongClient)
        assert_type(await yuanrong_client.get_job("j"), yuanrong.Job)
    assert_type(await yuanrong_client.aclose(), None)


# Options, and raw responses


def change_options(ges_client: GesClient, async_client: AsyncGesClient, keep: list[Deviation]) -> None:
    assert_type(ges_client.with_options(timeout=5, strict=True), GesClient)
    assert_type(ges_client.with_options(timeout=httpx.Timeout(5), on_deviation=keep.append), GesClient)
    assert_type(ges_client.with_options(timeout=None, on_deviation=None), GesClient)
    assert_type(ges_client.with_options(headers={"X-A": "b"}, max_response_size=1024), GesClient)
    assert_type(ges_client.with_options().list_jobs("movie"), ges.JobList)
    assert_type(async_client.with_options(timeout=5), AsyncGesClient)


def request_raw_responses(
    cce_client: CceClient, ges_client: GesClient, ief_client: IefClient, yuanrong_client: YuanrongClient
) -> None:
    raw = cce_client.with_raw_response.get_job("j", project_id="p")
    assert_type(raw, RawResponse[cce.Job])
    assert_type(raw.status_code, int)
    assert_type(raw.headers, httpx.Headers)
    assert_type(raw.content, bytes)
    assert_type(raw.deviations, tuple[Deviation, ...])
    assert_type(raw.parse(), cce.Job)
    assert_type(ges_client.with_raw_response.list_jobs("movie", limit=10).parse(), ges.JobList)
    assert_type(ief_client.with_raw_response.get_batch_job("j", ief_instance_id="i").parse(), ief.BatchJob)
    assert_type(yuanrong_client.with_raw_response.get_job("j").parse(), yuanrong.Job)


async def request_raw_responses_async(
    cce_client: AsyncCceClient,
    ges_client: AsyncGesClient,
    ief_client: AsyncIefClient,
    yuanrong_client: AsyncYuanrongClient,
) -> None:
    assert_type(await cce_client.with_raw_response.get_job("j"), RawResponse[cce.Job])
    assert_type((await ges_client.with_raw_response.list_jobs("movie")).parse(), ges.JobList)
    assert_type((await ief_client.with_raw_response.get_batch_job("j")).parse(), ief.BatchJob)
    assert_type((await yuanrong_client.with_raw_response.get_job("j")).parse(), yuanrong.Job)


def read_deviations(found: Deviation, job: cce.Job) -> str:
    assert_type(found.pointer, str)
    assert_type(found.expected, str)
    assert_type(found.actual, object)
    assert_type(found.kind, DeviationKind)
    assert_type(found.severity, Severity)
    assert_type(job.check(), list[Deviation])
    assert_type(Deviation("/a", "string", 1, DeviationKind.TYPE), Deviation)
    match found.severity:
        case Severity.VIOLATION:
            return "call"
        case Severity.NOTICE:
            return "note"


def read_rows(rows: LazyList[ges.Job]) -> Sequence[ges.Job]:
    assert_type(len(rows), int)
    assert_type(rows[0], ges.Job)
    assert_type(rows[-3:], LazyList[ges.Job])
    assert_type(iter(rows), Iterator[ges.Job])
    assert_type(list(rows), list[ges.Job])
    assert_type(rows.to_list(), list[ges.Job])
    assert_type(rows.filter(status="running"), LazyList[ges.Job])
    assert_type(rows.count_by("status"), Counter[Any])
    assert_type(rows.columns("jobId", "status"), dict[str, list[Any]])
    assert_type(LazyList([ges.Job()]), LazyList[ges.Job])
    assert_type(ges.JobList(jobs=LazyList([ges.Job()])), ges.JobList)
    return rows


# Models


def read_cce(job: cce.Job) -> None:
    assert_type(job.kind, Literal["Job"] | None)
    assert_type(job.api_version, Literal["v3"] | None)
    assert_type(job.metadata, cce.JobMetadata | None)
    assert_type(job.additional_properties, dict[str, Any])
    if job.metadata:
        assert_type(job.metadata.uid, str | None)
        assert_type(job.metadata.creation_timestamp, str | None)
    if job.spec:
        assert_type(job.spec.type_, str | None)
        assert_type(job.spec.extend_param, dict[str, str] | None)
        for sub_job in job.spec.sub_jobs or ():
            assert_type(sub_job, cce.Job)
    if job.status:
        assert_type(job.status.phase, Literal["Initializing", "Running", "Failed", "Success"] | None)
        assert_type(job.status.phase, cce.JobStatusPhase | None)


def read_ges(page: ges.JobList) -> None:
    assert_type(page.result, Literal["success", "failed"] | None)
    assert_type(page.job_count, int | None)
    assert_type(page.jobs, LazyList[ges.Job] | None)
    for job in page.jobs or ():
        assert_type(job, ges.Job)
        assert_type(job.can_stop, bool | None)
        assert_type(job.progress, int | str | None)
        assert_type(job.status, str | None)
        for group in job.files or ():
            assert_type(group, ges.ImportFileGroup)
            assert_type(group.edge_files, list[ges.ImportedFile] | None)
            assert_type(group.schema_files, list[ges.ImportedSchema] | None)
            for file in group.vertex_files or ():
                assert_type(file.total_lines, int | None)


def read_ief(job: ief.BatchJob) -> None:
    assert_type(job.created_at, int | None)
    assert_type(job.task_data, str | None)
    for task in job.tasks or ():
        assert_type(task, ief.Task)
        assert_type(task.extension_info, list[ief.Extension] | None)
    for target in job.targets or ():
        assert_type(target, ief.Target)


def read_yuanrong(job: yuanrong.Job) -> None:
    assert_type(job.driver_info, yuanrong.DriverInfo | None)
    assert_type(job.driver_exit_code, int | None)
    assert_type(job.metadata, dict[str, str] | None)
    assert_type(job.runtime_env, dict[str, Any] | None)


def make_and_change_models(data: dict[str, Any]) -> None:
    made = cce.Job(kind="Job", status=cce.JobStatus(phase="Running", reason=""))
    assert_type(made, cce.Job)
    assert_type(cce.Job.from_dict(data), cce.Job)
    assert_type(ges.JobList.from_dict(data), ges.JobList)
    assert_type(made.to_dict(), dict[str, Any])
    assert_type(attrs.evolve(made, kind=None), cce.Job)
    made.kind = None
    made.additional_properties["unknown"] = 1
    yuanrong.Job(status="a value of no list")


def known_values_of_open_lists(spec: cce.JobSpec, row: ges.Job, job: ief.BatchJob, submission: yuanrong.Job) -> bool:
    job.status = ief.BatchJobStatusValues.STOPPED
    return (
        spec.type_ == cce.JobSpecTypeValues.CREATE_CLUSTER
        or row.task_type == ges.JobTaskTypeValues.IMPORT_GRAPH
        or submission.status == yuanrong.JobStatusValues.EMPTY
    )


# Snapshots


def take_snapshots(job: cce.Job, page: ges.JobList, batch: ief.BatchJob, submission: yuanrong.Job) -> None:
    snapshot = JobSnapshot.from_job(job)
    assert_type(snapshot, JobSnapshot[cce.Job])
    assert_type(snapshot.job, cce.Job)
    assert_type(snapshot.id, str | None)
    assert_type(snapshot.state, JobState)
    assert_type(snapshot.progress, float | None)
    assert_type(snapshot.started_at, datetime | None)
    assert_type(snapshot.ended_at, datetime | None)
    assert_type(snapshot.reason, str | None)
    assert_type(snapshot.children, tuple[JobSnapshot, ...])
    assert_type(snapshot.is_terminal, bool)
    assert_type(snapshot.is_success, bool)
    assert_type([JobSnapshot.from_job(row) for row in page.jobs or ()], list[JobSnapshot[ges.Job]])
    assert_type(JobSnapshot.from_job(batch), JobSnapshot[ief.BatchJob])
    assert_type(JobSnapshot.from_job(submission), JobSnapshot[yuanrong.Job])


def show(snapshot: JobSnapshot) -> None:
    """Take a snapshot of any service."""


def show_row(snapshot: JobSnapshot[ges.Job]) -> None:
    """Take a snapshot of one service."""


def wait(
    cce_client: CceClient, ges_client: GesClient, ief_client: IefClient, yuanrong_client: YuanrongClient
) -> list[JobSnapshot]:
    assert_type(cce_client.wait_for_job("j", on_progress=show), JobSnapshot[cce.Job])
    assert_type(cce_client.watch_job("j"), Iterator[JobSnapshot[cce.Job]])
    assert_type(ges_client.snapshot("movie", "j"), JobSnapshot[ges.Job])
    assert_type(
        cce_client.wait_for_jobs(["j"], return_exceptions=True), dict[str, JobSnapshot[cce.Job] | errors.CloudJobsError]
    )
    assert_type(cce_client.wait_for_jobs(["j"])["j"], JobSnapshot[cce.Job])
    assert_type(ges_client.wait_for_job("movie", "j", on_progress=show_row), JobSnapshot[ges.Job])
    assert_type(ief_client.wait_for_job("j").job, ief.BatchJob)
    assert_type(yuanrong_client.wait_for_job("j").job, yuanrong.Job)
    return [cce_client.wait_for_job("j"), ges_client.wait_for_job("movie", "j")]


async def wait_async(cce_client: AsyncCceClient, ges_client: AsyncGesClient) -> None:
    assert_type(await cce_client.wait_for_job("j", on_progress=show), JobSnapshot[cce.Job])
    assert_type(cce_client.watch_job("j"), AsyncIterator[JobSnapshot[cce.Job]])
    assert_type(await cce_client.snapshot("j"), JobSnapshot[cce.Job])
    assert_type(await cce_client.wait_for_jobs(["j"]), dict[str, JobSnapshot[cce.Job]])
    assert_type(
        await cce_client.wait_for_jobs(["j"], return_exceptions=True),
        dict[str, JobSnapshot[cce.Job] | errors.CloudJobsError],
    )
    assert_type((await ges_client.wait_for_jobs("movie", ["j"], on_progress=show_row))["j"], JobSnapshot[ges.Job])


def replay_services(replay: Replay, service: str) -> None:
    assert_type(replay.client("cce"), CceClient)
    assert_type(replay.client("ges", timeout=5), GesClient)
    assert_type(replay.async_client("ief"), AsyncIefClient)
    assert_type(replay.async_client("yuanrong"), AsyncYuanrongClient)
    assert_type(replay.client(service), Any)


def match_states(state: JobState) -> str:
    match state:
        case JobState.PENDING | JobState.RUNNING | JobState.UNKNOWN:
            return "wait"
        case JobState.SUCCEEDED | JobState.PARTIAL:
            return "read"
        case JobState.FAILED | JobState.STOPPED:
            return "ask"


# Errors


def handle(client: CceClient) -> str | None:
    try:
        client.get_job("j")
    except (errors.NotFoundError, errors.BadRequestError) as error:
        assert_type(error.code, str | None)
        assert_type(error.message, str | None)
        return error.message
    except errors.APIStatusError as error:
        assert_type(error, errors.APIStatusError)
        assert_type(error.service, str)
        assert_type(error.operation, str)
        assert_type(error.status_code, int)
        assert_type(error.request_id, str | None)
        assert_type(error.retryable, bool)
        assert_type(error.body, bytes)
    except errors.InvalidResponseError as error:
        assert_type(error.status_code, int)
        assert_type(error.body, bytes)
    except errors.ContractViolationError as error:
        assert_type(error.violations, list[Deviation])
    except (errors.APIConnectionError, errors.APITimeoutError) as error:
        assert_type(error.service, str)
    except errors.CloudJobsError as error:
        assert_type(error.operation, str)
    return None


def handle_with_names_of_the_package(client: CceClient) -> object:
    try:
        client.wait_for_job("j")
    except cloudjobs.JobFailedError as error:
        assert_type(error.failed_child, JobSnapshot | None)
        return error.reason
    except cloudjobs.WaitTimeoutError as error:
        assert_type(error.snapshots, dict[Any, JobSnapshot])
    except cloudjobs.WaitFailedError as error:
        assert_type(error.results, dict[Any, JobSnapshot | cloudjobs.CloudJobsError])
    except (cloudjobs.WaitCancelledError, cloudjobs.PaginationError, cloudjobs.ClientStateError) as error:
        return error.operation
    except cloudjobs.MissingCredentialsError as error:
        return error.service
    except (cloudjobs.BadRequestError, cloudjobs.AuthenticationError, cloudjobs.PermissionDeniedError) as error:
        return error.code
    except (cloudjobs.NotFoundError, cloudjobs.RateLimitError, cloudjobs.InternalServerError) as error:
        return error.message
    except (cloudjobs.TokenError, cloudjobs.APIStatusError) as error:
        return error.status_code
    except cloudjobs.APITimeoutError as error:
        return isinstance(error, TimeoutError | cloudjobs.APIConnectionError)
    except (cloudjobs.InvalidResponseError, cloudjobs.ContractViolationError) as error:
        return error.service
    except cloudjobs.APIError as error:
        assert_type(error, cloudjobs.APIError)
    except cloudjobs.CloudJobsError as error:
        return error.operation
    return None


# Documents


def read_documents() -> None:
    assert_type(cloudjobs.services(), tuple[str, ...])
    assert_type(cloudjobs.document("cce"), dict[str, Any])
    assert_type(cloudjobs.recordings("cce"), dict[str, dict[str, Any]])
    assert_type(cloudjobs.__version__, str)
