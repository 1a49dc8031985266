"""The report of a run: one row for each tested behaviour, and whether it passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs


@attrs.frozen
class Row:
    """The result of one check."""

    stranger: str
    """The program of another project, with its version."""
    promise: str
    expected: Any
    """JSON data, compared unchanged."""
    came: Any

    @property
    def kept(self) -> bool:
        return bool(self.expected == self.came)

    @property
    def as_data(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "kept": self.kept}


def printed(rows: Sequence[Row]) -> list[str]:
    """Return a table of the rows. The expected value is below a row that failed."""
    strangers = max(len(row.stranger) for row in rows)
    promises = max(len(row.promise) for row in rows)
    lines = []
    for row in rows:
        verdict = "kept" if row.kept else "NOT KEPT"
        lines.append(f"{row.stranger:{strangers}}  {row.promise:{promises}}  {verdict:8}  {_short(row.came)}")
        if not row.kept:
            lines.append(f"  expected: {row.expected}")
            lines.append(f"  came:     {row.came}")
    return lines


def _short(value: Any) -> str:
    """Return the details of a passed row, as in the table."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_inner(member)}" for key, member in value.items())
    return _inner(value)


def _inner(value: Any) -> str:
    """Return a value as text; a long one only as its length."""
    if isinstance(value, dict | list) and len(value) > 3:
        return str(len(value))
    if isinstance(value, list):
        return (", ".join(map(str, value)) or "none")[:60]
    return " ".join(str(value).split())[:60]
