"""Stress test of the recorder with real processes: long, large and killed recordings (`make recorder-stress`).

`make test` runs a small sample.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs

from generator.contract import read_har

from .contracts import ROOT
from .serving import environment

_START = 60.0
"""Seconds that the recorder may take to start."""

_MOST_GROWTH = 1.2
"""The median time of the last tenth of the exchanges over that of the first."""


class _Provider(BaseHTTPRequestHandler):
    """Responds to `/jobs/N` with a job, and to `/bytes/N` with a body of N bytes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Send a response."""
        kind, _, value = self.path.strip("/").partition("/")
        if kind == "bytes":
            row = json.dumps({"id": "row", "status": "running", "note": "the quick brown fox"}) + ","
            body = ("[" + row * (int(value) // len(row)) + "null]").encode()
        else:
            body = json.dumps(
                {"id": value, "parts": [{"id": f"{value}-{n}", "status": "done"} for n in range(20)]}
            ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the errors of a recorder that was killed."""


@contextmanager
def provider() -> Iterator[str]:
    """Yield a provider on a port of this process; yields its address."""
    server = _Server(("127.0.0.1", 0), _Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Recorder:
    """`contract record` as a process."""

    def __init__(self, upstream: str, har: Path) -> None:
        command = [sys.executable, "-m", "generator", "contract", "record", "--upstream", upstream, "--har", str(har)]
        self.process = subprocess.Popen(
            [*command, "--port", "0"], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+) ->", line)
        assert found, line + self.process.stdout.read().decode()
        self.port = int(found[1])

    @contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        """Yield a connection to it, closed at the end."""
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            yield made
        finally:
            made.close()

    def cpu(self) -> float:
        """Return seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, number: int = signal.SIGINT) -> str:
        """End it with a signal. Returns the rest of its output."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=600)
        return output.decode()


def get(connection: http.client.HTTPConnection, path: str, token: str) -> bytes:
    """Send a request with its own signature, and read the whole response."""
    signature = hashlib.sha256(f"{token}{path}".encode()).hexdigest()
    connection.request("GET", path, headers={"X-Auth-Token": token, "X-House-Signature": signature})
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, body
    return body


@attrs.frozen
class Growth:
    """The cost of an exchange at the beginning of a recording and at its end, in seconds."""

    first: float
    """The median of the first tenth of the exchanges."""
    last: float
    first_cpu: float
    """Processor time of the recorder for each exchange, which other programs hardly change."""
    last_cpu: float


def growth(count: int) -> Growth:
    """Record exchanges one after another, and compare the first tenth of them with the last."""
    seconds, cpu, tenth = [], [], count // 10
    with provider() as upstream, tempfile.TemporaryDirectory() as folder:
        har = Path(folder) / "long.har"
        recorder = Recorder(upstream, har)
        with recorder.connection() as connection:
            get(connection, "/jobs/first", "token-0123456789")
            for number in range(count):
                if number in (0, tenth, count - tenth):
                    cpu.append(recorder.cpu())
                before = time.perf_counter()
                get(connection, f"/jobs/{number}", "token-0123456789")
                seconds.append(time.perf_counter() - before)
        cpu.append(recorder.cpu())
        recorder.stop()
        assert len(read_har(har).exchanges) == count + 1
    medians = statistics.median(seconds[:tenth]), statistics.median(seconds[-tenth:])
    return Growth(*medians, (cpu[1] - cpu[0]) / tenth, (cpu[3] - cpu[2]) / tenth)


def large(size: int, responses: int) -> float:
    """Record a number of responses of `size` bytes together. Returns the seconds that they took."""
    with provider() as upstream, tempfile.TemporaryDirectory() as folder:
        har = Path(folder) / "large.har"
        recorder = Recorder(upstream, har)
        before = time.perf_counter()
        with recorder.connection() as connection:
            got = [get(connection, f"/bytes/{size // responses}", "token-0123456789") for _ in range(responses)]
        taken = time.perf_counter() - before
        recorder.stop()
        recorded = [exchange.body for exchange in read_har(har).exchanges]
        assert recorded == got
    return taken


def killed(times: int, seed: int = 19) -> int:
    """Kill recorders at random while they record. Returns the number of finished exchanges, each of which is in the
    file.
    """
    chance, finished = random.Random(seed), 0
    with provider() as upstream, tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            har = Path(folder) / f"{number}.har"
            recorder = Recorder(upstream, har)
            seen: list[str] = []
            threads = [threading.Thread(target=_poll, args=(recorder, worker, seen)) for worker in range(3)]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 1.0))
            recorder.stop(signal.SIGKILL)
            for thread in threads:
                thread.join()
            there = {exchange.path for exchange in read_har(har).exchanges}
            missing = [path for path in seen if path not in there]
            assert not missing, f"kill {number}: {len(missing)} of {len(seen)} finished exchanges are missing"
            json.loads(har.read_bytes())
            finished += len(seen)
    return finished


def _poll(recorder: Recorder, worker: int, seen: list[str]) -> None:
    try:
        with recorder.connection() as connection:
            for number in range(100_000):
                path = f"/jobs/{worker}-{number}"
                get(connection, path, f"token-{worker}-0123456789")
                seen.append(path)
    except (OSError, http.client.HTTPException):
        return  # it was killed


def main() -> int:
    """Run all at full size, and print the figures. Returns 1 if the cost of an exchange grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    chosen = parser.parse_args()
    found = growth(chosen.exchanges)
    ratio = found.last / found.first
    medians = f"{found.first * 1000:.2f} ms of the first tenth, {found.last * 1000:.2f} of the last ({ratio:.2f})"
    processor = f"{found.first_cpu * 1000:.2f} and {found.last_cpu * 1000:.2f} ms"
    print(f"{chosen.exchanges} exchanges: median {medians}; processor time of each {processor}", flush=True)
    for responses in (100, 1):
        print(f"100 MB in {responses} response(s): {large(100_000_000, responses):.0f} s", flush=True)
    print(f"{chosen.kills} kills: {killed(chosen.kills)} finished exchanges, all in their files")
    return int(ratio > _MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
