# Generated from generator/client/runtime/_options.py. Do not edit: change that, and run `make generate`.
"""Options of a call and of a wait, and retries: whether a call is attempted again, and when.

The retries are sans-I/O: the clients send and sleep. They are not a library, since the client depends on three packages
only, and the decorators and strategies of one would not cover `Retry-After` and one deadline over several requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ._clock import is_duration
from ._deviations import Deviation
from ._jobs import JobSnapshot
from ._operations import Opaque, Secret
from ._stacks import AnyTimeout, require_stack

if TYPE_CHECKING:
    import httpx
import logging
import re
from typing import TYPE_CHECKING

from ._clock import Clock, Timeouts
from ._messages import Response
from ._operations import Operation
from ._stacks import is_error
from .errors import APIConnectionError, APIStatusError, APITimeoutError, CloudJobsError, is_retryable


class _DefaultTimeout:
    """The default timeout: a minute for each read, since a listing may be large, and five seconds to connect."""

    def as_dict(self) -> dict[str, float]:
        """Return the seconds, as `httpx.Timeout` takes them.

        To import httpx for a default would slow down each import.
        """
        return {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}

    def __repr__(self) -> str:
        return f"Timeout({', '.join(f'{name}={seconds}' for name, seconds in self.as_dict().items())})"


DEFAULT_TIMEOUT = cast("AnyTimeout", _DefaultTimeout())
"""Seconds of each connect, read and write, if a caller gives none."""
DEFAULT_RESPONSE_SIZE = 256 * 1024 * 1024
"""Bytes after decompression. The longest documented listing takes about a quarter of it."""
DEFAULT_RETRIES = 2


class Unchanged:
    """Type of `UNCHANGED`, the value of an option that is left unchanged. None has another meaning there."""

    def __repr__(self) -> str:
        return "unchanged"


UNCHANGED = Unchanged()


class FromEnvironment:
    """The credentials that `from_environment` finds."""

    def __repr__(self) -> str:
        return "from_environment()"


FROM_ENVIRONMENT = FromEnvironment()


def validate_timeout(timeout: float | AnyTimeout | Unchanged | None) -> httpx.Timeout | None:
    """Return the timeout as httpx takes it; None if it is unchanged. Raises `ValueError` or `TypeError`."""
    if isinstance(timeout, Unchanged):
        return None
    import httpx

    if timeout is None or isinstance(timeout, int | float):
        made = httpx.Timeout(timeout)
    else:
        if timeout is not DEFAULT_TIMEOUT:
            require_stack("timeout", Secret(timeout), "Timeout", "a number of seconds")
        made = httpx.Timeout(**timeout.as_dict())
    if not all(part is None or is_duration(part) for part in made.as_dict().values()):
        raise ValueError(f"timeout must be a number of seconds >= 0, or None for no limit, got {timeout!r}")
    return made


class Options(Opaque, msgspec.Struct, frozen=True):
    """The options of a client."""

    timeout: float | AnyTimeout | Unchanged | None = UNCHANGED
    """Seconds for each connect, write and read; None for no limit, unchanged for the timeout of the httpx client."""
    headers: Secret[Mapping[str, str]] = msgspec.field(default_factory=lambda: Secret({}))
    """Further headers of each request."""
    strict: bool = False
    """Whether to raise `ContractViolationError` for a response that deviates from its document."""
    on_deviation: Callable[[Deviation], object] | None = None
    """Called with each deviation."""
    max_response_size: int = DEFAULT_RESPONSE_SIZE
    """Largest body in bytes after decompression."""
    max_retries: int = DEFAULT_RETRIES
    """Most retries of a call after transient failures."""
    deadline: float | None = None
    """Seconds for a whole call: its attempts, the pauses between them, and reading the response."""

    def __post_init__(self) -> None:
        validate_timeout(self.timeout)
        retries, deadline, size = self.max_retries, self.deadline, self.max_response_size
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ValueError(f"max_retries must be an integer >= 0, got {retries!r}")
        if deadline is not None and not (is_duration(deadline) and deadline > 0):
            raise ValueError(f"deadline must be a number of seconds above 0, or None for no deadline, got {deadline!r}")
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise ValueError(f"max_response_size must be a number of bytes >= 0, got {size!r}")

    def __repr__(self) -> str:
        # A header can hold a credential.
        return f"<options, {len(self.headers.reveal())} headers>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("the options of a client cannot be pickled, since a header can hold a credential")

    def changed(self, changes: dict[str, Any]) -> Options:
        """Return options with these changes, except `UNCHANGED` ones. Headers are added to the present headers."""
        wanted = {name: value for name, value in changes.items() if not isinstance(value, Unchanged)}
        if "headers" in wanted:
            # Names are spelled as httpx spells them, so that a name in two spellings is one header.
            wanted["headers"] = Secret(
                {**self.headers.reveal(), **{name.title(): value for name, value in wanted["headers"].reveal().items()}}
            )
        return msgspec.structs.replace(self, **wanted)


class WaitOptions(msgspec.Struct, frozen=True):
    """The options of a wait."""

    timeout: float | None = None
    """Seconds for the whole wait."""
    poll_interval: float | None = None
    """Seconds between polls; None for the schedule of the poller."""
    not_found_grace: float = 0
    """Seconds during which a job that does not exist yet is awaited."""
    on_progress: Callable[[JobSnapshot[Any]], object] | None = None
    """Called with each changed snapshot. In asynchronous clients, it may be a coroutine function."""
    headers: Secret[Mapping[str, str] | None] = msgspec.field(default_factory=lambda: Secret(None))
    """Further headers of each request."""
    elapsed: float = 0
    """Seconds that another process has waited before. The wait continues its schedule; `timeout` is what is left."""

    def __post_init__(self) -> None:
        for name in ("timeout", "poll_interval", "not_found_grace", "elapsed"):
            value = getattr(self, name)
            if not (is_duration(value) or (value is None and name in ("timeout", "poll_interval"))):
                raise ValueError(f"{name} must be a number of seconds >= 0, got {value!r}")

    def require_function(self) -> None:
        """Raise `TypeError` if `on_progress` is a coroutine function, which a synchronous client cannot await."""
        given = self.on_progress
        if iscoroutinefunction(given) or iscoroutinefunction(getattr(given, "__call__", None)):  # noqa: B004
            raise TypeError("on_progress must be a function, got a coroutine function: use the asynchronous client")

    def report(self, changed: list[JobSnapshot[Any]]) -> None:
        """Call `on_progress` with each changed snapshot."""
        if self.on_progress is not None:
            for snapshot in changed:
                self.on_progress(snapshot)

    async def report_async(self, changed: list[JobSnapshot[Any]]) -> None:
        """Call `on_progress` with each changed snapshot, and await the result if it can be awaited."""
        if self.on_progress is not None:
            for snapshot in changed:
                result = self.on_progress(snapshot)
                if isawaitable(result):
                    await result


logger = logging.getLogger(__package__)

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0
LONGEST_RETRY_AFTER = 60.0
"""Seconds. A longer `Retry-After` is shortened, so that a service cannot delay a caller for hours."""

_POINTLESS = ("UnsupportedProtocol", "LocalProtocolError")
"""Errors that a retry would repeat, since they do not depend on the network."""


def backoff(retry: int, chance: float) -> float:
    """Return seconds before a retry, the first being number 0.

    Full jitter, so that many clients do not retry in lockstep.
    """
    # The exponent is bounded, since 2 to the power of a large number of retries overflows a float.
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(retry, 10)) * chance


def retry_after(headers: httpx.Headers, now: float) -> float | None:
    """Return the seconds to wait that a response requests, unlimited; None if the header is missing or invalid.

    A date is compared with the response's own `Date`, so that a wrong clock here does not matter.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    if not text:
        return None
    # Imported with the first date, which is rare.
    from ._jobs import http_date

    moment = http_date(text)
    if moment is None:
        return None
    sent = http_date(headers.get("Date", ""))
    return max(0.0, moment - (now if sent is None else sent))


class Reachability:
    """Whether the service has responded during a wait. Until then, the address or a certificate may be wrong."""

    __slots__ = ("is_confirmed",)

    def __init__(self) -> None:
        self.is_confirmed = False


class RetryState:
    """The attempts of one call: how many are left, and how much time.

    Args:
        operation: The operation that is called.
        options: The options of the call.
        clock: The clock.
        reachability: That of the wait that the call belongs to.
        job: The job that the wait is for, as its log records name it.
    """

    def __init__(
        self,
        operation: Operation[Any],
        options: Options,
        clock: Clock,
        reachability: Reachability | None = None,
        job: str = "",
    ) -> None:
        self._call = operation
        self._job = job
        self._options = options
        self._clock = clock
        self._reachability = reachability or Reachability()
        self._made = 0
        self._began = 0.0
        self._ends = None if options.deadline is None else clock.monotonic() + options.deadline

    def begin(self) -> None:
        """Start an attempt."""
        self._began = self._clock.monotonic()

    def after_response(self, response: Response) -> float | None:
        """Return seconds until the next attempt; None if this response is the result.

        Raises:
            APITimeoutError: The deadline leaves no time for another attempt.
        """
        self._reachability.is_confirmed = True
        outcome = f"status {response.status_code}"
        self._made += 1
        self._log(outcome)
        is_success = response.status_code < 300
        # A 429 means that the request had no effect, so it can be sent again in any case.
        is_final = not self._call.may_be_repeated and response.status_code != 429
        if is_success or is_final or self._made > self._options.max_retries or not is_retryable(response.status_code):
            return None
        import httpx

        return self._pause(retry_after(httpx.Headers(response.headers), self._clock.now()), outcome, None)

    def after_failure(self, error: CloudJobsError) -> float | None:
        """Return seconds until the next attempt; None if this error is the result. Raises as `after_response`."""
        if isinstance(error, APIConnectionError) and error._has_response:
            self._reachability.is_confirmed = True
        outcome = type(error).__name__
        self._made += 1
        self._log(outcome)
        if isinstance(error, APITimeoutError) and self._left() <= 0:
            raise self.deadline_error(outcome) from error
        if self._made > self._options.max_retries or is_error(error.__cause__, *_POINTLESS):
            return None
        if isinstance(error, APIStatusError):
            # A `TokenError`: responses of the service are not raised here.
            return self._pause(error.retry_after, outcome, error) if error.retryable else None
        if not self._call.may_be_repeated and not is_error(error.__cause__, "ConnectError", "ConnectTimeout"):
            # It may have reached the service.
            return None
        return self._pause(None, outcome, error)

    def limit(self, request: Any) -> None:
        """Limit a request, and those of its authentication, to the deadline. Raises as `after_response`."""
        if self._ends is not None:
            self.check()
            request.extensions["timeout"] = Timeouts(request.extensions["timeout"], self._left)

    def check(self) -> None:
        """Raise `APITimeoutError` once the deadline is over."""
        if self._ends is not None and self._clock.monotonic() >= self._ends:
            raise self.deadline_error()

    def _left(self) -> float:
        return float("inf") if self._ends is None else self._ends - self._clock.monotonic()

    def deadline_error(self, last: str = "") -> APITimeoutError:
        """Return the error of a call after its deadline."""
        operation = self._call
        return APITimeoutError(
            f"{operation}: the deadline of {self._options.deadline:g} s expired"
            + (f"; the last attempt ended with {last}" if last else ""),
            service=operation.service,
            operation=operation.id,
        )

    def _log(self, outcome: str) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            call = self._call
            # The path template of the document: the values of its parameters may not belong in a log.
            logger.debug(
                "%s: %s %s: %s in %.3f s, attempt %d",
                self._subject(),
                call.method,
                call.path,
                outcome,
                self._clock.monotonic() - self._began,
                self._made,
            )

    def _subject(self) -> str:
        return f"{self._call}: {self._job}" if self._job else str(self._call)

    def _pause(self, asked: float | None, what: str, error: CloudJobsError | None) -> float:
        pause = max(min(asked or 0.0, LONGEST_RETRY_AFTER), backoff(self._made - 1, self._clock.random()))
        if self._ends is not None and self._clock.monotonic() + pause >= self._ends:
            raise self.deadline_error(what) from error
        # Neither the address nor the error's text: both may hold values that do not belong in a log.
        logger.info(
            "%s: %s; retry %d of %d in %.2f s",
            self._subject(),
            what,
            self._made,
            self._options.max_retries,
            pause,
        )
        return pause
