"""Decodes every recorded response with the clients, without a network, and prints its jobs.

Run it where the package is installed: `python examples/read_recordings.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

import cloudjobs
from cloudjobs import CceClient, GesClient, IefClient, JobSnapshot, YuanrongClient
from cloudjobs.auth import Token
from cloudjobs.errors import APIStatusError


def recorded(service: str, name: str) -> tuple[httpx.MockTransport, dict[str, str]]:
    """Return a transport that sends one recorded response, and the path parameters of its request."""
    recording = cloudjobs.recordings(service)[name]
    reply = httpx.Response(
        recording["status"], text=recording["body"], headers={"Content-Type": recording["content_type"]}
    )
    return httpx.MockTransport(lambda request: reply), recording["request"]["path"]


def jobs() -> Iterator[tuple[str, JobSnapshot]]:
    """Yield every recorded job, with the name of its recording."""
    auth = Token("not-a-real-token")

    transport, path = recorded("cce", "get-job-running")
    with CceClient("https://cce.example.com", project_id=path["project_id"], auth=auth, transport=transport) as cce:
        yield "cce/get-job-running", JobSnapshot.from_job(cce.get_job(path["job_id"]))

    transport, path = recorded("yuanrong", "get-job-succeeded")
    with YuanrongClient("https://yuanrong.example.com", transport=transport) as yuanrong:
        yield "yuanrong/get-job-succeeded", JobSnapshot.from_job(yuanrong.get_job(path["submissionId"]))

    transport, path = recorded("ief", "get-batch-job-successful")
    with IefClient("https://ief.example.com", project_id=path["project_id"], auth=auth, transport=transport) as ief:
        yield "ief/get-batch-job-successful", JobSnapshot.from_job(ief.get_batch_job(path["job_id"]))

    transport, path = recorded("ges", "list-jobs-page")
    with GesClient("https://ges.example.com", project_id=path["project_id"], auth=auth, transport=transport) as ges:
        for row in ges.list_jobs(path["graph_name"], limit=2, offset=0).jobs or []:
            yield "ges/list-jobs-page", JobSnapshot.from_job(row)


def failures() -> Iterator[tuple[str, APIStatusError]]:
    """Yield every recorded failure, as the error that a caller gets."""
    transport, path = recorded("yuanrong", "job-not-found")
    try:
        YuanrongClient("https://yuanrong.example.com", transport=transport).get_job(path["submissionId"])
    except APIStatusError as error:
        yield "yuanrong/job-not-found", error

    transport, path = recorded("ges", "graph-not-found")
    try:
        client = GesClient("https://ges.example.com", project_id=path["project_id"], transport=transport)
        client.list_jobs(path["graph_name"])
    except APIStatusError as error:
        yield "ges/graph-not-found", error


def show(snapshot: JobSnapshot, indent: str = "  ") -> None:
    """Print a job and, below it, its parts."""
    started, ended = (
        f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "-" for moment in (snapshot.started_at, snapshot.ended_at)
    )
    print(f"{indent}{snapshot.id}  {snapshot.state}  {started} to {ended}")
    for child in snapshot.children:
        show(child, indent + "  ")


def main() -> None:
    for name, snapshot in jobs():
        print(name)
        show(snapshot)
    for name, error in failures():
        print(f"{name}\n  {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
