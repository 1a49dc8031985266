"""A child process that was forked has its own connections, locks and renewals, whatever carries the requests."""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import os
import re
import socketserver
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloudjobs import AsyncCceClient, CceClient
from cloudjobs._clock import Clock
from cloudjobs._decoding import _types
from cloudjobs._deviations import DeviationReporter
from cloudjobs._rows import collector_paused
from cloudjobs.auth import IamPassword
from cloudjobs.testing import Replay
from cloudjobs.testing._replay import FakeClock

from .forked import PATIENCE, Child
from .iam import PASSWORD
from .senders import SENDERS, Sender

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
OWN = Path(__file__).with_name("localhost.pem")


class Server(socketserver.ThreadingTCPServer):
    """Answers over kept connections: a job with the ID it is asked for, and tokens."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://localhost:{self.server_address[1]}"
        self.ports: set[int] = set()
        """The client's end of each connection on which something was asked."""
        self.ended: set[int] = set()
        """Those of them that the other end has closed."""
        self.logins = 0
        self.login_may_end = threading.Event()
        self.login_may_end.set()

    def wait_for_logins(self, count: int) -> None:
        """Wait until IAM has been asked so often, or for long enough."""
        ends = time.monotonic() + PATIENCE
        while self.logins < count and time.monotonic() < ends:
            time.sleep(0.01)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a connection that ends in the middle."""


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        port = self.client_address[1]
        while head := self._head():
            self.server.ports.add(port)
            found = re.search(rb"/jobs/(\S+)", head)
            if found is None:
                self.server.logins += 1
                self.server.login_may_end.wait(PATIENCE)
                self._reply(b"201 Created\r\nX-Subject-Token: fetched", b"{}")
            else:
                if b"slow" in found[1]:
                    time.sleep(2)
                self._reply(b"200 OK", json.dumps({"metadata": {"uid": found[1].decode()}}).encode())
        self.server.ended.add(port)

    def _head(self) -> bytes:
        head = b""
        while (line := self.rfile.readline()) not in (b"", b"\r\n"):
            head += line
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        self.rfile.read(int(length[1]) if length else 0)
        return head

    def _reply(self, status: bytes, body: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    with Server(tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(params=SENDERS, ids=str)
def sender(request: pytest.FixtureRequest) -> Sender:
    found: Sender = request.param
    if not found.is_installed:
        pytest.skip(f"needs {found.library}")
    return found


class Calls:
    """Makes calls in this process, the asynchronous ones in one event loop of it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._runner = asyncio.Runner() if isinstance(client, AsyncCceClient) else None

    def wrong(self, prefix: str, count: int = 20) -> list[tuple[str, str]]:
        """Return the jobs that were asked for, where another one came or none."""
        return [(asked, got) for asked in (f"{prefix}-{i}" for i in range(count)) if (got := self.got(asked)) != asked]

    def got(self, job_id: str) -> str:
        """Return the ID of the job that came, or the kind of error."""
        try:
            job = self._run(self.client.get_job(job_id)) if self._runner else self.client.get_job(job_id)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return str(job.metadata.uid)

    def close(self) -> None:
        """Close the client, and the event loop."""
        if self._runner is None:
            self.client.close()
            return
        self._run(self.client.aclose())
        self._runner.close()

    def in_child(self) -> Calls:
        """Return the same client in a child process, with an event loop of the child's own."""
        return Calls(self.client)

    def _run(self, call: Any) -> Any:
        assert self._runner is not None
        return self._runner.run(call)


@contextmanager
def calls_of(sender: Sender, url: str, **keywords: Any) -> Iterator[Calls]:
    calls = Calls(sender.client("cce", url, project_id="p", **{"max_retries": 0, "timeout": 10, **keywords}))
    try:
        yield calls
    finally:
        calls.close()


def test_fork_with_warm_client_reads_own_responses(sender: Sender, server: Server) -> None:
    with calls_of(sender, server.url) as calls:
        assert not calls.wrong("warm", 1)
        child = Child(lambda: calls.in_child().wrong("child", 40))
        assert not calls.wrong("parent", 40)
        assert child.result() == []
    assert len(server.ports) == 2


def test_fork_with_options_copy_shares_childs_connection(sender: Sender, server: Server) -> None:
    with calls_of(sender, server.url) as calls:
        copy = calls.client.with_options(strict=False)
        assert not calls.wrong("warm", 1)

        def work() -> object:
            mine = calls.in_child()
            wrong = mine.wrong("child", 3)
            mine.client = copy
            return wrong + mine.wrong("copy", 3)

        assert Child(work).result() == []
    assert len(server.ports) == 2


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_fork_child_closing_keeps_parents_connection(
    sender: Sender, tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = None
    if tls:
        monkeypatch.setenv("SSL_CERT_FILE", str(OWN))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(OWN)
    with serving(context) as server, calls_of(sender, server.url) as calls:
        assert not calls.wrong("warm", 1)
        parents = set(server.ports)

        def work() -> object:
            mine = calls.in_child()
            wrong = mine.wrong("child", 3)
            mine.close()
            gc.collect()
            return wrong

        assert Child(work).result() == []
        assert Child(lambda: calls.in_child().close()).result() is None
        assert not server.ended & parents
        assert not calls.wrong("parent", 3)
        # The parent's, and the first child's.
        assert len(server.ports) == 2


def test_fork_child_keeps_timeout_of_client(sender: Sender, server: Server) -> None:
    with calls_of(sender, server.url, timeout=0.3) as calls:
        assert not calls.wrong("warm", 1)
        assert str(Child(lambda: calls.in_child().got("slow")).result()).startswith("APITimeoutError")


def test_fork_child_rejects_client_closed_before(sender: Sender, server: Server) -> None:
    with calls_of(sender, server.url) as calls:
        assert not calls.wrong("warm", 1)
    assert "closed" in Child(lambda: calls.in_child().got("child")).result()


def test_fork_in_process_pool_reads_own_responses(server: Server) -> None:
    global _pool_client
    with CceClient(server.url, project_id="p", auth=None, timeout=10, max_retries=0) as _pool_client:
        _pool_client.get_job("warm")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("fork")) as pool:
                asked = [f"job-{number}" for number in range(100)]
                assert list(pool.map(_in_pool, asked)) == asked


_pool_client: CceClient


def _in_pool(job_id: str) -> str:
    return str(_pool_client.get_job(job_id).metadata.uid)


# Objects of the caller


@pytest.mark.parametrize("argument", ["http_client", "transport"])
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_fork_with_used_http_client_is_rejected(argument: str, asynchronous: bool, server: Server) -> None:
    kinds = {
        "http_client": (httpx.Client, httpx.AsyncClient),
        "transport": (httpx.HTTPTransport, httpx.AsyncHTTPTransport),
    }
    given = kinds[argument][asynchronous]()
    sender = Sender("httpx", asynchronous)
    with calls_of(sender, server.url, **{argument: given}) as calls:
        # One that was not used has no connections to share.
        assert Child(lambda: calls.in_child().wrong("unused", 3)).result() == []
        assert not calls.wrong("warm", 1)
        refusal = f"RuntimeError: {argument} must be made in the process that uses it"
        assert Child(lambda: calls.in_child().got("child")).result().startswith(refusal)
        assert Child(lambda: calls.in_child().close()).result() is None
        assert not calls.wrong("parent", 3)
        if asynchronous:
            calls._run(given.aclose())
        else:
            given.close()


# Locks and renewals


@contextmanager
def held(hold: Any) -> Iterator[None]:
    """Yield another thread is inside that context manager."""
    begun, end = threading.Event(), threading.Event()

    def run() -> None:
        with hold:
            begun.set()
            end.wait(PATIENCE)

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait(PATIENCE)
    try:
        yield
    finally:
        end.set()
        thread.join()


def password_of(server: Server) -> IamPassword:
    return IamPassword("jane", PASSWORD, "acme", "p", iam_url=server.url)


def test_fork_with_held_token_lock_leaves_password_usable(sender: Sender, server: Server) -> None:
    auth = password_of(server)
    with calls_of(sender, server.url, auth=auth) as calls:
        with held(auth._tokens._lock):
            child = Child(lambda: calls.in_child().wrong("child", 1))
        assert child.result() == []


def test_fork_during_token_refresh_leaves_password_usable(sender: Sender, server: Server) -> None:
    server.login_may_end.clear()
    with calls_of(sender, server.url, auth=password_of(server)) as calls:
        wrong: list[Any] = [None]
        thread = threading.Thread(target=lambda: wrong.__setitem__(slice(None), calls.wrong("parent", 1)))
        thread.start()
        server.wait_for_logins(1)
        child = Child(lambda: calls.in_child().wrong("child", 1))
        server.wait_for_logins(2)
        server.login_may_end.set()
        assert child.result() == []
        thread.join()
    assert wrong == []
    assert server.logins == 2


def test_fork_after_login_shares_token(sender: Sender, server: Server) -> None:
    with calls_of(sender, server.url, auth=password_of(server)) as calls:
        assert not calls.wrong("warm", 1)
        assert Child(lambda: calls.in_child().wrong("child", 1)).result() == []
    assert server.logins == 1


def test_fork_with_held_deviation_lock_reports_deviations(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeviationReporter, "_logged", set())
    with CceClient(server.url, project_id="p", auth=None, timeout=10) as cce:

        def work() -> object:
            raw = cce.with_raw_response.get_job("j")
            raw.parse()
            return [deviation.pointer for deviation in raw.deviations]

        with held(DeviationReporter._lock):
            child = Child(work)
        assert "/kind" in child.result()


def test_fork_with_unfinished_types_decodes_responses(server: Server) -> None:
    types = _types("cloudjobs.cce")
    calls = Calls(CceClient(server.url, project_id="p", auth=None, timeout=10))

    def work() -> object:
        from cloudjobs._decoding import decoder_of, response_decoder

        response_decoder.cache_clear()
        decoder_of.cache_clear()
        return calls.wrong("child", 1)

    with held(types._lock):
        child = Child(work)
    assert child.result() == []
    calls.close()


def test_fork_while_collector_is_paused_resumes_it_in_child() -> None:
    assert gc.isenabled()
    with held(collector_paused):
        assert not gc.isenabled()
        child = Child(gc.isenabled)

    def work() -> object:
        with collector_paused:
            return gc.isenabled()

    assert child.result() is True
    with held(collector_paused._lock):
        child = Child(work)
    assert child.result() is False


def test_fork_with_held_replay_locks_sends_responses() -> None:
    pytest.importorskip("starlette", reason="needs the [testing] extra")
    clock = FakeClock()
    replay = Replay("cce", clock=clock)
    job = replay.add_job("cce")
    cce = replay.client("cce")
    for lock in (clock._lock, replay._router._lock):
        with held(lock):

            def work() -> object:
                clock.sleep(1)
                return cce.get_job(job.id).metadata.uid == job.id

            child = Child(work)
        assert child.result() is True


def test_fork_child_draws_other_jitter() -> None:
    drawn = [Child(lambda: Clock().random()).result() for _ in range(2)] + [Clock().random()]
    assert len(set(drawn)) == 3
