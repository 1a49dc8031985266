"""What was recorded, as a HAR file that is whole after every exchange."""

from __future__ import annotations

import base64
import contextlib
import gzip
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from generator.contract.exchanges import header
from generator.contract.har import pairs
from generator.contract.secrets import MARK, Secrets
from generator.files import write_files

Headers = list[tuple[str, str]]

_LARGEST = 64 * 1024 * 1024
"""Bytes of a body that is decompressed to be looked into."""
_GZIP_OR_ZLIB = 47


@attrs.frozen(kw_only=True)
class Relayed:
    """A request and its reply, as they were relayed."""

    started: datetime
    seconds: float
    """How long the reply took."""
    method: str
    url: str
    """The provider's address, not the recorder's."""
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    """The status line's text."""
    reply_headers: Headers
    reply_body: bytes
    comment: str = ""
    """Which operation it is."""


class Journal:
    """Writes exchanges into a HAR 1.2 file, each as soon as it is over.

    Args:
        file: The HAR file. It is replaced as a whole each time.
        secrets: What takes the secrets out. It learns from each exchange, and entries that are already written are
            cleaned again with what it has learned: a token may be quoted before it is sent.
    """

    def __init__(self, file: Path, secrets: Secrets) -> None:
        self.file = file
        self._secrets = secrets
        self._exchanges: list[Relayed] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._exchanges)

    def write(self) -> None:
        """Write the file. Raises `Refused` where it cannot be written."""
        with self._lock:
            write_files({self.file: self._har()})

    def add(self, exchange: Relayed) -> None:
        """Add an exchange and write the file. Raises `Refused` where it cannot be written."""
        self._secrets.learn_request(exchange.request_headers, exchange.url)
        self._secrets.learn_reply(exchange.reply_headers)
        for body, headers, learn in (
            (exchange.request_body, exchange.request_headers, self._secrets.learn_request_body),
            (exchange.reply_body, exchange.reply_headers, self._secrets.learn_reply_body),
        ):
            clean_body(body, headers, _learner(learn))
        self._exchanges.append(exchange)
        self.write()

    def _har(self) -> dict[str, Any]:
        return {
            "log": {
                "version": "1.2",
                "creator": {"name": "cloudjobs", "version": "contract record"},
                "entries": [_entry(self._secrets, exchange) for exchange in self._exchanges],
            }
        }


def _entry(secrets: Secrets, exchange: Relayed) -> dict[str, Any]:
    url = secrets.url(exchange.url)
    sent, got = secrets.request_headers(exchange.request_headers), secrets.reply_headers(exchange.reply_headers)
    content = _content(secrets, exchange.reply_body, got)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(sent),
        "queryString": pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(exchange.request_body),
    }
    if exchange.request_body:
        posted = _content(secrets, exchange.request_body, sent)
        request["postData"] = {"mimeType": posted["mimeType"], "text": posted["text"]}
    return {
        "startedDateTime": exchange.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": round(exchange.seconds * 1000, 3),
        "request": request,
        "response": {
            "status": exchange.status,
            "statusText": secrets.text(exchange.reason),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(got),
            "content": content,
            "redirectURL": secrets.url(_header(got, "location")),
            "headersSize": -1,
            "bodySize": content["size"],
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(exchange.seconds * 1000, 3), "receive": 0},
        "comment": exchange.comment,
    }


def _content(secrets: Secrets, body: bytes, headers: Headers) -> dict[str, Any]:
    clean = clean_body(body, headers, secrets.body)
    content: dict[str, Any] = {"size": len(clean), "mimeType": _header(headers, "content-type")}
    try:
        return {**content, "text": clean.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(clean).decode(), "encoding": "base64"}


def clean_body(body: bytes, headers: Headers, clean: Callable[[str, str], str]) -> bytes:
    """Take the secrets out of a body, whether it is text, compressed, or neither.

    Args:
        body: The body, as it was sent.
        headers: Those of its message.
        clean: Takes the secrets out of a text of a media type.

    Returns:
        The body without secrets. One that is compressed in a way that is not read here is `MARK` alone.
    """
    stated = _header(headers, "content-type")
    media_type = stated.partition(";")[0].strip().lower()
    coding = _header(headers, "content-encoding").strip().lower()
    if not coding and body.startswith(b"\x1f\x8b"):
        coding = "gzip"
    if coding not in ("", "identity"):
        plain = _decompressed(body, coding)
        if plain is None:
            return MARK.encode()
        inner = clean_body(plain, [("Content-Type", stated)], clean)
        compress = zlib.compress if coding == "deflate" else partial(gzip.compress, mtime=0)
        return body if inner == plain else compress(inner)
    try:
        # Half a surrogate pair, which JSON can spell, becomes its spelling.
        return clean(body.decode(), media_type).encode("utf-8", "backslashreplace")
    except UnicodeDecodeError:
        pass
    charset = stated.lower().partition("charset=")[2].strip(' "')
    if charset.startswith(("utf-16", "utf-32")):
        with contextlib.suppress(LookupError, UnicodeError):
            body = clean(body.decode(charset), media_type).encode(charset)
    # Whatever the bytes are, names, digits and signs are mostly those of ASCII.
    return clean(body.decode("latin-1"), media_type).encode("latin-1", "backslashreplace")


def _decompressed(body: bytes, coding: str) -> bytes | None:
    """The body without its coding; None where it is another coding, broken, in several pieces or too large."""
    inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = inflate.decompress(body, _LARGEST) if coding in ("gzip", "x-gzip", "deflate") else b""
    except zlib.error:
        return None
    return plain if inflate.eof and not inflate.unused_data else None


def _learner(learn: Callable[[str, str], None]) -> Callable[[str, str], str]:
    def leave(text: str, media_type: str) -> str:
        learn(text, media_type)
        return text

    return leave


def _header(headers: Headers, name: str) -> str:
    return header(tuple(headers), name) or ""
