"""`python -m benchmarks.scoreboard.asking PORT SECONDS < request`: sends a request to a server on loopback repeatedly.

Prints the number of responses and the seconds.

Plain sockets, since a client library would be slower than the servers that are measured.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time

CONNECTIONS = 8
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


class Connection:
    """One persistent connection with one request at a time."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._reply = b""

    def ask(self) -> None:
        """Send the request."""
        self._reply = b""
        self.socket.sendall(self._request)

    def is_answered(self) -> bool:
        """Read the response. Raises `SystemExit` for a non-2xx response."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise SystemExit("the server must keep the connection open, but has closed it")
        self._reply += part
        head, end, body = self._reply.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the response must have a 2xx status, got {head[:60]!r}")
        length = _LENGTH.search(head + b"\r\n")
        return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def main(port: int, seconds: float, request: bytes) -> None:
    connections = [Connection(port, request) for _ in range(CONNECTIONS)]
    answered = 0
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask()
        began = time.perf_counter()
        while (passed := time.perf_counter() - began) < seconds:
            for key, _ in selector.select(seconds - passed):
                if key.data.is_answered():
                    answered += 1
                    key.data.ask()
    print(answered, passed)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.stdin.buffer.read())
