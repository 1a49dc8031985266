"""The tables themselves: their size, names that exist, and differences that the errors guide repeats."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

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
