# Generated from generator/client/runtime/testing/_optional_dependency.py. Do not edit: change that, and run `make generate`.
"""Says which extra to install where a package that only the testing part needs is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

_PACKAGE = __name__.split(".", maxsplit=1)[0]


@contextlib.contextmanager
def of_extra() -> Iterator[None]:
    """For the imports of what the extra `testing` brings. Raises `ModuleNotFoundError` with the remedy."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".", maxsplit=1)[0] == _PACKAGE:
            raise
        raise ModuleNotFoundError(f"{error.name} is missing: install {_PACKAGE}[testing]", name=error.name) from None
