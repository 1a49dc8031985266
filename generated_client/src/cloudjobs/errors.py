# Generated from generator/client/runtime/errors.py. Do not edit: change that, and run `make generate`.
"""What a call can raise.

    CloudJobsError
    ├── ConnectionFailed        no reply: the connection could not be made, or broke
    ├── RequestTimeout          no reply in time
    ├── InvalidResponse         a success whose body is no JSON object, or too large
    ├── ContractViolation       a success that deviates from its document, to a strict client
    ├── PaginationIgnored       pages that do not follow from what was asked for
    ├── JobFailed               an awaited job ended, and not as a success
    ├── WaitTimeout             an awaited job did not end in time
    ├── WaitCancelled           a wait was ended by its caller
    └── ApiError                any reply that is no success
        ├── BadRequest          400
        ├── Unauthorized        401
        ├── Forbidden           403
        ├── NotFound            404
        ├── RateLimited         429
        ├── ServerError         500 to 599
        └── AuthenticationFailed    of IAM: it gave no token

An argument that can make no request is a `ValueError`, raised before anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._validation import Deviation

if TYPE_CHECKING:
    from ._jobs import JobSnapshot

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "CloudJobsError",
    "ContractViolationError",
    "InternalServerError",
    "InvalidResponseError",
    "JobFailedError",
    "NotFoundError",
    "PaginationError",
    "PermissionDeniedError",
    "RateLimitError",
    "TokenError",
    "WaitCancelledError",
    "WaitTimeoutError",
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


class APIConnectionError(CloudJobsError):
    """No reply came: the connection could not be made, or broke. The httpx error is its `__cause__`."""


class APITimeoutError(CloudJobsError):
    """No reply came within the timeout, or not within the deadline of the whole call with its retries.

    The httpx error, if it was one, is its `__cause__`.
    """


class InvalidResponseError(CloudJobsError):
    """A success came whose body is no JSON object, cannot be decompressed, or is larger than allowed.

    In a wait also: a response about another job than the requested one.

    Attributes:
        status_code: Status of the reply.
        body: The reply's bytes.
    """

    status_code: int
    body: bytes


class ContractViolationError(CloudJobsError):
    """A success came that deviates from its document, and the client is strict.

    Attributes:
        violations: All deviations, but for unlisted values of open lists, which are allowed.
    """

    violations: list[Deviation]


class PaginationError(CloudJobsError):
    """The service gave a page that cannot be right: going on would loop, or leave rows out.

    Attributes:
        parameter: The parameter that it seems to ignore.
    """

    parameter: str


class JobFailedError(CloudJobsError):
    """An awaited job ended as failed, partial or stopped.

    Attributes:
        snapshot: The job as it ended.
        failed_child: The part that failed and says why, a sub-job or task at any depth; None where none does.
        reason: Why, in the service's words: the job's own reason, or else that of `part`.
    """

    snapshot: JobSnapshot
    failed_child: JobSnapshot | None
    reason: str | None


class WaitTimeoutError(CloudJobsError):
    """An awaited job did not end in time. The last failure to ask for it, if it failed last, is its `__cause__`.

    Attributes:
        snapshot: The job as it was last seen; None if it never was, and where several jobs were awaited.
        snapshots: By id, the awaited jobs that were seen, as they were last.
        timeout: Seconds that were waited for.
    """

    snapshot: JobSnapshot | None
    snapshots: dict[str, JobSnapshot]
    timeout: float


class WaitCancelledError(CloudJobsError):
    """The event that was given as `cancel` was set. The job itself goes on.

    Attributes:
        snapshot: The job as it was last seen; None if it never was, and where several jobs were awaited.
        snapshots: By id, the awaited jobs that were seen, as they were last.
    """

    snapshot: JobSnapshot | None
    snapshots: dict[str, JobSnapshot]


class APIStatusError(CloudJobsError):
    """A reply came that is no success.

    Attributes:
        status_code: Status of the reply.
        code: The service's own code of the error, if it gave one.
        message: What went wrong in the service's words, if it gave any.
        request_id: The service's id of the request, for its support, if it gave one.
        retry_after: Seconds that the service asks to wait before the next try, if it says so.
        body: The reply's bytes.
    """

    status_code: int
    code: str | None
    message: str | None
    request_id: str | None
    retry_after: float | None
    body: bytes

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later: 408, 429, 500, 502, 503, 504."""
        return is_retryable(self.status_code)


class BadRequestError(APIStatusError):
    """400: the service cannot make sense of the request. Some services answer so for a thing that is not there."""


class AuthenticationError(APIStatusError):
    """401: no valid credentials."""


class PermissionDeniedError(APIStatusError):
    """403: the credentials do not allow it."""


class NotFoundError(APIStatusError):
    """404: there is no such job, or no such thing that would have jobs."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class InternalServerError(APIStatusError):
    """500 to 599: the service failed."""


class TokenError(APIStatusError):
    """IAM gave no token, whatever the status of its reply. The service itself was not asked, or had refused before.

    `service` and `operation` are `iam` and what IAM was asked.
    """


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitError,
}


def status_error_class(status_code: int) -> type[APIStatusError]:
    """The class of error for a status that is no success."""
    return InternalServerError if 500 <= status_code <= 599 else _BY_STATUS.get(status_code, APIStatusError)


def is_retryable(status_code: int) -> bool:
    """Whether the same request may succeed later."""
    return status_code in (408, 429, 500, 502, 503, 504)
