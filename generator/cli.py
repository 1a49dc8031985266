"""The command line of the generator: its commands, and the arguments that several share."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from .commands import CHECKOUT, PROGRAM, relative
from .errors import ValidationError

_MODULES = {
    "new": ("new", "import"),
    "client": ("client", "check", "lint", "bundle", "wait-package"),
    "evidence": ("evidence",),
    "docs": ("figures",),  # docs itself prints the help of all commands
    "contract": ("contract", "recordings"),
    "release": ("release-check",) if CHECKOUT else (),
}
"""The modules of `generator/commands/`, each with the commands that need only this module."""

_OF_CHECKOUT = ("release",)
"""Modules for the releases of this project. The installed tool lacks them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 success, 1 the input has problems, 2 the command line has problems. Some commands have
        further codes.
    """
    project, arguments = _project(sys.argv[1:] if arguments is None else arguments)
    options = _parser(arguments, project).parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except ValidationError as error:
        for problem in error.problems:
            print(relative(problem), file=sys.stderr)
        # A command that only checks writes no file, unless it has an option for its report.
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
        raise argparse.ArgumentTypeError(f"must be a folder, got {text!r}: create it, with openapi/ inside")
    return path.absolute()


def _parser(arguments: Sequence[str] = (), project: Path | None = None) -> argparse.ArgumentParser:
    """Return a parser for the command at the start of the arguments; for all commands if it is not known."""
    about = "Make a typed client, documentation and contract checks from the OpenAPI documents in openapi/."
    parser = argparse.ArgumentParser(prog=PROGRAM, description=about)
    commands = Commands(parser, project or Path.cwd())
    chosen = [name for name, words in _MODULES.items() if arguments and arguments[0] in words]
    for name in chosen or [name for name in _MODULES if CHECKOUT or name not in _OF_CHECKOUT]:
        import_module(f".commands.{name}", __package__).add(commands)
    return parser


Run = Callable[[argparse.Namespace], Any]


class Commands:
    """The commands below one parser."""

    def __init__(self, parser: argparse.ArgumentParser, project: Path, *, required: bool = True) -> None:
        self.parser = parser
        self.project = project
        """The project folder of the command line."""
        self._parsers = parser.add_subparsers(required=required, metavar="COMMAND")

    def add(
        self, name: str, run: Run, help: str, *, services: bool = True, writes: bool = False
    ) -> argparse.ArgumentParser:
        """Add a command.

        Args:
            name: The word on the command line.
            run: Function that gets the options, and returns the exit code, or None for 0.
            help: The purpose of the command, in one line.
            services: Whether it takes `--services`.
            writes: Whether it always writes files. A command with `--output` writes them only if the option is given.
        """
        command = self._parsers.add_parser(name, help=help, description=help)
        command.set_defaults(run=run, writes=writes, project=self.project)
        # The project is already known: defaults of other options are paths in it.
        command.add_argument(
            "--project", type=Path, metavar="DIR", help="project folder, with openapi/ inside (default: .)"
        )
        if services:
            command.add_argument(
                "--services", type=_names, metavar="A,B", help="only these services (default: all of the project)"
            )
        return command

    def group(self, name: str, help: str) -> Commands:
        """Add a group of commands."""
        return Commands(self._parsers.add_parser(name, help=help, description=help), self.project)

    def output(self, text: str) -> Path:
        """Parse a file or folder to write, which is outside the inputs. For `type` of an option."""
        path = Path(text)
        if path.resolve().is_relative_to((self.project / "openapi").resolve()):
            raise argparse.ArgumentTypeError(f"must be outside openapi/, which has the inputs, got {text!r}")
        return path


def add_format(command: argparse.ArgumentParser, *forms: str) -> None:
    """Add `--format`, of which `text` is the default."""
    help = "form of the report (default: %(default)s)"
    command.add_argument("--format", choices=("text", *forms), default="text", help=help)


def count(text: str) -> int:
    """Parse an integer >= 1. For `type` of an option."""
    return _integer(text, 1)


def count_or_none(text: str) -> int:
    """Parse an integer >= 0. For `type` of an option."""
    return _integer(text, 0)


def positive(text: str) -> float:
    """Parse a number > 0. For `type` of an option."""
    return _number(text, 1e-9, 1e9, "> 0")


def not_negative(text: str) -> float:
    """Parse a number >= 0. For `type` of an option."""
    return _number(text, 0, 1e9, ">= 0")


def percent(text: str) -> float:
    """Parse a number from 0 to 100. For `type` of an option."""
    return _number(text, 0, 100, "from 0 to 100")


def _integer(text: str, least: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise argparse.ArgumentTypeError(f"must be an integer >= {least}, got {text!r}")
    return int(text)


def _number(text: str, least: float, most: float, range: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"must be a number {range}, got {text!r}")
    return number


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(f"must be names of services separated by commas, got {text!r}")
    return names
