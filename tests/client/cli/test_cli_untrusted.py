"""Text of a service is escaped before it reaches a terminal, and no secret reaches any output."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest

from cloudjobs import JobSnapshot
from cloudjobs._json import as_json
from cloudjobs.cce import models
from cloudjobs.cli._console import plain
from cloudjobs.cli._output import Tree
from cloudjobs.testing import Replay

from ..transports import reply, serving
from .jobs import job, responses_in_sequence
from .shells import SECRET, Shell, shell_for_url

pytestmark = pytest.mark.sampled(3)

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
    """Return whether a terminal only prints it: each line has one kind of special characters."""
    lines = [line[:-1] for line in _LINE.findall(shown)]
    return "".join(f"{line}\n" for line in lines) == shown and all(
        unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for line in lines for character in line
    )


@every_text
@pytest.mark.parametrize("verb", ["get", "wait", "watch"])
@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_cli_job_with_control_characters_prints_safely(text: str, verb: str, output: str, replay: Replay) -> None:
    # The ID of another job ends no wait.
    said = job(
        text if verb == "get" else "x", "Failed", job(text, "Failed", kind=text, reason=text), kind=text, reason=text
    )
    said["status"][text] = text
    with serving(responses_in_sequence([said])) as server:
        ran = shell_for_url(server.url)(verb, "cce", "x", "--output", output, "--show", "spec.type")
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
def test_cli_rows_with_control_characters_print_safely(text: str, output: str, replay: Replay) -> None:
    body = {"jobs": [{"jobId": text, "status": text, "failReason": text, "taskType": text}], "jobCount": 1}
    with serving(lambda path: reply("200 OK", json.dumps(body).encode())) as server:
        shell = shell_for_url(server.url)
        listed = shell("list", "ges", "movie", "--output", output, "--show", "taskType")
        counted = shell("list", "ges", "movie", "--output", output, "--count-by", "failReason")
    assert (listed.code, counted.code) == (0, 0)
    assert harmless((listed.out + counted.out).replace("\t", " "))
    assert len(counted.out.splitlines()) == (3 if output == "json" else 1)
    assert output != "table" or listed.out.count("\t") == 6


@every_text
def test_cli_error_with_control_characters_prints_safely(text: str, replay: Replay) -> None:
    body = json.dumps({"errorCode": text, "errorMessage": text}).encode()
    with serving(lambda path: reply("403 No", body)) as server:
        ran = shell_for_url(server.url)("get", "cce", "x")
    assert ran.code == 6
    assert harmless(ran.err)
    assert ran.complaint.startswith("cloudjobs: cce.get_job returned status 403: ")


@every_text
def test_cli_deviation_with_control_characters_prints_safely(text: str, replay: Replay) -> None:
    with serving(responses_in_sequence([{**job("x", "Success"), text: text, "kind": text}])) as server:
        ran = shell_for_url(server.url)("get", "cce", "x", "--verbose")
    assert "response deviates at /kind" in ran.err
    assert harmless(ran.err)


@every_text
def test_cli_argument_with_control_characters_prints_safely(text: str, replay: Replay) -> None:
    with serving(responses_in_sequence([job("x")])) as server:
        shell = shell_for_url(server.url)
        for arguments in (["get", text], ["list", "ges", "g", "--where", text], [text]):
            assert harmless(shell(*arguments).err)


@every_text
def test_tree_with_control_characters_is_escaped(text: str) -> None:
    said = models.Job.from_dict(job(text, "Failed", job(text, "Failed", reason=text), kind=text, reason=text))
    for line in Tree(lambda: None, ["spec.type"]).lines(JobSnapshot.from_job(said), 80, 24):  # type: ignore[arg-type, return-value]
        assert harmless(f"{line.plain}\n")
        assert line.cell_len <= 80
        assert not any("link" in str(span.style) for span in line.spans)


def test_plain_harmless_string_is_unchanged() -> None:
    for text in ("plain", "größer", "作业失败", "a [b] c", "\\x1b", ""):
        assert plain(text) == text
        assert json.loads(as_json({text: [text]})) == {text: [text]}
        assert as_json(text) == f'"{text}"' or "\\" in text


def test_plain_long_string_is_truncated() -> None:
    assert len(plain("x" * 1_000_000)) == 501


@pytest.mark.parametrize("verb", ["get", "wait", "watch"])
@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_cli_deeply_nested_job_prints_or_fails_in_one_line(verb: str, output: str, replay: Replay) -> None:
    body, inner = json.dumps(job("x", "Success", {})).split("{}")
    for depth in (150, 290, 2000):
        whole = (body * depth + "{}" + inner * depth).encode()
        with serving(lambda path: reply("200 OK", whole)) as server:  # noqa: B023 - the body of the moment
            ran = shell_for_url(server.url)(verb, "cce", "x", "--output", output, "--max-retries", "0")
        assert ran.code in (0, 4)
        assert bool(ran.out) == (ran.code == 0)
        assert not ran.err or "nested" in ran.complaint


# Secrets


def response_quoting_secret(status: str) -> bytes:
    said = {
        "errorCode": SECRET,
        "errorMessage": f"no access for {SECRET}",
        "kind": SECRET,
        "jobs": [{"jobId": "a", "failReason": f"it was {SECRET}"}],
    }
    return reply(status, json.dumps(said).encode(), f"X-Auth-Token: {SECRET}", f"X-Request-Id: {SECRET}")


@pytest.mark.parametrize("status", [f"403 {SECRET}", f"503 {SECRET}", f"401 {SECRET}", f"302 {SECRET}"])
@pytest.mark.parametrize("command", [["get", "cce", "x"], ["watch", "cce", "x"], ["list", "ges", "g"]])
def test_cli_status_error_quoting_secret_hides_it(status: str, command: list[str], replay: Replay) -> None:
    with serving(lambda path: response_quoting_secret(status)) as server:
        for options in ([], ["--verbose"], ["--output", "json", "--verbose"]):
            ran = shell_for_url(server.url)(*command, *options)
            assert ran.code == (6 if status.startswith("4") else 4)
            assert SECRET not in ran.out + ran.err
        assert server.headers[-1]["X-Auth-Token"] == SECRET


def test_cli_deviation_holding_secret_hides_it(replay: Replay) -> None:
    with serving(responses_in_sequence([{**job("x", "Success"), "kind": SECRET, SECRET: SECRET}])) as server:
        ran = shell_for_url(server.url)("watch", "cce", "x", "--verbose")
    assert "response deviates at /kind" in ran.err
    assert SECRET not in ran.out + ran.err


def test_cli_unsendable_token_error_hides_it(shell: Shell) -> None:
    for secret in (f"{SECRET}\n", f" {SECRET}", f"é{SECRET}"):
        ran = shell("get", "cce", "x", CLOUDJOBS_TOKEN=secret)
        assert ran.code == 2
        assert SECRET not in ran.complaint


def test_cli_base_url_with_password_is_rejected_unshown(shell: Shell) -> None:
    ran = shell("get", "cce", "x", "--base-url", f"https://user:{SECRET}@example.com")
    assert ran.code == 2
    assert SECRET not in ran.complaint
