"""Semantic versions: the step that changes demand, and whether two versions are that far apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from generator.contract.diff.changes import Change, Effect

_VERSION = re.compile(
    r"(?P<core>(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*))(?:-(?P<before>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


class Step(IntEnum):
    """A step from one version to the next, the smallest first."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


_DEMANDS = {Effect.BREAKING: Step.MAJOR, Effect.COMPATIBLE: Step.MINOR, Effect.NEUTRAL: Step.PATCH}


def demanded(changes: Iterable[Change]) -> Step:
    """The step that the changes demand of a version from 1.0 on."""
    return max((_DEMANDS[change.effect] for change in changes), default=Step.NONE)


def is_version(text: str) -> bool:
    """Whether the text is a semantic version."""
    return _VERSION.fullmatch(text) is not None


def next_version(old: str, step: Step) -> str:
    """The least version that is that step further. Until 1.0 a minor step does for a breaking change."""
    major, minor, patch = _core(old)
    if _is_before(old):  # a pre-release promises nothing: its release may differ from it in anything
        return f"{major}.{minor}.{patch}" if step else old
    if step is Step.MAJOR and major:
        return f"{major + 1}.0.0"
    if step >= Step.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}" if step else old


def is_enough(old: str, new: str, step: Step) -> bool:
    """Whether the new version is at least that step further than the old one."""
    if _is_before(old) and _core(old) == _core(new):
        return new != old or step is Step.NONE
    return _core(new) >= _core(next_version(old, step))


def _core(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    return tuple(int(part) for part in match["core"].split(".")) if match else ()


def _is_before(version: str) -> bool:
    match = _VERSION.fullmatch(version)
    return bool(match and match["before"])
