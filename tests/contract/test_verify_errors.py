"""Errors of `contract verify`: one line, an exit code, and nothing written."""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import TracebackException

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from generator.cli import main
from generator.commands import contract
from generator.contract.live.http_client import provider_address

from .contracts import contracts, operations
from .ports import listening

pytestmark = pytest.mark.usefixtures("serves")

SECRET = "kanarie-Z9x4Q7v2L8"
SERVICE = next(each.service for each in operations() if each.requires_credentials and "argument" in each.node["x-poll"])
OPEN = next(each.service for each in operations() if not each.requires_credentials)
USAGE, UNREACHABLE = 2, 3


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", SECRET)


class FailedVerify:
    """Run the command, and check the common form of all errors."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._report = folder / "report.txt"
        self._capsys = capsys

    def __call__(self, url: str, *more: str, service: str = SERVICE) -> tuple[int, str]:
        """Exit code, and the line that says why."""
        command = ["contract", "verify", url, "--service", service, "--rate", "1000", "--output", str(self._report)]
        code = main([*command, *more])
        said = self._capsys.readouterr()
        assert not said.out
        line, end = said.err.splitlines()
        assert end == "1 problem(s); nothing was written."
        assert SECRET not in said.err
        assert not self._report.exists()
        assert list(self._report.parent.iterdir()) == []
        return code, line


@pytest.fixture
def refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FailedVerify:
    return FailedVerify(tmp_path, capsys)


def answering(status: int, body: bytes = b"", **headers: str) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    return answer


@pytest.fixture
def closed() -> Iterator[str]:
    """An address without a listener."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_verify_closed_port_is_unreachable(refusal: FailedVerify, closed: str) -> None:
    code, line = refusal(closed)
    assert code == UNREACHABLE
    assert line.startswith(f"{closed}: cannot be reached (")


def test_verify_host_without_tls_is_unreachable(refusal: FailedVerify) -> None:
    with listening(answering(200)) as url:
        code, line = refusal(url.replace("http:", "https:"))
    assert code == UNREACHABLE
    assert "must accept TLS, got an error (" in line


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl, which makes a certificate")
def test_verify_untrusted_certificate_is_unreachable(
    refusal: FailedVerify, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("tls")
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=provider"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *made], check=True, capture_output=True)
    both.write_text(key.read_text() + certificate.read_text())
    with listening(answering(404, b"{}", content_type="application/json"), both) as url:
        code, line = refusal(url)
        assert code == UNREACHABLE
        assert line.startswith(f"{url}: must have a trusted certificate, got an error (self")
        assert line.endswith("set SSL_CERT_FILE to its authority.")
        # As it says.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        code, line = refusal(url)
        assert code == USAGE
        assert "got 404" in line


def test_verify_silent_host_is_unreachable(refusal: FailedVerify) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        code, line = refusal(f"http://127.0.0.1:{silent.getsockname()[1]}", "--timeout", "0.2")
    assert code == UNREACHABLE
    assert "did not respond in time" in line


@pytest.mark.parametrize("status", [200, 404, 503])
def test_verify_html_response_is_unreachable(status: int, refusal: FailedVerify) -> None:
    page = answering(status, b"\n<!DOCTYPE html><title>Log in</title>", content_type="text/html; charset=utf-8")
    with listening(page) as url:
        code, line = refusal(url)
    assert code == UNREACHABLE
    assert f"must be an API, got a page for people (text/html, status {status})" in line


def test_verify_redirect_is_unreachable(refusal: FailedVerify) -> None:
    to = f"https://login.example.com/in?ticket={SECRET}"
    with listening(answering(302, location=to)) as url:
        code, line = refusal(url)
    assert code == UNREACHABLE
    assert "must respond without a redirect, got 302 to 'https://login.example.com/in'" in line


@pytest.mark.parametrize("status", [401, 403])
def test_verify_rejected_credentials_are_unreachable(status: int, refusal: FailedVerify) -> None:
    with listening(answering(status, b"{}", content_type="application/json")) as url:
        code, line = refusal(url)
    assert code == UNREACHABLE
    assert f"must accept the credentials, got {status}" in line


def test_verify_server_error_is_unreachable(refusal: FailedVerify) -> None:
    with listening(answering(503, b"{}", content_type="application/json")) as url:
        code, line = refusal(url)
    assert code == UNREACHABLE
    assert "must not respond with a server error, got 503" in line


def test_verify_missing_job_is_a_usage_error(refusal: FailedVerify) -> None:
    with listening(answering(404, b"{}", content_type="application/json")) as url:
        code, line = refusal(url)
        assert code == USAGE
        assert "must have the recorded job_id" in line
        assert line.endswith("Name one that exists with --job ID.")
        code, line = refusal(url, "--job", "a-job")
        assert code == USAGE
        assert "must have the given job_id a-job, got 404" in line


def test_verify_unknown_service_is_a_usage_error(refusal: FailedVerify, closed: str) -> None:
    code, line = refusal(closed, service="nimbus")
    assert code == USAGE
    assert line == f"--service: must be one of {', '.join(sorted(contracts()))}, got 'nimbus'. Correct the name."


def test_verify_unknown_parameter_is_a_usage_error(refusal: FailedVerify, closed: str) -> None:
    code, line = refusal(closed, "--parameter", "colour=red")
    assert code == USAGE
    assert line.startswith(f"--parameter: must be a parameter of {SERVICE}, got colour. Choose from ")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--job", ".."), "--job: must not give job_id the value '..', which changes the path. Correct the value."),
        (("--job", ""), "--job: must not give job_id the value '', which changes the path. Correct the value."),
        (("--job", "\udcff"), "--job: must give job_id characters that can be sent, got others. Correct the value."),
        (
            ("--parameter", "ief-instance-id=ä"),
            "--parameter: must give ief-instance-id characters that can be sent, got others. Correct the value.",
        ),
    ],
)
def test_verify_unsendable_value_is_a_usage_error(
    options: tuple[str, str], says: str, refusal: FailedVerify, closed: str
) -> None:
    service = "ief" if "ief" in options[1] else SERVICE
    assert refusal(closed, *options, service=service) == (USAGE, says)


def test_verify_job_option_for_listing_is_a_usage_error(refusal: FailedVerify, closed: str) -> None:
    listing = next(each.service for each in operations() if "items" in each.node["x-poll"])
    code, line = refusal(closed, "--job", "a-job", service=listing)
    assert code == USAGE
    assert line.startswith("--job: must be left out for ")


def test_verify_missing_credentials_are_a_usage_error(
    refusal: FailedVerify, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLOUDJOBS_TOKEN")
    code, line = refusal(closed)
    assert code == USAGE
    assert f"credentials for {SERVICE} are missing: set " in line


def test_verify_credentials_over_http_are_a_usage_error(refusal: FailedVerify) -> None:
    # Nothing is sent: the fixture of all these tests would fail the test.
    code, line = refusal("http://provider.example.com")
    assert code == USAGE
    assert "must be https, got http" in line


INVALID = {
    "scheme": f"ftp://me:{SECRET}@127.0.0.1",
    "no scheme": f"127.0.0.1:80/{SECRET}",
    "userinfo": f"https://me:{SECRET}@example.com",
    "query": f"https://example.com/?a={SECRET}",
    "no host": f"https:///{SECRET}",
    "port": f"https://me:{SECRET}/@example.com",
    "lone surrogate": f"https://me:{SECRET}\udcff@example.com",
}
every_invalid = pytest.mark.parametrize("url", INVALID.values(), ids=INVALID)


@every_invalid
def test_verify_invalid_url_is_a_usage_error(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["contract", "verify", url, "--service", SERVICE])
    assert ended.value.code == USAGE
    shown = capsys.readouterr().err
    assert "argument URL: must " in shown
    assert SECRET not in shown


@every_invalid
@pytest.mark.parametrize("validate", [provider_address, contract._address])
def test_address_password_is_in_no_frame_variable(validate: Callable[[str], str], url: str) -> None:
    with pytest.raises((ValueError, argparse.ArgumentTypeError), match=r"^must ") as caught:
        validate(url)
    error: BaseException | None = caught.value
    while error is not None:
        frames = TracebackException(type(error), error, error.__traceback__, capture_locals=True).stack
        assert not [frame for frame in frames if frame.filename != __file__ and SECRET in repr(frame.locals)]
        assert SECRET not in str(error)
        error = error.__context__


def test_verify_unreadable_certificates_are_a_usage_error(
    refusal: FailedVerify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    code, line = refusal("https://127.0.0.1:1")
    assert code == USAGE
    assert line.startswith("SSL_CERT_FILE or SSL_CERT_DIR: must name readable certificates, got an error (")


def test_verify_open_service_needs_no_credentials(refusal: FailedVerify, closed: str) -> None:
    code, _ = refusal("http://127.0.0.1:1", service=OPEN)
    assert code == UNREACHABLE


@pytest.mark.parametrize(
    "options",
    [["--rate", "0"], ["--cases", "many"], ["--interval", "-1"], ["--parameter", "colour"], ["--format", "yaml"]],
    ids=lambda options: options[0],
)
def test_verify_invalid_option_value_is_a_usage_error(
    options: list[str], closed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["contract", "verify", closed, "--service", SERVICE, *options])
    assert ended.value.code == USAGE
    assert options[0] in capsys.readouterr().err
