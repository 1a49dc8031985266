"""`get` shows the response; `list` iterates over pages, filters and counts, and requests only the pages it needs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from cloudjobs import JobSnapshot
from cloudjobs.testing import Replay

from ..doc_examples import Operation, operation_of, operations, recordings
from ..transports import Server, assert_same_json
from .shells import Shell, names, wait_arguments

SUCCESSES = [
    pytest.param(operation, name, id=f"{operation.service}-{name}")
    for operation in operations()
    for name, recording in recordings(operation.service).items()
    if recording["operation"] == operation.id and recording["status"] == 200
]
LISTINGS = [operation for operation in operations() if "x-pagination" in operation.node]
listings = pytest.mark.parametrize("listing", LISTINGS, ids=lambda operation: operation.service)


def recorded(operation: Operation, name: str) -> tuple[list[str], Any]:
    """Return the arguments that get a recorded response, and its body."""
    recording = recordings(operation.service)[name]
    return names(operation, **recording["request"]["path"]), json.loads(recording["body"])


@pytest.mark.parametrize(("operation", "name"), SUCCESSES)
def test_cli_get_recorded_response_prints_same_json(operation: Operation, name: str, shell: Shell) -> None:
    arguments, body = recorded(operation, name)
    for output in ([], ["--output", "json"]):
        ran = shell("get", operation.service, *arguments, *output)
        assert (ran.code, ran.err) == (0, "")
        assert_same_json(ran.data, body)


@pytest.mark.parametrize(("operation", "name"), SUCCESSES)
def test_cli_get_table_prints_a_line_per_job(operation: Operation, name: str, shell: Shell) -> None:
    arguments, body = recorded(operation, name)
    ran = shell("get", operation.service, *arguments, "--output", "table")
    assert (ran.code, ran.err) == (0, "")
    model = operation.reply.from_dict(body)
    listed = operation.node.get("x-pagination", {}).get("items")
    for job in map(JobSnapshot.from_job, getattr(model, listed) if listed else [model]):
        (line,) = (line for line in ran.out.splitlines() if str(job.id) in line)
        assert str(job.state) in line
        assert (job.reason or "") in line


@pytest.mark.parametrize(("operation", "name"), SUCCESSES)
def test_cli_get_jsonl_prints_a_line_per_row_or_job(operation: Operation, name: str, shell: Shell) -> None:
    arguments, body = recorded(operation, name)
    listed = operation.node.get("x-pagination", {}).get("items")
    assert_same_json(
        shell("get", operation.service, *arguments, "-o", "jsonl").lines, body[listed] if listed else [body]
    )


@listings
def test_cli_get_listing_with_offset_and_limit_prints_page(listing: Operation, shell: Shell, replay: Replay) -> None:
    replay.add_rows(listing.service, 10)
    pages = listing.node["x-pagination"]
    page = shell("get", listing.service, "movie", f"--{pages['offset']}", "3", f"--{pages['limit']}", "4").data
    whole = shell("get", listing.service, "movie").data
    assert page[pages["items"]] == whole[pages["items"]][3:7]


@listings
@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_cli_list_without_limit_prints_rows_of_all_pages(
    listing: Operation, output: str, shell: Shell, replay: Replay, server: Server
) -> None:
    replay.add_rows(listing.service, 2500)
    ran = shell("list", listing.service, "movie", "--output", output)
    pages, requests = listing.node["x-pagination"], len(server.paths)
    whole = shell("get", listing.service, "movie").data[pages["items"]]
    assert (ran.data if output == "json" else ran.lines) == whole
    assert (len(whole), requests) == (2500, 4)


@listings
def test_cli_list_with_limit_requests_only_that_many_rows(
    listing: Operation, shell: Shell, replay: Replay, server: Server
) -> None:
    replay.add_rows(listing.service, 2500)
    assert len(shell("list", listing.service, "movie", "--limit", "7", "-o", "jsonl").lines) == 7
    (path,) = server.paths
    assert path.endswith(f"{listing.node['x-pagination']['limit']}=7")


def state_field_and_rows(listing: Operation) -> tuple[str, list[dict[str, Any]]]:
    """Return the wire name of the state field of a row, and the recorded rows."""
    items = listing.node["x-pagination"]["items"]
    body = next(json.loads(each["body"]) for each in recordings(listing.service).values() if each["status"] == 200)
    row = getattr(listing.reply.from_dict(body), items)[0]
    (wire,) = type(row).__job__.state
    return wire, body[items]


@listings
def test_cli_list_where_accepts_wire_and_python_names(listing: Operation, shell: Shell) -> None:
    wire, rows = state_field_and_rows(listing)
    for value in {row[wire] for row in rows}:
        found = shell("list", listing.service, "movie", "--where", f"{wire}={value}", "-o", "json").data
        assert found == [row for row in rows if row[wire] == value]
    row = rows[0]
    for name in ("jobId", "job_id"):
        assert shell("list", "ges", "movie", "--where", f"{name}={row['jobId']}", "-o", "json").data == [row]


def test_cli_list_where_boolean_or_empty_filters_rows(shell: Shell) -> None:
    rows = shell("list", "ges", "movie", "-o", "json").data
    stopping = shell("list", "ges", "movie", "--where", "canStop=false", "-o", "json").data
    assert stopping == [row for row in rows if row.get("canStop") is False] != []
    without = shell("list", "ges", "movie", "--where", "failReason=", "-o", "json").data
    assert without == [row for row in rows if not row.get("failReason")] != rows


def test_cli_list_where_given_twice_requires_both(shell: Shell) -> None:
    conditions = ("--where", "status=success", "--where", "taskType=ImportGraph")
    rows = shell("list", "ges", "movie", "-o", "json").data
    expected = [row for row in rows if (row["status"], row["taskType"]) == ("success", "ImportGraph")]
    assert shell("list", "ges", "movie", *conditions, "-o", "json").data == expected
    assert 0 < len(expected) < len([row for row in rows if row["status"] == "success"])


def test_cli_list_where_and_limit_requests_needed_pages(shell: Shell, replay: Replay, server: Server) -> None:
    replay.add_rows("ges", 2500)
    last = shell("get", "ges", "movie", "--offset", "2499").data["jobs"][0]["jobId"]
    server.paths.clear()
    found = shell("list", "ges", "movie", "--where", f"jobId={last}", "--limit", "1", "-o", "jsonl").lines
    assert [row["jobId"] for row in found] == [last]
    assert len(server.paths) == 3


@listings
def test_cli_list_count_by_field_prints_counts(listing: Operation, shell: Shell) -> None:
    wire, rows = state_field_and_rows(listing)
    counts = Counter(row[wire] for row in rows)
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    assert list(shell("list", "ges", "movie", "--count-by", wire, "-o", "json").data.items()) == ordered
    assert shell("list", "ges", "movie", "--count-by", wire, "-o", "jsonl").lines == [
        {"value": value, "count": count} for value, count in ordered
    ]
    assert shell("list", "ges", "movie", "--count-by", wire).out == "".join(
        f"{count}  {value}\n" for value, count in ordered
    )


def test_cli_list_in_pipe_prints_tab_separated_fields(shell: Shell) -> None:
    body = json.loads(recordings("ges")["list-jobs-page"]["body"])
    rows = [JobSnapshot.from_job(row) for row in operation_of("ges").reply.from_dict(body).jobs]
    lines = shell("list", "ges", "movie", "--show", "taskType").out.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [[row.id, str(row.state)] for row in rows]
    assert [line.split("\t")[5] for line in lines] == [row.job.task_type for row in rows]
    assert {len(line.split("\t")) for line in lines} == {7}


@pytest.mark.parametrize("where", ["nothing=1", "status", "=1", ""])
def test_cli_list_where_invalid_exits_2_without_request(where: str, shell: Shell, server: Server) -> None:
    ran = shell("list", "ges", "movie", "--where", where)
    assert (ran.code, ran.out, server.paths) == (2, "", [])
    assert ("must be one of" in ran.complaint) or ("must be FIELD=VALUE" in ran.complaint)


@pytest.mark.parametrize("option", ["--count-by", "--show"])
def test_cli_list_unknown_field_error_names_choices(option: str, shell: Shell, server: Server) -> None:
    ran = shell("list", "ges", "movie", option, "nothing")
    assert (ran.code, ran.out, server.paths) == (2, "", [])
    assert "a field must be one of jobId" in ran.complaint


def test_cli_list_empty_listing_succeeds(shell: Shell, replay: Replay) -> None:
    replay.add_rows("ges", 0)
    assert [shell("list", "ges", "movie", "-o", output).out for output in ("table", "json", "jsonl")] == [
        "",
        "[]\n",
        "",
    ]


# One job of a listing


LISTED = [each for each in operations() if "x-poll" in each.node and not each.node["x-poll"].get("argument")]


@pytest.mark.parametrize("operation", LISTED, ids=lambda operation: operation.service)
def test_cli_get_job_of_a_listing_shows_that_job(operation: Operation, replay: Replay, shell: Shell) -> None:
    replay.add_job(operation.service, "one", states=["failed"], reason="no quota left")
    replay.add_rows(operation.service, 2500)
    arguments = ["get", operation.service, *wait_arguments(operation, "one")]
    found = shell(*arguments)
    assert (found.code, found.err) == (0, "")
    assert "one" in found.data.values()
    assert shell(*arguments, "-o", "jsonl").lines == [found.data]
    assert shell(*arguments, "-o", "table").out.split()[:1] == ["failed"]
    assert "no quota left" in shell(*arguments, "-o", "table").out
    missing = shell(*arguments[:-1], "never")
    assert (missing.code, missing.out) == (5, "")
    assert "'never'" in missing.complaint
