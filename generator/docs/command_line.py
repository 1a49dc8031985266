"""The page of the command lines: what the client's and the workshop's programs say of themselves when asked for help.

The client's program is asked in a process of its own, with an environment that says nothing: its help is made from the
bundled documents when it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

from generator.docs.copies import plain
from generator.docs.foreign import fenced, foreign
from generator.docs.material import Material
from generator.docs.page import Page
from generator.errors import Problem, Refused

_ASK = """
import argparse, json, sys
from importlib import import_module

import click

package = sys.argv[1]
program = import_module(f"{package}.cli._program").program()
helps = {}

def ask(command, context):
    helps[context.command_path] = command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            ask(found, click.Context(found, info_name=name, parent=context, terminal_width=80, max_content_width=80))

ask(program, click.Context(program, info_name=package.replace("_", "-"), terminal_width=80, max_content_width=80))

def ask_parser(parser):
    helps[parser.prog] = parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                ask_parser(below)

ask_parser(import_module(f"{package}.testing.__main__")._parser())
json.dump(helps, sys.stdout)
"""
_BLANKS_OR_COLOUR = re.compile(r"[ \t]+$|\x1b\[[0-9;]*m", re.MULTILINE)


def command_line_page(material: Material, workshop: argparse.ArgumentParser) -> Page:
    """Both command lines. Raises `Refused` where the client's does not run."""
    text = "\n\n".join(_page(material, workshop)) + "\n"
    return Page(
        "command-line",
        f"Every command and option of the client, of the replay server and of `{workshop.prog}`.",
        text,
        plain(text),
    )


def _page(material: Material, workshop: argparse.ArgumentParser) -> Iterator[str]:
    name = material.package.replace("_", "-")
    yield "# Command line"
    yield (
        f"The client's program comes with `pip install '{name}[cli]'`, the replay server with `'{name}[testing]'`. "
        f"`{workshop.prog}` runs in a checkout of this project and makes or checks everything here. Below is what each "
        "prints for `--help`."
    )
    yield "## The client and the replay server"
    for command, said in _client(material).items():
        yield _shown(command, said)
    yield f"## In a checkout: `{workshop.prog}`"
    for command, said in _workshop(workshop):
        yield _shown(command, said)


def _shown(command: str, said: str) -> str:
    return f"### {command}\n\n{fenced(foreign(_BLANKS_OR_COLOUR.sub('', said)))}"


def _client(material: Material) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(material.package.upper())}
    environment |= {"PYTHONPATH": str(material.client.root), "COLUMNS": "80", "NO_COLOR": "1"}
    asked = [sys.executable, "-c", _ASK, material.package]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        file = material.client.root / material.package / "cli"
        raise Refused(Problem(file, f"gives no help: {said}", "Run `make generate`"))
    helps: dict[str, str] = json.loads(done.stdout)
    return helps


def _workshop(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """The parser's help and that of every verb below it."""
    parser.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=80)
    yield parser.prog, parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from _workshop(below)
