"""Keep the credentials of a request out of log records, errors and variables of the libraries below."""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from types import TracebackType
from typing import Any

_UNDER_WAY: ContextVar[bool] = ContextVar("_UNDER_WAY", default=False)
"""Whether the context is in a request of ours: the log records of others are left as they are."""

_STACKS = ("httpx", "httpx2")
_LIBRARIES = frozenset(
    (
        *("httpx", "httpcore", "httpx2", "httpcore2", "h11", "h2", "hpack", "socksio", "anyio", "trio", "idna"),
        *("aiohttp", "aiohappyeyeballs", "yarl", "multidict"),
        *("asyncio", "selectors", "socket", "ssl", "http", "urllib", "email", "json", "encodings", "codecs"),
    )
)
"""Packages with headers, bodies or data of a connection in their frame variables."""
_NETWORK = f"{__package__}._network_backend"
"""The module of this package with the same data in its frame variables."""

_QUOTES = ("Protocol", "Http", "Header", "StatusLine", "Payload", "Response", "InvalidURL", "Disconnected")
"""Names of exceptions that quote sent or received data in their text."""

_BYTES = r"""b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*\""""
_PAIR = rf"\(({_BYTES}), (?:{_BYTES})\)"
_REASON = rf"(return_value=\(b'HTTP/[0-9.]+', [0-9]+, )(?:{_BYTES})"
_OPEN = r"(?i)b'(?:content-(?:type|length|encoding)|transfer-encoding|connection|date|retry-after)'"
"""Headers of a response that hold nothing secret; a server may quote a credential in any other."""


class SecretGuard:
    """A block in which a request is sent.

    Inside the block, log records of the libraries do not contain values of headers. An exception leaves the block
    without frames of the libraries and without sent or received data in its text.
    """

    __slots__ = ("_before", "_outer")

    def __enter__(self) -> None:
        self._before = _UNDER_WAY.get()
        # An exception that the caller is handling is left unchanged.
        self._outer = sys.exc_info()[1]
        _UNDER_WAY.set(True)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _UNDER_WAY.set(self._before)
        if exc is None:
            return
        seen: list[BaseException | None] = [None, self._outer]
        left: list[BaseException | None] = [exc]
        while left:
            error = left.pop()
            if error is None or any(error is each for each in seen):
                continue
            seen.append(error)
            _hide_text(error)
            error.__traceback__ = _without_libraries(error.__traceback__)
            left += [error.__cause__, error.__context__]
            left += error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _without_libraries(traceback: TracebackType | None) -> TracebackType | None:
    if traceback is None:
        return None
    traceback.tb_next = _without_libraries(traceback.tb_next)
    module = traceback.tb_frame.f_globals.get("__name__")
    return traceback.tb_next if module == _NETWORK or _package(module) in _LIBRARIES else traceback


def _package(module: object) -> str:
    return str(module).partition(".")[0]


def _hide_text(error: Any) -> None:
    """Remove sent and received data from the text of an exception; the operating system's text is kept."""
    if isinstance(error, UnicodeEncodeError):
        # It is of a text that may be a credential.
        error.object = ""
        error.args = (error.encoding, "", error.start, error.end, error.reason)
    elif _is_quoting(error):
        error.args = tuple(_unquoted(argument) for argument in error.args)
        if hasattr(error, "message"):
            error.message = _unquoted(error.message)


def _is_quoting(error: BaseException) -> bool:
    """Whether an exception of a library can quote sent or received data. Call it before frames are removed."""
    kind, traceback = type(error), error.__traceback__
    if kind is not ValueError:
        return _package(kind.__module__) in _LIBRARIES and any(word in kind.__name__ for word in _QUOTES)
    # For instance that of `int` for the port of a redirect's target. Our own do not quote secrets.
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and _package(traceback.tb_frame.f_globals.get("__name__")) in _LIBRARIES


def _unquoted(value: object) -> object:
    if not isinstance(value, str):
        return value
    return re.sub(r"""(?<!\w)(?:bytearray\()?b?['"].*""", "***", value, flags=re.DOTALL)


def _without_value(pair: re.Match[str]) -> str:
    return pair[0] if re.fullmatch(_OPEN, pair[1]) else f"({pair[1]}, b'***')"


class _Filter(logging.Filter):
    """Takes the values of headers out of the records of libraries while a request of ours is sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _UNDER_WAY.get():
            return True
        if record.name.startswith("hpack"):
            # Each of its records is of a header.
            return False
        if record.name in _STACKS and isinstance(record.args, tuple) and len(record.args) == 5:
            # Its last word is the server's: the reason phrase.
            import httpx  # a record of it: it is imported

            status = record.args[3]
            record.args = (*record.args[:4], httpx.codes.get_reason_phrase(status) if isinstance(status, int) else "")
            return True
        text = record.getMessage()
        hidden = re.sub(_PAIR, _without_value, text)
        hidden = re.sub(_REASON, r"\1b'***'", hidden)
        hidden = re.sub(r"(exception=\w+)\(.*", r"\1(***)", hidden, flags=re.DOTALL)
        if hidden != text:
            record.msg, record.args = hidden, None
        return True


def _filter_logs() -> None:
    kept = _Filter()
    parts = ("connection", "http11", "http2", "proxy", "socks")
    connections = (f"{core}.{part}" for core in ("httpcore", "httpcore2") for part in parts)
    for name in (*_STACKS, *connections, "hpack.hpack", "hpack.table"):
        logging.getLogger(name).addFilter(kept)


_filter_logs()
