"""On a terminal a job is a tree in one place, in a pipe it is lines; and however a program ends, it ends quietly."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudjobs.testing import Replay
from tests.contract.serving import serving as served

from ..transports import Server, reply, serving
from .jobs import job, responses_in_sequence
from .shells import serving_replay
from .terminal import PROGRAM, SECONDS, clean_environment, environment_for_url, is_plain_output, terminal

pytestmark = pytest.mark.sampled(3)

ROOT = Path(__file__).parents[3]
NESTED = [
    job("a", "Running", job("b", "Running", job("c"), job("d", "Initializing")), job("e", "Initializing")),
    job("a", "Running", job("b", "Running", job("c", "Success"), job("d")), job("e", "Initializing")),
    job(
        "a",
        "Failed",
        job("b", "Failed", job("c", "Success"), job("d", "Failed", reason="no quota is left")),
        job("e", "Initializing"),
        reason="a sub-job failed",
    ),
]
WATCH = ("watch", "cce", "a", "--poll-interval", "0.2")
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture
def nested() -> Iterator[Server]:
    """A job with sub-jobs of sub-jobs, which fails."""
    with serving(responses_in_sequence(NESTED)) as server:
        yield server


def run_in_pipe(*arguments: str, environment: dict[str, str], **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program with pipes for output."""
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment, capture_output=True, check=False, timeout=SECONDS, **options
    )


# The tree


def test_cli_watch_on_terminal_redraws_tree_in_place(nested: Server) -> None:
    with terminal(*WATCH, environment=environment_for_url(nested.url)) as shown:
        assert shown.end() == 1
        lines = shown.text.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["a", "failed", lines[0].split()[2]],
        ["│", "a", "sub-job"],
        ["├──", "b", "failed"],
        ["│", "├──", "c"],
        ["│", "└──", "d"],
        ["│", "no", "quota"],
        ["└──", "e", "pending"],
    ]
    # The states are in one column.
    states = (" failed  ", " succeeded  ", " pending  ")
    assert len({line.index(state) for line in lines for state in states if state in line}) == 1
    assert "1m 35s" in lines[0]
    assert shown.written.count(b"\x1b[?25l") == shown.written.count(b"\x1b[?25h") == 1  # the cursor is back
    assert b"\x1b[2K" in shown.written  # a line was written anew


def test_cli_watch_replay_server_job_follows_to_end(tmp_path: Path) -> None:
    script = tmp_path / "jobs.toml"
    script.write_text('[[job]]\nservice = "cce"\nid = "a"\nchildren = 2\n', encoding="utf-8")
    with (
        served(tmp_path, "cce", "--script", str(script)) as replayed,
        terminal(*WATCH, "--show", "spec.type", environment=environment_for_url(replayed.url)) as shown,
    ):
        assert shown.end() == 0
    assert [" succeeded " in line for line in shown.text.splitlines()] == [True] * 3
    assert b"running" in shown.written


def test_cli_watch_running_job_shows_progress_bar() -> None:
    parts = [job(f"p{number}", "Success" if number < 3 else "Running") for number in range(4)]
    with (
        serving(responses_in_sequence([job("a", "Running", *parts)])) as server,
        terminal(*WATCH, environment=environment_for_url(server.url)) as shown,
    ):
        line = shown.until("p3").splitlines()[0]
    assert " running    ━━━━━━━───  75%" in line


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (60, 10), (40, 24), (132, 50), (20, 6)])
def test_cli_watch_thousands_of_children_fit_failures_first(columns: int, rows: int) -> None:
    phases = {7: "Failed", 4000: "Failed"}
    parts = [
        job(f"part-{number}", phases.get(number, "Running"), reason="oh" * (number in phases)) for number in range(5000)
    ]
    with (
        serving(responses_in_sequence([job("a", "Running", *parts)])) as server,
        terminal(*WATCH, environment=environment_for_url(server.url), columns=columns, rows=rows) as shown,
    ):
        text = shown.until("more: ")
        lines = text.splitlines()
        written = shown.written
    assert len(lines) <= rows
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("a ")
    if rows >= 10:
        assert "part-7" in lines[1]
        assert "part-4000" in text
        assert lines[2].endswith("oh")
    assert "more: " in lines[-1]
    assert written.count(b"\n") < rows  # it does not scroll


def test_cli_watch_deviation_warning_is_above_tree() -> None:
    departing = job("a", "Running", job("b"))
    departing["kind"] = "Other"
    with (
        serving(responses_in_sequence([job("a", "Running"), departing, job("a", "Success")])) as server,
        terminal(*WATCH, environment=environment_for_url(server.url)) as shown,
    ):
        assert shown.end() == 0
        first, second = (line for line in shown.text.splitlines() if line)
    assert first.startswith("warning: cce.get_job: response deviates at /kind")
    assert second.startswith("a   ")


def test_cli_wait_on_terminal_draws_tree_once_at_end(nested: Server) -> None:
    with terminal("wait", *WATCH[1:], environment=environment_for_url(nested.url)) as shown:
        assert shown.end() == 1
    # One line until the end.
    assert shown.written.count(b"pending") == 1
    assert b"waiting: 1 running" in shown.written
    assert shown.text.splitlines()[0].startswith("a ")
    assert "no quota is left" in shown.text
    assert "waiting" not in shown.text


def test_cli_list_on_terminal_aligns_columns() -> None:
    rows = [{"jobId": f"job-{number}", "status": "failed", "failReason": "why " * 50} for number in range(3)]
    body = b'{"jobs": ' + str(rows).replace("'", '"').encode() + b', "jobCount": 3}'
    with (
        serving(lambda path: reply("200 OK", body if "offset=0" in path else b'{"jobs": []}')) as server,
        terminal(
            "list", "ges", "movie", environment=environment_for_url(server.url, CLOUDJOBS_GES_URL=server.url)
        ) as shown,
    ):
        assert shown.end() == 0
    heading, *lines = shown.text.splitlines()
    assert heading.split() == ["id", "state", "done", "started", "took", "reason"]
    assert len(lines) == 3
    assert {line.index("failed") for line in lines} == {heading.index("state")}
    assert all(line.endswith("…") and len(line) == 80 for line in lines)


# The status line


def test_cli_watch_status_says_since_when_nothing_answers() -> None:
    good, gate = json.dumps(job("a", "Running")).encode(), threading.Event()

    def answer(path: str) -> bytes:
        if len(server.paths) == 1 or gate.is_set():
            return reply("200 OK", good if not gate.is_set() else json.dumps(job("a", "Success")).encode())
        return b""  # the connection is closed without a response

    with (
        serving(answer) as server,
        terminal(*WATCH[:-1], "2", environment=environment_for_url(server.url), columns=50, rows=12) as shown,
    ):
        lines = shown.until(lambda text: "no response since " in text and text.endswith(")")).splitlines()
        gate.set()
        assert shown.end() == 0
    assert lines[0].startswith("a ")
    status = " ".join(" ".join(lines[1:]).split())
    assert re.search(r"^no response since \d\d:\d\d:\d\dZ \(\d+s\), next try in \d+s: ", status)
    assert "cce.get_job got no response (" in status
    assert max(map(len, lines)) <= 50
    assert "no response" not in shown.text


@pytest.mark.parametrize("verb", ["wait", "watch"])
def test_cli_wait_status_says_that_the_first_response_is_awaited(verb: str) -> None:
    gate = threading.Event()

    def answer(path: str) -> bytes:
        gate.wait(SECONDS)
        return reply("200 OK", json.dumps(job("a", "Success")).encode())

    with (
        serving(answer) as server,
        terminal(verb, *WATCH[1:], environment=environment_for_url(server.url)) as shown,
    ):
        shown.until("waiting: no response yet")
        shown.until(lambda text: re.search(r"^no response since \S+Z \([3-9]s\), trying now$", text))
        gate.set()
        assert shown.end() == 0


def test_cli_watch_in_pipe_says_once_per_poll_that_nothing_answers() -> None:
    good = json.dumps(job("a", "Success")).encode()
    with serving(lambda path: b"" if len(server.paths) < 3 else reply("200 OK", good)) as server:
        ran = run_in_pipe(*WATCH, environment=environment_for_url(server.url))
    assert ran.returncode == 0
    lines = ran.stderr.decode().splitlines()
    assert len(lines) == 2
    assert all(re.search(r"^cloudjobs: no response since \S+Z \(\d+s\), next try in \d+s: cce", line) for line in lines)


# Colours


@pytest.mark.parametrize(
    ("variables", "coloured", "moving"),
    [
        ({}, True, True),
        ({"NO_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, False, False),
    ],
    ids=str,
)
def test_cli_watch_terminal_settings_select_colour_and_motion(
    variables: dict[str, str], coloured: bool, moving: bool, nested: Server
) -> None:
    with terminal(*WATCH, environment=environment_for_url(nested.url, **variables)) as shown:
        assert shown.end() == 1
    colours = {code for code in COLOUR.findall(shown.written) if re.search(rb"[\[;](3[0-7]|9[0-7]|38)", code)}
    assert bool(colours) == coloured
    assert (b"\x1b[2K" in shown.written) == moving
    assert is_plain_output(shown.written) == (not coloured and not moving)


def test_cli_watch_in_pipe_prints_plain_lines(nested: Server) -> None:
    ran = run_in_pipe(*WATCH, environment=environment_for_url(nested.url))
    assert (ran.returncode, ran.stderr) == (1, b"")
    assert is_plain_output(ran.stdout)
    assert len(ran.stdout.splitlines()) > len(NESTED)


def test_cli_watch_in_pipe_force_color_adds_only_colours(nested: Server) -> None:
    ran = run_in_pipe(*WATCH, environment=environment_for_url(nested.url, FORCE_COLOR="1"))
    assert COLOUR.search(ran.stdout)
    assert is_plain_output(COLOUR.sub(b"", ran.stdout))


def test_cli_watch_on_ascii_terminal_uses_ascii_glyphs() -> None:
    said = job("ä", "Failed", job("作业", "Failed"))
    watch = [*WATCH[:2], "ä", *WATCH[3:]]
    with (
        serving(responses_in_sequence([said])) as server,
        terminal(
            *watch, environment=environment_for_url(server.url, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        ) as shown,
    ):
        assert shown.end() == 1
    assert shown.written.isascii()
    assert "`-- \\u4f5c\\u4e1a" in shown.text


# How it ends


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_cli_watch_interrupted_restores_terminal(number: int, code: int) -> None:
    watch = (*WATCH[:-1], "30")
    with (
        serving(responses_in_sequence([job("a")])) as server,
        terminal(*watch, environment=environment_for_url(server.url)) as shown,
    ):
        shown.until("running")
        time.sleep(0.3)  # not in the middle of drawing: it may then leave the line twice
        shown.process.send_signal(number)
        assert shown.end() == code
    assert "Traceback" not in shown.text
    assert b"\x1b[?25h" in shown.written  # the cursor is back
    assert shown.text.splitlines()[1:] == ["cloudjobs: interrupted"] * (number == signal.SIGINT)


@pytest.mark.parametrize("command", [WATCH, ("wait", *WATCH[1:])])
def test_cli_wait_interrupted_in_pipe_prints_one_line(command: tuple[str, ...]) -> None:
    with (
        serving(responses_in_sequence([job("a")])) as server,
        subprocess.Popen(
            [*PROGRAM, *command], env=environment_for_url(server.url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        while len(server.paths) < 2:
            pass
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, b"cloudjobs: interrupted\n")


def test_interrupt_test_with_sigint_ignored_passes(tmp_path: Path) -> None:
    # As `nohup make test &` in a script: a child of a process that ignores SIGINT ignores it too.
    test = f"{__file__}::{test_cli_wait_interrupted_in_pipe_prints_one_line.__name__}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    with (tmp_path / "out").open("wb") as out:
        ended = subprocess.run(
            ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *command],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            check=False,
            timeout=SECONDS,
        )
    assert ended.returncode == 0, (tmp_path / "out").read_text()


def test_cli_list_reader_closes_pipe_exits_141_silently() -> None:
    replay = Replay("ges")
    replay.add_rows("ges", 2000)
    with serving_replay(replay) as server:
        environment = environment_for_url(server.url, CLOUDJOBS_GES_URL=server.url)
        for options in (["-o", "table"], ["-o", "jsonl"], ["-o", "json"], ["--count-by", "jobId"]):
            with subprocess.Popen(
                [*PROGRAM, "list", "ges", "movie", *options],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as process:
                assert process.stdout is not None
                assert process.stderr is not None
                process.stdout.read(10)
                process.stdout.close()
                assert process.stderr.read() == b""
                assert process.wait(SECONDS) == 141, options


@pytest.mark.parametrize("output", ["table", "jsonl"])
def test_cli_list_many_pages_streams_rows(output: str) -> None:
    replay = Replay("ges")
    replay.add_rows("ges", 5000)
    with (
        serving_replay(replay) as server,
        subprocess.Popen(
            [*PROGRAM, "list", "ges", "movie", "-o", output],
            env=environment_for_url(server.url, CLOUDJOBS_GES_URL=server.url),
            stdout=subprocess.PIPE,
            bufsize=0,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.read(10)
        process.stdout.close()
        assert process.wait(SECONDS) == 141
        assert len(server.paths) < 5


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that can close a stream")
def test_cli_watch_closed_stdout_keeps_exit_code() -> None:
    with serving(responses_in_sequence([job("a", "Failed")])) as server:
        ran = subprocess.run(
            ["sh", "-c", '"$@" >&-', "sh", *PROGRAM, *WATCH],
            env=environment_for_url(server.url),
            capture_output=True,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (1, b"")


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that can close a stream")
def test_cli_error_closed_stderr_leaves_stdout_empty() -> None:
    closed = ["sh", "-c", '"$@" 2>&-', "sh"]
    ran = subprocess.run(
        [*closed, *PROGRAM, "get", "nothing"], env=clean_environment(), stdout=subprocess.PIPE, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_cli_watch_full_device_prints_one_error_line() -> None:
    with serving(responses_in_sequence([job("a", "Success")])) as server, Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*PROGRAM, *WATCH], env=environment_for_url(server.url), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == 2
    assert ran.stderr == f"cloudjobs: the output cannot be written: {os.strerror(28)}\n".encode()
