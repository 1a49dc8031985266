"""Many threads and tasks on one client, several event loops, closed clients, cancelled calls and forked processes."""

from __future__ import annotations

import asyncio
import gc
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import attrs
import pytest

from ..forked import PATIENCE, Child
from ..senders import SENDERS, Sender
from .cases import CLOSE, response
from .runner import Calls, difference, marks_for, runs, set_environment, time_limit
from .servers import Handler, Pause, RawServer, Request, Step, running

CLOSED = "closed"
ANOTHER_LOOP = "another event loop"


def echo(request: Request) -> list[Step]:
    """Return the job that is asked for; later for an ID with `slow` in it."""
    job_id = request.target.rpartition("/")[2]
    body = b'{"kind": "Job", "metadata": {"uid": "%s"}}' % job_id.encode()
    return [Pause(0.5 if "slow" in job_id else 0.0), response(body)]


def echo_late(request: Request) -> list[Step]:
    return [Pause(0.02), *echo(request)]


def echo_and_close(request: Request) -> list[Step]:
    body = b'{"kind": "Job", "metadata": {"uid": "%s"}}' % request.target.rpartition("/")[2].encode()
    return [response(body, "Connection: close"), CLOSE]


@attrs.frozen
class Scene:
    """The use of a client by a program, and the expected result."""

    name: str
    play: Callable[[Stage], None]
    handler: Handler = echo
    asynchronous: bool | None = None
    """The senders that it is about; None for all of them."""
    full: bool = False
    most_connections: int | None = None
    options: dict[str, Any] = attrs.field(factory=dict)

    def __str__(self) -> str:
        return self.name


@attrs.define
class Stage:
    """A client, its server, and its results."""

    sender: Sender
    server: RawServer
    client: Any
    calls: Calls

    def got(self, job_id: str = "job-1", client: Any = None) -> str:
        """Return the ID of the job that came, or the error."""
        used = client or self.client
        try:
            return str(self.calls.run(lambda: used.get_job(job_id)).metadata.uid)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def got_at_once(self, count: int, each: int = 1) -> list[str]:
        """Return the results of so many threads or tasks, each with some consecutive calls."""
        wrong: list[str] = []

        def in_thread(number: int) -> None:
            for turn in range(each):
                asked = f"job-{number}-{turn}"
                if (got := self.got(asked)) != asked:
                    wrong.append(f"{asked}: {got}")

        async def in_task(number: int) -> None:
            for turn in range(each):
                asked = f"job-{number}-{turn}"
                try:
                    got = (await self.client.get_job(asked)).metadata.uid
                except Exception as error:
                    got = f"{type(error).__name__}: {error}"
                if got != asked:
                    wrong.append(f"{asked}: {got}")

        async def all_tasks() -> None:
            await asyncio.gather(*map(in_task, range(count)))

        if self.sender.asynchronous:
            self.calls.run(all_tasks)
        else:
            with ThreadPoolExecutor(count) as threads:
                list(threads.map(in_thread, range(count)))
        return wrong

    def close(self) -> None:
        self.calls.run(self.client.aclose if self.sender.asynchronous else self.client.close)

    def in_child(self, work: Callable[[], object]) -> Any:
        """Do some work in a forked child process, and return its result."""
        return fork(self, work).result()


def fork(stage: Stage, work: Callable[[], object]) -> Child:
    """Start a child process with its own event loop."""

    def in_child() -> object:
        stage.calls = Calls(stage.sender.asynchronous)
        return work()

    return Child(in_child)


def at_once(count: int, each: int) -> Callable[[Stage], None]:
    """Return all threads or tasks get their own jobs."""

    def play(stage: Stage) -> None:
        assert stage.got_at_once(count, each) == []
        assert len(stage.server.requests) == count * each

    return play


def kept_after_burst(stage: Stage) -> None:
    assert stage.got_at_once(20) == []
    before = stage.server.connections
    for number in range(30):
        assert stage.got(f"job-{number}") == f"job-{number}"
    assert stage.server.connections == before


def cancelled(stage: Stage) -> None:
    """Cancel hundreds of calls, and send sound ones after them."""

    async def play() -> None:
        for _ in range(4):
            tasks = [asyncio.create_task(stage.client.get_job(f"slow-{number}")) for number in range(60)]
            await asyncio.sleep(0.1)
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        jobs = await asyncio.gather(*(stage.client.get_job(f"job-{number}") for number in range(20)))
        assert [job.metadata.uid for job in jobs] == [f"job-{number}" for number in range(20)]

    stage.calls.run(play)


def second_run(stage: Stage) -> None:
    """Use a client in a second event loop: it works, or raises one clear error, each time."""
    assert stage.got() == "job-1"
    first = stage.calls
    for _ in range(2):
        with Calls(True) as stage.calls:
            got = stage.got()
            assert got == "job-1" or ANOTHER_LOOP in got
            assert "Event loop is closed" not in got
    stage.calls = first
    assert stage.got() == "job-1"


def second_run_after_the_first_has_ended(stage: Stage) -> None:
    stage.calls.__exit__()
    for _ in range(3):
        with Calls(True) as stage.calls:
            got = stage.got()
            assert got == "job-1" or ANOTHER_LOOP in got
    stage.calls = Calls(True)


def closed(stage: Stage) -> None:
    copy = stage.client.with_options(timeout=5)
    assert stage.got() == "job-1"
    stage.close()
    stage.close()
    for client in (stage.client, copy):
        got = stage.got(client=client)
        assert CLOSED in got, got
        assert "Event loop" not in got
    assert len(stage.server.requests) == 1


def closed_unused(stage: Stage) -> None:
    stage.close()
    assert CLOSED in stage.got()
    assert not stage.server.requests


def closed_during_calls(stage: Stage) -> None:
    """Close a client during calls: each ends with a response or an error of ours, and none hangs."""
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(stage.got, f"slow-{number}") for number in range(8)]
        time.sleep(0.2)
        stage.client.close()
        for call in asked:
            got = call.result(PATIENCE)
            assert got.startswith(("slow-", "APIConnectionError", "ClientStateError")), got
            assert "Bad file descriptor" not in got


def forked(stage: Stage) -> None:
    assert stage.got("warm") == "warm"

    def work() -> object:
        return [stage.got(f"child-{number}") for number in range(20)]

    started = fork(stage, work)
    assert [stage.got(f"parent-{number}") for number in range(20)] == [f"parent-{number}" for number in range(20)]
    assert started.result() == [f"child-{number}" for number in range(20)]
    assert stage.server.connections == 2


def forked_unused(stage: Stage) -> None:
    assert stage.in_child(lambda: stage.got("child")) == "child"
    assert stage.got("parent") == "parent"


def forked_copy(stage: Stage) -> None:
    copy = stage.client.with_options(strict=False)
    assert stage.got("warm") == "warm"
    assert stage.in_child(lambda: [stage.got("child"), stage.got("copy", copy)]) == ["child", "copy"]
    assert stage.server.connections == 2


def forked_closes(stage: Stage) -> None:
    assert stage.got("warm") == "warm"
    assert stage.in_child(stage.close) is None
    assert stage.got("parent") == "parent"
    assert stage.server.connections == 1


def forked_after_close(stage: Stage) -> None:
    assert stage.got("warm") == "warm"
    stage.close()
    assert CLOSED in stage.in_child(lambda: stage.got("child"))


def forked_twice(stage: Stage) -> None:
    assert stage.got("warm") == "warm"

    def work() -> object:
        return [stage.got("child"), stage.in_child(lambda: stage.got("grandchild")), stage.got("child-2")]

    assert stage.in_child(work) == ["child", "grandchild", "child-2"]
    assert stage.got("parent") == "parent"


def forked_while_threads_call(stage: Stage) -> None:
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(stage.got, f"slow-{number}") for number in range(4)]
        time.sleep(0.1)
        assert stage.in_child(lambda: stage.got("child")) == "child"
        assert [call.result(PATIENCE) for call in asked] == [f"slow-{number}" for number in range(4)]


def forked_timeout(stage: Stage) -> None:
    assert stage.got("warm") == "warm"
    assert stage.in_child(lambda: stage.got("slow")).startswith("APITimeoutError")


def forked_in_two_children(stage: Stage) -> None:
    assert stage.got("warm") == "warm"
    started = [fork(stage, lambda number=number: stage.got(f"child-{number}")) for number in range(4)]
    assert [each.result() for each in started] == [f"child-{number}" for number in range(4)]


SCENES = [
    Scene("at-once-20", at_once(20, 3), most_connections=20),
    Scene("at-once-50", at_once(50, 4), most_connections=50),
    Scene("at-once-50-of-a-late-server", at_once(50, 2), echo_late, most_connections=50),
    Scene("at-once-50-without-kept-connections", at_once(50, 2), echo_and_close, most_connections=100),
    Scene("at-once-200", at_once(200, 5), echo_late, full=True, most_connections=200),
    Scene("at-once-200-often", at_once(200, 10), full=True, most_connections=200),
    Scene("connections-kept-after-burst", kept_after_burst),
    Scene("cancelled-calls", cancelled, asynchronous=True, options={"timeout": 6}),
    Scene("second-event-loop", second_run, asynchronous=True),
    Scene("second-event-loop-after-the-first", second_run_after_the_first_has_ended, asynchronous=True),
    Scene("closed", closed),
    Scene("closed-unused", closed_unused),
    Scene("closed-during-calls", closed_during_calls, asynchronous=False),
    Scene("forked", forked),
    Scene("forked-unused", forked_unused),
    Scene("forked-copy", forked_copy),
    Scene("forked-child-closes", forked_closes),
    Scene("forked-after-close", forked_after_close),
    Scene("forked-twice", forked_twice),
    Scene("forked-while-threads-call", forked_while_threads_call, asynchronous=False),
    Scene("forked-timeout", forked_timeout, options={"timeout": 0.2}),
    Scene("forked-in-four-children", forked_in_two_children),
]


@contextmanager
def staged(scene: Scene, sender: Sender) -> Iterator[Stage]:
    """Yield a client and its server, both closed at the end."""
    server = RawServer(scene.handler)
    with running(server), Calls(sender.asynchronous) as calls, time_limit(120):
        options = {"project_id": "p", "max_retries": 0, "timeout": 10, **scene.options}
        client = sender.client("cce", f"http://127.0.0.1:{server.port}", **options)
        stage = Stage(sender, server, client, calls)
        try:
            yield stage
            stage.close()
        except BaseException:
            # Connections that a failed scene leaves are not reported in another test.
            with warnings.catch_warnings(), suppress(Exception):
                warnings.simplefilter("ignore", ResourceWarning)
                stage.close()
                gc.collect()
            raise
        finally:
            stage.calls.__exit__()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
@pytest.mark.parametrize(
    ("scene", "sender"),
    [
        pytest.param(scene, sender, id=f"{scene}-{sender}", marks=marks_for(scene.name, sender))
        for scene in SCENES
        for sender in SENDERS
        if runs(scene, sender)
    ],
)
def test_client_shared_returns_own_responses(scene: Scene, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {})
    different = difference(scene.name, sender)
    if different is not None:
        scene = attrs.evolve(scene, **different.changes)
    with staged(scene, sender) as stage:
        scene.play(stage)
        assert scene.most_connections is None or stage.server.connections <= scene.most_connections
