"""Messages pass the recorder unchanged, and are in the file even after a failure."""

from __future__ import annotations

import gzip
import json
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from cloudjobs._operations import Secret
from cloudjobs.auth import AkSk
from cloudjobs.auth._aksk import authorization
from generator.contract import read_har
from generator.contract.live.http_client import environment_proxy
from generator.contract.recorder import HarWriter, RecordedExchange, SigningKeys, recorder
from generator.contract.redaction import Secrets
from generator.errors import UsageError

from .ports import listening
from .recorder_stress import Recorder, get, growth, killed, large, provider

pytestmark = pytest.mark.usefixtures("serves")
KEY, SECRET = "AK0123456789", "sk-of-the-test-0123456789"


class Upstream(ThreadingHTTPServer):
    """A provider that keeps the head of each request, and sends the bytes that it is given."""

    def __init__(self, response: bytes) -> None:
        self.seen: list[tuple[str, list[tuple[str, str]]]] = []
        self.response = response
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing."""


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        self.server.seen.append((self.path, list(self.headers.items())))
        self.wfile.write(self.server.response)
        self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Print nothing."""


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@contextmanager
def upstream(response: bytes = OK) -> Iterator[Upstream]:
    server = Upstream(response)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def relaying(to: Upstream, har: Path, prefix: str = "", keys: SigningKeys | None = None) -> Iterator[str]:
    """Yield the recorder before a provider, in this process; its responses have no header of uvicorn."""
    app = recorder(f"{to.url}{prefix}", HarWriter(har, Secrets()), keys=keys)
    with listening(app, headers=False) as url:
        yield url


def raw(url: str, request: bytes) -> bytes:
    """Return the bytes of the response to a request."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as file:
            return file.read()


def test_recorder_request_and_response_gain_no_header(tmp_path: Path) -> None:
    with upstream() as provider, relaying(provider, tmp_path / "x.har") as url:
        response = raw(url, b"GET /jobs/1 HTTP/1.1\r\nHost: me\r\nX-One: 1\r\nConnection: close\r\n\r\n")
    ((_, headers),) = provider.seen
    assert [(name.lower(), value) for name, value in headers] == [
        ("host", f"127.0.0.1:{provider.server_port}"),
        ("x-one", "1"),
    ]
    head, _, body = response.partition(b"\r\n\r\n")
    assert {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]} <= {
        *(b"content-type", b"content-length", b"connection")
    }
    assert body == b"{}"


def test_recorder_compressed_response_is_passed_on_as_it_came_and_recorded_as_text(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    request = b"GET / HTTP/1.1\r\nHost: me\r\nAccept-Encoding: br, gzip\r\nConnection: close\r\n\r\n"
    with upstream(head + packed) as provider, relaying(provider, tmp_path / "x.har") as url:
        response = raw(url, request)
    assert packed in response
    assert ("Accept-Encoding", "gzip") in [(name.title(), value) for name, value in provider.seen[0][1]]
    (exchange,) = read_har(tmp_path / "x.har").exchanges
    assert exchange.body == b'{"a": 1}'


def test_recorder_header_that_is_not_ascii_is_passed_on_and_recorded(tmp_path: Path) -> None:
    odd = b"X-Name: caf\xe9\r\nX-Name: \xe6\x97\xa5\r\nX-Empty:\r\n"
    with (
        upstream(OK.replace(b"Connection", odd + b"Connection")) as provider,
        relaying(provider, tmp_path / "x.har") as url,
    ):
        response = raw(url, b"GET / HTTP/1.1\r\nHost: me\r\nX-Of: \xe9\r\nConnection: close\r\n\r\n")
    assert b"caf\xe9" in response
    assert b"\xe6\x97\xa5" in response
    (exchange,) = read_har(tmp_path / "x.har").exchanges
    assert [value for name, value in exchange.headers if name == "X-Name"] == ["caf\xe9", "\u65e5"]


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
)
def test_recorder_response_that_is_not_http_is_one_line(tmp_path: Path, response: bytes) -> None:
    with upstream(response) as provider, relaying(provider, tmp_path / "x.har") as url:
        reply = httpx.get(url, trust_env=False)
    assert reply.status_code == 502
    assert reply.text.startswith("the recorder could not reach the provider: RemoteProtocolError")
    assert reply.text.count("\n") == 1


def signed(url: str) -> httpx.Request:
    """Return a request with a signature for the address."""
    request = httpx.Request("GET", f"{url}/jobs/1?b=2&a=1", headers={"X-Project-Id": "p"})
    return next(AkSk(KEY, SECRET, header="Authorization").auth_flow(request))  # type: ignore[no-any-return]


def accepts(seen: tuple[str, list[tuple[str, str]]]) -> bool:
    """Return whether a provider that computes the signature from the request that it got accepts it."""
    path, headers = seen
    found = {name.lower(): value for name, value in headers}
    names = found["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = httpx.Request("GET", f"http://{found['host']}{path}", headers={name: found[name] for name in names})
    wanted = authorization(request, Secret(KEY), Secret(SECRET))
    return wanted.rpartition("=")[2] == found["authorization"].rpartition("=")[2]


def test_recorder_signed_host_without_the_key_is_passed_on_unchanged(tmp_path: Path) -> None:
    with (
        upstream() as provider,
        relaying(provider, tmp_path / "x.har") as url,
        httpx.Client(trust_env=False) as client,
    ):
        client.send(signed(url))
    assert dict(provider.seen[0][1])["host"] == urlsplit(url).netloc
    assert accepts(provider.seen[0])


def test_recorder_with_the_key_signs_for_the_provider(tmp_path: Path) -> None:
    keys = SigningKeys({KEY: AkSk(KEY, SECRET, header="Authorization")})
    with (
        upstream() as provider,
        relaying(provider, tmp_path / "x.har", "/prefix", keys) as url,
        httpx.Client(trust_env=False) as client,
    ):
        client.send(signed(url))
    path, headers = provider.seen[0]
    assert path == "/prefix/jobs/1?b=2&a=1"
    assert dict(headers)["host"] == f"127.0.0.1:{provider.server_port}"
    assert accepts(provider.seen[0])
    assert KEY not in (tmp_path / "x.har").read_text()


def test_recorder_of_another_key_does_not_sign(tmp_path: Path) -> None:
    keys = SigningKeys({"another": AkSk("another", SECRET, header="Authorization")})
    with (
        upstream() as provider,
        relaying(provider, tmp_path / "x.har", keys=keys) as url,
        httpx.Client(trust_env=False) as client,
    ):
        client.send(signed(url))
    assert accepts(provider.seen[0])


def test_recorder_sends_through_the_proxy_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with upstream() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        app = recorder("http://provider.example", HarWriter(tmp_path / "x.har", Secrets()))
        with listening(app) as url:
            assert httpx.get(f"{url}/jobs/1", trust_env=False).status_code == 200
    assert proxy.seen[0][0] == "http://provider.example/jobs/1"


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        ("https://a.example", {"https_proxy": "http://p:1"}, "http://p:1"),
        ("https://a.example", {"HTTPS_PROXY": "p:1"}, "http://p:1"),
        ("http://a.example", {"https_proxy": "http://p:1"}, None),
        ("http://a.example", {"all_proxy": "http://p:1"}, "http://p:1"),
        ("https://a.example", {"https_proxy": "http://p:1", "no_proxy": "example"}, None),
        ("https://a.example", {"https_proxy": "http://p:1", "no_proxy": "*"}, None),
        ("https://10.1.2.3", {"https_proxy": "http://p:1", "no_proxy": "b.example, 10.0.0.0/8"}, None),
        ("https://[fd07::1]", {"https_proxy": "http://p:1", "no_proxy": "fd07::/16"}, None),
        ("http://127.0.0.1:80", {"http_proxy": "http://p:1"}, None),
        ("http://localhost", {"http_proxy": "http://p:1"}, None),
    ],
)
def test_environment_proxy_of_an_address_follows_its_variables(
    url: str, variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = environment_proxy(url)
    assert (None if found is None else str(found.url)) == expected


def test_environment_proxy_invalid_value_is_named_and_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "ftp://u:password@p")
    with pytest.raises(UsageError) as raised:
        environment_proxy("https://a.example")
    assert "HTTPS_PROXY: must be the URL of an HTTP or SOCKS5 proxy" in str(raised.value)
    assert "password" not in str(raised.value)


def test_recorder_full_disk_is_one_line_and_leaves_a_whole_file(tmp_path: Path) -> None:
    har = tmp_path / "x.har"
    with provider() as address, ExitStack() as stack:
        running = Recorder(address, har)
        connection = stack.enter_context(running.connection())
        get(connection, "/jobs/1", "token-0123456789")
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (har.stat().st_size + 100, resource.RLIM_INFINITY))
        for number in range(3):
            get(connection, f"/jobs/full-{number}", "token-0123456789")
        assert len(json.loads(har.read_bytes())["log"]["entries"]) == 1
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        get(connection, "/jobs/2", "token-0123456789")
        output = running.stop()
    assert output.count("\n") == 2
    assert (
        f"{har}: cannot be written (File too large). Free space or correct the permissions, or name another --har."
        in output
    )
    assert f"{har}: 2 exchange(s), 3 not recorded" in output
    assert running.process.returncode == 1
    assert [exchange.path for exchange in read_har(har).exchanges] == ["/jobs/1", "/jobs/2"]


def exchange(body: bytes, token: str = "") -> RecordedExchange:
    return RecordedExchange(
        started=datetime.now(UTC),
        seconds=0.1,
        method="GET",
        url="https://provider.example/jobs/1",
        request_headers=[("X-Auth-Token", token)] if token else [],
        request_body=b"",
        status=200,
        reason="OK",
        response_headers=[("Content-Type", "application/json")],
        response_body=body,
    )


def test_read_har_torn_recording_has_its_whole_entries(tmp_path: Path) -> None:
    har = tmp_path / "x.har"
    writer = HarWriter(har, Secrets())
    for number in range(3):
        writer.add(exchange(b'{"number": %d}' % number))
    whole = har.read_bytes()
    third = whole.rindex(b'{"startedDateTime"')
    har.write_bytes(whole[: third + 200])
    found = read_har(har)
    assert [each.body for each in found.exchanges] == [b'{"number": 0}', b'{"number": 1}']
    assert [each.reason for each in found.skipped] == ["cut off while it was written"]


def test_har_writer_secret_inside_an_earlier_word_is_gone_after_close(tmp_path: Path) -> None:
    """A word of the file that only contains the secret is not looked up; the end of the recording finds it."""
    har = tmp_path / "x.har"
    writer = HarWriter(har, Secrets())
    writer.add(exchange(b'{"hint": "useZq8vT4xW7nowhere"}'))
    writer.add(exchange(b"{}", token="Zq8vT4xW7"))
    writer.add(exchange(b'{"hint": "Zq8vT4xW7"}'))
    writer.close()
    assert "Zq8vT4xW7" not in har.read_text()
    assert len(read_har(har).exchanges) == 3


def test_secrets_many_learned_values_keep_those_of_the_environment() -> None:
    secrets = Secrets(["of-the-environment"])
    for number in range(6000):
        secrets.learn_request([("X-House-Signature", f"signature-{number:05}")], "https://x/")
    assert secrets.text("of-the-environment signature-05999 signature-00000") == "REDACTED REDACTED signature-00000"


def test_recorder_sample_of_the_stress_costs_the_same_at_the_end() -> None:
    found = growth(200)
    assert found.last_cpu < 2 * found.first_cpu + 0.001  # ticks of 10 ms
    assert large(500_000, 2) < 60
    assert killed(1) > 0
