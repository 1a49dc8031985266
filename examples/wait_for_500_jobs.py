"""Waits for 500 jobs and loses none: some fail, some do not exist, one does not end in time.

Run it where `pip install 'cloudjobs[testing]'` was run: `python examples/wait_for_500_jobs.py`. It needs no network,
and takes no time: the jobs are those of a replayed service with a simulated clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

from cloudjobs import AsyncYuanrongClient
from cloudjobs.errors import CloudJobsError, WaitFailedError, WaitTimeoutError
from cloudjobs.testing import Replay


async def outcomes(client: AsyncYuanrongClient, ids: Iterable[str]) -> Counter[str]:
    """Count how the jobs end. Every ID has a result: a snapshot, or the error of this one job."""
    results = await client.wait_for_jobs(ids, timeout=600, return_exceptions=True)
    return Counter(
        type(result).__name__ if isinstance(result, CloudJobsError) else str(result.state)
        for result in results.values()
    )


async def main() -> None:
    with Replay("yuanrong") as replay:
        ids = [job.id for job in replay.add_jobs("yuanrong", 480, states=["RUNNING", "SUCCEEDED"])]
        ids += [job.id for job in replay.add_jobs("yuanrong", 15, states=["RUNNING", "FAILED"], reason="no memory")]
        ids += [replay.add_job("yuanrong", states=["RUNNING"]).id]
        ids += [f"missing-{number}" for number in range(4)]
        async with replay.async_client("yuanrong") as client:
            print(f"{len(ids)} jobs:")
            for outcome, count in sorted((await outcomes(client, ids)).items()):
                print(f"  {outcome}: {count}")
            # Without return_exceptions, one error at the end has the results of all jobs.
            try:
                await client.wait_for_jobs(ids[470:], timeout=600)
            except (WaitFailedError, WaitTimeoutError) as error:
                print(f"{type(error).__name__}: {len(error.results)} results")


if __name__ == "__main__":
    asyncio.run(main())
