"""Rules over several responses: a replay that goes through all states breaks none, and each violation is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import attrs
import httpx
import pytest

from cloudjobs.testing import Replay
from generator.contract import Contracts, Exchange, check_sequence, export_har
from generator.contract.exchange import exchange_from_response
from generator.contract.har import parse_har
from generator.contract.job_view import parse_timestamp
from generator.contract.sequence_rules import StuckThreshold
from generator.documents.json_pointer import resolve, segments

from .contracts import Operation, contracts, operations

KNOWN = Contracts.from_services([contract.service for contract in contracts().values()])
POLLED = {each.service: each for each in operations() if "x-poll" in each.node}
"""The operation of each service that returns jobs."""
JOB = "job-1"


def job_states(service: str) -> dict[str, list[str]]:
    """Return the states of a service's jobs that `x-job` lists, by their meaning."""
    operation, schemas = POLLED[service], contracts()[service].full["components"]["schemas"]
    reply = json.dumps(next(iter(operation.content(operation.contract.view, 200).values())))
    whole = next(name for name in schemas if f"/{name}" + '"' in reply)
    row = next((name for name in schemas if "x-job" in schemas[name] and "items" in operation.node["x-poll"]), whole)
    states = schemas[row]["x-job"]["state"]
    return {kind: values for kind, values in states.items() if kind != "field"}


def walks() -> Iterator[tuple[str, list[str]]]:
    """Yield every way to every end, and ways that have not ended."""
    for service in POLLED:
        states = job_states(service)
        pending, running = states["pending"], states["running"]
        ends = list(chain(*(values for kind, values in states.items() if kind not in ("pending", "running"))))
        for middle in ([], running[:1], running, [*running[:1]] * 3):
            for end in ([], *([each] for each in ends)):
                yield service, [*pending[:1], *middle, *end]


def polls(replay: Replay, operation: Operation, count: int, **query: str) -> list[Exchange]:
    """Return the responses of a replay to repeated polls of the job."""
    good = next(one for one in operation.recorded if one.is_success)
    argument = operation.node["x-poll"].get("argument")
    target = operation.target({**good.path, **({argument: JOB} if argument else {})}, str(httpx.QueryParams(query)))
    with httpx.Client(transport=replay.transport, base_url="http://service.example.com") as client:
        return [
            exchange_from_response(client.get(target, headers=operation.headers), f"poll {number}")
            for number in range(1, count + 1)
        ]


def sound(service: str, states: list[str] | None = None, count: int = 5, **options: Any) -> list[Exchange]:
    """Return the responses about a job on its way."""
    replay = Replay(service)
    replay.add_job(service, JOB, states=states, **options)
    return polls(replay, POLLED[service], count)


@pytest.mark.parametrize("service", POLLED)
def test_sequence_rules_every_replay_lifecycle_passes(service: str) -> None:
    tried = 0
    for name, states in walks():
        if name == service:
            for children in (None, 3) if service in ("cce", "ief") else (None,):
                exchanges = sound(service, states, len(states) + 2, children=children)
                assert len({exchange.body for exchange in exchanges}) >= len(set(states))
                findings = [each for exchange in exchanges for each in KNOWN.check(exchange)]
                assert findings + check_sequence(KNOWN, exchanges) == [], states
                tried += 1
    assert tried >= 12


@pytest.mark.parametrize("service", POLLED)
def test_sequence_rules_timed_replay_passes(service: str) -> None:
    replay = Replay(service)
    replay.add_job(service, JOB, seconds=60)
    exchanges = []
    for _ in range(6):
        exchanges += polls(replay, POLLED[service], 1)
        replay.clock.sleep(30)
    assert check_sequence(KNOWN, exchanges) == []


def edited(exchange: Exchange, change: Callable[[Any], None]) -> Exchange:
    """Return a copy of an exchange with another body."""
    body = deepcopy(exchange.json)
    change(body)
    return attrs.evolve(exchange, body=json.dumps(body).encode())


def put(pointer: str, value: Any) -> Callable[[Any], None]:
    """Set a value of a body."""

    def change(body: Any) -> None:
        owner, last = resolve(body, pointer.rpartition("/")[0]), segments(pointer)[-1]
        owner[int(last) if isinstance(owner, list) else last] = value

    return change


def drop(pointer: str) -> Callable[[Any], None]:
    """Take a value out of a body."""

    def change(body: Any) -> None:
        owner, last = resolve(body, pointer.rpartition("/")[0]), segments(pointer)[-1]
        del owner[int(last) if isinstance(owner, list) else last]

    return change


def row(change: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a change of the row of the listing that is the job's."""

    def of_row(body: Any) -> None:
        change(next(job for job in body["jobs"] if job["jobId"] == JOB))

    return of_row


def both(*changes: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return several changes of one body."""

    def change(body: Any) -> None:
        for each in changes:
            each(body)

    return change


END, CREATED = "2024-05-23 10:00:00", "creationTimestamp"
LAST = -1
BROKEN: dict[str, tuple[str, str, int, Callable[[Any], None], str]] = {
    # what: (service, rule, which response, change, pointer of the finding)
    "a phase after the end": ("cce", "terminal-state-left", LAST, put("/status/phase", "Running"), "/status/phase"),
    "another end": ("yuanrong", "terminal-state-left", LAST, put("/status", "FAILED"), "/status"),
    "a row after its end": (
        "ges",
        "terminal-state-left",
        LAST,
        row(both(put("/status", "running"), put("/endTime", ""))),
        "/jobs/0/status",
    ),
    "an end while it runs": ("ges", "ended-while-running", 1, row(put("/endTime", END)), "/jobs/0/endTime"),
    "another start": ("yuanrong", "start-changed", LAST, put("/start_time", "1700000000"), "/start_time"),
    "a start that is a word": (
        "cce",
        "unreadable-time",
        LAST,
        put(f"/metadata/{CREATED}", "x"),
        f"/metadata/{CREATED}",
    ),
    "another type": ("ief", "type-changed", LAST, put("/job_type", "other"), "/job_type"),
    "another parent": ("cce", "parent-changed", LAST, put("/spec/clusterUID", "other"), "/spec/clusterUID"),
    "a sub-job after its end": (
        "cce",
        "terminal-state-left",
        LAST,
        put("/spec/subJobs/0/status/phase", "Initializing"),
        "/spec/subJobs/0/status/phase",
    ),
    "less done": ("ief", "progress-fell", LAST, put("/task_failed_count", 0), "/task_success_count"),
    "less of a hundred": ("ges", "progress-fell", LAST, row(put("/progress", 7)), "/jobs/0/progress"),
    "another total": ("ief", "total-changed", LAST, put("/task_total_count", 9), "/task_total_count"),
    "an end before the start": ("yuanrong", "end-before-start", LAST, put("/end_time", "1700000000"), "/end_time"),
    "a row's end before its start": (
        "ges",
        "end-before-start",
        LAST,
        row(put("/endTime", "2020-01-01 00:00:00")),
        "/jobs/0/endTime",
    ),
    "a sub-job's end before its start": (
        "cce",
        "end-before-start",
        LAST,
        put("/spec/subJobs/0/metadata/updateTimestamp", "2020-01-01 00:00:00 +0000 UTC"),
        "/spec/subJobs/0/metadata/updateTimestamp",
    ),
    "another job": ("cce", "id-changed", 1, put("/metadata/uid", "job-2"), "/metadata/uid"),
    "a sub-job less": ("cce", "child-vanished", LAST, drop("/spec/subJobs/0"), "/spec/subJobs"),
    "a task of another ID": ("ief", "child-vanished", LAST, put("/tasks/0/task_id", "other"), "/tasks"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_sequence_rules_broken_rule_yields_complete_finding(what: str) -> None:
    service, rule, which, change, pointer = BROKEN[what]
    exchanges = sound(service)
    assert check_sequence(KNOWN, exchanges) == []
    exchanges[which] = edited(exchanges[which], change)
    (finding,) = check_sequence(KNOWN, exchanges)
    assert (finding.rule, finding.service, finding.pointer) == (rule, service, pointer)
    assert finding.source == exchanges[which].source
    assert finding.line
    assert finding.evidence
    assert finding.is_new


def test_terminal_state_left_resumable_state_is_allowed() -> None:
    def again(state: str) -> list[str]:
        exchanges = sound("ief", ["Waiting", "Running", state])
        fresh = sound("ief", ["Waiting", "Running", "Successful"])
        return [finding.rule for finding in check_sequence(KNOWN, exchanges + fresh) if finding.pointer == "/status"]

    assert again("Failed") == again("Stopped") == []
    assert again("Successful") == again("Partially_successful") == ["terminal-state-left"]


def test_sequence_rules_child_timestamps_are_not_compared() -> None:
    exchanges = sound("cce", states=["Running", "Success"])
    for start, end in (("2001", "2002"), ("2098", "2099")):

        def moved(body: Any, start: str = start, end: str = end) -> None:
            for part in body["spec"]["subJobs"]:
                part["metadata"]["creationTimestamp"] = f"{start}-01-01 00:00:00 +0000 UTC"
                part["metadata"]["updateTimestamp"] = f"{end}-01-01 00:00:00 +0000 UTC"

        assert check_sequence(KNOWN, [edited(each, moved) for each in exchanges]) == []


def test_sequence_rules_different_hosts_are_different_jobs() -> None:
    ended, fresh = sound("cce"), sound("cce")
    elsewhere = [attrs.evolve(each, url=each.url.replace("service.", "other.")) for each in fresh]
    assert {finding.rule for finding in check_sequence(KNOWN, ended + fresh)} == {"terminal-state-left"}
    assert check_sequence(KNOWN, ended + elsewhere) == []


def at(exchanges: list[Exchange], *seconds: float) -> list[Exchange]:
    """Return the exchanges, asked for at these seconds."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        attrs.evolve(each, started=begin + timedelta(seconds=after))
        for each, after in zip(exchanges, seconds, strict=True)
    ]


def test_sequence_rules_responses_are_ordered_by_timestamp() -> None:
    exchanges = at(sound("cce"), 0, 1, 2, 3, 4)
    assert check_sequence(KNOWN, exchanges[::-1]) == []
    assert check_sequence(KNOWN, [attrs.evolve(each, started=None) for each in exchanges[::-1]])


@pytest.mark.parametrize("service", POLLED)
def test_job_stuck_with_threshold_yields_one_finding(service: str) -> None:
    stuck = at(sound(service, ["pending", "running"], 8), *range(0, 80, 10))
    assert check_sequence(KNOWN, stuck) == []
    for patience in (StuckThreshold(responses=5), StuckThreshold(seconds=45), StuckThreshold(responses=7, seconds=60)):
        (finding,) = check_sequence(KNOWN, stuck, patience)
        assert (finding.rule, finding.service) == ("job-stuck", service)
    assert check_sequence(KNOWN, stuck, StuckThreshold(responses=8, seconds=61)) == []
    assert check_sequence(KNOWN, sound(service, count=20), StuckThreshold(responses=2)) == []


def listing(**query: str) -> list[Exchange]:
    replay = Replay("ges")
    replay.add_rows("ges", 10)
    return polls(replay, POLLED["ges"], 1, **query)


def test_limit_ignored_oversized_page_is_reported() -> None:
    (whole,) = listing()
    for limit, rules in (("9", ["limit-ignored"]), ("10", []), ("9" * 5000, [])):
        page = attrs.evolve(whole, url=f"{whole.url.rstrip('?')}?limit={limit}")
        found = check_sequence(KNOWN, [page])
        assert [finding.rule for finding in found] == rules
        assert all(finding.document_pointer == "/components/parameters/limit" for finding in found)


def test_offset_ignored_repeated_page_is_reported() -> None:
    first, second = listing(limit="5", offset="0") + listing(limit="5", offset="5")
    assert first.json != second.json
    assert check_sequence(KNOWN, [first, second]) == []
    (finding,) = check_sequence(KNOWN, [first, attrs.evolve(second, body=first.body)])
    assert (finding.rule, finding.document_pointer) == ("offset-ignored", "/components/parameters/offset")


def test_offset_ignored_shifted_rows_are_accepted() -> None:
    first, second = listing(limit="5", offset="0") + listing(limit="5", offset="5")
    moved = [*first.json["jobs"][2:], *second.json["jobs"][:2]]
    later = edited(second, put("/jobs", moved))
    assert check_sequence(KNOWN, [first, later]) == []


def test_offset_ignored_repeated_single_row_is_accepted() -> None:
    first, second = listing(limit="1", offset="0") + listing(limit="1", offset="1")
    assert check_sequence(KNOWN, [first, attrs.evolve(second, body=first.body)]) == []


def test_read_time_without_zone_needs_a_documented_zone() -> None:
    there = datetime(2024, 5, 23, 1, 54, tzinfo=UTC)
    assert parse_timestamp("2024-05-23 09:54:00", ["datetime"], "+08:00") == there
    assert parse_timestamp("2024-05-23 09:54:00", ["datetime"], None) is None
    assert parse_timestamp("2024-05-23 01:54:00.000000001 +0000 UTC", ["go-time"], None) == there
    assert parse_timestamp(there.timestamp(), ["epoch-ms", "epoch-s"], None) == there
    assert parse_timestamp(str(int(there.timestamp() * 1000)), ["epoch-s", "epoch-ms"], None) == there
    assert parse_timestamp("soon", ["datetime", "go-time", "epoch-s"], "+08:00") is None


def test_limit_ignored_recorded_listing_is_known() -> None:
    (page,) = (
        each
        for each in parse_har(export_har([contracts()["ges"].service]), "export.har").exchanges
        if each.status == 200
    )
    (finding,) = check_sequence(KNOWN, [page])
    assert (finding.rule, finding.known) == ("limit-ignored", "ges.more-jobs-than-asked-for")
    other = edited(page, put("/jobs/0/canStop", True))
    (finding,) = check_sequence(KNOWN, [other])
    assert finding.is_new


def test_sequence_rules_har_entries_are_checked() -> None:
    entries = []
    for exchange in sound("cce"):
        entries.append(
            {
                "startedDateTime": "2026-01-01T00:00:00Z",
                "request": {"method": exchange.method, "url": exchange.url, "headers": []},
                "response": {
                    "status": exchange.status,
                    "headers": [],
                    "content": {"mimeType": "application/json", "text": (exchange.body or b"").decode()},
                },
            }
        )
    har = {"log": {"entries": entries}}
    assert check_sequence(KNOWN, list(parse_har(har, "traffic.har").exchanges)) == []
    har["log"]["entries"].append(entries[0])
    found = check_sequence(KNOWN, list(parse_har(har, "traffic.har").exchanges))
    assert {(finding.rule, finding.source) for finding in found} == {("terminal-state-left", "traffic.har entry 6")}
    assert "/status/phase" in {finding.pointer for finding in found}
