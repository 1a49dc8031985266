"""The environment of samples: a replay on a port of this machine, and an environment and a clock for them.

The clients of the samples and the replay share a simulated clock, on which a sleep ends at once.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from cloudjobs import _deviations
from cloudjobs.testing import Replay
from cloudjobs.testing.__main__ import _fill, _parser
from cloudjobs.testing._replay import FakeClock

ROOT = Path(__file__).parents[3]
ADDRESS = "127.0.0.1:8010"
"""The address of the replay in pages, which is the default of `serve`."""
RECORDER = "127.0.0.1:8011"
"""The address of the recorder in pages, which is the default of `contract record`."""
_OF_USERS = ("CLOUDJOBS_", "HUAWEICLOUD_", "HW_")
"""Prefixes of variables that the environment of a machine may have."""


class PageAddresses:
    """The addresses on a page, each with the address that it has on this machine."""

    def __init__(self, real: dict[str, str]) -> None:
        self._real = real

    def real(self, text: str) -> str:
        """Return a text of a page with the addresses of this machine."""
        for shown, real in self._real.items():
            text = text.replace(shown, real)
        return text

    def shown(self, text: str) -> str:
        """Return printed text as the page shows it."""
        for shown, real in self._real.items():
            text = text.replace(real, shown)
        return text


class SampleEnvironment(PageAddresses):
    """A clean shell: no variables of users, and no server until the page starts one with `serve`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self._answering: _SwitchableApp | None = None
        self._recorder: subprocess.Popen[str] | None = None
        super().__init__({})
        self._environment = dict(os.environ)
        for name in self._environment:
            if name.startswith(_OF_USERS):
                del os.environ[name]
        monkeypatch.chdir(folder)
        monkeypatch.setattr("cloudjobs._client.Clock", lambda: self.clock)
        monkeypatch.setattr(_deviations.DeviationReporter, "_logged", set())
        self._monkeypatch = monkeypatch

    def bring_documents(self) -> None:
        """Copy `openapi/` into the folder of the page, so that it is like a checkout."""
        shutil.copytree(ROOT / "openapi", self.folder / "openapi", dirs_exist_ok=True)

    def find_modules(self, folder: Path) -> None:
        """Let the page import from its own folder."""
        self._monkeypatch.syspath_prepend(folder)

    def set(self, name: str, value: str) -> None:
        """Set a variable of the environment."""
        os.environ[name] = self.real(value)

    def serve(self, arguments: Sequence[str]) -> str:
        """Serve as `python -m cloudjobs.testing serve` does with these arguments. Returns the line that it prints.

        The port never changes, because the environment of the page contains it.
        """
        asked = _parser().parse_args(["serve", *arguments])
        replay = Replay(*asked.services, seed=asked.seed, clock=self.clock)
        _fill(replay, asked)
        if self._answering is None:
            self._answering = _SwitchableApp(replay.app)
            self._begin(self._answering)
        else:
            self._answering.app = replay.app
        return f"{', '.join(replay.services)}: http://{ADDRESS}\n"

    def record(self, arguments: Sequence[str]) -> str:
        """Record until the page ends, as `python -m generator contract record` does. Returns the printed line."""
        assert self._recorder is None, "a page must start one recorder, got a second one"
        command = [
            sys.executable,
            "-m",
            "generator",
            "contract",
            "record",
            *arguments,
            "--port",
            "0",
            "--project",
            str(ROOT),
        ]
        self._recorder = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
        )
        assert self._recorder.stdout is not None
        said = self._recorder.stdout.readline()
        assert "http://" in said, f"contract record must print its address, got {said}"
        self._real[RECORDER] = said.split()[0].removeprefix("http://")
        return said

    def _begin(self, app: ASGIApp) -> None:
        self._bound = socket.create_server(("127.0.0.1", 0))
        self._real[ADDRESS] = f"127.0.0.1:{self._bound.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._bound]})
        self._thread.start()

    def close(self) -> None:
        """Stop the servers. Restore the environment and the modules that were imported from the folder of the page."""
        if self._recorder is not None:
            self._recorder.send_signal(signal.SIGINT)
            self._recorder.communicate(timeout=120)
        if self._answering is not None:
            self._server.should_exit = True
            self._thread.join()
            self._bound.close()
        os.environ.clear()
        os.environ.update(self._environment)
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(f"{self.folder}{os.sep}"):
                del sys.modules[name]


class _SwitchableApp:
    """The application of a server, which can be replaced while the server runs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
