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

from ._aksk import AkSk
from ._credentials import Token
from ._environment import from_environment
from ._iam import IamPassword
from ._oauth2 import BasicAuth, ClientCredentials

__all__ = ["AkSk", "BasicAuth", "ClientCredentials", "IamPassword", "Token", "from_environment"]
