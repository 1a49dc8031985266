# Generated from generator/client/templates/root_init.py.jinja. Do not edit: change that, and run `make generate`.
"""Typed clients of job-query endpoints.

Huawei CCE job query, Huawei GES job query, Huawei IEF batch job query, openYuanrong job query.

Importing this package imports no service: each client is loaded when it is first used. Unofficial: made from
OpenAPI documents that were written from the vendors' published pages.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import VERSION

if TYPE_CHECKING:
    from ._deviations import Deviation, DeviationKind, Severity
    from ._documents import document, recordings, services
    from ._jobs import JobSnapshot, JobState
    from ._response import RawResponse
    from ._rows import LazyList
    from .auth import AkSk, BasicAuth, ClientCredentials, IamPassword, Token, from_environment
    from .cce import AsyncCceClient, CceClient
    from .errors import (
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ClientStateError,
        CloudJobsError,
        ContractViolationError,
        InternalServerError,
        InvalidResponseError,
        JobFailedError,
        MissingCredentialsError,
        NotFoundError,
        PaginationError,
        PermissionDeniedError,
        RateLimitError,
        TokenError,
        WaitCancelledError,
        WaitFailedError,
        WaitTimeoutError,
    )
    from .ges import AsyncGesClient, GesClient
    from .ief import AsyncIefClient, IefClient
    from .yuanrong import AsyncYuanrongClient, YuanrongClient

__version__ = VERSION
__all__ = [
    "AkSk",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncCceClient",
    "AsyncGesClient",
    "AsyncIefClient",
    "AsyncYuanrongClient",
    "AuthenticationError",
    "BadRequestError",
    "BasicAuth",
    "CceClient",
    "ClientCredentials",
    "ClientStateError",
    "CloudJobsError",
    "ContractViolationError",
    "Deviation",
    "DeviationKind",
    "document",
    "from_environment",
    "GesClient",
    "IamPassword",
    "IefClient",
    "InternalServerError",
    "InvalidResponseError",
    "JobFailedError",
    "JobSnapshot",
    "JobState",
    "LazyList",
    "MissingCredentialsError",
    "NotFoundError",
    "PaginationError",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "recordings",
    "services",
    "Severity",
    "Token",
    "TokenError",
    "WaitCancelledError",
    "WaitFailedError",
    "WaitTimeoutError",
    "YuanrongClient",
]

_HOMES = {
    "document": "._documents",
    "recordings": "._documents",
    "services": "._documents",
    "JobSnapshot": "._jobs",
    "JobState": "._jobs",
    "Deviation": "._deviations",
    "DeviationKind": "._deviations",
    "Severity": "._deviations",
    "RawResponse": "._response",
    "LazyList": "._rows",
    "APIConnectionError": ".errors",
    "APIError": ".errors",
    "APIStatusError": ".errors",
    "APITimeoutError": ".errors",
    "AuthenticationError": ".errors",
    "BadRequestError": ".errors",
    "ClientStateError": ".errors",
    "CloudJobsError": ".errors",
    "ContractViolationError": ".errors",
    "InternalServerError": ".errors",
    "InvalidResponseError": ".errors",
    "JobFailedError": ".errors",
    "MissingCredentialsError": ".errors",
    "NotFoundError": ".errors",
    "PaginationError": ".errors",
    "PermissionDeniedError": ".errors",
    "RateLimitError": ".errors",
    "TokenError": ".errors",
    "WaitCancelledError": ".errors",
    "WaitFailedError": ".errors",
    "WaitTimeoutError": ".errors",
    "AkSk": ".auth",
    "BasicAuth": ".auth",
    "ClientCredentials": ".auth",
    "IamPassword": ".auth",
    "Token": ".auth",
    "from_environment": ".auth",
    "CceClient": ".cce",
    "AsyncCceClient": ".cce",
    "GesClient": ".ges",
    "AsyncGesClient": ".ges",
    "IefClient": ".ief",
    "AsyncIefClient": ".ief",
    "YuanrongClient": ".yuanrong",
    "AsyncYuanrongClient": ".yuanrong",
}


if not TYPE_CHECKING:
    # Hidden from type checkers, which would take any name to exist.

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(home, __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
