"""An ASGI application on a port of this process, for tests over a real connection."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

_SECONDS = 60


@contextmanager
def listening(app: ASGIApp, certificate: Path | None = None, *, headers: bool = True) -> Iterator[str]:
    """Serve until the block ends. Yields the address.

    Args:
        app: The application to serve.
        certificate: A file with a key and a certificate, for TLS.
        headers: Whether responses have uvicorn's own headers.
    """
    tls = {"ssl_certfile": certificate, "ssl_keyfile": certificate} if certificate else {}
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="critical",
        ws="none",
        lifespan="off",
        date_header=headers,
        server_header=headers,
        **tls,
    )
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])))
        thread.start()
        try:
            deadline = time.monotonic() + _SECONDS
            while not server.started:
                assert time.monotonic() < deadline, "it does not serve"
                time.sleep(0.005)
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_SECONDS)
