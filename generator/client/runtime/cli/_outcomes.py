"""How a command ends: its exit code, and the one line that says what went wrong."""

from __future__ import annotations

from enum import IntEnum

from .._snapshots import JobSnapshot
from ..errors import CloudJobsError, WaitTimeout


class Exit(IntEnum):
    """Exit codes, for scripts: they are part of the public interface."""

    DONE = 0
    """The job succeeded; or what was asked for was shown."""
    NOT_SUCCEEDED = 1
    """The awaited job failed, was stopped, or succeeded in part."""
    USAGE = 2
    """What was asked cannot be: a wrong argument, no address, no credentials."""
    DEADLINE = 3
    """The job had not ended when the time to wait was over."""
    SERVICE = 4
    """The service refused or failed, or could not be reached."""
    INTERRUPTED = 130
    """Ctrl-C."""
    NOBODY_READS = 141
    """The output's reader has gone, as in `… | head`."""
    TERMINATED = 143
    """The signal that `timeout` and `kill` send."""


def of_job(snapshot: JobSnapshot | None) -> Exit:
    """The exit code for a job that has ended."""
    return Exit.DONE if snapshot is not None and snapshot.is_success else Exit.NOT_SUCCEEDED


def of_error(error: CloudJobsError) -> Exit:
    """The exit code for what a call raised."""
    return Exit.DEADLINE if isinstance(error, WaitTimeout) else Exit.SERVICE


def said_of(error: CloudJobsError | ValueError) -> str:
    """What went wrong, with the failure behind it where a wait ended during one."""
    cause = error.__cause__ if isinstance(error, WaitTimeout) else None
    return f"{error}; last: {cause}" if cause is not None else str(error)
