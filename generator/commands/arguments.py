"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from generator.commands import output

Run = Callable[[argparse.Namespace], Any]


class Commands:
    """The verbs below one parser. Each takes `--services`, but for those that are of one service."""

    def __init__(self, parser: argparse.ArgumentParser, *, required: bool = True) -> None:
        self._parsers = parser.add_subparsers(required=required, metavar="VERB")

    def add(self, name: str, run: Run, help: str, *, services: bool = True) -> argparse.ArgumentParser:
        """Add a verb; `run` gets the options and returns the exit code, or nothing for 0."""
        parents = [_selection()] if services else []
        command = self._parsers.add_parser(name, help=help, description=help, parents=parents)
        command.set_defaults(run=run)
        return command

    def group(self, name: str, help: str) -> Commands:
        """Add a verb that has verbs of its own."""
        return Commands(self._parsers.add_parser(name, help=help, description=help))

    def below(self, command: argparse.ArgumentParser) -> Commands:
        """Verbs below one that also runs by itself."""
        return Commands(command, required=False)


def add_report(command: argparse.ArgumentParser) -> None:
    """Add the options of a verb that reports findings: the form of the report, and where it goes."""
    command.add_argument(
        "--format", choices=("text", "json", "junit", "sarif"), default="text", help="form of the report (%(default)s)"
    )
    command.add_argument(
        "--output", type=output, metavar="FILE", help="write the report there, and not to the terminal"
    )


def count(text: str) -> int:
    """For `type=`: a whole number, 1 or more."""
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number, 1 or more")
    return int(text)


def positive(text: str) -> float:
    """For `type=`: a number above 0."""
    if (number := _number(text, 1e-9, 1e9)) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def not_negative(text: str) -> float:
    """For `type=`: a number, 0 or more."""
    if (number := _number(text, 0, 1e9)) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number, 0 or more")
    return number


def percent(text: str) -> float:
    """For `type=`: a number from 0 to 100."""
    if (number := _number(text, 0, 100)) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 100")
    return number


def _number(text: str, least: float, most: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if least <= number <= most else None


def _selection() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--services", type=_names, metavar="A,B", help="only these services; all of openapi/ by default"
    )
    return parser


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("names no service: write them with commas between")
    return names
