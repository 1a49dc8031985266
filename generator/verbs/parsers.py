"""Verbs and groups of verbs on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Run = Callable[[argparse.Namespace], Any]


class Verbs:
    """The verbs below one parser. Each takes `--services`, but for those that are of one service."""

    def __init__(self, parser: argparse.ArgumentParser, *, required: bool = True) -> None:
        self._parsers = parser.add_subparsers(required=required, metavar="VERB")

    def add(self, name: str, run: Run, help: str, *, services: bool = True) -> argparse.ArgumentParser:
        """Add a verb; `run` gets the options and returns the exit code, or nothing for 0."""
        parents = [_selection()] if services else []
        command = self._parsers.add_parser(name, help=help, description=help, parents=parents)
        command.set_defaults(run=run)
        return command

    def group(self, name: str, help: str) -> Verbs:
        """Add a verb that has verbs of its own."""
        return Verbs(self._parsers.add_parser(name, help=help, description=help))

    def below(self, command: argparse.ArgumentParser) -> Verbs:
        """Verbs below one that also runs by itself."""
        return Verbs(command, required=False)


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
