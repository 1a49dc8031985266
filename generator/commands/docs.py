"""Commands `docs` and `figures`."""

from __future__ import annotations

import argparse
import re
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..cli import Commands, count
from ..documents.settings import RUNTIME_PACKAGE, is_address
from ..errors import ValidationError
from ..files import write_files
from . import CHECKOUT, bundled_services, client_folder, package_name, relative, runtime_folder

if TYPE_CHECKING:
    from ..docs import SiteContext


def add(commands: Commands) -> None:
    """Add the commands."""
    # The site has a page about the whole command line.
    run = partial(_docs, commands.parser)
    docs = commands.add("docs", run, "build the site, the documentation as static files")
    docs.add_argument(
        "--output",
        type=commands.output,
        default=commands.project / "build" / "site",
        help="folder of the site (default: build/site)",
    )
    docs.add_argument("--archive", type=commands.output, metavar="FILE", help="also pack the site into this .tar.gz")
    docs.add_argument(
        "--address",
        type=_address,
        metavar="URL",
        help="URL where the site will be published, for the sitemap; the site works at any URL",
    )
    docs.add_argument(
        "--release",
        type=_release,
        metavar="NAME",
        help="write the site of one version into the folder NAME of the output, and update the list of versions",
    )
    docs.add_argument(
        "--serve",
        type=count,
        metavar="PORT",
        help="write no files; serve the site on 127.0.0.1, and reload it in the browser when a source changes",
    )
    docs.add_argument(
        "--translations",
        action="store_true",
        help="write no files; list translations that are older than their English text; exit code 1 if there are any",
    )
    docs.add_argument(
        "--console",
        type=Path,
        metavar="DIR",
        help="for each document, add a page with Swagger UI that calls the replay; DIR is the folder swagger-ui-dist",
    )
    if CHECKOUT:
        help = "copy the measurements in build/ into the sources of the site, to be committed"
        commands.add("figures", _figures, help, services=False, writes=True)


def _docs(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    from ..docs import assemble, build, publish
    from ..docs.pages import lagging_translations, read_navigation
    from ..docs.publishing import list_versions
    from ..docs.site import archive

    context, guides, navigation_file = _context(options)
    if options.translations:
        if problems := lagging_translations(context, guides):
            raise ValidationError(problems)
        print("all translations are up to date")
        return
    # The site of another client does not need the generator's commands.
    commands = parser if context.package == RUNTIME_PACKAGE else None
    if options.serve:
        _serve(commands, options)
        return
    pages = assemble(context, commands, guides)
    navigation = read_navigation((page.name for page in pages), navigation_file)
    address = (options.address or context.site.address or "").rstrip("/")
    address = f"{address}/" if address else ""

    def make(folder: Path) -> None:
        build(context, pages, navigation, address, folder, options.release or "", options.console)
        if options.archive:
            # Write it before the site is replaced, so that a failure leaves the old site unchanged.
            write_files({options.archive: archive(folder)})

    output = options.output.absolute()
    publish(make, output / options.release if options.release else output)
    if options.release:
        list_versions(output, context.name)
    print(f"{relative(options.output)}: {len(pages)} pages")
    if options.archive:
        print(f"{relative(options.archive)}: archive of the site")


def _serve(parser: argparse.ArgumentParser | None, options: argparse.Namespace) -> None:
    """Serve a preview. If only guides changed, only the guides are written again; otherwise all pages."""
    from ..docs import Page, assemble
    from ..docs.pages import hand_written, read_navigation
    from ..docs.publishing import preview
    from ..docs.site import prepare, write_page

    context, guides, navigation_file = _context(options)
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        work = Path(folder) / "site"
        pages: list[Page] = []

        def write(changed: set[Path] | None) -> None:
            nonlocal context
            if changed and guides and all(path.suffix == ".md" and path.is_relative_to(guides) for path in changed):
                for page in (make() for make in hand_written(context.guarded, guides)):
                    write_page(work, context, page.readable, pages)
                return
            if changed:
                context, _, _ = _context(options)
            pages[:] = [page.readable for page in assemble(context, parser, guides)]
            navigation = read_navigation((page.name for page in pages), navigation_file)
            prepare(work, context, pages, navigation, "", "")

        sources = [options.project / "openapi", *(each for each in (guides, navigation_file) if each)]
        preview(work, options.serve, sources, write)


def _context(options: argparse.Namespace) -> tuple[SiteContext, Path | None, Path | None]:
    """Return the sources of the pages, the folder of the guides, and the file with the navigation."""
    from ..clients.vectors import vectors
    from ..docs import BundledService, SiteContext
    from ..documents import Workspace

    workspace = Workspace(options.project)
    settings = workspace.settings
    services = [
        BundledService(service, document) for service, document in bundled_services(workspace, options.services)
    ]
    package = package_name(workspace)
    context = SiteContext(
        options.project,
        services,
        package,
        client_folder(workspace, package),
        settings.regenerate,
        None if settings.standalone else runtime_folder(),
        settings.site,
        [vectors(each.service) for each in services if not each.service.is_imported],
        left_out=frozenset(workspace.service_names) - {each.name for each in services},
        has_consoles=options.console is not None and not options.serve,
    )
    return context, _below(options.project, settings.guides), _below(options.project, settings.navigation)


def _below(project: Path, name: str | None) -> Path | None:
    return project / name if name else None


def _address(text: str) -> str:
    if not is_address(text):
        raise argparse.ArgumentTypeError(f"must be a URL such as https://host/path/, got {text!r}")
    return text


def _release(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.-]{0,40}", text):
        raise argparse.ArgumentTypeError(
            f"must be at most 41 letters, digits, . and -, not beginning with . or -, got {text!r}"
        )
    return text


def _figures(options: argparse.Namespace) -> None:
    from ..docs.macros import copy_measurements

    files = copy_measurements(options.project)
    write_files(files)
    for file in files:
        print(f"{relative(file)}: review the difference, and commit it")
