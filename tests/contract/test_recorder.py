"""The recorder: what passes it is written down whole, and no secret with it; an entry becomes a recording."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from cloudjobs import CceClient, GesClient
from cloudjobs.auth import Token
from generator.contract.recorder import HarWriter, recorder
from generator.contract.redaction import Secrets

from .contracts import ROOT
from .serving import LATEST, environment, serving

CANARY = "kanarie-Z9x4Q7v2L8"
JOB = "354331b2c-229a-11e8-9c75-0255ac100ceb"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrYW5hcmllIn0.c2lnbmF0dXJlLWthbmFyaWU"


def recorded(
    tmp_path: Path,
    answer: Callable[[httpx.Request], httpx.Response],
    *sent: httpx.Request,
    secrets: Secrets | None = None,
) -> tuple[dict[str, Any], str]:
    """Return the content of the file after these requests have passed a recorder before this provider."""
    file = tmp_path / "conversation.har"
    journal = HarWriter(file, secrets or Secrets())
    app = recorder("https://provider.example.com/prefix", journal, transport=httpx.MockTransport(answer))

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            for request in sent:
                await client.send(request)

    anyio.run(run)
    text = file.read_text(encoding="utf-8")
    return json.loads(text), text


def get(path: str = "/jobs/1", **keywords: Any) -> httpx.Request:
    return httpx.Request("GET", f"http://127.0.0.1:8011{path}", **keywords)


def plain(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"status": "ok"})


class TestRecorderSecrets:
    """A secret in each place of a conversation is in none of the files."""

    quoted = base64.b64encode(CANARY.encode()).decode()

    @pytest.mark.parametrize(
        ("sent", "answer"),
        [
            pytest.param(get(headers={"X-Auth-Token": CANARY}), plain, id="token header"),
            pytest.param(get(headers={"Authorization": f"Bearer {CANARY}"}), plain, id="authorization header"),
            pytest.param(get(headers={"Cookie": f"sid={CANARY}; a=b"}), plain, id="cookie"),
            pytest.param(get(headers={"X-House-Pass": CANARY}), plain, id="header of any name"),
            pytest.param(get(f"/jobs/1?access_token={CANARY}&limit=3"), plain, id="query"),
            pytest.param(get(f"/jobs/{CANARY}", headers={"X-Auth-Token": CANARY}), plain, id="path"),
            pytest.param(get(content=json.dumps({"auth": {"password": CANARY}})), plain, id="request body, JSON"),
            pytest.param(
                get(
                    content=f"user=u&password={CANARY}",
                    headers={"Content-Type": "application/x-www-form-urlencoded"},
                ),
                plain,
                id="request body, form",
            ),
            pytest.param(
                get(),
                lambda request: httpx.Response(200, json={}, headers={"Set-Cookie": f"session={CANARY}"}),
                id="reply's cookie",
            ),
            pytest.param(
                get(),
                lambda request: httpx.Response(201, json={}, headers={"X-Subject-Token": CANARY}),
                id="reply's token header",
            ),
            pytest.param(
                get(),
                lambda request: httpx.Response(200, json={"spec": {"secret_key": CANARY, "tokens": [CANARY]}}),
                id="reply's field",
            ),
            pytest.param(
                get(),
                lambda request: httpx.Response(
                    200, json={"data": json.dumps({"env": json.dumps({"DB_PASSWORD": CANARY})})}
                ),
                id="JSON text in a reply's field",
            ),
            pytest.param(
                get(headers={"X-Auth-Token": CANARY}),
                lambda request: httpx.Response(
                    401, text=f"<html>token {request.headers['X-Auth-Token']} is expired</html>"
                ),
                id="quoted in HTML",
            ),
            pytest.param(
                get(headers={"X-Auth-Token": CANARY}),
                lambda request: httpx.Response(200, json={f"of {CANARY}": "x", "b64": TestRecorderSecrets.quoted}),
                id="quoted in a name, and in base64",
            ),
            pytest.param(
                get(headers={"X-Auth-Token": CANARY}),
                lambda request: httpx.Response(200, content=b"\xff\xfe" + CANARY.encode()),
                id="quoted in bytes",
            ),
            pytest.param(
                get(headers={"X-Auth-Token": CANARY}),
                lambda request: httpx.Response(302, headers={"Location": f"https://a.example.com/?k={CANARY}"}),
                id="quoted in a redirection",
            ),
            pytest.param(
                get(), lambda request: httpx.Response(500, text=f'broken {{"password": "{CANARY}", '), id="broken JSON"
            ),
            pytest.param(get(), lambda request: httpx.Response(200, json={"note": JWT}), id="shape of a JWT"),
            pytest.param(
                get(),
                lambda request: httpx.Response(200, json={"url": f"https://u:{CANARY}@db.example.com/x"}),
                id="user part of an address",
            ),
        ],
    )
    def test_recorder_secret_in_exchange_is_in_no_file(
        self, tmp_path: Path, sent: httpx.Request, answer: Callable[[httpx.Request], httpx.Response]
    ) -> None:
        har, text = recorded(tmp_path, answer, sent)
        assert CANARY not in text
        assert self.quoted not in text
        assert JWT not in text
        assert all(
            CANARY.encode() not in base64.b64decode(each)
            for each in re.findall(r'"text": "([A-Za-z0-9+/=]+)"', text)
            if len(each) % 4 == 0
        )
        assert "REDACTED" in text
        assert [path.name for path in tmp_path.iterdir()] == ["conversation.har"]
        assert len(har["log"]["entries"]) == 1

    def test_recorder_earlier_entry_with_secret_is_cleaned(self, tmp_path: Path) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"state": "fine", "hint": f"use {CANARY}"})

        _, text = recorded(tmp_path, answer, get(), get(headers={"X-Auth-Token": CANARY}))
        assert CANARY not in text

    def test_recorder_environment_credential_is_redacted(self, tmp_path: Path) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"hint": CANARY})

        _, text = recorded(tmp_path, answer, get(), secrets=Secrets([CANARY]))
        assert CANARY not in text
        assert CANARY not in repr(Secrets([CANARY]))


class TestRecorderEntries:
    """Everything that is not a secret is passed on and written unchanged."""

    def test_recorder_exchange_is_passed_and_recorded_unchanged(self, tmp_path: Path) -> None:
        body = b'{ "a": 1.0, "b":\t[1e400, "\xc3\xa9"], "a": 2 }'

        def answer(request: httpx.Request) -> httpx.Response:
            assert request.url == "https://provider.example.com/prefix/jobs/a%2Fb?limit=2&x=%20"
            assert request.headers["host"] == "provider.example.com"
            return httpx.Response(207, content=body, headers={"Content-Type": "application/json", "X-Trace": "t-1"})

        har, _ = recorded(tmp_path, answer, get("/jobs/a%2Fb?limit=2&x=%20", headers={"Accept": "application/json"}))
        (entry,) = har["log"]["entries"]
        assert entry["response"]["content"]["text"].encode() == body
        assert entry["response"]["status"] == 207
        assert {"name": "X-Trace", "value": "t-1"} in entry["response"]["headers"]
        assert {"name": "accept", "value": "application/json"} in entry["request"]["headers"]
        assert {"name": "limit", "value": "2"} in entry["request"]["queryString"]

    def test_recorder_unreachable_provider_returns_502(self, tmp_path: Path) -> None:
        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused")

        journal = HarWriter(tmp_path / "x.har", Secrets())
        app = recorder("https://provider.example.com", journal, transport=httpx.MockTransport(refuse))

        async def run() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
                return await client.send(get())

        reply = anyio.run(run)
        assert reply.status_code == 502
        assert "ConnectError" in reply.text
        assert len(journal) == 0


@contextmanager
def recording(upstream: str, har: Path, folder: Path) -> Iterator[str]:
    """Yield the recorder as a separate process, which ends by Ctrl-C."""
    output = folder / "record.log"
    command = [sys.executable, "-m", "generator", "contract", "record", "--upstream", upstream, "--har", har]
    with (
        output.open("wb") as log,
        subprocess.Popen(
            [*map(str, command), "--port", "0"], cwd=ROOT, env=environment(), stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while not (found := re.search(r"(http://127\S+) ->", output.read_text())):
                assert process.poll() is None, output.read_text()
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.02)
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(60) == 0, output.read_text()
            finally:
                process.kill()


@pytest.mark.usefixtures("serves")
def test_recorder_with_a_pending_request_ends_within_a_second(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ExitStack() as connections:
        upstream = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with recording(upstream, tmp_path / "x.har", tmp_path) as url:
            client = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
            connections.enter_context(client)
            client.sendall(b"GET /api/jobs/j HTTP/1.1\r\nHost: recorder\r\n\r\n")
            # The request to the provider; a connection before it only looks whether there is one.
            while not connections.enter_context(silent.accept()[0]).recv(1):
                pass
            began = time.monotonic()
        taken = time.monotonic() - began
    assert taken < LATEST
    assert "Traceback" not in (tmp_path / "record.log").read_text()


def generator(*arguments: str | Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *map(str, arguments)],
        cwd=root,
        env={**environment(), "PYTHONPATH": f"{root}{os.pathsep}{root / 'generated_client' / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that the generator needs, to which a recording can be added."""
    root = tmp_path / "checkout"
    for name in ("generator", "openapi"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "generated_client").symlink_to(ROOT / "generated_client")
    return root


@pytest.mark.usefixtures("serves")
def test_recorder_recorded_traffic_passes_contract_check(tmp_path: Path, checkout: Path) -> None:
    har = tmp_path / "conversation.har"
    with serving(tmp_path) as server, recording(server.url, har, tmp_path) as url:
        with CceClient(url, project_id="p1", auth=Token(CANARY)) as cce:
            job = cce.get_job(JOB)
        with GesClient(url, project_id="p1", auth=Token(CANARY)) as ges:
            page = ges.list_jobs("movie", limit=2)
            assert page.jobs is not None
            rows = len(page.jobs)
    assert rows
    text = har.read_text()
    assert CANARY not in text
    entries = json.loads(text)["log"]["entries"]
    assert [entry["comment"] for entry in entries] == ["cce: getJob", "ges: listJobs"]

    added = generator(
        *("recordings", "add", har, "--entry", "1", "--id", "get-job-of-the-replay"),
        *("--summary", "A job of the replay server", "--location", "Recorded from the replay server"),
        root=checkout,
    )
    assert added.returncode == 0, added.stderr
    name, line = re.search(r"^(\S+):(\d+): add get-job-of-the-replay to x-recordings", added.stdout, re.M).groups()  # type: ignore[union-attr]
    document = checkout / name
    lines = document.read_text().splitlines(keepends=True)
    assert "200" in lines[int(line) - 1 - 1] or "200" in lines[int(line) - 1]
    # As the message says, a person names it.
    named = document.read_text().replace(
        "x-recordings: [get-job-running]", "x-recordings: [get-job-running, get-job-of-the-replay]"
    )
    assert named != document.read_text()
    document.write_text(named)
    checked = generator("contract", "check", "--services", "cce", root=checkout)
    assert (checked.returncode, checked.stderr) == (0, "")
    checked = generator("contract", "check", "--har", har, root=checkout)
    assert (checked.returncode, checked.stderr) == (0, "")
    written = (checkout / "openapi" / "recordings" / "cce" / "get-job-of-the-replay.yaml").read_text()
    assert job.metadata is not None
    assert str(job.metadata.uid) in written
    assert "p1" in written

    again = generator(
        *("recordings", "add", har, "--entry", "1", "--id", "get-job-of-the-replay"),
        *("--summary", "A job of the replay server", "--location", "Recorded from the replay server"),
        root=checkout,
    )
    assert again.returncode == 1
    assert "must not exist yet" in again.stderr


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("no har", ["--id", "a"], "must be a HAR file"),
        ('{"log": {}}', ["--id", "a"], "must be a HAR file"),
        ('{"log": {"entries": []}}', ["--id", "a"], "must have one entry, got 0"),
        ('{"log": {"entries": []}}', ["--id", "a", "--entry", "3"], "must be from 1 to 0 for"),
        ('{"log": {"entries": []}}', ["--id", "A b"], "must be lower-case words"),
        ('{"log": {"entries": []}}', ["--id", "a", "--note", "\udcff"], "must be Unicode text"),
        (None, ["--id", "a"], "cannot be read"),
    ],
)
def test_recordings_add_invalid_input_is_one_line(
    tmp_path: Path, content: str | None, arguments: list[str], message: str
) -> None:
    har = tmp_path / "x.har"
    if content is not None:
        har.write_text(content)
    done = generator("recordings", "add", har, *arguments, "--summary", "s", "--location", "p")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("upstream", ["ftp://x", "https://", "https://u:p@x", "https://x/?q=1", "https://x:99999"])
def test_record_command_invalid_upstream_is_rejected(tmp_path: Path, upstream: str) -> None:
    done = generator("contract", "record", "--upstream", upstream, "--har", tmp_path / "x.har", "--port", "0")
    assert done.returncode == 2
    assert "--upstream" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("serves")
def test_record_command_unwritable_har_is_rejected_at_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as provider:
        upstream = f"http://127.0.0.1:{provider.getsockname()[1]}"
        done = generator("contract", "record", "--upstream", upstream, "--har", "/dev/null/x.har", "--port", "0")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
