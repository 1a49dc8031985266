"""Listings of every form: 250 rows over a server that returns fewer than are asked for, and jobs in two operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx
import pytest

Import = Callable[[str], ModuleType]

LISTED = {
    "mill": ("iter_sessions", {"page_size": 100}, {}),
    "kiln": ("iter_runs", {"page_size": 100}, {}),
    "press": ("iter_workflow_runs", {"page_size": 100}, {"owner": "ada"}),
    "depot": ("iter_jobs", {"page_size": 100}, {}),
    "brine": ("iter_value", {}, {"site": "salt"}),
    "quarry": ("iter_dag_runs", {"page_size": 1000}, {"dag_id": "blast"}),
}
"""The method that iterates, with its page size and arguments."""


@pytest.mark.parametrize("service", LISTED)
def test_iteration_over_capped_pages_yields_each_row_once(kinds: Import, service: str) -> None:
    name, size, arguments = LISTED[service]
    replay = kinds("testing").Replay(service)
    replay.add_rows(service, 250, most=40)
    with replay.client(service) as client:
        rows = list(getattr(client, name)(**arguments, **size))
    ids = [kinds("").JobSnapshot.from_job(row).id for row in rows]
    assert (len(ids), len(set(ids))) == (250, 250)
    # 40 rows are a page: an offset, a total, a token or a link says where the next one is.
    assert len(replay.requests) == 7


@pytest.mark.parametrize("service", LISTED)
def test_async_iteration_over_capped_pages_yields_each_row_once(kinds: Import, service: str) -> None:
    name, size, arguments = LISTED[service]
    replay = kinds("testing").Replay(service)
    replay.add_rows(service, 250, most=40)

    async def count() -> int:
        async with replay.async_client(service) as client:
            return len([row async for row in getattr(client, name)(**arguments, **size)])

    assert asyncio.run(count()) == 250


@pytest.mark.parametrize("service", LISTED)
def test_job_is_the_same_by_get_and_in_the_listing(kinds: Import, service: str) -> None:
    name, size, arguments = LISTED[service]
    replay = kinds("testing").Replay(service)
    job = replay.add_job(service, "71", states=["running", "succeeded"], polls=2)
    with replay.client(service) as client:
        rows = [kinds("").JobSnapshot.from_job(row) for row in getattr(client, name)(**arguments, **size)]
        [listed] = [row for row in rows if row.id == job.id]
        job_id: Any = job.id if service in ("quarry", "depot", "brine") else int(job.id)
        alone = client.snapshot(*arguments.values(), job_id)
        assert (alone.id, alone.state, alone.job) == (listed.id, listed.state, listed.job)
        assert client.wait_for_job(*arguments.values(), job_id).is_success
        results = client.wait_for_jobs(*arguments.values(), [job_id])
    assert {key: snapshot.is_success for key, snapshot in results.items()} == {job_id: True}


def test_next_page_at_another_host_is_refused(kinds: Import) -> None:
    replay = kinds("testing").Replay("press")
    errors = kinds("errors")

    def elsewhere(request: httpx.Request) -> httpx.Response:
        response = replay.transport.handle_request(request)
        response.headers["Link"] = '<https://press.example.org/repos/ada/runs?cursor=2>; rel="next"'
        return response

    transport = httpx.MockTransport(elsewhere)
    auth = kinds("auth").Token("secret-key")
    with (
        kinds("").PressClient("https://press.example.com", auth=auth, transport=transport) as client,
        pytest.raises(
            errors.PaginationError, match=r"must be at https://press\.example\.com, got https://press\.example\.org"
        ),
    ):
        list(client.iter_workflow_runs("ada"))
    assert len(replay.requests) == 1


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last"', "https://a/x?page=2"),
        ('<https://a/x?page=1>; rel="prev first", </y>; title="a, b; c"; rel=next', "/y"),
        ('<https://a/x>; rel="prev"', None),
        ("", None),
        ("no link at all", None),
    ],
)
def test_next_link_of_a_link_header(kinds: Import, header: str, target: str | None) -> None:
    assert kinds("_pagination").next_link(header) == target


@pytest.mark.parametrize("job_id", ["x", "", "1.5", True, None, 1.5])
def test_wait_for_id_that_is_no_integer_raises_before_any_request(kinds: Import, job_id: Any) -> None:
    replay = kinds("testing").Replay("mill")
    with replay.client("mill") as client, pytest.raises(ValueError, match="must be an integer"):
        client.wait_for_job(job_id)
    assert not replay.requests
