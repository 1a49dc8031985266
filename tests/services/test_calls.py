"""Calls around jobs: several IDs in one request, a start with its wait, status codes as states, and URLs to poll."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx
import pytest

Import = Callable[[str], ModuleType]


def test_wait_for_jobs_sends_several_ids_in_one_body(kinds: Import) -> None:
    replay = kinds("testing").Replay("stall")
    jobs = [replay.add_job("stall", states=["running", "succeeded"]).id for _ in range(5)]
    with replay.client("stall") as client:
        results = client.wait_for_jobs([*jobs, "never"], return_exceptions=True)
    assert [results[job_id].is_success for job_id in jobs] == [True] * 5
    assert isinstance(results["never"], kinds("errors").NotFoundError)
    # The document allows three IDs in a request: two requests for six jobs, and again for those that go on.
    sent = [json.loads(request.incoming.content)["jobs"] for request in replay.requests]
    assert sent[:2] == [jobs[:3], [*jobs[3:], "never"]]
    assert len(sent) == 4


def test_snapshot_of_one_of_several_ids_is_its_own(kinds: Import) -> None:
    replay = kinds("testing").Replay("stall")
    with replay.client("stall") as client:
        assert str(client.snapshot("a-1").state) == "running"
        with pytest.raises(kinds("errors").JobFailedError, match="the well is dry"):
            client.wait_for_job("a-2")


def test_top_level_list_is_read_and_its_jobs_are_waited_for(kinds: Import) -> None:
    replay = kinds("testing").Replay("loom")
    replay.add_job("loom", "raysubmit_9", states=["pending", "succeeded"])
    with replay.client("loom") as client:
        listed = [kinds("").JobSnapshot.from_job(job).id for job in client.list_jobs()]
        assert client.wait_for_job("raysubmit_9").is_success
    assert listed == ["raysubmit_9", "raysubmit_1", "raysubmit_2"]


def test_start_and_wait_polls_the_job_of_the_response(kinds: Import) -> None:
    replay = kinds("testing").Replay("anvil")
    replay.add_job("anvil", "71", states=["running", "succeeded"])
    order = kinds("anvil").HorseshoeOrder(size=5)
    with replay.client("anvil") as client:
        done = client.forge_horseshoe_and_wait(order)
    assert (done.id, done.is_success) == ("71", True)
    assert [request.method for request in replay.requests] == ["POST", "GET", "GET"]
    assert json.loads(replay.requests[0].incoming.content) == {"size": 5}


def test_async_start_and_wait_polls_the_job_of_the_response(kinds: Import) -> None:
    replay = kinds("testing").Replay("anvil")
    replay.add_job("anvil", "71", states=["running", "failed"])

    async def start() -> Any:
        async with replay.async_client("anvil") as client:
            return await client.forge_horseshoe_and_wait({"size": 5})

    with pytest.raises(kinds("errors").JobFailedError):
        asyncio.run(start())


def test_start_without_a_job_in_the_response_raises(kinds: Import) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(201, json={"id": "h-2", "status": {}}))
    with (
        kinds("").AnvilClient("https://a.example.com", site="n", auth=None, transport=transport) as client,
        pytest.raises(kinds("errors").InvalidResponseError, match=r"status\.jobID must have the ID of the started job"),
    ):
        client.forge_horseshoe_and_wait({"size": 5})


class Results:
    """A server with results after two polls, at a URL with a token in its query."""

    def __init__(self, location: str, last: httpx.Response) -> None:
        self.location, self.last = location, last
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.raw_path.decode()}")
        if request.method == "POST":
            return httpx.Response(202, headers={"Location": self.location})
        if len(self.asked) < 4:
            return httpx.Response(202, headers={"Retry-After": "0.2"})
        return self.last


REPORT = httpx.Response(200, json={"title": "tides", "lines": ["high"]})


@pytest.mark.parametrize("location", ["https://b.example.com/reports/results/7?t=a%2Bb", "/reports/results/7?t=a%2Bb"])
@pytest.mark.parametrize("last", [REPORT, httpx.Response(204)], ids=["200", "204"])
def test_start_and_wait_requests_the_named_url_until_it_has_a_result(
    kinds: Import, location: str, last: httpx.Response
) -> None:
    results = Results(location, last)
    transport = httpx.MockTransport(results)
    states: list[str] = []
    with kinds("").BeaconClient("https://b.example.com", auth=None, transport=transport) as client:
        done = client.create_report_and_wait(
            {"title": "tides"}, poll_interval=0.2, on_progress=lambda snapshot: states.append(str(snapshot.state))
        )
    assert states == ["running", "succeeded"]
    assert (done.is_success, done.progress) == (True, 1.0)
    assert (done.job and done.job.title) == ("tides" if last.status_code == 200 else None)
    assert results.asked == ["POST /reports", *["GET /reports/results/7?t=a%2Bb"] * 3]


def test_url_of_a_result_at_another_host_is_refused(kinds: Import) -> None:
    results = Results("https://evil.example.org/reports/results/7", REPORT)
    with (
        kinds("").BeaconClient(
            "https://b.example.com", auth=kinds("auth").Token("secret-key"), transport=httpx.MockTransport(results)
        ) as client,
        pytest.raises(ValueError, match=r"must be at https://b\.example\.com, got https://evil\.example\.org"),
    ):
        client.create_report_and_wait({"title": "tides"})
    assert results.asked == ["POST /reports"]


COURSES = {
    "200": (["running", "running", "succeeded"], [202, 202, 200], {"title": ""}),
    "204": (["202", "204"], [202, 204], None),
    "default": (None, [202, 200], {"title": ""}),
}
"""States of a job, the status codes of its polls, and its result."""


@pytest.mark.parametrize("course", COURSES)
def test_replayed_job_of_status_codes_goes_through_its_states(kinds: Import, course: str) -> None:
    states, statuses, result = COURSES[course]
    replay = kinds("testing").Replay("beacon")
    if states:
        replay.add_job("beacon", "a/b", states=states)
    with replay.client("beacon") as client:
        done = client.create_report_and_wait({"title": "tides"})
    assert (done.is_success, done.job and done.job.to_dict()) == (True, result)
    assert [request.status for request in replay.requests] == [202, *statuses]
    assert {request.path for request in replay.requests[1:]} == {f"/reports/results/{'a%2Fb' if states else 'job-1'}"}


def test_wait_for_replayed_job_of_status_codes_ends_with_an_error(kinds: Import) -> None:
    replay = kinds("testing").Replay("beacon")
    job = replay.add_job("beacon", states=["running"])
    replay.fail_next(409, job=job.id, after=2)
    with replay.client("beacon") as client, pytest.raises(kinds("errors").APIStatusError) as caught:
        client.create_report_and_wait({"title": "tides"})
    assert caught.value.status_code == 409
    assert [request.status for request in replay.requests] == [202, 202, 202, 409]


def test_each_start_names_a_job_of_its_own(kinds: Import) -> None:
    replay = kinds("testing").Replay("beacon")
    jobs = [replay.add_job("beacon", states=["running"]) for _ in range(2)]
    with httpx.Client(transport=replay.transport, base_url="https://b.example.com") as http:
        key = {"X-Site-Key": "k"}
        started = [http.post("/reports", json={"title": "x"}, headers=key).headers["location"] for _ in range(3)]
        replay.finish(jobs[0])
        statuses = [http.get(url, headers=key).status_code for url in [*started, "/reports/results/never"]]
    assert started == [f"/reports/results/job-{number}" for number in (1, 2, 3)]
    assert statuses == [200, 202, 202, 404]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"states": ["failed"]}, "the states are '200', '202', '204'; or the JobState succeeded, running"),
        ({"states": ["200", "202"]}, "in the order of a job's life, got '202' after '200'"),
        ({"children": 2}, "children must be 0"),
    ],
)
def test_job_of_status_codes_that_the_document_does_not_allow_is_refused(
    kinds: Import, keywords: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kinds("testing").Replay("beacon").add_job("beacon", **keywords)
