"""`python -m benchmarks.scoreboard.replaying`: compares the replay server with Prism; writes build/replay-bench.json.

Each server runs alone on one core, and the program that sends the requests on another. Both servers respond to the same
request from the same document: ours with the recorded response, Prism with the example in the bundled document. The
servers are measured in turns.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from benchmarks.scoreboard import node
from generator.contract.exchange import Exchange, exchange_from_recording
from generator.documents import Service, Workspace
from generator.documents.bundle import bundle
from generator.evidence import trace
from generator.files import print_table

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build"
ROUNDS, SECONDS = 3, 1.0
PATIENCE = 180.0
"""The most seconds from the start of a server to its first response."""


@attrs.frozen
class Server:
    """A way to serve a document."""

    name: str
    command: tuple[str, ...]
    """The command that starts the server, without the port."""
    environment: Mapping[str, str]


def main() -> int:
    services = Workspace(ROOT).select(None)
    lacking = node.missing()
    if lacking:
        print(f"Prism is skipped: {lacking}; install Node and npm", file=sys.stderr)
    programs = None if lacking else node.installed(BUILD / "node")
    result: dict[str, Any] = {"prism": node.VERSIONS["@stoplight/prism-cli"] if programs else None, "services": {}}
    with tempfile.TemporaryDirectory() as folder:
        for service in services:
            exchange = next(_successes(service))
            servers = list(_servers(service, programs, Path(folder)))
            result["services"][service.name] = _measured(servers, exchange)
    (BUILD / "replay-bench.json").write_text(json.dumps(result, indent=2) + "\n")
    _show(result)
    return 0


def _servers(service: Service, programs: Path | None, folder: Path) -> Iterator[Server]:
    client = str(ROOT / "generated_client" / "src")
    ours = (sys.executable, "-m", "cloudjobs.testing", "serve", service.name, "--quiet", "--port")
    yield Server("ours", ours, {**os.environ, "PYTHONPATH": client})
    if programs is not None:
        document = folder / f"{service.name}.json"
        document.write_text(json.dumps(bundle(service, trace(service))))
        yield Server("prism", (str(programs / "prism"), "mock", str(document), "--port"), node.environment())


def _measured(servers: list[Server], exchange: Exchange) -> dict[str, Any]:
    request = _request(exchange)
    taken: dict[str, list[_Run]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            taken[server.name].append(_run(server, request))
    found: dict[str, Any] = {
        name: {
            "requests_a_second": round(statistics.median(run.rate for run in runs)),
            "requests_a_second_of_its_own_time": round(statistics.median(run.own_rate for run in runs)),
            "start_ms": round(statistics.median(run.start for run in runs) * 1000),
        }
        for name, runs in taken.items()
    }
    if "prism" in found:
        ours, prism = found["ours"], found["prism"]
        found["ratios"] = {name: round(ours[name] / prism[name], 2) for name in ours}
    return found


@attrs.frozen
class _Run:
    start: float
    """Seconds until the first response."""
    rate: float
    """Requests a second by the clock."""
    own_rate: float
    """Requests a second of processor time of the server, which other load on the machine hardly changes."""


def _run(server: Server, request: bytes) -> _Run:
    with _running(server, request) as (process, port, start):
        _asked(port, request, 0.3)
        before = _used(process)
        requests, seconds = _asked(port, request, SECONDS)
        used = _used(process) - before
    return _Run(start, requests / seconds, requests / (used or seconds))


def _used(process: int) -> float:
    """Return the seconds of processor time that a process has used; 0 if the system does not provide it."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _running(server: Server, request: bytes) -> Iterator[tuple[int, int, float]]:
    """Yield the process of the server, its port, and the seconds until its first response."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*server.command, str(port)],
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _pin(process.pid, 0)
    try:
        while time.perf_counter() - began < PATIENCE and process.poll() is None:
            with suppress(OSError):
                _ask(port, request)
                break
            time.sleep(0.005)
        else:
            raise SystemExit(f"{' '.join(server.command)} must respond within {PATIENCE:g} s, got no response")
        yield process.pid, port, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _pin(process: int, core: int) -> None:
    """Keep a process and its children on one core, where the system supports that."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(process, {cores[core % len(cores)]})


def _asked(port: int, request: bytes, seconds: float) -> tuple[int, float]:
    """Return the number of requests and the seconds, from a separate process with eight persistent connections."""
    command = [sys.executable, "-m", "benchmarks.scoreboard.asking", str(port), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as asking:
        _pin(asking.pid, 1)
        printed, _ = asking.communicate(request)
    if asking.returncode:
        raise SystemExit("the program that sends the requests has failed")
    requests, passed = printed.split()
    return int(requests), float(passed)


def _ask(port: int, request: bytes) -> None:
    """Send one request. Raises `OSError` if no server listens yet, `SystemExit` for a non-2xx response."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        line = connection.recv(65536).split(b"\r\n", 1)[0]
        if not re.match(rb"HTTP/1\.1 200", line):
            raise SystemExit(f"the response must have a 2xx status, got {line!r}")


def _request(exchange: Exchange) -> bytes:
    """Return the bytes of the recorded request, with a credential that both servers accept."""
    query = f"?{exchange.url.partition('?')[2]}" if exchange.query else ""
    headers = {**dict(exchange.request_headers), "Host": "127.0.0.1", "X-Auth-Token": "a-token", "Accept": "*/*"}
    lines = [
        f"{exchange.method} {exchange.path}{query} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _successes(service: Service) -> Iterator[Exchange]:
    return (
        exchange
        for recording in service.recordings.values()
        if (exchange := exchange_from_recording(service, recording)).status == 200
    )


def _show(result: dict[str, Any]) -> None:
    kinds = {
        "requests_a_second": "requests/s",
        "requests_a_second_of_its_own_time": "requests/s of its CPU time",
        "start_ms": "start, ms",
    }
    rows = []
    for service, found in result["services"].items():
        for name, kind in kinds.items():
            prism, ratio = (found.get(part, {}).get(name, "-") for part in ("prism", "ratios"))
            rows.append([f"{service}: {kind}", found["ours"][name], prism, ratio])
    print_table(["", "ours", f"prism {result['prism'] or ''}".strip(), "ratio"], rows)


if __name__ == "__main__":
    sys.exit(main())
