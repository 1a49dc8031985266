# Generated from generator/client/runtime/auth/_environment.py. Do not edit: change that, and run `make generate`.
"""Credentials from the environment: the client's own variables, then those of the vendor's SDK and its Terraform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import attrs

from .._urls import PACKAGE
from ._aksk import AkSk
from ._credentials import Token
from ._iam import DEFAULT_IAM, IamPassword

_OF_IAM = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL")


@attrs.frozen
class _Way:
    """Variables that together are credentials."""

    needed: tuple[tuple[str, ...], ...]
    """All of them; of names that stand together, one."""
    begins: int
    """How many of them, if one is set, tell that this way is meant."""
    make: Callable[[], Token | AkSk | IamPassword]

    @property
    def is_meant(self) -> bool:
        return any(_value(*names) for names in self.needed[: self.begins])

    @property
    def missing(self) -> list[str]:
        return [" or ".join(names) for names in self.needed if not _value(*names)]

    def __str__(self) -> str:
        *first, last = (" or ".join(names) for names in self.needed)
        return f"{', '.join(first)} and {last}" if first else last


def from_environment(service: str | None = None) -> Token | AkSk | IamPassword:
    """The credentials that the environment holds. Of several, the first of these:

    - `CLOUDJOBS_<SERVICE>_TOKEN` or `CLOUDJOBS_TOKEN`: a `Token`.
    - `HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`, as for the vendor's SDK, with `HUAWEICLOUD_SDK_SECURITY_TOKEN` and
      `HUAWEICLOUD_SDK_PROJECT_ID` if they are set: an `AkSk`.
    - `HW_ACCESS_KEY` and `HW_SECRET_KEY`, as for the vendor's Terraform provider, with `HW_SECURITY_TOKEN` and
      `HW_PROJECT_ID` if they are set: an `AkSk`.
    - `HW_USER_NAME`, `HW_USER_PASSWORD`, `HW_DOMAIN_NAME` and one of `HW_PROJECT_ID`, `HUAWEICLOUD_SDK_PROJECT_ID`,
      `HW_PROJECT_NAME`: an `IamPassword`, for the IAM of `HUAWEICLOUD_SDK_IAM_ENDPOINT` or `HW_AUTH_URL` if one is set.

    Args:
        service: Module name of the service that they are for.

    Raises:
        ValueError: They are missing or incomplete; the message names the missing variables. Or they cannot be used.
    """
    found = find(service)
    if found is None:
        raise ValueError(f"no credentials{f' for {service}' if service else ''}: set {variables(service)}")
    return found


def find(service: str | None) -> Token | AkSk | IamPassword | None:
    """As `from_environment`, but None if they are missing."""
    for way in _ways(service):
        if way.is_meant:
            if way.missing:
                raise ValueError(f"the credentials in the environment are incomplete: set {', '.join(way.missing)} too")
            return way.make()
    return None


def variables(service: str | None) -> str:
    """The variables that are credentials, for an error."""
    return "; or ".join(map(str, _ways(service)))


def explained(service: str) -> list[tuple[str, str]]:
    """For a help: kinds of credentials, and the variables that are needed."""
    kinds = ("a token", "an access key", "the same", "an IAM user")
    return [(kind, str(way)) for kind, way in zip(kinds, _ways(service), strict=True)]


def _ways(service: str | None) -> Iterator[_Way]:
    own = f"{PACKAGE}_TOKEN".upper()
    tokens = (f"{PACKAGE}_{service}_TOKEN".upper(), own) if service else (own,)
    yield _Way((tokens,), 1, lambda: Token(_value(*tokens) or ""))
    for key, secret, security_token, project in (
        ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "HUAWEICLOUD_SDK_PROJECT_ID"),
        ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_PROJECT_ID"),
    ):
        yield _Way(((key,), (secret,)), 2, _aksk(key, secret, security_token, project))
    project_ids = ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID")
    needed = (("HW_USER_NAME",), ("HW_USER_PASSWORD",), ("HW_DOMAIN_NAME",), (*project_ids, "HW_PROJECT_NAME"))
    yield _Way(needed, 2, lambda: _password(_value(*project_ids)))


def _aksk(key: str, secret: str, security_token: str, project: str) -> Callable[[], Token | AkSk | IamPassword]:
    return lambda: AkSk(_value(key) or "", _value(secret) or "", _value(security_token), project_id=_value(project))


def _password(project_id: str | None) -> Token | AkSk | IamPassword:
    return IamPassword(
        _value("HW_USER_NAME") or "",
        _value("HW_USER_PASSWORD") or "",
        _value("HW_DOMAIN_NAME") or "",
        None if project_id else _value("HW_PROJECT_NAME"),
        project_id=project_id,
        iam_url=_value(*_OF_IAM) or DEFAULT_IAM,
    )


def _value(*names: str) -> str | None:
    """The value of the first variable that is set and not empty."""
    return next((value for name in names if (value := os.environ.get(name))), None)
