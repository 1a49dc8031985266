"""Imports the generated client, which is no part of the workshop's environment, for what a page shows of its work."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from generator.docs.material import Material


def client_module(material: Material, name: str = "") -> ModuleType:
    """A module of the client by its name below the package, or the package itself."""
    place = str(material.root / "generated_client" / "src")
    if place not in sys.path:
        sys.path.insert(0, place)
    return import_module(f"{material.package}.{name}" if name else material.package)
