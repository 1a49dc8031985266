"""Serves the recorder on a port until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

_GRACE = 0.3
"""Seconds that a pending response may take once the recorder is to end."""


class _Server(uvicorn.Server):
    """A server that ends within a second, even if the provider does not respond for minutes."""

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


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve on a socket. Returns after SIGINT."""

    async def cancellable(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    # As asyncio does only for sockets that say their protocol: otherwise each reply waits 40 ms for its body.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(cancellable, access_log=False, log_level="warning", proxy_headers=False, ws="none")
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config).run(sockets=[bound])
