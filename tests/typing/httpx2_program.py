"""A user's program with httpx2, never run: type checkers must find no error in it.

`tests/client/test_types.py` has mypy read it, `make pyright` pyright.
"""

from __future__ import annotations

from typing import assert_type

import httpx
import httpx2

from cloudjobs import AsyncCceClient, CceClient, GesClient, cce, ges
from cloudjobs.auth import AkSk, IamPassword, Token, from_environment


def answer(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={})


def call() -> None:
    with httpx2.Client(timeout=httpx2.Timeout(30, connect=5)) as http:
        cce_client = CceClient("https://h", project_id="p", http_client=http, auth=httpx2.BasicAuth("u", "p"))
        assert_type(cce_client.get_job("j"), cce.Job)
        assert_type(cce_client.with_options(timeout=httpx2.Timeout(5)).get_job("j"), cce.Job)
        assert_type(cce_client.get_job("j", timeout=httpx2.Timeout(5)), cce.Job)
    with GesClient("https://h", transport=httpx2.MockTransport(answer), timeout=httpx2.Timeout(5)) as ges_client:
        assert_type(ges_client.list_jobs("movie"), ges.JobList)


async def call_async() -> None:
    async with httpx2.AsyncClient() as http:
        client = AsyncCceClient("https://h", project_id="p", http_client=http, auth=httpx2.BasicAuth("u", "p"))
        assert_type(await client.get_job("j"), cce.Job)
    async with AsyncCceClient("https://h", transport=httpx2.MockTransport(answer)) as client:
        assert_type(await client.get_job("j"), cce.Job)


def authenticate_plain_clients() -> None:
    for auth in (Token("t", header="X"), AkSk("a", "s", header="X"), IamPassword("u", "p", "d", "r", header="X")):
        httpx.Client(auth=auth)
        httpx2.Client(auth=auth)
        httpx2.AsyncClient(auth=auth)
    httpx2.Client(auth=from_environment())
