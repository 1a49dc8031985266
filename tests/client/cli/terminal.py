"""A terminal that runs programs, with a readable screen."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs
import pyte

from .shells import SECRET

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, "-W", "error", "-m", "cloudjobs")
SECONDS = 60
"""Seconds in which a program must show the awaited text."""


def clean_environment(**variables: str) -> dict[str, str]:
    """Return the environment of a program with the client and without settings of this machine."""
    names = ("CLOUDJOBS_", "HUAWEICLOUD_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_", "TERM", "COLORTERM")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(names)}
    here = {"PYTHONPATH": str(ROOT / "generated_client" / "src"), "PYTHONIOENCODING": "utf-8", "TERM": "xterm"}
    return {**kept, **here, **variables}


def environment_for_url(url: str, **variables: str) -> dict[str, str]:
    """Return the environment of a program that sends its requests to that server."""
    given = {"CLOUDJOBS_CCE_URL": url, "CLOUDJOBS_TOKEN": SECRET, "CLOUDJOBS_PROJECT_ID": "p1"}
    return clean_environment(**given, **variables)


@attrs.define
class Terminal:
    """A terminal with a program in it."""

    process: subprocess.Popen[bytes]
    screen: pyte.Screen
    written: bytes = b""
    """All that the program has written, control sequences included."""
    _master: int = -1
    _stream: pyte.ByteStream = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        """The text of the screen, without the blanks at the ends of lines and below the last."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def until(self, shown: Callable[[str], object] | str) -> str:
        """Return the screen as soon as it shows that text, or as soon as a function of it returns true."""
        holds = (lambda text: shown in text) if isinstance(shown, str) else shown
        ends = time.monotonic() + SECONDS
        while not holds(self.text):
            if not self._take(ends - time.monotonic()):
                raise AssertionError(f"the program ended, or took too long, with\n{self.text}")
        return self.text

    def interrupt(self) -> None:
        """Send Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read to the end of the program. Returns its exit code."""
        ends = time.monotonic() + SECONDS
        while self._take(ends - time.monotonic()):
            pass
        return self.process.wait(max(0.1, ends - time.monotonic()))

    def _take(self, seconds: float) -> bool:
        """Read the next output of the program; False at its end."""
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            read = os.read(self._master, 65536)
        except OSError:
            # The error of Linux after the last program has closed the terminal.
            return False
        self.written += read
        self._stream.feed(read)
        return bool(read)


@contextmanager
def terminal(
    *arguments: str | Path,
    environment: Mapping[str, str],
    columns: int = 80,
    rows: int = 24,
    program: tuple[str | Path, ...] = PROGRAM,
) -> Iterator[Terminal]:
    """Run a program in a terminal of that size, by default the command line, until the block ends."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (rows, columns))
    with subprocess.Popen(
        [*program, *arguments], stdin=slave, stdout=slave, stderr=slave, env=dict(environment), start_new_session=True
    ) as process:
        os.close(slave)
        try:
            yield Terminal(process, pyte.Screen(columns, rows), master=master)
        finally:
            process.kill()
            process.wait()
            os.close(master)


def is_plain_output(written: bytes) -> bool:
    """Return whether the output has no control characters except line breaks."""
    return re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", written) is None
