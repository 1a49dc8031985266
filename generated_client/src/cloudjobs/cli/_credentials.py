# Generated from generator/client/runtime/cli/_credentials.py. Do not edit: change that, and run `make generate`.
"""Credentials from the environment alone, and which variables hold them, for the help."""

from __future__ import annotations

import os
from collections.abc import Callable

import httpx

from .. import auth
from .._addresses import PACKAGE
from ._services import variables

# The package's own, once `auth` has it: then this function goes, and so does the condition below.
_of_auth: Callable[[str], httpx.Auth | None] | None = getattr(auth, "from_environment", None)


def from_environment(service: str) -> httpx.Auth | None:
    """The credentials that the environment holds for a service; None where it holds none.

    Raises:
        ValueError: They are incomplete, or cannot be used.
    """
    if _of_auth is not None:
        return _of_auth(service)
    return next((auth.Token(os.environ[name]) for name in variables(service, "TOKEN") if os.environ.get(name)), None)


def explained(service: str) -> list[tuple[str, str]]:
    """The variables, and what they hold."""
    rows = [(f"{PACKAGE}_{service}_TOKEN, {PACKAGE}_TOKEN".upper(), "a token")]
    if _of_auth is not None:
        rows.append(("HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK", "an access key and its secret, which sign requests"))
    return rows
