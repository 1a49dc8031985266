# Generated from generator/client/runtime/_frameworks.py. Do not edit: change that, and run `make generate`.
"""How notebooks show models, snapshots and rows. Imported when one of them asks.

Models are known by `__rich_repr__`, since `_models.py` imports this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import Any

_MOST_ROWS = 20
"""Rows and items that a table shows; the rest are counted."""

_LONGEST = 200
"""Characters of a value that a table shows."""

_DEEPEST = 4
"""Depth of tables in tables; a model below has its repr."""


def snapshot_table(snapshot: Any) -> str:
    """Return a snapshot as HTML: its fields, and a line for each child."""
    fields = {
        "id": snapshot.id,
        "state": str(snapshot.state),
        "progress": None if snapshot.progress is None else f"{int(snapshot.progress * 100)}%",
        "started_at": snapshot.started_at,
        "ended_at": snapshot.ended_at,
        "reason": snapshot.reason,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    rows = [_row([_heading(name), _cell(value)]) for name, value in known.items()]
    if snapshot.children:
        children = [[child.id, str(child.state), child.reason] for child in islice(snapshot.children, _MOST_ROWS)]
        inner = _grid(["id", "state", "reason"], children, len(snapshot.children))
        rows.append(_row([_heading("children"), f"<td>{inner}</td>"]))
    return _table(rows)


def model_table(model: Any, depth: int = 0) -> str:
    """Return a model as HTML: the fields that are there, nested models as tables of their own."""
    rows = [_row([_heading(name), _cell(value, depth)]) for name, value in model.__rich_repr__()]
    return _table(rows) if rows else f"<code>{_text(model)}</code>"


def rows_table(rows: Sequence[Any]) -> str:
    """Return rows as HTML: a column for each field that one of the first rows has."""
    shown = [dict(row.__rich_repr__()) if _is_model(row) else {"": row} for row in rows[:_MOST_ROWS]]
    names = list(dict.fromkeys(name for row in shown for name in row))
    return _grid(names, [[row.get(name) for name in names] for row in shown], len(rows))


def _grid(names: Sequence[str], rows: Iterable[Sequence[Any]], total: int) -> str:
    lines = [_row([_cell(value, _DEEPEST) for value in row]) for row in rows]
    more = f"<p>{total - len(lines):,} more</p>" if total > len(lines) else ""
    return _table([_row([_heading(name) for name in names]), *lines]) + more if lines else "<p>0 rows</p>"


def _table(rows: Iterable[str]) -> str:
    return f"<table>{''.join(rows)}</table>"


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _heading(name: str) -> str:
    return f"<th>{escape(name)}</th>"


def _cell(value: Any, depth: int = 0) -> str:
    if value is None:
        return "<td></td>"
    if _is_model(value) and depth < _DEEPEST:
        return f"<td>{model_table(value, depth + 1)}</td>"
    if isinstance(value, Sequence) and value and not isinstance(value, str) and depth < _DEEPEST:
        items = [_row([_cell(item, depth + 1)]) for item in value[:_MOST_ROWS]]
        more = f"<p>{len(value) - len(items):,} more</p>" if len(value) > len(items) else ""
        return f"<td>{_table(items)}{more}</td>"
    return f"<td>{_text(value)}</td>"


def _is_model(value: object) -> bool:
    return hasattr(value, "__rich_repr__")


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
