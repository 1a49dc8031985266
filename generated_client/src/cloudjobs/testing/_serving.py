# Generated from generator/client/runtime/testing/_serving.py. Do not edit: change that, and run `make generate`.
"""Serves a replay on a port: uvicorn, with connections that can be broken."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ._asgi import EXTENSION

_RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: a close sends RST."""


_GRACE = 0.3
"""Seconds that a pending response may take once the server is to end."""


class Server(uvicorn.Server):
    """A server that ends within a second, whatever is pending: responses may be delayed for minutes."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections."""
        asyncio.get_running_loop().call_later(_GRACE, self._abort)
        await super().shutdown(sockets)

    def _abort(self) -> None:
        # The connections first, so that uvicorn does not log a task that ended without a response.
        for connection in self.server_state.connections:
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()


def serve(app: ASGIApp, bound: socket.socket, *, quiet: bool) -> None:
    """Serve until SIGINT or SIGTERM. A `quiet` server says nothing of single requests."""
    connections: dict[tuple[str, int], asyncio.Transport] = {}

    class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self._peer = transport.get_extra_info("peername")[:2]
            connections[self._peer] = cast(asyncio.Transport, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self._peer, None)
            super().connection_lost(exc)

    async def breakable(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            transport = connections[tuple(scope["client"])]
            scope = {**scope, "extensions": {**scope.get("extensions", {}), EXTENSION: _breaking(transport)}}
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    # A reply is written in two parts, head and body. asyncio switches Nagle's algorithm off only for sockets that say
    # their protocol, which this one does not; with it each reply on a kept connection takes 40 ms longer.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(breakable, http=Connection, access_log=not quiet, proxy_headers=False, ws="none")
    Server(config).run(sockets=[bound])


def _breaking(transport: asyncio.Transport) -> Any:
    def broken(reset: bool) -> None:
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        else:
            transport.close()

    return broken
