"""Reference pages: the Python API from its docstrings, and the command lines from their help.

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
from typing import Any

from generator.docs.context import Page, SiteContext, rows
from generator.docs.escaping import fenced, mark_foreign
from generator.docs.plain_markdown import plain
from generator.errors import Problem, ValidationError

_ASK = """
import argparse, json, sys
from importlib import import_module

import click

package = sys.argv[1]
program = import_module(f"{package}.cli._app").program()
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


def command_line_page(material: SiteContext, workshop: argparse.ArgumentParser) -> Page:
    """Both command lines. Raises `Refused` where the client's does not run."""
    text = "\n\n".join(_page(material, workshop)) + "\n"
    return Page(
        "command-line",
        f"Every command and option of the client, of the replay server and of `{workshop.prog}`.",
        text,
        plain(text),
    )


def _page(material: SiteContext, workshop: argparse.ArgumentParser) -> Iterator[str]:
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
    return f"### {command}\n\n{fenced(mark_foreign(_BLANKS_OR_COLOUR.sub('', said)))}"


def _client(material: SiteContext) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(material.package.upper())}
    environment |= {"PYTHONPATH": str(material.client.root), "COLUMNS": "80", "NO_COLOR": "1"}
    asked = [sys.executable, "-c", _ASK, material.package]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        file = material.client.root / material.package / "cli"
        raise ValidationError(Problem(file, f"gives no help: {said}", "Run `make generate`"))
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


_SHARED = ("errors", "auth", "testing")
"""Public modules besides the services; the package itself comes first."""


def reference_pages(material: SiteContext) -> Iterator[Page]:
    """The index, and a page for each module."""
    package = material.client.module
    yield _index(material, package)
    for name, module, members in _modules(material, package):
        yield _module(module, name, members)


def exports(module: Any) -> list[Any]:
    """What a module gives out: the targets of its `__all__`, an asynchronous class after its synchronous twin."""
    names = sorted(
        map(str, module.exports or []), key=lambda name: (name.removeprefix("Async").lower(), name.startswith("Async"))
    )
    found = [module[name] for name in names if name in module.members]
    return [member.final_target if member.is_alias else member for member in found]


def _module(module: Any, name: str, members: list[Any]) -> Page:
    told = [member for member in members if _doc(member) or not member.is_attribute]
    head = [f"# {module.path}", _doc(module)]
    text = "\n\n".join([*head, *(f"::: {member.canonical_path}" for member in told)]) + "\n"
    copied = "\n\n".join([*head, *(_copied(member) for member in told)]) + "\n"
    return Page(f"python/{name}", _first_line(_doc(module)), text, plain(copied))


def _index(material: SiteContext, package: Any) -> Page:
    parts = ["# Methods and types", "Every public name of the client, with a link to what it does."]
    for name, module, members in _modules(material, package):
        lines = [line for member in members for line in _lines(name, member)]
        parts += [f"## {module.path}", rows(("Name", "What it is"), lines)]
    text = "\n\n".join(parts) + "\n"
    return Page("python/index", "Every method and type of the client on one page.", text, plain(text))


def _modules(material: SiteContext, package: Any) -> Iterator[tuple[str, Any, list[Any]]]:
    """Name of the page, module and what it gives out, of every public module."""
    services = [each.name for each in material.services]
    inner = tuple(f"{package.path}.{name}." for name in (*_SHARED, *services))
    # Each name is on the page of its own module alone, though the package exports some of them too.
    yield "package", package, [each for each in exports(package) if not each.canonical_path.startswith(inner)]
    for name in (*_SHARED, *services):
        yield name, package[name], exports(package[name])


def _lines(page: str, member: Any) -> Iterator[tuple[str, str]]:
    """A name with its first sentence; a class that has methods, with each of them."""
    yield f"[`{member.name}`]({page}.md#{member.canonical_path})", _first_line(_doc(member))
    if member.is_class:
        for name, method in member.members.items():
            if method.is_function and not name.startswith("_") and _doc(method):
                called = f"`{member.name}.{name}({_arguments(method)})`"
                yield f"[{called}]({page}.md#{method.canonical_path})", _first_line(_doc(method))


def _arguments(method: Any) -> str:
    names = [parameter.name for parameter in method.parameters if parameter.name not in ("self", "cls")]
    return ", ".join(names)


def _doc(member: Any) -> str:
    return member.docstring.value if member.docstring else ""


def _first_line(text: str) -> str:
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return paragraph if paragraph.endswith((".", ":")) or not paragraph else f"{paragraph}."


def _copied(member: Any) -> str:
    """A member in the Markdown copy: its signature and its docstring as it is written."""
    parts = [f"## `{member.name}`"]
    if member.is_function:
        parts.append(f"```python\n{member.signature()}\n```")
    parts.append(_doc(member))
    if member.is_class:
        for name, inner in member.members.items():
            if name.startswith("_") or not _doc(inner):
                continue
            # A member of an enumeration has a value and no annotation.
            declared = f"{name}: {inner.annotation}" if inner.annotation else name
            title = inner.signature() if inner.is_function else declared
            parts.append(f"### `{title}`\n\n{_doc(inner)}")
    return "\n\n".join(part for part in parts if part)
