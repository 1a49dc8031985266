"""A fifth service is a document with its evidence and recordings, and no line of Python.

`fifth_service/` has a made-up one. Put into a copy of the checkout it becomes a package beside the others,
with a client, a stand-in and contract tests.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from generator.documents import Workspace
from tests.generator.directory_snapshots import (
    INPUTS,
    OUTPUT,
    ROOT,
    SERVICES,
    contents,
    copy_tree,
    first_difference,
    python,
    workshop,
)

FIFTH = Path(__file__).parent / "fifth_service"
PACKAGE = Path(OUTPUT) / "src" / "cloudjobs"


@pytest.fixture(scope="module")
def tree(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the fifth service, and the distribution made of it by the command line."""
    folder = copy_tree(tmp_path_factory.mktemp("fifth"), *INPUTS)
    shutil.copytree(built, folder / OUTPUT)
    shutil.copytree(FIFTH, folder / "openapi", dirs_exist_ok=True)
    made = workshop(folder, "client")
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == f"{OUTPUT}: cloudjobs with {', '.join(sorted([*SERVICES, 'acme']))}"
    return folder


def printed(tree: Path, code: str) -> str:
    """Return the output of a user's program with the generated client. Its warnings are errors."""
    done = python(tree / OUTPUT / "src", "-W", "error", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_fifth_service_is_found_by_its_document(tree: Path) -> None:
    assert Workspace(tree).service_names == sorted([*SERVICES, "acme"])


def test_fifth_service_check_command_passes(tree: Path) -> None:
    done = workshop(tree, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"{OUTPUT} is up to date"


def test_fifth_service_evidence_command_passes(tree: Path) -> None:
    done = workshop(tree, "evidence")
    assert (done.returncode, done.stderr) == (0, "")
    rows, confidences = done.stdout.split("\n\n")
    assert rows.splitlines()[1].split() == ["acme", "15", "14", "1", "1", "1", "0"]
    assert confidences.splitlines()[1].startswith("acme ")


def test_fifth_service_changed_document_fails_evidence(tree: Path, tmp_path: Path) -> None:
    other = copy_tree(tmp_path, *INPUTS)
    shutil.copytree(FIFTH, other / "openapi", dirs_exist_ok=True)
    path = other / "openapi" / "acme.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("enum: [low, high]", "enum: [low, high, top]"), "utf-8")
    done = workshop(other, "evidence", "--services", "acme")
    assert done.returncode == 1
    assert "/components/schemas/Task/properties/priority/enum acme.task.priority: must be" in done.stderr


def test_fifth_service_leaves_other_packages_unchanged(tree: Path, built: Path) -> None:
    package = tree / PACKAGE / "acme"
    assert sorted(path.name for path in package.iterdir() if path.name != "__pycache__") == [
        "__init__.py",
        "async_client.py",
        "client.py",
        "models.py",
        "openapi.json",
        "operations.py",
        "recordings.json",
    ]
    for name in SERVICES:
        before, after = contents(built / "src" / "cloudjobs" / name), contents(tree / PACKAGE / name)
        assert first_difference(before, after) is None, name


def test_fifth_service_needs_no_code_change(tree: Path) -> None:
    def code(root: Path) -> dict[str, bytes | None]:
        return {
            name: content for name, content in contents(root / "generator").items() if name.endswith((".py", ".jinja"))
        }

    assert code(tree)
    assert first_difference(code(tree), code(ROOT)) is None
    assert not list(FIFTH.rglob("*.py"))


def test_generator_code_names_no_service() -> None:
    names = re.compile(rf"\b({'|'.join(SERVICES)})", re.IGNORECASE)
    code = [path for suffix in ("py", "jinja") for path in (ROOT / "generator").rglob(f"*.{suffix}")]
    assert len(code) > 40
    assert [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in code
        for line in path.read_text(encoding="utf-8").splitlines()
        if names.search(line)
    ] == []


def test_fifth_service_client_decodes_its_recording(tree: Path) -> None:
    code = """
import httpx, json
from cloudjobs import AcmeClient, JobSnapshot, JobState, recordings
from cloudjobs.acme import Step, Task, TaskPriority, TaskStateValues
from cloudjobs.auth import Token

body = recordings("acme")["task-running"]["body"]
sent = []

def answer(request):
    sent.append(request)
    return httpx.Response(200, text=body)

with AcmeClient("https://acme.example.com/acme", auth=Token("k"), transport=httpx.MockTransport(answer)) as acme:
    task = acme.get_task("t-1", detail=2)

[request] = sent
assert str(request.url) == "https://acme.example.com/acme/v1/tasks/t-1?detail=2", request.url
assert request.headers["X-Acme-Key"] == "k"
assert isinstance(task, Task) and isinstance(task.steps[0], Step)
assert (task.task_id, task.state, task.priority, task.percent) == ("t-1", TaskStateValues.ACTIVE, "high", 40)
assert task.to_dict() == json.loads(body)
snapshot = JobSnapshot.from_job(task)
assert (snapshot.id, snapshot.state, snapshot.progress) == ("t-1", JobState.RUNNING, 0.4)
assert snapshot.started_at.isoformat() == "2023-11-14T22:13:20+00:00"
assert [(step.id, step.state) for step in snapshot.children] == [("fetch", "succeeded"), ("build", "running")]
print(*TaskPriority.__args__)
"""
    assert printed(tree, code) == "low high\n"


def test_fifth_service_async_client_decodes_its_recording(tree: Path) -> None:
    code = """
import asyncio, httpx
from cloudjobs import AsyncAcmeClient, recordings
from cloudjobs.auth import Token

async def main():
    body = recordings("acme")["task-running"]["body"]
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=body))
    async with AsyncAcmeClient("https://acme.example.com", auth=Token("k"), transport=transport) as acme:
        print((await acme.get_task("t-1")).task_id)

asyncio.run(main())
"""
    assert printed(tree, code) == "t-1\n"


def test_fifth_service_bare_string_error_is_the_message(tree: Path) -> None:
    code = """
import httpx
from cloudjobs import AcmeClient, errors, recordings
from cloudjobs.auth import Token

body = recordings("acme")["no-such-task"]["body"]
transport = httpx.MockTransport(lambda request: httpx.Response(404, text=body))
try:
    AcmeClient("https://acme.example.com", auth=Token("k"), transport=transport).get_task("t-404")
except errors.NotFoundError as error:
    print(error.service, error.operation, error.status_code, error.code, error.message)
try:
    AcmeClient("https://acme.example.com", auth=Token("k" * 33), transport=transport).get_task("t-404")
except ValueError as error:
    print(error)
"""
    assert printed(tree, code).splitlines() == [
        "acme getTask 404 None there is no task t-404",
        "the token must have at most 32 characters, got 33",
    ]


def test_fifth_service_replay_returns_its_recordings(tree: Path) -> None:
    code = """
import asyncio, httpx, json
from cloudjobs import recordings
from cloudjobs.testing import replay_app

async def main():
    transport = httpx.ASGITransport(replay_app("acme"))
    async with httpx.AsyncClient(transport=transport, base_url="https://acme.example.com") as http:
        async def get(path, **headers):
            reply = await http.request(headers.pop("method", "GET"), path, headers=headers)
            return [reply.status_code, reply.text]
        key = {"X-Acme-Key": "k"}
        print(json.dumps([
            await get("/v1/tasks/t-1", **key),
            await get("/v1/tasks/t-1?detail=3", **key),
            await get("/v1/tasks/other", **key),
            await get("/v1/tasks/t-1"),
            await get("/v1/tasks/t-1", **{"X-Acme-Key": "k" * 33}),
            await get("/v1/tasks/t-1?detail=4", **key),
            await get("/v1/tasks/t-1", method="POST", **key),
            await get("/v2/tasks/t-1", **key),
        ]))

asyncio.run(main())
"""
    replies = json.loads(printed(tree, code))
    assert [status for status, _ in replies] == [200, 200, 404, 401, 401, 400, 405, 404]
    recorded = json.loads((tree / PACKAGE / "acme" / "recordings.json").read_text(encoding="utf-8"))
    assert replies[0][1] == replies[1][1] == recorded["task-running"]["body"]
    # The recorded text, about the requested task.
    assert replies[2][1] == recorded["no-such-task"]["body"].replace("t-404", "other")
    # Its failures are bare strings, so those of the stand-in are too.
    assert all(isinstance(json.loads(text), str) for _, text in replies[3:6])


def test_fifth_service_is_available_in_the_cli(tree: Path) -> None:
    code = """
import os, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from cloudjobs import recordings
from cloudjobs.cli import main

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append((self.path, self.headers["X-Acme-Key"]))
        body = recordings("acme")["task-running"]["body"].replace('"active"', '"done"').encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        pass

asked = []
with HTTPServer(("127.0.0.1", 0), Answer) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ |= {"CLOUDJOBS_ACME_URL": f"http://127.0.0.1:{server.server_port}", "CLOUDJOBS_ACME_TOKEN": "key"}
    print(main(["watch", "acme", "t-1", "--detail", "3"]), asked)
    print(main(["get", "acme", "t-1", "--show", "nothing"]), main(["list", "acme", "t-1"]), len(asked))
    server.shutdown()
"""
    done = python(tree / OUTPUT / "src", "-W", "error", "-c", code)
    assert done.stdout.splitlines() == [
        "succeeded 100%  t-1",
        "succeeded 100%    fetch",
        "succeeded 100%    build",
        "0 [('/v1/tasks/t-1?detail=3', 'key')]",
        "2 2 1",
    ]
    assert "a field must be one of taskId, state, priority" in done.stderr
    assert "got 'acme', which has no operation to list" in done.stderr


def test_fifth_service_is_on_the_site(tree: Path, tmp_path: Path) -> None:
    for name in ("CHANGELOG.md", "STABILITY.md"):
        shutil.copy2(ROOT / name, tree)
    made = workshop(tree, "docs", "--output", tmp_path / "site")
    assert made.returncode == 0, made.stderr
    page = (tmp_path / "site/services/acme/index.html").read_text(encoding="utf-8")
    for anchor in ("getTask", "getTask.detail", "getTask.404", "Task.percent", "Step", "scheme.key"):
        assert f'id="{anchor}"' in page
    assert "no-such-task" in page
    assert "services/acme.md" in (tmp_path / "site/llms.txt").read_text(encoding="utf-8")
    assert 'href="../services/acme/"' in (tmp_path / "site/contradictions/index.html").read_text(encoding="utf-8")
    assert 'href="acme/#Task"' in (tmp_path / "site/services/index.html").read_text(encoding="utf-8")


def test_fifth_service_passes_the_contract_tests(tree: Path, tmp_path: Path) -> None:
    if not (ROOT / "tests" / "contract").is_dir():
        pytest.skip("there is no tests/contract in this checkout")
    copy = tmp_path / "checkout"
    shutil.copytree(tree, copy)
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "acme")
    done = python(copy, "-m", "pytest", "tests/contract", *options)
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 5
    assert "skipped" not in done.stdout.splitlines()[-1]
