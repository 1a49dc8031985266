"""The command line of the generator."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from .commands import CHECKOUT, PROGRAM, relative
from .commands.arguments import Commands
from .errors import ValidationError

_MODULES = {
    "new": ("new", "import"),
    "client": ("client", "check", "lint", "bundle", "wait-package"),
    "evidence": ("evidence",),
    "docs": ("figures",),  # docs itself prints the help of all commands
    "contract": ("contract", "recordings"),
    "quality": ("contract",),
    "release": ("release-check",) if CHECKOUT else (),
}
"""The modules of `generator/commands/`, each with the first words that need it alone."""

_OF_CHECKOUT = ("release",)
"""Those for the releases of this project, which the installed tool lacks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 done, 1 the input has problems, 2 the command line has problems. Some commands have more.
    """
    project, arguments = _project(sys.argv[1:] if arguments is None else arguments)
    options = _parser(arguments, project).parse_args(arguments)
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


def _project(arguments: Sequence[str]) -> tuple[Path, list[str]]:
    """Return the project folder, by default the current one, and the arguments without `--project`."""
    parser = argparse.ArgumentParser(prog=PROGRAM, add_help=False, allow_abbrev=False, usage=argparse.SUPPRESS)
    parser.add_argument("--project", type=_folder, default=Path.cwd())
    options, others = parser.parse_known_args(arguments)
    return options.project, others


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"must be a folder, got {text!r}: make it first, with openapi/ in it")
    return path.absolute()


def _parser(arguments: Sequence[str] = (), project: Path | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command that the arguments begin with; of all commands where they begin otherwise."""
    about = "Make a typed client, documentation and contract checks from the OpenAPI documents in openapi/."
    parser = argparse.ArgumentParser(prog=PROGRAM, description=about)
    commands = Commands(parser, project or Path.cwd())
    chosen = [name for name, words in _MODULES.items() if arguments and arguments[0] in words]
    for name in chosen or [name for name in _MODULES if CHECKOUT or name not in _OF_CHECKOUT]:
        import_module(f".commands.{name}", __package__).add(commands)
    return parser
