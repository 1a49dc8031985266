"""Writes what a comparison found: for people, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from generator.contract.diff.changes import Change, Effect
from generator.contract.diff.compare import Difference

_WORST_FIRST = list(Effect)


def as_text(differences: Sequence[Difference]) -> str:
    """A paragraph for each document, the worst changes first."""
    return "\n".join(line for each in differences for line in _document(each))


def as_json(differences: Sequence[Difference]) -> str:
    """One object with a list of documents."""
    return json.dumps({"documents": [_data(each) for each in differences]}, indent=2, ensure_ascii=False)


def _document(each: Difference) -> Iterator[str]:
    yield f"{each.name}: {_verdict(each)}"
    for change in sorted(each.changes, key=lambda change: _WORST_FIRST.index(change.effect)):
        yield f"  {change.effect:<10}  {change.direction:<8}  {_pointers(change)}"
        yield f"              {change.what}: {change.why}"


def _verdict(each: Difference) -> str:
    if each.old_version is None:
        return f"new, {each.new_version}"
    if each.new_version is None:
        return f"gone, last {each.old_version}; the package's version has to say so"
    versions = f"{each.old_version} -> {each.new_version}"
    if not each.changes:
        return f"no change, {versions}"
    step = f"a {each.step} step, {versions}"
    return step if each.is_enough else f"{step}: info.version has to be {each.least_version} at least"


def _pointers(change: Change) -> str:
    if change.old is None or change.new is None or change.old == change.new:
        side = " (old)" if change.new is None else ""
        return f"{(change.old if change.new is None else change.new) or 'the whole document'}{side}"
    return f"{change.old} -> {change.new}"


def _data(each: Difference) -> dict[str, Any]:
    return {
        "document": each.name,
        "old_version": each.old_version,
        "new_version": each.new_version,
        "step": str(each.step),
        "least_version": each.least_version,
        "enough": each.is_enough,
        "changes": [attrs.asdict(change) for change in each.changes],
    }
