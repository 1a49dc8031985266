"""`wait` and `watch` follow a job to its end; the exit code says how it ended, or why that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from cloudjobs import JobState
from cloudjobs.testing import Replay

from ..doc_examples import Operation, operations
from ..transports import Server
from .shells import SECRET, Shell, wait_arguments

VERBS = ("wait", "watch")
AWAITED = [operation for operation in operations() if "x-poll" in operation.node]
CODES = {JobState.SUCCEEDED: 0, JobState.FAILED: 1, JobState.PARTIAL: 1, JobState.STOPPED: 1}
_LABEL = 16
"""Where in a line it says which job it is."""
verbs = pytest.mark.parametrize("verb", VERBS)
awaited = pytest.mark.parametrize("operation", AWAITED, ids=lambda operation: operation.service)


def final_states(replay: Replay, service: str) -> Iterator[JobState]:
    """Yield the ends that a job of a service can come to."""
    for state in CODES:
        try:
            replay.add_job(service, str(state), states=["running", state], reason=f"so it is {state}")
        except ValueError:
            continue
        yield state


def lines_of_job(out: str) -> list[str]:
    """Return the lines that are of the job itself: the lines of its children are indented."""
    return [line for line in out.splitlines() if line[_LABEL] != " "]


@verbs
@awaited
def test_cli_wait_exit_code_matches_final_state(operation: Operation, verb: str, replay: Replay, shell: Shell) -> None:
    ends = list(final_states(replay, operation.service))
    assert {JobState.SUCCEEDED, JobState.FAILED} <= set(ends)
    for state in ends:
        ran = shell(verb, operation.service, *wait_arguments(operation, state))
        assert (ran.code, ran.err) == (CODES[state], "")
        assert lines_of_job(ran.out)[-1].split()[0] == state
        assert state is JobState.SUCCEEDED or f"so it is {state}" in ran.out


def test_cli_wait_final_states_cover_all_exit_codes() -> None:
    replay = Replay()
    assert {state for operation in AWAITED for state in final_states(replay, operation.service)} == set(CODES)


@awaited
def test_cli_wait_prints_final_job_and_watch_each_change(operation: Operation, replay: Replay, shell: Shell) -> None:
    way: dict[str, Any] = {"states": ["pending", "running", "succeeded"], "polls": 2}
    replay.add_job(operation.service, "one", **way)
    waited = shell("wait", operation.service, *wait_arguments(operation, "one"), "-o", "jsonl").lines
    replay.add_job(operation.service, "other", **way)
    watched = shell("watch", operation.service, *wait_arguments(operation, "other"), "-o", "jsonl").lines
    assert [each["state"] for each in waited] == ["succeeded"]
    assert [each["state"] for each in watched] == ["pending", "running", "succeeded"]
    assert {*waited[0]} == {"id", "state", "progress", "started_at", "ended_at", "reason", "children", "job"}
    progress = [each["progress"] for each in watched if each["progress"] is not None]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    # The time is the replay's, and the job the service's own.
    assert datetime.fromisoformat(waited[0]["ended_at"]).date() == date(2026, 1, 1)
    assert waited[0]["id"] in str(waited[0]["job"])


@verbs
def test_cli_wait_json_prints_one_final_document(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["pending", "running", "running", "succeeded"], children=3)
    found = shell(verb, "cce", "a", "--output", "json").data
    assert (found["id"], found["state"], found["progress"]) == ("a", "succeeded", 1.0)
    assert [child["state"] for child in found["children"]] == ["succeeded"] * 3
    assert found["job"]["metadata"]["uid"] == "a"


def test_cli_watch_in_pipe_prints_a_line_per_change(replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["pending", "running", "running", "succeeded"], polls=3, children=2)
    out = shell("watch", "cce", "a", "--show", "spec.type").out
    assert "\x1b" not in out
    assert [line.split()[:4] for line in lines_of_job(out)] == [
        ["pending", "0%", "CreateCluster", "a"],
        ["running", "0%", "CreateCluster", "a"],
        ["running", "50%", "CreateCluster", "a"],
        ["succeeded", "100%", "CreateCluster", "a"],
    ]
    parts = [line for line in out.splitlines() if line not in lines_of_job(out)]
    assert [line.split()[0] for line in parts] == ["pending", "pending", "running", "succeeded", "running", "succeeded"]


@verbs
def test_cli_wait_timeout_exits_3_and_prints_last_state(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["running"])
    for output in ("table", "json", "jsonl"):
        ran = shell(verb, "cce", "a", "--timeout", "90", "-o", output)
        assert ran.code == 3
        assert ran.complaint == "cloudjobs: cce.get_job: the timeout of 90 s expired: job 'a' is running"
        assert "running" in ran.out.splitlines()[0 if output != "json" else 2]


@verbs
def test_cli_wait_timeout_names_last_error(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["running"])
    replay.fault_next(times=1000, after=3, code=503)
    ran = shell(verb, "cce", "a", "--timeout", "30", "--max-retries", "0")
    assert ran.code == 3
    assert "; last: cce.get_job returned status 503" in ran.complaint


@awaited
@verbs
def test_cli_wait_missing_job_fails_after_grace(
    operation: Operation, verb: str, replay: Replay, shell: Shell, server: Server
) -> None:
    job = wait_arguments(operation, "never")
    ran = shell(verb, operation.service, *job)
    assert (ran.code, ran.out) == (5, "")
    assert ran.complaint.startswith("cloudjobs: ")
    server.paths.clear()
    ran = shell(verb, operation.service, *job, "--not-found-grace", "20", "--poll-interval", "5")
    # A listing has a page after the last one.
    requests = 5 * (1 + ("x-pagination" in operation.node))
    assert (ran.code, ran.out, len(server.paths)) == (5, "", requests)


@verbs
def test_cli_wait_poll_interval_is_used(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["running", "succeeded"], seconds=60)
    before = replay.clock.now()
    assert shell(verb, "cce", "a", "--poll-interval", "7").code == 0
    assert replay.clock.now() - before == 63


@verbs
def test_cli_wait_transient_errors_are_survived(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a")
    for fault in ({"code": 503}, {"reset": True}, {"truncate": True}, {"invalid_json": True}):
        replay.fault_next(**fault)
    assert shell(verb, "cce", "a").code == 0


# Several jobs


@awaited
@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (["succeeded", "succeeded", "succeeded"], 0),
        (["succeeded", "failed", "succeeded"], 1),
        (["succeeded", "failed", None], 5),
    ],
)
@verbs
def test_cli_wait_several_jobs_exits_with_the_highest_code(
    operation: Operation, ends: list[str | None], code: int, verb: str, replay: Replay, shell: Shell
) -> None:
    for number, end in enumerate(ends):
        if end is not None:
            states = ["running", end]
            replay.add_job(operation.service, f"job-{number}", states=states, polls=number + 1, reason="so it is")
    ids = [f"job-{number}" for number in range(len(ends))]
    arguments = [*wait_arguments(operation, ids[0]), *ids[1:]]
    ran = shell(verb, operation.service, *arguments, "-o", "jsonl")
    assert ran.code == code
    last = {each["id"]: each["state"] for each in ran.lines}
    assert last == {job_id: end for job_id, end in zip(ids, ends, strict=True) if end is not None}
    assert len(ran.lines) == (len(last) if verb == "wait" else 2 * len(last))
    assert ("job-2" in ran.err) == (None in ends)


@verbs
def test_cli_wait_several_jobs_json_is_a_list_in_order(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "b", states=["running", "failed"], reason="no quota left")
    replay.add_job("cce", "a", states=["running", "succeeded"], polls=3)
    replay.add_job("cce", "late", states=["running"])
    found = shell(verb, "cce", "a", "never", "late", "b", "a", "-o", "json", "--timeout", "5m")
    assert (found.code, len(found.err.splitlines())) == (5, 2)
    assert [(each["id"], each.get("state"), "error" in each) for each in found.data] == [
        ("a", "succeeded", False),
        ("never", None, True),
        ("late", "running", True),
        ("b", "failed", False),
    ]
    assert found.data[2]["error"] == "cce.get_job: the timeout of 300 s expired: job 'late' is running"


@verbs
def test_cli_wait_several_jobs_print_lines_of_each(verb: str, replay: Replay, shell: Shell) -> None:
    for name in "ab":
        replay.add_job("cce", name, states=["running", "succeeded"], children=0)
    out = shell(verb, "cce", "a", "b").out
    ends = [("succeeded", "a"), ("succeeded", "b")]
    running = [("running", "a"), ("running", "b")]
    found = [(state, "a" if "a" in rest else "b") for state, *rest in map(str.split, out.splitlines())]
    assert sorted(found) == sorted(ends if verb == "wait" else [*running, *ends])


def test_cli_wait_refused_credentials_end_the_wait_with_one_line(replay: Replay, shell: Shell) -> None:
    replay.fault_next(code=401, times=100)
    ran = shell("wait", "cce", "a", "b", "c")
    assert (ran.code, ran.out, len(replay.requests)) == (6, "", 1)
    assert "returned status 401" in ran.complaint


def test_cli_watch_in_pipe_prints_every_failed_child(replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["failed"], children=60, reason="why " * 400)
    lines = shell("watch", "cce", "a").out.splitlines()
    assert len(lines) == 61
    assert all(line.count("why") == 400 for line in lines)


FAILURES: dict[str, tuple[int, dict[str, Any]]] = {
    "returned status 500": (4, {"code": 500}),
    "returned status 400": (4, {"code": 400}),
    "returned status 401": (6, {"code": 401}),
    "returned status 403": (6, {"code": 403}),
    "returned status 404": (5, {"code": 404}),
    "returned status 429": (4, {"code": 429, "retry_after": 1}),
    "got no response": (7, {"reset": True}),
    "cannot be parsed": (4, {"invalid_json": True}),
}


@pytest.mark.parametrize("said", FAILURES)
def test_cli_get_service_error_has_its_exit_code_and_one_line(said: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "x")
    code, fault = FAILURES[said]
    replay.fault_next(times=10, **fault)
    ran = shell("get", "cce", "x")
    assert (ran.code, ran.out) == (code, "")
    assert ran.complaint.startswith("cloudjobs: cce.get_job ")
    assert said in ran.complaint


def test_cli_get_unreachable_service_exits_7_with_one_line(shell: Shell) -> None:
    ran = shell("get", "cce", "x", "--base-url", "http://127.0.0.1:9", "--max-retries", "0")
    assert (ran.code, ran.out) == (7, "")
    assert "cce.get_job got no response" in ran.complaint


def test_cli_get_max_retries_limits_requests(replay: Replay, shell: Shell) -> None:
    replay.fault_next(times=8, code=503)
    for retries, requests in ((0, 1), (1, 2), (4, 5)):
        replay.requests.clear()
        assert shell("get", "cce", "x", "--max-retries", str(retries)).code == 4
        assert len(replay.requests) == requests


def test_cli_watch_deviation_warns_once_on_stderr(replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["pending", "running", "running", "succeeded"])
    replay.fault_next(times=3, undocumented_field=True)
    ran = shell("watch", "cce", "a")
    assert ran.code == 0
    assert [
        line for line in ran.err.splitlines() if line.startswith("warning: cce.get_job: response deviates at")
    ] == ran.err.splitlines()
    assert len(ran.err.splitlines()) == 1
    assert "warning" not in ran.out


@pytest.mark.parametrize("verb", ["get", *VERBS])
def test_cli_strict_deviation_exits_4(verb: str, replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", "a", states=["succeeded"])
    replay.fault_next(times=10, undocumented_field=True)
    ran = shell(verb, "cce", "a", "--strict")
    assert (ran.code, ran.out) == (4, "")
    assert "deviates from its document" in ran.err.splitlines()[-1]


def test_cli_watch_unknown_state_is_printed_and_not_final(replay: Replay, shell: Shell) -> None:
    replay.add_job("ief", "a", states=["running", "succeeded"])
    replay.fault_next(new_value=True, after=1)
    ran = shell("watch", "ief", "a", "-o", "jsonl")
    assert [each["state"] for each in ran.lines][-1] == "succeeded"
    assert "unknown" in [each["state"] for each in ran.lines]
    assert ran.code == 0
    assert "which the document does not list" in ran.err


def test_cli_verbose_logs_requests_without_secrets(replay: Replay, shell: Shell) -> None:
    replay.fail_next(503)
    ran = shell("list", "ges", "movie", "--verbose")
    requests = [line for line in ran.err.splitlines() if line.startswith("info: ges.list_jobs: GET /ges/")]
    assert [re.findall(r": status (\d+) in .* s, attempt (\d)", line) for line in requests] == [
        [("503", "1")],
        [("200", "2")],
        [("200", "1")],
    ]
    assert any("retry 1 of 2" in line for line in ran.err.splitlines())
    assert SECRET not in ran.out + ran.err
    assert shell("list", "ges", "movie").err == ""
