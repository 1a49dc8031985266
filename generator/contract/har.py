"""HAR 1.2 files: reading, writing and appending."""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import json
import shlex
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from generator.contract.exchange import Exchange, Pairs, exchange_from_recording, header, no_constant
from generator.contract.redaction import MARK, Secrets
from generator.documents import Recording, Service, violations
from generator.errors import Problem, ValidationError
from generator.files import write_files

_UNKNOWN_TIME = "1970-01-01T00:00:00Z"


def export_har(services: Iterable[Service]) -> dict[str, Any]:
    """Return HAR data with one entry per recording. Times are unknown: they are given as the epoch and -1."""
    recordings = [(service, recording) for service in services for recording in service.recordings.values()]
    return _har("recordings", [_recording_entry(service, recording) for service, recording in recordings])


def _har(version: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "cloudjobs", "version": version}, "entries": entries}}


def _recording_entry(service: Service, recording: Recording) -> dict[str, Any]:
    exchange, body = exchange_from_recording(service, recording), recording.text.encode()
    phrase = HTTPStatus(recording.status).phrase if recording.status in set(HTTPStatus) else ""
    content = {"size": len(body), "mimeType": recording.content_type, "text": recording.text}
    return {
        "startedDateTime": _UNKNOWN_TIME,
        "time": 0,
        "request": _request(exchange.method, exchange.url, exchange.request_headers, 0),
        "response": _response(recording.status, phrase, exchange.headers, content),
        "cache": {},
        "timings": {"send": -1, "wait": 0, "receive": -1},
        "comment": f"{service.name}/{recording.id}: {recording.source.data['summary']}",
    }


def _request(method: str, url: str, headers: Iterable[tuple[str, str]], size: int) -> dict[str, Any]:
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return {"method": method, "url": url, "queryString": _named(query), **_message(headers, size)}


def _response(status: int, phrase: str, headers: Iterable[tuple[str, str]], content: dict[str, Any]) -> dict[str, Any]:
    first = {"status": status, "statusText": phrase, "content": content, "redirectURL": ""}
    return {**first, **_message(headers, content["size"])}


def _message(headers: Iterable[tuple[str, str]], size: int) -> dict[str, Any]:
    own = {"cookies": [], "headers": _named(headers)}
    return {"httpVersion": "HTTP/1.1", **own, "headersSize": -1, "bodySize": size}


def _named(values: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Headers or parameters, as HAR has them."""
    return [{"name": name, "value": value} for name, value in values]


_SAVE = "Save one with `contract record`, or with a browser's developer tools"

_HEADERS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}

_HAR = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["entries"],
            "properties": {"entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}}},
        }
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["request", "response"],
            "properties": {
                "request": {
                    "type": "object",
                    "required": ["method", "url", "headers"],
                    "properties": {
                        "method": {"type": "string", "minLength": 1},
                        "url": {"type": "string", "minLength": 1},
                        "headers": _HEADERS,
                        "postData": {
                            "type": ["object", "null"],
                            "properties": {"mimeType": {"type": "string"}, "text": {"type": "string"}},
                        },
                    },
                },
                "response": {
                    "type": "object",
                    "required": ["status", "headers", "content"],
                    "properties": {
                        # 0 where no response came, as browsers write it.
                        "status": {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 999}, {"const": 0}]},
                        "headers": _HEADERS,
                        "content": {
                            "type": "object",
                            "properties": {
                                "size": {"type": "number"},
                                "mimeType": {"type": "string"},
                                "text": {"type": "string"},
                                "encoding": {"type": "string"},
                            },
                        },
                    },
                },
            },
        }
    },
}


def read_har(file: Path) -> list[Exchange]:
    """The exchanges of a HAR file, in its order; entries that never got a response are left out.

    Raises `ValidationError` with one problem where it is no HAR file.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"), parse_constant=no_constant)
    except OSError as error:
        raise ValidationError(Problem(file, f"cannot be read ({error.strerror})", "Name a HAR file")) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ValidationError(Problem(file, f"is no HAR file: it is not JSON ({reason})", _SAVE)) from None
    try:
        wrong = violations(_HAR, data)
    except UnicodeEncodeError:
        wrong = [("", "an invalid value contains a lone surrogate")]
    if wrong:
        pointer, message = wrong[0]
        raise ValidationError(Problem(file, f"is no HAR file: {message}", _SAVE, pointer=pointer or None))
    return list(exchanges_of(data, str(file)))


def exchanges_of(har: dict[str, Any], name: str) -> Iterator[Exchange]:
    """Yield the exchanges of HAR data whose form is right. Raises `ValidationError`."""
    for number, entry in enumerate(har["log"]["entries"], 1):
        if entry["response"]["status"]:
            yield _read_entry(name, number, entry)


def _read_entry(name: str, number: int, entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    pointer = f"/log/entries/{number - 1}"
    try:
        urlsplit(request["url"])
    except ValueError as error:
        message = f"has an address that cannot be read ({error})"
        raise ValidationError(Problem(name, message, _SAVE, pointer=f"{pointer}/request/url")) from None
    try:
        json.dumps([request, response["headers"]], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "must not have a lone surrogate outside the response body"
        raise ValidationError(Problem(name, message, _SAVE, pointer=pointer)) from None
    headers = _pairs(response["headers"])
    content = response["content"]
    if header(headers, "content-type") is None and "/" in content.get("mimeType", ""):
        headers += (("Content-Type", content["mimeType"]),)
    return Exchange(
        method=request["method"].upper(),
        url=request["url"],
        request_headers=_pairs(request["headers"]),
        status=response["status"],
        headers=headers,
        body=_body(name, pointer, content),
        source=f"{name} entry {number}",
        reproduce=f"python -m generator contract check --har {shlex.quote(name)} --entry {number}",
        started=_time(entry.get("startedDateTime")),
    )


def _body(name: str, pointer: str, content: dict[str, Any]) -> bytes | None:
    text = content.get("text")
    if text is None:
        # Browsers let go of the bodies of old entries, and then write the size alone.
        return None if content.get("size", 0) > 0 else b""
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            message = f"is said to be base64, and is not ({error})"
            raise ValidationError(Problem(name, message, _SAVE, pointer=f"{pointer}/response/content/text")) from None
    return str(text).encode("utf-8", "surrogatepass")


def _pairs(headers: list[dict[str, str]]) -> Pairs:
    # HTTP/2 has the request line among the headers, as names with a colon.
    return tuple((pair["name"], pair["value"]) for pair in headers if not pair["name"].startswith(":"))


def _time(text: Any) -> datetime | None:
    try:
        timestamp = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return timestamp if timestamp.tzinfo and timestamp.timestamp() > 0 else None


Headers = list[tuple[str, str]]

_LARGEST = 64 * 1024 * 1024
"""Bytes of a body that is decompressed to be looked into."""

_GZIP_OR_ZLIB = 47


@attrs.frozen(kw_only=True)
class RecordedExchange:
    """A request and its response, as they were relayed."""

    started: datetime
    seconds: float
    """How long the response took."""
    method: str
    url: str
    """The provider's address, not the recorder's."""
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    """The status line's text."""
    response_headers: Headers
    response_body: bytes
    comment: str = ""
    """Which operation it is."""


class HarWriter:
    """Writes exchanges into a HAR 1.2 file, each as soon as it is over.

    Args:
        file: The HAR file. It is replaced as a whole each time.
        secrets: The redactor. It learns secrets from each exchange, and entries that are already written are redacted
            again with them: a token may be quoted before it is sent.
    """

    def __init__(self, file: Path, secrets: Secrets) -> None:
        self.file = file
        self._secrets = secrets
        self._exchanges: list[RecordedExchange] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._exchanges)

    def write(self) -> None:
        """Write the file. Raises `ValidationError` where it cannot be written."""
        with self._lock:
            write_files({self.file: self._har()})

    def add(self, exchange: RecordedExchange) -> None:
        """Add an exchange and write the file. Raises `ValidationError` where it cannot be written."""
        self._secrets.learn_request(exchange.request_headers, exchange.url)
        self._secrets.learn_response(exchange.response_headers)
        for body, headers, learn in (
            (exchange.request_body, exchange.request_headers, self._secrets.learn_request_body),
            (exchange.response_body, exchange.response_headers, self._secrets.learn_response_body),
        ):
            clean_body(body, headers, _learner(learn))
        self._exchanges.append(exchange)
        self.write()

    def _har(self) -> dict[str, Any]:
        return _har("contract record", [_exchange_entry(self._secrets, exchange) for exchange in self._exchanges])


def _exchange_entry(secrets: Secrets, exchange: RecordedExchange) -> dict[str, Any]:
    sent, got = secrets.request_headers(exchange.request_headers), secrets.response_headers(exchange.response_headers)
    request = _request(exchange.method, secrets.url(exchange.url), sent, len(exchange.request_body))
    if exchange.request_body:
        posted = _content(secrets, exchange.request_body, sent)
        request["postData"] = {"mimeType": posted["mimeType"], "text": posted["text"]}
    content = _content(secrets, exchange.response_body, got)
    response = _response(exchange.status, secrets.text(exchange.reason), got, content)
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": exchange.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": milliseconds,
        "request": request,
        "response": {**response, "redirectURL": secrets.url(_header(got, "location"))},
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
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
