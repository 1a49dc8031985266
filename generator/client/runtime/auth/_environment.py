"""Credentials from the environment: the client's own variables, then those of the vendor's SDK and its Terraform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

import attrs

from .. import auth
from .._documents import service_module
from .._urls import PACKAGE, ServiceInfo

if TYPE_CHECKING:
    AnyCredentials: TypeAlias = auth.Token | auth.AkSk | auth.IamPassword | auth.BasicAuth | auth.ClientCredentials

_OF_IAM = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL")


@attrs.frozen
class _Way:
    """Variables that together are credentials."""

    needed: tuple[tuple[str, ...], ...]
    """The required variables. Each entry is a tuple of alternative names, of which one is required."""
    begins: int
    """Number of the first entries of which any one that is set selects this way."""
    make: Callable[[], AnyCredentials]
    kind: str
    """The name of the class."""
    explanation: str

    @property
    def is_meant(self) -> bool:
        return any(_value(*names) for names in self.needed[: self.begins])

    @property
    def missing(self) -> list[str]:
        return [" or ".join(names) for names in self.needed if not _value(*names)]

    def __str__(self) -> str:
        *first, last = (" or ".join(names) for names in self.needed)
        return f"{', '.join(first)} and {last}" if first else last


def from_environment(service: str | None = None) -> AnyCredentials:
    """Return the credentials in the environment, of a kind that the service takes. Of several, the first of these:

    - `CLOUDJOBS_<SERVICE>_TOKEN` or `CLOUDJOBS_TOKEN`: a `Token`.
    - `CLOUDJOBS_USERNAME` and `CLOUDJOBS_PASSWORD`, each with `<SERVICE>_` before its last word too: a `BasicAuth`.
    - `CLOUDJOBS_CLIENT_ID` and `CLOUDJOBS_CLIENT_SECRET`, or those of a service, with `CLOUDJOBS_TOKEN_URL` and
      `CLOUDJOBS_SCOPES` (separated by spaces) if they are set: `ClientCredentials`.
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
        raise ValueError(f"credentials{f' for {service}' if service else ''} are missing: set {variables(service)}")
    return found


def find(service: str | None, kinds: tuple[str, ...] | None = None) -> AnyCredentials | None:
    """As `from_environment`, but None if they are missing. `kinds` are the classes that the service takes, if known."""
    for way in _ways(service, kinds):
        if way.is_meant:
            if way.missing:
                raise ValueError(f"the credentials in the environment are incomplete: set {', '.join(way.missing)} too")
            return way.make()
    return None


def variables(service: str | None) -> str:
    """Return the variables that are credentials, for an error."""
    return "; or ".join(map(str, _ways(service)))


def explained(service: str) -> list[tuple[str, str]]:
    """Return the kinds of credentials with the required variables, for a help text."""
    return [(way.explanation, str(way)) for way in _ways(service)]


def _ways(service: str | None, kinds: tuple[str, ...] | None = None) -> list[_Way]:
    """Return the ways that credentials of the service, or of any, can be given."""
    kinds = kinds_of(service) if kinds is None else kinds
    return [way for way in (*_own_ways(service), *_vendor_ways()) if not kinds or way.kind in kinds]


def kinds_of(service: str | None) -> tuple[str, ...]:
    """Return the names of the classes of credentials that a service takes; none for an unknown service."""
    if service is None:
        return ()
    try:
        module = import_module(f"{service_module(service)}.operations")
    except (ImportError, ValueError):
        return ()
    info: ServiceInfo = module.SERVICE
    return info.credentials


def _own_ways(service: str | None) -> Iterator[_Way]:
    def own(setting: str) -> tuple[str, ...]:
        names = (f"{PACKAGE}_{service}_{setting}", f"{PACKAGE}_{setting}") if service else (f"{PACKAGE}_{setting}",)
        return tuple(name.upper() for name in names)

    tokens, user, password = own("TOKEN"), own("USERNAME"), own("PASSWORD")
    client, secret = own("CLIENT_ID"), own("CLIENT_SECRET")
    yield _Way((tokens,), 1, lambda: auth.Token(_value(*tokens) or ""), "Token", "a token")
    yield _Way(
        (user, password),
        2,
        lambda: auth.BasicAuth(_value(*user) or "", _value(*password) or ""),
        "BasicAuth",
        "a user and password",
    )
    yield _Way(
        (client, secret),
        2,
        lambda: auth.ClientCredentials(
            _value(*client) or "",
            _value(*secret) or "",
            token_url=_value(*own("TOKEN_URL")),
            scopes=(_value(*own("SCOPES")) or "").split() or None,
        ),
        "ClientCredentials",
        "an OAuth 2 client",
    )


def _vendor_ways() -> Iterator[_Way]:
    explanation = "an access key"
    for key, secret, security_token, project in (
        ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "HUAWEICLOUD_SDK_PROJECT_ID"),
        ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_PROJECT_ID"),
    ):
        yield _Way(((key,), (secret,)), 2, _aksk(key, secret, security_token, project), "AkSk", explanation)
        explanation = "the same"
    project_ids = ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID")
    needed = (("HW_USER_NAME",), ("HW_USER_PASSWORD",), ("HW_DOMAIN_NAME",), (*project_ids, "HW_PROJECT_NAME"))
    yield _Way(needed, 2, lambda: _password(_value(*project_ids)), "IamPassword", "an IAM user")


def _aksk(key: str, secret: str, security_token: str, project: str) -> Callable[[], AnyCredentials]:
    return lambda: auth.AkSk(
        _value(key) or "", _value(secret) or "", _value(security_token), project_id=_value(project)
    )


def _password(project_id: str | None) -> AnyCredentials:
    from ._iam import DEFAULT_IAM

    return auth.IamPassword(
        _value("HW_USER_NAME") or "",
        _value("HW_USER_PASSWORD") or "",
        _value("HW_DOMAIN_NAME") or "",
        None if project_id else _value("HW_PROJECT_NAME"),
        project_id=project_id,
        iam_url=_value(*_OF_IAM) or DEFAULT_IAM,
    )


def _value(*names: str) -> str | None:
    """Return the value of the first variable that is set and not empty."""
    return next((value for name in names if (value := os.environ.get(name))), None)
