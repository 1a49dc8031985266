"""Jobs and listings of the replay: they go their way by responses or by time, agree with themselves, and repeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cloudjobs._documents import ServiceSchemas
from cloudjobs.testing import Replay
from cloudjobs.testing._job_mapping import keep_conditions
from generator.contract import Contracts, Exchange
from generator.contract.exchange import exchange_from_response
from generator.contract.job_view import JobView, view_page
from generator.documents.json_pointer import resolve

from .contracts import contracts, operations

KNOWN = Contracts.from_services([contract.service for contract in contracts().values()])
POLLED = {each.service: each for each in operations() if "x-poll" in each.node}
LISTED = next(service for service, each in POLLED.items() if "x-pagination" in each.node)
PARTED = ("cce", "ief")
"""Services with children in their jobs."""


def ask(replay: Replay, service: str, job: str = "job-1", **query: object) -> Exchange:
    """Return the response of the replay to the operation that returns a job."""
    operation = POLLED[service]
    argument = operation.node["x-poll"].get("argument")
    good = next(one for one in operation.recorded if one.is_success)
    path = {**good.path, **({argument: job} if argument else {})}
    asked = str(httpx.QueryParams({name: str(value) for name, value in query.items()}))
    with httpx.Client(transport=replay.transport, base_url="http://service.example.com") as client:
        return exchange_from_response(client.get(operation.target(path, asked), headers=operation.headers), "a poll")


def told(exchange: Exchange, job: str = "job-1") -> JobView:
    """Return the job in a response."""
    route = KNOWN.route(exchange)
    assert route is not None
    found = view_page(route, exchange)
    assert found is not None
    return next(each for each in found.jobs if each.id == job)


@pytest.mark.parametrize("service", POLLED)
def test_replay_job_advances_per_response_up_to_its_end(service: str) -> None:
    replay = Replay(service)
    job = replay.add_job(service, states=["pending", "running", "failed"], reason="no quota left")
    kinds = [told(ask(replay, service)).kind for _ in range(5)]
    assert kinds == ["pending", "running", "failed", "failed", "failed"]
    assert job.state == job.states[-1] == told(ask(replay, service)).state


@pytest.mark.parametrize("service", POLLED)
def test_replay_job_polls_option_repeats_each_state(service: str) -> None:
    replay = Replay(service)
    replay.add_job(service, polls=2)
    kinds = [told(ask(replay, service)).kind for _ in range(6)]
    assert kinds == ["pending", "pending", "running", "running", "succeeded", "succeeded"]


@pytest.mark.parametrize("service", POLLED)
def test_replay_job_seconds_option_advances_with_time(service: str) -> None:
    replay = Replay(service)
    replay.add_job(service, seconds=60)
    kinds = []
    for _ in range(4):
        kinds += {told(ask(replay, service)).kind for _ in range(3)}
        replay.clock.sleep(60)
    assert kinds == ["pending", "running", "succeeded", "succeeded"]


@pytest.mark.parametrize("service", POLLED)
def test_replay_job_timestamps_come_from_the_clock(service: str) -> None:
    replay = Replay(service)
    replay.add_job(service, states=["running", "succeeded"], seconds=60)
    begun = replay.clock.now()
    replay.clock.sleep(60)
    job = told(ask(replay, service))
    assert job.started is not None
    assert job.started.timestamp() == begun
    if "ended" in resolve(contracts()[service].full, job.schema_pointer)["x-job"]:
        assert job.ended is not None
        assert job.ended.timestamp() == begun + 60


@pytest.mark.parametrize("end", ["succeeded", "failed", "partial", "stopped", None])
@pytest.mark.parametrize("children", [0, 1, 5])
@pytest.mark.parametrize("service", PARTED)
def test_replay_job_children_and_counters_match_its_state(service: str, children: int, end: str | None) -> None:
    replay = Replay(service)
    try:
        replay.add_job(service, states=["pending", *["running"] * 3, *filter(None, [end])], children=children)
    except ValueError:
        assert (service, end) in {("cce", "partial"), ("cce", "stopped")}
        return
    finished = 0
    for _ in range(7):
        job = told(ask(replay, service))
        kinds = [part.kind for part in job.children]
        assert len(kinds) == children
        if job.kind == "pending":
            assert set(kinds) <= {"pending"}
        if job.is_final:
            assert all(part.is_final for part in job.children)
        if job.kind == "succeeded":
            assert set(kinds) <= {"succeeded"}
        if job.total is not None:
            assert job.total == children
            assert job.done == sum(kind in ("succeeded", "failed", "partial") for kind in kinds)
        now = sum(part.is_final for part in job.children)
        assert now >= finished
        finished = now
    assert job.is_final is (end is not None)


@pytest.mark.parametrize("service", POLLED)
def test_replay_same_seed_gives_same_responses(service: str) -> None:
    def run(seed: int) -> list[bytes | None]:
        replay = Replay(service, seed=seed)
        jobs = replay.add_jobs(service, 12)
        if replay.has_listing(service):
            replay.add_rows(service, 30)
        return [ask(replay, service, job.id).body for _ in range(7) for job in jobs]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_add_job_invalid_arguments_are_rejected() -> None:
    replay = Replay()
    for wish, says in (
        ({"states": ["Exploded"]}, "the states are 'Initializing'"),
        ({"states": ["Success", "Running"]}, "got 'Running' after 'Success'"),
        ({"states": []}, "at least one state"),
        ({"states": "Running"}, "states must be a list of states, got the str 'Running'"),
        ({"polls": 0}, "polls must be .*, got 0"),
        ({"seconds": -1}, "seconds must be .*, got -1"),
        ({"seconds": "2"}, "seconds must be .*, got '2'"),
        ({"reason": 5}, "reason must be .*, got 5"),
        ({"id": ""}, "the id of a job must be .*, got ''"),
        ({"region": "x"}, "must be one of project_id, job_id"),
    ):
        with pytest.raises(ValueError, match=says):
            replay.add_job("cce", **wish)  # type: ignore[arg-type]
    for count in (-1, "2", True):
        with pytest.raises(ValueError, match=f"count must be an integer >= 0, got {count!r}"):
            replay.add_jobs("cce", count)  # type: ignore[arg-type]
    replay.add_job("cce", "job-1")
    with pytest.raises(ValueError, match="got 'job-1': cce has a job of that id"):
        replay.add_job("cce", "job-1")
    with pytest.raises(ValueError, match="service must be one of cce"):
        replay.add_job("nova")


def rows(exchange: Exchange) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = exchange.json[POLLED[LISTED].node["x-poll"]["items"]]
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 1000])
def test_add_rows_count_gives_that_many_distinct_rows(count: int) -> None:
    replay = Replay(LISTED)
    replay.add_rows(LISTED, count)
    whole = ask(replay, LISTED)
    assert len(rows(whole)) == count
    assert len({row["jobId"] for row in rows(whole)}) == count
    assert KNOWN.check(whole) == []


def test_add_rows_hundred_thousand_rows_are_paged() -> None:
    replay = Replay(LISTED)
    replay.add_rows(LISTED, 100_000)
    replay.add_job(LISTED)
    first = ask(replay, LISTED, offset=0, limit=3)
    last = ask(replay, LISTED, offset=99_999, limit=10)
    beyond = ask(replay, LISTED, offset=100_001, limit=10)
    assert rows(first)[0]["jobId"] == "job-1"
    assert [len(rows(each)) for each in (first, last, beyond)] == [3, 2, 0]
    assert all(each.json["jobCount"] == len(rows(each)) for each in (first, last, beyond))
    assert KNOWN.check(last) == []


def pages(replay: Replay, size: int) -> Iterator[dict[str, Any]]:
    offset = 0
    while found := rows(ask(replay, LISTED, offset=offset, limit=size)):
        yield from found
        offset += size


@pytest.mark.parametrize("size", [1, 7, 40, 100])
def test_replay_listing_pages_of_any_size_cover_all_rows(size: int) -> None:
    replay = Replay(LISTED)
    replay.add_rows(LISTED, 40)
    assert list(pages(replay, size)) == rows(ask(replay, LISTED))


# Ended by a test


@pytest.mark.parametrize("service", POLLED)
@pytest.mark.parametrize(
    "spec", [{"states": ["pending", "running", "running", "running", "succeeded"]}, {"seconds": 60}]
)
@pytest.mark.parametrize("shown", [0, 1, 2])
def test_replay_finish_ends_job_with_its_next_response(service: str, spec: dict[str, Any], shown: int) -> None:
    replay = Replay(service)
    job = replay.add_job(service, **spec)
    for _ in range(shown):
        told(ask(replay, service))
    if "seconds" in spec:
        replay.clock.advance(60 * (shown and 1))
    ended_at = replay.clock.now()
    replay.finish(job)
    replay.clock.advance(30)
    ended = told(ask(replay, service))
    assert (ended.kind, job.state) == ("succeeded", job.states[-1])
    assert told(ask(replay, service)).kind == "succeeded"
    if ended.ended is not None:
        assert ended.ended.timestamp() == pytest.approx(ended_at, abs=1)


@pytest.mark.parametrize("service", POLLED)
def test_replay_fail_ends_job_as_failed_with_reason(service: str) -> None:
    replay = Replay(service)
    job = replay.add_job(service, states=["running"], reason="as added")
    assert told(ask(replay, service)).kind == "running"
    replay.fail(job.id, "no quota left")
    ended = ask(replay, service)
    assert told(ended).kind == "failed"
    schemas = contracts()[service].service.document.data["components"]["schemas"].values()
    has_reason = any("reason" in schema.get("x-job", {}) for schema in schemas)
    assert (b"no quota left" in ended.body) is has_reason


def test_replay_finish_with_state_has_that_state() -> None:
    replay = Replay("ief")
    job = replay.add_job("ief", children=4)
    replay.finish(job, state="Partially_successful")
    assert replay.client("ief").get_batch_job(job.id).status == "Partially_successful"


def test_replay_finish_invalid_job_or_state_is_rejected() -> None:
    replay = Replay()
    job = replay.add_job("cce", states=["running", "succeeded"])
    with pytest.raises(
        ValueError, match=r"cce job 'job-1' must end in a terminal state, got 'running'; the states are"
    ):
        replay.finish(job, state="running")
    with pytest.raises(ValueError, match="job must be one of this replay, got 'job-2'"):
        replay.finish("job-2")
    replay.add_job("ief", "job-1")
    with pytest.raises(
        ValueError, match="job must be one of this replay, got 'job-1', the id of one job each of cce, ief"
    ):
        replay.fail("job-1")
    replay.finish(job)
    with pytest.raises(ValueError, match="cce job 'job-1' must have a state of its document, got 'lost'"):
        replay.finish(job, state="lost")
    with pytest.raises(ValueError, match="cce job 'job-1' has already ended as 'Success'"):
        replay.fail(job)


def test_replay_clock_advance_moves_jobs_and_rejects_other_values() -> None:
    replay = Replay("cce")
    job = replay.add_job("cce", seconds=60)
    cce = replay.client("cce")
    phases = []
    for _ in range(3):
        phases.append(cce.get_job(job.id).status.phase)
        replay.clock.advance(60)
    assert phases == ["Initializing", "Running", "Success"]
    for wrong in (-1, float("nan"), True, "60"):
        with pytest.raises(ValueError, match="seconds must be a number >= 0, got"):
            replay.clock.advance(wrong)  # type: ignore[arg-type]
    assert replay.clock.monotonic() == 180


def test_keep_conditions_drops_and_writes_what_they_demand() -> None:
    listed = {"properties": {"state": {"enum": ["", "none"]}}}
    schema = {
        "type": "object",
        "properties": {"state": {"type": "string"}, "reason": {"type": "string"}, "parts": {"type": "array"}},
        "dependentSchemas": {"reason": {"properties": {"state": {"const": "failed"}}}},
        "if": {"properties": {"state": {"const": "gone"}}, "required": ["state"]},
        "then": {"properties": {"parts": {"items": listed}}},
    }
    node = ServiceSchemas({"components": {"schemas": {}}}).node(schema)
    for body, kept in [
        ({"state": "failed", "reason": "No."}, {"state": "failed", "reason": "No."}),
        ({"state": "running", "reason": "No."}, {"state": "running"}),
        ({"state": "gone", "parts": [{"state": "x"}, {"state": "none"}, {}, 7]},
         {"state": "gone", "parts": [{"state": ""}, {"state": "none"}, {}, 7]}),
        ({"state": "there", "parts": [{"state": "x"}]}, {"state": "there", "parts": [{"state": "x"}]}),
    ]:  # fmt: skip
        keep_conditions(node, body)
        assert body == kept
