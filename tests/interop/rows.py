"""What the run says in the end: one row for each promise that was tried, and whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs


@attrs.frozen
class Row:
    """One promise, tried once."""

    stranger: str
    """Who is not ours, with its version."""
    promise: str
    expected: Any
    """JSON data, compared as it is."""
    came: Any

    @property
    def kept(self) -> bool:
        return bool(self.expected == self.came)

    @property
    def as_data(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "kept": self.kept}


def printed(rows: Sequence[Row]) -> list[str]:
    """A table of the rows. What was expected stands below a row that was not kept."""
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
    match value:
        case dict():
            return ", ".join(f"{key} {_short(member)}" for key, member in value.items())
        case list():
            return f"{len(value)} as expected" if len(value) > 3 else ", ".join(_short(member) for member in value)
    return str(value)
