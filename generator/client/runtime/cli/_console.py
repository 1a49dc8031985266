"""Exit codes, standard output and error, and text made safe for a terminal.

Names, reasons and error texts come from a service: an escape sequence in one of them could rewrite the screen, a line
break could forge a line of output, a direction mark could reverse words.

Colours follow `NO_COLOR`, `FORCE_COLOR` and `TERM`.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum

from .._jobs import JobSnapshot
from .._urls import PACKAGE
from ..errors import (
    APIConnectionError,
    APIStatusError,
    CloudJobsError,
    MissingCredentialsError,
    NotFoundError,
    WaitTimeoutError,
)

PROGRAM = PACKAGE.replace("_", "-")


class ExitCode(IntEnum):
    """Exit codes, for scripts: they are part of the public interface."""

    DONE = 0
    """The job succeeded; or the output was shown."""
    JOB_FAILED = 1
    """The awaited job failed, was stopped, or succeeded in part."""
    USAGE = 2
    """An argument is invalid, or the address or the credentials are missing."""
    DEADLINE = 3
    """The job had not ended after the timeout of the wait."""
    SERVICE = 4
    """The service failed, or its response cannot be used."""
    NOT_FOUND = 5
    """The job or its parent resource does not exist."""
    REFUSED = 6
    """The credentials were refused: 401 or 403."""
    UNREACHABLE = 7
    """No response: the connection failed, or took too long."""
    INTERRUPTED = 130
    """Ctrl-C."""
    BROKEN_PIPE = 141
    """The output's reader has gone, as in `… | head`."""
    TERMINATED = 143
    """The signal that `timeout` and `kill` send."""


def exit_code_of_results(results: Iterable[JobSnapshot | CloudJobsError]) -> ExitCode:
    """Return the exit code for jobs and errors of a wait: the highest of theirs."""
    return max(
        (
            exit_code_of_error(each)
            if isinstance(each, CloudJobsError)
            else ExitCode.DONE
            if each.is_success
            else ExitCode.JOB_FAILED
            for each in results
        ),
        default=ExitCode.DONE,
    )


def exit_code_of_error(error: CloudJobsError) -> ExitCode:
    """Return the exit code for an exception of a call."""
    match error:
        case WaitTimeoutError():
            return ExitCode.DEADLINE
        case APIConnectionError():
            return ExitCode.UNREACHABLE
        case APIStatusError(status_code=401 | 403):
            return ExitCode.REFUSED
        case NotFoundError():
            return ExitCode.NOT_FOUND
        case MissingCredentialsError():
            return ExitCode.USAGE
    return ExitCode.SERVICE


def error_text(error: CloudJobsError | ValueError) -> str:
    """Return the message of an error, with the failure behind it if a wait ended during one."""
    cause = error.__cause__ if isinstance(error, WaitTimeoutError) else None
    return f"{error}; last: {cause}" if cause is not None else str(error)


_MESSAGE_LENGTH = 1000


def complain(text: str) -> None:
    """Write an error to standard error, in one line."""
    warn(f"{PROGRAM}: {text}")


def warn(text: str) -> None:
    """Write a message to standard error, in one line."""
    # A console of rich's would write into the tree that is being drawn.
    print(plain(text, _MESSAGE_LENGTH), file=sys.stderr, flush=True)


_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
"""Unicode categories: controls, format characters, lone surrogates, separators, unassigned characters."""

_SPACE = re.compile(r"\s+")

_LENGTH = 500

_DAY = 86_400

_MOST_DAYS = 99


def plain(text: str, longest: int = _LENGTH) -> str:
    """Return the text on one line, with every invisible character escaped."""
    line = _SPACE.sub(" ", text[: 2 * longest]).strip()
    cut = line if len(line) <= longest else f"{line[:longest]}…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(
        each.encode("unicode_escape", "backslashreplace").decode("ascii")
        if unicodedata.category(each) in _UNSAFE
        else each
        for each in cut
    )


def percent(share: float | None) -> str:
    """Return a share of the work as a percentage, rounded down."""
    return "" if share is None else f"{int(share * 100)}%"


def duration(seconds: float) -> str:
    """Return a time span in its two largest units."""
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
    """Return the time between two timestamps; empty if it is unknown or negative."""
    if started is None or ended is None or ended < started:
        return ""
    return duration((ended - started).total_seconds())


def timestamp_text(timestamp: datetime | None) -> str:
    """Return a timestamp to the second, in UTC."""
    return "" if timestamp is None else f"{timestamp:%Y-%m-%dT%H:%M:%SZ}"
