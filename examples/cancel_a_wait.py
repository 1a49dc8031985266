"""Waits in asyncio beside other work: several waits in a TaskGroup, a limit on all of them, and a cancellation.

Run it where `pip install 'cloudjobs[testing]'` was run: `python examples/cancel_a_wait.py`. It needs no network: the
jobs are those of a replayed service.
"""

from __future__ import annotations

import asyncio
import contextlib

from cloudjobs import AsyncCceClient, AsyncIefClient, Token
from cloudjobs.testing import Replay


async def wait_for_both(cce: AsyncCceClient, job: str, ief: AsyncIefClient, batch: str) -> None:
    """Wait for the jobs of two services. If one of them fails, the other wait is cancelled."""
    async with asyncio.TaskGroup() as group:
        one = group.create_task(cce.wait_for_job(job, poll_interval=0.05))
        other = group.create_task(ief.wait_for_job(batch, poll_interval=0.05))
    print(f"both ended: {one.result().state}, {other.result().state}")


async def main() -> None:
    replay = Replay("cce", "ief")
    ending = replay.add_job("cce", states=["Running", "Success"])
    lasting = replay.add_job("cce", states=["Running"])
    batch = replay.add_job("ief", states=["Running", "Successful"])
    auth, transport = Token("not-a-real-token"), replay.transport
    async with (
        AsyncCceClient("https://cce.example.com", project_id="p1", auth=auth, transport=transport) as cce,
        AsyncIefClient("https://ief.example.com", project_id="p1", auth=auth, transport=transport) as ief,
    ):
        await wait_for_both(cce, ending.id, ief, batch.id)

        # A timeout of asyncio ends the wait like any other await. The connection returns to the pool.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await cce.wait_for_job(lasting.id, poll_interval=0.05)
        print("the limit has ended the wait")

        waiting = asyncio.create_task(cce.wait_for_job(lasting.id, poll_interval=0.05))
        await asyncio.sleep(0.2)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        print("cancelled" if waiting.cancelled() else "not cancelled")

        # The client can still be used.
        job = await cce.get_job(ending.id)
        print(job.status.phase if job.status else "unknown")


if __name__ == "__main__":
    asyncio.run(main())
