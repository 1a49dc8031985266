"""`python -m cloudjobs.testing serve`: its output, and its exit code."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

import cloudjobs

from .contracts import recorded
from .serving import COMMAND, LATEST, SECONDS, run, serving

PROGRAM = "python -m cloudjobs.testing"


def single_line(ended: subprocess.CompletedProcess[str], code: int) -> str:
    """Return the only line that a failed command has said."""
    assert (ended.returncode, ended.stdout) == (code, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"{PROGRAM}: ")
    return line


def test_serve_unknown_service_is_one_line_with_services() -> None:
    line = single_line(run(*COMMAND, "serve", "no_such_service", "--port", "0"), 2)
    assert "no_such_service" in line
    assert all(name in line for name in cloudjobs.services())


def test_serve_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = single_line(run(*COMMAND, "serve", "--port", port), 1)
    assert port in line
    assert "127.0.0.1" in line
    assert "in use" in line


WITHOUT = """
import importlib.abc, sys
class Without(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Without())
from cloudjobs.testing.__main__ import main
sys.exit(main(["serve", "--port", "0"]))
"""


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "jsonschema_rs"])
def test_serve_missing_package_is_one_line_with_extra(package: str) -> None:
    line = single_line(run(sys.executable, "-c", WITHOUT, package), 2)
    assert line.endswith(f": {package} is missing: install cloudjobs[testing]")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        *(["serve", "--port", port] for port in ("many", "-1", "65536", "8e3", "")),
        ["serve", "--no-such"],
        ["serve", "--host", ""],
        ["serve", "--host", "http://u:S3CRET@127.0.0.1"],
        ["serve", "--host", "u:S3CRET@127.0.0.1"],
    ],
    ids=" ".join,
)
def test_testing_command_invalid_arguments_print_usage(arguments: list[str]) -> None:
    ended = run(*COMMAND, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    usage, *_, last = ended.stderr.splitlines()
    assert usage.startswith(f"usage: {PROGRAM}")
    assert "error: " in last
    assert "S3CRET" not in ended.stderr


def test_testing_command_help_lists_commands_and_defaults() -> None:
    verbs, serve = run(*COMMAND, "--help"), run(*COMMAND, "serve", "--help")
    assert (verbs.returncode, verbs.stderr, serve.returncode, serve.stderr) == (0, "", 0, "")
    assert verbs.stdout.startswith(f"usage: {PROGRAM}")
    assert "serve" in verbs.stdout
    assert all(word in serve.stdout for word in (*cloudjobs.services(), "--host", "127.0.0.1", "--port", "8010"))


@pytest.mark.parametrize("service", [None, *cloudjobs.services()])
def test_serve_interrupted_exits_0_after_printing_its_url(tmp_path: Path, service: str | None) -> None:
    with serving(tmp_path, *filter(None, [service])) as server:
        first = server.output.read_text().splitlines()[0]
        assert first == f"{service or ', '.join(cloudjobs.services())}: {server.url}"
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(SECONDS) == 0
        assert "Traceback" not in server.output.read_text()


@pytest.mark.usefixtures("serves")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_serve_with_pending_responses_ends_within_a_second(tmp_path: Path, number: int, code: int) -> None:
    one = next(one for one in recorded() if one.is_success)
    head = "".join(f"{name}: {value}\r\n" for name, value in one.headers.items())
    request = f"GET {one.asking()} HTTP/1.1\r\nHost: service.example.com\r\n{head}"
    with serving(tmp_path, one.operation.service) as server, ExitStack() as connections:
        host, _, port = server.url.removeprefix("http://").partition(":")
        for rest in ("", "Prefer: delay=60\r\n\r\n", "Prefer: slow_body=60\r\n\r\n", "\r\n"):
            connection = connections.enter_context(socket.create_connection((host, int(port)), timeout=SECONDS))
            connection.sendall(f"{request}{rest}".encode())
        assert connection.recv(1)
        time.sleep(0.3)  # the server has read the others, although nothing shows it
        server.process.send_signal(number)
        assert server.process.wait(LATEST) == code
    assert "Traceback" not in server.output.read_text()


@pytest.mark.usefixtures("serves")
def test_serve_keep_alive_response_is_sent_without_delay(tmp_path: Path) -> None:
    one = next(one for one in recorded() if one.is_success)
    head = "".join(f"{name}: {value}\r\n" for name, value in one.headers.items())
    request = f"GET {one.asking()} HTTP/1.1\r\nHost: service.example.com\r\n{head}\r\n".encode()
    taken = []
    with serving(tmp_path, one.operation.service, "--quiet") as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
            for _ in range(12):
                began, reply = time.perf_counter(), b""
                connection.sendall(request)
                while not reply.endswith(one.recording.text.encode()):
                    reply += connection.recv(65536)
                taken.append(time.perf_counter() - began)
    # With Nagle's algorithm every response but the first waits 40 ms; the quickest tells, however busy the machine is.
    assert min(taken[2:]) < 0.03


def raw_request(url: str, head: str) -> str:
    """Return the response to a request that is sent as it is."""
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port or 80), SECONDS) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received.decode()


@pytest.mark.usefixtures("serves")
def test_serve_head_options_and_absolute_targets(tmp_path: Path) -> None:
    with serving(tmp_path, "--jobs", "1") as server:
        path, rest = "/api/jobs/job-1", "Host: replay\nConnection: close\n\n"
        for target in (path, f"http://replay{path}", f"{server.url}{path}?a=b"):
            assert raw_request(server.url, f"GET {target} HTTP/1.1\n{rest}").startswith("HTTP/1.1 200 OK")
        head = raw_request(server.url, f"HEAD {path} HTTP/1.1\n{rest}")
        assert head.startswith("HTTP/1.1 200 OK")
        assert head.endswith("\r\n\r\n")
        assert int(re.findall(r"content-length: (\d+)", head)[0]) > 100
        for target in (path, "*"):
            options = raw_request(server.url, f"OPTIONS {target} HTTP/1.1\n{rest}")
            assert options.startswith("HTTP/1.1 204 No Content")
            assert "allow: GET, HEAD, OPTIONS" in options
        assert "access-control" not in head


@pytest.mark.usefixtures("serves")
def test_serve_cors_option_lets_pages_read(tmp_path: Path) -> None:
    with serving(tmp_path, "--cors", "http://localhost:3000") as server, httpx.Client(base_url=server.url) as http:
        preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-auth-token"}
        asked = http.options("/api/jobs/job-1", headers={"Origin": "http://localhost:3000", **preflight})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == "http://localhost:3000"
        assert "x-auth-token" in asked.headers["access-control-allow-headers"].lower()
        read = http.get("/api/jobs/job-1", headers={"Origin": "http://localhost:3000"})
        assert read.headers["access-control-allow-origin"] == "http://localhost:3000"
        other = http.get("/api/jobs/job-1", headers={"Origin": "http://other.example"})
        assert "access-control-allow-origin" not in other.headers
