"""The command line of the generator."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from generator.commands import client, contract, docs, evidence, quality, relative, release
from generator.commands.arguments import Commands
from generator.errors import ValidationError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit code: 0 done, 1 the input has problems, 2 the command line has; some have more."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except ValidationError as refused:
        for problem in refused.problems:
            print(relative(problem), file=sys.stderr)
        print(f"{len(refused.problems)} problem(s); nothing was written.", file=sys.stderr)
        return refused.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Makes everything that is made from openapi/."
    )
    verbs = Commands(parser)
    client.add(verbs)
    evidence.add(verbs)
    docs.add_docs(verbs, parser)
    docs.add_figures(verbs)
    contract.add_recordings(verbs)
    group = verbs.group("contract", "the contract: check, measure, compare")
    contract.add_check(group)
    contract.add_diff(group)
    contract.add_record(group)
    contract.add_verify(group)
    quality.add_mutate(group)
    quality.add_coverage(group)
    release.add(verbs)
    return parser
