"""A user's mistakes, never run: a type checker must report each marked line, with that code, and no other.

`tests/client/test_types.py` compares what mypy reports with the marks.
"""
# The mistakes are intended, so pyright is configured to ignore them.
# pyright: reportArgumentType=false, reportCallIssue=false, reportAttributeAccessIssue=false, reportIndexIssue=false
# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false, reportOptionalOperand=false
# pyright: reportReturnType=false, reportAssignmentType=false, reportUnusedCoroutine=false, reportUnusedExpression=false
# pyright: reportUnnecessaryComparison=false, reportGeneralTypeIssues=false, reportUnknownMemberType=false

from __future__ import annotations

import httpx
import httpx2

import cloudjobs
from cloudjobs import (
    AsyncCceClient,
    AsyncGesClient,
    CceClient,
    Deviation,
    GesClient,
    IefClient,
    JobSnapshot,
    JobState,
    Severity,
    cce,
    ges,
)
from cloudjobs.auth import AkSk, IamPassword, Token


def make_clients(own: httpx.AsyncClient) -> None:
    CceClient("https://h", "p")  # E: call-arg
    CceClient("https://h", auth="a token")  # E: arg-type
    CceClient("https://h", ief_instance_id="i")  # E: call-arg
    CceClient("https://h", http_client=own)  # E: arg-type
    AsyncCceClient("https://h", http_client=httpx.Client())  # E: arg-type
    CceClient("https://h", http_client=httpx2.AsyncClient())  # E: arg-type
    CceClient("https://h", transport=httpx2.AsyncHTTPTransport())  # E: arg-type
    CceClient(b"https://h")  # E: arg-type
    GesClient("https://h", timeout="5")  # E: arg-type
    Token(17)  # E: arg-type
    Token(lambda: 17)  # E: arg-type, return-value
    IamPassword("user", "password")  # E: call-arg
    AkSk("key")  # E: call-arg


def call(cce_client: CceClient, ges_client: GesClient, ief_client: IefClient) -> None:
    cce_client.get_job()  # E: call-arg
    cce_client.get_job(17)  # E: arg-type
    cce_client.get_job("j", "p")  # E: call-arg
    cce_client.list_jobs("movie")  # E: attr-defined
    ges_client.list_jobs("movie", limit="10")  # E: arg-type
    ges_client.list_jobs("movie", page=1)  # E: call-arg
    ief_client.get_batch_job(job_id="j", instance="i")  # E: call-arg


async def call_async(client: AsyncGesClient) -> None:
    client.list_jobs("movie")  # E: unused-coroutine
    page: ges.JobList = client.list_jobs("movie")  # E: assignment
    with client:  # E: attr-defined
        page.job_count


def read(job: cce.Job, page: ges.JobList) -> str:
    job.spec.type_  # E: union-attr
    job.apiVersion  # E: attr-defined
    for row in page.jobs:  # E: union-attr
        row.job_id
    if job.status and job.status.phase == "Sucess":  # E: comparison-overlap
        return "done"
    page.jobs.append(ges.Job())  # E: union-attr
    page.jobs = [ges.Job()]  # E: assignment
    return job.kind  # E: return-value


def change_options(client: CceClient, found: Deviation) -> None:
    client.with_options(timeout="5")  # E: arg-type
    client.with_options(strict=None)  # E: arg-type
    client.with_options(project_id="p")  # E: call-arg
    client.with_raw_response.get_job("j").kind  # E: attr-defined
    client.with_raw_response.list_jobs("movie")  # E: attr-defined
    found.severity = Severity.NOTICE  # E: misc
    if found.kind == Severity.NOTICE:  # E: comparison-overlap
        return


def make_models() -> None:
    cce.Job("Job")  # E: call-arg, arg-type
    cce.Job(kind="Cluster")  # E: arg-type
    cce.Job(uid="u")  # E: call-arg
    cce.JobStatus(phase=cce.JobSpecTypeValues.CREATE_NODE)  # E: arg-type
    cce.Job.from_dict([])  # E: arg-type
    cce.JobSpecTypeValues.CREATE_CLUSTER = "another"  # E: misc


def take_snapshots(job: cce.Job) -> JobState:
    JobSnapshot.from_job({"status": "Running"})  # E: type-var
    snapshot = JobSnapshot.from_job(job)
    snapshot.progress + 1  # E: operator
    snapshot.progress = 1.0  # E: misc
    snapshot.job.apiVersion  # E: attr-defined
    other: JobSnapshot[ges.Job] = snapshot  # E: assignment
    for child in other.children:
        child.job.status  # E: attr-defined
    return snapshot.is_terminal  # E: return-value


def read_documents() -> None:
    cloudjobs.document(None)  # E: arg-type
    cloudjobs.services().append("a fifth")  # E: attr-defined
