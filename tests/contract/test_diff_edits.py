"""A corpus of edits of the documents, labelled by hand: the comparison says of each whom it breaks, and where."""

from __future__ import annotations

import attrs
import pytest

from generator.contract.diff import Change, Direction, Effect, compare_documents
from generator.documents import KEY_ORDER, Workspace
from tests.contract.contracts import ROOT
from tests.contract.edits import LabelledEdit, labelled_edits, patched

EDITS = labelled_edits()
WORST_FIRST = list(Effect)


WORKSPACE = Workspace(ROOT)
SERVICES = {service.name: service for service in WORKSPACE.select(None)}


def differences(edit: LabelledEdit) -> tuple[tuple[Change, ...], str]:
    """Return the changes that the comparison finds, and the version step it demands."""
    service = SERVICES[edit.document]
    old, new = (attrs.evolve(service.document, data=data) for data in edit.sides(service.document.data))
    found = compare_documents(WORKSPACE, edit.document, old, new)
    return found.changes, str(found.step)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_compare_labelled_edit_has_expected_effects(edit: LabelledEdit) -> None:
    changes, step = differences(edit)
    effects = {
        str(direction): str(min(there, key=WORST_FIRST.index))
        for direction in Direction
        if (there := [change.effect for change in changes if change.direction is direction])
    }
    # A text changes along with other things, and has its own label only where it changes alone.
    if set(effects) > {"document"}:
        del effects["document"]
    assert effects == edit.labels, "\n".join(map(str, changes))
    assert step == edit.step
    if edit.at:
        worst = min((change.effect for change in changes), key=WORST_FIRST.index)
        places = {pointer for change in changes if change.effect is worst for pointer in (change.old, change.new)}
        assert edit.at in places, "\n".join(map(str, changes))


def test_labelled_edits_cover_directions_effects_and_steps() -> None:
    assert len(EDITS) >= 40
    assert len({edit.name for edit in EDITS}) == len(EDITS)
    assert len({edit.document for edit in EDITS}) >= 4
    for direction in ("request", "response", "client"):
        assert {edit.labels.get(direction) for edit in EDITS} >= {"breaking", "compatible"}, direction
    assert {edit.step for edit in EDITS} == {"none", "patch", "minor", "major"}


def test_labelled_edits_cover_every_allowed_keyword() -> None:
    """A keyword that joins the list of `generator/documents/lint.py` needs an edit here that shows its effect."""
    touched: set[str] = set()
    for edit in EDITS:
        old = patched(SERVICES[edit.document].document.data, edit.given)
        for operation in edit.edit:
            touched |= set(operation["path"].split("/")) | set(operation.get("from", "").split("/"))
            touched |= _keys(operation.get("value"))
        assert old != patched(old, edit.edit) or edit.step == "none", edit.name
    wanted = {key for keys in KEY_ORDER.values() for key in keys}
    wanted |= {path.stem for path in (ROOT / "openapi" / "schemas").glob("x-*.json")}
    not_compared = {"x-evidence", "x-contradictions", "x-imported"}
    # No document has a scheme of HTTP or OpenID Connect.
    assert wanted - touched - not_compared == {"scheme", "bearerFormat", "openIdConnectUrl"}


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for member in value.values() for key in _keys(member)}
    if isinstance(value, list):
        return {key for item in value for key in _keys(item)}
    return set()
