# Generated from generator/client/runtime/_network_backend.py. Do not edit: change that, and run `make generate`.
"""Network backend of synchronous connections: every read and write ends with the budget of its call.

httpcore and httpcore2 give each read of a socket the whole timeout again, so that a server which sends a byte now and
then is read for hours. Here each read, write and connection attempt of a call with a deadline gets the time that is
left.
"""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from ._clock import RemainingTime

_PIECE = 16 * 1024


def limit_reads(pool: Any) -> None:
    """Let the reads and writes of a pool's connections end with the deadline of their call."""
    if not isinstance(pool._network_backend, Backend):
        library = sys.modules[type(pool).__module__.partition(".")[0]]
        pool._network_backend = Backend(pool._network_backend, library)


class Backend:
    """Opens connections by another backend. Without a deadline nothing is different.

    Args:
        backend: The other backend.
        library: httpcore or httpcore2, for its exceptions.
    """

    def __init__(self, backend: Any, library: ModuleType) -> None:
        self._backend = backend
        self._library = library

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> _Stream | _TlsInTls:
        # A name with several addresses is given the timeout for each of them, so they are tried one by one.
        failure: Exception | None = None
        for address in self._addresses(host, port) if isinstance(timeout, RemainingTime) else (host,):
            try:
                left = _left(timeout, self._library.ConnectTimeout)
                return _Stream(
                    self._backend.connect_tcp(address, port, left, local_address, socket_options), self._library
                )
            except (self._library.ConnectError, self._library.ConnectTimeout) as error:
                failure = error
        raise failure or self._library.ConnectError("the host has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> _Stream | _TlsInTls:
        left = _left(timeout, self._library.ConnectTimeout)
        return _Stream(self._backend.connect_unix_socket(path, left, socket_options), self._library)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host. The system's resolver has its own timeout, which cannot be made shorter."""
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except OSError as error:
            raise self._library.ConnectError(str(error)) from error
        return [str(address[0]) for *_, address in found]


class _Stream:
    def __init__(self, stream: Any, library: ModuleType) -> None:
        self._stream = stream
        self._library = library

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        received: bytes = self._stream.read(max_bytes, _left(timeout, self._library.ReadTimeout))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not isinstance(timeout, RemainingTime) or len(buffer) <= _PIECE:
            self._stream.write(buffer, _left(timeout, self._library.WriteTimeout))
            return
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(timeout, self._library.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream | _TlsInTls:
        if isinstance(timeout, RemainingTime) and self.get_extra_info("ssl_object") is not None:
            return _TlsInTls(self, ssl_context, server_hostname, timeout)
        left = _left(timeout, self._library.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._library)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _TlsInTls:
    """TLS to a service through a proxy that is spoken to over TLS. httpcore's reads in a loop that has no end."""

    def __init__(self, stream: _Stream, context: ssl.SSLContext, hostname: str | None, timeout: float | None) -> None:
        self._stream = stream
        self._library = stream._library
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            self._exchange(timeout, self._tls.do_handshake)
        except BaseException as error:
            self.close()
            if isinstance(error, self._library.TimeoutException):
                raise self._library.ConnectTimeout(str(error)) from error
            if isinstance(error, (OSError, self._library.NetworkError)):
                raise self._library.ConnectError(str(error)) from error
            raise

    def _exchange(self, timeout: float | None, step: Any, *arguments: Any) -> Any:
        """Make a step of the protocol, with the reads and writes that it needs."""
        while True:
            try:
                result = step(*arguments)
            except ssl.SSLWantReadError:
                self._flush(timeout)
                received = self._stream.read(_PIECE, timeout)
                if received:
                    self._incoming.write(received)
                else:
                    self._incoming.write_eof()
            else:
                self._flush(timeout)
                return result

    def _flush(self, timeout: float | None) -> None:
        if written := self._outgoing.read():
            self._stream.write(written, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            received: bytes = self._exchange(timeout, self._tls.read, max_bytes)
        except ssl.SSLZeroReturnError:
            return b""
        except OSError as error:
            raise self._library.ReadError(str(error)) from error
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                buffer = buffer[self._exchange(timeout, self._tls.write, buffer) :]
        except OSError as error:
            raise self._library.WriteError(str(error)) from error

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._stream.get_extra_info(info)


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    if not isinstance(timeout, RemainingTime):
        return timeout
    left = timeout.now()
    if left <= 0:
        raise late("the call's time is over")
    return left
