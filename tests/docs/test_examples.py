"""The example programs, run as a user runs them: over the client alone, and without a network."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from tests.client.conformance.servers import Proxy, RawServer, running, server_context
from tests.reference import REFERENCE
from tests.strict_mypy import strict_mypy

from .programs import NEEDS, PRINTED, ROOT, run

CERTIFICATE = ROOT / "tests" / "client" / "localhost.pem"
WITH_ARGUMENTS = {"own_ca_and_proxy"}
PROGRAMS = sorted(
    path.stem
    for path in (ROOT / "examples").glob("*.py")
    if not path.stem.startswith("test_") and path.stem not in WITH_ARGUMENTS
)


def test_examples_each_has_exactly_one_output_file() -> None:
    assert sorted(path.stem for path in PRINTED.glob("*.txt")) == PROGRAMS
    assert len(PROGRAMS) + len(WITH_ARGUMENTS) + len(list((ROOT / "examples").glob("test_*.py"))) >= 15


@pytest.mark.parametrize("name", PROGRAMS)
def test_example_program_prints_its_expected_output(name: str) -> None:
    for package in NEEDS.get(name, ()):
        pytest.importorskip(package, reason=f"make interop runs it: {package} is missing")
    printed = run([str(ROOT / "examples" / f"{name}.py")])
    assert printed == (PRINTED / f"{name}.txt").read_text()


def test_read_recordings_example_prints_every_recording() -> None:
    printed = (PRINTED / "read_recordings.txt").read_text()
    folder = ROOT / "openapi" / "recordings"
    recordings = [path.relative_to(folder) for name in REFERENCE for path in (folder / name).rglob("*.yaml")]
    assert recordings
    for path in recordings:
        assert path.with_suffix("").as_posix() in printed


@pytest.mark.parametrize("through_proxy", [False, True])
def test_own_ca_example_calls_service_of_that_authority(through_proxy: bool) -> None:
    body = json.dumps({"metadata": {"uid": "j-1"}, "status": {"phase": "Running"}}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    service = RawServer(lambda request: (head + body,), server_context(CERTIFICATE))
    proxy = Proxy(lambda request: (), service.port)
    with running(service, proxy):
        arguments = [f"https://localhost:{service.port}", str(CERTIFICATE), "j-1"]
        arguments += [f"http://127.0.0.1:{proxy.port}"] if through_proxy else []
        assert run([str(ROOT / "examples" / "own_ca_and_proxy.py"), *arguments]) == "Running\n"
        assert [request.method for request in proxy.requests] == ["CONNECT"] * through_proxy
    assert len(service.requests) == 1


def test_examples_pass_mypy_strict() -> None:
    # Types of packages that are missing here are unknown, and so are the functions that their decorators return.
    files = [
        path
        for path in sorted((ROOT / "examples").glob("*.py"))
        if all(find_spec(package.partition(".")[0]) for package in NEEDS.get(path.stem, ()))
    ]
    assert len(files) >= 12
    assert strict_mypy(*files) == (0, [])
