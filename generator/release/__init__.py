"""Checks before a release. Each reports its result, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs


@attrs.frozen
class CheckResult:
    """The result of one check."""

    name: str
    summary: str
    """The result, in a line."""
    remedy: str | None = None
    """How to fix it; None if the check passed."""

    @property
    def is_ok(self) -> bool:
        return self.remedy is None


def report(results: Iterable[CheckResult]) -> Iterable[str]:
    """Yield a line for each result, followed by the remedy if the check failed."""
    for each in results:
        yield f"{'ok' if each.is_ok else 'FAILED':<6}  {each.name:<12}  {each.summary}"
        if each.remedy is not None:
            yield f"        {'':<12}  -> {each.remedy}"
