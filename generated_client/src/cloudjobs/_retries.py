# Generated from generator/client/runtime/_retries.py. Do not edit: change that, and run `make generate`.
"""Sans-I/O retries: decides whether a call is attempted again, and when. The clients send and sleep.

Not a retry library: the client depends on three packages only, and its decorators and strategies would not cover
`Retry-After` and one deadline over several requests.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from ._clock import Clock, Timeouts
from ._messages import Response
from ._operations import Operation
from ._options import Options
from ._stacks import is_error
from .errors import APIConnectionError, APIStatusError, APITimeoutError, CloudJobsError, is_retryable

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__package__)

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0
LONGEST_RETRY_AFTER = 60.0
"""Seconds. A longer `Retry-After` is cut, so that a service cannot hold a caller for hours."""

_POINTLESS = ("UnsupportedProtocol", "LocalProtocolError")
"""Errors that a retry would repeat, since they do not depend on the network."""


def backoff(retry: int, chance: float) -> float:
    """Seconds before a retry, the first being number 0. Full jitter, so that many clients do not retry in lockstep."""
    # The exponent is bounded, since 2 to the power of a large number of retries overflows a float.
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(retry, 10)) * chance


def retry_after(headers: httpx.Headers, now: float) -> float | None:
    """Seconds that a response asks to wait, not cut; None if it does not, or if the header cannot be read.

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
        """An attempt begins."""
        self._began = self._clock.monotonic()

    def after_response(self, response: Response) -> float | None:
        """Seconds until the next attempt; None if this response is the result.

        Raises:
            APITimeoutError: The deadline leaves no time for another attempt.
        """
        self._reachability.is_confirmed = True
        outcome = f"status {response.status_code}"
        self._made += 1
        self._log(outcome)
        is_success = response.status_code < 300
        # Of a request that must not be repeated, 429 says that it had no effect.
        is_final = not self._call.may_be_repeated and response.status_code != 429
        if is_success or is_final or self._made > self._options.max_retries or not is_retryable(response.status_code):
            return None
        import httpx

        return self._pause(retry_after(httpx.Headers(response.headers), self._clock.now()), outcome, None)

    def after_failure(self, error: CloudJobsError) -> float | None:
        """Seconds until the next attempt; None if this error is the result. Raises as `after_response`."""
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
        """The error of a call after its deadline."""
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
