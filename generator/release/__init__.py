"""Checks before a release. Each says what it found, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs


@attrs.frozen
class CheckResult:
    """What one check found."""

    name: str
    said: str
    """What was found, in a line."""
    remedy: str | None = None
    """What to do; None where all is well."""

    @property
    def is_ok(self) -> bool:
        return self.remedy is None


def report(findings: Iterable[CheckResult]) -> Iterable[str]:
    """A line for each finding, and below it what to do."""
    for each in findings:
        yield f"{'ok' if each.is_ok else 'FAILED':<6}  {each.name:<12}  {each.said}"
        if each.remedy is not None:
            yield f"        {'':<12}  -> {each.remedy}"
