"""Runs `cloudjobs watch` and `wait` for three jobs in terminals, against the replay, and returns the text of the
screen.

`python -m tests.docs.demonstration` prints it, for the README. The times are those of a clock on which a sleep ends at
once, which the program and the replay share; everything else is as for a user.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from cloudjobs.testing import Replay
from tests.client.cli.terminal import environment_for_url, terminal
from tests.client.transports import Server, reply, serving

FAILING, RESIZING, WAITING = "7d1c4f0e-2a9b-4be8-9c75-0255ac100ceb", "resize-14", "backup-7"
POLL = 60
"""Seconds of that clock between two requests for a job."""
ARGUMENTS = ("cce", FAILING, RESIZING, WAITING, "--poll-interval", "1m")
CASES = (("watch", 80), ("watch", 40), ("wait", 80), ("wait", 40))
"""The commands, with the columns of their terminals, which have 12 rows."""
_ROWS = 12
_ROUNDS = 3
"""Requests for each job after which the screen is read for the first time."""
_REASON = "the flavor is sold out in this zone"
_FIXED = """
import sys
import cloudjobs._client
from cloudjobs.cli import main
from cloudjobs.testing._replay import FakeClock

cloudjobs._client.Clock = FakeClock
sys.exit(main())
"""
PROGRAM = (sys.executable, "-W", "error", "-c", _FIXED)
"""The program of the command line, with that clock."""


@contextmanager
def _held(replay: Replay, gate: threading.Event) -> Iterator[Server]:
    """Yield the replay on a port, with the clock of the program. Some requests get a response before the gate opens."""
    requests: Counter[str] = Counter()

    def answer(path: str) -> bytes:
        if requests.total() >= 3 * _ROUNDS:
            gate.wait()
        replay.clock.advance(max(0.0, POLL * requests[path] - replay.clock.monotonic()))
        requests[path] += 1
        request = httpx.Request("GET", f"http://replay{path}", headers=server.headers[-1])
        response = replay.transport.handle_request(request)
        return reply(f"{response.status_code} Said", response.read())

    with serving(answer) as server:
        yield server


def frames(command: str, columns: int) -> list[str]:
    """Return the text of the screen while the jobs are running, and at their end."""
    replay = Replay("cce")
    way = ["Initializing", "Running", "Running", "Running", "Running", "Failed"]
    replay.add_job("cce", FAILING, states=way, children=3, reason=_REASON)
    replay.add_job("cce", RESIZING, states=["Running", "Running", "Running", "Success"], children=2)
    replay.add_job("cce", WAITING, states=["Initializing"] * 3 + ["Running", "Success"], children=0)
    gate = threading.Event()
    with (
        _held(replay, gate) as server,
        terminal(
            command,
            *ARGUMENTS,
            environment=environment_for_url(server.url),
            columns=columns,
            rows=_ROWS,
            program=PROGRAM,
        ) as shown,
    ):
        try:
            # The screen is drawn each second, so it shows the time of the fourth request while its response is awaited.
            # One read may end within a line.
            running = shown.until(
                lambda text: (
                    len(server.paths) > 3 * _ROUNDS
                    and (text.count("3m 00s") >= 3 if command == "watch" else "2 running, 1 pending" in text)
                    and text.endswith("pending")
                )
            )
        finally:
            gate.set()
        assert shown.end() == 1, shown.text
        return [running, shown.text]


if __name__ == "__main__":
    for case in CASES:
        print(f"$ cloudjobs {' '.join((case[0], *ARGUMENTS))}", *frames(*case), sep="\n\n", end="\n\n")
