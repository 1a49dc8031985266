# Generated from generator/client/runtime/auth/__init__.py. Do not edit: change that, and run `make generate`.
"""Credentials: for a client's `auth` keyword, or for a client of httpx or httpx2 of your own.

| class | contents | sends |
|---|---|---|
| `Token` | a token, or a function that gives one | the token |
| `IamPassword` | a user's name and password | a token that it fetches from IAM, and renews |
| `AkSk` | an access key and its secret | a signature of each request |
| `BasicAuth` | a user's name and password | both, with each request |
| `ClientCredentials` | an OAuth 2 client's ID and secret | a token that it fetches from the token URL, and renews |

`from_environment` makes the one that the environment has the variables of. Which header a credential goes to, and how
long it may be, is the service's affair: the client passes it with each request, from the service's document. A client
sends its credentials to its own address alone, since it follows no redirects. An `httpx.Client` of your own that does
takes nothing but `Authorization` off: let it not follow them.

One of them can be shared by clients, threads and tasks. None can be pickled or shows its contents.
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
