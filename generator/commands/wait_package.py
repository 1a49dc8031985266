"""Command `wait-package`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..files import MANIFEST, publish
from . import bundled_services, relative
from .arguments import Commands

LANGUAGES = ("java", "typescript")


def add(commands: Commands) -> None:
    """Add the command."""
    help = "write the package of another language that reads and awaits jobs"
    command = commands.add("wait-package", _wait_package, help, writes=True)
    command.add_argument("language", choices=LANGUAGES, help="the language")
    command.add_argument("--output", type=commands.output, required=True, metavar="DIR", help="folder of the package")


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
