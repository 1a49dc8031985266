"""Number of cases to run: a sample in `make test`, all of them in `make exhaustive` and `make conformance`.

A case that takes seconds and rarely fails has the mark `exhaustive`; `make test` leaves it out. Cases that
are computed, by hypothesis or from a table, are sampled.
"""

from __future__ import annotations

import os

IS_EXHAUSTIVE = os.environ.get("EXHAUSTIVE") == "1"
"""Whether all cases run."""


def sample(count: int, share: int = 4) -> int:
    """Return how many of `count` generated cases run: one in `share`, but at least 5."""
    return count if IS_EXHAUSTIVE else min(count, max(count // share, 5))


def every(step: int) -> int:
    """Return the step through a table or range of cases: 1 when all of them run."""
    return 1 if IS_EXHAUSTIVE else step
