"""The recorder from the first request to the committed recording: no secret in any file, and the contract kept."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from generator.cli import main
from generator.contract.recorder import reach
from generator.errors import ValidationError

from .contracts import ROOT
from .ports import listening
from .test_recorder import recording

JOB = "354331b2c-229a-11e8-9c75-0255ac100ceb"
PLACES = (
    *("token", "authorization", "cookie", "house header", "query", "path", "body", "form"),
    *("set-cookie", "subject-token", "field", "text in a field", "redirection", "basic", "command line"),
)
CANARIES = {place: f"kanarie-{number:02}-Zq8vT4xW" for number, place in enumerate(PLACES, 1)}
"""Another secret in each place, so that none is found only because another place gave it away."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Separate documents and recordings for the commands."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "openapi", root / "openapi")
    monkeypatch.chdir(root)
    return root


async def job(request: Request) -> Response:
    """Return a CCE job as the page has it, and with every secret that a response can have."""
    text = (ROOT / "openapi" / "recordings" / "cce" / "get-job-running.yaml").read_text(encoding="utf-8")
    body = json.loads(
        "\n".join(line[2:] for line in text.partition("body: |\n")[2].partition("\nraw:")[0].splitlines())
    )
    sent = request.headers.get("X-Auth-Token", "")
    body["status"]["reason"] = f"the token {sent} was used after {CANARIES['set-cookie']}"
    body["spec"]["extendParam"] = {
        "serverID": "1",
        "adminPassword": CANARIES["field"],
        "command": f"run --token={CANARIES['command line']} --all",
        "userData": json.dumps({"env": json.dumps({"DB_PASSWORD": CANARIES["text in a field"]})}),
    }
    cookie = f"session={CANARIES['set-cookie']}; Path=/; HttpOnly"
    return JSONResponse(body, headers={"Set-Cookie": cookie, "X-Subject-Token": CANARIES["subject-token"]})


async def login(request: Request) -> Response:
    body = (await request.body()).decode()
    return HTMLResponse(f"<html>You sent {body} with {request.headers.get('authorization', '')}</html>", 401)


async def elsewhere(request: Request) -> Response:
    return RedirectResponse(f"https://other.example.com/?code=1&access_token={CANARIES['redirection']}", 302)


PROVIDER = Starlette(
    routes=[
        Route("/api/v3/projects/{project}/jobs/{job}", job),
        Route("/login", login, methods=["POST"]),
        Route("/{path:path}", elsewhere),
    ]
)


@pytest.mark.usefixtures("serves")
def test_recorder_secrets_of_an_exchange_are_in_no_file(
    tmp_path: Path, checkout: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", CANARIES["token"])
    har = tmp_path / "conversation.har"
    with (
        listening(PROVIDER) as provider,
        recording(provider, har, tmp_path) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        headers = {
            "X-Auth-Token": CANARIES["token"],
            "Authorization": f"Bearer {CANARIES['authorization']}",
            "Cookie": f"sid={CANARIES['cookie']}",
            "X-House-Pass": CANARIES["house header"],
            "Content-Type": "application/json",
        }
        first = client.get(f"/api/v3/projects/p1/jobs/{JOB}", headers=headers)
        client.get("/other", params={"access_token": CANARIES["query"]})
        client.get(f"/{CANARIES['path']}/x", headers={"X-Auth-Token": CANARIES["path"]})
        client.post("/login", json={"auth": {"identity": {"password": {"user": {"password": CANARIES["body"]}}}}})
        client.post("/login", data={"user": "u", "password": CANARIES["form"]}, auth=("u", CANARIES["basic"]))
    # The caller got the response as it was.
    assert CANARIES["field"] in first.text
    assert CANARIES["set-cookie"] in first.headers["set-cookie"]

    added = run(
        *("recordings", "add", har, "--entry", "1", "--id", "get-job-with-secrets"),
        *("--summary", f"A job, asked for with {CANARIES['token']}", "--location", "Recorded from a made-up provider"),
    )
    assert added[0] == 0, added
    written = checkout / "openapi" / "recordings" / "cce" / "get-job-with-secrets.yaml"
    files = [har, tmp_path / "record.log", written]
    assert {path for path in tmp_path.iterdir() if path != checkout} | {written} == set(files)
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert [place for place, canary in CANARIES.items() if canary in text] == [], file.name
    assert not any(canary in text for canary in CANARIES.values() for text in added[1:])
    assert "REDACTED" in written.read_text()
    assert len(json.loads(har.read_text())["log"]["entries"]) == 5

    # A redacted response still keeps its contract: in the HAR file, and as a recording.
    document = checkout / "openapi" / "cce.yaml"
    text = document.read_text()
    named = text.replace("x-recordings: [get-job-running]", "x-recordings: [get-job-running, get-job-with-secrets]")
    assert named != text
    document.write_text(named)
    for chosen in (["--services", "cce"], ["--har", har, "--entry", "1"]):
        code, printed, errors = run("contract", "check", *chosen)
        assert code == 0, printed + errors


@pytest.mark.usefixtures("serves")
class TestRecordUnreachableProvider:
    """One line that says why, before anything is served or written."""

    def refused(self, run: Run, tmp_path: Path, upstream: str) -> str:
        before = sorted(tmp_path.iterdir())
        code, printed, errors = run(
            "contract", "record", "--upstream", upstream, "--har", tmp_path / "x.har", "--port", "0"
        )
        assert (code, printed) == (1, "")
        assert errors.count("\n") == 2
        assert sorted(tmp_path.iterdir()) == before
        return errors.splitlines()[0]

    def test_record_closed_port_is_one_line(self, run: Run, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        line = self.refused(run, tmp_path, f"http://127.0.0.1:{port}")
        assert line.startswith(f"http://127.0.0.1:{port}: cannot be reached (Connection refused). ")

    def test_record_host_without_tls_is_one_line(self, run: Run, tmp_path: Path) -> None:
        with listening(PROVIDER) as url:
            assert "must accept TLS, got an error (" in self.refused(run, tmp_path, url.replace("http:", "https:"))

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl, which makes a certificate")
    def test_record_untrusted_certificate_is_one_line(
        self, run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        both = tmp_path_factory.mktemp("tls") / "both.pem"
        made = [
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=127.0.0.1",
        ]
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        certificate = both.with_suffix(".crt")
        subprocess.run(
            ["openssl", "req", *made, *names, "-keyout", both, "-out", certificate], check=True, capture_output=True
        )
        both.write_text(both.read_text() + certificate.read_text())
        with listening(PROVIDER, both) as url:
            assert "must have a trusted certificate, got an error (self" in self.refused(run, tmp_path, url)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            reach(url)

    def test_reach_unknown_host_raises_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*arguments: object, **keywords: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "create_connection", unknown)
        with pytest.raises(
            ValidationError, match=r"https://nowhere\.example: cannot be reached \(Name or service not known\)"
        ):
            reach("https://nowhere.example")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"request": {"url": None}}, "request must have a method and a url"),
        ({"request": {"url": "http://[::1"}}, "request.url must be a URL"),
        ({"request": {"url": "https://x/nothing/like/it"}}, "must have a request of a documented operation"),
        ({"request": {"method": "POST"}}, "must have a request of a documented operation"),
        ({"response": {"status": 0}}, "must have a readable response in entry 1, got: without a response"),
        (
            {"response": {"content": {"mimeType": "application/json", "size": 9}}},
            "must have the response body, got none",
        ),
        (
            {"response": {"content": {"mimeType": "application/json", "text": "<html>Sign in</html>"}}},
            "the response body must be JSON, got",
        ),
        (
            {"response": {"content": {"mimeType": "application/json", "text": '["\\ud800"]'}}},
            "the response body must be JSON, got",
        ),
        (
            {"response": {"content": {"mimeType": "application/json", "text": "[NaN]"}}},
            "the response body must be JSON, got",
        ),
        (
            {"response": {"content": {"mimeType": "application/json", "text": "[" * 100_000}}},
            "the response body must be JSON, got",
        ),
        (
            {"response": {"status": 999}},
            "must have an entry that makes a valid recording, got one with an error at /status",
        ),
        (
            {"response": {"content": {"text": "{}"}}},
            "must have an entry that makes a valid recording, got one with an error at /content_type",
        ),
        (
            {"response": {"content": {"mimeType": "application/json", "text": "gIE=", "encoding": "base64"}}},
            "the response body must be UTF-8",
        ),
    ],
)
def test_recordings_add_invalid_entry_is_one_line(
    tmp_path: Path, checkout: Path, run: Run, entry: dict[str, dict[str, object]], said: str
) -> None:
    request = {"method": "GET", "url": f"https://x/api/v3/projects/p/jobs/{JOB}", "headers": []}
    content = {"mimeType": "application/json", "size": 2, "text": "{}"}
    response = {"status": 200, "headers": [], "content": content}
    whole = {"request": request | entry.get("request", {}), "response": response | entry.get("response", {})}
    har = tmp_path / "x.har"
    har.write_text(json.dumps({"log": {"entries": [whole]}}))
    before = sorted(checkout.rglob("*"))
    code, printed, errors = run("recordings", "add", har, "--id", "a", "--summary", "s", "--location", "p")
    assert (code, printed) == (1, "")
    assert said in errors
    assert errors.count("\n") == 2
    assert sorted(checkout.rglob("*")) == before
