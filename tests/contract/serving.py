"""The replay server as a separate process, on a port of this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from .contracts import ROOT

SECONDS = 120
"""Seconds that a process may take to print a line, or to end."""
LATEST = 10
"""Seconds within which a server must end. It promises one second, but the machine may be busy."""
COMMAND = (sys.executable, "-m", "cloudjobs.testing")


def environment() -> dict[str, str]:
    """Return the environment of a process that can import the client of this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "generated_client" / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


def run(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False, timeout=SECONDS
    )


@attrs.frozen
class Server:
    """A running replay server."""

    process: subprocess.Popen[bytes]
    url: str
    output: Path
    """Its output so far: its address, and a line for each request."""


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Server]:
    """Serve on any free port until the block ends."""
    # Into a file, since a pipe without a reader fills up and blocks the server.
    output = folder / "serve.log"
    with (
        output.open("wb") as log,
        subprocess.Popen(
            [*COMMAND, "serve", *arguments, "--port", "0"], env=environment(), stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield Server(process, _address(process, output), output)
        finally:
            process.terminate()
            process.wait(SECONDS)


def _address(process: subprocess.Popen[bytes], output: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        said = output.read_text()
        address = re.search(r"^[a-z0-9_, ]+: (http://\S+:[0-9]+)\n", said)
        if address and "Application startup complete" in said:
            return address[1]
        time.sleep(0.02)
    raise AssertionError(f"the stand-in does not serve: {output.read_text()}")
