"""What was recorded, as a HAR file that is whole after every exchange."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from generator.contract.exchanges import header
from generator.contract.har import pairs
from generator.contract.secrets import Secrets
from generator.outputs import write_files


@attrs.frozen(kw_only=True)
class Relayed:
    """A request and its reply, as they were relayed."""

    started: datetime
    seconds: float
    """How long the reply took."""
    method: str
    url: str
    """The provider's address, not the recorder's."""
    request_headers: list[tuple[str, str]]
    request_body: bytes
    status: int
    reason: str
    """The status line's text."""
    reply_headers: list[tuple[str, str]]
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
        sent = _header(exchange.request_headers, "content-type").partition(";")[0].strip().lower()
        self._secrets.learn_request_body(exchange.request_body.decode("utf-8", "replace"), sent)
        self._secrets.learn_reply(exchange.reply_headers)
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
    content = _content(secrets, exchange.reply_body, _header(got, "content-type"))
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
        posted = _content(secrets, exchange.request_body, _header(sent, "content-type"))
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


def _content(secrets: Secrets, body: bytes, content_type: str) -> dict[str, Any]:
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        # Bytes cannot be searched for what only a text shows, but what was sent can be found in them.
        clean = secrets.text(body.decode("latin-1")).encode("latin-1")
        return {
            "size": len(clean),
            "mimeType": content_type,
            "text": base64.b64encode(clean).decode(),
            "encoding": "base64",
        }
    text = secrets.body(text, media_type)
    return {"size": len(text.encode()), "mimeType": content_type, "text": text}


def _header(headers: list[tuple[str, str]], name: str) -> str:
    return header(tuple(headers), name) or ""
