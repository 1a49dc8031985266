"""Documents of anybody: each labelled pair has its effect on requests and responses."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.contract.diff import Change, Direction, Effect, compare_documents
from generator.documents import Source, Workspace
from tests.contract.contracts import ROOT
from tests.contract.pairs import LabelledPair, labelled_pairs

PAIRS = list(labelled_pairs())
WORKSPACE = Workspace(ROOT)


def changes(pair: LabelledPair) -> list[Change]:
    old, new = (Source(Path("pets.yaml"), data, {}) for data in (pair.old, pair.new))
    found = compare_documents(WORKSPACE, "pets", old, new).changes
    return [change for change in found if change.direction in (Direction.REQUEST, Direction.RESPONSE)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_compare_labelled_pair_has_expected_effect(pair: LabelledPair) -> None:
    found = changes(pair)
    worst = min((change.effect for change in found), key=list(Effect).index, default="none")
    assert worst == pair.label, "\n".join(map(str, found))


def test_labelled_pairs_cover_every_verdict() -> None:
    assert len(PAIRS) >= 400
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)
    assert {pair.label for pair in PAIRS} == {"breaking", "compatible", "none"}
