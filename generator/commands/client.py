"""Commands `client`, `check`, `lint` and `bundle`."""

from __future__ import annotations

import argparse
import keyword
import re
from functools import partial

from ..documents import Workspace
from ..errors import Problem, ValidationError
from ..files import write_files
from . import ROOT, bundled_services, output, raise_if_any, relative, validate_service
from .arguments import Commands

_PACKAGE = "cloudjobs"
_OUTPUT = "generated_client"


def add(commands: Commands) -> None:
    """Add the commands."""
    client = commands.add("client", _client, "make the client distribution", writes=True)
    client.add_argument(
        "--package", type=_package, default=_PACKAGE, help="import name of the package (default: %(default)s)"
    )
    client.add_argument("--output", type=output, help=f"folder of the distribution (default: {_OUTPUT})")
    help = "check documents, evidence and recordings, and that the client is up to date; changes nothing"
    commands.add("check", _check, help)
    commands.add("lint", _lint, "check documents, evidence and recordings for form")
    bundled = commands.add("bundle", _bundle, "write the bundled documents and their renditions as JSON")
    bundled.add_argument("--output", type=output, required=True, help="folder for <service>.json and the renditions")


def _client(options: argparse.Namespace) -> None:
    from ..client import Distribution, build, publish  # takes half a second

    workspace = Workspace(ROOT)
    place = options.output or ROOT / _OUTPUT
    if options.output is None and (options.package != _PACKAGE or options.services):
        raise ValidationError(
            Problem(
                "--output", f"is missing, and {_OUTPUT} holds all services as {_PACKAGE}", "Name a folder for your own"
            )
        )
    distribution = Distribution(workspace, bundled_services(workspace, options.services), options.package)
    publish(partial(build, distribution), place.absolute())
    print(
        f"{relative(place)}: {options.package} with {', '.join(service.name for service, _ in distribution.services)}"
    )


def _check(options: argparse.Namespace) -> None:
    from ..client import Distribution, build, differences

    workspace = Workspace(ROOT)
    prepared = bundled_services(workspace, options.services)
    print(f"documents, evidence and recordings of {', '.join(service.name for service, _ in prepared)} are in order")
    if options.services is None:
        stale = differences(partial(build, Distribution(workspace, prepared)), ROOT / _OUTPUT)
        if stale:
            raise ValidationError(stale)
        print(f"{_OUTPUT} is up to date")


def _lint(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    raise_if_any([problem for service in services for problem in validate_service(workspace, service)])
    print(f"{', '.join(service.name for service in services)}: in order")


def _bundle(options: argparse.Namespace) -> None:
    from ..client.runtime._version import VERSION
    from ..documents.renditions import BUNDLED, MARK, renditions

    prepared = bundled_services(Workspace(ROOT), options.services)
    made = renditions(prepared, VERSION)
    marks = {
        rendition.name: b'"x-evidence": [' if rendition.kind is BUNDLED else f'"{MARK}": '.encode()
        for rendition in made
    }
    files = {options.output / f"{rendition.name}.json": rendition for rendition in made}
    raise_if_any(
        [
            Problem(file, "must be a bundled document, got another file", "Move it, or name another --output")
            for file, rendition in files.items()
            if file.is_file() and marks[rendition.name] not in file.read_bytes()
        ]
    )
    write_files({file: rendition.data for file, rendition in files.items()})
    print(f"{options.output}: {', '.join(rendition.name for rendition in made)}")


def _package(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text) or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no package name: write lower-case letters, digits and _, a letter first"
        )
    return text
