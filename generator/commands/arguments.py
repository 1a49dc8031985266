"""Arguments that several commands share."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[[argparse.Namespace], Any]


class Commands:
    """The commands below one parser."""

    def __init__(self, parser: argparse.ArgumentParser, project: Path, *, required: bool = True) -> None:
        self.parser = parser
        self.project = project
        """The project folder of the command line."""
        self._parsers = parser.add_subparsers(required=required, metavar="COMMAND")
        self._groups: dict[str, Commands] = {}

    def add(
        self, name: str, run: Run, help: str, *, services: bool = True, writes: bool = False
    ) -> argparse.ArgumentParser:
        """Add a command.

        Args:
            name: The word on the command line.
            run: Gets the options. Returns the exit code, or None for 0.
            help: The purpose of the command, in a line.
            services: Whether it takes `--services`.
            writes: Whether it always writes files. A command with `--output` writes them where it is given.
        """
        command = self._parsers.add_parser(name, help=help, description=help)
        command.set_defaults(run=run, writes=writes, project=self.project)
        # The project has been read from the command line already, since defaults of other options lie in it.
        command.add_argument("--project", type=Path, metavar="DIR", help="project folder, which has openapi/ (.)")
        if services:
            command.add_argument(
                "--services", type=_names, metavar="A,B", help="only these services; all of the project by default"
            )
        return command

    def group(self, name: str, help: str = "") -> Commands:
        """Return the group of commands of that name. The first call makes it and gives the help."""
        if name not in self._groups:
            self._groups[name] = Commands(self._parsers.add_parser(name, help=help, description=help), self.project)
        return self._groups[name]

    def output(self, text: str) -> Path:
        """For `type=`: a file or folder to write, outside the inputs."""
        path = Path(text)
        if path.resolve().is_relative_to((self.project / "openapi").resolve()):
            raise argparse.ArgumentTypeError(f"must be outside openapi/, which holds the inputs, got {text!r}")
        return path


def add_format(command: argparse.ArgumentParser, *forms: str) -> None:
    """Add `--format`, of which `text` is the default."""
    help = "form of the report (default: %(default)s)"
    command.add_argument("--format", choices=("text", *forms), default="text", help=help)


def count(text: str) -> int:
    """For `type=`: a whole number, 1 or more."""
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"must be a whole number of 1 or more, got {text!r}")
    return int(text)


def count_or_none(text: str) -> int:
    """For `type=`: a whole number, 0 or more."""
    return 0 if text == "0" else count(text)


def positive(text: str) -> float:
    """For `type=`: a number above 0."""
    return _number(text, 1e-9, 1e9, "above 0")


def not_negative(text: str) -> float:
    """For `type=`: a number, 0 or more."""
    return _number(text, 0, 1e9, "of 0 or more")


def percent(text: str) -> float:
    """For `type=`: a number from 0 to 100."""
    return _number(text, 0, 100, "from 0 to 100")


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
        raise argparse.ArgumentTypeError("names no service: write them with commas between")
    return names
