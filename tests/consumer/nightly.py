"""A project of a user: waits for the jobs of a night, and reports how each ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cloudjobs import AsyncCceClient, CceClient, CloudJobsError, JobSnapshot, NotFoundError, cce


def report(job_ids: list[str], timeout: float = 3600) -> dict[str, str]:
    """Return the final state of each job, or the reason why it is unknown."""
    with CceClient() as client:
        results = client.wait_for_jobs(job_ids, timeout=timeout, return_exceptions=True)
    return {job_id: outcome(result) for job_id, result in results.items()}


def outcome(result: JobSnapshot[cce.Job] | CloudJobsError) -> str:
    """Return one result in a few words."""
    if isinstance(result, NotFoundError):
        return "does not exist"
    if isinstance(result, CloudJobsError):
        return type(result).__name__
    kind = result.job.spec.type_ if result.job.spec else None
    return f"{kind} {result.state}" + (f": {result.reason}" if result.reason else "")


def exists(client: CceClient, job_id: str) -> bool:
    """Return whether there is such a job."""
    try:
        client.snapshot(job_id)
    except NotFoundError:
        return False
    return True


async def progress(job_id: str) -> AsyncIterator[float]:
    """Yield the progress of a job until it ends."""
    async with AsyncCceClient() as client:
        async for snapshot in client.watch_job(job_id):
            yield snapshot.progress or 0.0
