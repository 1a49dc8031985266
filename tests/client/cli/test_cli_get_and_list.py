"""`get` shows what the service gives; `list` goes through pages, chooses and counts, and asks for what it needs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from cloudjobs import JobSnapshot
from cloudjobs.testing import Replay

from ..documented import Operation, operation_of, operations, recordings
from ..wire import Server, assert_same_json
from .shells import Shell, names

SUCCESSES = [
    pytest.param(operation, name, id=f"{operation.service}-{name}")
    for operation in operations()
    for name, recording in recordings(operation.service).items()
    if recording["operation"] == operation.id and recording["status"] == 200
]
LISTINGS = [operation for operation in operations() if "x-pagination" in operation.node]
listings = pytest.mark.parametrize("listing", LISTINGS, ids=lambda operation: operation.service)


def recorded(operation: Operation, name: str) -> tuple[list[str], Any]:
    """The arguments that get a recorded reply, and its body."""
    recording = recordings(operation.service)[name]
    return names(operation, **recording["request"]["path"]), json.loads(recording["body"])


@pytest.mark.parametrize(("operation", "name"), SUCCESSES)
def test_get_shows_a_recorded_reply_as_the_service_gave_it(operation: Operation, name: str, shell: Shell) -> None:
    arguments, body = recorded(operation, name)
    for output in ([], ["--output", "json"]):
        ran = shell("get", operation.service, *arguments, *output)
        assert (ran.code, ran.err) == (0, "")
        assert_same_json(ran.data, body)


@pytest.mark.parametrize(("operation", "name"), SUCCESSES)
def test_get_shows_each_job_of_a_reply_in_lines(operation: Operation, name: str, shell: Shell) -> None:
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
def test_get_gives_a_line_of_json_for_each_row_or_one_for_the_job(
    operation: Operation, name: str, shell: Shell
) -> None:
    arguments, body = recorded(operation, name)
    listed = operation.node.get("x-pagination", {}).get("items")
    assert_same_json(
        shell("get", operation.service, *arguments, "-o", "jsonl").lines, body[listed] if listed else [body]
    )


@listings
def test_get_of_a_listing_takes_the_parameters_of_its_page(listing: Operation, shell: Shell, replay: Replay) -> None:
    replay.add_rows(listing.service, 10)
    pages = listing.node["x-pagination"]
    page = shell("get", listing.service, "movie", f"--{pages['offset']}", "3", f"--{pages['limit']}", "4").data
    whole = shell("get", listing.service, "movie").data
    assert page[pages["items"]] == whole[pages["items"]][3:7]


@listings
@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_list_gives_the_rows_of_all_pages(
    listing: Operation, output: str, shell: Shell, replay: Replay, server: Server
) -> None:
    replay.add_rows(listing.service, 2500)
    ran = shell("list", listing.service, "movie", "--output", output)
    pages, requests = listing.node["x-pagination"], len(server.paths)
    whole = shell("get", listing.service, "movie").data[pages["items"]]
    assert (ran.data if output == "json" else ran.lines) == whole
    assert (len(whole), requests) == (2500, 3)


@listings
def test_list_asks_for_no_more_rows_than_its_limit(
    listing: Operation, shell: Shell, replay: Replay, server: Server
) -> None:
    replay.add_rows(listing.service, 2500)
    assert len(shell("list", listing.service, "movie", "--limit", "7", "-o", "jsonl").lines) == 7
    (path,) = server.paths
    assert path.endswith(f"{listing.node['x-pagination']['limit']}=7")


def told_by(listing: Operation) -> tuple[str, list[dict[str, Any]]]:
    """The wire name of the field that tells a row's state, and the recorded rows."""
    items = listing.node["x-pagination"]["items"]
    body = next(json.loads(each["body"]) for each in recordings(listing.service).values() if each["status"] == 200)
    row = getattr(listing.reply.from_dict(body), items)[0]
    (wire,) = type(row).__job__.state
    return wire, body[items]


@listings
def test_list_chooses_rows_by_wire_and_by_python_name(listing: Operation, shell: Shell) -> None:
    wire, rows = told_by(listing)
    for value in {row[wire] for row in rows}:
        found = shell("list", listing.service, "movie", "--where", f"{wire}={value}", "-o", "json").data
        assert found == [row for row in rows if row[wire] == value]
    row = rows[0]
    for name in ("jobId", "job_id"):
        assert shell("list", "ges", "movie", "--where", f"{name}={row['jobId']}", "-o", "json").data == [row]


def test_list_chooses_rows_by_what_is_no_text(shell: Shell) -> None:
    rows = shell("list", "ges", "movie", "-o", "json").data
    stopping = shell("list", "ges", "movie", "--where", "canStop=false", "-o", "json").data
    assert stopping == [row for row in rows if row.get("canStop") is False] != []
    without = shell("list", "ges", "movie", "--where", "failReason=", "-o", "json").data
    assert without == [row for row in rows if not row.get("failReason")] != rows


def test_all_conditions_must_hold(shell: Shell) -> None:
    conditions = ("--where", "status=success", "--where", "taskType=ImportGraph")
    rows = shell("list", "ges", "movie", "-o", "json").data
    expected = [row for row in rows if (row["status"], row["taskType"]) == ("success", "ImportGraph")]
    assert shell("list", "ges", "movie", *conditions, "-o", "json").data == expected
    assert 0 < len(expected) < len([row for row in rows if row["status"] == "success"])


def test_a_condition_and_a_limit_go_through_as_many_pages_as_they_need(
    shell: Shell, replay: Replay, server: Server
) -> None:
    replay.add_rows("ges", 2500)
    last = shell("get", "ges", "movie", "--offset", "2499").data["jobs"][0]["jobId"]
    server.paths.clear()
    found = shell("list", "ges", "movie", "--where", f"jobId={last}", "--limit", "1", "-o", "jsonl").lines
    assert [row["jobId"] for row in found] == [last]
    assert len(server.paths) == 3


@listings
def test_list_counts_by_a_field(listing: Operation, shell: Shell) -> None:
    wire, rows = told_by(listing)
    counts = Counter(row[wire] for row in rows)
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    assert list(shell("list", "ges", "movie", "--count-by", wire, "-o", "json").data.items()) == ordered
    assert shell("list", "ges", "movie", "--count-by", wire, "-o", "jsonl").lines == [
        {"value": value, "count": count} for value, count in ordered
    ]
    assert shell("list", "ges", "movie", "--count-by", wire).out == "".join(
        f"{count}  {value}\n" for value, count in ordered
    )


def test_rows_in_a_pipe_are_fields_between_tabs(shell: Shell) -> None:
    body = json.loads(recordings("ges")["list-jobs-page"]["body"])
    rows = [JobSnapshot.from_job(row) for row in operation_of("ges").reply.from_dict(body).jobs]
    lines = shell("list", "ges", "movie", "--show", "taskType").out.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [[row.id, str(row.state)] for row in rows]
    assert [line.split("\t")[5] for line in lines] == [row.job.task_type for row in rows]
    assert {len(line.split("\t")) for line in lines} == {7}


@pytest.mark.parametrize("where", ["nothing=1", "status", "=1", ""])
def test_a_condition_that_cannot_be_is_refused_before_anything_is_asked(
    where: str, shell: Shell, server: Server
) -> None:
    ran = shell("list", "ges", "movie", "--where", where)
    assert (ran.code, ran.out, server.paths) == (2, "", [])
    assert ("choose among" in ran.complaint) or ("write field=value" in ran.complaint)


@pytest.mark.parametrize("option", ["--count-by", "--show"])
def test_a_field_that_no_row_has_is_refused_with_the_choice(option: str, shell: Shell, server: Server) -> None:
    ran = shell("list", "ges", "movie", option, "nothing")
    assert (ran.code, ran.out, server.paths) == (2, "", [])
    assert "there is no field 'nothing': choose among jobId" in ran.complaint


def test_an_empty_listing_is_no_error(shell: Shell, replay: Replay) -> None:
    replay.add_rows("ges", 0)
    assert [shell("list", "ges", "movie", "-o", output).out for output in ("table", "json", "jsonl")] == [
        "",
        "[]\n",
        "",
    ]
