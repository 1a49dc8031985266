"""Commands `client`, `check`, `lint`, `bundle` and `wait-package`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cli import Commands
from ..documents import Service, Workspace
from ..documents.lint import house_rules
from ..documents.settings import RUNTIME_PACKAGE, is_description, is_package_name, is_version
from ..errors import Problem, ValidationError
from ..files import MANIFEST, publish, write_files
from . import bundled_services, client_folder, package_name, relative, runtime_folder, validate_service

if TYPE_CHECKING:
    from ..client import Distribution

_LANGUAGES = ("java", "typescript")
"""Languages of wait packages."""


def add(commands: Commands) -> None:
    """Add the commands."""
    client = commands.add("client", _client, "generate the typed client", writes=True)
    client.add_argument(
        "--output",
        type=commands.output,
        metavar="DIR",
        help="folder of the distribution (default: from cloudjobs.toml)",
    )
    help = "check documents, evidence and recordings, and whether the client is up to date; changes nothing"
    check = commands.add("check", _check, help)
    for command in (client, check):
        _add_distribution_options(command)
    commands.add("lint", _lint, "check the form of documents, evidence and recordings")
    bundled = commands.add("bundle", _bundle, "write the bundled documents, their renditions and test vectors as JSON")
    help = "folder for <service>.json, the renditions and <service>-vectors.json"
    bundled.add_argument("--output", type=commands.output, required=True, metavar="DIR", help=help)
    help = "write a package in another language that reads jobs and waits for them"
    command = commands.add("wait-package", _wait_package, help, writes=True)
    command.add_argument("language", choices=_LANGUAGES, help="the language")
    command.add_argument("--output", type=commands.output, required=True, metavar="DIR", help="folder of the package")


def _add_distribution_options(command: argparse.ArgumentParser) -> None:
    default = "default: from cloudjobs.toml"
    command.add_argument("--package", type=_package, metavar="NAME", help=f"import name of the package ({default})")
    command.add_argument("--version", type=_version, metavar="VERSION", help=f"version of the distribution ({default})")
    command.add_argument(
        "--description", type=_description, metavar="TEXT", help=f"description of the distribution ({default})"
    )
    help = f"copy the runtime into the package; otherwise the package requires the distribution {RUNTIME_PACKAGE}"
    command.add_argument("--standalone", action="store_true", help=help)


def _client(options: argparse.Namespace) -> None:
    from ..client import build, publish  # takes half a second

    workspace = Workspace(options.project)
    settings = workspace.settings
    if (
        options.output is None
        and settings.package
        and (options.services or options.package not in (None, settings.package))
    ):
        folder = relative(client_folder(workspace, settings.package))
        what = f"must be given, got none: {folder} is the folder of {settings.package} with all services"
        raise ValidationError(Problem("--output", what, "Add --output DIR"))
    distribution = _distribution(workspace, options, bundled_services(workspace, options.services))
    place = options.output or client_folder(workspace, distribution.package)
    publish(partial(build, distribution), place.absolute())
    names = ", ".join(service.name for service, _ in distribution.services)
    print(f"{relative(place)}: {distribution.package} with {names}")


def _version_of(workspace: Workspace, package: str | None) -> str:
    """Return the version of the project's client. The package with the runtime has the version of the runtime."""
    from ..client.runtime._version import VERSION

    return workspace.settings.version or (VERSION if package == RUNTIME_PACKAGE else "0.1.0")


def _distribution(
    workspace: Workspace, options: argparse.Namespace, services: list[tuple[Service, dict[str, Any]]]
) -> Distribution:
    """Return the distribution that the options describe, or else the settings. Raises `ValidationError`."""
    from ..client import Distribution

    settings = workspace.settings
    package = options.package or package_name(workspace)
    standalone = options.standalone or settings.standalone
    if not standalone:
        _raise_if_of_runtime(workspace, package, [service for service, _ in services])
    return Distribution(
        workspace,
        services,
        package,
        version=options.version or _version_of(workspace, package),
        description=options.description or settings.description,
        standalone=standalone,
        regenerate=settings.regenerate,
    )


def _raise_if_of_runtime(workspace: Workspace, package: str, services: list[Service]) -> None:
    """Raise `ValidationError` for names that are in use by the distribution with the runtime."""
    remedy = "Choose another name, or use --standalone"
    if package == RUNTIME_PACKAGE:
        message = f"package must be another name than that of the runtime, got {RUNTIME_PACKAGE}"
        raise ValidationError(Problem(workspace.settings.file, message, remedy))
    taken = {file.parent.name for file in (runtime_folder() / RUNTIME_PACKAGE).glob("*/openapi.json")}
    problems = [
        Problem(
            service.document.path,
            f"must not have the name of a service of {RUNTIME_PACKAGE}, got {service.name}",
            remedy,
        )
        for service in services
        if service.name in taken
    ]
    if problems:
        raise ValidationError(problems)


def _check(options: argparse.Namespace) -> None:
    from ..client import build, differences

    workspace = Workspace(options.project)
    prepared = bundled_services(workspace, options.services)
    print(f"documents, evidence and recordings of {', '.join(service.name for service, _ in prepared)} are valid")
    if imported := [service.name for service, _ in prepared if service.is_imported]:
        print(f"imported, without evidence: {', '.join(imported)}")
    if options.services is not None or (workspace.settings.package or options.package) is None:
        return
    distribution = _distribution(workspace, options, prepared)
    place = client_folder(workspace, distribution.package)
    if not (workspace.settings.output or place.exists()):
        print(f"{relative(place)} does not exist yet: run {workspace.settings.regenerate}")
    elif stale := differences(partial(build, distribution), place, workspace.settings.regenerate):
        raise ValidationError(stale)
    else:
        print(f"{relative(place)} is up to date")


def _lint(options: argparse.Namespace) -> None:
    workspace = Workspace(options.project)
    services = workspace.select(options.services)
    if problems := [problem for service in services for problem in validate_service(workspace, service)]:
        raise ValidationError(problems)
    for service in services:
        if service.is_imported:
            warnings = house_rules(service)
            for warning in warnings:
                print(f"warning: {relative(warning)}", file=sys.stderr)
            print(f"{service.name}: imported, without evidence; {len(warnings)} warning(s) about house rules")
    print(f"{', '.join(service.name for service in services)}: valid")


def _bundle(options: argparse.Namespace) -> None:
    from ..clients.vectors import vectors
    from ..documents.renditions import BUNDLED, MARK, renditions

    workspace = Workspace(options.project)
    prepared = bundled_services(workspace, options.services)
    made = renditions(prepared, _version_of(workspace, workspace.settings.package))
    made += [vectors(service) for service, _ in prepared if not service.is_imported]
    marks = {
        rendition.name: b'"x-evidence": [' if rendition.kind is BUNDLED else f'"{MARK}": '.encode()
        for rendition in made
    }
    files = {options.output / f"{rendition.name}.json": rendition for rendition in made}
    problems = [
        Problem(file, "must be a file written by bundle, got another file", "Move it, or name another --output")
        for file, rendition in files.items()
        if file.is_file() and marks[rendition.name] not in file.read_bytes()
    ]
    if problems:
        raise ValidationError(problems)
    write_files({file: rendition.data for file, rendition in files.items()})
    print(f"{options.output}: {', '.join(rendition.name for rendition in made)}")


def _argument(fits: Callable[[str], bool], must: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not fits(text):
            raise argparse.ArgumentTypeError(f"must be {must}, got {text!r}")
        return text

    return parse


_package = _argument(is_package_name, "an import name of lower-case letters, digits and _, such as acme_jobs")
_version = _argument(is_version, "a version such as 1.2.0")
_description = _argument(is_description, "one line of at most 500 characters")


def _wait_package(options: argparse.Namespace) -> None:
    from ..clients.wait_packages import wait_package
    from ..documents import Workspace

    services = [service for service, _ in bundled_services(Workspace(options.project), options.services)]
    files = wait_package(options.language, services)

    def make(folder: Path) -> None:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        manifest = {"about": "Written by wait-package; changes are lost.", "files": sorted([*files, MANIFEST])}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")

    options.output.absolute().parent.mkdir(parents=True, exist_ok=True)
    publish(make, options.output.absolute())
    print(f"{relative(options.output)}: {options.language}, {', '.join(service.name for service in services)}")
