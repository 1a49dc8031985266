# Generated from generator/client/runtime/errors.py. Do not edit: change that, and run `make generate`.
"""What a call can raise.

    CloudJobsError
    ├── ConnectionFailed        no reply: the connection could not be made, or broke
    ├── RequestTimeout          no reply in time
    ├── InvalidResponse         a success whose body is no JSON object, or too large
    ├── ContractViolation       a success that departs from its document, to a strict client
    └── ApiError                any reply that is no success
        ├── BadRequest          400
        ├── Unauthorized        401
        ├── Forbidden           403
        ├── NotFound            404
        ├── RateLimited         429
        └── ServerError         500 to 599

An argument that can make no request is a `ValueError`, raised before anything is sent.
"""

from __future__ import annotations

from typing import Any

from ._deviations import Deviation

__all__ = [
    "ApiError",
    "BadRequest",
    "CloudJobsError",
    "ConnectionFailed",
    "ContractViolation",
    "Forbidden",
    "InvalidResponse",
    "NotFound",
    "RateLimited",
    "RequestTimeout",
    "ServerError",
    "Unauthorized",
]


class CloudJobsError(Exception):
    """Base of all errors of this library.

    Attributes:
        service: Module name of the service that was called.
        operation: operationId of the operation that was called.
    """

    service: str
    operation: str

    def __init__(self, text: str, /, *, service: str, operation: str, **details: Any) -> None:
        super().__init__(text)
        self.service = service
        self.operation = operation
        self.__dict__.update(details)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are rebuilt from `args` alone, which would lose the keywords.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[CloudJobsError], args: tuple[Any, ...], state: dict[str, Any]) -> CloudJobsError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class ConnectionFailed(CloudJobsError):
    """No reply came: the connection could not be made, or broke. The httpx error is its `__cause__`."""


class RequestTimeout(CloudJobsError):
    """No reply came within the timeout. The httpx error is its `__cause__`."""


class InvalidResponse(CloudJobsError):
    """A success came whose body is no JSON object, cannot be decompressed, or is larger than allowed.

    Attributes:
        status_code: Status of the reply.
        body: The reply's bytes.
    """

    status_code: int
    body: bytes


class ContractViolation(CloudJobsError):
    """A success came that departs from its document, and the client is strict.

    Attributes:
        violations: All departures, but for unlisted values of open lists, which are allowed.
    """

    violations: list[Deviation]


class ApiError(CloudJobsError):
    """A reply came that is no success.

    Attributes:
        status_code: Status of the reply.
        code: The service's own code of the error, if it gave one.
        message: What went wrong in the service's words, if it gave any.
        request_id: The service's id of the request, for its support, if it gave one.
        retryable: Whether the same request may succeed later: 408, 429, 500, 502, 503, 504.
        body: The reply's bytes.
    """

    status_code: int
    code: str | None
    message: str | None
    request_id: str | None
    body: bytes

    @property
    def retryable(self) -> bool:
        return self.status_code in (408, 429, 500, 502, 503, 504)


class BadRequest(ApiError):
    """400: the service cannot make sense of the request. Some services answer so for a thing that is not there."""


class Unauthorized(ApiError):
    """401: no valid credentials."""


class Forbidden(ApiError):
    """403: the credentials do not allow it."""


class NotFound(ApiError):
    """404: there is no such job, or no such thing that would have jobs."""


class RateLimited(ApiError):
    """429: too many requests."""


class ServerError(ApiError):
    """500 to 599: the service failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    429: RateLimited,
}


def api_error_class(status_code: int) -> type[ApiError]:
    """The class of error for a status that is no success."""
    return ServerError if 500 <= status_code <= 599 else _BY_STATUS.get(status_code, ApiError)
