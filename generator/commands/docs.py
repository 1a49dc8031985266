"""Commands `docs` and `figures`."""

from __future__ import annotations

import argparse
import re
from functools import partial
from pathlib import Path

from ..files import write_files
from . import CHECKOUT, bundled_services, client_folder, package_name, relative, runtime_folder
from .arguments import Commands


def add(commands: Commands) -> None:
    """Add the commands."""
    # The site has a page of the whole command line.
    run = partial(_docs, commands.parser)
    docs = commands.add("docs", run, "build the site: the documentation as static files", services=False)
    docs.add_argument(
        "--output",
        type=commands.output,
        default=commands.project / "build" / "site",
        help="folder of the site (default: build/site)",
    )
    docs.add_argument("--archive", type=commands.output, metavar="FILE", help="pack the site into this .tar.gz as well")
    docs.add_argument(
        "--address",
        type=_address,
        metavar="URL",
        help="where the site will be, for whole addresses in its sitemap; it works anywhere",
    )
    if CHECKOUT:
        help = "take the measurements in build/ over into the site, to be committed"
        commands.add("figures", _figures, help, services=False, writes=True)


def _docs(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    from ..clients.vectors import vectors
    from ..docs import BundledService, SiteContext, assemble, build, publish
    from ..docs.pages import read_navigation
    from ..docs.site import archive
    from ..documents import Workspace

    workspace = Workspace(options.project)
    settings = workspace.settings
    services = [BundledService(service, document) for service, document in bundled_services(workspace, None)]
    package = package_name(workspace)
    context = SiteContext(
        options.project,
        services,
        package,
        client_folder(workspace, package),
        settings.regenerate,
        None if settings.standalone else runtime_folder(),
        [vectors(each.service) for each in services if not each.service.is_imported],
    )
    pages = assemble(context, parser, _below(options.project, settings.guides))
    navigation = read_navigation((page.name for page in pages), _below(options.project, settings.navigation))

    def make(folder: Path) -> None:
        build(context, pages, navigation, options.address or "", folder)
        if options.archive:
            # Before the site takes its place, so that a failure leaves the old one there.
            write_files({options.archive: archive(folder)})

    publish(make, options.output.absolute())
    print(f"{relative(options.output)}: {len(pages)} pages")
    if options.archive:
        print(f"{relative(options.archive)}: the site, packed")


def _below(project: Path, name: str | None) -> Path | None:
    return project / name if name else None


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an address of a site: write https://host/path/")
    return text.rstrip("/") + "/"


def _figures(options: argparse.Namespace) -> None:
    from ..docs.macros import copy_measurements

    files = copy_measurements(options.project)
    write_files(files)
    for file in files:
        print(f"{relative(file)}: look at the difference, and commit it")
