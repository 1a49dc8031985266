"""The replay server on a port of this process, which keeps every response that it has sent."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloudjobs.testing import Replay

_SECONDS = 30


@attrs.define
class Reply:
    """One response as it was sent."""

    path: str
    status: int = 0
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@attrs.define
class Served:
    """A replay on a port."""

    replay: Replay
    url: str
    sent: list[Reply] = attrs.field(factory=list)


@contextmanager
def served(replay: Replay, pages: Mapping[str, Any] | None = None) -> Iterator[Served]:
    """Serve a replay until the block ends.

    Args:
        replay: The replay to serve.
        pages: Further responses as JSON data by path, for the first requests of a vendor's client.
    """
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = Served(replay, f"http://127.0.0.1:{bound.getsockname()[1]}")
        app = _keeping(_with_pages(replay.app, pages or {}), server.sent)
        running = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", ws="none"))
        thread = threading.Thread(target=lambda: asyncio.run(running.serve([bound])))
        thread.start()
        try:
            deadline = time.monotonic() + _SECONDS
            while not running.started:
                if time.monotonic() > deadline:
                    raise TimeoutError("the replay must listen within the timeout")
                time.sleep(0.01)
            yield server
        finally:
            running.should_exit = True
            thread.join(_SECONDS)


def _keeping(app: ASGIApp, sent: list[Reply]) -> ASGIApp:
    async def kept(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        reply = Reply(scope["path"])
        sent.append(reply)

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
            elif message["type"] == "http.response.body":
                reply.body += message.get("body", b"")
            await send(message)

        await app(scope, receive, pass_on)

    return kept


def _with_pages(app: ASGIApp, pages: Mapping[str, Any]) -> ASGIApp:
    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in pages:
            await app(scope, receive, send)
            return
        body = json.dumps(pages[scope["path"]]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    return answered
