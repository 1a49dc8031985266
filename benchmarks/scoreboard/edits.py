"""The labelled edits beside Redocly's verdicts: `make diff-scoreboard`, where Node is.

Redocly's `diff` demands a step as ours does, and knows no extension and no client, so where a label is of those alone
it cannot see what it is about.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

from benchmarks.scoreboard import node
from generator.contract.diff import compare_documents
from generator.documents import Workspace
from tests.contract.edits import LabelledEdit, labelled_edits

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
STEPS = ("none", "patch", "minor", "major")


@attrs.frozen
class Verdicts:
    """What an edit is labelled with, and what either tool says of it."""

    edit: LabelledEdit
    ours: str
    theirs: str


def main() -> int:
    """Print the verdicts; returns 1 where one of ours is not the label."""
    if lacking := node.missing():
        print(f"the scoreboard of edits needs Node and its npm: {lacking}", file=sys.stderr)
        return 1
    redocly, folder = node.installed(BUILD / "node") / "redocly", BUILD / "diff-scoreboard"
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda numbered: _verdicts(redocly, folder, *numbered), enumerate(labelled_edits())))
    width = max(len(each.edit.name) for each in found)
    print(f"{'edit':<{width}}  concerns  label  ours   redocly")
    for each in found:
        mark = "" if each.theirs == each.edit.step else "  <-"
        verdicts = f"{each.edit.step:<5}  {each.ours:<5}  {each.theirs}{mark}"
        print(f"{each.edit.name:<{width}}  {_concerns(each.edit):<8}  {verdicts}")
    for concern in ("wire", "client", "words"):
        there = [each for each in found if _concerns(each.edit) == concern]
        ours, theirs = (sum(getattr(each, name) == each.edit.step for each in there) for name in ("ours", "theirs"))
        missed = Counter(
            "too small" if STEPS.index(each.theirs) < STEPS.index(each.edit.step) else "too large"
            for each in there
            if each.theirs in STEPS and each.theirs != each.edit.step
        )
        said = ", ".join(f"{count} {what}" for what, count in sorted(missed.items())) or "none otherwise"
        print(f"{concern}: {len(there)} edits, ours {ours} as labelled, redocly {theirs} ({said})")
    return int(any(each.ours != each.edit.step for each in found))


def _verdicts(redocly: Path, folder: Path, number: int, edit: LabelledEdit) -> Verdicts:
    workspace = Workspace(ROOT)
    document = workspace.read(edit.document).document
    sides = edit.sides(document.data)
    files = [folder / f"{number:03}-{side}.json" for side in ("old", "new")]
    for file, data in zip(files, sides, strict=True):
        file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    old, new = (attrs.evolve(document, data=data) for data in sides)
    done = subprocess.run(
        [str(redocly), "diff", *map(str, files), "--format", "json", "--fail-on", "none"],
        capture_output=True,
        text=True,
        check=False,
        env=node.environment(),
    )
    try:
        report = json.loads(done.stdout)
        theirs = str(report.get("bump") or "none") if report["changes"] else "none"
    except ValueError:
        theirs = "failed"
    return Verdicts(edit, str(compare_documents(workspace, edit.document, old, new).step), theirs)


def _concerns(edit: LabelledEdit) -> str:
    """The worst-hit part: what is sent, what a client is made of, or words alone."""
    if {"request", "response"} & set(edit.labels):
        return "wire"
    return "client" if "client" in edit.labels else "words"


if __name__ == "__main__":
    sys.exit(main())
