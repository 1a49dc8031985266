"""`contract coverage`: what of each document the recordings and the cases from evidence exercise."""

from __future__ import annotations

import argparse

from generator.documents import Workspace
from generator.files import print_table, write_files
from generator.verbs.parsers import Verbs
from generator.verbs.preparing import ROOT, bundles, output

_OUTPUT = ROOT / "build" / "coverage.json"


def add(contract: Verbs) -> None:
    """Add the verb to the group `contract`."""
    verb = contract.add("coverage", _coverage, "say what of each document the recordings and the cases exercise")
    verb.add_argument(
        "--output", type=output, default=_OUTPUT, metavar="FILE", help="where to write it as JSON (build/coverage.json)"
    )
    verb.add_argument("--all", action="store_true", help="exit with 1 where anything is not exercised")


def _coverage(options: argparse.Namespace) -> int:
    from generator.quality.coverage import KINDS, coverage

    workspace = Workspace(ROOT)
    measured = [coverage(service) for service, _ in bundles(workspace, options.services)]
    missing = [(each.service, item) for each in measured for item in each.missing]
    data = {
        "services": [each.as_data for each in measured],
        "missing": [
            {"service": service, "kind": item.kind, "pointer": item.pointer, "aspect": item.aspect}
            for service, item in missing
        ],
    }
    write_files({options.output: data})
    print("by the recordings alone, by recordings and cases, of all there is:")
    rows = []
    for each in measured:
        counts = (each.counts(kind) for kind in KINDS)
        rows.append((each.service, *(f"{alone} {all_} /{total}" for alone, all_, total in counts)))
    print_table(("service", *KINDS), rows)
    for service, item in missing:
        print(f"not exercised: {service} {item}")
    return 1 if missing and options.all else 0
