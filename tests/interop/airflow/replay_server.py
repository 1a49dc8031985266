"""`python -m tests.interop.airflow.replay_server PLAN`: serves the jobs of a plan, and counts requests.

Prints its port. `/polls` returns the moments of all requests, `/end?share=0.5` ends that share of the jobs as planned.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from cloudjobs._clock import Clock
from cloudjobs.testing import Replay


class Server:
    """The replay behind a counter of requests."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.replay = Replay(*plan["jobs"], clock=Clock())
        self.replay.stop_recording()
        self.moments: list[float] = []
        self.left = []
        services = [[(service, job) for job in jobs] for service, jobs in plan["jobs"].items()]
        # The jobs alternate between the services, so that each share has jobs of all services.
        for service, job in (each for row in zip(*services, strict=True) for each in row):
            self.replay.add_job(service, job["id"], states=["pending", "running"], seconds=1)
            self.left.append((service, job))
        self.total = len(self.left)

    def end(self, share: float) -> None:
        """End jobs until that share of all has ended."""
        while self.left and 1 - len(self.left) / self.total < share:
            _, job = self.left.pop(0)
            self.replay.finish(job["id"], state=job["state"], reason=job["reason"])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] not in ("/polls", "/end"):
            if scope["type"] == "http":
                self.moments.append(time.time())
            await self.replay.app(scope, receive, send)
            return
        if scope["path"] == "/end":
            self.end(float(parse_qs(scope["query_string"].decode())["share"][0]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(self.moments).encode()})


def main(plan: str) -> None:
    """Serve until interrupted."""
    server = Server(json.loads(Path(plan).read_text()))
    bound = socket.create_server(("127.0.0.1", 0))
    print(bound.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(server, log_level="warning", lifespan="off")).run(sockets=[bound])


if __name__ == "__main__":
    main(*sys.argv[1:])
