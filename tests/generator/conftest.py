"""Fixtures of the tests of the generator: the services of this checkout, their bundles, and one client made of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from generator.client import Distribution, build
from generator.documents import Service, Workspace
from generator.documents.bundle import bundle
from generator.evidence import trace
from tests.generator.directory_snapshots import INPUTS, OUTPUT, ROOT, copy_tree

Bundles = list[tuple[Service, dict[str, Any]]]


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    return Workspace(ROOT)


@pytest.fixture(scope="session")
def services(workspace: Workspace) -> dict[str, Service]:
    """Every service of the checkout by name. Tests change copies (`tests.generator.edits`)."""
    return {service.name: service for service in workspace.select(None)}


@pytest.fixture(scope="session")
def bundles(services: dict[str, Service]) -> Bundles:
    """Every service with its bundled document."""
    return [(service, bundle(service, trace(service))) for service in services.values()]


@pytest.fixture(scope="session")
def built(workspace: Workspace, bundles: Bundles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, made once from the unchanged checkout."""
    folder = tmp_path_factory.mktemp("built")
    build(Distribution(workspace, bundles), folder)
    return folder


@pytest.fixture
def tree(built: Path, tmp_path: Path) -> Path:
    """A separate checkout, to run the generator in, with an up-to-date distribution."""
    copy_tree(tmp_path, *INPUTS)
    shutil.copytree(built, tmp_path / OUTPUT)
    return tmp_path
