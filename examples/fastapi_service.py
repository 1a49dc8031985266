"""A FastAPI application that returns jobs: snapshots and models are response models, with their schema in its OpenAPI.

`pip install 'cloudjobs[testing]' fastapi`, then `python examples/fastapi_service.py` sends requests to it without a
network. `uvicorn examples.fastapi_service:app` serves it, with the settings of the service in the environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request

from cloudjobs import AsyncCceClient, JobSnapshot
from cloudjobs.cce import Job
from cloudjobs.errors import APIStatusError, NotFoundError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open one client for all requests: it keeps connections, and can be shared by tasks."""
    async with AsyncCceClient() as client:
        app.state.cce = client
        yield


app = FastAPI(title="Deployments", lifespan=lifespan)


def client_of(request: Request) -> AsyncCceClient:
    client: AsyncCceClient = request.app.state.cce
    return client


Cce = Annotated[AsyncCceClient, Depends(client_of)]


@app.get("/jobs/{job_id}")
async def get_job(job_id: str, cce: Cce) -> JobSnapshot[Job]:
    try:
        return await cce.snapshot(job_id)
    except NotFoundError:
        raise HTTPException(404, "the job does not exist") from None
    except APIStatusError as error:
        raise HTTPException(502, f"the service responded with {error.status_code}") from None


@app.get("/jobs/{job_id}/raw")
async def get_raw_job(job_id: str, cce: Cce) -> Job:
    return await cce.get_job(job_id)


async def show() -> None:
    from cloudjobs.testing import Replay

    with Replay("cce") as replay:
        job = replay.add_job("cce", states=["Running", "Success"], children=1)
        # This transport does not run `lifespan`: the application gets the client of the replay.
        app.state.cce = replay.async_client("cce")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as browser:
            for path in (f"/jobs/{job.id}", f"/jobs/{job.id}", f"/jobs/{job.id}/raw", "/jobs/no-such-job"):
                response = await browser.get(path)
                body = response.json()
                print(response.status_code, body.get("state") or body.get("status") or body["detail"])
    schema = app.openapi()["paths"]["/jobs/{job_id}/raw"]["get"]["responses"]["200"]["content"]
    print("schema:", schema["application/json"]["schema"])


if __name__ == "__main__":
    asyncio.run(show())
