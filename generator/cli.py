"""The command line of the generator."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from generator.commands import client, contract, docs, evidence, quality, relative, release
from generator.commands.arguments import Commands
from generator.errors import ValidationError

_MODULES = (client, evidence, docs, contract, quality, release)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 done, 1 the input has problems, 2 the command line has problems. Some commands have more.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except ValidationError as error:
        for problem in error.problems:
            print(relative(problem), file=sys.stderr)
        # A command that only checks has not promised to write, unless it was given a file for its report.
        writes = options.writes or getattr(options, "output", None)
        end = "; nothing was written." if writes else "."
        print(f"{len(error.problems)} problem(s){end}", file=sys.stderr)
        return error.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Makes everything that is made from openapi/."
    )
    commands = Commands(parser)
    for module in _MODULES:
        module.add(commands)
    return parser
