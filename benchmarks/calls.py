"""Workloads of calling: whole calls against one local server, which answers every request with one recorded
response."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import httpx
import httpx2

import cloudjobs
from benchmarks.measure import Row, medians
from cloudjobs import AsyncCceClient, CceClient
from cloudjobs.auth import Token

AT_ONCE = 50
CALLS = 2_000
ROUNDS = 7

RECORDED = cloudjobs.recordings("cce")["get-job-running"]["body"]
JOB: str = json.loads(RECORDED)["metadata"]["uid"]
"""The ID of the recorded job. A response about another job would be a deviation."""


def rows() -> Iterator[Row]:
    """Yield every comparison of calling."""
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
    """Compare a call over each synchronous sender with the same request over its library alone."""
    url = f"{base}/api/v3/projects/p1/jobs/{JOB}"
    headers = {"X-Auth-Token": "t" * 64, "Content-Type": "application/json"}
    with (
        _client("httpx", CceClient, base) as ours,
        _client("httpx2", CceClient, base) as ours2,
        httpx.Client() as http,
        httpx2.Client() as http2,
    ):
        taken = medians(
            {
                "ours over httpx": lambda: ours.get_job(JOB),
                "httpx": lambda: json.loads(http.get(url, headers=headers).content),
                "ours over httpx2": lambda: ours2.get_job(JOB),
                "httpx2": lambda: json.loads(http2.get(url, headers=headers).content),
            },
            rounds=15,
            repeat=200,
        )
    print("sync call, µs: " + ", ".join(f"{name} {each * 1e6:.0f}" for name, each in taken.items()), flush=True)
    for library in ("httpx", "httpx2"):
        ratio = taken[f"ours over {library}"] / taken[library]
        yield Row(f"sync get_job over {library}", f"{library} and json.loads", ratio, "<= 1.15")


def _client(library: str, kind: type[Any], base: str) -> Any:
    """Return a client that sends over one library, as if the other optional libraries were not installed."""
    modules = {"aiohttp": "cloudjobs._aiohttp", "httpx2": "httpx2"}
    hidden = [module for name, module in modules.items() if name != library]
    kept = {name: sys.modules.get(name) for name in hidden}
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes an import fail
    try:
        return kind(base, project_id="p1", auth=Token("t" * 64))
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _async(base: str) -> Iterator[Row]:
    rates = asyncio.run(_rates(base))
    print("async calls a second: " + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()), flush=True)
    workload = "async get_job over {}, 50 at once, calls a second"
    yield Row(workload.format("aiohttp"), "stock", rates["ours over aiohttp"] / rates["stock"], ">= 10")
    for library, target in (("aiohttp", ">= 0.35"), ("httpx", ">= 0.9"), ("httpx2", ">= 0.9")):
        ratio = rates[f"ours over {library}"] / rates[library]
        yield Row(workload.format(library), f"{library} and json.loads", ratio, target)


async def _rates(base: str) -> dict[str, float]:
    from stock_cce import AuthenticatedClient
    from stock_cce.api.jobs import get_job

    url = f"{base}/api/v3/projects/p1/jobs/{JOB}"
    libraries = ("aiohttp", "httpx", "httpx2")
    ours = {library: _client(library, AsyncCceClient, base) for library in libraries}
    stock = AuthenticatedClient(base, token="t" * 64, prefix="", auth_header_name="X-Auth-Token")
    async with (
        ours["aiohttp"],
        ours["httpx"],
        ours["httpx2"],
        stock,
        aiohttp.ClientSession() as session,
        httpx.AsyncClient() as http,
        httpx2.AsyncClient() as http2,
    ):

        async def bare() -> Any:
            async with session.get(url) as response:
                return json.loads(await response.read())

        async def plain(http: Any) -> Any:
            return json.loads((await http.get(url)).content)

        contenders: dict[str, Callable[[], Awaitable[Any]]] = {
            **{f"ours over {library}": partial(ours[library].get_job, JOB) for library in libraries},
            "stock": lambda: get_job.asyncio(project_id="p1", job_id=JOB, client=stock),
            "aiohttp": bare,
            "httpx": lambda: plain(http),
            "httpx2": lambda: plain(http2),
        }
        found: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(ROUNDS + 1):
            for name, call in contenders.items():
                rate = await _rate(call, CALLS if name.endswith("aiohttp") else CALLS // 4)
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
        """A minimal server, because the clients are measured and not the server."""

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
