"""A recording reverse proxy: it forwards each request to one provider, and writes the exchange to a HAR file.

Each exchange is appended as soon as it is complete, without its secrets. The file is valid HAR at any time: an exchange
is one line, written over the end of the file in one step. The time to append one does not grow with their number.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import urlsplit

import attrs
import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import Problem, ValidationError
from ..files import write_files
from .exchange import header
from .har import RECORDER_TAIL, Headers, clean_body, named_request, named_response, recorder_head
from .live.http_client import below, certificates_problem, environment_proxy, tls_problem
from .redaction import Secrets

_CHECK_URL = "Check the URL, and whether the provider is running"


def reach(upstream: str, *, timeout: float = 10.0) -> None:
    """Open a connection to a provider, with TLS for https, and close it.

    If the environment has a proxy for the provider, connect to the proxy.

    Args:
        upstream: URL of the provider.
        timeout: Most seconds for the connection.

    Raises:
        ValidationError: The provider cannot be reached, or the TLS handshake with it fails.
    """
    proxy = environment_proxy(upstream)
    if proxy is not None:
        upstream = f"{proxy.url.scheme}://{proxy.url.netloc.decode('ascii')}"
    parts = urlsplit(upstream)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout) as plain:
            if parts.scheme == "https" and proxy is None:
                with _certificates().wrap_socket(plain, server_hostname=host):
                    pass
    except ssl.SSLError as error:
        raise ValidationError(tls_problem(upstream, error)) from None
    except TimeoutError:
        raise ValidationError(
            Problem(upstream, f"must accept a connection within {timeout:g} s, got none", _CHECK_URL)
        ) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such host"
        raise ValidationError(Problem(upstream, f"cannot be reached ({reason})", _CHECK_URL)) from None


def _certificates() -> ssl.SSLContext:
    """Return the TLS settings with the certificates that the recorder trusts."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise ValidationError(certificates_problem(error)) from None


_GRACE = 0.3
"""Seconds for pending responses when the recorder stops."""


class _Server(uvicorn.Server):
    """A server that stops within a second, even if a response of the provider is pending."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections."""
        asyncio.get_running_loop().call_later(_GRACE, self._abort)
        await super().shutdown(sockets)

    def _abort(self) -> None:
        # Abort connections before tasks, otherwise uvicorn logs tasks that end without a response.
        for connection in self.server_state.connections:
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()


def listen(port: int) -> socket.socket:
    """Return a listening socket of 127.0.0.1. Raises `OSError` if the port is not free."""
    bound = socket.create_server(("127.0.0.1", port))
    # asyncio does this only for sockets with a stated protocol. Without it, bodies of responses wait 40 ms.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve on a socket. Returns after SIGINT."""

    async def cancellable(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    config = uvicorn.Config(
        cancellable,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        ws="none",
        date_header=False,
        server_header=False,
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config).run(sockets=[bound])


_OF_THE_CONNECTION = {
    *("connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"),
    *("trailer", "upgrade"),
}
"""Headers of a connection, which must not be forwarded (RFC 9110, 7.6.1)."""

_DECODED = ("gzip", "deflate", "identity")
"""Content codings that the recorder can decode."""

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

RawHeaders = list[tuple[bytes, bytes]]


@attrs.frozen
class _Signature:
    """An AK/SK signature in the header `Authorization`."""

    access: str
    """ID of the access key."""
    headers: frozenset[bytes]
    """Names of the signed headers, in lower case."""

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> _Signature | None:
        """Return the signature of a request; None if it is not signed."""
        value = next((value for name, value in headers if _is(name, b"authorization")), b"")
        scheme, _, rest = value.partition(b" ")
        if not scheme.upper().startswith(b"SDK-HMAC"):
            return None
        parts = dict(each.strip().partition(b"=")[::2] for each in rest.split(b","))
        names = parts.get(b"SignedHeaders", b"").lower().split(b";")
        return cls(parts.get(b"Access", b"").decode("latin-1"), frozenset(names))


class SigningKeys:
    """Access keys of the environment, by their IDs, to sign requests for the provider's host.

    A client signs for the host that it sends to, which is the recorder's. A provider that checks the host would reject
    that signature.
    """

    def __init__(self, keys: Mapping[str, httpx.Auth]) -> None:
        self._keys = dict(keys)

    def __repr__(self) -> str:
        return f"<SigningKeys: {len(self._keys)}>"

    def signed(self, method: str, url: httpx.URL, headers: RawHeaders, body: bytes) -> RawHeaders | None:
        """Return the headers with a new signature; None if the request has no signature of a known key."""
        signature = _Signature.of(headers)
        auth = self._keys.get(signature.access) if signature else None
        if auth is None:
            return None
        request = httpx.Request(method, url, headers=headers, content=body)
        made = next(auth.sync_auth_flow(request))
        fresh = {name.lower(): value for name, value in made.headers.raw}
        return [(name, fresh.get(name.lower(), value)) for name, value in headers]


def recorder(
    upstream: str,
    writer: HarWriter,
    *,
    named: Callable[[str, str], str] = lambda method, path: "",
    transport: httpx.AsyncBaseTransport | None = None,
    timeout: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
    keys: SigningKeys | None = None,
    failed: Callable[[ValidationError], object] = lambda error: None,
) -> Router:
    """Make the application. It forwards every request to the provider, and to no other host.

    Requests and responses keep their headers, with their spelling. Three may change: `Host` is the provider's, unless
    it is signed with a key that is not in `keys`; `Accept-Encoding` loses codings that the recorder cannot read, unless
    it is signed; headers of a connection are not forwarded. A response is returned once it is recorded.

    Args:
        upstream: URL of the provider, as `provider_address` returns it. It may have a path.
        writer: Writes the exchanges.
        named: Function that returns the operation of a method and path, for the entry's comment.
        transport: Transport to use instead of the network.
        timeout: Most seconds to wait for data of the provider.
        clock: Function that returns seconds, to measure the duration of a response.
        keys: Access keys to sign requests again with, for the provider's host.
        failed: Function to call for each exchange that cannot be written. The client gets the response anyway.
    """
    base = httpx.URL(upstream)
    carrier = transport or _network(upstream)
    timeouts = httpx.Timeout(timeout).as_dict()

    async def passed(request: Request) -> Response:
        # The path stays percent-encoded: decoding would lose %2F.
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        query = request.scope["query_string"].decode("latin-1")
        try:
            url = below(base, path + (f"?{query}" if query else ""))
        except ValueError as error:
            hint = "Give the client the URL of the recorder instead of the provider's."
            return Response(f"{error}. Nothing was sent. {hint}\n", 400, media_type="text/plain")
        if request.method not in _METHODS:
            return Response(f"the method must be one of {', '.join(_METHODS)}, got {request.method}\n", 405)
        body = await request.body()
        sent = _to_provider(request.scope["headers"], request.method, url, body, keys)
        started, since = datetime.now(UTC), clock()
        try:
            passing = httpx.Request(
                request.method, url, headers=sent, stream=httpx.ByteStream(body), extensions={"timeout": timeouts}
            )
            response = await carrier.handle_async_request(passing)
            raw = b"".join([chunk async for chunk in response.stream]) if _is_async(response.stream) else b""
            await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            return Response(f"the recorder could not reach the provider: {type(error).__name__} {why}\n", 502)
        got = [
            (name, value)
            for name, value in response.headers.raw
            if name.lower().decode("latin-1") not in _OF_THE_CONNECTION
        ]
        plain, is_plain = _plain(got, raw)
        exchange = RecordedExchange(
            started=started,
            seconds=clock() - since,
            method=request.method,
            url=str(url),
            request_headers=_text_of(sent, ()),
            request_body=body,
            status=response.status_code,
            reason=response.extensions.get("reason_phrase", b"").decode("latin-1"),
            response_headers=_text_of(got, ("content-encoding", "content-length") if is_plain else ()),
            response_body=plain,
            comment=named(request.method, path),
        )
        try:
            writer.add(exchange)
        except ValidationError as error:
            failed(error)
        answer = Response(raw, response.status_code)
        answer.raw_headers = [(name, value) for name, value in got if not _is(name, b"transfer-encoding")]
        return answer

    return Router(default=request_response(passed))


def _to_provider(
    came: Iterable[tuple[bytes, bytes]], method: str, url: httpx.URL, body: bytes, keys: SigningKeys | None
) -> RawHeaders:
    """Return the headers of a request to the provider."""
    headers = [(name, value) for name, value in came if name.lower().decode("latin-1") not in _OF_THE_CONNECTION]
    host = httpx.Request(method, url).headers["host"].encode("ascii")
    for_provider = [(name, host if _is(name, b"host") else value) for name, value in headers]
    signature = _Signature.of(headers)
    names = signature.headers if signature else frozenset()
    if keys is not None and (signed := keys.signed(method, url, for_provider, body)) is not None:
        for_provider = signed
    elif b"host" in names:
        for_provider = headers
    readable = [
        (name, _readable(value) if _is(name, b"accept-encoding") and b"accept-encoding" not in names else value)
        for name, value in for_provider
    ]
    if any(_is(name, b"host") for name, _ in readable):
        return readable
    return [(b"host", host), *readable]  # HTTP/1.1 requires Host, which a request of HTTP/1.0 may lack


def _is(name: bytes, other: bytes) -> bool:
    return name.lower() == other


def _readable(value: bytes) -> bytes:
    """Return the codings of an `Accept-Encoding` that the recorder can read."""
    wanted = [each.strip() for each in value.decode("latin-1").split(",")]
    kept = [each for each in wanted if each.partition(";")[0].strip().lower() in _DECODED]
    return ", ".join(kept or ["identity"]).encode("latin-1")


def _plain(headers: RawHeaders, raw: bytes) -> tuple[bytes, bool]:
    """Return a body without its content coding, and whether it could be decoded."""
    codings = [value for name, value in headers if _is(name, b"content-encoding")]
    names = {each.strip().lower() for value in codings for each in value.decode("latin-1").split(",")}
    if not codings or not names <= {"", *_DECODED}:
        return raw, False
    try:
        return httpx.Response(
            200, headers=[(b"content-encoding", value) for value in codings], content=raw
        ).content, True
    except httpx.DecodingError:
        return raw, False


def _text_of(headers: RawHeaders, without: Container[str]) -> list[tuple[str, str]]:
    """Return headers as text, decoded as UTF-8 if they are valid UTF-8, else as Latin-1."""
    found = []
    for pair in headers:
        name, value = (_decoded(each) for each in pair)
        if name.lower() not in without:
            found.append((name, value))
    return found


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _is_async(stream: object) -> TypeGuard[httpx.AsyncByteStream]:
    return isinstance(stream, httpx.AsyncByteStream)


def _network(upstream: str) -> httpx.AsyncBaseTransport:
    """Return the transport to the provider, with the proxy of the environment if there is one."""
    try:
        return httpx.AsyncHTTPTransport(proxy=environment_proxy(upstream), trust_env=True)
    except OSError as error:
        raise ValidationError(certificates_problem(error)) from None


_WORD = re.compile(r"[A-Za-z0-9]{6,}")
"""A word of a text. Secrets are searched by their words."""

_MOST_WORDS = 1_000_000
"""Most words of earlier exchanges that are kept. A longer file is searched as a whole when the recorder stops."""


@attrs.frozen(kw_only=True)
class RecordedExchange:
    """A request and its response, as they were forwarded."""

    started: datetime
    seconds: float
    """Seconds from the request to the end of the response."""
    method: str
    url: str
    """URL at the provider, not at the recorder."""
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    """Text of the status line."""
    response_headers: Headers
    response_body: bytes
    """Body without its content coding."""
    comment: str = ""
    """Name of the operation."""


class HarWriter:
    """Writes exchanges into a HAR 1.2 file.

    Secrets are learned from each exchange. An earlier exchange may contain such a secret, because a token may be quoted
    before it is sent. So the file is redacted again: at once if the words of the secret are in it, and in any case when
    the recording ends.

    Args:
        file: The HAR file. `write`, or else the first exchange, replaces it by a new one.
        secrets: The redactor.
    """

    def __init__(self, file: Path, secrets: Secrets) -> None:
        self.file = file
        self._secrets = secrets
        self._lock = threading.Lock()
        self._opened: int | None = None
        self._end = 0
        """Offset of the last line, which closes the JSON."""
        self._count = 0
        self._words: set[int] = set()
        """Hashes of the words in the file."""
        self._is_unclean = False
        """Whether secrets were learned after an exchange was written."""

    def __len__(self) -> int:
        return self._count

    def write(self) -> None:
        """Write a file without exchanges. Raises `ValidationError` if it cannot be written."""
        with self._lock:
            self._create()

    def add(self, exchange: RecordedExchange) -> None:
        """Append an exchange. Raises `ValidationError` if it cannot be written; then the file is unchanged."""
        with self._lock:
            if self._opened is None:
                self._create()
            self._learn(exchange)
            learned = self._secrets.learned()
            if self._count and learned:
                self._is_unclean = True
                if any(map(self._may_have, learned)):
                    self._clean()
            line = json.dumps(_entry(self._secrets, exchange), ensure_ascii=False)
            line = line.encode("utf-8", "backslashreplace").decode()
            self._append(((",\n" if self._count else "") + line).encode())
            self._count += 1
            if len(self._words) < _MOST_WORDS:
                self._words.update(map(hash, _WORD.findall(line)))

    def close(self) -> None:
        """Redact the file once more if secrets were learned after its first exchange, and close it."""
        with self._lock:
            if self._opened is None:
                return
            if self._is_unclean:
                self._clean()
            os.close(self._opened)
            self._opened = None

    def _create(self) -> None:
        head = recorder_head()
        write_files({self.file: head + RECORDER_TAIL})
        self._open(len(head))

    def _open(self, end: int) -> None:
        if self._opened is not None:
            os.close(self._opened)
        try:
            self._opened = os.open(self.file, os.O_RDWR)
        except OSError as error:
            raise self._unwritable(error) from None
        self._end = end

    def _append(self, line: bytes) -> None:
        """Write a line over the last line of the file, and the last line after it."""
        assert self._opened is not None
        rest, at = memoryview(line + RECORDER_TAIL), self._end
        try:
            while rest:
                written = os.pwrite(self._opened, rest, at)
                rest, at = rest[written:], at + written
        except OSError as error:
            with contextlib.suppress(OSError):
                os.pwrite(self._opened, RECORDER_TAIL, self._end)
                os.ftruncate(self._opened, self._end + len(RECORDER_TAIL))
            raise self._unwritable(error) from None
        self._end += len(line)

    def _unwritable(self, error: OSError) -> ValidationError:
        return ValidationError(
            Problem(
                self.file,
                f"cannot be written ({error.strerror})",
                "Free space or correct the permissions, or name another --har",
            )
        )

    def _learn(self, exchange: RecordedExchange) -> None:
        secrets = self._secrets
        secrets.learn_request(exchange.request_headers, exchange.url)
        secrets.learn_response(exchange.response_headers)
        clean_body(exchange.request_body, exchange.request_headers, _learner(secrets.learn_request_body))
        clean_body(exchange.response_body, exchange.response_headers, _learner(secrets.learn_response_body))

    def _may_have(self, value: str) -> bool:
        """Return whether a value may be in the file: it has words, and all of them are in the file."""
        words = _WORD.findall(value)
        return bool(words) and all(hash(word) in self._words for word in words)

    def _clean(self) -> None:
        """Redact the exchanges in the file with the secrets known now. The file is replaced by a new one."""
        folder, name = self.file.parent, f".{self.file.name}.redacted"
        made = folder / name
        try:
            with made.open("wb") as output:
                for line in self._cleaned():
                    output.write(line)
            made.chmod(self.file.stat().st_mode & 0o777)
            made.replace(self.file)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            made.unlink(missing_ok=True)
        self._open(self.file.stat().st_size - len(RECORDER_TAIL))

    def _cleaned(self) -> Iterator[bytes]:
        with self.file.open("rb") as written:
            yield written.readline()
            for number in range(self._count):
                text = written.readline().decode().rstrip("\n").removesuffix(",")
                if self._secrets.text(text) != text:
                    entry = _redacted(self._secrets, json.loads(text))
                    text = json.dumps(entry, ensure_ascii=False)
                yield (",\n" if number else "").encode() + text.encode()
        yield RECORDER_TAIL


def _redacted(secrets: Secrets, value: Any) -> Any:
    """Return an entry without known secrets in its strings."""
    if isinstance(value, str):
        return secrets.text(value)
    if isinstance(value, list):
        return [_redacted(secrets, item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("encoding") == "base64" and isinstance(value.get("text"), str):
        kind = [("Content-Type", str(value.get("mimeType", "")))]
        body = clean_body(base64.b64decode(value["text"]), kind, lambda text, media_type: secrets.text(text))
        return {**value, "size": len(body), "text": base64.b64encode(body).decode()}
    clean = {key: _redacted(secrets, member) for key, member in value.items()}
    if isinstance(clean.get("text"), str) and "size" in clean:
        clean["size"] = len(clean["text"].encode())
    return clean


def _entry(secrets: Secrets, exchange: RecordedExchange) -> dict[str, Any]:
    sent, got = secrets.request_headers(exchange.request_headers), secrets.response_headers(exchange.response_headers)
    request = named_request(exchange.method, secrets.url(exchange.url), sent, len(exchange.request_body))
    if exchange.request_body:
        posted = _content(secrets, exchange.request_body, sent)
        request["postData"] = {key: posted[key] for key in ("mimeType", "text", "encoding") if key in posted}
    content = _content(secrets, exchange.response_body, got)
    response = named_response(exchange.status, secrets.text(exchange.reason), got, content)
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": exchange.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": milliseconds,
        "request": request,
        "response": {**response, "redirectURL": secrets.url(header(tuple(got), "location") or "")},
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": exchange.comment,
    }


def _content(secrets: Secrets, body: bytes, headers: Headers) -> dict[str, Any]:
    clean = clean_body(body, headers, secrets.body)
    content: dict[str, Any] = {"size": len(clean), "mimeType": header(tuple(headers), "content-type") or ""}
    try:
        return {**content, "text": clean.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(clean).decode(), "encoding": "base64"}


def _learner(learn: Callable[[str, str], None]) -> Callable[[str, str], str]:
    def leave(text: str, media_type: str) -> str:
        learn(text, media_type)
        return text

    return leave
