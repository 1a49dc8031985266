"""Runs `cloudjobs watch` in a terminal of 80 columns, against the replay, and says what the screen shows.

`python -m tests.docs.demonstration` prints it, for the README. The times are those of a clock that nobody waits for,
which the program and the replay share; everything else is as it is for a user.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from cloudjobs.testing import Replay
from tests.client.cli.terminal import environment_for_url, terminal
from tests.client.transports import Server, reply, serving

JOB = "7d1c4f0e-2a9b-4be8-9c75-0255ac100ceb"
POLL = 60
"""Seconds of that clock between two looks."""
COMMAND = ("watch", "cce", JOB, "--show", "spec.type", "--poll-interval", str(POLL))
WAY = ["Initializing", "Running", "Running", "Running", "Running", "Failed"]
REASON = "the flavor is sold out in this zone"
_LOOKS = 3
"""After so many the screen is looked at for the first time."""
_FIXED = """
import sys
import cloudjobs._client
from cloudjobs.cli import main
from cloudjobs.testing._fake_clock import FakeClock

cloudjobs._client.Clock = FakeClock
sys.exit(main())
"""
PROGRAM = (sys.executable, "-W", "error", "-c", _FIXED)
"""The command line, on that clock."""


@contextmanager
def _held(replay: Replay, gate: threading.Event) -> Iterator[Server]:
    """The replay on a port, its clock as far as the program's. It answers some requests before the gate opens."""

    def answer(path: str) -> bytes:
        if len(server.paths) > _LOOKS:
            gate.wait()
        request = httpx.Request("GET", f"http://replay{path}", headers=server.headers[-1])
        response = replay.transport.handle_request(request)
        replay.clock.sleep(POLL)
        return reply(f"{response.status_code} Said", response.read())

    with serving(answer) as server:
        yield server


def frames() -> list[str]:
    """What the screen shows while a job is running, and at its end."""
    replay: Any = Replay("cce")
    replay.add_job("cce", JOB, states=WAY, children=3, reason=REASON)
    gate = threading.Event()
    with (
        _held(replay, gate) as server,
        terminal(*COMMAND, environment=environment_for_url(server.url), program=PROGRAM) as shown,
    ):
        try:
            # Drawn anew each second: the time of the fourth look is shown while its reply is still awaited.
            # What is read at once may end within a line.
            running = shown.until(
                lambda text: len(server.paths) > _LOOKS and text.count("3m 00s") == 2 and text.endswith("pending")
            )
        finally:
            gate.set()
        assert shown.end() == 1, shown.text
        return [running, shown.text]


if __name__ == "__main__":
    print(f"$ cloudjobs {' '.join(COMMAND)}", *frames(), sep="\n\n")
