"""Reference pages: the Python API from its docstrings, and the command lines from their help."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import Problem, ValidationError
from .context import Page, SiteContext, rows
from .escaping import fenced, mark_foreign, plain

_SHARED = ("errors", "auth", "testing")
"""Public modules besides the package, which comes first, and the services."""


def reference_pages(context: SiteContext) -> Iterator[Page]:
    """Yield the index of the Python API, and a page for each module."""
    modules = list(_modules(context))
    yield Page.from_parts("python/index", "Every method and type of the client on one page.", _index(modules))
    for name, module, members in modules:
        yield _module(name, module, members)


def _modules(context: SiteContext) -> Iterator[tuple[str, Any, list[Any]]]:
    """Yield every public module: the name of its page, the module, and its exports."""
    package, runtime = context.client.module, context.runtime.module
    services = [each.name for each in context.services]
    # Each name is only on the page of its module, although the packages export some of them too.
    inner = (
        *(f"{runtime.path}.{name}." for name in _SHARED),
        *(f"{package.path}.{name}." for name in services),
        *(f"{runtime.path}.{name}." for name in _service_names(runtime)),
    )
    yield "package", runtime, [each for each in _exports(runtime) if not each.canonical_path.startswith(inner)]
    for name in _SHARED:
        yield name, runtime[name], _exports(runtime[name])
    for name in services:
        yield name, package[name], _exports(package[name])


def _service_names(package: Any) -> list[str]:
    """Return names of the services in a package."""
    modules = [(name, member) for name, member in package.members.items() if not member.is_alias and member.is_module]
    return [name for name, member in modules if "operations" in member.members and "models" in member.members]


def _exports(module: Any) -> list[Any]:
    """Return the targets of a module's `__all__`, an asynchronous class after its synchronous twin."""
    names = sorted(
        map(str, module.exports or []), key=lambda name: (name.removeprefix("Async").lower(), name.startswith("Async"))
    )
    found = [module[name] for name in names if name in module.members]
    return [member.final_target if member.is_alias else member for member in found]


def _index(modules: list[tuple[str, Any, list[Any]]]) -> Iterator[str]:
    yield "# Methods and types"
    yield "Every public name of the client, with a link to its description."
    for name, module, members in modules:
        yield f"## {module.path}"
        yield rows(("Name", "Description"), [line for member in members for line in _index_lines(name, member)])


def _index_lines(page: str, member: Any) -> Iterator[tuple[str, str]]:
    """Yield a name with its first sentence, and each method of a class."""
    yield f"[`{member.name}`]({page}.md#{member.canonical_path})", _first_line(member)
    if member.is_class:
        for name, method in member.members.items():
            if method.is_function and not name.startswith("_") and _doc(method):
                arguments = [parameter.name for parameter in method.parameters if parameter.name not in ("self", "cls")]
                signature = f"`{member.name}.{name}({', '.join(arguments)})`"
                yield f"[{signature}]({page}.md#{method.canonical_path})", _first_line(method)


def _module(name: str, module: Any, members: list[Any]) -> Page:
    documented = [member for member in members if _doc(member) or not member.is_attribute]
    head = [f"# {module.path}", _doc(module)]
    text = "\n\n".join([*head, *(f"::: {member.canonical_path}" for member in documented)]) + "\n"
    copied = "\n\n".join([*head, *map(_member_markdown, documented)]) + "\n"
    return Page(f"python/{name}", _first_line(module), text, plain(copied))


def _member_markdown(member: Any) -> str:
    """Return a member in the Markdown copy: its signature and its docstring."""
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
            parts.append(f"### `{inner.signature() if inner.is_function else declared}`\n\n{_doc(inner)}")
    return "\n\n".join(part for part in parts if part)


def _doc(member: Any) -> str:
    return member.docstring.value if member.docstring else ""


def _first_line(member: Any) -> str:
    paragraph = " ".join(_doc(member).split("\n\n", maxsplit=1)[0].split())
    return paragraph if paragraph.endswith((".", ":")) or not paragraph else f"{paragraph}."


def command_line_page(context: SiteContext, parser: argparse.ArgumentParser | None) -> Page:
    """Return the page of the command lines. Raises `ValidationError` if the client's does not run."""
    generator = f" and of `{parser.prog}`" if parser else ""
    description = f"Every command and option of the client, of the replay server{generator}."
    return Page.from_parts("command-line", description, _command_lines(context, parser))


def _command_lines(context: SiteContext, parser: argparse.ArgumentParser | None) -> Iterator[str]:
    name = context.package.replace("_", "-")
    yield "# Command line"
    text = f"The client's program comes with `pip install '{name}[cli]'`, the replay server with `'{name}[testing]'`. "
    if parser:
        where = "runs in a checkout of this project and " if parser.prog.startswith("python") else ""
        text += f"`{parser.prog}` {where}makes or checks everything here. "
    yield f"{text}The output of `--help` of each:"
    described = _describe_client(context)
    yield "## Exit codes"
    yield (
        f"The exit code of `{name}` says how the job ended: `$?` in a shell, `%ERRORLEVEL%` on Windows. The exit code "
        "of several jobs is the highest of theirs."
    )
    codes = ((f"exit code {code}", mark_foreign(meaning)) for code, meaning in described["exit_codes"])
    yield rows(("Exit code", "Meaning"), codes)
    yield "## The client and the replay server"
    for command, output in described["helps"].items():
        yield _help(command, output)
    if parser:
        yield f"## {'In a checkout: ' if where else ''}`{parser.prog}`"
        for command, output in _generator_helps(parser):
            yield _help(command, output)


_BLANKS_OR_COLOUR = re.compile(r"[ \t]+$|\x1b\[[0-9;]*m", re.MULTILINE)


def _help(command: str, output: str) -> str:
    return f"### {command}\n\n{fenced(mark_foreign(_BLANKS_OR_COLOUR.sub('', output)))}"


def _generator_helps(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Yield the help of the parser and of every command below it."""
    parser.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=80)
    yield parser.prog, parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from _generator_helps(below)


_PRINT_HELP = """
import argparse, json, sys
from importlib import import_module

import click

package = sys.argv[1]
helps = {}

def command_help(command, name, parent=None):
    context = click.Context(command, info_name=name, parent=parent, terminal_width=80, max_content_width=80)
    helps[context.command_path] = command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            command_help(command.get_command(context, name), name, context)

app = import_module(f"{package}.cli._app")
command_help(app.program(), package.replace("_", "-"))

def parser_help(parser):
    helps[parser.prog] = parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                parser_help(below)

parser_help(import_module(f"{package}.testing.__main__")._parser())
json.dump({"helps": helps, "exit_codes": app.EXIT_CODES}, sys.stdout)
"""
"""A program that prints the exit codes and the help of the client's commands, made from the bundled documents."""


def _describe_client(context: SiteContext) -> dict[str, Any]:
    runtime = context.runtime.name
    environment = {key: value for key, value in os.environ.items() if not key.startswith(runtime.upper())}
    with tempfile.TemporaryDirectory() as installed:
        _write_entry_points(context, Path(installed))
        path = os.pathsep.join(map(str, (context.client.root, context.runtime.root, installed)))
        environment |= {"PYTHONPATH": path, "COLUMNS": "80", "NO_COLOR": "1"}
        command = [sys.executable, "-c", _PRINT_HELP, runtime]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last_line = (done.stderr.strip() or "no output").splitlines()[-1]
        folder = context.runtime.root / runtime / "cli"
        raise ValidationError(Problem(folder, f"cannot print its help: {last_line}", f"Run `{context.regenerate}`"))
    described: dict[str, Any] = json.loads(done.stdout)
    others = set(_service_names(context.runtime.module)) - {each.name for each in context.services}
    helps = {name: text for name, text in described["helps"].items() if not set(name.split()[2:3]) & others}
    return {**described, "helps": helps}


def _write_entry_points(context: SiteContext, folder: Path) -> None:
    """Make the services known to the runtime's program, as the installed client would."""
    if context.runtime is not context.client:
        information = folder / f"{context.package}-0.dist-info"
        information.mkdir()
        lines = [f"{each.name} = {context.package}.{each.name}" for each in context.services]
        text = "\n".join([f"[{context.runtime.name}.services]", *lines, ""])
        (information / "entry_points.txt").write_text(text, encoding="utf-8")
        (information / "METADATA").write_text(f"Name: {context.package}\nVersion: 0\n", encoding="utf-8")
