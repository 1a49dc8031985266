"""What a document declares of its jobs (`x-job`), as models carry it. What is made of it, snapshots say.

Structs of msgspec, as all that only the runtime sees: a class of attrs takes Python thirty times as long to make, and
every import of a client would wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class JobState(StrEnum):
    """The state of a job, whatever its service calls it."""

    PENDING = "pending"
    """Not begun yet."""
    RUNNING = "running"
    """Begun, and not ended."""
    SUCCEEDED = "succeeded"
    """Final: all of it succeeded."""
    PARTIAL = "partial"
    """Final: some of it succeeded and some failed."""
    FAILED = "failed"
    """Final: ended by an error."""
    STOPPED = "stopped"
    """Final: ended by a caller before it was done."""
    UNKNOWN = "unknown"
    """The service said nothing, or something that its document does not know. Never final."""


class TimeShape(msgspec.Struct, frozen=True):
    """Where a moment stands and how it is written."""

    fields: tuple[str, ...]
    """Dotted wire names; the first that is not empty wins."""
    formats: tuple[str, ...]
    """Tried in this order; the first that gives a year from 2000 to 2100 wins."""
    zone: str | None = None
    """Offset from UTC of a text that names none, such as `+08:00`."""
    when_terminal: bool = False
    """The field is the moment only once the job is final."""


class JobShape(msgspec.Struct, frozen=True):
    """How to read a job from a model, as its document declares it. Fields are dotted wire names."""

    id: tuple[str, ...]
    state: tuple[str, ...]
    states: Mapping[str, JobState]
    """The service's values, and what they mean."""
    reason: tuple[str, ...] = ()
    children: str | None = None
    started: TimeShape | None = None
    ended: TimeShape | None = None
    progress_of_children: bool = False
    progress: tuple[str, ...] = ()
    progress_full: float = 100
    """The value of `progress` that means all of it."""
    done: tuple[str, ...] = ()
    """Counters of finished parts, added up."""
    total: str | None = None
    """Counter of all parts."""
