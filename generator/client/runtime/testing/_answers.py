"""A reply apart from what carries it, and the way it is sent: as it should be, or slowly, or not to its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ._faults import Fault

_CHUNKS = 10
"""In how many pieces a slow body comes."""
_NEW_FIELD = "replayUndocumented"
_NEW_VALUE = "ReplayNewValue"


@attrs.frozen
class Answer:
    """A reply."""

    status: int
    content_type: str
    body: bytes = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """Further headers."""
    delay: float = 0
    """Seconds before it."""
    slow_body: float = 0
    """Seconds that its body takes."""
    truncate: bool = False
    """Its connection is closed halfway through the body."""
    reset: bool = False
    """Its connection is reset in place of it."""

    @property
    def head(self) -> list[tuple[str, str]]:
        """All its headers."""
        return [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            *self.headers.items(),
        ]

    def course(self) -> Iterator[float | bytes]:
        """The body as it comes: bytes, and pauses in seconds."""
        body = self.body[: len(self.body) // 2] if self.truncate else self.body
        if not self.slow_body:
            yield body
            return
        size = -(-len(body) // _CHUNKS) or 1
        for number in range(_CHUNKS):
            yield self.slow_body / _CHUNKS
            yield body[number * size : (number + 1) * size]

    def sent_with(self, fault: Fault) -> Answer:
        """The same reply, with what a fault does to its sending and its headers."""
        headers = dict(self.headers)
        if fault.retry_after is not None:
            after = fault.retry_after
            headers["retry-after"] = f"{after:g}" if isinstance(after, int | float) else after
        return attrs.evolve(
            self,
            body=self.body[: len(self.body) // 2] if fault.invalid_json else self.body,
            headers=headers,
            delay=fault.delay,
            slow_body=fault.slow_body,
            truncate=fault.truncate,
            reset=fault.reset,
        )


def plain(status: int, text: str, **headers: str) -> Answer:
    """A reply in words."""
    return Answer(status, "text/plain; charset=utf-8", text.encode("utf-8", "backslashreplace"), headers)


def deviating(text: str, fault: Fault, items: str | None, state: tuple[str, ...]) -> str:
    """A body that deviates from its document as a fault says; one that is no object stays as it is.

    Args:
        text: The body.
        fault: What is to be wrong.
        items: Of a listing, the name of its list.
        state: Where the state of a job stands, in the body or in each row.
    """
    body = json.loads(text)
    if not isinstance(body, dict):
        return text
    if fault.undocumented_field:
        body[_NEW_FIELD] = True
    if fault.new_value and state:
        for job in body[items] if items is not None else [body]:
            _put(job, state, _NEW_VALUE)
    return json.dumps(body, ensure_ascii=False)


def _put(body: Any, path: tuple[str, ...], value: str) -> None:
    *outer, last = path
    for name in outer:
        body = body.get(name) if isinstance(body, dict) else None
    if isinstance(body, dict):
        body[last] = value
