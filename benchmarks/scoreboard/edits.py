"""Verdicts of `contract diff` on labelled pairs of documents: `make diff-scoreboard`.

The pairs of `tests/contract/pairs`, labelled by the rules of oasdiff, and the edits of our documents always run. Pairs
of oasdiff's own tests run with `--oasdiff DIR`, a checkout of it. Redocly's `diff` runs on our edits where Node is. It
reports a version step as our command does. It does not know our extensions and clients, so it cannot find changes of
only those.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from benchmarks.scoreboard import node
from benchmarks.scoreboard.oasdiff_pairs import Pair, Repository, pairs
from generator.contract.diff import Change, Effect, compare_documents
from generator.contract.diff.sources import read
from generator.documents import Source, Workspace, load
from generator.errors import ValidationError
from tests.contract.edits import LabelledEdit, labelled_edits
from tests.contract.pairs import labelled_pairs

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
STEPS = ("none", "patch", "minor", "major")
LEAST_SHARE = 0.9
"""The least share of oasdiff's verdicts that ours must equal."""


def main() -> int:
    """Print the verdicts. Returns 1 if one of ours differs from its label, or if too few equal those of oasdiff."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oasdiff", default="", metavar="DIR", help="a checkout of oasdiff, or its git directory")
    chosen = parser.parse_args()
    workspace = Workspace(ROOT)
    wrong = [_of_pairs(workspace), _of_edits(workspace)]
    if chosen.oasdiff:
        wrong.append(_of_oasdiff(workspace, Repository(Path(chosen.oasdiff))))
    else:
        print("oasdiff's own pairs: skipped; name a checkout of oasdiff with OASDIFF=DIR")
    return int(any(wrong))


def _of_pairs(workspace: Workspace) -> bool:
    """Print our verdicts on pairs of other projects' documents. Returns whether one differs from its label."""
    labelled = list(labelled_pairs())
    agreed = Counter[str]()
    for pair in labelled:
        sources = [Source(Path("pets.yaml"), data, {}) for data in (pair.old, pair.new)]
        verdict = _worst(compare_documents(workspace, "pets", *sources).changes, frozenset({"request", "response"}))
        agreed[pair.label] += verdict == pair.label
        if verdict != pair.label:
            print(f"  {pair.name}: labelled {pair.label}, ours {verdict}")
    counts = Counter(pair.label for pair in labelled)
    parts = ", ".join(f"{label} {agreed[label]} of {count}" for label, count in sorted(counts.items()))
    print(f"pairs labelled by the rules of oasdiff: ours {agreed.total()} of {len(labelled)} as labelled ({parts})")
    return agreed.total() < len(labelled)


def _worst(changes: tuple[Change, ...], directions: frozenset[str]) -> str:
    effects = [change.effect for change in changes if change.direction in directions]
    return str(min(effects, key=list(Effect).index, default="none"))


def _of_oasdiff(workspace: Workspace, repository: Repository) -> bool:
    """Print our verdicts on oasdiff's pairs. Returns whether too few agree, or one differs without a reason."""
    path = ROOT / "tests" / "contract" / "pairs" / "differences_from_oasdiff.yaml"
    reasons = {(entry["old"], entry["new"]): entry["reason"] for entry in load(path).data}
    try:
        found = pairs(repository)
    except LookupError as error:
        print(f"--oasdiff must be a checkout of oasdiff, got {repository.folder} without {error}")
        return True
    differing = {(pair.old, pair.new): ours for pair in found if (ours := _differs(workspace, repository, pair))}
    share = 1 - len(differing) / len(found) if found else 0
    tests = sum(len(pair.tests) for pair in found)
    agreed = len(found) - len(differing)
    print(f"oasdiff's own pairs: ours {agreed} of {len(found)} as its {tests} tests have it ({share:.1%})")
    for names, ours in differing.items():
        print(f"  {names[0]} -> {names[1]}: {ours}\n    {reasons.get(names, 'no reason is listed')}")
    return share < LEAST_SHARE or any(names not in reasons for names in differing)


def _differs(workspace: Workspace, repository: Repository, pair: Pair) -> str:
    """Return our verdict if it differs from oasdiff's; an empty string if it is the same."""
    try:
        sources = [read(repository.text(f"data/{name}"), Path(name)) for name in (pair.old, pair.new)]
        ours = _worst(compare_documents(workspace, "api", *sources).changes, pair.directions)
    except ValidationError as error:
        ours = f"not compared: {error.problems[0]}"
    theirs = "breaking" if pair.is_breaking else "not breaking"
    return "" if (ours == "breaking") == pair.is_breaking else f"oasdiff {theirs}, ours {ours}"


@attrs.frozen
class Verdicts:
    """The label of an edit, and the verdict of each tool."""

    edit: LabelledEdit
    ours: str
    theirs: str


def _of_edits(workspace: Workspace) -> bool:
    """Print our and Redocly's verdicts on edits of our documents. Returns whether one of ours is not the label."""
    redocly: Path | None = None
    if lacking := node.missing():
        print(f"Redocly: skipped; install Node and npm: {lacking}")
    else:
        redocly = node.installed(BUILD / "node") / "redocly"
    folder = BUILD / "diff-scoreboard"
    folder.mkdir(parents=True, exist_ok=True)
    documents = {service.name: service.document for service in workspace.select(None)}
    verdicts = partial(_verdicts, workspace, documents, redocly, folder)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda numbered: verdicts(*numbered), enumerate(labelled_edits())))
    width = max(len(each.edit.name) for each in found)
    shown = found if redocly else [each for each in found if each.ours != each.edit.step]
    if shown:
        print(f"{'edit':<{width}}  concerns  label  ours   redocly")
    for each in shown:
        mark = "" if each.theirs == each.edit.step else "  <-"
        steps = f"{each.edit.step:<5}  {each.ours:<5}  {each.theirs}{mark}"
        print(f"{each.edit.name:<{width}}  {_concerns(each.edit):<8}  {steps}")
    for concern in ("wire", "client", "words"):
        there = [each for each in found if _concerns(each.edit) == concern]
        ours, theirs = (sum(getattr(each, name) == each.edit.step for each in there) for name in ("ours", "theirs"))
        missed = Counter(
            "too small" if STEPS.index(each.theirs) < STEPS.index(each.edit.step) else "too large"
            for each in there
            if each.theirs in STEPS and each.theirs != each.edit.step
        )
        said = ", ".join(f"{count} {what}" for what, count in sorted(missed.items())) or "none otherwise"
        beside = f", redocly {theirs} ({said})" if redocly else ""
        print(f"edits of our documents, {concern}: {len(there)} edits, ours {ours} as labelled{beside}")
    return any(each.ours != each.edit.step for each in found)


def _verdicts(
    workspace: Workspace,
    documents: dict[str, Source],
    redocly: Path | None,
    folder: Path,
    number: int,
    edit: LabelledEdit,
) -> Verdicts:
    document = documents[edit.document]
    sides = edit.sides(document.data)
    old, new = (attrs.evolve(document, data=data) for data in sides)
    ours = str(compare_documents(workspace, edit.document, old, new).step)
    return Verdicts(edit, ours, _step_of_redocly(redocly, folder, number, sides) if redocly else "skipped")


def _step_of_redocly(redocly: Path, folder: Path, number: int, sides: tuple[dict[str, Any], dict[str, Any]]) -> str:
    files = [folder / f"{number:03}-{side}.json" for side in ("old", "new")]
    for file, data in zip(files, sides, strict=True):
        file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    done = subprocess.run(
        [str(redocly), "diff", *map(str, files), "--format", "json", "--fail-on", "none"],
        capture_output=True,
        text=True,
        check=False,
        env=node.environment(),
    )
    try:
        report = json.loads(done.stdout)
        return str(report.get("bump") or "none") if report["changes"] else "none"
    except ValueError:
        return "failed"


def _concerns(edit: LabelledEdit) -> str:
    """Return the part that an edit affects most: requests and responses, the client, or only texts."""
    if {"request", "response"} & set(edit.labels):
        return "wire"
    return "client" if "client" in edit.labels else "words"


if __name__ == "__main__":
    sys.exit(main())
