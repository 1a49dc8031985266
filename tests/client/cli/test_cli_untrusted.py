"""What a service says reaches no terminal raw, and no secret reaches any output."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest

from cloudjobs import JobSnapshot
from cloudjobs.cce import models
from cloudjobs.cli._console import as_json, plain
from cloudjobs.cli._output import Tree
from cloudjobs.testing import Replay

from ..wire import reply, serving
from .jobs import job, one_after_another
from .shells import SECRET, Shell, shell_of

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H",
    "8-bit control": "\x9b31m\x9d0;owned\x9c",
    "line break": "one\r\ntwo\nthree\x0b\x0c\x85",
    "backspace": "abc\x08\x08\x08\x7f",
    "nul": "a\x00b",
    "direction": "abc\u202egnp.exe\u2066x\u2069\u200f",
    "invisible": "pass\u200bword\ufeff\u00ad\u2060",
    "separators": "a\u2028b\u2029c",
    "surrogate": "a\ud83d",
    "markup": "[red]not red[/red] :smile: [link=http://x]y[/link]",
    "tab": "a\tb",
}
every_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
_LINE = re.compile(r"[^\n]*\n")


def harmless(shown: str) -> bool:
    """Whether a terminal only prints it: each line is characters with a form of their own."""
    lines = [line[:-1] for line in _LINE.findall(shown)]
    return "".join(f"{line}\n" for line in lines) == shown and all(
        unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for line in lines for character in line
    )


@every_text
@pytest.mark.parametrize("verb", ["get", "wait", "watch"])
@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_a_job_that_says_it_is_shown_harmlessly(text: str, verb: str, output: str, replay: Replay) -> None:
    # The ID of another job ends no wait.
    said = job(
        text if verb == "get" else "x", "Failed", job(text, "Failed", kind=text, reason=text), kind=text, reason=text
    )
    said["status"][text] = text
    with serving(one_after_another([said])) as server:
        ran = shell_of(server.url)(verb, "cce", "x", "--output", output, "--show", "spec.type")
    assert ran.code == (0 if verb == "get" else 1)
    assert harmless(ran.out)
    assert harmless(ran.err)
    if output == "jsonl" and verb == "get":
        assert ran.lines == [said]
    if output == "table":
        # Each line is one of the job or of its part: none was forged.
        assert len(ran.out.splitlines()) == 2
        assert all(line.startswith("failed ") for line in ran.out.splitlines())


@every_text
@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_a_row_that_says_it_is_shown_harmlessly(text: str, output: str, replay: Replay) -> None:
    body = {"jobs": [{"jobId": text, "status": text, "failReason": text, "taskType": text}], "jobCount": 1}
    with serving(lambda path: reply("200 OK", json.dumps(body).encode())) as server:
        shell = shell_of(server.url)
        listed = shell("list", "ges", "movie", "--output", output, "--show", "taskType")
        counted = shell("list", "ges", "movie", "--output", output, "--count-by", "failReason")
    assert (listed.code, counted.code) == (0, 0)
    assert harmless((listed.out + counted.out).replace("\t", " "))
    assert len(counted.out.splitlines()) == (3 if output == "json" else 1)
    assert output != "table" or listed.out.count("\t") == 6


@every_text
def test_an_error_that_says_it_is_shown_harmlessly(text: str, replay: Replay) -> None:
    body = json.dumps({"errorCode": text, "errorMessage": text}).encode()
    with serving(lambda path: reply("403 No", body)) as server:
        ran = shell_of(server.url)("get", "cce", "x")
    assert ran.code == 4
    assert harmless(ran.err)
    assert ran.complaint.startswith("cloudjobs: cce.getJob was answered with 403: ")


@every_text
def test_a_departure_that_says_it_is_shown_harmlessly(text: str, replay: Replay) -> None:
    with serving(one_after_another([{**job("x", "Success"), text: text, "kind": text}])) as server:
        ran = shell_of(server.url)("get", "cce", "x", "--verbose")
    assert "response deviates at /kind" in ran.err
    assert harmless(ran.err)


@every_text
def test_an_argument_that_says_it_is_shown_harmlessly(text: str, replay: Replay) -> None:
    with serving(one_after_another([job("x")])) as server:
        shell = shell_of(server.url)
        for arguments in (["get", text], ["list", "ges", "g", "--where", text], [text]):
            assert harmless(shell(*arguments).err)


@every_text
def test_the_tree_shows_it_as_text(text: str) -> None:
    said = models.Job.from_dict(job(text, "Failed", job(text, "Failed", reason=text), kind=text, reason=text))
    for line in Tree(lambda: None, ["spec.type"]).lines(JobSnapshot.from_job(said), 80, 24):  # type: ignore[arg-type, return-value]
        assert harmless(f"{line.plain}\n")
        assert line.cell_len <= 80
        assert not any("link" in str(span.style) for span in line.spans)


def test_text_stays_as_it_is_where_it_is_harmless() -> None:
    for text in ("plain", "größer", "作业失败", "a [b] c", "\\x1b", ""):
        assert plain(text) == text
        assert json.loads(as_json({text: [text]})) == {text: [text]}
        assert as_json(text) == f'"{text}"' or "\\" in text


def test_a_long_text_is_cut() -> None:
    assert len(plain("x" * 1_000_000)) == 501


@pytest.mark.parametrize("verb", ["get", "wait", "watch"])
@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_a_job_that_is_nested_without_end_is_shown_or_refused_in_one_line(
    verb: str, output: str, replay: Replay
) -> None:
    body, inner = json.dumps(job("x", "Success", {})).split("{}")
    for depth in (150, 290, 2000):
        whole = (body * depth + "{}" + inner * depth).encode()
        with serving(lambda path: reply("200 OK", whole)) as server:  # noqa: B023 - the body of the moment
            ran = shell_of(server.url)(verb, "cce", "x", "--output", output, "--max-retries", "0")
        assert ran.code in (0, 4)
        assert bool(ran.out) == (ran.code == 0)
        assert not ran.err or "nested" in ran.complaint


# Secrets


def quoting(status: str) -> bytes:
    said = {
        "errorCode": SECRET,
        "errorMessage": f"no access for {SECRET}",
        "kind": SECRET,
        "jobs": [{"jobId": "a", "failReason": f"it was {SECRET}"}],
    }
    return reply(status, json.dumps(said).encode(), f"X-Auth-Token: {SECRET}", f"X-Request-Id: {SECRET}")


@pytest.mark.parametrize("status", [f"403 {SECRET}", f"503 {SECRET}", f"401 {SECRET}", f"302 {SECRET}"])
@pytest.mark.parametrize("command", [["get", "cce", "x"], ["watch", "cce", "x"], ["list", "ges", "g"]])
def test_a_secret_that_a_failure_quotes_is_in_no_output(status: str, command: list[str], replay: Replay) -> None:
    with serving(lambda path: quoting(status)) as server:
        for options in ([], ["--verbose"], ["--output", "json", "--verbose"]):
            ran = shell_of(server.url)(*command, *options)
            assert ran.code == 4
            assert SECRET not in ran.out + ran.err
        assert server.headers[-1]["X-Auth-Token"] == SECRET


def test_a_secret_that_departs_is_in_no_warning(replay: Replay) -> None:
    with serving(one_after_another([{**job("x", "Success"), "kind": SECRET, SECRET: SECRET}])) as server:
        ran = shell_of(server.url)("watch", "cce", "x", "--verbose")
    assert "response deviates at /kind" in ran.err
    assert SECRET not in ran.out + ran.err


def test_a_secret_in_the_environment_that_cannot_be_sent_is_not_shown(shell: Shell) -> None:
    for secret in (f"{SECRET}\n", f" {SECRET}", f"é{SECRET}"):
        ran = shell("get", "cce", "x", CLOUDJOBS_TOKEN=secret)
        assert ran.code == 2
        assert SECRET not in ran.complaint


def test_an_address_with_a_password_is_refused_without_showing_it(shell: Shell) -> None:
    ran = shell("get", "cce", "x", "--base-url", f"https://user:{SECRET}@example.com")
    assert ran.code == 2
    assert SECRET not in ran.complaint
