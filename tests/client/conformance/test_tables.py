"""The tables themselves: their size, names that exist, and differences that the errors guide repeats."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import exhaustive

from ..senders import SENDERS
from . import test_bodies, test_budgets, test_credentials, test_framing, test_heads, test_proxies, test_tls
from .cases import Case
from .differences import DIFFERENCES
from .known_faults import KNOWN_FAULTS
from .test_concurrency import SCENES

GUIDE = Path(__file__).parents[3] / "generator/docs/content/errors.md"
MODULES = (test_bodies, test_budgets, test_credentials, test_framing, test_heads, test_proxies, test_tls)
NAMES = [
    case.name
    for module in MODULES
    for table in vars(module).values()
    if isinstance(table, list)
    for case in table
    if isinstance(case, Case)
] + [scene.name for scene in SCENES]


def test_cases_number_at_least_300_with_unique_names() -> None:
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []
    assert len(NAMES) >= 300


def test_entries_of_tables_name_cases_and_senders() -> None:
    for entry in (*DIFFERENCES, *KNOWN_FAULTS):
        for pattern in entry.cases:
            assert any(fnmatchcase(name, pattern) for name in NAMES), f"no case {pattern}"
        for pattern in entry.senders:
            assert any(fnmatchcase(str(sender), pattern) for sender in SENDERS), f"no sender {pattern}"


def test_differences_are_listed_in_errors_guide() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("## Differences between senders\n")[2].partition("\n## ")[0]
    listed = [" ".join(entry.split()) for entry in section.split("\n- ")[1:]]
    assert listed == list(dict.fromkeys(entry.reason for entry in DIFFERENCES))


def _item(nodeid: str, step: int = 0, **parameters: object) -> Any:
    """Return an item of pytest with the parts that `left_out` reads."""
    marker = SimpleNamespace(args=(step,)) if step else None
    callspec = SimpleNamespace(params=parameters)
    return SimpleNamespace(nodeid=nodeid, callspec=callspec, get_closest_marker=lambda name: marker)


@pytest.mark.parametrize(("count", "step", "kept"), [(12, 3, 4), (2, 3, 1), (1, 3, 1), (7, 3, 2)])
def test_left_out_items_of_a_sampled_test_leave_one_in_some(
    monkeypatch: pytest.MonkeyPatch, count: int, step: int, kept: int
) -> None:
    items = [_item(f"test[{number}]", step, sender=number) for number in range(count)]
    monkeypatch.setattr(exhaustive, "IS_EXHAUSTIVE", False)
    assert count - len(list(exhaustive.left_out(items))) - kept in (0, 1)
    monkeypatch.setattr(exhaustive, "IS_EXHAUSTIVE", True)
    assert list(exhaustive.left_out(items)) == []


def test_left_out_items_leave_each_case_and_each_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [(case, sender) for case in ([1], [2], [1]) for sender in SENDERS]
    items = [_item(f"test[{number}]", case=case, sender=sender) for number, (case, sender) in enumerate(values)]
    items += [_item("test_of_one_sender[0]", sender=1), _item("test_without_parameters")]
    monkeypatch.setattr(exhaustive, "IS_EXHAUSTIVE", False)
    excluded = {item.nodeid for item in exhaustive.left_out(items)}
    kept = [values[number] for number, item in enumerate(items[: len(values)]) if item.nodeid not in excluded]
    assert {id(case) for case, _ in kept} == {id(case) for case, _ in values}
    assert {sender for _, sender in kept} == set(SENDERS)
    assert len(kept) <= 6
    assert not excluded & {item.nodeid for item in items[len(values) :]}
    monkeypatch.setattr(exhaustive, "IS_EXHAUSTIVE", True)
    assert list(exhaustive.left_out(items)) == []
