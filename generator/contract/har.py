"""Read and export HAR 1.2 files."""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import json
import shlex
import zlib
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from ..documents import Recording, Service
from ..errors import Problem, ValidationError
from .exchange import Exchange, InvalidJSON, Pairs, exchange_from_recording, header, json_data
from .redaction import MARK

if TYPE_CHECKING:
    from .checker import Contracts

_CREATOR = "cloudjobs"

_UNKNOWN_TIME = "1970-01-01T00:00:00Z"


def export_har(services: Iterable[Service]) -> dict[str, Any]:
    """Return HAR data with one entry for each recording. Unknown times are written as the epoch and -1."""
    recordings = [(service, recording) for service in services for recording in service.recordings.values()]
    return _har("recordings", [_recording_entry(service, recording) for service, recording in recordings])


def _har(version: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": _CREATOR, "version": version}, "entries": entries}}


def _recording_entry(service: Service, recording: Recording) -> dict[str, Any]:
    exchange, body = exchange_from_recording(service, recording), recording.text.encode()
    phrase = HTTPStatus(recording.status).phrase if recording.status in set(HTTPStatus) else ""
    content = {"size": len(body), "mimeType": recording.content_type, "text": recording.text}
    return {
        "startedDateTime": _UNKNOWN_TIME,
        "time": 0,
        "request": named_request(exchange.method, exchange.url, exchange.request_headers, 0),
        "response": named_response(recording.status, phrase, exchange.headers, content),
        "cache": {},
        "timings": {"send": -1, "wait": 0, "receive": -1},
        "comment": f"{service.name}/{recording.id}: {recording.source.data['summary']}",
    }


def named_request(method: str, url: str, headers: Iterable[tuple[str, str]], size: int) -> dict[str, Any]:
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return {"method": method, "url": url, "queryString": _named(query), **_message(headers, size)}


def named_response(
    status: int, phrase: str, headers: Iterable[tuple[str, str]], content: dict[str, Any]
) -> dict[str, Any]:
    first = {"status": status, "statusText": phrase, "content": content, "redirectURL": ""}
    return {**first, **_message(headers, content["size"])}


def _message(headers: Iterable[tuple[str, str]], size: int) -> dict[str, Any]:
    own = {"cookies": [], "headers": _named(headers)}
    return {"httpVersion": "HTTP/1.1", **own, "headersSize": -1, "bodySize": size}


def _named(values: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return headers or parameters in the form of HAR."""
    return [{"name": name, "value": value} for name, value in values]


_SAVE = "Save one with `contract record`, or with a browser's developer tools"

Headers = list[tuple[str, str]]

_LARGEST = 64 * 1024 * 1024
"""Most bytes of a decompressed body."""

_GZIP_OR_ZLIB = 47

_WITHOUT_BODY = {204, 304}

_URL_SAFE = str.maketrans("-_", "+/")
"""Translation from the base64 alphabet for URLs to the standard one."""

NO_RESPONSE = "without a response"
PREFLIGHT = "preflights"
WEBSOCKET = "websockets"
TUNNEL = "tunnels of a proxy"
HEAD = "HEAD requests: their responses have no body"
CACHED = "responses 304: their bodies are in a cache"
OTHER_ADDRESS = "requests to other addresses"
UNREADABLE = "unreadable"


class _Unreadable(ValueError):
    """An entry cannot be read. The text is the reason."""


class _Skipped(Exception):
    """An entry cannot be checked. The text is the reason."""


@attrs.frozen
class SkippedEntry:
    """An entry of a HAR file that is not checked."""

    source: str
    """The file and the number of the entry."""
    reason: str
    """One of the constants of this module."""
    detail: str = ""
    """Why the entry cannot be read, for the reason `UNREADABLE`."""


@attrs.frozen
class HarFile:
    """A HAR file with its readable entries."""

    name: str
    exchanges: tuple[Exchange, ...]
    """The readable entries with a response, in the order of the file."""
    skipped: tuple[SkippedEntry, ...]
    is_ours: bool
    """Whether `contract record` or `recordings export` wrote it, so that all requests are to services."""
    entries: tuple[Any, ...] = attrs.field(repr=False)
    """The entries as they are in the file."""

    def entry(self, number: int) -> Exchange | SkippedEntry:
        """Return the entry with a number, counted from 1. Raises `LookupError`."""
        found: dict[str, Exchange | SkippedEntry] = {each.source: each for each in self.exchanges}
        found |= {each.source: each for each in self.skipped}
        return found[_source(self.name, number)]

    def of_services(self, contracts: Contracts, hosts: Collection[str] = ()) -> HarFile:
        """Return the file with only the exchanges of some services. The other exchanges become skipped entries.

        A file of a browser has requests to many hosts. With `hosts`, the exchanges with these hosts are kept. Without
        `hosts`, those with a path of a document are kept. If some of the file's hosts are in `servers` of the document,
        exchanges with other hosts are not kept.

        Args:
            contracts: The contracts of the services.
            hosts: Hosts with or without a port, such as `jobs.example.com` or `localhost:8010`.
        """
        wanted = {host.lower() for host in hosts}
        if self.is_ours and not wanted:
            return self
        all_hosts = {each.host for each in self.exchanges}
        named = {
            id(contract): {host for host in all_hosts if contract.names_host(host)} for contract in contracts.contracts
        }
        kept: list[Exchange] = []
        others: list[Exchange] = []
        for exchange in self.exchanges:
            if wanted:
                belongs = bool({exchange.host, exchange.host.rpartition(":")[0]} & wanted)
            else:
                contract = contracts.nearest(exchange)
                belongs = contract is not None and exchange.host in (named[id(contract)] or all_hosts)
            (kept if belongs else others).append(exchange)
        skipped = tuple(SkippedEntry(each.source, OTHER_ADDRESS) for each in others)
        return attrs.evolve(self, exchanges=tuple(kept), skipped=self.skipped + skipped)


def read_har(file: Path) -> HarFile:
    """Read a HAR file. Entries that cannot be read become skipped entries.

    Raises `ValidationError` if the file is not a HAR file.
    """
    try:
        # From bytes, json detects UTF-8, UTF-16 and UTF-32, with or without a byte order mark.
        read = file.read_bytes()
        if read.startswith((b"\x1f\x8b", b"PK\x03\x04")):
            raise ValidationError(Problem(file, "must be a HAR file, got a compressed file", "Decompress it first"))
        data = json.loads(read, parse_constant=lambda name: None, strict=False)
    except OSError as error:
        raise ValidationError(Problem(file, f"cannot be read ({error.strerror})", "Name a HAR file")) from None
    except (ValueError, RecursionError) as error:
        if (data := _of_torn_file(file)) is not None:
            found = parse_har(data, str(file), file.parent)
            torn = SkippedEntry(_source(str(file), len(found.entries) + 1), "cut off while it was written")
            return attrs.evolve(found, skipped=(*found.skipped, torn))
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ValidationError(Problem(file, f"must be a HAR file, got invalid JSON ({reason})", _SAVE)) from None
    return parse_har(data, str(file), file.parent)


def _of_torn_file(file: Path) -> dict[str, Any] | None:
    """Return the complete entries of a recorder's file with an incomplete last line; None for another file."""
    head, entries = recorder_head(), []
    with file.open("rb") as opened:
        if opened.read(len(head)) != head:
            return None
        for line in opened:
            try:
                entries.append(json.loads(line.strip().removesuffix(b",")))
            except ValueError:
                break
    return _har(_RECORDER, entries)


_RECORDER = "contract record"


def recorder_head() -> bytes:
    """Return the first line of a file of the recorder. Each entry is a line, and `RECORDER_TAIL` ends the file."""
    return json.dumps(_har(_RECORDER, [])).removesuffix("]}}").encode() + b"\n"


RECORDER_TAIL = b"\n]}}\n"


def parse_har(data: Any, name: str, folder: Path | None = None) -> HarFile:
    """Read HAR data.

    Args:
        data: The JSON data of the file.
        name: The file's name, for findings.
        folder: The folder of the file. Playwright may write bodies to other files in it.

    Raises:
        ValidationError: The data has no list of entries at `/log/entries`.
    """
    log = data.get("log") if isinstance(data, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(entries, list):
        message = "must be a HAR file with a list at /log/entries, got none"
        raise ValidationError(Problem(name, message, _SAVE))
    exchanges, skipped = [], []
    for number, entry in enumerate(entries, 1):
        source = _source(name, number)
        try:
            exchanges.append(_read_entry(name, number, entry, folder))
        except _Skipped as reason:
            skipped.append(SkippedEntry(source, str(reason)))
        except _Unreadable as error:
            skipped.append(SkippedEntry(source, UNREADABLE, str(error)))
    creator = log.get("creator")
    is_ours = isinstance(creator, dict) and creator.get("name") == _CREATOR
    return HarFile(name, tuple(exchanges), tuple(skipped), is_ours, tuple(entries))


def _source(name: str, number: int) -> str:
    return f"{name} entry {number}"


def _read_entry(name: str, number: int, entry: Any, folder: Path | None) -> Exchange:
    request = _object(_object(entry, "the entry").get("request"), "request")
    method, url = request.get("method"), request.get("url")
    if not (isinstance(method, str) and method and isinstance(url, str) and url):
        raise _Unreadable("request must have a method and a url")
    method, url = method.upper(), _with_query(url, request.get("queryString"))
    response = entry.get("response")
    response = response if isinstance(response, dict) else {}
    status = _status(response.get("status"))
    if url.startswith(("ws:", "wss:")) or entry.get("_resourceType") == "websocket" or status == 101:
        raise _Skipped(WEBSOCKET)
    if method in ("OPTIONS", "CONNECT"):
        raise _Skipped(PREFLIGHT if method == "OPTIONS" else TUNNEL)
    if status < 200:
        # Browsers write 0 or -1 without a response, other tools null or nothing. After 1xx, a response follows.
        raise _Skipped(NO_RESPONSE)
    if method == "HEAD" or status == 304:
        raise _Skipped(HEAD if method == "HEAD" else CACHED)
    try:
        urlsplit(url).port  # noqa: B018 - raises for an invalid one
    except ValueError as error:
        raise _Unreadable(f"request.url must be a URL, got one that cannot be parsed ({error})") from None
    sent, headers = _pairs(request.get("headers")), _pairs(response.get("headers"))
    try:
        json.dumps([url, sent, headers], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _Unreadable("URL and headers must be Unicode text, got a lone surrogate") from None
    content = response.get("content") or {}
    media_type = str(_object(content, "response.content").get("mimeType") or "")
    if header(headers, "content-type") is None and "/" in media_type:
        headers += (("Content-Type", media_type),)
    return Exchange(
        method=method,
        url=url,
        request_headers=sent,
        status=status,
        headers=headers,
        body=_body(content, headers, status, folder),
        source=_source(name, number),
        reproduce=f"python -m generator contract check --har {shlex.quote(name)} --entry {number}",
        started=_time(entry.get("startedDateTime")),
    )


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Unreadable(f"{what} must be an object")
    return value


def _with_query(url: str, query: Any) -> str:
    """Return the URL with its query. Insomnia writes the query only in `queryString`."""
    pairs = [(name, value) for name, value in _pairs(query) if name]
    address = url.partition("#")[0]
    return f"{address}?{urlencode(pairs)}" if pairs and "?" not in url else url


def _status(value: Any) -> int:
    """Return the status code; 0 without a response."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value)
    if value is None or value in (0, -1) or not isinstance(value, int) or isinstance(value, bool):
        return 0
    if not 100 <= value <= 999:
        raise _Unreadable(f"response.status must be from 100 to 999, got {value}")
    return value


def _body(content: dict[str, Any], headers: Pairs, status: int, folder: Path | None) -> bytes | None:
    """Return the body without content coding; None if the file does not have it."""
    text = content.get("text")
    if isinstance(text, dict | list):
        # Some tools write JSON that is not in a string.
        text = json.dumps(text)
    if not isinstance(text, str) or not text:
        kept = _attached(content.get("_file"), folder)
        if kept is not None:
            return kept
        size = -1 if text is None and "text" in content else content.get("size", -1 if text is None else 0)
        lengths = (size, header(headers, "content-length") or 0)
        is_empty = all(str(length).strip() in ("0", "0.0") for length in lengths)
        return b"" if is_empty or status in _WITHOUT_BODY else None
    if str(content.get("encoding")).lower() != "base64":
        return text.encode("utf-8", "surrogatepass")
    plain = "".join(text.split()).translate(_URL_SAFE)
    try:
        # Some exporters leave out the padding.
        body = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        # Firefox declares base64 for some plain texts.
        body = text.encode("utf-8", "surrogatepass")
        if not _is_json(body):
            raise _Unreadable(f"response.content.text must be base64, as its encoding says ({error})") from None
        return body
    return _plain(body, (header(headers, "content-encoding") or "").strip().lower())


def _plain(body: bytes, coding: str) -> bytes:
    """Return the body decompressed. Most tools write it decompressed, some as it was sent."""
    if _is_json(body):
        return body
    is_gzip = body.startswith(b"\x1f\x8b")
    if is_gzip or coding in ("gzip", "x-gzip", "deflate"):
        plain = _decompressed(body, "gzip" if is_gzip else coding)
        return body if plain is None else plain
    if coding in ("br", "zstd", "compress") and not body.isascii():
        raise _Unreadable(f"response.content.text must be decompressed, got {coding}")
    return body


def _is_json(body: bytes) -> bool:
    try:
        json_data(body)
    except InvalidJSON:
        return False
    return True


def _attached(name: Any, folder: Path | None) -> bytes | None:
    """Return a body that Playwright has written to a file beside the HAR file; None if the file is missing."""
    if folder is None or not isinstance(name, str) or Path(name).name != name:
        return None
    try:
        return (folder / name).read_bytes()
    except (OSError, ValueError):
        return None


def _pairs(headers: Any) -> Pairs:
    """Return the headers. Some tools write values as numbers or null, or an object instead of a list."""
    if isinstance(headers, dict):
        headers = [{"name": name, "value": value} for name, value in headers.items()]
    pairs = [pair for pair in headers if isinstance(pair, dict)] if isinstance(headers, list) else []
    named = [(pair.get("name"), pair.get("value")) for pair in pairs]
    # In HTTP/2 the request line is written as headers with names that begin with a colon.
    return tuple(
        (name, "" if value is None else str(value))
        for name, value in named
        if isinstance(name, str) and name and not name.startswith(":")
    )


def _time(text: Any) -> datetime | None:
    try:
        timestamp = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return timestamp if timestamp.tzinfo and timestamp.timestamp() > 0 else None


def clean_body(body: bytes, headers: Headers, clean: Callable[[str, str], str]) -> bytes:
    """Remove the secrets from a body, which may be text, compressed or binary.

    Args:
        body: The body as it was sent.
        headers: The headers of its message.
        clean: Function that removes the secrets from a text, given its media type.

    Returns:
        The body without secrets; only `MARK` if the content coding is not supported.
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
        # A lone surrogate, which is allowed as an escape in JSON, becomes an escape.
        return clean(body.decode(), media_type).encode("utf-8", "backslashreplace")
    except UnicodeDecodeError:
        pass
    charset = stated.lower().partition("charset=")[2].strip(' "')
    if charset.startswith(("utf-16", "utf-32")):
        with contextlib.suppress(LookupError, UnicodeError):
            body = clean(body.decode(charset), media_type).encode(charset)
    # Names, digits and punctuation have the bytes of ASCII in most encodings.
    return clean(body.decode("latin-1"), media_type).encode("latin-1", "backslashreplace")


def _decompressed(body: bytes, coding: str) -> bytes | None:
    """Return the body decompressed; None if the coding is not supported, or the body is invalid or too large."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        return None
    # By RFC 9110 deflate has a zlib header, but some servers omit it.
    for window in (_GZIP_OR_ZLIB, *([-zlib.MAX_WBITS] if coding == "deflate" else [])):
        plain, rest = b"", body
        try:
            while rest:
                inflate = zlib.decompressobj(window)
                plain += inflate.decompress(rest, _LARGEST - len(plain) or 1)
                rest = inflate.unused_data
                if not inflate.eof or len(plain) >= _LARGEST:
                    return None
        except zlib.error:
            continue
        return plain
    return None


def _header(headers: Headers, name: str) -> str:
    return header(tuple(headers), name) or ""
