"""An invalid argument is one line and exit code 2, before anything is sent. Help and completion know the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

import cloudjobs
from cloudjobs._documents import ServiceSchemas
from cloudjobs.cli._app import program
from cloudjobs.cli._options import DURATION, OperationInfo, _type
from cloudjobs.testing import Replay

from ..doc_examples import Operation, operations, snake
from ..transports import Server
from .shells import SECRET, Shell, wait_arguments
from .terminal import PROGRAM, clean_environment

VERBS = {"get": "", "wait": "x-poll", "watch": "x-poll", "list": "x-pagination"}
COMMANDS = [
    pytest.param(verb, operation, id=f"{verb}-{operation.service}")
    for verb, needs in VERBS.items()
    for operation in operations()
    if not needs or needs in operation.node
]
commands = pytest.mark.parametrize(("verb", "operation"), COMMANDS)


def command(verb: str, service: str) -> click.Command:
    """Return a command of the program."""
    root = program()
    context = click.Context(root)
    group = root.get_command(context, verb)
    assert isinstance(group, click.Group)
    found = group.get_command(context, service)
    assert found is not None
    return found


def given(verb: str, operation: Operation) -> list[str]:
    """Return arguments that a command takes."""
    if VERBS[verb] == "x-poll":
        return wait_arguments(operation, "a-job")
    required = [each for each in operation.parameters if each.get("required") and not each.get("x-client-parameter")]
    return ["x"] * len(required)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"allOf": [{"type": "string"}, {"enum": ["a", "b"]}]}, click.Choice),
        ({"allOf": [{"minimum": 1}, {"$ref": "#/components/schemas/Count"}]}, click.types.IntParamType),
    ],
    ids=["enum", "type"],
)
def test_cli_parameter_with_all_of_has_its_type(schema: dict[str, object], expected: type) -> None:
    schemas = ServiceSchemas({"paths": {}, "components": {"schemas": {"Count": {"type": "integer"}}}})
    described = OperationInfo("cce", {"parameters": [{"name": "n", "in": "query", "schema": schema}]}, schemas)
    assert isinstance(_type(described.parameter("n")[1]), expected)


# Usage


USAGE = {
    "Missing argument 'JOB_ID…'; see cloudjobs watch cce --help": ["watch", "cce"],
    "Missing argument 'GRAPH_NAME'; see cloudjobs list ges --help": ["list", "ges"],
    "No such command 'look'; see cloudjobs --help": ["look"],
    "SERVICE must be one of cce, ges, ief, yuanrong, got 'nothing'; see cloudjobs get --help": ["get", "nothing"],
    "SERVICE must be one of cce, ges, ief, yuanrong, got '_client'": ["get", "_client", "x"],
    "SERVICE must be one of ges, got 'cce', which has no operation to list; see cloudjobs list --help": [
        "list",
        "cce",
        "x",
    ],
    "No such option '--token'": ["get", "cce", "x", "--token", SECRET],
    "No such option '--password'": ["get", "cce", "x", f"--password={SECRET}"],
    "Got unexpected extra argument (y)": ["get", "cce", "x", "y"],
    "Invalid value for '-o' / '--output': 'xml' is not one of": ["get", "cce", "x", "-o", "xml"],
    "Invalid value for '--timeout': must be a duration such as 30s, 5m or 1h, or seconds, got '-1'": [
        "wait",
        "cce",
        "x",
        "--timeout",
        "-1",
    ],
    "Invalid value for '--timeout': must be a duration such as 30s, 5m or 1h, or seconds, got 'nan'": [
        "wait",
        "cce",
        "x",
        "--timeout",
        "nan",
    ],
    "Invalid value for '--poll-interval': must be a duration such as 30s, 5m or 1h, or seconds, got 'inf'": [
        "wait",
        "cce",
        "x",
        "--poll-interval",
        "inf",
    ],
    "Invalid value for '--not-found-grace': must be a duration such as 30s, 5m or 1h, or seconds, got 'soon'": [
        "wait",
        "cce",
        "x",
        "--not-found-grace",
        "soon",
    ],
    "Invalid value for '--timeout': must be a duration such as 30s, 5m or 1h, or seconds, got '5d'": [
        "wait",
        "cce",
        "x",
        "--timeout",
        "5d",
    ],
    "Invalid value for '--header': must be NAME:VALUE, got another form": ["get", "cce", "x", "--header", SECRET],
    "a header name must be of letters, digits and hyphens, such as 'X-Trace-Id', got 'X y'": [
        "get",
        "cce",
        "x",
        "--header",
        f"X y: {SECRET}",
    ],
    "X-Y": ["get", "cce", "x", "--header", f"X-Y: {SECRET}\nb"],
    "region must be one of": ["get", "cce", "x", "--region", "nowhere"],
    "base_url must be given without a region, got both": [
        "get",
        "cce",
        "x",
        "--region",
        "cn-north-4",
        "--base-url",
        "https://cce.example.com",
    ],
    "No such option '--region'": ["get", "yuanrong", "x", "--region", "cn-north-4"],
    "a field must be one of ": ["get", "cce", "x", "--show", "nothing"],
    "a field of 'spec' must be one of type": ["wait", "cce", "x", "--show", "spec.typo"],
    "a field must exist in the document, got 'spec.type.a': 'spec.type' has no fields": [
        "watch",
        "cce",
        "x",
        "--show",
        "spec.type.a",
    ],
    "a field must be one of jobId": ["list", "ges", "x", "--count-by", "never"],
    "Invalid value for '--max-retries': -1": ["get", "cce", "x", "--max-retries", "-1"],
    "Invalid value for '--limit': 0": ["list", "ges", "x", "--limit", "0"],
    "Invalid value for '--limit': 'many' is not a valid integer": ["get", "ges", "x", "--limit", "many"],
    "job_id must not be '', '.' or '..' in the path, got '..'": ["get", "cce", ".."],
    "a job id must be a non-empty str, got ''": ["wait", "cce", ""],
    "base_url must be an http or https URL with a valid host and port": ["get", "cce", "x", "--base-url", "nowhere"],
    "credentials must not be sent over plain HTTP": ["get", "cce", "x", "--base-url", "http://example.com"],
    "ief_instance_id must be printable ASCII without line breaks": ["get", "ief", "x", "--ief-instance-id", "a\nb"],
}


@pytest.mark.parametrize("said", USAGE)
def test_cli_invalid_usage_exits_2_with_one_line(said: str, shell: Shell, server: Server) -> None:
    ran = shell(*USAGE[said])
    assert (ran.code, ran.out, server.paths) == (2, "", [])
    assert ran.complaint.startswith(f"cloudjobs: {said}")
    assert SECRET not in ran.err


@commands
def test_cli_missing_setting_error_names_variable(
    verb: str, operation: Operation, shell: Shell, server: Server
) -> None:
    name, arguments = operation.service.upper(), [verb, operation.service, *given(verb, operation)]
    ran = shell(*arguments, **{f"CLOUDJOBS_{name}_URL": None})
    assert (ran.code, server.paths) == (2, [])
    assert re.search(
        rf"the address of \w+ is missing: pass --base-url( or --region)?, or set CLOUDJOBS_{name}_URL", ran.complaint
    )
    for each in operation.parameters:
        if each.get("x-client-parameter") and each["required"]:
            variable = f"CLOUDJOBS_{snake(each['name'])}".upper()
            ran = shell(*arguments, **{variable: None})
            assert (ran.code, server.paths) == (2, [])
            assert f"'{variable}'" in ran.complaint
    ran = shell(*arguments, CLOUDJOBS_TOKEN=None)
    if operation.node.get("security", True):
        assert (ran.code, server.paths) == (2, [])
        assert f"credentials for {operation.service} are missing: set CLOUDJOBS_{name}_TOKEN" in ran.complaint
    else:
        assert "credentials" not in ran.err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE must be a file of certificates"),
        (
            "HTTPS_PROXY",
            f"gopher://u:{SECRET}@example.com",
            "HTTPS_PROXY must be the address of an HTTP or SOCKS5 proxy, got the scheme gopher",
        ),
        (
            "CLOUDJOBS_CCE_URL",
            f"https://u:{SECRET}@example.com",
            "base_url must be a URL without user, password, query and fragment",
        ),
        (
            "CLOUDJOBS_CCE_URL",
            "https://example.com:port",
            "base_url must be a URL such as https://host/path, got one that cannot be parsed",
        ),
        ("CLOUDJOBS_PROJECT_ID", "..", "project_id must not be '', '.' or '..' in the path, got '..'"),
    ],
)
def test_cli_invalid_setting_exits_2_with_one_line(variable: str, value: str, said: str, shell: Shell) -> None:
    ran = shell("get", "cce", "x", **({"CLOUDJOBS_CCE_URL": "https://cce.example.com"} | {variable: value}))
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith(f"cloudjobs: {said}")
    assert SECRET not in ran.complaint


def test_cli_service_setting_overrides_general_one(shell: Shell, server: Server) -> None:
    shell("get", "cce", "x", CLOUDJOBS_CCE_PROJECT_ID="mine", CLOUDJOBS_CCE_TOKEN="token-of-cce")
    assert server.paths[-1].split("/")[-3] == "mine"
    assert server.headers[-1]["X-Auth-Token"] == "token-of-cce"
    shell("get", "cce", "x", "--project-id", "given", CLOUDJOBS_CCE_PROJECT_ID="mine")
    assert server.paths[-1].split("/")[-3] == "given"
    assert server.headers[-1]["X-Auth-Token"] == SECRET


def test_cli_client_parameter_comes_from_option_or_variable(shell: Shell, server: Server) -> None:
    shell("get", "ief", "x")
    assert "ief-instance-id" not in server.headers[-1]
    shell("get", "ief", "x", CLOUDJOBS_IEF_INSTANCE_ID="of-all")
    assert server.headers[-1]["ief-instance-id"] == "of-all"
    shell("get", "ief", "x", "--ief-instance-id", "given", CLOUDJOBS_IEF_INSTANCE_ID="of-all")
    assert server.headers[-1]["ief-instance-id"] == "given"


@pytest.mark.parametrize(("given", "seconds"), [("90", 90), ("1.5", 1.5), ("90s", 90), ("5m", 300), ("1.5h", 5400)])
def test_cli_duration_has_a_unit_or_is_seconds(given: str, seconds: float) -> None:
    assert DURATION.convert(given, None, None) == seconds


def test_cli_header_option_is_sent_and_can_be_the_credential(shell: Shell, server: Server) -> None:
    headers = ["--header", "X-Trace: a:b", "--header", "x-auth-token:of-the-header"]
    ran = shell("get", "cce", "x", *headers, CLOUDJOBS_TOKEN=None)
    assert "credentials" not in ran.err
    assert server.headers[-1]["X-Trace"] == "a:b"
    assert server.headers[-1]["X-Auth-Token"] == "of-the-header"


def test_cli_region_option_takes_precedence_over_the_environment(shell: Shell, server: Server) -> None:
    # The proxy is not there, and names the address that was asked for.
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}
    assert shell("get", "cce", "x").code == 5
    ran = shell("get", "cce", "x", "--region", "cn-north-4", "--max-retries", "0", **proxy)
    assert (ran.code, len(server.paths)) == (7, 1)


def test_cli_field_of_a_free_object_is_accepted(replay: Replay, shell: Shell) -> None:
    replay.add_job("cce", states=["succeeded"], children=0)
    ran = shell("wait", "cce", "job-1", "--show", "spec.extendParam.anything", "--show", "spec.type")
    assert (ran.code, ran.err) == (0, "")


# Help


@commands
def test_cli_help_lists_arguments_variables_and_exit_codes(
    verb: str, operation: Operation, shell: Shell, server: Server
) -> None:
    ran = shell(verb, operation.service, "--help", CLOUDJOBS_TOKEN=None)
    assert (ran.code, ran.err, server.paths) == (0, "", [])
    text = " ".join(ran.out.split())
    assert f"{operation.node['summary']}." in text
    seen_to = {operation.node.get("x-poll", {}).get("argument")} if VERBS[verb] == "x-poll" else set()
    seen_to |= set(operation.node["x-pagination"].values()) if verb == "list" else set()
    for each in operation.parameters:
        if each["name"] not in seen_to:
            option = not each["required"] or each.get("x-client-parameter")
            name = snake(each["name"])
            assert (f"--{name.replace('_', '-')} " if option else f"  {name.upper()}  ") in ran.out
    for code in (*range(8), 130):
        assert re.search(rf"^  {code} +\w", ran.out, re.MULTILINE)
    assert ("CLOUDJOBS_TOKEN" in text) == bool(operation.node.get("security", True))
    assert max(map(len, ran.out.splitlines())) <= 80


def test_cli_options_accept_no_secret() -> None:
    for parameter in COMMANDS:
        verb, operation = parameter.values
        found = command(str(verb), operation.service).params  # type: ignore[union-attr]
        assert {"output", "base_url", "verbose"} <= {each.name for each in found}
        assert not [each.name for each in found if re.search("token|secret|password|key|auth", str(each.name))]


def test_cli_command_help_lists_supporting_services(shell: Shell) -> None:
    for verb, needs in VERBS.items():
        ran = shell(verb, "--help")
        offered = {operation.service for operation in operations() if not needs or needs in operation.node}
        assert set(re.findall(r"^  ([a-z]+)  +\S", ran.out.partition("Services:")[2], re.MULTILINE)) == offered


def test_cli_help_lists_services_and_has_a_short_option(shell: Shell) -> None:
    ran = shell("-h")
    listed = re.findall(r"^  ([a-z]+)  +\S", ran.out.partition("Services:")[2], re.MULTILINE)
    assert (ran.code, listed) == (0, list(cloudjobs.services()))
    assert shell("--help") == ran
    for arguments in (["watch"], ["watch", "cce"], ["completion"]):
        assert shell(*arguments, "-h") == shell(*arguments, "--help")
        assert shell(*arguments, "-h").code == 0


def test_cli_version_option_prints_version(shell: Shell) -> None:
    assert shell("--version").out.split() == ["cloudjobs,", "version", cloudjobs.__version__]


def test_cli_without_arguments_prints_help_and_exits_2(shell: Shell) -> None:
    ran = shell()
    assert (ran.code, ran.out) == (2, "")
    assert "Commands:" in ran.err


# Completion


def completed(*words: str) -> list[str]:
    """Return the completions of the last word."""
    completion = ShellComplete(program(), {}, "cloudjobs", "_CLOUDJOBS_COMPLETE")
    return [item.value for item in completion.get_completions(list(words[:-1]), words[-1])]


def test_cli_completion_suggests_commands_services_options() -> None:
    assert completed("wa") == ["wait", "watch"]
    assert completed("get", "") == list(cloudjobs.services())
    assert completed("list", "") == [each.service for each in operations() if "x-pagination" in each.node]
    assert completed("watch", "cce", "x", "--po") == ["--poll-interval"]
    assert completed("get", "ief", "--ief") == ["--ief-instance-id"]
    assert completed("get", "cce", "x", "-o", "js") == ["json", "jsonl"]
    assert completed("list", "ges", "x", "--where", "jobI") == ["jobId="]
    assert completed("list", "ges", "x", "--count-by", "stat") == ["status"]
    assert completed("completion", "") == ["bash", "zsh", "fish"]
    assert completed("get", "nothing", "--o") == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_cli_completion_command_prints_shell_script(name: str, shell: Shell) -> None:
    ran = shell("completion", name)
    assert (ran.code, ran.err) == (0, "")
    assert "_CLOUDJOBS_COMPLETE" in ran.out
    assert f"{name}_complete" in ran.out


def test_cli_completion_script_completes_in_bash(tmp_path: Path, shell: Shell) -> None:
    # bash itself runs the function that the script defines, over a program of the name that it is for.
    program_file = tmp_path / "cloudjobs"
    program_file.write_text(f'#!/bin/sh\nexec {" ".join(PROGRAM)} "$@"\n', encoding="utf-8")
    program_file.chmod(0o755)
    script = shell("completion", "bash").out
    asked = 'COMP_WORDS=(cloudjobs watch c); COMP_CWORD=2; _cloudjobs_completion cloudjobs; echo "${COMPREPLY[@]}"'
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\n{asked}"],
        env=clean_environment(PATH=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("cce\n", "")


# Imports


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the client, its warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_package_import_loads_no_cli_dependency() -> None:
    # httpx imports both where they are installed, for its own command line; so they are removed.
    clients = ", ".join(f"cloudjobs.{service}.client" for service in cloudjobs.services())
    ran = python(
        "import sys; sys.modules.update(click=None, rich=None)\n"
        f"import cloudjobs, cloudjobs.auth, cloudjobs.errors, cloudjobs.testing, {clients}\n"
        "print(*(name for name, module in sys.modules.items() if module))"
    )
    loaded = set(ran.stdout.split())
    assert "cloudjobs.auth" in loaded, ran.stderr
    assert not {"click", "rich", "cloudjobs.cli"} & loaded


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [("click", ["--help"]), ("rich", ["get", "yuanrong", "job-1", "--base-url", "http://127.0.0.1:9"])],
)
def test_cli_without_extra_explains_installation(missing: str, arguments: list[str]) -> None:
    ran = python(
        "import sys; sys.modules[sys.argv[1]] = None; from cloudjobs.cli import main; sys.exit(main(sys.argv[2:]))",
        missing,
        *arguments,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"cloudjobs: {missing} is missing: pip install 'cloudjobs[cli]'\n"


def test_cli_run_as_module_prints_version() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "cloudjobs", "--version"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == f"cloudjobs, version {cloudjobs.__version__}\n"


def test_cli_help_loads_no_service() -> None:
    ran = python("import sys; from cloudjobs.cli import main; main(['get', '--help']); print(*sys.modules)")
    loaded = set(ran.stdout.split())
    assert "cloudjobs.cli._app" in loaded
    assert not {f"cloudjobs.{service}" for service in cloudjobs.services()} & loaded
