# Generated from generator/client/runtime/auth/__init__.py. Do not edit: change that, and run `make generate`.
"""Credentials: for a client's `auth` keyword, or for a client of httpx or httpx2 of your own.

| class | contents | sends |
|---|---|---|
| `Token` | a token, or a function that gives one | the token |
| `IamPassword` | a user's name and password | a token that it fetches from IAM, and renews |
| `AkSk` | an access key and its secret | a signature of each request |
| `BasicAuth` | a user's name and password | both, with each request |
| `ClientCredentials` | an OAuth 2 client's ID and secret | a token that it fetches from the token URL, and renews |

`from_environment` makes the kind for which the environment has variables. The service's document states the header of a
credential and its maximum length, and the client passes both with each request. A client sends its credentials only to
its own address, because it follows no redirects. Do not let an `httpx.Client` of your own follow redirects: it removes
only the header `Authorization` for another host.

A credential can be shared by clients, threads and tasks. It cannot be pickled, and its repr does not show it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._aksk import AkSk
    from ._credentials import Token
    from ._environment import from_environment
    from ._iam import IamPassword
    from ._oauth2 import BasicAuth, ClientCredentials

__all__ = ["AkSk", "BasicAuth", "ClientCredentials", "IamPassword", "Token", "from_environment"]

_HOMES = {
    "AkSk": "._aksk",
    "BasicAuth": "._oauth2",
    "ClientCredentials": "._oauth2",
    "IamPassword": "._iam",
    "Token": "._credentials",
    "from_environment": "._environment",
}
"""The module of each name. It is imported when the name is used: all kinds of credentials import httpx."""


if not TYPE_CHECKING:
    # Hidden from type checkers, which would take any name to exist.

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(home, __name__), name)
        globals()[name] = value
        return value
