"""Chooses among the recorded replies of an operation.

Makes no replies up: a job that was recorded running is running for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

_NOT_THERE = (404, 410, 400)
"""Statuses of a failure that says that a thing is not there, the plainest first."""


@attrs.frozen
class Reply:
    """One recorded reply."""

    path: Mapping[str, str]
    """The path parameters that say which thing was asked for."""
    status: int
    content_type: str
    text: str

    @property
    def is_success(self) -> bool:
        return self.status < 400


@attrs.frozen
class Recorded:
    """The recorded replies of one operation."""

    replies: tuple[Reply, ...]

    @classmethod
    def of(cls, recordings: Mapping[str, dict[str, Any]], operation: str, of_client: Collection[str]) -> Recorded:
        """The replies of an operation. What a client is given once, and what was invented, identifies no recording."""
        replies = []
        for recording in recordings.values():
            if recording["operation"] == operation:
                request = recording["request"]
                free = {*of_client, *request.get("invented", ())}
                path = {name: text for name, text in request["path"].items() if name not in free}
                replies.append(Reply(path, recording["status"], recording["content_type"], recording["body"]))
        return cls(tuple(replies))

    @staticmethod
    def by_id(recordings: Mapping[str, dict[str, Any]], operation: str) -> dict[str, Reply]:
        """The replies of an operation by the ids of their recordings."""
        return {
            name: Reply({}, each["status"], each["content_type"], each["body"])
            for name, each in recordings.items()
            if each["operation"] == operation
        }

    def reply(self, path: Mapping[str, str]) -> Reply | None:
        """The reply to a request with these path parameters, or the recorded one for a thing that is not there."""
        fitting = [reply for reply in self.replies if reply.path.items() <= path.items()]
        # A job that was recorded both well and refused is there: a success goes first.
        return min(fitting, key=lambda reply: not reply.is_success, default=None) or self._not_there

    @property
    def _not_there(self) -> Reply | None:
        there = [reply.path for reply in self.replies if reply.is_success]
        failures = [reply for reply in self.replies if reply.status in _NOT_THERE and reply.path not in there]
        return min(failures, key=lambda reply: _NOT_THERE.index(reply.status), default=None)
