"""Commands `docs` and `figures`."""

from __future__ import annotations

import argparse
import re
from functools import partial

from generator.commands import ROOT, bundled_services, output, relative
from generator.commands.arguments import Commands
from generator.errors import Problem, ValidationError
from generator.files import write_files


def add_docs(verbs: Commands, parser: argparse.ArgumentParser) -> None:
    """Add the verb. `parser` is the whole command line, which the site has a page of."""
    docs = verbs.add("docs", partial(_docs, parser), "build the site: the documentation as static files")
    docs.add_argument(
        "--output", type=output, default=ROOT / "build" / "site", help="folder of the site (default: build/site)"
    )
    docs.add_argument("--archive", type=output, metavar="FILE", help="pack the site into this .tar.gz as well")
    docs.add_argument(
        "--address",
        type=_address,
        metavar="URL",
        help="where the site will be, for whole addresses in its sitemap; it works anywhere",
    )


def _docs(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    from generator.docs import BundledService, SiteContext, assemble, build, publish
    from generator.docs.pages import read_navigation
    from generator.docs.site import archive
    from generator.documents import Workspace

    if options.services is not None:
        problem = Problem("--services", "is given, and the site's guides speak of all services", "Leave it out")
        raise ValidationError(problem)
    services = [BundledService(service, document) for service, document in bundled_services(Workspace(ROOT), None)]
    material = SiteContext(ROOT, services)
    pages = assemble(material, parser)
    navigation = read_navigation(page.name for page in pages)
    publish(lambda folder: build(material, pages, navigation, options.address or "", folder), options.output.absolute())
    print(f"{relative(options.output)}: {len(pages)} pages")
    if options.archive:
        write_files({options.archive: archive(options.output)})
        print(f"{relative(options.archive)}: the site, packed")


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a site: write https://host/path/")
    return text.rstrip("/") + "/"


def add_figures(verbs: Commands) -> None:
    """Add the verb."""
    verbs.add("figures", _figures, "take the measurements in build/ over into the site, to be committed")


def _figures(options: argparse.Namespace) -> None:
    from generator.docs.benchmarks import copy_measurements

    files = copy_measurements(ROOT)
    write_files(files)
    for file in files:
        print(f"{file.relative_to(ROOT)}: look at the difference, and commit it")
