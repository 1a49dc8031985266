"""Which environment variables hold credentials, for the help, and the credentials that they give."""

from __future__ import annotations

import os

import httpx

from .._addresses import PACKAGE
from ..auth import Token
from ._services import variables


def from_environment(service: str) -> httpx.Auth | None:
    for name in variables(service, "TOKEN"):
        if os.environ.get(name):
            return Token(os.environ[name])
    return None


def explained(service: str) -> list[tuple[str, str]]:
    """The variables, and what they hold."""
    return [
        (f"{PACKAGE}_{service}_TOKEN, {PACKAGE}_TOKEN".upper(), "a token"),
        ("HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK", "an access key and its secret, which sign each request"),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "what a temporary access key comes with"),
    ]
