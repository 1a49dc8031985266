# Generated from generator/client/runtime/_sightings.py. Do not edit: change that, and run `make generate`.
"""What is known of one awaited job: its last snapshot, and whether a newer one differs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import attrs

from ._clock import is_span
from ._models import Model
from ._operations import Operation
from ._replies import one_line
from ._snapshots import JobSnapshot, JobState
from .errors import JobFailed

logger = logging.getLogger(__package__)


def _seconds(instance: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not is_span(value):
        raise ValueError(f"{attribute.name} is {value!r}: give seconds, 0 or more")


@attrs.frozen(kw_only=True)
class WaitOptions:
    """What a caller can choose for a wait."""

    timeout: float | None = attrs.field(default=None, validator=_seconds)
    poll_interval: float | None = attrs.field(default=None, validator=_seconds)
    not_found_grace: float = attrs.field(default=0, validator=_seconds)
    on_progress: Callable[[JobSnapshot], object] | None = None

    def tell(self, changed: list[JobSnapshot]) -> None:
        """Call the caller's function with what changed."""
        if self.on_progress is not None:
            for snapshot in changed:
                self.on_progress(snapshot)


class Sighting:
    """What is known of one awaited job."""

    __slots__ = ("_call", "_told_unknown", "snapshot")

    def __init__(self, call: str) -> None:
        self.snapshot: JobSnapshot | None = None
        self._call = call
        self._told_unknown = False

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.snapshot is not None and self.snapshot.is_terminal

    def saw(self, job: Model) -> tuple[JobSnapshot, bool]:
        """Take in the job as it is now. Gives its snapshot, and whether that differs from the last one."""
        before, now = self.snapshot, JobSnapshot.of(job)
        if before is not None:
            now = _not_falling(before, now)
        if now.state is JobState.UNKNOWN and not self._told_unknown:
            self._told_unknown = True
            logger.warning("%s: a job is in a state that the document does not know; waiting on", self._call)
        self.snapshot = now
        return now, before is None or _view(before) != _view(now)


def job_failed(operation: Operation[Any], snapshot: JobSnapshot) -> JobFailed:
    """The error for a job that ended without success."""
    part = _failed_part(snapshot)
    of_part = part.reason if part is not None else None
    reason = snapshot.reason or of_part
    said = one_line(reason) if reason else "no reason given"
    if part is not None and of_part and of_part != reason:
        said += f"; its part {part.id!r}: {one_line(of_part)}"
    return JobFailed(
        f"{operation.service}.{operation.id}: job {snapshot.id!r} ended as {snapshot.state}: {said}",
        service=operation.service,
        operation=operation.id,
        snapshot=snapshot,
        part=part,
        reason=reason,
    )


def _failed_part(snapshot: JobSnapshot) -> JobSnapshot | None:
    """The first part, at any depth, that failed and says why; of those within each other the innermost."""
    for child in snapshot.children:
        if child.is_terminal and not child.is_success:
            found = _failed_part(child) or (child if child.reason else None)
            if found is not None:
                return found
    return None


def _not_falling(before: JobSnapshot, now: JobSnapshot) -> JobSnapshot:
    """The newer snapshot, with no progress, of the job or a part, less than it was."""
    known = {_key(child, place): child for place, child in enumerate(before.children)}
    children = tuple(
        _not_falling(earlier, child) if (earlier := known.get(_key(child, place))) else child
        for place, child in enumerate(now.children)
    )
    progress = max((each for each in (before.progress, now.progress) if each is not None), default=None)
    if progress == 1.0 and not now.is_success:
        # Only a success is whole; a job that was one and runs again is told as it is now.
        progress = now.progress
    if progress == now.progress and all(a is b for a, b in zip(children, now.children, strict=True)):
        return now
    return attrs.evolve(now, progress=progress, children=children)


def _key(child: JobSnapshot, place: int) -> str | int:
    return child.id if child.id is not None else place


def _view(snapshot: JobSnapshot) -> tuple[Any, ...]:
    """What makes a change, parts included, in whatever order those come."""
    parts = sorted((_view(child) for child in snapshot.children), key=lambda part: part[0] or "")
    return (snapshot.id or "", snapshot.state, snapshot.progress, snapshot.reason, tuple(parts))
