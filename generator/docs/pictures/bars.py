"""Plots of what was measured: the client beside its peers, and how many mutants of the documents are noticed.

They show the committed figures (`generator/docs/figures/`), not those of a build folder, so that a site shows what was
published, whatever machine it is built on.
"""

from __future__ import annotations

from math import log10
from typing import Any

from generator.docs.material import Material
from generator.docs.measured import figures
from generator.docs.pictures.drawing import ACCENT, BAD, FAINT, GOOD, SMALL, WIDTH, Drawing

_ROW = 44
_ENDS = (0.5, 20.0)
"""The ends of the benchmark's axis, in multiples of the target."""
_AXIS = 256
"""Its length: beside it there is place for the figures."""


def benchmark(material: Material, words: list[str]) -> list[Drawing]:
    """Each comparison of the benchmark, as a multiple of its target."""
    if words:
        raise LookupError("the benchmark is one: write no further words")
    data = figures(material.root, "bench")
    rows = data["rows"]
    met = sum(row["met"] for row in rows)
    drawing = Drawing(
        "benchmark",
        f"The client beside its peers: {met} of {len(rows)} targets met. {data['measured']}",
        "Multiples of the target; from 1 on it is met. "
        + "; ".join(f"{row['workload']}, beside {row['peer']}: {_told(row)}" for row in rows)
        + ".",
    )
    drawing.text(0, 12, "multiples of the target", size=SMALL)
    for number, row in enumerate(rows):
        y = 24 + _ROW * number
        end = _place(_multiple(row))
        drawing.text(0, y + 16, f"{row['workload']}: {row['peer']}", size=SMALL)
        drawing.bar(0, y + 22, end, 10, GOOD if row["met"] else BAD)
        drawing.line([(_place(1), y + 20), (_place(1), y + 34)], width=2)
        drawing.text(max(end, _place(1)) + 8, y + 32, _told(row), size=SMALL)
    y = 24 + _ROW * len(rows) + 8
    drawing.line([(0, y), (_place(_ENDS[1]), y)], faint=True, width=1)
    for multiple, label in ((1, "target"), (2, "2"), (5, "5"), (10, "10"), (20, "20 times")):
        drawing.line([(_place(multiple), y - 4), (_place(multiple), y)], width=1)
        drawing.text(_place(multiple), y + 17, label, size=SMALL, anchor="middle")
    return [drawing]


def mutation(material: Material, words: list[str]) -> list[Drawing]:
    """The share of mutants that are noticed, for each service: by everything, and by the recordings alone."""
    if words:
        raise LookupError("the mutation score is one picture: write no further words")
    services = figures(material.root, "mutation")["services"]
    told = [
        f"{each['service']}: {each['noticed']} of {each['mutants']} ({_share(each['score'])}), "
        f"by recordings alone {_share(each['score_recordings'])}"
        for each in services
    ]
    drawing = Drawing("mutation", "Mutants of the documents that are noticed", f"{'; '.join(told)}.")
    drawing.bar(0, 3, 12, 10, ACCENT)
    drawing.text(18, 12, "recordings and evidence", size=SMALL)
    drawing.bar(190, 3, 12, 10, FAINT)
    drawing.text(208, 12, "recordings alone", size=SMALL)
    for number, each in enumerate(services):
        y = 26 + 56 * number
        drawing.text(0, y + 14, f"{each['service']}: {each['mutants']} mutants", size=SMALL)
        for lower, (score, colour) in enumerate(((each["score"], ACCENT), (each["score_recordings"], FAINT))):
            width = (WIDTH - 70) * score
            drawing.bar(0, y + 20 + 15 * lower, max(width, 2), 11, colour)
            drawing.text(max(width, 2) + 6, y + 30 + 15 * lower, _share(score), size=SMALL)
    return [drawing]


def _multiple(row: dict[str, Any]) -> float:
    """How far a ratio is on the good side of its target: above 1, it is met."""
    sense, target = row["target"].split()
    return float(row["ratio"] / float(target) if sense == ">=" else float(target) / row["ratio"])


def _place(multiple: float) -> float:
    """Where a multiple is on the axis, whose steps are equal factors."""
    low, high = _ENDS
    return max(2.0, _AXIS * log10(min(max(multiple, low), high) / low) / log10(high / low))


def _told(row: dict[str, Any]) -> str:
    target = row["target"].replace(">=", "at least").replace("<=", "at most")
    return f"{row['ratio']:.3g}, target {target}"


def _share(score: float) -> str:
    return f"{100 * score:.1f} %"
