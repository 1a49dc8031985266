"""The command line of the generator."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from .commands import relative
from .commands.arguments import Commands
from .errors import ValidationError

_MODULES = {
    "client": ("client", "check", "lint", "bundle"),
    "evidence": ("evidence",),
    "docs": ("figures",),  # docs itself prints the help of all commands
    "contract": ("contract", "recordings"),
    "quality": ("contract",),
    "release": ("release-check",),
}
"""The modules of `generator/commands/`, each with the first words that need it alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 done, 1 the input has problems, 2 the command line has problems. Some commands have more.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser(arguments).parse_args(arguments)
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


def _parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of the command that the arguments begin with; of all commands where they begin otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Makes everything that is made from openapi/."
    )
    commands = Commands(parser)
    chosen = [name for name, words in _MODULES.items() if arguments and arguments[0] in words]
    for name in chosen or _MODULES:
        import_module(f".commands.{name}", __package__).add(commands)
    return parser
