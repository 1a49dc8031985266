"""Fixtures of the tests of the site: the sources of its pages, the pages, and the site, built once."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from generator.cli import _parser
from generator.commands import bundled_services
from generator.docs import BundledService, Page, SiteContext, assemble, build
from generator.docs.pages import read_navigation
from generator.documents import Workspace

from .programs import ROOT


@pytest.fixture(scope="session")
def context() -> SiteContext:
    """The sources of the pages of this checkout. Tests change copies."""
    return SiteContext(
        ROOT, [BundledService(service, document) for service, document in bundled_services(Workspace(ROOT), None)]
    )


@pytest.fixture(scope="session")
def assembled(context: SiteContext) -> list[Page]:
    """All pages of the site."""
    return assemble(context, _parser(()))


@pytest.fixture(scope="session")
def site(context: SiteContext, assembled: list[Page], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once by the first worker that needs it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"
    with (shared.parent / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            made = tmp_path_factory.mktemp("made") / "site"
            made.mkdir()
            build(context, assembled, read_navigation(page.name for page in assembled), "", made)
            made.rename(shared)
    return shared
