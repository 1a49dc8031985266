"""Waits for ten thousand jobs at once: `wait_for_jobs` compared with a bare loop over aiohttp, in separate processes.

`python -m benchmarks.waiting ours|aiohttp BASE` prints its measurements as JSON. The server counts polls and
connections.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cloudjobs
from benchmarks.measure import Row

JOBS = 10_000
POLLS = 3
"""Seconds until a job has ended."""
AT_ONCE = 50
ROUNDS = 5
_PATH = "/api/v3/projects/p1/jobs"


def rows(environment: dict[str, str]) -> Iterator[Row]:
    """Yield the comparison of waiting."""
    told: dict[str, list[dict[str, float]]] = {"ours": [], "aiohttp": []}
    for number in range(ROUNDS + 1):
        for name, found in told.items():
            measured = _measured(name, environment)
            if number:
                found.append(measured)
    middle = {
        name: {what: statistics.median(one[what] for one in found) for what in found[0]} for name, found in told.items()
    }
    for name, found in middle.items():
        print(
            f"{JOBS} jobs, {name}: {found['seconds']:.2f} s, {found['polls']:.0f} polls"
            f" ({found['polls'] / found['seconds']:.0f} a second), {found['grown'] / 1e6:.0f} MB,"
            f" {found['connections']:.0f} connections at most",
            flush=True,
        )
    rate = {name: found["polls"] / found["seconds"] for name, found in middle.items()}
    ours = middle["ours"]
    if ours["connections"] > AT_ONCE:
        raise SystemExit(f"wait_for_jobs must open at most {AT_ONCE} connections, got {ours['connections']:.0f}")
    yield Row(
        f"wait_for_jobs on {JOBS:,} jobs, polls a second",
        "bare aiohttp loop",
        rate["ours"] / rate["aiohttp"],
        ">= 0.3",
        {
            "seconds": round(ours["seconds"], 2),
            "polls": ours["polls"],
            "megabytes": round(ours["grown"] / 1e6, 1),
            "connections": ours["connections"],
        },
    )


def _measured(name: str, environment: dict[str, str]) -> dict[str, float]:
    ready, told = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(told,), daemon=True)
    server.start()
    try:
        base = f"http://127.0.0.1:{ready.recv()}"
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.waiting", name, base],
            env=environment, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"benchmarks.waiting {name}: {done.stderr}")
        ready.send("counters")
        return {**json.loads(done.stdout), **ready.recv()}
    finally:
        server.terminate()


async def _ours(base: str, ids: list[str]) -> int:
    async with cloudjobs.AsyncCceClient(base, project_id="p1", auth=None) as cce:
        ended = await cce.wait_for_jobs(ids, poll_interval=0.2, max_concurrency=AT_ONCE, max_polls_per_second=1e6)
    return sum(job.is_success for job in ended.values())


async def _bare(base: str, ids: list[str]) -> int:
    import aiohttp

    left, _ended = list(reversed(ids)), 0
    async with aiohttp.ClientSession() as session:

        async def worker() -> int:
            succeeded = 0
            while left:
                job_id = left.pop()
                async with session.get(f"{base}{_PATH}/{job_id}") as response:
                    phase = json.loads(await response.read())["status"]["phase"]
                if phase in ("Success", "Failed"):
                    succeeded += phase == "Success"
                else:
                    left.insert(0, job_id)
            return succeeded

        return sum(await asyncio.gather(*(worker() for _ in range(AT_ONCE))))


def _serve(told: Connection) -> None:
    recorded: dict[str, Any] = json.loads(cloudjobs.recordings("cce")["get-job-running"]["body"])
    # A response about a job other than the requested one would not end the wait.
    recorded["metadata"]["uid"] = "job"
    bodies = [
        json.dumps({**recorded, "status": {"phase": phase}}).encode().partition(b'"job"')
        for phase in ("Running", "Success")
    ]
    asked: Counter[bytes] = Counter()
    connections = {"now": 0, "most": 0}

    class Answer(asyncio.Protocol):
        """A minimal server, because the clients are measured and not the server."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport
            self.received = b""
            connections["now"] += 1
            connections["most"] = max(connections.values())

        def connection_lost(self, error: Exception | None) -> None:
            connections["now"] -= 1

        def data_received(self, data: bytes) -> None:
            self.received += data
            while b"\r\n\r\n" in self.received:
                head, self.received = self.received.split(b"\r\n\r\n", 1)
                path = head.split(b" ", 2)[1]
                asked[path] += 1
                before, _, after = bodies[asked[path] >= POLLS]
                body = b'%b"%b"%b' % (before, path.rpartition(b"/")[2], after)
                length = len(body)
                self.transport.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (length, body)
                )

    def tell() -> None:
        told.recv()
        told.send({"polls": asked.total(), "connections": connections["most"]})

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Answer, "127.0.0.1", 0)
        loop.add_reader(told.fileno(), tell)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def main(contender: str, base: str) -> int:
    """Wait for all jobs, and print the seconds and the bytes that it took."""
    from benchmarks.memory import peak

    ids = [f"job-{number}" for number in range(JOBS)]
    run = _ours if contender == "ours" else _bare
    before, started = peak(), time.perf_counter()
    succeeded = asyncio.run(run(base, ids))
    taken = {"seconds": time.perf_counter() - started, "grown": peak() - before}
    if succeeded != JOBS:
        print(f"all {JOBS} jobs must succeed, got {succeeded}", file=sys.stderr)
        return 1
    print(json.dumps(taken))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
