"""`figures`: takes what was measured over into the site."""

from __future__ import annotations

import argparse

from generator.files import write_files
from generator.verbs.parsers import Verbs
from generator.verbs.preparing import ROOT


def add(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add("figures", _figures, "take the measurements in build/ over into the site, to be committed")


def _figures(options: argparse.Namespace) -> None:
    from generator.docs.benchmarks import taken_over

    files = taken_over(ROOT)
    write_files(files)
    for file in files:
        print(f"{file.relative_to(ROOT)}: look at the difference, and commit it")
