"""The workshop's command line. Puts the parts together; every verb says what is wrong and exits with 1, or does all."""

from __future__ import annotations

import argparse
import json
import keyword
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from errno import EISDIR
from functools import partial
from pathlib import Path
from typing import Any

from generator.bundle import bundle
from generator.contract import check_recordings, export_har
from generator.documents import Service, Workspace, lint
from generator.evidence import Account, account
from generator.problems import Problem, Refused

ROOT = Path(__file__).parent.parent
_PACKAGE = "cloudjobs"
_OUTPUT = "generated_client"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit code: 0 done, 1 the input has problems, 2 the command line has."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except Refused as refused:
        for problem in refused.problems:
            print(_shown(problem), file=sys.stderr)
        print(f"{len(refused.problems)} problem(s); nothing was written.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Makes everything that is made from openapi/."
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    selection = argparse.ArgumentParser(add_help=False)
    selection.add_argument(
        "--services", type=_names, metavar="A,B", help="only these services; all of openapi/ by default"
    )

    def verb(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        command = verbs.add_parser(name, help=help, description=help, parents=[selection])
        command.set_defaults(run=run)
        return command

    client = verb("client", _client, "make the client distribution")
    client.add_argument(
        "--package", type=_package, default=_PACKAGE, help="import name of the package (default: %(default)s)"
    )
    client.add_argument("--output", type=Path, help=f"folder of the distribution (default: {_OUTPUT})")
    verb(
        "check", _check, "check documents, evidence and recordings, and that the client is up to date; changes nothing"
    )
    verb("lint", _lint, "check documents, evidence and recordings for form")
    verb("evidence", _evidence, "account for every row of the pages and every statement of the documents")
    bundled = verb("bundle", _bundle, "write the bundled documents as JSON")
    bundled.add_argument("--output", type=Path, required=True, help="folder for <service>.json")
    recordings = verb("recordings", _recordings, "export the recorded replies")
    recordings.add_argument("action", choices=["export"])
    recordings.add_argument("--har", type=Path, required=True, metavar="FILE", help="HAR file to write")
    return parser


def _client(options: argparse.Namespace) -> None:
    from generator.client import Distribution, build, publish  # takes half a second that other verbs need not wait for

    workspace = Workspace(ROOT)
    output = options.output or ROOT / _OUTPUT
    if options.output is None and (options.package != _PACKAGE or options.services):
        raise Refused(
            Problem(
                "--output", f"is missing, and {_OUTPUT} holds all services as {_PACKAGE}", "Name a folder for your own"
            )
        )
    distribution = Distribution(workspace, _bundles(workspace, options.services), options.package)
    publish(partial(build, distribution), output.absolute())
    print(
        f"{_relative(output)}: {options.package} with {', '.join(service.name for service, _ in distribution.services)}"
    )


def _check(options: argparse.Namespace) -> None:
    from generator.client import Distribution, build, differences

    workspace = Workspace(ROOT)
    bundles = _bundles(workspace, options.services)
    print(f"documents, evidence and recordings of {', '.join(service.name for service, _ in bundles)} are in order")
    if options.services is None:
        stale = differences(partial(build, Distribution(workspace, bundles)), ROOT / _OUTPUT)
        if stale:
            raise Refused(stale)
        print(f"{_OUTPUT} is up to date")


def _lint(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    _refuse_if([problem for service in services for problem in _form(workspace, service)])
    print(f"{', '.join(service.name for service in services)}: in order")


def _evidence(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    _refuse_if([problem for service in services for problem in lint(workspace, service)])
    accounts = [account(service) for service in services]
    columns = ("service", "rows", "carried", "rejected", "seen only in recordings", "contradictions", "unaccounted for")
    rows = [
        (
            a.service,
            a.rows,
            a.carried,
            a.rejected,
            a.observed,
            a.contradictions,
            a.rows - a.carried - a.rejected + len(a.problems),
        )
        for a in accounts
    ]
    _table(columns, rows)
    print()
    _table(("service", "statements", "documented", "observed", "inferred"), [_confidences(a) for a in accounts])
    _refuse_if([problem for a in accounts for problem in a.problems])


def _bundle(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    bundles = _bundles(workspace, options.services)
    _write({options.output / f"{service.name}.json": document for service, document in bundles})
    print(f"{options.output}: {', '.join(service.name for service, _ in bundles)}")


def _recordings(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    _refuse_if([problem for service in services for problem in _form(workspace, service)])
    har = export_har(services)
    _write({options.har: har})
    print(f"{options.har}: {len(har['log']['entries'])} recorded replies")


def _bundles(workspace: Workspace, names: list[str] | None) -> list[tuple[Service, dict[str, Any]]]:
    """The services with their bundled documents. Raises `Refused` where anything is wrong with them."""
    services = workspace.select(names)
    _refuse_if([problem for service in services for problem in _form(workspace, service)])
    accounts = [account(service) for service in services]
    _refuse_if([problem for each in accounts for problem in each.problems])
    return [(service, bundle(service, each)) for service, each in zip(services, accounts, strict=True)]


def _form(workspace: Workspace, service: Service) -> list[Problem]:
    from generator.client import reserved_names

    problems = lint(workspace, service) or check_recordings(service)
    if service.name in reserved_names():
        problems.append(
            service.document.problem(
                "", f"{service.name} is a module of the client's runtime", "Give the service another name"
            )
        )
    return problems


def _refuse_if(problems: list[Problem]) -> None:
    if problems:
        raise Refused(problems)


def _write(files: dict[Path, Any]) -> None:
    """Write JSON files, all of them whole or none at all."""
    path = next(iter(files))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
            for path, data in files.items():
                text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
                (Path(folder) / path.name).write_text(text, encoding="utf-8")
                if path.is_dir():
                    raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            for path in files:
                (Path(folder) / path.name).replace(path)
    except OSError as error:
        problem = Problem(path, f"cannot be written ({error.strerror})", "Name a place that can be written")
        raise Refused(problem) from None


def _confidences(each: Account) -> tuple[Any, ...]:
    counts = [each.count(word) for word in ("documented", "observed", "inferred")]
    return each.service, sum(counts), *counts


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    lines = [columns, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        cells = [
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("names no service: write them with commas between")
    return names


def _package(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text) or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no package name: write lower-case letters, digits and _, a letter first"
        )
    return text


def _shown(problem: Problem) -> str:
    text = str(problem)
    return text.replace(f"{ROOT}{os.sep}", "")


def _relative(path: Path) -> str:
    return str(path).replace(f"{ROOT}{os.sep}", "")
