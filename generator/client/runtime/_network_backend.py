"""Network backend of synchronous connections: every read and write ends with the budget of its call.

httpcore gives each read of a socket the whole timeout again, so that a server which sends a byte now and then is read
for hours. Here each read, write and connection attempt of a call with a deadline gets the time that is left.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from ._clock import RemainingTime

_PIECE = 16 * 1024


class Backend(httpcore.NetworkBackend):
    """Opens connections by another backend. Without a deadline nothing is different."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # A name with several addresses is given the timeout for each of them, so they are tried one by one.
        failure: Exception | None = None
        for address in _addresses(host, port) if isinstance(timeout, RemainingTime) else (host,):
            try:
                left = _left(timeout, httpcore.ConnectTimeout)
                return _Stream(self._backend.connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the host has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_unix_socket(path, left, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not isinstance(timeout, RemainingTime) or len(buffer) <= _PIECE:
            self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))
            return
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        if isinstance(timeout, RemainingTime) and self.get_extra_info("ssl_object") is not None:
            return _TlsInTls(self, ssl_context, server_hostname, timeout)
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _TlsInTls(httpcore.NetworkStream):
    """TLS to a service through a proxy that is spoken to over TLS. httpcore's reads in a loop that has no end."""

    def __init__(self, stream: _Stream, context: ssl.SSLContext, hostname: str | None, timeout: float | None) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            self._exchange(timeout, self._tls.do_handshake)
        except BaseException as error:
            self.close()
            if isinstance(error, httpcore.TimeoutException):
                raise httpcore.ConnectTimeout(str(error)) from error
            if isinstance(error, (OSError, httpcore.NetworkError)):
                raise httpcore.ConnectError(str(error)) from error
            raise

    def _exchange(self, timeout: float | None, step: Any, *arguments: Any) -> Any:
        """Make a step of the protocol, and what it takes to read and to write."""
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
            raise httpcore.ReadError(str(error)) from error
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                buffer = buffer[self._exchange(timeout, self._tls.write, buffer) :]
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._stream.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    """The addresses of a host. The system's resolver has its own timeout, which cannot be made shorter."""
    try:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    return [str(address[0]) for *_, address in found]


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    if not isinstance(timeout, RemainingTime):
        return timeout
    left = timeout.now()
    if left <= 0:
        raise late("the call's time is over")
    return left
