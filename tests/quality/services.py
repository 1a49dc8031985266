"""The services with measured contracts: those of this checkout, and the made-up one that no code knows."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from generator.documents import Service, Workspace
from tests.contract.contracts import ROOT
from tests.reference import REFERENCE

_MADE_UP = ROOT / "tests" / "generator" / "fifth_service"


def made_up_root(folder: Path) -> Path:
    """Return a folder that has the made-up service as a checkout has its own."""
    shutil.copytree(_MADE_UP, folder / "openapi")
    shutil.copytree(ROOT / "openapi" / "schemas", folder / "openapi" / "schemas")
    return folder


@cache
def services() -> dict[str, Service]:
    """Return all of them by name."""
    with TemporaryDirectory() as folder:
        made_up = Workspace(made_up_root(Path(folder))).select(None)
    return {service.name: service for service in [*Workspace(ROOT).select(list(REFERENCE)), *made_up]}


each_service = pytest.mark.parametrize("name", services())
