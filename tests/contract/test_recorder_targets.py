"""For any request target, the recorder and the verifier send to the provider's address alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Router, request_response

from generator.contract.live import Provider, UsageError
from generator.contract.live.http_client import below
from generator.contract.recorder import HarWriter, recorder
from generator.contract.redaction import Secrets

from .ports import listening

pytestmark = pytest.mark.usefixtures("serves")
TOKEN = "kanarie-Z9x4Q7v2L8"


class Seen:
    """A server that records its requests."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.cookies: list[str | None] = []
        self.app = Router(default=request_response(self._answer))

    async def _answer(self, request: Request) -> Response:
        path, query = request.scope["raw_path"].decode(), request.scope["query_string"].decode()
        self.targets.append(f"{path}?{query}" if query else path)
        self.cookies.append(request.headers.get("cookie"))
        if path.endswith("/away"):
            return RedirectResponse("http://other.example.com/there", 302, {"Set-Cookie": "sid=of-the-first"})
        return Response("fine")


class RecorderSetup:
    """A recorder before a provider that has a path prefix, and another server beside it."""

    def __init__(self, folder: Path, url: str, provider: Seen, other: Seen, other_url: str) -> None:
        self.har = folder / "x.har"
        self.url, self.provider, self.other = url, provider, other
        self.other_authority = urlsplit(other_url).netloc

    def raw(self, method: str, target: str, host: str = "x") -> tuple[int, str]:
        """Return status and body of the response to a request with an unchanged target."""
        parts = urlsplit(self.url)
        request = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: {TOKEN}\r\nConnection: close\r\n\r\n"
        with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
            connection.sendall(request.encode("latin-1"))
            with connection.makefile("rb") as file:
                answer = file.read().decode()
        return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecorderSetup]:
    provider, other = Seen(), Seen()
    with listening(provider.app) as upstream, listening(other.app) as other_url:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other_url)
        # No connection is kept: the recorder's is not closed.
        carrier = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        app = recorder(f"{upstream}/prefix", HarWriter(tmp_path / "x.har", Secrets()), transport=carrier)
        with listening(app) as url:
            yield RecorderSetup(tmp_path, url, provider, other, other_url)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "%2f@OTHER/x"),
        ("GET", "@OTHER/x"),
        ("GET", ":1@OTHER/x"),
        ("GET", ".OTHER/x"),
        ("GET", "http://OTHER/x"),
        ("GET", "HTTP://u:p@OTHER"),
        ("GET", "\\@OTHER/x"),
        ("CONNECT", "OTHER"),
        ("OPTIONS", "*"),
        ("GET", "/../admin"),
        ("GET", "/a/../../admin"),
        ("GET", "/..%2fadmin"),
        ("GET", "/%2e%2E/admin"),
        ("GET", "/%252e%252e/admin"),
        ("GET", "/..\\admin"),
        ("GET", "/..;a=b/admin"),
        ("GET", "/a#b"),
    ],
)
def test_recorder_target_that_leaves_upstream_is_rejected(setting: RecorderSetup, method: str, target: str) -> None:
    status, said = setting.raw(method, target.replace("OTHER", setting.other_authority))
    assert (setting.provider.targets, setting.other.targets) == ([], [])
    assert status == 400
    assert "Nothing was sent" in said
    assert "the request target must" in said
    assert not setting.har.exists()


@pytest.mark.parametrize("target", ["/a b", "/a\tb", "/a\x00b", "/\xe9"])
def test_recorder_target_with_control_characters_is_not_sent(setting: RecorderSetup, target: str) -> None:
    status, _ = setting.raw("GET", target)
    assert (setting.provider.targets, setting.other.targets) == ([], [])
    assert status in (400, 505)


@pytest.mark.parametrize(
    "target",
    [
        "/%2f@OTHER/x",
        "//OTHER/x",
        "/@OTHER/x",
        "/jobs/a%2Fb?limit=2&x=%20&y=http://OTHER/",
        "/a?b=../..",
        "/a%0Ab",
        "/",
    ],
)
def test_recorder_path_like_a_url_stays_upstream(setting: RecorderSetup, target: str) -> None:
    target = target.replace("OTHER", setting.other_authority)
    status, _ = setting.raw("GET", target, host=setting.other_authority)
    assert status == 200
    assert (setting.provider.targets, setting.other.targets) == ([f"/prefix{target}"], [])


def test_recorder_redirect_is_passed_on_and_not_followed(setting: RecorderSetup) -> None:
    with httpx.Client(base_url=setting.url, trust_env=False) as client:
        reply = client.get("/away")
    assert (reply.status_code, reply.headers["location"]) == (302, "http://other.example.com/there")
    assert setting.provider.targets == ["/prefix/away"]


def test_recorder_cookie_of_one_caller_is_not_sent_for_another(setting: RecorderSetup) -> None:
    for path in ("/away", "/next"):
        setting.raw("GET", path)
    assert setting.provider.cookies == [None, None]


@pytest.mark.parametrize("path", ["@OTHER/x", ":1@OTHER/x", "/../x", "http://OTHER/x"])
def test_verify_path_that_leaves_provider_is_rejected(setting: RecorderSetup, path: str) -> None:
    provider = Provider(setting.url, rate=1000)
    try:
        with pytest.raises(UsageError, match="the request target must"):
            provider.get(path.replace("OTHER", setting.other_authority))
    finally:
        provider.close()
    assert (setting.provider.targets, setting.other.targets) == ([], [])


def test_verify_redirect_is_not_followed(setting: RecorderSetup) -> None:
    provider = Provider(setting.url, rate=1000)
    try:
        assert provider.get("/away").response.status_code == 302
    finally:
        provider.close()
    assert setting.other.targets == []


def test_below_keeps_scheme_host_and_port() -> None:
    base = httpx.URL("https://provider.example.com:8443/prefix")
    assert str(below(base, "//evil/x?q=@evil")) == "https://provider.example.com:8443/prefix//evil/x?q=@evil"
