"""Sends the replies of a replay as an ASGI application.

ASGI has no word for a connection that breaks: where the server offers the extension `replay.break`, as ours does, it is
told; any other is left with an exception, and closes the connection in its own way.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from ._answers import Answer
from ._asked import Question
from ._replay import Engine

EXTENSION = "replay.break"
"""In a scope's extensions: called with whether to reset the connection, in place of closing it."""


class Application:
    """An ASGI application."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, send)
        elif scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, send: Send) -> None:
        # raw_path is optional in ASGI; the servers and test clients that are in use give it.
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        question = Question(scope["method"], raw_path, scope["query_string"], Headers(raw=scope["headers"]))
        # Where the application is mounted, the path still begins with the place that it is mounted at.
        answer = self._engine.answer(question, quote(scope.get("root_path", "")).encode())
        if answer.delay:
            await self._engine.clock.sleep_async(answer.delay)
        if answer.reset:
            self._break(scope, reset=True)
            return
        head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.head]
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        if answer.slow_body or answer.truncate:
            await self._send_badly(answer, scope, send)
        else:
            await send({"type": "http.response.body", "body": answer.body})

    async def _send_badly(self, answer: Answer, scope: Scope, send: Send) -> None:
        for each in answer.course():
            if isinstance(each, bytes):
                await send({"type": "http.response.body", "body": each, "more_body": True})
            else:
                await self._engine.clock.sleep_async(each)
        if answer.truncate:
            self._break(scope, reset=False)
        else:
            await send({"type": "http.response.body", "body": b""})

    def _break(self, scope: Scope, *, reset: bool) -> None:
        broken: Callable[[bool], object] | None = scope.get("extensions", {}).get(EXTENSION)
        if broken is None:
            raise ConnectionResetError("the replay breaks this connection")
        broken(reset)
