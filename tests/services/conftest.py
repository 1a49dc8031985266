"""One project and one client of all made-up services, made once in each process of the tests."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from generator.documents import Workspace

from .project import make_client, make_project, problems

PACKAGE = "kinds"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = make_project(tmp_path_factory.mktemp("project"))
    assert problems(workspace) == []
    return workspace


@pytest.fixture(scope="session")
def kinds(project: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of the client of all made-up services: `kinds("testing")`, or `kinds("")` for the package."""
    source = str(make_client(project, tmp_path_factory.mktemp("client"), PACKAGE))
    sys.path.insert(0, source)
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}".rstrip("."))
    sys.path.remove(source)
