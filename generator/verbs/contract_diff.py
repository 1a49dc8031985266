"""`contract diff`: what changed between two states of the documents, whom it breaks, and which version that demands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from generator.documents import Workspace
from generator.errors import Problem, Refused
from generator.verbs.parsers import Verbs
from generator.verbs.preparing import ROOT

if TYPE_CHECKING:
    from generator.contract.diff import Difference
    from generator.contract.diff.sources import Documents


def add(contract: Verbs) -> None:
    """Add the verb to the group `contract`."""
    diff = contract.add("diff", _diff, "compare documents as their callers see them, and with their versions")
    diff.add_argument(
        "old", nargs="?", metavar="OLD", help="a document, a folder of documents, or a git revision such as v0.1.0"
    )
    diff.add_argument("new", nargs="?", metavar="NEW", help="the same; this checkout as it is by default")
    diff.add_argument(
        "--last-release", action="store_true", help="OLD is the last release tag; where there is none, all is well"
    )
    diff.add_argument("--format", choices=["text", "json"], default="text", help="how to print (default: %(default)s)")
    diff.add_argument(
        "--fail-on",
        choices=["version", "breaking", "compatible", "neutral", "never"],
        default="version",
        help="exit with 1 where info.version is not far enough from the old one (the default), where a change is at"
        " least as bad as this, or never",
    )


def _diff(options: argparse.Namespace) -> int:
    from generator.contract.diff import as_json, as_text, compare_documents

    workspace = Workspace(ROOT)
    old, new = _sides(workspace, options)
    if old is None:
        print("no release tag leads here, so there is nothing to compare with")
        return 0
    if len(old) == len(new) == 1 and old.keys() != new.keys():
        # Two files are compared, whatever they are called.
        old = dict(zip(new, old.values(), strict=True))
    found = [compare_documents(workspace, name, old.get(name), new.get(name)) for name in sorted(old | new)]
    print(as_json(found) if options.format == "json" else as_text(found))
    return 1 if any(_fails(each, options.fail_on) for each in found) else 0


def _sides(workspace: Workspace, options: argparse.Namespace) -> tuple[Documents | None, Documents]:
    from generator.contract.diff import documents, last_release, of_checkout

    if options.last_release:
        if options.old:
            raise Refused(Problem("--last-release", f"stands beside {options.old}", "Name OLD, or leave it to the tag"))
        tag = last_release(workspace)
        services = options.services
        return (documents(workspace, tag, services) if tag else None), of_checkout(workspace, services)
    if not options.old:
        raise Refused(Problem("OLD", "is not named", "Name a file or revision, or give --last-release"))
    files = [Path(side) for side in (options.old, options.new) if side and Path(side).is_file()]
    # One file beside a revision, a folder or the checkout is compared with the document of its name there.
    services = [files[0].stem] if len(files) == 1 and not options.services else options.services
    old = documents(workspace, options.old, services)
    return old, documents(workspace, options.new, services) if options.new else of_checkout(workspace, services)


def _fails(difference: Difference, on: str) -> bool:
    if on in ("version", "never"):
        return on == "version" and not difference.is_enough
    order = ["neutral", "compatible", "breaking"]
    return any(order.index(change.effect) >= order.index(on) for change in difference.changes)
