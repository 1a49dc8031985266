"""Workloads of calling: whole calls against one local server, which answers every request with one recorded reply."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import httpx

import cloudjobs
from benchmarks.measure import Row, medians
from cloudjobs import AsyncCceClient, CceClient
from cloudjobs.auth import Token

AT_ONCE = 50
CALLS = 2_000
ROUNDS = 7

RECORDED = cloudjobs.recordings("cce")["get-job-running"]["body"]
JOB: str = json.loads(RECORDED)["metadata"]["uid"]
"""The recorded job: a response about another one would be a deviation."""


def rows() -> Iterator[Row]:
    """Every comparison of calling."""
    ready, told = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(told,), daemon=True)
    server.start()
    try:
        base = f"http://127.0.0.1:{ready.recv()}"
        yield from _sync(base)
        yield from _async(base)
    finally:
        server.terminate()


def _sync(base: str) -> Iterator[Row]:
    url = f"{base}/api/v3/projects/p1/jobs/{JOB}"
    with httpx.Client() as http, CceClient(base, project_id="p1", auth=Token("t" * 64)) as cce:
        headers = {"X-Auth-Token": "t" * 64, "Content-Type": "application/json"}
        taken = medians(
            {"ours": lambda: cce.get_job(JOB), "httpx": lambda: json.loads(http.get(url, headers=headers).content)},
            rounds=15,
            repeat=200,
        )
    print(f"sync call, µs: ours {taken['ours'] * 1e6:.0f}, httpx {taken['httpx'] * 1e6:.0f}", flush=True)
    yield Row("sync get_job on a local server", "httpx and json.loads", taken["ours"] / taken["httpx"], "<= 1.15")


def _async(base: str) -> Iterator[Row]:
    rates = asyncio.run(_rates(base))
    print("async calls a second: " + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()), flush=True)
    yield Row("async get_job, 50 at once, calls a second", "stock", rates["ours"] / rates["stock"], ">= 10")
    yield Row(
        "async get_job, 50 at once, calls a second",
        "aiohttp and json.loads",
        rates["ours"] / rates["aiohttp"],
        ">= 0.35",
    )


async def _rates(base: str) -> dict[str, float]:
    from stock_cce import AuthenticatedClient
    from stock_cce.api.jobs import get_job

    url = f"{base}/api/v3/projects/p1/jobs/{JOB}"
    ours = AsyncCceClient(base, project_id="p1", auth=Token("t" * 64))
    stock = AuthenticatedClient(base, token="t" * 64, prefix="", auth_header_name="X-Auth-Token")
    async with ours, stock, aiohttp.ClientSession() as session:

        async def bare() -> Any:
            async with session.get(url) as response:
                return json.loads(await response.read())

        contenders: dict[str, Callable[[], Awaitable[Any]]] = {
            "ours": lambda: ours.get_job(JOB),
            "stock": lambda: get_job.asyncio(project_id="p1", job_id=JOB, client=stock),
            "aiohttp": bare,
        }
        found: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(ROUNDS + 1):
            for name, call in contenders.items():
                rate = await _rate(call, CALLS if name != "stock" else CALLS // 4)
                if number:
                    found[name].append(rate)
        return {name: statistics.median(rates) for name, rates in found.items()}


async def _rate(call: Callable[[], Awaitable[Any]], calls: int) -> float:
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return calls / (time.perf_counter() - started)


def _serve(told: Connection) -> None:
    body = RECORDED.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    class Answer(asyncio.Protocol):
        """As little of a server as will do: the clients are measured, not it."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport
            self.received = b""

        def data_received(self, data: bytes) -> None:
            self.received += data
            while b"\r\n\r\n" in self.received:
                self.received = self.received.split(b"\r\n\r\n", 1)[1]
                self.transport.write(head + body)

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
