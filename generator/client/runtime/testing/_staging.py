"""Writes a job as it is in one state of its walk: a recorded body, changed at the fields that `x-job` names alone.

Knows nothing of requests. Parts are written like the whole, each on a walk that follows from that of the whole, so that
state, parts, counters and times agree at every step.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .._snapshots import JobState
from ._moments import written
from ._shapes import TERMINAL, Shape
from ._walks import Scene

_GOOD = frozenset({JobState.SUCCEEDED, JobState.RUNNING, JobState.PENDING, JobState.UNKNOWN})
_PARTS = 10
"""Of a job that counts its parts without listing them, and has no recorded number."""


def staged(shape: Shape, template: dict[str, Any], scenes: Sequence[Scene], reason: str) -> dict[str, Any]:
    """The body of a job.

    Args:
        shape: The job's.
        template: What it starts from, which is left as it is.
        scenes: Its walk up to now.
        reason: What it says if it has not gone well.
    """
    body = copy.deepcopy(template)
    now = scenes[-1]
    if now.value is not None:
        shape.state.put(body, now.value)
    _say_reason(shape, body, template, now, reason)
    _say_times(shape, body, template, scenes)
    _say_progress(shape, body, template, scenes, _stage_parts(shape, body, scenes, reason))
    return body


def _stage_parts(shape: Shape, body: dict[str, Any], scenes: Sequence[Scene], reason: str) -> list[JobState] | None:
    """Write the parts. Gives the state of each."""
    parts = shape.children.get(body) if shape.children else None
    if not isinstance(parts, list):
        return None
    found = []
    for place, part in enumerate(parts):
        walk = [_part_of(shape.child, scenes[: step + 1], place, len(parts)) for step in range(len(scenes))]
        parts[place] = staged(shape.child, part, walk, reason) if isinstance(part, dict) else part
        found.append(walk[-1].kind)
    return found


def _part_of(shape: Shape, scenes: Sequence[Scene], place: int, count: int) -> Scene:
    """Where a part is when the whole is there: parts run one after another."""
    now = scenes[-1]
    share = min(max(now.share * count - place, Fraction(0)), Fraction(1))
    if now.kind in TERMINAL:
        share, kind = Fraction(1), _end_of_part(scenes, place, count)
    elif share == 1:
        kind = JobState.SUCCEEDED
    else:
        kind = JobState.RUNNING if share > 0 else JobState.PENDING
    value = shape.value(kind)
    return Scene(value, shape.kind(value) if value is not None else kind, share, now.at)


def _end_of_part(scenes: Sequence[Scene], place: int, count: int) -> JobState:
    end = scenes[-1].kind
    if end is JobState.SUCCEEDED or _had_ended(scenes, place, count):
        return JobState.SUCCEEDED
    if end is JobState.PARTIAL:
        return JobState.SUCCEEDED if place == 0 and count > 1 else JobState.FAILED
    return end


def _had_ended(scenes: Sequence[Scene], place: int, count: int) -> bool:
    return len(scenes) > 1 and scenes[-2].share * count >= place + 1


def _say_reason(shape: Shape, body: dict[str, Any], template: dict[str, Any], now: Scene, reason: str) -> None:
    field = shape.reason
    if field is None:
        return
    if now.kind not in _GOOD:
        recorded = field.get(template) if shape.kind(shape.state.get(template)) is now.kind else None
        if not reason and recorded:
            return
        field.put_first(body, [reason or "the replay lets it end so"])
        return
    # An empty reason, or none at all: as it was recorded of a job that is well.
    well = [each for each in shape.examples if shape.kind(shape.state.get(each)) in _GOOD]
    if field.get(body) is None or (any(field.get(each) is not None for each in well) and field.put_first(body, [""])):
        return
    if not field.required:
        field.drop(body)


def _say_times(shape: Shape, body: dict[str, Any], template: dict[str, Any], scenes: Sequence[Scene]) -> None:
    now = scenes[-1]
    if shape.started is not None:
        field, like = shape.started.field, shape.started.field.get(template)
        begun = next((scene.at for scene in scenes if scene.kind is not JobState.PENDING), None)
        # Where a time is never empty, it is there from the first, and tells when the job came to be.
        if begun is None and field.takes(""):
            field.put(body, "")
        else:
            moment = begun if begun is not None and field.takes("") else scenes[0].at
            field.put_first(body, written(moment, shape.started, like))
    if shape.ended is not None:
        field, like = shape.ended.field, shape.ended.field.get(template)
        if now.kind in TERMINAL:
            moment = next(scene.at for scene in scenes if scene.kind in TERMINAL)
            field.put_first(body, written(moment, shape.ended, like))
        elif _tells_changes(shape) or (field.required and not field.takes("")):
            field.put_first(body, written(now.at, shape.ended, like))
        elif field.takes(""):
            field.put(body, "")
        else:
            field.drop(body)


def _tells_changes(shape: Shape) -> bool:
    """Whether the time of the end was recorded before there was one: then it is that of the last change."""
    assert shape.ended is not None
    return any(
        shape.ended.field.get(each) not in (None, "")
        for each in shape.examples
        if shape.kind(shape.state.get(each)) not in TERMINAL
    )


def _say_progress(
    shape: Shape, body: dict[str, Any], template: dict[str, Any], scenes: Sequence[Scene], parts: list[JobState] | None
) -> None:
    now = scenes[-1]
    if shape.total is not None:
        recorded = shape.total.get(template)
        total = len(parts) if parts is not None else recorded if isinstance(recorded, int) and recorded > 0 else _PARTS
        shape.total.put(body, total)
        _count(shape, body, template, _finished(now, scenes, total, parts))
    if shape.progress is not None:
        like = shape.progress.get(template)
        if now.kind in TERMINAL and now.kind is not JobState.SUCCEEDED:
            if like is not None and shape.state.get(template) == now.value:
                return  # as it was recorded of a job that ended so
            share = scenes[-2].share if len(scenes) > 1 else Fraction(0)
        else:
            share = now.share
        number = share * Fraction(shape.full)
        value: float = float(number) if shape.full <= 1 else int(number)
        shape.progress.put_first(body, [str(value), value] if isinstance(like, str) else [value, str(value)])


def _finished(now: Scene, scenes: Sequence[Scene], total: int, parts: list[JobState] | None) -> int:
    """How many parts have succeeded or failed. One that was stopped has done neither."""
    if parts is not None:
        return sum(kind in TERMINAL and kind is not JobState.STOPPED for kind in parts)
    if now.kind is JobState.STOPPED:
        return int(scenes[-2].share * total) if len(scenes) > 1 else 0
    return int(now.share * total)


def _count(shape: Shape, body: dict[str, Any], template: dict[str, Any], finished: int) -> None:
    """Which counter counts what, `x-job` does not say: the one that was recorded highest has all, the others none."""
    recorded = [value if isinstance(value := field.get(template), int) else 0 for field in shape.done]
    highest = recorded.index(max(recorded))
    for place, field in enumerate(shape.done):
        field.put(body, finished if place == highest else 0)
