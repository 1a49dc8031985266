"""Measurement in turns: each round runs every contender once, so that other load on the machine affects all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

import attrs


@attrs.frozen
class Row:
    """One comparison: the ratio of the client's figure to that of a baseline."""

    workload: str
    peer: str
    ratio: float
    target: str
    """A bound of the ratio, such as `<= 2.2`."""
    figures: Mapping[str, float] = attrs.field(factory=dict)
    """Further figures of the client."""

    @property
    def met(self) -> bool:
        sign, bound = self.target.split()
        return self.ratio <= float(bound) if sign == "<=" else self.ratio >= float(bound)


def medians(contenders: Mapping[str, Callable[[], object]], rounds: int, repeat: int = 1) -> dict[str, float]:
    """Return the median seconds of each contender. The first round is a warm-up and is not included."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            gc.collect()
            started = time.perf_counter()
            for _ in range(repeat):
                kept = run()
            elapsed = time.perf_counter() - started
            del kept
            if number:
                taken[name].append(elapsed / repeat)
    return {name: statistics.median(times) for name, times in taken.items()}
