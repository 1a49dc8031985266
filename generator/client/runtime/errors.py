"""Exceptions that a call can raise.

    CloudJobsError
    ├── JobFailedError                  an awaited job ended as failed, partial or stopped
    ├── WaitTimeoutError                an awaited job did not end within the wait's timeout; a `TimeoutError`
    ├── WaitFailedError                 some of several awaited jobs could not be awaited to their end
    ├── WaitCancelledError              the caller ended a wait
    ├── ClientStateError                the client is closed, or belongs to another event loop; a `RuntimeError`
    ├── MissingCredentialsError         the service requires credentials, and the client lacks them
    ├── PaginationError                 the pages of a listing contradict the requests
    └── APIError                        any error of one request
        ├── APIConnectionError          no response: the connection failed
        │   └── APITimeoutError         no response within the timeout or the deadline; a `TimeoutError`
        ├── InvalidResponseError        a 2xx response with a body that is not a JSON object, or is too large
        ├── ContractViolationError      a 2xx response that violates the contract, with `strict=True`
        └── APIStatusError              a non-2xx response
            ├── BadRequestError         400
            ├── AuthenticationError     401
            ├── PermissionDeniedError   403
            ├── NotFoundError           404
            ├── RateLimitError          429
            ├── InternalServerError     500 to 599
            └── TokenError              IAM issued no token, with any status

All of them are importable from `cloudjobs` too. An invalid argument is a `ValueError`, raised before anything is sent.

Each can be constructed by a test, as by `Mock(side_effect=…)`: with a text, and its attributes as keywords. Keywords
have defaults, but for the `snapshot` of a `JobFailedError`; an unknown one is a `TypeError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ._deviations import Deviation

if TYPE_CHECKING:
    from ._jobs import JobSnapshot
    from ._operations import Operation

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ClientStateError",
    "CloudJobsError",
    "ContractViolationError",
    "InternalServerError",
    "InvalidResponseError",
    "JobFailedError",
    "MissingCredentialsError",
    "NotFoundError",
    "PaginationError",
    "PermissionDeniedError",
    "RateLimitError",
    "TokenError",
    "WaitCancelledError",
    "WaitFailedError",
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

    def __init__(self, text: str = "", /, *, service: str = "", operation: str = "") -> None:
        super().__init__(_printable(text))
        self.service = service
        self.operation = operation

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are rebuilt from `args` alone, which would lose the keywords.
        return _rebuild, (type(self), self.args, self.__dict__)


def _printable(text: str) -> str:
    """Return the text with control characters escaped: a service's words must not control a terminal or a log."""
    if text.isprintable():
        return text
    # Control characters of ASCII, of Latin-1 and of bidirectional text, and halves of surrogate pairs.
    return re.sub(
        "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]",
        lambda found: found[0].encode("unicode_escape").decode(),
        text,
    )


def _rebuild(cls: type[CloudJobsError], args: tuple[Any, ...], state: dict[str, Any]) -> CloudJobsError:
    error = cls.__new__(cls)
    error.args = args  # not given to `__new__`: that of a `TimeoutError` drops them
    error.__dict__.update(state)
    return error


class APIError(CloudJobsError):
    """Base of all errors of one request: no response, or a response that cannot be returned."""


class APIConnectionError(APIError):
    """No response: the connection could not be made, or broke. The httpx error is the `__cause__`."""

    _has_response = False
    """Whether the service had begun a response, so that its address is right."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No response within `timeout`, which bounds one attempt, or `deadline`, which bounds a call with its retries.

    The httpx error, if there is one, is the `__cause__`.
    """


class InvalidResponseError(APIError):
    """A 2xx response with a body that is not a JSON object, cannot be decompressed, or exceeds the size limit.

    In a wait also: a response about another job than the requested one.

    Attributes:
        status_code: Status of the response.
        body: Bytes of the response.
    """

    status_code: int
    body: bytes

    def __init__(
        self, text: str = "", /, *, service: str = "", operation: str = "", status_code: int = 200, body: bytes = b""
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.status_code = status_code
        self.body = body


class ContractViolationError(APIError):
    """A 2xx response violates the contract and the client has `strict=True`.

    Attributes:
        violations: All deviations, except unlisted values of open lists, which are allowed.
    """

    violations: list[Deviation]

    def __init__(
        self, text: str = "", /, *, service: str = "", operation: str = "", violations: Iterable[Deviation] = ()
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.violations = list(violations)


class ClientStateError(CloudJobsError, RuntimeError):
    """The client cannot send, and nothing was sent.

    The client has been closed. Or it is asynchronous, and no asyncio event loop is running, or a loop other than that
    of its connections.
    """

    @classmethod
    def of(cls, operation: Operation[Any], state: str) -> ClientStateError:
        """Return the error of a call."""
        text = f"{operation} was not sent: the client {state}"
        return cls(text, service=operation.service, operation=operation.id)


class MissingCredentialsError(CloudJobsError):
    """The service requires credentials, the client lacks them, and nothing was sent.

    The client was created without `auth`, and the environment has no credentials. The text names the variables.
    """


class PaginationError(CloudJobsError):
    """A page of a listing contradicts the request: continuing would loop, or leave rows out.

    Attributes:
        parameter: The parameter that the service seems to ignore.
    """

    parameter: str

    def __init__(self, text: str = "", /, *, service: str = "", operation: str = "", parameter: str = "") -> None:
        super().__init__(text, service=service, operation=operation)
        self.parameter = parameter


class JobFailedError(CloudJobsError):
    """An awaited job ended as failed, partial or stopped.

    Attributes:
        snapshot: The job as it ended.
        failed_child: The sub-job or task, at any depth, that failed and has a reason; None without one.
        reason: Why, in the service's words: the job's own reason, or else that of `failed_child`.
    """

    snapshot: JobSnapshot
    failed_child: JobSnapshot | None
    reason: str | None

    def __init__(
        self,
        text: str = "",
        /,
        *,
        service: str = "",
        operation: str = "",
        snapshot: JobSnapshot,
        failed_child: JobSnapshot | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.snapshot = snapshot
        self.failed_child = failed_child
        self.reason = reason


class WaitTimeoutError(CloudJobsError, TimeoutError):
    """An awaited job did not end within the timeout of the whole wait.

    If the last poll failed, its error is the `__cause__`.

    Attributes:
        snapshot: The job as it was last seen; None if it never was, and if several jobs were awaited.
        snapshots: By ID, the awaited jobs that were seen, each in its last state.
        results: By ID, the final snapshots of the jobs that ended, and the errors of those that could not be awaited.
        timeout: The timeout in seconds.
    """

    snapshot: JobSnapshot | None
    snapshots: dict[Any, JobSnapshot]
    results: dict[Any, JobSnapshot | CloudJobsError]
    timeout: float

    def __init__(
        self,
        text: str = "",
        /,
        *,
        service: str = "",
        operation: str = "",
        snapshot: JobSnapshot | None = None,
        snapshots: Mapping[Any, JobSnapshot] | None = None,
        results: Mapping[Any, JobSnapshot | CloudJobsError] | None = None,
        timeout: float | None = None,
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.snapshot = snapshot
        self.snapshots = dict(snapshots or {})
        self.results = dict(results or {})
        self.timeout = 0.0 if timeout is None else timeout


class WaitFailedError(CloudJobsError):
    """Some of the jobs of `wait_for_jobs` could not be awaited to their end; all others have ended.

    The first of `errors` is the `__cause__`. A job that ended without success is not an error.

    Attributes:
        results: By ID, the final snapshot of each job, or its error.
        errors: By ID, the errors alone.
        snapshots: By ID, the awaited jobs that were seen, each in its last state.
    """

    results: dict[Any, JobSnapshot | CloudJobsError]
    errors: dict[Any, CloudJobsError]
    snapshots: dict[Any, JobSnapshot]

    def __init__(
        self,
        text: str = "",
        /,
        *,
        service: str = "",
        operation: str = "",
        results: Mapping[Any, JobSnapshot | CloudJobsError] | None = None,
        snapshots: Mapping[Any, JobSnapshot] | None = None,
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.results = dict(results or {})
        self.errors = {job_id: each for job_id, each in self.results.items() if isinstance(each, CloudJobsError)}
        ended = {job_id: each for job_id, each in self.results.items() if not isinstance(each, CloudJobsError)}
        self.snapshots = {**ended, **(snapshots or {})}


class WaitCancelledError(CloudJobsError):
    """The event given as `cancel` was set. The job itself continues.

    Attributes:
        snapshot: The job as it was last seen; None if it never was, and if several jobs were awaited.
        snapshots: By ID, the awaited jobs that were seen, each in its last state.
        results: By ID, the final snapshots of the jobs that ended, and the errors of those that could not be awaited.
    """

    snapshot: JobSnapshot | None
    snapshots: dict[Any, JobSnapshot]
    results: dict[Any, JobSnapshot | CloudJobsError]

    def __init__(
        self,
        text: str = "",
        /,
        *,
        service: str = "",
        operation: str = "",
        snapshot: JobSnapshot | None = None,
        snapshots: Mapping[Any, JobSnapshot] | None = None,
        results: Mapping[Any, JobSnapshot | CloudJobsError] | None = None,
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.snapshot = snapshot
        self.snapshots = dict(snapshots or {})
        self.results = dict(results or {})


class APIStatusError(APIError):
    """A non-2xx response. Subclasses cover the common statuses.

    Attributes:
        status_code: Status of the response.
        code: The service's own error code, if it sent one.
        message: The service's error message, if it sent one.
        request_id: The service's ID of the request, for its support, if it sent one.
        retry_after: Seconds to wait before the next attempt, if the service sent `Retry-After`.
        body: Bytes of the response.
    """

    status_code: int
    code: str | None
    message: str | None
    request_id: str | None
    retry_after: float | None
    body: bytes
    _default_status: ClassVar[int] = 409
    """Status of an error that a test constructs without a status: the first one of the class."""

    def __init__(
        self,
        text: str = "",
        /,
        *,
        service: str = "",
        operation: str = "",
        status_code: int | None = None,
        code: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(text, service=service, operation=operation)
        self.status_code = self._default_status if status_code is None else status_code
        self.code = code
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later: 408, 429, 500, 502, 503, 504."""
        return is_retryable(self.status_code)


class BadRequestError(APIStatusError):
    """400: the request is invalid. Some services send it for a resource that does not exist."""

    _default_status = 400


class AuthenticationError(APIStatusError):
    """401: the credentials are missing or invalid."""

    _default_status = 401


class PermissionDeniedError(APIStatusError):
    """403: the credentials do not permit the request."""

    _default_status = 403


class NotFoundError(APIStatusError):
    """404: the job, or a resource it belongs to, does not exist."""

    _default_status = 404


class RateLimitError(APIStatusError):
    """429: too many requests."""

    _default_status = 429


class InternalServerError(APIStatusError):
    """500 to 599: the service failed."""

    _default_status = 500


class TokenError(APIStatusError):
    """IAM issued no token, with any status of its response. The service received no request, or had refused one.

    `service` is `iam`, `operation` the operation of IAM.
    """

    _default_status = 401


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitError,
}


def status_error_class(status_code: int) -> type[APIStatusError]:
    """Return the class of error for a status that is not 2xx."""
    return InternalServerError if 500 <= status_code <= 599 else _BY_STATUS.get(status_code, APIStatusError)


def is_retryable(status_code: int) -> bool:
    """Return whether the same request may succeed later."""
    return status_code in (408, 429, 500, 502, 503, 504)
