"""`make dist-check`: the first steps of a user with the built wheels, in a new environment and an empty folder.

It installs the dependencies of the wheels, so it needs the network or a mirror that pip is configured for.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EPOCH = "1767225600"  # as in the Makefile
RESPONSE = """\
HTTP/1.1 200 OK
Content-Type: application/json

{"taskId": "t-17", "state": "RUNNING", "percent": 40}
"""
PROGRAM = """\
import httpx
from tasks_client import TasksClient

job = {"taskId": "t-17", "state": "SUCCEEDED", "percent": 100}
transport = httpx.MockTransport(lambda request: httpx.Response(200, json=job))
with TasksClient("https://jobs.example.com", transport=transport) as tasks:
    print(tasks.wait_for_job("t-17", timeout=9).state)
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command without this checkout on its path, and return its output. Raises `SystemExit` if it fails."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    begin = time.monotonic()
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False
    )
    shown = " ".join(Path(str(part)).name if part == command[0] else str(part) for part in command)
    print(f"{time.monotonic() - begin:6.1f} s  {shown}", flush=True)
    if done.returncode:
        raise SystemExit(f"{shown}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(said: str, part: str) -> None:
    """Raise `SystemExit` unless an output contains the text `part`."""
    if part not in said:
        raise SystemExit(f"expected {part!r} in the output, got:\n{said}")


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of each file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def main(dist: Path) -> None:
    """Install both wheels, and make, check and use a client."""
    with tempfile.TemporaryDirectory(prefix="dist-check-") as folder:
        again, env, project = (Path(folder) / name for name in ("again", "env", "project"))
        for source in (ROOT / "generated_client", ROOT):
            build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", again, source)
            run(*build, cwd=ROOT, SOURCE_DATE_EPOCH=EPOCH)
        if hashes(again) != hashes(dist):
            raise SystemExit(f"{dist} must have the bytes of a second build, got others: run make dist")
        project.mkdir()
        run(sys.executable, "-m", "venv", env, cwd=project)
        begin = time.monotonic()
        pip = (env / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, *sorted(dist.glob("*.whl")), cwd=project)
        tool = env / "bin" / "cloudjobs-generator"
        (project / "response.txt").write_text(RESPONSE, encoding="utf-8")
        address = "https://jobs.example.com/v1/tasks/t-17"
        expect(
            run(tool, "new", "tasks", "--response", "response.txt", "--url", address, cwd=project), "openapi/tasks.yaml"
        )
        expect(run(tool, "check", cwd=project), "are valid")
        expect(run(tool, "client", cwd=project), "tasks-client: tasks_client with tasks")
        expect(run(tool, "check", cwd=project), "tasks-client is up to date")
        expect(run(tool, "contract", "check", cwd=project), "1 exchange(s) checked: 0 violation(s)")
        expect(run(tool, "docs", cwd=project), "build/site: ")
        run(*pip, "mypy", "hatchling", project / "tasks-client", cwd=project)
        expect(run(env / "bin" / "python", "-c", PROGRAM, cwd=project), "succeeded")
        expect(run(env / "bin" / "cloudjobs", "get", "--help", cwd=project), "tasks")
        expect(run(env / "bin" / "mypy", "--strict", "--package", "tasks_client", cwd=project), "no issues found")
        print(f"a newcomer's commands took {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
