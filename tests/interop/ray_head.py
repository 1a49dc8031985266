"""A real Ray head on loopback, started and ended by the run, and jobs on it in every state that Ray has."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx

_SECONDS = 180
_OBJECT_STORE = 80_000_000
"""Bytes of /dev/shm; the least that Ray takes is 75 MiB."""


@attrs.frozen
class Head:
    """A running head. The caller chooses the IDs of jobs."""

    url: str
    version: str

    def submit(self, job: str, entrypoint: str, **more: Any) -> None:
        """Start a job."""
        body = {"submission_id": job, "entrypoint": entrypoint, **more}
        httpx.post(f"{self.url}/api/jobs/", json=body, timeout=_SECONDS).raise_for_status()

    def stop(self, job: str) -> None:
        """Request the stop of a job, which takes a moment."""
        httpx.post(f"{self.url}/api/jobs/{job}/stop", timeout=_SECONDS).raise_for_status()

    def stop_running(self) -> None:
        """Request the stop of running jobs, since their programs might outlive the head. Ray stops no pending job."""
        for job in httpx.get(f"{self.url}/api/jobs/", timeout=_SECONDS).json():
            if job["status"] == "RUNNING":
                self.stop(job["submission_id"])
                self.until(job["submission_id"], "STOPPED")

    def until(self, job: str, status: str) -> None:
        """Wait until Ray reports this status of a job."""
        deadline = time.monotonic() + _SECONDS
        while (said := httpx.get(f"{self.url}/api/jobs/{job}", timeout=_SECONDS).json()["status"]) != status:
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job} must become {status}, got {said}")
            time.sleep(0.1)


@contextmanager
def ray_head(ray: Path) -> Iterator[Head]:
    """Run a head until the block ends. `ray` is the program of that name."""
    # A short path, since the paths of sockets may have at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        log = Path(folder) / "head.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(ray, Path(folder) / "s", dashboard := _free_port()),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(),
                # A separate process group, so that all processes can be ended.
                start_new_session=True,
            )
            try:
                url = f"http://127.0.0.1:{dashboard}"
                head = Head(url, _version(url, process, log))
                try:
                    yield head
                finally:
                    head.stop_running()
            finally:
                _end(process)


def _command(ray: Path, folder: Path, dashboard: int) -> list[str]:
    settings = {
        "node-ip-address": "127.0.0.1",
        "port": _free_port(),
        "ray-client-server-port": _free_port(),
        "dashboard-host": "127.0.0.1",
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": _free_port(),
        "num-cpus": 2,
        "object-store-memory": _OBJECT_STORE,
        "temp-dir": folder,
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [str(ray), "start", "--head", "--block", "--disable-usage-stats", *options]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # With clusters off the head stays on loopback: on, it takes 127.0.0.1 for the machine's outward address.
    return {**kept, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def _version(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the version that the head reports, after it accepts jobs."""
    deadline = time.monotonic() + _SECONDS
    tried = 0
    while process.poll() is None and time.monotonic() < deadline:
        try:
            version = str(httpx.get(f"{url}/api/version", timeout=_SECONDS).json()["ray_version"])
            body = {"submission_id": f"ready-{(tried := tried + 1)}", "entrypoint": "true"}
            if httpx.post(f"{url}/api/jobs/", json=body, timeout=_SECONDS).is_success:
                return version
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"the Ray head must start, got this log:\n{log.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    # Only the first process gets the signal: it ends the others in order. If all get it, it waits for them endlessly.
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS)
    # Remaining processes: a server of its dashboard does not end.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
