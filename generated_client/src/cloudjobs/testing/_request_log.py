# Generated from generator/client/runtime/testing/_request_log.py. Do not edit: change that, and run `make generate`.
"""Requests that a replay received, and assertions about them. Credentials are never shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
from starlette.datastructures import Headers

from .._messages import RequestHeaders
from .._response import Redactor

_SHOWN = 20
"""How many requests an error shows at most, the last ones."""


@attrs.frozen
class IncomingRequest:
    """A request, as it came."""

    method: str
    raw_path: bytes
    """Percent-encoded, without the query."""
    query: bytes
    headers: Headers = attrs.field(repr=False)


@attrs.frozen
class RecordedRequest:
    """A request that was answered."""

    question: IncomingRequest = attrs.field(repr=False)
    service: str | None
    """None where no operation was meant."""
    operation: str | None
    job: str | None
    """The job that it asked for, where it asked for one."""
    status: int | None
    """Of the reply; None where the connection was reset instead."""
    fault: str = ""
    """What was made to go wrong."""
    at: float = attrs.field(default=0.0, eq=False)
    """Seconds on the replay's clock since it began."""

    @property
    def method(self) -> str:
        """Its method, such as GET."""
        return self.question.method

    @property
    def path(self) -> str:
        """Percent-encoded, without the query."""
        return self.question.raw_path.decode("ascii", "backslashreplace")

    @property
    def query(self) -> str:
        """Percent-encoded; empty where there is none."""
        return self.question.query.decode("ascii", "backslashreplace")

    @property
    def headers(self) -> RequestHeaders:
        """By their names in lower case, credentials and all; their repr shows none."""
        return RequestHeaders(self.question.headers.items())

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        outcome = "reset" if self.status is None else str(self.status)
        fault = f" ({self.fault})" if self.fault else ""
        address = Redactor.from_headers(self.headers).text(f"{self.path}{query}")
        return f"{self.at:8.2f} s  {self.service or '-'}: {self.method} {address} -> {outcome}{fault}"

    def __repr__(self) -> str:
        return f"<{str(self).strip()}>"


class RequestLog(list[RecordedRequest]):
    """Requests, the first one first."""

    def __repr__(self) -> str:
        return f"<{len(self)} requests:\n{describe_requests(self)}>"


def describe_requests(requests: Sequence[RecordedRequest]) -> str:
    """Requests as lines of a message."""
    left_out = len(requests) - _SHOWN
    lines = [f"  … {left_out} before"] if left_out > 0 else []
    return "\n".join([*lines, *(f"  {request}" for request in requests[-_SHOWN:])]) or "  none"


def matching_requests(requests: Iterable[RecordedRequest], **wanted: object) -> list[RecordedRequest]:
    """The requests whose attributes have these values; None stands for any."""
    return [
        request
        for request in requests
        if all(value is None or getattr(request, name) == value for name, value in wanted.items())
    ]


def check_requested(requests: Sequence[RecordedRequest], times: int | None, **wanted: object) -> None:
    """Raise `AssertionError`, showing all requests, unless so many have these values; None stands for at least one."""
    count = len(matching_requests(requests, **wanted))
    if count == times or (times is None and count):
        return
    what = ", ".join(f"{name} {value!r}" for name, value in wanted.items() if value is not None) or "any request"
    expected = "at least once" if times is None else f"{times} times"
    raise AssertionError(
        f"{what}: asked {count} times, not {expected}; the requests were\n{describe_requests(requests)}"
    )
