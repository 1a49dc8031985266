"""HAR entries in the shapes that browsers and tools write, for the tests of the reader."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

Entry = dict[str, Any]
Header = dict[str, Any]


class Shape:
    """The way in which one tool writes HAR files.

    Args:
        creator: Name in `log.creator`.
        started: A value of `startedDateTime`.
        entry: Further members of each entry.
        content: Further members of each response body.
        not_kept: The members of a body that was not kept, in place of `size` and `text`.
        no_response: The response of a request that failed.
        headers: Further headers of each request.
    """

    def __init__(
        self,
        creator: str,
        *,
        started: str = "2026-05-01T08:00:00.000Z",
        entry: Entry | None = None,
        content: Entry | None = None,
        not_kept: Entry,
        no_response: Entry | None,
        headers: tuple[Header, ...] = (),
    ) -> None:
        self.creator = creator
        self._started = started
        self._entry = entry or {}
        self._content = content or {}
        self._not_kept = not_kept
        self._no_response = no_response
        self._headers = headers

    def har(self, *entries: Entry, **log: Any) -> dict[str, Any]:
        """Return a file with these entries."""
        return {
            "log": {"version": "1.2", "creator": {"name": self.creator, "version": "1"}, "entries": [*entries], **log}
        }

    def entry(
        self,
        url: str,
        body: bytes = b"",
        *,
        media_type: str = "application/json",
        method: str = "GET",
        status: int = 200,
        headers: tuple[Header, ...] = (),
        **content: Any,
    ) -> Entry:
        """Return an entry with a response."""
        text = {"text": body.decode(), "size": len(body)}
        return {
            "startedDateTime": self._started,
            "time": 12.5,
            "request": {
                "method": method,
                "url": url,
                "httpVersion": "HTTP/2.0",
                "headers": [*self._headers],
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": 0,
            },
            "response": {
                "status": status,
                "statusText": "",
                "httpVersion": "HTTP/2.0",
                "headers": [{"name": "content-type", "value": media_type}, *headers],
                "cookies": [],
                "content": {"mimeType": media_type, **text, **self._content, **content},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 12, "receive": 0.5},
            **self._entry,
        }

    def without_body(self, url: str) -> Entry:
        """Return an entry without its body."""
        entry = self.entry(url)
        entry["response"]["content"] = {"mimeType": "application/json", **self._not_kept}
        return entry

    def compressed(self, url: str, body: bytes) -> Entry:
        """Return an entry with its body as it was sent: compressed, and so in base64."""
        text = base64.b64encode(gzip.compress(body, mtime=0)).decode()
        headers = ({"name": "Content-Encoding", "value": "gzip"},)
        return self.entry(url, text=text, encoding="base64", size=len(body), headers=headers)

    def failed(self, url: str) -> Entry:
        """Return an entry without a response."""
        entry = self.entry(url)
        entry["response"] = self._no_response
        if self._no_response is None:
            del entry["response"]
        return entry


def _response(status: Any, **more: Any) -> Entry:
    return {"status": status, "statusText": "", "headers": [], "content": {"size": 0, "mimeType": ""}, **more}


SHAPES = {
    "Playwright": Shape(
        "Playwright",
        entry={"_frameref": "f", "_monotonicTime": 1.5, "serverIPAddress": "10.0.0.1"},
        not_kept={"size": -1},
        no_response=_response(-1, content={"size": -1, "mimeType": "x-unknown"}, _failureText="net::ERR_FAILED"),
    ),
    "Chrome": Shape(
        "WebInspector",
        entry={"_initiator": {"type": "script"}, "_priority": "High", "_resourceType": "xhr", "connection": "443"},
        not_kept={"size": 420},
        no_response=_response(0, _error="net::ERR_ABORTED"),
        headers=({"name": ":authority", "value": "host"}, {"name": ":method", "value": "GET"}),
    ),
    "Firefox": Shape(
        "Firefox",
        started="2026-05-01T16:00:00.000+08:00",
        not_kept={"size": 420, "comment": "Response bodies are not included."},
        no_response=_response(0),
    ),
    "Safari": Shape(
        "WebKit Web Inspector",
        entry={"_fetchType": "Network Load", "_priority": "low"},
        content={"compression": 0},
        not_kept={"size": 420, "text": ""},
        no_response=_response(None),
    ),
    "Charles": Shape(
        "Charles Proxy",
        started="2026-05-01T16:00:00.000+0800",
        content={"encoding": None},
        not_kept={"size": 420, "text": None},
        no_response=_response("error", content={"size": 0, "mimeType": None}),
        headers=({"name": "Content-Length", "value": 12},),
    ),
    "mitmproxy": Shape(
        "mitmproxy",
        started="2026-05-01T08:00:00.123456+00:00",
        entry={"pageref": None},
        content={"compression": -3},
        not_kept={"size": 0, "compression": 420, "text": None},
        no_response=None,
    ),
    "Insomnia": Shape(
        "Insomnia REST Client",
        started="2026-05-01T08:00:00.123456789Z",
        entry={"comment": "get the job", "request_": {}},
        not_kept={},
        no_response=_response(0, statusText="Error", headers=None, content=None),
        headers=({"name": "", "value": "disabled"},),
    ),
}


def page_load(shape: Shape, url: str, body: bytes) -> dict[str, Any]:
    """Return a browser's page that shows a job: one request to the service among twelve others."""
    site = "https://console.example"
    preflight = shape.entry(url, method="OPTIONS", status=204)
    socket = {**shape.entry("wss://console.example/live", status=101), "_webSocketMessages": [{"data": "{}"}]}
    tunnel = shape.entry("console.example:443", method="CONNECT")
    telemetry = shape.entry(f"{site}/telemetry", b'{"ok": 1}', method="POST")
    picture = {"text": base64.b64encode(b"\x89PNG\r\n").decode(), "encoding": "base64", "media_type": "image/png"}
    others = [
        shape.entry(f"{site}/", b"<html>", media_type="text/html"),
        *(shape.entry(f"{site}/{number}.png", **picture) for number in range(4)),  # type: ignore[arg-type]
        shape.entry(f"{site}/app.js", b"let a", media_type="text/javascript"),
        shape.entry(f"{site}/other.json", b'{"jobs": 1}'),
        shape.failed(f"{site}/blocked.js"),
    ]
    return shape.har(tunnel, preflight, *others, telemetry, socket, shape.entry(url, body))


ODD: dict[str, Callable[[Entry], Any]] = {
    "no object": lambda entry: "entry",
    "no request": lambda entry: {**entry, "request": None},
    "no url": lambda entry: {**entry, "request": {**entry["request"], "url": None}},
    "broken url": lambda entry: {**entry, "request": {**entry["request"], "url": "https://[::1"}},
    "broken port": lambda entry: {**entry, "request": {**entry["request"], "url": "https://host:99999999/a"}},
    "half a surrogate pair in the url": lambda entry: {
        **entry,
        "request": {**entry["request"], "url": "https://host/\ud800"},
    },
    "status out of range": lambda entry: {**entry, "response": {**entry["response"], "status": 12}},
    "content no object": lambda entry: {**entry, "response": {**entry["response"], "content": [1]}},
    "no base64": lambda entry: {
        **entry,
        "response": {**entry["response"], "content": {"text": "plain, text", "encoding": "base64"}},
    },
    "brotli": lambda entry: {
        **entry,
        "response": {
            **entry["response"],
            "headers": [{"name": "content-encoding", "value": "br"}],
            "content": {"text": base64.b64encode(b"\x8b\x02\x80{}\x03\xff").decode(), "encoding": "base64"},
        },
    },
}
"""Changes that make an entry unreadable."""


def _content(encode: Callable[[bytes], Any], encoding: str = "base64", coding: str = "") -> Callable[[Entry], Entry]:
    """Write the body of an entry in another way."""

    def change(entry: Entry) -> Entry:
        response = entry["response"]
        content = {**response["content"], "text": encode(response["content"]["text"].encode()), "encoding": encoding}
        added = [{"name": "Content-Encoding", "value": coding}] if coding else []
        return {**entry, "response": {**response, "content": content, "headers": [*response["headers"], *added]}}

    return change


def _base64(body: bytes) -> str:
    return base64.b64encode(body).decode()


def _raw_deflate(body: bytes) -> bytes:
    compress = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compress.compress(body) + compress.flush()


def _query_apart(entry: Entry) -> Entry:
    """Insomnia writes the query of a request beside the URL."""
    url, _, query = entry["request"]["url"].partition("?")
    pairs = [{"name": name, "value": value} for name, value in parse_qsl(query)]
    return {**entry, "request": {**entry["request"], "url": url, "queryString": pairs}}


UNUSUAL: dict[str, Callable[[Entry], Entry]] = {
    "the status is a float": lambda entry: {**entry, "response": {**entry["response"], "status": 200.0}},
    "headers are an object": lambda entry: {
        **entry,
        "response": {**entry["response"], "headers": {"Content-Type": "application/json"}},
    },
    "the encoding is in upper case": _content(_base64, "BASE64"),
    "base64 has no padding": _content(lambda body: _base64(body + b" " * ((4 - len(body)) % 3)).rstrip("=")),
    "base64 has the alphabet of URLs": _content(lambda body: base64.urlsafe_b64encode(body).decode()),
    "the text is JSON without a string": _content(json.loads, ""),
    "deflate has no header": _content(lambda body: _base64(_raw_deflate(body)), coding="deflate"),
    "gzip has two members": _content(
        lambda body: _base64(gzip.compress(body[:40]) + gzip.compress(body[40:])), coding="gzip"
    ),
    "the query is beside the URL": _query_apart,
}
"""Changes after which an entry has the same request and response."""


def dumped(har: dict[str, Any]) -> str:
    """Return the text of a file."""
    return json.dumps(har)
