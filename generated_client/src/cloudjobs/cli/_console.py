# Generated from generator/client/runtime/cli/_console.py. Do not edit: change that, and run `make generate`.
"""Standard output and error, text made safe for a terminal, and exit codes.

Names, reasons and error texts come from elsewhere: an escape sequence in one of them could rewrite the screen, a line
break could forge a line of output, a direction mark could turn words around.

Colours follow `NO_COLOR`, `FORCE_COLOR` and `TERM`. Nothing but colours is ever forced upon a pipe.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from datetime import datetime
from enum import IntEnum
from typing import Any

from rich.console import Console
from rich.text import Text

from .._jobs import JobSnapshot
from .._urls import PACKAGE
from ..errors import CloudJobsError, WaitTimeoutError

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
"""Categories of Unicode: controls, format characters, lone surrogates, separators, and what is not assigned."""

_SPACE = re.compile(r"\s+")

_HIDDEN_IN_JSON = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")

_LONGEST = 500

_DAY = 86_400

_MOST_DAYS = 99


def plain(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, with every character that is not to be seen spelt out."""
    line = _SPACE.sub(" ", text[: 2 * longest]).strip()
    cut = line if len(line) <= longest else f"{line[:longest]}…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_spelt(character) for character in cut)


def _spelt(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON whose text is as harmless: what JSON need not escape and a terminal may act upon is escaped too."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _HIDDEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def percent(share: float | None) -> str:
    """A share of the work, never rounded up to all of it."""
    return "" if share is None else f"{int(share * 100)}%"


def duration(seconds: float) -> str:
    """A time span in its two largest units."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < _DAY:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    days = whole // _DAY
    return f"{days}d {whole % _DAY // 3600:02}h" if days <= _MOST_DAYS else f">{_MOST_DAYS} days"


def duration_text(started: datetime | None, ended: datetime | None) -> str:
    """How long something lasted; nothing where that is not known, or cannot be."""
    if started is None or ended is None or ended < started:
        return ""
    return duration((ended - started).total_seconds())


def moment(at: datetime | None) -> str:
    """A moment to the second, in UTC."""
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


PROGRAM = PACKAGE.replace("_", "-")

_LONGEST_MESSAGE = 1000

_PIECE = 16_384
"""Characters that are written at once."""

_NO_CURSOR = ("dumb", "unknown")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - rich calls this while it handles the BrokenPipeError, which the program ends with


class Screen:
    """Standard output."""

    def __init__(self) -> None:
        self.console = _Console(file=sys.stdout, markup=False, emoji=False, highlight=False, legacy_windows=False)
        self.is_live = sys.stdout.isatty() and os.environ.get("TERM", "").lower() not in _NO_CURSOR
        """Whether lines that are there can be written anew."""

    def line(self, text: Text | str) -> None:
        """Write a line of any length, without markup and without a break."""
        self.console.print(text, soft_wrap=True)

    def raw(self, text: str) -> None:
        """Write a line as it is: JSON, or fields between tabs, which rich would replace."""
        whole = f"{text}\n"
        # In pieces: of a write that its reader breaks off in the middle, Python says nothing.
        for begin in range(0, len(whole), _PIECE):
            sys.stdout.write(whole[begin : begin + _PIECE])
            sys.stdout.flush()


def complain(text: str) -> None:
    """Say on standard error, in one line, what is wrong."""
    warn(f"{PROGRAM}: {text}")


def warn(text: str) -> None:
    """Say something on standard error, in one line."""
    # Not over a console of rich's, which would write past the tree that is being drawn, and into it.
    print(plain(text, _LONGEST_MESSAGE), file=sys.stderr, flush=True)


class ExitCode(IntEnum):
    """Exit codes, for scripts: they are part of the public interface."""

    DONE = 0
    """The job succeeded; or what was asked for was shown."""
    JOB_FAILED = 1
    """The awaited job failed, was stopped, or succeeded in part."""
    USAGE = 2
    """What was asked cannot be: a wrong argument, no address, no credentials."""
    DEADLINE = 3
    """The job had not ended when the time to wait was over."""
    SERVICE = 4
    """The service refused or failed, or could not be reached."""
    INTERRUPTED = 130
    """Ctrl-C."""
    BROKEN_PIPE = 141
    """The output's reader has gone, as in `… | head`."""
    TERMINATED = 143
    """The signal that `timeout` and `kill` send."""


def of_job(snapshot: JobSnapshot | None) -> ExitCode:
    """The exit code for a job that has ended."""
    return ExitCode.DONE if snapshot is not None and snapshot.is_success else ExitCode.JOB_FAILED


def of_error(error: CloudJobsError) -> ExitCode:
    """The exit code for what a call raised."""
    return ExitCode.DEADLINE if isinstance(error, WaitTimeoutError) else ExitCode.SERVICE


def error_text(error: CloudJobsError | ValueError) -> str:
    """What went wrong, with the failure behind it where a wait ended during one."""
    cause = error.__cause__ if isinstance(error, WaitTimeoutError) else None
    return f"{error}; last: {cause}" if cause is not None else str(error)
