# Generated from generator/client/runtime/testing/_request_log.py. Do not edit: change that, and run `make generate`.
"""The log of the requests to a replay, and assertions about them. Their text contains no credentials."""

from __future__ import annotations

import attrs
from starlette.datastructures import Headers

from .._messages import RequestHeaders
from .._response import Redactor

_LISTED = 20
"""The number of requests in an error at most, the last ones."""


@attrs.frozen
class IncomingRequest:
    """A request as it was received."""

    method: str
    raw_path: bytes
    """Percent-encoded, without the query."""
    query: bytes
    headers: Headers = attrs.field(repr=False)
    content: bytes = attrs.field(default=b"", repr=False)
    """The body."""


@attrs.frozen
class RecordedRequest:
    """A request to a replay, and the outcome."""

    incoming: IncomingRequest = attrs.field(repr=False)
    service: str | None
    """None for a path or method that no operation has."""
    operation: str | None
    job: str | None
    """The job that the request is for, if it is for one."""
    status: int | None
    """The status of the response; None if the connection was reset."""
    fault: str = ""
    """The faults that it met."""
    at: float = attrs.field(default=0.0, eq=False)
    """Seconds on the replay's clock since it began."""

    @property
    def method(self) -> str:
        """The method, such as GET."""
        return self.incoming.method

    @property
    def path(self) -> str:
        """The path, percent-encoded, without the query."""
        return self.incoming.raw_path.decode("ascii", "backslashreplace")

    @property
    def query(self) -> str:
        """The query, percent-encoded; empty without one."""
        return self.incoming.query.decode("ascii", "backslashreplace")

    @property
    def headers(self) -> RequestHeaders:
        """The headers by their names in lower case, with credentials; their repr has no values."""
        return RequestHeaders(self.incoming.headers.items())

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        outcome = "reset" if self.status is None else str(self.status)
        fault = f" ({self.fault})" if self.fault else ""
        target = Redactor.from_headers(self.headers).text(f"{self.path}{query}")
        return f"{self.at:8.2f} s  {self.service or '-'}: {self.method} {target} -> {outcome}{fault}"

    def __repr__(self) -> str:
        return f"<{str(self).strip()}>"


class RequestLog(list[RecordedRequest]):
    """Requests, the first one first."""

    def __str__(self) -> str:
        omitted = len(self) - _LISTED
        lines = [f"  … {omitted} before"] if omitted > 0 else []
        return "\n".join([*lines, *(f"  {request}" for request in self[-_LISTED:])]) or "  none"

    def __repr__(self) -> str:
        return f"<{len(self)} requests:\n{self}>"

    def assert_requested(self, times: int | None, **expected: object) -> None:
        """Raise `AssertionError`, with all requests, unless so many have these values.

        Args:
            times: The number; None for at least one.
            expected: Values of attributes; None for any.
        """
        given = {name: value for name, value in expected.items() if value is not None}
        count = sum(all(getattr(request, name) == value for name, value in given.items()) for request in self)
        if count == times or (times is None and count):
            return
        subject = ", ".join(f"{name} {value!r}" for name, value in given.items()) or "any request"
        wanted = "at least once" if times is None else f"{times} times"
        raise AssertionError(f"{subject}: requested {count} times, not {wanted}; the requests were\n{self}")
